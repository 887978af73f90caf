//! Lengths of time on the command line.

use std::time::Duration;

/// A length of time, in seconds; fractions are allowed. More than zero, and a year at most.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    const YEAR: f64 = 366.0 * 86_400.0;
    match text.parse::<f64>() {
        Ok(number) if number > 0.0 && number <= YEAR => Ok(Duration::from_secs_f64(number)),
        _ => Err(format!(
            "give a number of seconds above 0, and a year ({YEAR}) at most, for example 2.5"
        )),
    }
}

/// As [`seconds`], and 0 is no time.
pub(crate) fn seconds_or_none(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(0.0) => Ok(Duration::ZERO),
        _ => seconds(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_above_zero_and_a_year_at_most() {
        assert_eq!(seconds("2.5"), Ok(Duration::from_millis(2500)));
        assert_eq!(seconds("31622400"), Ok(Duration::from_secs(31_622_400)));
        for text in ["0", "-1", "1e18", "NaN", "inf", ""] {
            let why = seconds(text).unwrap_err();
            assert!(why.contains("a year (31622400) at most"), "{why}");
        }
        assert_eq!(seconds_or_none("0"), Ok(Duration::ZERO));
        seconds_or_none("-0.1").unwrap_err();
    }
}
