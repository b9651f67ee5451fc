//! One account: both servers tried, and what can be told about why they refuse.

use super::{Finding, Health, warning};
use crate::{Engine, EngineError, account::wants_a_person};
use clientele_account::{SideReport, Stage, Verified};
use clientele_mail::imap::{self, Quota};
use clientele_model::{FolderRole, MessageId};
use clientele_net::{Certificate, Limits};
use clientele_store::{Account, Filter, ListQuery, Scope};
use std::time::Duration;

/// More queued changes than this are worth a look.
const MANY_CHANGES: u32 = 100;
/// Fuller than this, in percent, is told.
const FULL: u64 = 95;
/// For the answer to one request for a page.
const PAGE: Limits = Limits { bytes: 64 * 1024, time: Duration::from_secs(5) };

/// What was seen of an account.
pub(super) struct Looked {
    pub(super) account: Account,
    outcome: Result<Verified, EngineError>,
    quota: Option<Quota>,
    /// When the newest mail of the inbox came.
    pub(super) newest: Option<i64>,
    /// When mail was last fetched, for people.
    fetched: Option<String>,
    queued: u32,
    /// A mail of the provider's about a sign-in.
    warning: Option<MessageId>,
    /// It signs in with a provider that this program has no client id for.
    no_client: bool,
}

impl Engine {
    pub(super) async fn look_at_account(&self, account: Account) -> Result<Looked, EngineError> {
        let id = account.id;
        let outcome = match self.within_policy(&account) {
            Ok(_) => self.account_verify_saved(id).await,
            Err(error) => Err(error),
        };
        let works = outcome.as_ref().is_ok_and(|report| report.incoming.ok());
        let quota = if works {
            let login = self.incoming_login(&account);
            let asked = tokio::time::timeout(Duration::from_secs(10), imap::quota(&self.0.net, &login));
            asked.await.ok().and_then(Result::ok).flatten()
        } else {
            None
        };
        let inbox = self.store(move |store| {
            let Some(inbox) = store.folder_by_role(id, FolderRole::Inbox)? else { return Ok(Vec::new()) };
            let query = ListQuery { scope: Scope::Folder(inbox.id), filter: Filter::All, after: None, limit: 200 };
            Ok(store.list(&query)?.rows)
        });
        let inbox = inbox.await?;
        let warning = warning::find(&account.incoming.host, &inbox, self.now());
        let fetched = self.store(move |store| store.setting(&crate::server::fetched_key(id))).await?;
        let fetched = fetched.and_then(|text| text.parse().ok()).and_then(|at| jiff::Timestamp::from_second(at).ok());
        Ok(Looked {
            no_client: account.oauth.as_deref().is_some_and(|id| self.0.providers.get(id).is_none()),
            account,
            outcome,
            quota,
            newest: inbox.first().map(|row| row.date),
            fetched: fetched.map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string()),
            queued: self.operations_queued(id).await?,
            warning,
        })
    }

    /// Whether something else answers in the server's place, as in hotels and trains: neither the name's certificate nor
    /// mail, but a page of the web. Only the account's own server is asked.
    pub(super) async fn behind_portal(&self, looked: &Looked) -> bool {
        let Ok(report) = &looked.outcome else { return false };
        let suspicious = report.incoming.code.is_some_and(|code| {
            matches!(
                code.as_str(),
                "timeout"
                    | "port_refused"
                    | "connection_closed"
                    | "tls_failed"
                    | "not_mail"
                    | "tls_to_plain_port"
                    | "certificate_unknown_issuer"
                    | "certificate_wrong_name"
                    | "certificate_expired"
            )
        });
        if !suspicious {
            return false;
        }
        let url = format!("http://{}/", looked.account.incoming.host);
        match self.0.net.web().get(&url, PAGE).await {
            // Many mail servers have a page of their own, and send to it: only one that stands elsewhere is suspicious.
            Ok(answer) => answer.looks_like_portal() && !sends_home(&answer, &looked.account.incoming.host),
            Err(_) => false,
        }
    }
}

/// A redirect to the same name, or to another of the same domain.
fn sends_home(answer: &clientele_net::Answer, host: &str) -> bool {
    let labels: Vec<&str> = host.rsplit('.').take(2).collect();
    let domain = labels.into_iter().rev().collect::<Vec<_>>().join(".");
    match answer.redirect() {
        Some(target) => {
            let rest = target.split_once("://").map_or(target.as_str(), |(_, rest)| rest);
            let to = rest.split(['/', ':', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
            to == domain || to.ends_with(&format!(".{domain}"))
        }
        None => answer.status == 200,
    }
}

impl Looked {
    /// Whether a server of the account was reached and was itself.
    pub(super) fn answered(&self) -> bool {
        let far = |side: &SideReport| side.ok() || side.stage >= Stage::SignIn;
        self.outcome.as_ref().is_ok_and(|report| far(&report.incoming) || far(&report.outgoing))
    }

    pub(super) fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        let sides = self.outcome.iter().flat_map(|report| [&report.incoming, &report.outgoing]);
        sides.filter_map(|side| side.certificate.as_ref())
    }

    pub(super) fn codes(&self) -> Vec<String> {
        match &self.outcome {
            Ok(report) => {
                let sides = [&report.incoming, &report.outgoing];
                sides.iter().filter_map(|side| side.code).map(|code| code.as_str().to_owned()).collect()
            }
            Err(error) => vec![error.code().to_owned()],
        }
    }

    pub(super) fn findings(self, wrong_clock: bool) -> Vec<Finding> {
        let mut found = Vec::new();
        match &self.outcome {
            Ok(report) => {
                let mut incoming = self.side("incoming", &report.incoming, wrong_clock);
                if let Some(fetched) = &self.fetched {
                    incoming.detail = format!("{}; last fetched {fetched}", incoming.detail);
                }
                found.push(incoming);
                found.push(self.side("outgoing", &report.outgoing, wrong_clock));
            }
            Err(error) => found.push(Finding::new("incoming", Health::Error, error.code(), error.to_string())),
        }
        if let Some(Quota { used, limit }) = self.quota
            && used * 100 >= limit * FULL
        {
            let words = format!("{} of {} MB used", used / 1024, limit / 1024);
            found.push(Finding::new("incoming", Health::Warning, "quota_exceeded", words));
        }
        let refused = self.codes().iter().any(|code| wants_a_person(code));
        if let Some(message) = self.warning.filter(|_| refused) {
            let words = "a mail of the provider's about a sign-in";
            found.push(Finding { message: Some(message), ..Finding::new("provider_mail", Health::Warning, "", words) });
        }
        let health = if self.queued > MANY_CHANGES { Health::Warning } else { Health::Ok };
        found.push(Finding::new("operations", health, "", format!("{} queued", self.queued)));
        found.into_iter().map(|finding| finding.of(&self.account)).collect()
    }

    fn side(&self, topic: &'static str, side: &SideReport, wrong_clock: bool) -> Finding {
        let Some(code) = side.code else {
            let words = [side.tls.as_str(), side.mechanism.as_str()].join(" ");
            return Finding::new(topic, Health::Ok, "", format!("{} {} ms", words.trim(), side.milliseconds));
        };
        let code = match code.as_str() {
            "certificate_expired" | "certificate_invalid" if wrong_clock => "clock_wrong",
            "sign_in_again" if self.no_client => "no_oauth_client",
            code => code,
        };
        let url =
            clientele_account::provider_of(&side.endpoint.host, &self.account.email).and_then(|found| match code {
                "app_password_needed" => found.app_password_url,
                "imap_disabled" => found.enable_url.or(found.help_url),
                "sign_in_blocked" | "smtp_auth_disabled" | "quota_exceeded" | "too_many_connections" => found.help_url,
                _ => None,
            });
        Finding { url, ..Finding::new(topic, Health::Error, code, side.detail.clone()) }
    }
}
