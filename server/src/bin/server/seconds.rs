//! Lengths of time on the command line.

use std::time::Duration;

/// A length of time, in seconds; fractions are allowed. More than zero, and a year at most.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    const YEAR: f64 = 366.0 * 86_400.0;
    match text.parse::<f64>() {
        Ok(number) if number > 0.0 && number <= YEAR => Ok(Duration::from_secs_f64(number)),
        _ => Err("give a number of seconds above 0, for example 2.5".to_owned()),
    }
}

/// As [`seconds`], and 0 is no time.
pub(crate) fn seconds_or_none(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(0.0) => Ok(Duration::ZERO),
        _ => seconds(text),
    }
}
