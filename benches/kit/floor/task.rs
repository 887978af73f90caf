//! The floor's tasks: a boxed future that puts its result in a shared cell, and a header that
//! wakers hold.
//!
//! Two allocations a task, the future and the cell; the header is recycled once no waker holds it,
//! which is also why an old waker can never reach a new tenant of its slot.

use super::executor::{Inbox, Machine, current, if_running};
use futures_task::{ArcWake, waker_ref};
use pin_project_lite::pin_project;
use std::cell::RefCell;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{
    AtomicBool, AtomicUsize,
    Ordering::{AcqRel, Relaxed},
};
use std::task::{Context, Poll, Waker};

/// A spawned future and its header. Used again for another one when it has ended.
pub(super) struct Task {
    future: Option<Pin<Box<dyn Future<Output = ()>>>>,
    pub(super) header: Arc<Header>,
}

/// What a waker knows: which task of which machine, and whether it is on its way already.
///
/// There are two flags, because the owner thread must not pay for the others. `queued` belongs to
/// the owner alone and is never more than a plain store. `posted` is for the other threads, and
/// its both ends are swaps: a caller that finds it set has, by that very swap, made its news
/// visible to the owner's swap that clears it, and the owner polls after that.
pub(super) struct Header {
    key: AtomicUsize,
    queued: AtomicBool,
    posted: AtomicBool,
    home: u64,
    inbox: Arc<Inbox>,
}

/// The result of a task, awaited by whoever spawned it. A task here cannot fail.
pub(crate) struct JoinHandle<T>(Rc<RefCell<Joint<T>>>);

/// What a task and its handle share.
struct Joint<T> {
    output: Option<T>,
    waiter: Option<Waker>,
}

pin_project! {
    /// The spawned future with the place for its result: what a task polls.
    struct Running<F: Future> {
        #[pin]
        future: F,
        joint: Rc<RefCell<Joint<F::Output>>>,
    }
}

/// Starts a task; it runs when the spawner gives the thread back.
pub(crate) fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let joint = Rc::new(RefCell::new(Joint {
        output: None,
        waiter: None,
    }));
    let future = Box::pin(Running {
        future,
        joint: Rc::clone(&joint),
    });
    current(|machine| insert(machine, future));
    JoinHandle(joint)
}

impl<F: Future> Future for Running<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let Poll::Ready(output) = this.future.poll(cx) else {
            return Poll::Pending;
        };
        let waiter = {
            let mut joint = this.joint.borrow_mut();
            joint.output = Some(output);
            joint.waiter.take()
        };
        waiter.into_iter().for_each(Waker::wake);
        Poll::Ready(())
    }
}

/// Lets every task that is ready now run first.
pub(crate) async fn yield_now() {
    crate::kit::work::breathe().await;
}

/// Puts the task in the slab and its key in the queue.
fn insert(machine: &Machine, future: Pin<Box<dyn Future<Output = ()>>>) {
    let mut tasks = machine.tasks.borrow_mut();
    let entry = tasks.vacant_entry();
    let key = entry.key();
    let spare = machine.spare.borrow_mut().pop();
    let mut task = spare.unwrap_or_else(|| {
        let header = machine.header(key);
        Box::new(Task {
            future: None,
            header,
        })
    });
    task.header.key.store(key, Relaxed);
    task.header.queued.store(true, Relaxed);
    task.future = Some(future);
    entry.insert(Some(task));
    machine.queue.borrow_mut().push_back(key);
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut joint = self.0.borrow_mut();
        if let Some(output) = joint.output.take() {
            return Poll::Ready(Ok(output));
        }
        joint.waiter = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Task {
    pub(super) fn poll(&mut self) -> Poll<()> {
        let waker = waker_ref(&self.header);
        match &mut self.future {
            Some(future) => future.as_mut().poll(&mut Context::from_waker(&waker)),
            None => Poll::Ready(()),
        }
    }

    /// Drops the future.
    pub(super) fn clear(&mut self) {
        self.future = None;
    }
}

impl Header {
    pub(super) fn new(key: usize, home: u64, inbox: Arc<Inbox>) -> Self {
        Self {
            key: AtomicUsize::new(key),
            queued: AtomicBool::new(false),
            posted: AtomicBool::new(false),
            home,
            inbox,
        }
    }

    /// Puts the key into the owner's queue, unless it is there.
    pub(super) fn enqueue(&self, machine: &Machine) {
        if !self.queued.load(Relaxed) {
            self.queued.store(true, Relaxed);
            machine.queue.borrow_mut().push_back(self.key.load(Relaxed));
        }
    }

    /// The owner has this header out of the inbox: the next wake from outside counts again.
    pub(super) fn unpost(&self) {
        self.posted.swap(false, AcqRel);
    }

    /// The task is about to be polled: the next wake of the owner's counts again.
    pub(super) fn unqueue(&self) {
        self.queued.store(false, Relaxed);
    }
}

impl ArcWake for Header {
    fn wake_by_ref(header: &Arc<Self>) {
        let at_home = if_running(|machine| {
            let at_home = machine.number == header.home;
            if at_home {
                header.enqueue(machine);
            }
            at_home
        });
        if at_home != Some(true) && !header.posted.swap(true, AcqRel) {
            header.inbox.push(Arc::clone(header));
        }
    }
}
