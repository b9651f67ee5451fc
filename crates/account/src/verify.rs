use crate::{
    Code,
    app_password::sharpen,
    propose::{Nothing, Side, may_help, propose},
};
use clientele_mail::{
    Login, MailError,
    imap::{self, Step},
    smtp,
};
use clientele_model::{Credential, Endpoint};
use clientele_net::{Certificate, Net};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::timeout;

/// For one side, all stages together.
const LIMIT: Duration = Duration::from_secs(60);
/// For one side with the other user name.
const AGAIN: Duration = Duration::from_secs(15);

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
    /// How it signed in, for example `SCRAM-SHA-256`; empty where it did not come so far, or had to.
    pub mechanism: String,
    /// Settings that answered where the asked ones did not.
    pub proposal: Option<Endpoint>,
    /// The user name with or without the domain, where it was accepted and the asked one was not.
    pub proposal_user: Option<String>,
    /// What the server showed, where its certificate is why.
    pub certificate: Option<Certificate>,
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

/// Really signs in on both sides at the same time, and names `email` as one who wants to send; nothing is sent or changed.
/// At most a minute and some seconds. A refused user name is tried once more, with or without its domain.
pub async fn verify_for(net: &Net, email: &str, incoming: &Login, outgoing: &Login) -> Verified {
    let (incoming, outgoing) =
        tokio::join!(try_side(net, Side::Incoming, email, incoming), try_side(net, Side::Outgoing, email, outgoing));
    Verified { incoming, outgoing }
}

async fn try_side(net: &Net, side: Side, email: &str, login: &Login) -> SideReport {
    let start = Instant::now();
    let tried = try_out(net, side, email, login).await;
    let mut report = SideReport {
        stage: tried.step.into(),
        code: None,
        detail: String::new(),
        endpoint: login.endpoint.clone(),
        milliseconds: u32::try_from(start.elapsed().as_millis()).unwrap_or(u32::MAX),
        tls: tried.tls,
        folders: tried.folders,
        mechanism: tried.mechanism.to_owned(),
        proposal: None,
        proposal_user: None,
        certificate: None,
    };
    let Some(error) = tried.error else { return report };
    let code = judge(net, login, &error).await;
    report.code = Some(code);
    report.detail = error.to_string();
    if may_help(code, &login.endpoint) {
        report.proposal = propose(net, side, &login.endpoint, code).await;
    }
    if code == Code::SignInRefused && tried.step == Step::SignIn {
        report.proposal_user = other_user(net, side, email, login).await;
    }
    if let MailError::Net(error) = error {
        report.certificate = error.certificate.map(|certificate| *certificate);
    }
    report
}

/// The user name with or without the domain, if that one is let in.
async fn other_user(net: &Net, side: Side, email: &str, login: &Login) -> Option<String> {
    // A refused token is no matter of the name.
    let Ok(Credential::Password(_)) = login.secret.credential().await else { return None };
    let user = match (login.user.split_once('@'), email.rsplit_once('@')) {
        (Some((name, _)), _) => name.to_owned(),
        (None, Some((_, domain))) => format!("{}@{domain}", login.user),
        (None, None) => return None,
    };
    if user.is_empty() {
        return None;
    }
    let other = Login { user: user.clone(), ..login.clone() };
    let tried = timeout(AGAIN, try_out(net, side, email, &other)).await;
    tried.is_ok_and(|tried| tried.error.is_none()).then_some(user)
}

struct Tried {
    step: Step,
    tls: String,
    mechanism: &'static str,
    folders: u32,
    error: Option<MailError>,
}

async fn try_out(net: &Net, side: Side, email: &str, login: &Login) -> Tried {
    let trying = async {
        match side {
            Side::Incoming => {
                let imap::TryOut { step, tls, mechanism, folders, error } = imap::try_out(net, login).await;
                Tried { step, tls, mechanism, folders, error }
            }
            Side::Outgoing => {
                let smtp::TryOut { step, tls, mechanism, error } = smtp::try_out(net, login, email).await;
                Tried { step, tls, mechanism, folders: 0, error }
            }
        }
    };
    let late = || Tried {
        step: Step::Connect,
        tls: String::new(),
        mechanism: "",
        folders: 0,
        error: Some(MailError::Timeout),
    };
    timeout(LIMIT, trying).await.unwrap_or_else(|_| late())
}

/// The error's code; a POP3 port is called one also where something hides its greeting.
async fn judge(net: &Net, login: &Login, error: &MailError) -> Code {
    let (code, endpoint) = (error.kind(), &login.endpoint);
    if code == Code::SignInRefused {
        return sharpen(login).await;
    }
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
