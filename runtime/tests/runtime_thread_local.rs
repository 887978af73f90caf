//! A runtime that is kept in a thread-local, which is where a program keeps it that would keep
//! another one in a `static`.
//!
//! When a thread ends, its thread-locals are dropped in an order that is not promised: those
//! by which the machine knows where it is may be gone before the runtime is dropped.
#![forbid(unsafe_code)]

use runtime::runtime::{Handle, Runtime};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread::{self, ThreadId};

thread_local!(static RUNTIME: RefCell<Option<Runtime>> = const { RefCell::new(None) });

/// Uses what the machine has on its thread when it is dropped, and says where that was.
struct Witness(Handle, mpsc::Sender<ThreadId>);

impl Drop for Witness {
    fn drop(&mut self) {
        drop(Handle::try_current());
        drop(self.0.spawn(async {}));
        self.1.send(thread::current().id()).unwrap();
    }
}

/// Leaves a task waiting in the thread's runtime; `first` says what was used first.
fn leave_a_task(first: impl FnOnce(), say: mpsc::Sender<ThreadId>) -> ThreadId {
    first();
    RUNTIME.with_borrow_mut(|runtime| {
        let runtime = runtime.get_or_insert_with(|| Runtime::new().unwrap());
        let witness = Witness(runtime.handle().clone(), say);
        drop(runtime.spawn(async move {
            let _witness = witness;
            std::future::pending::<()>().await;
        }));
        runtime.block_on(runtime::task::yield_now());
    });
    thread::current().id()
}

#[test]
fn a_runtime_outlives_the_thread_locals_of_its_machine_without_harm() {
    for machine_first in [false, true] {
        let (say, heard) = mpsc::channel();
        let first = move || match machine_first {
            true => drop(
                Runtime::new()
                    .unwrap()
                    .block_on(async { Handle::current() }),
            ),
            false => RUNTIME.with_borrow(|runtime| assert!(runtime.is_none())),
        };
        let thread = thread::spawn(move || leave_a_task(first, say));
        let id = thread.join().unwrap();
        assert_eq!(heard.recv(), Ok(id), "the task is dropped with its thread");
    }
}

#[test]
fn waking_and_spawning_into_a_runtime_whose_thread_has_ended_does_nothing() {
    let handle = thread::spawn(|| {
        RUNTIME.with_borrow_mut(|runtime| {
            let runtime = runtime.get_or_insert_with(|| Runtime::new().unwrap());
            runtime.block_on(async { Handle::current() })
        })
    });
    let task = handle.join().unwrap().spawn(async {});
    let error = Runtime::new().unwrap().block_on(task).unwrap_err();
    assert!(error.is_cancelled());
}

/// What comes of a runtime that is built, found and used in the destructor of a thread-local.
struct Late(Option<Runtime>, mpsc::Sender<(String, bool, String)>);

impl Drop for Late {
    fn drop(&mut self) {
        let built = Runtime::new().err().map(|error| error.to_string());
        let found = Handle::try_current()
            .unwrap_err()
            .is_thread_local_destroyed();
        let used = catch_unwind(AssertUnwindSafe(|| drop(runtime::spawn(async {}))));
        let used = used.unwrap_err().downcast::<String>().unwrap();
        drop(self.0.take());
        let _ = self.1.send((built.unwrap_or_default(), found, *used));
    }
}

#[test]
fn a_thread_that_is_ending_says_why_it_can_have_no_runtime() {
    thread_local!(static LATE: RefCell<Option<Late>> = const { RefCell::new(None) });
    let (say, heard) = mpsc::channel();
    let thread = thread::spawn(move || {
        // Registered before the machine's thread-locals, and so dropped after them.
        LATE.with_borrow_mut(|late| *late = Some(Late(None, say)));
        let runtime = Runtime::new().unwrap();
        runtime.block_on(runtime::task::yield_now());
        LATE.with_borrow_mut(|late| late.as_mut().unwrap().0 = Some(runtime));
    });
    thread.join().unwrap();
    let (built, found, used) = heard.recv().unwrap();
    assert!(built.contains("this thread is ending"), "{built}");
    assert!(found);
    assert!(used.contains("this thread is ending"), "{used}");
}
