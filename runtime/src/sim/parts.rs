//! Parts of a whole.

/// How many of a million a part is.
///
/// # Panics
///
/// If it is not a number from 0 to 1. `name` says whose it is.
#[track_caller]
pub(super) fn of_a_million(part: f64, name: &str) -> u32 {
    assert!(
        (0.0..=1.0).contains(&part),
        "{name}: the part must be from 0 to 1, not {part}"
    );
    (part * 1_000_000.0) as u32
}
