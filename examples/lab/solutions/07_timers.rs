//! A solution of stage 7: `sleep`.

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
        let waiting = self.waiting.borrow();
        let (key, _) = waiting.first_key_value()?;
        Some(key.0)
    }

    /// Wakes the sleeps whose deadline is not later than `now`, in the order of their deadlines.
    pub fn fire(&self, now: Duration) {
        let mut fired: Vec<Waker> = Vec::new();
        while self.next().is_some_and(|deadline| deadline <= now) {
            let first = self.waiting.borrow_mut().pop_first();
            let Some(((_, number), waker)) = first else {
                break;
            };
            told(Deed::Fires, number);
            fired.push(waker);
        }
        for waker in fired {
            waker.wake();
        }
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
        if clock::now() >= deadline {
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        let older = self.timers.waiting.borrow_mut().insert(self.key, waker);
        drop(older);
        told(deed, number);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let waker = self.timers.waiting.borrow_mut().remove(&self.key);
        drop(waker);
    }
}

/// Runs until no task is ready and no sleep waits.
pub fn run(executor: &Executor, timers: &Timers) {
    loop {
        executor.run();
        let Some(deadline) = timers.next() else {
            return;
        };
        thread::park_until(deadline);
        timers.fire(clock::now());
    }
}
