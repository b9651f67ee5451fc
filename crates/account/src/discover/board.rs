//! Who has answered what, and whether that is enough.

use super::{Discovery, Found, Outcome, Said, Silence, Source, SourceReport, address::Mailbox, found::better};
use std::time::{Duration, Instant};

/// A whole and trusted answer does not wait longer for better sources.
pub(super) const ENOUGH: Duration = Duration::from_millis(900);
/// Nor does any other answer, for what would be trusted.
pub(super) const ENOUGH_OF_THE_REST: Duration = Duration::from_secs(2);

pub(super) struct Board {
    begun: Instant,
    reports: Vec<SourceReport>,
    /// The best when it was enough, and when that was.
    decided: Option<(Option<Source>, Duration)>,
}

impl Board {
    pub fn new(begun: Instant) -> Board {
        Board { begun, reports: Vec::new(), decided: None }
    }

    pub fn enter(&mut self, source: Source, host: String, said: Said, elapsed: Duration) {
        let (found, outcome) = match said {
            Ok(found) => (Some(found), Outcome::Won),
            Err(Silence::Nothing(why)) => (None, Outcome::Nothing(why)),
            Err(Silence::Failed(why)) => (None, Outcome::Failed(why)),
            Err(Silence::TimedOut) => (None, Outcome::TimedOut),
        };
        let host =
            found.as_ref().map(|found| found.source_host.clone()).filter(|host| !host.is_empty()).unwrap_or(host);
        self.reports.push(SourceReport { source, host, elapsed, found, outcome });
    }

    pub fn heard(&self, source: Source) -> bool {
        self.reports.iter().any(|report| report.source == source)
    }

    fn best(&self) -> Option<&Found> {
        self.reports.iter().filter_map(|report| report.found.as_ref()).min_by_key(|found| better(found))
    }

    /// When the answer stands if nothing more is heard; `None`: not before all have answered.
    pub fn patience(&self) -> Option<Instant> {
        let best = self.best()?;
        let sound = best.trusted && best.whole() && !best.pop3_only;
        Some(self.begun + if sound { ENOUGH } else { ENOUGH_OF_THE_REST })
    }

    /// Whether the answer stands: nothing better can come, or it has been waited for long enough.
    pub fn settled(&mut self) -> bool {
        if self.decided.is_some() {
            return true;
        }
        let Some(best) = self.best() else { return false };
        let sound = best.trusted && best.whole() && !best.pop3_only;
        let first = Source::ALL.into_iter().filter(|source| *source < best.source).all(|source| self.heard(source));
        let late = self.patience().is_some_and(|patience| Instant::now() >= patience);
        if (sound && first) || late {
            self.decide();
        }
        self.decided.is_some()
    }

    pub fn decide(&mut self) {
        if self.decided.is_none() {
            self.decided = Some((self.best().map(|best| best.source), self.begun.elapsed()));
        }
    }

    /// Everything said, in order. `unheard` is why the others have not answered.
    pub fn finish(mut self, mailbox: Mailbox, unheard: &str, offline: bool) -> Discovery {
        self.decide();
        let (winner, elapsed) = self.decided.unwrap_or_default();
        for source in Source::ALL {
            if !self.heard(source) {
                let outcome = Outcome::NotAsked(unheard.to_owned());
                let report =
                    SourceReport { source, host: String::new(), elapsed: self.begun.elapsed(), found: None, outcome };
                self.reports.push(report);
            }
        }
        self.reports.sort_by_key(|report| report.source);
        let mut found: Vec<Found> = self.reports.iter().filter_map(|report| report.found.clone()).collect();
        found.sort_by_key(|found| (Some(found.source) != winner, better(found)));
        for report in &mut self.reports {
            if let (Some(own), Some(first)) = (&report.found, found.first())
                && own.source != first.source
            {
                report.outcome = Outcome::Lost(why(own, first));
            }
        }
        let mut once: Vec<Found> = Vec::new();
        for one in found {
            if !once.iter().any(|other| other.incoming == one.incoming && other.outgoing == one.outgoing) {
                once.push(one);
            }
        }
        complete(&mut once);
        Discovery {
            email: mailbox.email(),
            domain: mailbox.domain,
            domain_shown: mailbox.shown,
            found: once,
            sources: self.reports,
            offline,
            elapsed,
        }
    }
}

/// A side that the best does not know is taken from the next that is believed as much.
fn complete(found: &mut [Found]) {
    let Some((first, rest)) = found.split_first_mut() else { return };
    if first.whole() || first.pop3_only {
        return;
    }
    let mut equals =
        rest.iter().filter(|other| !other.pop3_only && other.trusted >= first.trusted && !other.unprotected());
    if first.incoming.host.is_empty() {
        if let Some(other) = equals.find(|other| !other.incoming.host.is_empty()) {
            (first.incoming, first.incoming_user) = (other.incoming.clone(), other.incoming_user.clone());
        }
    } else if let Some(other) = equals.find(|other| !other.outgoing.host.is_empty()) {
        (first.outgoing, first.outgoing_user) = (other.outgoing.clone(), other.outgoing_user.clone());
    }
}

/// Why an answer is not the first.
fn why(own: &Found, first: &Found) -> String {
    let (own_name, first_name) = (own.source.name(), first.source.name());
    if own.incoming == first.incoming && own.outgoing == first.outgoing {
        return format!("says the same as {first_name}");
    }
    if own.pop3_only && !first.pop3_only {
        return "offers POP3 only".into();
    }
    if own.unprotected() && !first.unprotected() {
        return "a server without TLS".into();
    }
    if !own.trusted && first.trusted {
        return match own.source {
            Source::AutoconfigHttp => "not trusted: it came over plain http",
            Source::Srv => "not trusted: its servers lie outside the domain",
            Source::AutoconfigMx => "not trusted: the mail exchanger lies outside the domain",
            _ => "not trusted: it came by a redirect to another host",
        }
        .into();
    }
    if !own.whole() && first.whole() {
        return "names one side only".into();
    }
    if better(own) < better(first) { "came too late".into() } else { format!("{first_name} comes before {own_name}") }
}
