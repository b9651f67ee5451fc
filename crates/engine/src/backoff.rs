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

/// How often folders that nobody listens to are looked at: soon after something changed, ever more seldom while nothing
/// does.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// Looks that found nothing.
    quiet: u32,
}

impl Pace {
    /// Until the next look. `told`: the server tells of every folder by itself, so that looking is a precaution.
    pub(crate) fn next(&mut self, changed: bool, told: bool) -> Duration {
        self.quiet = if changed { 0 } else { self.quiet.saturating_add(1) };
        pause(self.quiet, told, rand::random::<f64>())
    }
}

/// 2, 4, 8, 15 minutes; half an hour where the server tells. `random` in 0..1.
fn pause(quiet: u32, told: bool, random: f64) -> Duration {
    let minutes = if told { 30.0 } else { 2f64.powi(quiet.clamp(1, 4) as i32).min(15.0) };
    Duration::from_secs_f64(60.0 * minutes * (0.8 + 0.4 * random))
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

    #[test]
    fn a_quiet_mailbox_is_looked_at_ever_more_seldom() {
        let minutes = |quiet, told| pause(quiet, told, 0.5).as_secs() / 60;
        assert_eq!([0, 1, 2, 3, 4, 90].map(|quiet| minutes(quiet, false)), [2, 2, 4, 8, 15, 15]);
        assert_eq!(minutes(0, true), 30);
        assert_ne!(pause(1, false, 0.1), pause(1, false, 0.9), "not all clients in the same second");
    }
}
