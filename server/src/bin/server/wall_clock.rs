//! The time of day, as scripts of pages read it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970: JavaScript's `new Date(…)` takes them.
pub(crate) fn millis() -> u64 {
    since_1970().as_millis() as u64
}

fn since_1970() -> Duration {
    #[cfg(test)]
    if let Some(since) = runtime::sim::since_epoch() {
        return since;
    }
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default()
}
