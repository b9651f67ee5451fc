//! `clientele-world [--dir DIR] [--seed demo|empty|bench-maildir:N|bench-mdbox:N|bench-mixed:N] [--oidc yes|no]
//! [--crm none|tryton]`: starts the servers, prints what a client needs as one line of JSON, and runs until its standard input closes or it is asked to end.

#[cfg(unix)]
mod unix {
    use clientele_tests::world::{Described, World, WorldError, bench, demo, tryton};
    use serde::Serialize;
    use std::io::{Read, Write};
    use std::path::PathBuf;
    use std::process::ExitCode;
    use tokio::signal::unix::{SignalKind, signal};

    enum Seed {
        Empty,
        Demo,
        Bench(bench::Kind, usize),
    }

    struct Asked {
        dir: Option<PathBuf>,
        seed: Seed,
        oidc: bool,
        tryton: bool,
    }

    /// Runs for as long as this does.
    struct Running {
        world: World,
        tryton: Option<tryton::Tryton>,
    }

    #[derive(Serialize)]
    struct Printed {
        #[serde(flatten)]
        world: Described,
        #[serde(skip_serializing_if = "Option::is_none")]
        tryton: Option<tryton::Described>,
    }

    fn asked() -> Option<Asked> {
        let mut asked = Asked { dir: None, seed: Seed::Demo, oidc: false, tryton: false };
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            let value = args.next()?;
            match (arg.as_str(), value.as_str()) {
                ("--dir", _) => asked.dir = Some(value.into()),
                ("--oidc", "yes" | "no") => asked.oidc = value == "yes",
                ("--crm", "none" | "tryton") => asked.tryton = value == "tryton",
                ("--seed", "empty") => asked.seed = Seed::Empty,
                ("--seed", "demo") => asked.seed = Seed::Demo,
                ("--seed", other) => {
                    let (kind, count) = other.strip_prefix("bench-")?.split_once(':')?;
                    asked.seed = Seed::Bench(bench::Kind::parse(kind)?, count.parse().ok()?);
                }
                _ => return None,
            }
        }
        Some(asked)
    }

    fn start(asked: &Asked) -> Result<(Running, Printed), WorldError> {
        let tryton = if asked.tryton { Some(tryton::Tryton::start()?) } else { None };
        let world = match &asked.dir {
            Some(dir) => World::start_in(dir, asked.oidc)?,
            None if asked.oidc => World::with_oidc()?,
            None => World::start()?,
        };
        let mut described = world.described();
        let now = jiff::Timestamp::now();
        match asked.seed {
            Seed::Empty => {}
            Seed::Demo => described.crm_seed = Some(demo::fill(&world, now)?),
            Seed::Bench(kind, count) => bench::fill(&world, kind, count, now.as_second())?,
        }
        let printed = Printed { world: described, tryton: tryton.as_ref().map(tryton::Tryton::described) };
        Ok((Running { world, tryton }, printed))
    }

    pub async fn run() -> ExitCode {
        let Some(asked) = asked() else {
            eprintln!(
                "clientele-world [--dir DIR] [--seed demo|empty|bench-maildir:N|bench-mdbox:N|bench-mixed:N] [--oidc yes|no] [--crm none|tryton]"
            );
            return ExitCode::from(2);
        };
        // Before the servers start: a signal in between must still end them.
        let (Ok(mut terminated), Ok(mut interrupted)) =
            (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        else {
            eprintln!("clientele-world: cannot listen to signals");
            return ExitCode::FAILURE;
        };
        let (running, printed) = match start(&asked) {
            Ok(started) => started,
            Err(error) => {
                eprintln!("clientele-world: {error}");
                return ExitCode::FAILURE;
            }
        };
        match serde_json::to_string(&printed) {
            Ok(line) => println!("{line}"),
            Err(error) => eprintln!("clientele-world: {error}"),
        }
        let _flushed = std::io::stdout().flush();
        let (close, closed) = tokio::sync::oneshot::channel::<()>();
        std::thread::spawn(move || {
            let mut bytes = [0; 256];
            while matches!(std::io::stdin().read(&mut bytes), Ok(count) if count > 0) {}
            drop(close);
        });
        tokio::select! {
            _ = closed => {}
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
        let Running { world, tryton } = running;
        drop(tryton);
        let code = match world.stop() {
            Ok(()) => 0,
            Err(error) => {
                eprintln!("clientele-world: {error}");
                1
            }
        };
        // The thread that reads standard input cannot be interrupted; it must not hold the exit back.
        std::process::exit(code)
    }
}

#[cfg(unix)]
#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    unix::run().await
}

#[cfg(not(unix))]
fn main() -> std::process::ExitCode {
    eprintln!("clientele-world: Dovecot and Postfix are not to be had on this system");
    std::process::ExitCode::FAILURE
}
