use crate::{
    args::{Account, Browser, Connection, Edit, SecurityArgument},
    commands::browser,
    exit,
    failure::Failure,
    output::Output,
    secret,
    session::Session,
};
use clientele_api::{handle, view::*};
use std::io;

pub async fn run(session: &Session, output: &Output, command: Account) -> Result<u8, Failure> {
    match command {
        Account::Add { connection, browser } => add(session, output, &connection, &browser).await,
        Account::Edit(edit) => change(session, output, edit).await,
        Account::SignIn { account, browser } => sign_in(session, output, &account, &browser).await,
        Account::Removal { account } => removal(session, output, &account).await,
        Account::List => list(session, output).await,
        Account::Verify { account, connection } => verify(session, output, account, connection.full()).await,
        Account::Remove { account } => {
            let id = session.account(&account).await?.id;
            let done = handle::account_remove(&session.api, IdRequest { id }).await?;
            output.result(&done, |out| writeln!(out, "removed"))?;
            Ok(exit::DONE)
        }
    }
}

async fn add(session: &Session, output: &Output, connection: &Connection, browser: &Browser) -> Result<u8, Failure> {
    let draft = match &browser.oauth {
        Some(provider) => {
            let grant = browser::grant(session, output, browser, provider, &connection.email).await?;
            AccountDraft { grant: Some(grant), ..bare(session, connection) }
        }
        None => with_passwords(session, connection)?,
    };
    let account = handle::account_add(&session.api, draft).await?;
    shown(output, &account)
}

fn shown(output: &Output, account: &AccountView) -> Result<u8, Failure> {
    output.result(account, |out| writeln!(out, "{}  {}", account.id, account.email))?;
    Ok(exit::DONE)
}

/// What was not typed stays as it is.
async fn change(session: &Session, output: &Output, edit: Edit) -> Result<u8, Failure> {
    let now = session.account(&edit.account).await?;
    let (incoming_password, outgoing_password) = match edit.password {
        true => secret::passwords()?,
        false => Default::default(),
    };
    if edit.password && incoming_password.is_empty() {
        return Err(Failure::usage("the password is read from standard input, and there was none"));
    }
    let grant = match &edit.browser.oauth {
        Some(provider) => Some(browser::grant(session, output, &edit.browser, provider, &now.email).await?),
        None => None,
    };
    let draft = AccountDraft {
        name: edit.name.unwrap_or(now.name),
        incoming: other(now.incoming, edit.imap, edit.imap_security, IMAP),
        incoming_user: edit.imap_user.unwrap_or(now.incoming_user),
        incoming_password: incoming_password.to_string(),
        outgoing: other(now.outgoing, edit.smtp, edit.smtp_security, SMTP),
        outgoing_user: edit.smtp_user.unwrap_or(now.outgoing_user),
        outgoing_password: outgoing_password.map(|password| password.to_string()).unwrap_or_default(),
        days: edit.days.unwrap_or(now.days),
        email: now.email,
        grant,
    };
    let account = handle::account_edit(&session.api, AccountEdit { id: now.id, draft }).await?;
    shown(output, &account)
}

/// With another kind of protection, and no port, the usual one of it.
fn other(
    now: EndpointView,
    server: Option<String>,
    security: Option<SecurityArgument>,
    ports: [u16; 3],
) -> EndpointView {
    match (server, security) {
        (None, None) => now,
        (Some(host), None) => EndpointView { host, ..now },
        (server, Some(security)) => endpoint(&server.unwrap_or(now.host), security, ports),
    }
}

async fn sign_in(session: &Session, output: &Output, account: &str, browser: &Browser) -> Result<u8, Failure> {
    let account = session.account(account).await?;
    let provider = browser.oauth.clone().or_else(|| account.oauth.clone());
    let (grant, password) = match provider {
        Some(provider) => (Some(browser::grant(session, output, browser, &provider, &account.email).await?), None),
        None => (None, Some(secret::passwords()?.0.to_string())),
    };
    let signed_in = AccountSignIn { id: account.id, grant, password };
    shown(output, &handle::account_sign_in(&session.api, signed_in).await?)
}

async fn removal(session: &Session, output: &Output, account: &str) -> Result<u8, Failure> {
    let id = session.account(account).await?.id;
    let view = handle::account_removal(&session.api, IdRequest { id }).await?;
    output.result(&view, |out| {
        writeln!(out, "{}", view.email)?;
        writeln!(out, "{:>6} mails in the local copy", view.mails)?;
        writeln!(out, "{:>6} drafts", view.drafts)?;
        writeln!(out, "{:>6} mails not sent yet", view.unsent.len())?;
        for one in &view.unsent {
            writeln!(out, "         {} - {}", one.to, one.subject)?;
        }
        writeln!(out, "{:>6} mails waiting to be archived", view.archives)?;
        writeln!(out, "{:>6} changes that the server has not heard of", view.operations)
    })?;
    Ok(exit::DONE)
}

async fn list(session: &Session, output: &Output) -> Result<u8, Failure> {
    let accounts = handle::app_state(&session.api, Empty {}).await?.accounts;
    output.result(&accounts, |out| {
        accounts.iter().try_for_each(|account| {
            writeln!(
                out,
                "{:>4}  {}  {}:{}  {}:{}",
                account.id,
                account.email,
                account.incoming.host,
                account.incoming.port,
                account.outgoing.host,
                account.outgoing.port
            )
        })
    })?;
    Ok(exit::DONE)
}

async fn verify(
    session: &Session,
    output: &Output,
    account: Option<String>,
    connection: Option<Connection>,
) -> Result<u8, Failure> {
    let view = match (account, connection) {
        (_, Some(connection)) => handle::account_verify(&session.api, with_passwords(session, &connection)?).await?,
        (Some(text), None) => {
            let id = session.account(&text).await?.id;
            handle::account_verify_saved(&session.api, IdRequest { id }).await?
        }
        (None, None) => return Err(Failure::usage("name a saved account, or --email, --imap and --smtp")),
    };
    output.result(&view, |out| {
        side(out, "IMAP", &view.incoming)?;
        side(out, "SMTP", &view.outgoing)
    })?;
    let failed = [&view.incoming, &view.outgoing].into_iter().find(|side| !side.ok);
    Ok(failed.map_or(exit::DONE, |side| exit::of_text(side.code.as_deref().unwrap_or_default())))
}

fn side(out: &mut dyn io::Write, name: &str, side: &SideReport) -> io::Result<()> {
    let (result, detail) = match &side.code {
        None => ("ok", format!("{} {}", side.tls, side.mechanism)),
        Some(code) => (code.as_str(), side.detail.clone()),
    };
    writeln!(out, "{name}  {}:{}  {result}  {detail}  {} ms", side.host, side.port, side.milliseconds)?;
    if let Some(other) = &side.proposal {
        writeln!(out, "      answers instead: {}:{} {:?}", other.host, other.port, other.security)?;
    }
    if let Some(user) = &side.proposal_user {
        writeln!(out, "      accepted instead: {user}")?;
    }
    match &side.certificate {
        Some(one) => writeln!(out, "      certificate: {}  {}  {}", one.subject, one.issuer, one.sha256),
        None => Ok(()),
    }
}

/// What was typed, with the passwords from standard input.
fn with_passwords(session: &Session, connection: &Connection) -> Result<AccountDraft, Failure> {
    let (incoming_password, outgoing_password) = secret::passwords()?;
    if incoming_password.is_empty() {
        return Err(Failure::usage("the password is read from standard input, and there was none"));
    }
    Ok(AccountDraft {
        incoming_password: incoming_password.to_string(),
        outgoing_password: outgoing_password.map(|password| password.to_string()).unwrap_or_default(),
        ..bare(session, connection)
    })
}

fn bare(session: &Session, connection: &Connection) -> AccountDraft {
    AccountDraft {
        email: connection.email.clone(),
        name: connection.name.clone(),
        incoming: endpoint(&connection.imap, connection.imap_security, IMAP),
        incoming_user: connection.imap_user.clone().unwrap_or_else(|| connection.email.clone()),
        incoming_password: String::new(),
        outgoing: endpoint(&connection.smtp, connection.smtp_security, SMTP),
        outgoing_user: connection.smtp_user.clone().unwrap_or_default(),
        outgoing_password: String::new(),
        days: connection.days.unwrap_or_else(|| handle::policy(&session.engine).days_default),
        grant: None,
    }
}

/// The usual ports without TLS, with STARTTLS, with TLS.
const IMAP: [u16; 3] = [143, 143, 993];
const SMTP: [u16; 3] = [25, 587, 465];

/// A port in the text wins, further down.
fn endpoint(text: &str, security: SecurityArgument, ports: [u16; 3]) -> EndpointView {
    let (security, port) = match security {
        SecurityArgument::None => (SecurityView::None, ports[0]),
        SecurityArgument::Starttls => (SecurityView::Starttls, ports[1]),
        SecurityArgument::Tls => (SecurityView::Tls, ports[2]),
    };
    EndpointView { host: text.to_owned(), port, security }
}
