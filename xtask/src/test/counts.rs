//! What each runner says of itself.

use serde_json::Value;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

/// The sum of `test result: ok. 3 passed; 0 failed; 1 ignored; …`. A test binary that died says nothing: it counts as one failure.
pub fn cargo(said: &str) -> Counts {
    let mut counts = Counts::default();
    let mut open = false;
    for line in said.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let ["running", _, "test" | "tests"] = words.as_slice() {
            counts.failed += u64::from(open);
            open = true;
        }
        if line.starts_with("test result: ") {
            open = false;
            let before = |word: &str| {
                let at = words.iter().position(|other| other.trim_end_matches(';') == word);
                at.and_then(|at| words.get(at.checked_sub(1)?)?.parse::<u64>().ok()).unwrap_or(0)
            };
            counts.passed += before("passed");
            counts.failed += before("failed");
            counts.skipped += before("ignored");
        }
    }
    counts.failed += u64::from(open);
    counts
}

/// `# pass 12` of TAP, or `ℹ pass 12` of the reporter for people.
pub fn node(said: &str) -> Counts {
    let mut counts = Counts::default();
    for line in said.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["#" | "ℹ", what, number] = words.as_slice() else { continue };
        let Ok(number) = number.parse::<u64>() else { continue };
        match *what {
            "pass" => counts.passed += number,
            "fail" | "cancelled" => counts.failed += number,
            "skipped" | "todo" => counts.skipped += number,
            _ => {}
        }
    }
    counts
}

/// The JSON report of vitest.
pub fn vitest(report: &str) -> Counts {
    let report: Value = serde_json::from_str(report).unwrap_or_default();
    let number = |name: &str| report[name].as_u64().unwrap_or(0);
    // A file that does not load is a failed suite without tests.
    let suites = if number("numFailedTests") == 0 { number("numFailedTestSuites") } else { 0 };
    Counts {
        passed: number("numPassedTests"),
        failed: number("numFailedTests") + suites,
        skipped: number("numPendingTests") + number("numTodoTests"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, cargo, node, vitest};

    #[test]
    fn the_runners_words_are_understood() {
        let said = "running 3 tests\ntest a ... ok\ntest result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\nrunning 1 test\n\ntest result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured\n";
        assert_eq!(cargo(said), Counts { passed: 2, failed: 1, skipped: 1 });
        assert_eq!(
            node("# tests 5\n# pass 3\n# fail 1\n# cancelled 1\nℹ skipped 2\n"),
            Counts { passed: 3, failed: 2, skipped: 2 }
        );
        let report = r#"{"numPassedTests":4,"numFailedTests":0,"numFailedTestSuites":1,"numPendingTests":1}"#;
        assert_eq!(vitest(report), Counts { passed: 4, failed: 1, skipped: 1 });
    }

    #[test]
    fn a_test_binary_that_died_is_a_failure() {
        assert_eq!(cargo("running 3 tests\ntest a ... ok\n"), Counts { passed: 0, failed: 1, skipped: 0 });
    }
}
