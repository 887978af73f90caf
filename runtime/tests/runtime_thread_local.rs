//! A runtime that is kept in a thread-local, which is where a program keeps it that would keep
//! another one in a `static`.
//!
//! When a thread ends, its thread-locals are dropped in an order that nobody promises: those
//! by which the machine knows where it is may be gone before the runtime is dropped.
#![forbid(unsafe_code)]

use runtime::runtime::{Handle, Runtime};
use std::cell::RefCell;
use std::sync::mpsc;
use std::thread;

thread_local!(static RUNTIME: RefCell<Option<Runtime>> = const { RefCell::new(None) });

/// Says, when it is dropped, whether a runtime is found then.
struct Witness(mpsc::Sender<bool>);

impl Drop for Witness {
    fn drop(&mut self) {
        self.0.send(Handle::try_current().is_ok()).unwrap();
    }
}

/// Leaves a task waiting in the thread's runtime; `first` says what was used first.
fn leave_a_task(first: impl FnOnce(), witness: Witness) {
    first();
    RUNTIME.with_borrow_mut(|runtime| {
        let runtime = runtime.get_or_insert_with(|| Runtime::new().unwrap());
        drop(runtime.spawn(async move {
            let _witness = witness;
            std::future::pending::<()>().await;
        }));
        runtime.block_on(runtime::task::yield_now());
    });
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
        let thread = thread::spawn(move || leave_a_task(first, Witness(say)));
        thread.join().unwrap();
        assert!(heard.recv().is_ok(), "the task is dropped with its thread");
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
