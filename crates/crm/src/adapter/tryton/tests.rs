//! Values as they travel.

use super::value;
use serde_json::json;

#[test]
fn amounts_and_patterns_lose_nothing() {
    for (hundredths, text) in [(123_450, "1234.50"), (-5, "-0.05"), (0, "0.00"), (i64::from(i32::MAX), "21474836.47")] {
        let decimal = value::decimal(hundredths);
        assert_eq!(decimal["decimal"], text);
        let row = json!({ "amount": decimal });
        assert_eq!(value::hundredths(row.as_object().unwrap(), "amount"), hundredths);
    }
    assert_eq!(value::plain("50%_off\\x@a.example"), "50\\%\\_off\\\\x@a.example");
    assert_eq!(value::cut("a\u{0}b\ncd", 4), "ab\nc…");
}

#[test]
fn a_record_that_was_never_changed_was_written_when_it_was_made() {
    let made = value::datetime(1_790_000_000);
    let row = json!({ "write_date": null, "create_date": made });
    assert_eq!(value::written(row.as_object().unwrap()), 1_790_000_000_000_000);
    let row = json!({ "write_date": value::datetime(1_800_000_000), "create_date": made });
    assert_eq!(value::written(row.as_object().unwrap()), 1_800_000_000_000_000);
}
