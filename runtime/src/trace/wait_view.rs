//! A wait as it is told: what for, and at which line; and which of several waits held a task up.

use super::{Cause, Place, Wait};

/// A thing that a task waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct WaitView {
    /// What has the waker.
    pub on: Wait,
    /// The line of the program that made the wait, where it is known.
    pub at: Option<Place>,
}

impl WaitView {
    /// A wait, and the line of the program that made it.
    pub const fn new(on: Wait, at: Option<Place>) -> WaitView {
        WaitView { on, at }
    }

    /// Of all that a task waits for, what has ended when it is woken, if the cause of the wake says so. A timer,
    /// a source, a job, a task are named by it. A task that gives back a lock or sends a message wakes, too,
    /// and then the thing is not named: it is the first that tasks share.
    ///
    /// ```
    /// use runtime::trace::{Cause, Shared, Wait, WaitView};
    ///
    /// let timer = WaitView::new(Wait::Timer(3), None);
    /// let mutex = WaitView::new(Wait::Shared(Shared::Mutex, 1), None);
    /// assert_eq!(WaitView::ended_by(&[timer, mutex], Cause::Timer(3)), Some(&timer));
    /// assert_eq!(WaitView::ended_by(&[timer, mutex], Cause::Task(2)), Some(&mutex));
    /// assert_eq!(WaitView::ended_by(&[timer, mutex], Cause::Job(1)), None);
    /// ```
    pub fn ended_by(waits: &[WaitView], by: Cause) -> Option<&WaitView> {
        let named = |wait: &&WaitView| match (wait.on, by) {
            (Wait::Timer(one), Cause::Timer(other)) => one == other,
            (Wait::Source(one, side), Cause::Source(other, which)) => (one, side) == (other, which),
            (Wait::Job(one), Cause::Job(other)) => one == other,
            (Wait::Task(one), Cause::Task(other)) => one == other,
            _ => false,
        };
        let may_be = |wait: &&WaitView| {
            let is_shared = matches!(wait.on, Wait::Shared(..));
            is_shared && matches!(by, Cause::Task(_) | Cause::Outside | Cause::Owner)
        };
        let ended = waits.iter().find(named);
        ended.or_else(|| waits.iter().find(may_be))
    }

    /// Of all that a task waits for at once, what holds it up: the one that has [ended](WaitView::ended_by), if
    /// the task was woken and the cause is known. Otherwise a thing that tasks share before a task or a job,
    /// that before a timer, and a timer before a source.
    ///
    /// ```
    /// use runtime::trace::{Cause, Shared, Wait, WaitView};
    ///
    /// let timer = WaitView::new(Wait::Timer(3), None);
    /// let mutex = WaitView::new(Wait::Shared(Shared::Mutex, 1), None);
    /// assert_eq!(WaitView::holding_up(&[timer, mutex], None), Some(&mutex));
    /// assert_eq!(WaitView::holding_up(&[timer, mutex], Some(Cause::Timer(3))), Some(&timer));
    /// ```
    pub fn holding_up(waits: &[WaitView], by: Option<Cause>) -> Option<&WaitView> {
        let rank = |wait: &&WaitView| match wait.on {
            Wait::Shared(..) => 0,
            Wait::Job(_) | Wait::Task(_) => 1,
            Wait::Timer(_) => 2,
            Wait::Source(..) => 3,
        };
        let ended = by.and_then(|by| WaitView::ended_by(waits, by));
        ended.or_else(|| waits.iter().min_by_key(rank))
    }
}
