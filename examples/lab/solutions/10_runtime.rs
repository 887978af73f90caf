//! A solution of stage 10: all together.

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
        let deadline = self.timers.next();
        let timeout = deadline.map(|deadline| deadline.saturating_sub(clock::now()));
        let turned = self
            .doorbell
            .turn(&self.reactor, || self.executor.is_idle(), timeout);
        turned.expect("the kernel tells of events");
        self.timers.fire(clock::now());
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
    loop {
        machine.executor.round();
        if let Poll::Ready(value) = main.as_mut().poll(&mut cx) {
            machine.executor.clear();
            return value;
        }
        machine.turn();
    }
}

/// Runs both futures at the same time, in one task, and gives both outputs.
pub async fn join<A: Future, B: Future>(a: A, b: B) -> (A::Output, B::Output) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut of_a, mut of_b) = (None::<A::Output>, None::<B::Output>);
    poll_fn(move |cx| {
        if of_a.is_none()
            && let Poll::Ready(output) = a.as_mut().poll(cx)
        {
            of_a = Some(output);
        }
        if of_b.is_none()
            && let Poll::Ready(output) = b.as_mut().poll(cx)
        {
            of_b = Some(output);
        }
        match (of_a.take(), of_b.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            (a, b) => {
                (of_a, of_b) = (a, b);
                Poll::Pending
            }
        }
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
        if let Poll::Ready(output) = a.as_mut().poll(cx) {
            return Poll::Ready(Either::Left(output));
        }
        b.as_mut().poll(cx).map(Either::Right)
    })
    .await
}
