//! The store's own benchmark, without a process around each query.

use super::rows::Row;
use crate::shell::{command, read};
use serde_json::Value;

/// Searches among ten times `mails`, and pages through fifty times as many rows.
pub fn rows(mails: usize) -> Result<Vec<Row>, String> {
    println!("Searching in process");
    let (searched, paged) = (10 * mails, 50 * mails);
    let example = ["run", "--release", "-q", "-p", "clientele-store", "--example", "search-bench", "--"];
    let said = read(command("cargo", &example).args([searched.to_string(), paged.to_string()]))?;
    let told: Vec<Value> = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let goals = [
        ("word", format!("in process at {searched} mails, a word, p99"), 2.0),
        ("phrase", format!("in process at {searched} mails, a phrase, p99"), 2.0),
        ("prefix", format!("in process at {searched} mails, a prefix, p99"), 25.0),
        ("combined", format!("in process at {searched} mails, combined, p99"), 25.0),
        ("page", format!("a page of the list at {paged} rows, p99"), 1.0),
    ];
    let row = |(name, what, goal): (&str, String, f64)| {
        let figures = told
            .iter()
            .find(|line| line["what"] == name)
            .ok_or_else(|| format!("search-bench does not tell of {name}"))?;
        let number = |name: &str| figures[name].as_f64().unwrap_or(f64::NAN);
        Ok(Row::new(
            &what,
            number("p99_ms"),
            goal,
            "ms",
            format!(
                "median {:.2} ms, {} rounds; from the disk: median {:.0} ms, p99 {:.0} ms",
                number("median_ms"),
                number("rounds"),
                number("cold_median_ms"),
                number("cold_p99_ms")
            ),
        ))
    };
    goals.into_iter().map(row).collect()
}
