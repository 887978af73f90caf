//! A timeout.
//!
//! `timeout` is a race between a future and a clock. Here the future is too slow: it is dropped,
//! and the caller gets an error instead of a value.

use super::named;
use runtime::time::{Duration, sleep, timeout};

pub(crate) const WATCH: &str = "Level and slot. The work would take an hour: its timer hangs on a \
    high level of the wheel, where one slot is minutes wide. The timeout's hangs low. When \
    the low one fires the task goes on, and the high one is taken out.";

pub(crate) fn start() {
    drop(named("impatient", impatient()));
}

async fn impatient() -> bool {
    let work = sleep(Duration::from_secs(3600));
    timeout(Duration::from_millis(50), work).await.is_err()
}
