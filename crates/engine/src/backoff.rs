use std::time::Duration;

/// How long to wait before trying again: 2, 4, 8 … seconds up to five minutes, each a fifth longer or shorter, so that
/// a thousand clients do not come back to a server in the same second.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    pub(crate) fn succeeded(&mut self) {
        self.failures = 0;
    }

    pub(crate) fn failed(&mut self) -> Duration {
        self.failures = self.failures.saturating_add(1);
        delay(self.failures, rand::random::<f64>())
    }
}

/// `random` in 0..1.
pub(crate) fn delay(failures: u32, random: f64) -> Duration {
    let seconds = 2f64.powi(failures.clamp(1, 9) as i32).min(300.0);
    Duration::from_secs_f64(seconds * (0.8 + 0.4 * random))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end_at_five_minutes() {
        assert_eq!(delay(1, 0.5), Duration::from_secs(2));
        assert_eq!(delay(4, 0.5), Duration::from_secs(16));
        assert_eq!(delay(40, 0.5), Duration::from_secs(300));
        assert!(delay(40, 1.0) <= Duration::from_secs(360) && delay(40, 0.0) >= Duration::from_secs(240));
    }
}
