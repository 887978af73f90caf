//! The poll that is under way, told to the program itself.
//!
//! A [snapshot](super::Snapshot) shows the whole machine. A layer around a handler wants less: what has *this*
//! task come to wait for, and who has woken it? The observer knows both, and this asks it.

use super::switch::{is_observed, with_current};
use super::{Cause, WaitView};

/// What is known of the poll that is under way; from [`polled`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Polled {
    /// The task, by its number.
    pub task: u64,
    /// Who has woken the task last.
    pub woken_by: Option<Cause>,
    /// What the poll has come to wait for so far.
    pub waits: Vec<WaitView>,
}

/// The poll that is under way on this thread. `None` outside of a poll, and while the runtime is not observed; that
/// costs one test of a flag.
///
/// ```
/// use runtime::runtime::Builder;
/// use runtime::trace::{Wait, polled};
/// use std::future::{Future, poll_fn};
/// use std::pin::pin;
/// use std::time::Duration;
///
/// let runtime = Builder::new_current_thread().enable_all().start_paused(true).build()?;
/// assert_eq!(polled(), None);
/// runtime.trace().observe();
/// runtime.block_on(async {
///     let mut sleep = pin!(runtime::time::sleep(Duration::from_secs(1)));
///     poll_fn(|cx| {
///         let answer = sleep.as_mut().poll(cx);
///         if answer.is_pending() {
///             assert!(matches!(polled().unwrap().waits[0].on, Wait::Timer(_)));
///         }
///         answer
///     })
///     .await;
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
#[inline]
pub fn polled() -> Option<Polled> {
    match is_observed() {
        true => ask(),
        false => None,
    }
}

#[cold]
fn ask() -> Option<Polled> {
    let mut polled = None;
    with_current(|switch| {
        let observer = switch.observer();
        polled = observer.polled().map(|task| {
            let (woken_by, waits) = observer.poll_of(task);
            Polled {
                task,
                woken_by,
                waits,
            }
        });
    });
    polled
}
