//! The rules of the house that no other linter knows.

mod floors;
mod imports;
mod words;

use crate::{Done, generate};

/// A rule: its name, and what breaks it, one line each.
type Rule = (&'static str, fn() -> Result<(), Vec<String>>);

const RULES: [Rule; 4] = [
    ("floors: a crate looks only downward", floors::check),
    ("imports: only ui/src/host knows Tauri, features do not know each other", imports::check),
    ("words: the six catalogues have the same keys and placeholders", words::check),
    ("bindings: ui/src/host/bindings.ts is what the wire says", generate::fresh),
];

pub fn run() -> Done {
    let mut broken = 0;
    for (name, check) in RULES {
        match check() {
            Ok(()) => println!("ok      {name}"),
            Err(breaks) => {
                broken += 1;
                println!("broken  {name}");
                for line in breaks {
                    println!("        {line}");
                }
            }
        }
    }
    if broken == 0 { Ok(()) } else { Err(format!("{broken} of {} house rules broken", RULES.len())) }
}
