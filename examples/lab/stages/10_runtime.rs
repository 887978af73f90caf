//! # Stage 10 of 10: all together
//!
//! The pieces of stages 5 to 9 make a whole runtime: tasks, join handles, timers, sockets, wakes from other
//! threads. What is missing is **the loop**: poll what is ready, take a turn of the driver (sleep until an event,
//! the next deadline, or a wake from outside), fire the timers, and again.
//!
//! "Poll what is ready" means one *round*: what is on the queue now. A task that always wakes itself would
//! otherwise keep the loop from its timers and sockets for ever.
//!
//! And two futures that hold others: `join` waits for both, `select` for the one that is ready first. Both poll
//! their children inside the one task that awaits them.
//!
//! When it is right, the program of `examples/tiny_runtime.rs` runs on it, letter by letter.
//!
//! Write the four holes. Read stops 3, 6 and 13 of NOTES.md.

use lab::clock;
use lab::solutions::s05::Executor;
use lab::solutions::s06::{self, JoinHandle};
use lab::solutions::s07::{Sleep, Timers};
pub use lab::solutions::s08::Async;
use lab::solutions::s08::Reactor;
use lab::solutions::s09::Doorbell;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// The machine of one thread.
struct Machine {
    executor: Executor,
    timers: Rc<Timers>,
    reactor: Rc<Reactor>,
    doorbell: Arc<Doorbell>,
}

thread_local!(static MACHINE: Rc<Machine> = {
    let reactor = Reactor::here();
    let doorbell = Doorbell::of(&reactor).expect("the kernel has an eventfd for us");
    let bell = doorbell.clone();
    let executor = Executor::with_bell(move || bell.ring());
    Rc::new(Machine { executor, timers: Rc::default(), reactor, doorbell })
});

impl Machine {
    fn here() -> Rc<Machine> {
        MACHINE.with(Rc::clone)
    }

    /// One turn of the driver: sleeps until an event, the next deadline, or a wake from outside; not at all if a
    /// task is ready. Then fires the timers whose time has come.
    fn turn(&self) {
        todo!(
            "the machine's turn: the timeout is the time from `clock::now()` to the first \
             deadline (`saturating_sub`), or None. Call `self.doorbell.turn` with it, and with \
             what says whether the executor is idle. Then fire the timers"
        )
    }
}

/// Makes a task of a future, and a handle that waits for its value.
#[track_caller]
pub fn spawn<T: 'static>(future: impl Future<Output = T> + 'static) -> JoinHandle<T> {
    s06::spawn(&Machine::here().executor, future)
}

/// Ready when so much time has passed.
#[track_caller]
pub fn sleep(duration: Duration) -> Sleep {
    Machine::here().timers.sleep(duration)
}

/// How many tasks there are, and how many sleeps wait.
pub fn left() -> (usize, usize) {
    let machine = Machine::here();
    (machine.executor.tasks(), machine.timers.waiting())
}

/// Runs a future, and the tasks that it spawns, until the future is ready. The tasks that are left are dropped.
pub fn block_on<T: 'static>(future: impl Future<Output = T> + 'static) -> T {
    let machine = Machine::here();
    let mut main = pin!(spawn(future));
    let mut cx = Context::from_waker(Waker::noop());
    todo!(
        "block_on: in a loop: poll one round of the executor (`machine.executor.round()`). If \
         `main` is ready, drop the tasks that are left (`machine.executor.clear()`) and return \
         its value. Otherwise take a turn"
    )
}

/// Runs both futures at the same time, in one task, and gives both outputs.
pub async fn join<A: Future, B: Future>(a: A, b: B) -> (A::Output, B::Output) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut of_a, mut of_b) = (None::<A::Output>, None::<B::Output>);
    poll_fn(move |cx| {
        todo!(
            "join's poll: poll `a` if `of_a` is None, and `b` if `of_b` is None (one that has \
             said Ready must not be polled again). Keep their outputs. When both are there, be \
             ready with the two"
        )
    })
    .await
}

/// The output of the future that was ready first.
#[derive(Debug, PartialEq, Eq)]
pub enum Either<A, B> {
    /// It was the first.
    Left(A),
    /// It was the second.
    Right(B),
}

/// Runs both futures until one is ready, and drops the other. If both are ready, the first one wins.
pub async fn select<A: Future, B: Future>(a: A, b: B) -> Either<A::Output, B::Output> {
    let (mut a, mut b): (Pin<Box<A>>, Pin<Box<B>>) = (Box::pin(a), Box::pin(b));
    poll_fn(move |cx| {
        todo!(
            "select's poll: poll `a`, and if it is pending, `b`. The first that is ready is the \
             answer"
        )
    })
    .await
}
