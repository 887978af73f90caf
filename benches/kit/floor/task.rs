//! The floor's tasks: a boxed future that puts its result in a shared cell, and a handle that
//! awaits it.
//!
//! Two allocations a task, the future and the cell; the header is recycled once no waker holds it,
//! which is also why an old waker can never reach a new task in its slot.

use super::machine::current;
use pin_project_lite::pin_project;
use std::cell::RefCell;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// The result of a task, awaited by its spawner. A task here cannot fail.
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
    current(|machine| machine.insert(future));
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
