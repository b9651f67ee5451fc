//! Values as Tryton writes them: dates and decimals are objects with a `__class__`, references `party.party,3`.

use super::call::Row;
use crate::{CrmError, Result};
use jiff::{Timestamp, civil};
use serde_json::{Value, json};

pub const NOTHING: Value = Value::Null;

/// Text without surrounding space; empty for none.
pub fn text(row: &Row, name: &str) -> String {
    row.get(name).and_then(Value::as_str).map(str::trim).unwrap_or_default().to_owned()
}

/// A number above 0, of a record.
pub fn id(row: &Row, name: &str) -> Option<i64> {
    row.get(name).and_then(Value::as_i64).filter(|id| *id > 0)
}

/// The same as text; empty for none.
pub fn id_text(row: &Row, name: &str) -> String {
    id(row, name).map(|id| id.to_string()).unwrap_or_default()
}

/// An id of ours as the CRM's number.
pub fn number(id: &str) -> Result<i64> {
    id.parse().ok().filter(|number| *number > 0).ok_or(CrmError::NotFound)
}

pub fn numbers(list: &Value) -> Vec<i64> {
    list.as_array().into_iter().flatten().filter_map(Value::as_i64).collect()
}

/// The rows below a field, or the one there; they come under its name with a dot.
pub fn below<'a>(row: &'a Row, name: &str) -> Vec<&'a Row> {
    match row.get(&format!("{name}.")) {
        Some(Value::Array(rows)) => rows.iter().filter_map(Value::as_object).collect(),
        Some(Value::Object(one)) => vec![one],
        _ => Vec::new(),
    }
}

/// The record a field refers to.
pub fn of<'a>(row: &'a Row, name: &str) -> Option<&'a Row> {
    row.get(&format!("{name}."))?.as_object()
}

/// When a row was written last, in microseconds since 1970; 0: not said. `write_date` is empty until a record is changed
/// for the first time.
pub fn written(row: &Row) -> i64 {
    ["write_date", "create_date"].into_iter().filter_map(|name| micros(row.get(name)?)).max().unwrap_or_default()
}

fn micros(value: &Value) -> Option<i64> {
    let part = |name: &str| value[name].as_i64();
    let at = civil::DateTime::new(
        part("year")?.try_into().ok()?,
        part("month")?.try_into().ok()?,
        part("day")?.try_into().ok()?,
        part("hour").unwrap_or_default().try_into().ok()?,
        part("minute").unwrap_or_default().try_into().ok()?,
        part("second").unwrap_or_default().try_into().ok()?,
        0,
    );
    let at = at.ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    Some(at.as_microsecond() + part("microsecond").unwrap_or_default())
}

/// A time in UTC, of seconds since 1970.
pub fn datetime(seconds: i64) -> Value {
    let at = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(jiff::tz::TimeZone::UTC);
    json!({
        "__class__": "datetime", "year": at.year(), "month": at.month(), "day": at.day(),
        "hour": at.hour(), "minute": at.minute(), "second": at.second(), "microsecond": 0,
    })
}

/// YYYY-MM-DD of a date; empty for none.
pub fn day(row: &Row, name: &str) -> String {
    let value = row.get(name).unwrap_or(&NOTHING);
    match (value["year"].as_i64(), value["month"].as_i64(), value["day"].as_i64()) {
        (Some(year), Some(month), Some(day)) => format!("{year:04}-{month:02}-{day:02}"),
        _ => String::new(),
    }
}

/// A date of YYYY-MM-DD; null for none.
pub fn date(day: &str) -> Result<Value> {
    if day.is_empty() {
        return Ok(NOTHING);
    }
    let day: civil::Date = day.parse().map_err(|_| CrmError::Invalid("closes"))?;
    Ok(json!({ "__class__": "date", "year": day.year(), "month": day.month(), "day": day.day() }))
}

/// Hundredths of `{"__class__":"Decimal","decimal":"1234.50"}`.
pub fn hundredths(row: &Row, name: &str) -> i64 {
    let value = row.get(name).unwrap_or(&NOTHING);
    let amount = value["decimal"].as_str().and_then(|text| text.parse::<f64>().ok()).or_else(|| value.as_f64());
    (amount.unwrap_or_default() * 100.0).round() as i64
}

pub fn decimal(hundredths: i64) -> Value {
    let sign = if hundredths < 0 { "-" } else { "" };
    let amount = hundredths.unsigned_abs();
    json!({ "__class__": "Decimal", "decimal": format!("{sign}{}.{:02}", amount / 100, amount % 100) })
}

/// Text in a pattern of `like`, where `%` and `_` stand for anything.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            plain.push('\\');
        }
        plain.push(letter);
    }
    plain
}

/// Text as it is kept: no control characters, which Tryton refuses, and not endless.
pub fn cut(text: &str, most: usize) -> String {
    let kept = |letter: &char| !letter.is_control() || matches!(letter, '\n' | '\t');
    let mut short: String = text.chars().filter(kept).take(most).collect();
    if text.chars().filter(kept).nth(most).is_some() {
        short.push('…');
    }
    short
}
