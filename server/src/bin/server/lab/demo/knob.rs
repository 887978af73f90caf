//! What can be set: a number within bounds.

use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::pages::Problem;

/// `value`, or `now` if there is none; refused if it is out of bounds.
pub(super) fn within<T: PartialOrd + Display>(
    name: &str,
    value: Option<T>,
    bounds: RangeInclusive<T>,
    now: T,
) -> Result<T, Problem> {
    let value = value.unwrap_or(now);
    if bounds.contains(&value) {
        return Ok(value);
    }
    let (least, most) = bounds.into_inner();
    Err(Problem::bad_request(format!(
        "{name} was {value}. Give a number from {least} to {most}."
    )))
}
