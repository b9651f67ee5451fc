use crate::{
    args::{Account, Connection, SecurityArgument},
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
        Account::Add(connection) => add(session, output, &connection).await,
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

async fn add(session: &Session, output: &Output, connection: &Connection) -> Result<u8, Failure> {
    let draft = draft(connection)?;
    let account = handle::account_add(&session.api, draft).await?;
    output.result(&account, |out| writeln!(out, "{}  {}", account.id, account.email))?;
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
        (_, Some(connection)) => handle::account_verify(&session.api, draft(&connection)?).await?,
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
        None => ("ok", side.tls.as_str()),
        Some(code) => (code.as_str(), side.detail.as_str()),
    };
    writeln!(out, "{name}  {}:{}  {result}  {detail}  {} ms", side.host, side.port, side.milliseconds)?;
    match &side.proposal {
        Some(other) => writeln!(out, "      answers instead: {}:{} {:?}", other.host, other.port, other.security),
        None => Ok(()),
    }
}

/// What was typed, with the passwords from standard input.
fn draft(connection: &Connection) -> Result<AccountDraft, Failure> {
    let (incoming_password, outgoing_password) = secret::passwords()?;
    if incoming_password.is_empty() {
        return Err(Failure::usage("the password is read from standard input, and there was none"));
    }
    Ok(AccountDraft {
        email: connection.email.clone(),
        name: connection.name.clone(),
        incoming: endpoint(&connection.imap, connection.imap_security, [143, 143, 993]),
        incoming_user: connection.imap_user.clone().unwrap_or_else(|| connection.email.clone()),
        incoming_password: incoming_password.to_string(),
        outgoing: endpoint(&connection.smtp, connection.smtp_security, [25, 587, 465]),
        outgoing_user: connection.smtp_user.clone().unwrap_or_default(),
        outgoing_password: outgoing_password.map(|password| password.to_string()).unwrap_or_default(),
        days: connection.days,
        grant: None,
    })
}

/// `ports`: the usual ones without TLS, with STARTTLS, with TLS. A port in the text wins, further down.
fn endpoint(text: &str, security: SecurityArgument, ports: [u16; 3]) -> EndpointView {
    let (security, port) = match security {
        SecurityArgument::None => (SecurityView::None, ports[0]),
        SecurityArgument::Starttls => (SecurityView::Starttls, ports[1]),
        SecurityArgument::Tls => (SecurityView::Tls, ports[2]),
    };
    EndpointView { host: text.to_owned(), port, security }
}
