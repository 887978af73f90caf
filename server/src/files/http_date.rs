//! Dates in header lines (RFC 9110, section 5.6.7).
//!
//! A date has three forms. Two are understood by the crate `httpdate` as they are. The third has a
//! year of two digits, `Sunday, 06-Nov-94 08:49:37 GMT`, and which century is meant depends on
//! today: no date is more than fifty years to come.

use std::time::SystemTime;

use httpdate::{fmt_http_date, parse_http_date};

/// The moment that a header line names, if it is one date.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let now = fmt_http_date(SystemTime::now());
    let this_year = now.get(12..16)?.parse().ok()?;
    match with_whole_year(text, this_year) {
        Some(whole) => parse_http_date(&whole).ok(),
        None => parse_http_date(text).ok(),
    }
}

/// The third form, in the first.
fn with_whole_year(text: &str, this_year: u32) -> Option<String> {
    const DAYS: [&str; 7] = [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ];
    let (weekday, rest) = text.split_once(", ")?;
    let (date, time) = rest.split_once(' ')?;
    let mut parts = date.splitn(3, '-');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let is_year = year.len() == 2 && year.bytes().all(|byte| byte.is_ascii_digit());
    if !is_year || !DAYS.contains(&weekday) {
        return None;
    }
    let year = whole_year(year.parse().ok()?, this_year);
    let weekday = &weekday[..3];
    Some(format!("{weekday}, {day} {month} {year:04} {time}"))
}

/// The year with these last two digits that is at most 50 years to come, and less than 50 ago.
fn whole_year(digits: u32, this_year: u32) -> u32 {
    let first = this_year.saturating_sub(49);
    first + (digits + 100 - first % 100) % 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_of_two_digits_is_near_to_this_year() {
        for (digits, this_year, year) in [
            (94, 2026, 1994),
            (26, 2026, 2026),
            (76, 2026, 2076),
            (77, 2026, 1977),
            (0, 2026, 2000),
            (3, 2098, 2103),
            (49, 2098, 2049),
            (48, 2098, 2148),
        ] {
            assert_eq!(
                whole_year(digits, this_year),
                year,
                "{digits} in {this_year}"
            );
        }
    }

    #[test]
    fn only_the_third_form_is_rewritten() {
        let rewritten = |text| with_whole_year(text, 2026);
        assert_eq!(
            rewritten("Sunday, 06-Nov-94 08:49:37 GMT").as_deref(),
            Some("Sun, 06 Nov 1994 08:49:37 GMT")
        );
        for other in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun, 06-Nov-94 08:49:37 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT",
            "Someday, 06-Nov-94 08:49:37 GMT",
            "",
        ] {
            assert_eq!(rewritten(other), None, "{other}");
        }
        assert!(parse("Sunday, 06-Nov-94 08:49:37 GMT").is_some());
        assert!(
            parse("Monday, 06-Nov-94 08:49:37 GMT").is_none(),
            "it was a Sunday"
        );
    }
}
