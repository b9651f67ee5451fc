//! `cargo xtask`: everything a person or a machine does to the project, by one name each.

mod bench;
mod demo;
mod generate;
mod lint;
mod room;
mod setup;
mod shell;
mod soak;
mod test;
mod world;

use std::process::ExitCode;

const USAGE: &str = "cargo xtask COMMAND

  run [--fresh]      the app in its demo world; --fresh opens the wizard with nothing
  test               every check there is; ends with the counts of each runner
  lint               the house rules: floors, imports, words, generated bindings
  gen                write ui/src/host/bindings.ts from crates/api
  setup              install what run and test need (they do it themselves)
  soak [--rounds N] [--only PART]  the long runs: many kill rounds, many seeds; or one: kill storm model power crm
  bench crm          filling the CRM's mirror, pills of the list, and a panel
  bench first-screen time to the newest 50 mails, in a small and in a large mailbox
  bench sync [--only PART] [--mails N]  the engine beside mbsync, notmuch and a plain reader; a part or other
                     numbers are a quick look: first newest steady push memory size search inside";

/// A failure in words for a person; where a command failed, its own words stand above.
type Done = Result<(), String>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["run"] => demo::run(false),
        ["run", "--fresh"] => demo::run(true),
        ["test"] => test::run(),
        ["lint"] => lint::run(),
        ["gen"] => generate::write(),
        ["setup"] => setup::everything(),
        ["soak"] => soak::run(200, ""),
        ["soak", "--only", only] => soak::run(200, only),
        ["soak", "--rounds", rounds, rest @ ..] if matches!(rest, [] | ["--only", _]) => match rounds.parse() {
            Ok(rounds) => soak::run(rounds, rest.last().unwrap_or(&"")),
            Err(_) => Err(format!("{rounds} is not a number of rounds")),
        },
        ["bench", "crm"] => bench::crm(),
        ["bench", "first-screen"] => bench::first_screen(),
        ["bench", "sync", rest @ ..] => match bench::Look::parse(rest) {
            Some(look) => bench::sync(&look),
            None => Err(format!("bench sync takes --only ({}) and --mails N", bench::PARTS.join(", "))),
        },
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => {
            eprintln!("xtask: {words}");
            ExitCode::FAILURE
        }
    }
}
