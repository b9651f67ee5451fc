//! Days as people write them.

use jiff::{ToSpan as _, Zoned, civil::Date};

/// From and to (not included) in seconds since 1970, by the clock's own time zone, of a day, a month or a year:
/// `2026-01-31`, `2026/1/31`, `20260131`, `31.01.2026`, `31.1.26`, `31/1/2026`, `31.1` (the last one), `2026-01`, `1.2026`,
/// `2026`; back from now: `7d`, `2w`, `3m`, `1y`; today and yesterday, also as the six languages have it.
pub(super) fn span(text: &str, now: &Zoned) -> Option<(i64, i64)> {
    let text = text.trim().trim_end_matches('.').to_lowercase();
    let today = now.date();
    let (begin, end) = days(&text, today)?;
    let seconds = |date: Date| Some(date.to_zoned(now.time_zone().clone()).ok()?.timestamp().as_second());
    Some((seconds(begin)?, seconds(end)?))
}

fn days(text: &str, today: Date) -> Option<(Date, Date)> {
    let day = |date: Date| Some((date, date.checked_add(1.day()).ok()?));
    match text {
        "today" | "idag" | "i dag" | "heute" | "vandaag" => return day(today),
        "yesterday" | "igår" | "i går" | "gestern" | "gisteren" => return day(today.yesterday().ok()?),
        _ => {}
    }
    if let Some(begin) = ago(text, today) {
        return Some((begin, begin.checked_add(1.day()).ok()?));
    }
    let parts: Vec<&str> = text.split(['-', '.', '/']).collect();
    if !parts.iter().all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let number = |at: usize| parts[at].parse::<i32>().ok();
    let date = |year: i32, month: i32, day: i32| {
        Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    };
    let month = |year: i32, month: i32| {
        let begin = date(year, month, 1)?;
        Some((begin, begin.checked_add(1.month()).ok()?))
    };
    let four = |at: usize| parts[at].len() == 4;
    match parts.len() {
        1 if four(0) => {
            let begin = date(number(0)?, 1, 1)?;
            Some((begin, begin.checked_add(1.year()).ok()?))
        }
        1 if parts[0].len() == 8 => {
            let all = number(0)?;
            day(date(all / 10_000, all / 100 % 100, all % 100)?)
        }
        2 if four(0) => month(number(0)?, number(1)?),
        2 if four(1) => month(number(1)?, number(0)?),
        // Without a year: the last one that is not to come.
        2 => {
            let this = date(today.year().into(), number(1)?, number(0)?)?;
            day(if this > today { this.checked_sub(1.year()).ok()? } else { this })
        }
        3 if four(0) => day(date(number(0)?, number(1)?, number(2)?)?),
        3 if four(2) => day(date(number(2)?, number(1)?, number(0)?)?),
        3 if parts[2].len() == 2 => day(date(2000 + number(2)?, number(1)?, number(0)?)?),
        _ => None,
    }
}

fn ago(text: &str, today: Date) -> Option<Date> {
    let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let count = count.parse::<i64>().ok().filter(|count| *count < 10_000)?;
    let span = match unit {
        "d" => count.days(),
        "w" => count.weeks(),
        "m" => count.months(),
        "y" => count.years(),
        _ => return None,
    };
    today.checked_sub(span).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_write_them() {
        let today = Date::constant(2026, 3, 18);
        let of = |text: &str| {
            days(text, today).map(|(begin, end)| format!("{begin}+{}", begin.until(end).expect("days").get_days()))
        };
        for text in ["2026-01-31", "2026/1/31", "20260131", "31.01.2026", "31.1.26", "31/1/2026", "31-1-2026", "31.1"] {
            assert_eq!(of(text).as_deref(), Some("2026-01-31+1"), "{text}");
        }
        for (text, wanted) in [
            ("2024-02", Some("2024-02-01+29")),
            ("2.2026", Some("2026-02-01+28")),
            ("2025", Some("2025-01-01+365")),
            ("24.12", Some("2025-12-24+1")),
            ("7d", Some("2026-03-11+1")),
            ("2w", Some("2026-03-04+1")),
            ("1m", Some("2026-02-18+1")),
            ("1y", Some("2025-03-18+1")),
            ("i går", Some("2026-03-17+1")),
            ("31.2.2026", None),
            ("2026-13-01", None),
            ("", None),
            ("d", None),
            ("soon", None),
            ("99999999999d", None),
            ("-1", None),
            ("20261", None),
        ] {
            assert_eq!(of(text).as_deref(), wanted, "{text}");
        }
    }
}
