//! The store's own benchmark, without a process around each query.

use super::rows::Row;
use crate::shell::{command, read};
use serde_json::Value;

pub fn rows() -> Result<Vec<Row>, String> {
    println!("Searching in process");
    let example = ["run", "--release", "-q", "-p", "clientele-store", "--example", "search-bench"];
    let said = read(&mut command("cargo", &example))?;
    let told: Vec<Value> = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let goals = [
        ("word", "in process at 200,000 mails, a word, p99", 2.0),
        ("phrase", "in process at 200,000 mails, a phrase, p99", 2.0),
        ("prefix", "in process at 200,000 mails, a prefix, p99", 25.0),
        ("combined", "in process at 200,000 mails, combined, p99", 25.0),
        ("page", "a page of the list at 1,000,000 rows, p99", 1.0),
    ];
    let row = |(name, what, goal): (&str, &str, f64)| {
        let figures = told
            .iter()
            .find(|line| line["what"] == name)
            .ok_or_else(|| format!("search-bench does not tell of {name}"))?;
        let number = |name: &str| figures[name].as_f64().unwrap_or(f64::NAN);
        Ok(Row::new(what, number("p99_ms"), goal, "ms", format!("median {:.2} ms", number("median_ms"))))
    };
    goals.into_iter().map(row).collect()
}
