use crate::{
    args::{Outbox, OutboxArgument},
    exit,
    failure::Failure,
    output::{Output, column},
    session::Session,
};
use clientele_api::{ApiError, handle, view::*};

pub async fn run(session: &Session, output: &Output, command: Option<Outbox>) -> Result<u8, Failure> {
    match command {
        None | Some(Outbox::List) => {}
        Some(Outbox::Run) => {
            if !session.acts() {
                return Err(Failure::usage("another process sends for this profile, or --offline was given"));
            }
            session.engine.outbox_run().await.map_err(ApiError::from)?;
        }
        Some(Outbox::Resolve { id, choice }) => {
            let choice = match choice {
                OutboxArgument::Retry => OutboxChoice::Retry,
                OutboxArgument::WasSent => OutboxChoice::WasSent,
                OutboxArgument::Edit => OutboxChoice::Edit,
                OutboxArgument::Discard => OutboxChoice::Discard,
            };
            handle::outbox_resolve(&session.api, OutboxResolve { id, choice }).await?;
            if session.acts() {
                session.engine.outbox_run().await.map_err(ApiError::from)?;
            }
        }
    }
    let waiting = handle::outbox_list(&session.api, Empty {}).await?;
    output.result(&waiting, |out| {
        waiting.iter().try_for_each(|mail| {
            let code = mail.code.as_deref().unwrap_or_default();
            writeln!(out, "{:>4}  {:?}  {code}  {}", mail.id, mail.state, column(&mail.subject, 50))
        })
    })?;
    Ok(exit::DONE)
}
