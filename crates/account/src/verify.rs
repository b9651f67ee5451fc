use crate::{
    Code,
    propose::{Nothing, Side, propose},
};
use clientele_mail::{
    Login, MailError,
    imap::{self, Step},
    smtp,
};
use clientele_model::Endpoint;
use clientele_net::Net;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::timeout;

/// For one side, all stages together.
const LIMIT: Duration = Duration::from_secs(60);

/// How far a try-out came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Resolve,
    Connect,
    Tls,
    SignIn,
    Use,
}

impl From<Step> for Stage {
    fn from(step: Step) -> Self {
        match step {
            Step::Resolve => Stage::Resolve,
            Step::Connect => Stage::Connect,
            Step::Tls => Stage::Tls,
            Step::SignIn => Stage::SignIn,
            Step::Use => Stage::Use,
        }
    }
}

/// What trying one side gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideReport {
    /// The last stage that was reached.
    pub stage: Stage,
    /// None: it works.
    pub code: Option<Code>,
    /// The server's or the library's words; never a secret.
    pub detail: String,
    pub endpoint: Endpoint,
    pub milliseconds: u32,
    /// For example `TLS 1.3`; empty without TLS.
    pub tls: String,
    /// Incoming only: how many folders hold mail.
    pub folders: u32,
    /// Settings that answered where the asked ones did not.
    pub proposal: Option<Endpoint>,
}

impl SideReport {
    pub fn ok(&self) -> bool {
        self.code.is_none()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub incoming: SideReport,
    pub outgoing: SideReport,
}

impl Verified {
    pub fn ok(&self) -> bool {
        self.incoming.ok() && self.outgoing.ok()
    }
}

/// Really signs in on both sides at the same time; nothing is sent or changed. At most a minute and some seconds.
pub async fn verify(net: &Net, incoming: &Login, outgoing: &Login) -> Verified {
    let (incoming, outgoing) =
        tokio::join!(try_side(net, Side::Incoming, incoming), try_side(net, Side::Outgoing, outgoing));
    Verified { incoming, outgoing }
}

async fn try_side(net: &Net, side: Side, login: &Login) -> SideReport {
    let start = Instant::now();
    let mut report = SideReport {
        stage: Stage::Resolve,
        code: None,
        detail: String::new(),
        endpoint: login.endpoint.clone(),
        milliseconds: 0,
        tls: String::new(),
        folders: 0,
        proposal: None,
    };
    let trying = async {
        match side {
            Side::Incoming => {
                let tried = imap::try_out(net, login).await;
                (tried.step, tried.tls, tried.folders, tried.error)
            }
            Side::Outgoing => {
                let tried = smtp::try_out(net, login).await;
                (tried.step, tried.tls, 0, tried.error)
            }
        }
    };
    let (step, tls_version, folders, error) =
        timeout(LIMIT, trying).await.unwrap_or((Step::Connect, String::new(), 0, Some(MailError::Timeout)));
    report.milliseconds = u32::try_from(start.elapsed().as_millis()).unwrap_or(u32::MAX);
    report.stage = step.into();
    report.tls = tls_version;
    report.folders = folders;
    if let Some(error) = error {
        let code = judge(net, &login.endpoint, &error).await;
        report.code = Some(code);
        report.detail = error.to_string();
        if code.other_settings_may_help() {
            report.proposal = propose(net, side, &login.endpoint, code).await;
        }
    }
    report
}

/// The error's code; a POP3 port is called one also where something hides its greeting.
async fn judge(net: &Net, endpoint: &Endpoint, error: &MailError) -> Code {
    let code = Code::of(error);
    let hidden = matches!(code, Code::TlsToPlainPort | Code::PlainToTlsPort | Code::NotMail);
    if hidden && (matches!(endpoint.port, 110 | 995) || greets_as_pop3(net, endpoint, code).await) {
        return Code::Pop3;
    }
    code
}

/// Whether behind the wrong protection there is a POP3 server: its greeting is `+OK`.
async fn greets_as_pop3(net: &Net, endpoint: &Endpoint, code: Code) -> bool {
    use clientele_model::Security;
    let security = match code {
        Code::TlsToPlainPort => Security::None,
        Code::PlainToTlsPort => Security::Tls,
        _ => return false,
    };
    let login =
        Login { endpoint: Endpoint { security, ..endpoint.clone() }, user: "-".into(), secret: Arc::new(Nothing) };
    let tried = timeout(Duration::from_secs(4), imap::try_out(net, &login)).await;
    matches!(tried.map(|tried| tried.error), Ok(Some(MailError::Pop3)))
}
