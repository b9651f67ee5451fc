//! The table of docs/adapters.md, which says what this suite says and nothing else.

use std::sync::{Mutex, PoisonError};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/adapters.md");
const FIRST: &str = "| case |";

/// The page, with the table by rows and cells.
struct Page {
    before: String,
    rows: Vec<Vec<String>>,
    after: String,
}

impl Page {
    fn read(text: &str) -> Page {
        let at = text.find(FIRST).expect("no table in docs/adapters.md");
        let (before, rest) = text.split_at(at);
        let end = rest.find("\n\n").map_or(rest.len(), |end| end + 1);
        let (table, after) = rest.split_at(end);
        let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        Page { before: before.into(), rows: table.lines().map(cells).collect(), after: after.into() }
    }

    fn column(&self, crm: &str) -> usize {
        self.rows[0].iter().position(|name| name == crm).expect("no column for the CRM in docs/adapters.md")
    }

    /// Name and cell of each row.
    fn said(&self, crm: &str) -> Vec<(&str, &str)> {
        let column = self.column(crm);
        self.rows.iter().skip(2).map(|row| (row[0].as_str(), row.get(column).map_or("", String::as_str))).collect()
    }

    /// The rows in the order of the cases, with other CRMs' cells as they were.
    fn with(mut self, crm: &str, cells: &[(&str, String)]) -> String {
        let (column, width) = (self.column(crm), self.rows[0].len());
        let before = self.rows.split_off(2);
        for (name, cell) in cells {
            let known = before.iter().find(|row| row[0] == *name).cloned();
            let mut row = known.unwrap_or_else(|| vec![String::new(); width]);
            row.resize(width, String::new());
            (row[0], row[column]) = ((*name).to_owned(), cell.clone());
            self.rows.push(row);
        }
        let table: String = self.rows.iter().map(|row| format!("| {} |\n", row.join(" | "))).collect();
        format!("{}{table}{}", self.before, self.after)
    }
}

/// Fails where the table says something else of a CRM than what came. With CLIENTELE_TABLE=write it is written.
pub fn compare(crm: &str, cells: &[(&str, String)]) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let page = Page::read(&std::fs::read_to_string(PAGE).unwrap());
    if std::env::var("CLIENTELE_TABLE").is_ok_and(|wish| wish == "write") {
        return std::fs::write(PAGE, page.with(crm, cells)).unwrap();
    }
    let came: Vec<(&str, &str)> = cells.iter().map(|(name, cell)| (*name, cell.as_str())).collect();
    let again = "to write it: CLIENTELE_TABLE=write cargo test -p clientele-crm --test conformance";
    assert_eq!(page.said(crm), came, "the table in docs/adapters.md is another; {again}");
}
