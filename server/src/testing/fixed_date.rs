//! The `Date` of responses in tests: it begins at a fixed moment and goes with the runtime's
//! clock. So two runs of a test give the same bytes.

use std::cell::Cell;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use runtime::time::Instant;

use crate::h1::codec::date::{DateLine, set_wall};
use crate::h1::conn::scratch::scratch;

thread_local! {
    static USERS: Cell<usize> = const { Cell::new(0) };
}

/// While one of these is alive, the dates of this thread's responses are fixed.
pub(super) struct FixedDate(());

impl FixedDate {
    pub(super) fn new() -> Self {
        let others = USERS.replace(USERS.get() + 1);
        if others == 0 {
            set(Some((Instant::now(), moment())));
        }
        FixedDate(())
    }
}

impl Drop for FixedDate {
    fn drop(&mut self) {
        // On a thread that ends, the values of the thread may be gone.
        let left = USERS.try_with(|users| {
            users.set(users.get() - 1);
            users.get()
        });
        if left == Ok(0) {
            set(None);
        }
    }
}

fn set(wall: Option<(Instant, SystemTime)>) {
    set_wall(wall);
    scratch().date = DateLine::new();
}

/// Sun, 06 Nov 1994 08:49:37 GMT: the example of RFC 9110, section 5.6.7.
fn moment() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(784_111_777)
}
