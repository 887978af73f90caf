//! A solution of stage 6: join handles.

pub use lab::solutions::s05::Executor;
use lab::told::{Deed, told};
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// What the task and its handle share.
struct JoinCell<T> {
    value: Option<T>,
    joiner: Option<Waker>,
}

/// Ready when the task has ended, with its value. Dropping it does not end the task.
pub struct JoinHandle<T>(Rc<RefCell<JoinCell<T>>>);

/// Makes a task of a future, and a handle that waits for its value.
#[track_caller]
pub fn spawn<T: 'static>(
    executor: &Executor,
    future: impl Future<Output = T> + 'static,
) -> JoinHandle<T> {
    let cell = Rc::new(RefCell::new(JoinCell {
        value: None,
        joiner: None,
    }));
    let handle = JoinHandle(cell.clone());
    executor.spawn(async move {
        let value = future.await;
        finish(&cell, value);
    });
    handle
}

/// The task has ended.
fn finish<T>(cell: &RefCell<JoinCell<T>>, value: T) {
    let mut shared = cell.borrow_mut();
    shared.value = Some(value);
    let joiner = shared.joiner.take();
    drop(shared);
    if let Some(joiner) = joiner {
        joiner.wake();
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let value = self.0.borrow_mut().value.take();
        if let Some(value) = value {
            return Poll::Ready(value);
        }
        let waker = cx.waker().clone();
        let older = self.0.borrow_mut().joiner.replace(waker);
        drop(older);
        told(Deed::Joins, 0);
        Poll::Pending
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        let joiner = self.0.borrow_mut().joiner.take();
        drop(joiner);
    }
}
