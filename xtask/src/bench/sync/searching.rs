//! Six queries as whole processes, against notmuch.

use super::super::{Profile, median};
use super::peers::{Notmuch, timed};
use super::rows::Row;
use crate::shell::read;
use serde_json::Value;

const ROUNDS: usize = 15;

/// What it is, for us, and for notmuch.
const QUERIES: [(&str, &str, &str); 6] = [
    ("a rare word", "q151x ", "q151x"),
    ("a common word", "delivery ", "delivery"),
    ("from:", "from:customer7 ", "from:customer7"),
    ("a phrase", "\"with kind regards\"", "\"with kind regards\""),
    ("a prefix", "wareh", "wareh*"),
    ("combined", "subject:meeting contract invoi", "subject:meeting contract invoi*"),
];

pub fn rows(profile: &Profile, notmuch: &Notmuch) -> Result<Vec<Row>, String> {
    let mut sums = (0.0, 0.0);
    let mut each = Vec::new();
    let mut worst: f64 = 0.0;
    for (what, ours, theirs) in QUERIES {
        let mine = || profile.offline(&["search", ours]);
        let found = profile.asked(&["search", ours])?["rows"].as_array().map_or(0, Vec::len);
        let known: Value = serde_json::from_str(&read(&mut notmuch.search(theirs))?).unwrap_or_default();
        let known = known.as_array().map_or(0, Vec::len);
        // A query without hits costs nothing and proves nothing.
        if found == 0 || known == 0 {
            return Err(format!("{what}: {found} hits here, {known} in notmuch"));
        }
        let (mut one, mut other) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            if round % 2 == 0 {
                one.push(timed(&mut mine())?);
                other.push(timed(&mut notmuch.search(theirs))?);
            } else {
                other.push(timed(&mut notmuch.search(theirs))?);
                one.push(timed(&mut mine())?);
            }
        }
        let (one, other) = (median(&one), median(&other));
        sums = (sums.0 + one, sums.1 + other);
        worst = worst.max(one / other);
        each.push(format!("{what} {one:.0}/{other:.0}"));
    }
    let seen = format!("ms, ours/notmuch: {}; the worst {worst:.2} ×; {ROUNDS} rounds", each.join(", "));
    Ok(vec![Row::new("search, six whole processes, × notmuch", sums.0 / sums.1, 0.5, "×", seen)])
}
