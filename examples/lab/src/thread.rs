//! `std::thread`, as far as the stages use it: `current`, `park`, `Thread::unpark`.
//!
//! A thread has a **token**. `unpark` gives it the token and ends its sleep. `park` takes the token if it is
//! there, and sleeps if it is not. So an `unpark` that comes before the `park` is not lost.
//!
//! A check may play the world around the thread: it says what happens while the thread is parked. When that is
//! used up, and the thread parks without a token, it would sleep for ever, and the check says so.

use crate::account::note;
use crate::examiner::fail;
use crate::told::{Deed, told};
use crate::{clock, examiner, kernel};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A handle to a thread. Any thread may hold it.
#[derive(Clone, Debug)]
pub struct Thread {
    token: Arc<AtomicBool>,
    real: std::thread::Thread,
}

impl Thread {
    /// Gives the thread its token, and ends its sleep.
    pub fn unpark(&self) {
        note("the thread is unparked");
        let hook = UNPARKED.take();
        if let Some(hook) = hook {
            hook();
        }
        self.token.store(true, Ordering::Release);
        self.real.unpark();
    }
}

/// One thing that happens while the thread is parked.
pub enum Step {
    /// The thread returns from `park` without a reason. The operating system may do that.
    Spurious,
    /// This happens, on this thread.
    Do(Box<dyn FnOnce()>),
}

impl Step {
    /// `deed` happens.
    pub fn run(deed: impl FnOnce() + 'static) -> Step {
        Step::Do(Box::new(deed))
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::Spurious => "Spurious",
            Step::Do(_) => "Do",
        })
    }
}

type Hook = Box<dyn FnOnce()>;

thread_local! {
    static ME: Thread = Thread { token: Arc::default(), real: std::thread::current() };
    /// What the check has in store; `None`: the thread is a real one.
    static WORLD: RefCell<Option<VecDeque<Step>>> = const { RefCell::new(None) };
    static UNPARKED: Cell<Option<Hook>> = const { Cell::new(None) };
    static PARKS: Cell<usize> = const { Cell::new(0) };
}

/// The thread that calls.
pub fn current() -> Thread {
    ME.with(Thread::clone)
}

/// From now on the check plays the world around this thread.
pub fn play(steps: impl IntoIterator<Item = Step>) {
    WORLD.set(Some(steps.into_iter().collect()));
}

/// `hook` is called at the next `unpark` on this thread, before the token is given.
pub fn at_unpark(hook: impl FnOnce() + 'static) {
    UNPARKED.set(Some(Box::new(hook)));
}

/// How often this thread has been parked.
pub fn parks() -> usize {
    PARKS.get()
}

/// Sleeps until the thread has its token, and takes it.
pub fn park() {
    PARKS.set(PARKS.get() + 1);
    told(Deed::Parks, 0);
    let token = current().token;
    while !token.swap(false, Ordering::Acquire) {
        let step = WORLD.with_borrow_mut(|world| world.as_mut().map(VecDeque::pop_front));
        match step {
            None => kernel::asleep(std::thread::park),
            Some(Some(Step::Do(deed))) => deed(),
            Some(Some(Step::Spurious)) => {
                note("the thread is back without a reason: the operating system may do that");
                return;
            }
            Some(None) => fail(&format!(
                "Your thread sleeps for ever: nothing is left that could unpark it. {}",
                examiner::what_a_hang_means()
            )),
        }
    }
    told(Deed::Unparks, 0);
}

/// Sleeps until the clock shows `deadline`. (`std::thread::park_timeout` does so, with a duration.)
pub fn park_until(deadline: Duration) {
    PARKS.set(PARKS.get() + 1);
    if deadline <= clock::now() {
        note("machine: the thread does not sleep, as the clock shows that deadline already");
        return;
    }
    told(Deed::Parks, 0);
    if clock::is_made() {
        clock::advance(deadline.saturating_sub(clock::now()));
        note(format!("the clock shows {} ms", clock::now().as_millis()));
    } else {
        kernel::asleep(|| std::thread::park_timeout(deadline.saturating_sub(clock::now())));
    }
    told(Deed::Unparks, 0);
}
