//! Results beside their goals.

/// One line of the table.
#[derive(Debug, Clone)]
pub struct Row {
    what: String,
    seen: String,
    figure: f64,
    goal: f64,
    unit: &'static str,
}

impl Row {
    /// `figure` and `goal` (at most) in `unit`; `seen` is what was measured, in words.
    pub fn new(what: &str, figure: f64, goal: f64, unit: &'static str, seen: String) -> Row {
        let row = Row { what: what.into(), seen, figure, goal, unit };
        println!("{}: {} (goal {}, {}). {}", row.what, row.shown(row.figure), row.shown(goal), row.verdict(), row.seen);
        row
    }

    pub fn met(&self) -> bool {
        self.figure <= self.goal
    }

    fn verdict(&self) -> &'static str {
        if self.met() { "met" } else { "missed" }
    }

    fn shown(&self, number: f64) -> String {
        let digits = match (self.unit, number) {
            ("×", _) => 2,
            ("ms", ..10.0) => 2,
            _ => 0,
        };
        format!("{number:.digits$} {}", self.unit).trim_end().to_owned()
    }

    fn line(&self) -> String {
        format!(
            "| {} | {} | ≤ {} | {} | {} |\n",
            self.what,
            self.shown(self.figure),
            self.shown(self.goal),
            self.verdict(),
            self.seen
        )
    }
}

pub fn table(rows: &[Row]) -> String {
    let lines: String = rows.iter().map(Row::line).collect();
    format!("| what | figure | goal | | seen |\n|---|---|---|---|---|\n{lines}")
}
