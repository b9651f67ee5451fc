//! The CRM's side: filling its mirror, what changed, pills of a page of the list, and a panel.

use super::report;
use crate::shell::{command, run, target};
use crate::{Done, setup};
use serde_json::Value;

/// A page of the list, in milliseconds.
const PILLS: f64 = 3.0;
const PANEL: f64 = 50.0;

pub fn crm() -> Done {
    setup::for_the_crm_bench()?;
    let path = target().join("crm-figures.json");
    let mut measured =
        command("cargo", &["test", "--release", "-p", "clientele-crm", "--test", "size", "--", "--nocapture"]);
    let _ = std::fs::remove_file(&path);
    // What misses a goal fails there, and is written all the same.
    let came = run(measured.env("CLIENTELE_FIGURES", &path));
    let text = std::fs::read_to_string(&path).map_err(|error| format!("no figures: {error}"))?;
    let figures = serde_json::from_str(&text).map_err(|error| format!("the figures: {error}"))?;
    let shown = section(&figures)?;
    println!("\n{shown}");
    report::write("CRM", &shown)?;
    came
}

fn section(figures: &Value) -> Result<String, String> {
    let number = |part: &str, name: &str| figures[part][name].as_f64().unwrap_or(f64::NAN);
    let line = |what: &str, part: &str, goal: Option<f64>| {
        let (median, most) = (number(part, "median") / 1000.0, number(part, "most") / 1000.0);
        let (goal, verdict) = match goal {
            Some(goal) => (format!("≤ {goal:.0} ms"), if median <= goal { "met" } else { "missed" }),
            None => (String::new(), ""),
        };
        format!("| {what} | {median:.2} ms | {most:.2} ms | {goal} | {verdict} |\n")
    };
    let rows = [
        line("a page of the list with its pills, from the store", "list", Some(PILLS)),
        line("the pills of fifty mails worked out, from the mirror", "worked_out", Some(PILLS)),
        line("the same of fifty strangers", "strangers", Some(PILLS)),
        line("a panel, from store and mirror", "panel", Some(PANEL)),
        line("a search by name over all records", "search", None),
    ]
    .concat();
    Ok(format!(
        "A tenant of 10,000 people with 11,000 addresses, 2,000 companies and 500 sales, in SuperOffice's double, which reads\n\
         a thousand rows a page as the vendor advises; a store of {} mails, one in four from a stranger. Release build.\n\
         Measured on {}.\n\n\
         | what | median | slowest | goal | |\n|---|---|---|---|---|\n{rows}\n\
         First filling of the mirror: {} records in {} steps, {:.1} s, most of it the double's.\n\
         A look at what changed, one person being new: {} read, {} changed, {} requests, {} ms.\n\
         The pills of all mails worked out: {:.1} s.\n",
        figures["mails"],
        report::today()?,
        figures["fill"]["read"],
        figures["fill"]["steps"],
        number("fill", "ms") / 1000.0,
        figures["delta"]["read"],
        figures["delta"]["changed"],
        figures["delta"]["requests"],
        figures["delta"]["ms"],
        figures["all_pills_ms"].as_f64().unwrap_or(f64::NAN) / 1000.0,
    ))
}
