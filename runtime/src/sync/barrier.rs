//! A place where tasks wait for each other, until all have come.
//!
//! Ten clients of a load test should begin together; the second phase of a computation needs the
//! first one finished by all tasks. At a barrier for `n`, the first `n - 1` tasks wait. The last
//! one wakes them, and does not wait itself. It is the **leader**, and is told so
//! ([`BarrierWaitResult::is_leader`]): so exactly one task can tidy up between two phases. Then
//! the barrier is as new, and waits for the next `n`.
//!
//! How it can go wrong: *one that is counted goes away.* A wait that is dropped after its first
//! poll has been counted, and stays counted: the others would go on as if it had come. So it is
//! in Tokio, and there is no better answer, because the tasks that had been waiting were promised a
//! group of `n`. Do not put `wait` into a `select!`; and give the barrier no more tasks than come.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::task::{Context, Poll, Waker, ready};

use crate::base::foreign::for_each_quietly;
use crate::machine::coop;
use crate::machine::wait_list::{WaitKey, WaitList};
use crate::machine::waker_cell::{Rechecked, register};
use crate::trace::{Shared, waiting};

/// Lets tasks go on when so many have come.
///
/// ```
/// # #[runtime::main] async fn main() {
/// use runtime::sync::Barrier;
/// use std::rc::Rc;
///
/// let barrier = Rc::new(Barrier::new(3));
/// let mut tasks = Vec::new();
/// for _ in 0..3 {
///     let barrier = Rc::clone(&barrier);
///     tasks.push(runtime::spawn(async move { barrier.wait().await.is_leader() }));
/// }
/// let mut leaders = 0;
/// for task in tasks {
///     leaders += u32::from(task.await.unwrap());
/// }
/// assert_eq!(leaders, 1);
/// # }
/// ```
pub struct Barrier {
    n: usize,
    /// How many of this group have come.
    arrived: Cell<usize>,
    list: RefCell<WaitList>,
}

impl Barrier {
    /// A barrier for `n` tasks. For 0 it is as for 1: no task waits.
    pub const fn new(n: usize) -> Barrier {
        Barrier {
            n: if n == 0 { 1 } else { n },
            arrived: Cell::new(0),
            list: RefCell::new(WaitList::new()),
        }
    }

    /// Waits until `n` tasks have come here.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: from its first poll on it is counted, also if it is dropped.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let barrier = runtime::sync::Barrier::new(2);
    /// let (first, last) = runtime::join!(biased; barrier.wait(), barrier.wait());
    /// assert!(!first.is_leader() && last.is_leader());
    /// # }
    /// ```
    #[track_caller]
    pub fn wait(&self) -> impl Future<Output = BarrierWaitResult> {
        let mut arrival = Arrival {
            barrier: self,
            key: None,
            at: Location::caller(),
        };
        poll_fn(move |cx| arrival.poll(cx))
    }

    /// Whether only one is missing.
    fn lacks_one(&self) -> bool {
        self.arrived.get() + 1 >= self.n
    }

    /// Counts one more, which waits for the others.
    fn arrive(&self, waker: Rechecked) -> WaitKey {
        self.arrived.set(self.arrived.get() + 1);
        self.list.borrow_mut().push(waker)
    }

    /// The last has come, and lets all go.
    fn open(&self) {
        self.arrived.set(0);
        let wakers = self.list.borrow_mut().take_all();
        for_each_quietly(wakers, Waker::wake);
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier")
            .field("n", &self.n)
            .field("arrived", &self.arrived.get())
            .finish_non_exhaustive()
    }
}

/// Whether this was the last to come to a [`Barrier`].
#[derive(Debug, Clone)]
pub struct BarrierWaitResult(bool);

impl BarrierWaitResult {
    /// True for one of each group: the last to come.
    pub fn is_leader(&self) -> bool {
        self.0
    }
}

/// One wait, from before it is counted to the end.
struct Arrival<'a> {
    barrier: &'a Barrier,
    /// The place in the line, once it has been counted.
    key: Option<WaitKey>,
    at: &'static Location<'static>,
}

impl Arrival<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<BarrierWaitResult> {
        let budget = ready!(coop::poll_proceed(cx));
        let polled = self.come_or_stay(cx);
        let number = || self.barrier.list.borrow().number().tell();
        waiting(polled.is_pending(), Shared::Barrier, number, self.at);
        if polled.is_ready() {
            budget.made_progress();
        }
        polled
    }

    fn come_or_stay(&mut self, cx: &Context<'_>) -> Poll<BarrierWaitResult> {
        match self.key {
            None => self.come(cx),
            Some(key) => self.stay(key, cx),
        }
    }

    fn come(&mut self, cx: &Context<'_>) -> Poll<BarrierWaitResult> {
        let barrier = self.barrier;
        // It waits unless it is the last; who that is depends on what the clone does.
        let is_last = || barrier.lacks_one().then_some(());
        if !barrier.lacks_one() {
            ready!(register(cx.waker(), is_last, |waker| {
                self.key = Some(barrier.arrive(waker));
                None
            }));
        }
        barrier.open();
        Poll::Ready(BarrierWaitResult(true))
    }

    fn stay(&mut self, key: WaitKey, cx: &Context<'_>) -> Poll<BarrierWaitResult> {
        let list = &self.barrier.list;
        let is_over = || (!list.borrow().contains(key)).then_some(());
        if is_over().is_none() {
            ready!(register(cx.waker(), is_over, |waker| {
                Some(list.borrow_mut().replace(key, waker))
            }));
        }
        self.key = None;
        Poll::Ready(BarrierWaitResult(false))
    }
}

impl Drop for Arrival<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            let _waker = self.barrier.list.borrow_mut().remove(key);
        }
    }
}
