//! # Stage 6 of 10: join handles
//!
//! A task of stage 5 gives no value. Now `spawn` gives a **join handle**: a future that is ready when the task has
//! ended, with its value. The task and the handle share a cell. The task puts its value in and wakes the **joiner**,
//! the task that awaits the handle. The joiner has left its waker in the cell.
//!
//! Three rules, and each future of this kind has them:
//!
//! - Each poll leaves the *newest* waker: a handle may be moved to another task, which then waits for it.
//! - Call a waker, and drop one, only when the cell is not borrowed. A waker is code that you do not know. It may
//!   poll the handle at once, or run the task.
//! - A future that is dropped leaves nothing behind. A handle that is dropped takes its waker along. (The task runs
//!   on.)
//!
//! Write the three holes. Read stop 5 of NOTES.md.

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
    todo!(
        "finish: put the value into the cell, take the joiner's waker out, let go of the cell, \
         and then wake the joiner if there is one"
    )
}

impl<T> Future for JoinHandle<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        todo!(
            "the handle's poll: if the value is there, take it and be ready. Otherwise leave the \
             waker of this poll in the cell, in place of an older one (`replace` gives that one: \
             drop it when the cell is not borrowed any more), and be pending. (For the account: \
             `told(Deed::Joins, 0)`.)"
        )
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        todo!(
            "the handle's drop: take the waker out of the cell, and drop it when the cell is not \
             borrowed any more"
        )
    }
}
