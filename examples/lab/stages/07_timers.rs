//! # Stage 7 of 10: sleep
//!
//! A task that sleeps leaves its waker with a deadline. All deadlines lie in one place, in order, and the thread
//! parks until the *first* of them. Then the timers whose time has come **fire**: their wakers are called.
//!
//! The place is a `BTreeMap`, whose key is the deadline and a number (two sleeps may have one deadline). Its first
//! entry is the next to fire. A heap would do that as well, but a sleep can be dropped before its time, and then it
//! must leave nothing behind: a map can remove an entry in its middle.
//!
//! Time is what `lab::clock::now()` says: a duration since the beginning. In the check this clock stands still
//! while the machine works, and jumps when the thread parks.
//!
//! Write the five holes. Read stops 9 and 10 of NOTES.md. (The crate has a timer wheel in place of the map.)

pub use lab::solutions::s05::Executor;
use lab::told::{Deed, told};
use lab::{clock, thread};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// A deadline, and a number that makes it unique.
type Key = (Duration, usize);

/// The sleeps that wait.
#[derive(Default)]
pub struct Timers {
    waiting: RefCell<BTreeMap<Key, Waker>>,
    next_number: Cell<usize>,
}

impl Timers {
    /// A future that is ready when so much time has passed from now on.
    #[track_caller]
    pub fn sleep(self: &Rc<Self>, duration: Duration) -> Sleep {
        let number = self.next_number.replace(self.next_number.get() + 1);
        let key = (clock::now() + duration, number);
        Sleep {
            timers: self.clone(),
            key,
            line: Location::caller(),
        }
    }

    /// The first deadline.
    pub fn next(&self) -> Option<Duration> {
        todo!(
            "next: the deadline of the first entry of the map, if there is one \
             (`first_key_value`)"
        )
    }

    /// Wakes the sleeps whose deadline is not later than `now`, in the order of their deadlines.
    pub fn fire(&self, now: Duration) {
        let mut fired: Vec<Waker> = Vec::new();
        todo!(
            "fire: take the first entry out of the map (`pop_first`) as long as its deadline has \
             come, and collect the wakers in `fired`. (For the account: \
             `told(Deed::Fires, number)`.) When nothing is borrowed any more, wake them all"
        )
    }

    /// How many sleeps wait.
    pub fn waiting(&self) -> usize {
        self.waiting.borrow().len()
    }
}

/// Ready at its deadline.
pub struct Sleep {
    timers: Rc<Timers>,
    key: Key,
    line: &'static Location<'static>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let (deadline, number) = self.key;
        let deed = Deed::Sleeps(self.line, deadline.as_millis() as u64);
        todo!(
            "the sleep's poll: ready if `clock::now()` is at the deadline or past it. Otherwise \
             put the waker of this poll into the map under `self.key`, in place of an older one \
             (`insert` gives that one: drop it when nothing is borrowed any more), and be \
             pending. (For the account: `told(deed, number)`.)"
        )
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        todo!(
            "the sleep's drop: take its entry out of the map, and drop the waker when nothing is \
             borrowed any more"
        )
    }
}

/// Runs until no task is ready and no sleep waits.
pub fn run(executor: &Executor, timers: &Timers) {
    todo!(
        "run: `executor.run()` polls all that is ready. If no sleep waits then, return. Otherwise \
         `thread::park_until` the first deadline, fire what is due at `clock::now()`, and begin \
         again"
    )
}
