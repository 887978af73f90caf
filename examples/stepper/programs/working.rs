//! A job on another thread, and how its end is heard of.
//!
//! Work that computes for long, or that waits in the operating system, would hold up every task
//! of the thread. So it is given to another thread, as a *job*. A task can wait for a job as for
//! another task; what the job's thread sends home, through the inbox, is no more than its number.

use super::named;
use runtime::task::spawn_blocking;
use std::thread;
use std::time::Duration;

pub(crate) const WATCH: &str = "The thread parks, without a limit, while another thread works for \
    it. Then the inbox is emptied, with one result in it: the job has ended, and that wakes the \
    task. The other thread itself is never seen: all events here happen on the runtime's own thread.";

pub(crate) fn start() {
    drop(named("client", client()));
}

async fn client() -> u32 {
    let job = spawn_blocking(|| {
        thread::sleep(Duration::from_millis(20)); // its work
        6 * 7
    });
    job.await.unwrap_or(0)
}
