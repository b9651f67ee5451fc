//! `clientele`: the same engine without a window. Everything here is asking and printing; the rules live below.
//!
//! Two programs are made of it (decision 31): `clientele`, which looks at a profile and has nothing else in it, and
//! `clientele-whole`, which it becomes for every other command.

mod args;
mod commands;
mod exit;
mod failure;
mod onward;
mod output;
mod secret;
mod session;

use args::{Arguments, Command, Look, Search};
use clap::Parser as _;
use clientele_api::view::SearchRequest;
use failure::Failure;
use output::Output;
use session::Session;
use std::process::ExitCode;

/// The small program: does what only looks, and hands all else on.
pub fn front() -> ExitCode {
    begin();
    if let Ok(look) = Look::try_parse() {
        let output = Output::new(look.global.json);
        match commands::look::run(&look, &output) {
            Ok(None) => {}
            Ok(Some(code)) => return ExitCode::from(code),
            Err(failure) => return output.fail(&failure),
        }
    }
    onward::whole()
}

fn begin() {
    clientele_engine::leave_no_core_file();
    clientele_engine::hold_little_memory();
}

/// The whole program.
pub fn whole() -> ExitCode {
    begin();
    let arguments = Arguments::parse();
    let output = Output::new(arguments.global.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output.fail(&Failure::io(&error)),
    };
    match runtime.block_on(run(arguments, &output)) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => output.fail(&failure),
    }
}

async fn run(arguments: Arguments, output: &Output) -> Result<u8, Failure> {
    let Arguments { global, command } = arguments;
    // Looking for servers needs no profile, and none is made for it.
    if let Command::Discover { email } = &command {
        return commands::discover::run(&global, output, email).await;
    }
    // What is damaged cannot be opened.
    if let Command::Restore(restore) = command {
        return commands::restore::run(&global, output, restore).await;
    }
    let watch = matches!(&command, Command::Sync(sync) if sync.watch);
    let session = Session::open(&global, watch).await?;
    let result = dispatch(&session, output, command).await;
    session.close().await;
    result
}

async fn dispatch(session: &Session, output: &Output, command: Command) -> Result<u8, Failure> {
    use commands::{
        account, archive, certificate, crm, folder, follow_up, history, mails, operate, outbox, person, proxy, record,
        rule, send, sync, system,
    };
    match command {
        Command::Discover { .. } | Command::Restore(_) => Ok(exit::DONE),
        Command::Account(command) => account::run(session, output, command).await,
        Command::Sync(sync) => sync::run(session, output, sync).await,
        Command::History(history) => history::run(session, output, history).await,
        Command::Folders => mails::folders(session, output).await,
        Command::Folder(command) => folder::run(session, output, command).await,
        Command::List(list) => mails::list(session, output, list).await,
        Command::Search(Search { query, limit, after, servers }) => {
            let query = query.join(" ");
            let asked = if servers { Some(mails::search_servers(session, output, &query).await?) } else { None };
            mails::search(session, output, SearchRequest { query, after, limit }, asked).await
        }
        Command::Show(show) => mails::show(session, output, show).await,
        Command::Save { message, part, to } => mails::save(session, output, message, part, to).await,
        Command::Mark(mark) => operate::mark(session, output, mark).await,
        Command::Move { messages, folder } => operate::move_to(session, output, messages, &folder).await,
        Command::Copy { messages, folder } => operate::copy_to(session, output, messages, &folder).await,
        Command::Keyword(keyword) => operate::keyword(session, output, keyword).await,
        Command::Done { messages } => operate::one(session, output, messages, operate::Act::Done).await,
        Command::Junk { messages } => operate::one(session, output, messages, operate::Act::Junk).await,
        Command::Delete { messages } => operate::one(session, output, messages, operate::Act::Delete).await,
        Command::Send(send) => send::run(session, output, send).await,
        Command::Outbox { command } => outbox::run(session, output, command).await,
        Command::Person(command) => person::run(session, output, command).await,
        Command::Record(command) => record::run(session, output, command).await,
        Command::Selection(command) => record::selection(session, output, command).await,
        Command::Archive(command) => archive::run(session, output, command).await,
        Command::Rule(command) => rule::run(session, output, command).await,
        Command::Private(command) => rule::private(session, output, command).await,
        Command::Doctor => system::doctor(session, output).await,
        Command::Certificate(command) => certificate::run(session, output, command).await,
        Command::Proxy { command } => proxy::run(session, output, command).await,
        Command::Policy => system::policy(session, output).await,
        Command::Crm(command) => crm::run(session, output, command).await,
        Command::FollowUp(command) => follow_up::run(session, output, command).await,
        Command::Waiting(command) => follow_up::waiting(session, output, command).await,
    }
}
