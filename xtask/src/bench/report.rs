//! The page of results: a section a measurement, each written by its own run.

use crate::Done;
use crate::shell::{command, read, root};

const PAGE: &str = "docs/benchmarks.md";
const HEAD: &str = "# Benchmarks\n\nWritten by `cargo xtask bench first-screen`, `cargo xtask bench sync` and `cargo xtask bench crm`. Ratios travel\n\
                    between machines, times do not.\n";

/// Puts `text` under `## title`, in place of what stood there; other sections stay.
pub fn write(title: &str, text: &str) -> Done {
    let path = root().join(PAGE);
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    std::fs::write(&path, page(&before, title, text)).map_err(|error| format!("{PAGE}: {error}"))?;
    println!("{PAGE} written");
    Ok(())
}

fn page(before: &str, title: &str, text: &str) -> String {
    let mine = format!("{title}\n\n{}\n", text.trim_end());
    let mut sections: Vec<String> =
        before.split("\n## ").skip(1).map(|section| section.trim_end().to_owned() + "\n").collect();
    match sections.iter_mut().find(|section| section.lines().next() == Some(title)) {
        Some(section) => *section = mine,
        None => sections.push(mine),
    }
    let sections: String = sections.iter().map(|section| format!("\n## {section}")).collect();
    format!("{HEAD}{sections}")
}

/// For example `2026-11-22 with 2 cores`.
pub fn today() -> Result<String, String> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(format!("{} with {cores} cores", read(&mut command("date", &["+%Y-%m-%d"]))?.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_measurement_leaves_the_others_standing() {
        let one = page("", "One", "first\n");
        let both = page(&one, "Two", "second");
        let again = page(&both, "One", "### Within\n\nthird");
        assert_eq!(again, format!("{HEAD}\n## One\n\n### Within\n\nthird\n\n## Two\n\nsecond\n"));
    }
}
