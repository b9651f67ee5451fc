//! From sign-in to the fifty newest mails being readable from the store, in a small and in a large mailbox.

use super::{Profile, build, median, program, report};
use crate::Done;
use crate::shell::{command, read};
use crate::world::World;

const SMALL: usize = 200;
const LARGE: usize = 20_000;
/// So many count in each mailbox.
const ROUNDS: usize = 15;
const GOAL: f64 = 1.3;

/// A plain reader without a store: what the server and the connection alone need for the same mails.
const RAW: &str = include_str!("raw.py");

/// From sign-in to the fifty newest mails being readable from the store, in a small and in a large mailbox.
pub fn first_screen() -> Done {
    build()?;
    let (small, large) = (Mailbox::new("mdbox", SMALL)?, Mailbox::new("mdbox", LARGE)?);
    let (small_files, large_files) = (Mailbox::new("maildir", SMALL)?, Mailbox::new("maildir", LARGE)?);
    let mut mailboxes = [small, large, small_files, large_files];
    // Round 0 lets Dovecot write its index, as a mailbox in use has one. They take turns, and each goes first as often:
    // what else this machine does then slows all alike.
    for round in 0..=ROUNDS {
        for place in 0..mailboxes.len() {
            let count = mailboxes.len();
            let mailbox = &mut mailboxes[(place + round) % count];
            let (raw, took) = (mailbox.raw()?, mailbox.first_screen()?);
            println!(
                "round {round:>2} {:>7} {:>6} mails {took:>6.0} ms, plain reader {raw:>6.0} ms{}",
                mailbox.format,
                mailbox.count,
                if round == 0 { ", not counted" } else { "" }
            );
            if round > 0 {
                mailbox.times.push(took);
                mailbox.raws.push(raw);
            }
        }
    }
    let [small, large, small_files, large_files] = &mailboxes;
    let ratio = large.median() / small.median();
    let verdict = if ratio <= GOAL { "met" } else { "missed" };
    let table = format!(
        "| format | mails in the inbox | median | fastest | slowest | plain reader, median |\n|---|---|---|---|---|---|\n{}\n\
         Ratio of the medians with mdbox: {ratio:.2}; the goal, at most {GOAL}, is {verdict}. The plain reader's: {:.2}.\n\
         With Maildir: {:.2}; the plain reader's: {:.2}. There the server itself needs longer for a larger folder.\n",
        mailboxes.iter().map(Mailbox::row).collect::<String>(),
        large.raw_median() / small.raw_median(),
        large_files.median() / small_files.median(),
        large_files.raw_median() / small_files.raw_median(),
    );
    println!("\n{table}");
    report::write("First screen", &text(&table)?)?;
    if ratio <= GOAL { Ok(()) } else { Err("the goal is missed".into()) }
}

fn text(table: &str) -> Result<String, String> {
    Ok(format!(
        "From sign-in to the fifty newest mails being readable from the store: the time that `clientele sync\n\
         --first-screen` gives, on a new profile each time, against a Dovecot on loopback over TLS; then `clientele\n\
         --offline list` must give all fifty. Release build, {ROUNDS} rounds in each mailbox in turns, after one that is\n\
         thrown away. The plain reader, Python's imaplib, signs in, lists the folders, opens the inbox and reads headers and\n\
         bodies of the newest fifty, and keeps nothing. Measured on {}.\n\n{table}",
        report::today()?,
    ))
}

/// A server with so many mails in its inbox, and how long each round took in milliseconds.
struct Mailbox {
    format: &'static str,
    count: usize,
    world: World,
    times: Vec<f64>,
    raws: Vec<f64>,
}

impl Mailbox {
    /// `format`: `mdbox` or `maildir`.
    fn new(format: &'static str, count: usize) -> Result<Mailbox, String> {
        println!("Filling a mailbox with {count} mails, {format}");
        let world = World::start(&program("clientele-world"), &format!("bench-{format}:{count}"))?;
        Ok(Mailbox { format, count, world, times: Vec::new(), raws: Vec::new() })
    }

    /// Milliseconds, on a new profile.
    fn first_screen(&self) -> Result<f64, String> {
        let profile = Profile::new(&format!("{}-{}", self.format, self.count), &self.world, 30)?;
        let took = profile.sync(&["--first-screen"])?.took;
        let page = profile.asked(&["list", "--limit", "50"])?;
        let shown = page["rows"].as_array().map_or(0, Vec::len);
        if shown < 50 {
            return Err(format!("only {shown} mails were readable from the store"));
        }
        Ok(took)
    }

    /// Milliseconds of the plain reader.
    fn raw(&self) -> Result<f64, String> {
        let server = self.world.server("imaps");
        let ca = self.world.ca();
        let mut python = command("python3", &["-c", RAW, &server, &ca.to_string_lossy(), self.world.text("user")]);
        python.env("PASSWORD", self.world.text("password"));
        read(&mut python)?.trim().parse().map_err(|_| "the plain reader did not say how long it took".to_owned())
    }

    fn median(&self) -> f64 {
        median(&self.times)
    }

    fn raw_median(&self) -> f64 {
        median(&self.raws)
    }

    fn row(&self) -> String {
        let (fastest, slowest) = self.times.iter().fold((f64::MAX, 0.0), |(low, high), &t| (t.min(low), t.max(high)));
        format!(
            "| {} | {} | {:.0} ms | {fastest:.0} ms | {slowest:.0} ms | {:.0} ms |\n",
            self.format,
            self.count,
            self.median(),
            self.raw_median()
        )
    }
}
