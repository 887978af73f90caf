//! The time of day, as scripts of pages read it.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970: JavaScript's `new Date(…)` takes them.
pub(crate) fn millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as u64)
}
