//! The join cell of a task from another thread, in every order in which its two threads can run.
//!
//! The thread that runs the task delivers while the other one asks, aborts, or drops the handle. A result that is slept
//! through becomes a deadlock, and loom names the schedule; one that is dropped twice, or never, is counted.
//!
//! The files under test are compiled into this one: `join_cell.rs` takes its lock from `crate::base::shim`, and here
//! that module has loom's.
#![forbid(unsafe_code)]

#[path = "../src/remote/join_cell.rs"]
#[allow(dead_code)]
mod join_cell;

#[path = "../src/base/foreign.rs"]
#[allow(dead_code)]
mod foreign;

#[path = "../src/machine/waker_cell.rs"]
#[allow(dead_code, unreachable_pub)]
mod waker_cell;

mod shim {
    pub(crate) use loom::sync::{Mutex, MutexGuard};
}

/// Where the files under test look for each other.
mod base {
    pub(crate) use super::{foreign, shim};
}

mod machine {
    pub(crate) use super::waker_cell;
}

use std::task::{Poll, Wake, Waker};

use join_cell::RemoteJoinCell;
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread::{self, JoinHandle};

/// What a thread sleeps on until its waker is called.
#[derive(Default)]
struct Bell {
    rung: Mutex<bool>,
    changed: Condvar,
}

impl Bell {
    fn new() -> (std::sync::Arc<Bell>, Waker) {
        let bell = std::sync::Arc::new(Bell::default());
        let waker = Waker::from(std::sync::Arc::clone(&bell));
        (bell, waker)
    }

    /// Sleeps until the waker was called. If that never happens, it is a deadlock.
    fn wait(&self) {
        let mut rung = self.rung.lock().unwrap();
        while !*rung {
            rung = self.changed.wait(rung).unwrap();
        }
        *rung = false;
    }
}

impl Wake for Bell {
    fn wake(self: std::sync::Arc<Self>) {
        *self.rung.lock().unwrap() = true;
        self.changed.notify_one();
    }
}

type Cell = RemoteJoinCell<u32>;

const ABORTED: u32 = 99;

/// The handle's thread: awaits the result.
fn join(cell: &Cell) -> u32 {
    let (bell, waker) = Bell::new();
    loop {
        match cell.poll_ended(&waker) {
            Poll::Ready(found) => return found.result.expect("it is taken once"),
            Poll::Pending => bell.wait(),
        }
    }
}

/// The task's thread: runs a task that waits for ever, until it is aborted.
fn run_until_aborted(cell: &Cell) -> Option<u32> {
    let (bell, waker) = Bell::new();
    cell.started(|| 7, &waker);
    while !cell.abort_requested() {
        bell.wait();
    }
    cell.end(ABORTED)
}

/// A cell whose task runs on a thread of its own.
fn beside<T: 'static>(task: impl FnOnce(&Cell) -> T + 'static) -> (Arc<Cell>, JoinHandle<T>) {
    let cell = Arc::new(Cell::new());
    let theirs = Arc::clone(&cell);
    (cell, thread::spawn(move || task(&theirs)))
}

#[test]
fn a_result_reaches_who_waits_for_it() {
    loom::model(|| {
        let (cell, task) = beside(|theirs| {
            theirs.started(|| 7, Waker::noop());
            assert_eq!(theirs.end(5), None, "the handle is there");
        });
        assert_eq!(join(&cell), 5);
        assert!(cell.is_finished());
        task.join().unwrap();
        assert_eq!(cell.task(), 7);
    });
}

#[test]
fn the_last_of_two_that_waited_is_woken() {
    loom::model(|| {
        let (cell, task) = beside(|theirs| theirs.end(5));
        let (_, first) = Bell::new();
        let result = match cell.poll_ended(&first) {
            Poll::Ready(found) => found.result.expect("it is taken once"),
            Poll::Pending => join(&cell),
        };
        assert_eq!(result, 5);
        assert_eq!(task.join().unwrap(), None);
    });
}

#[test]
fn an_abort_reaches_a_task_that_begins_or_waits() {
    loom::model(|| {
        let (cell, task) = beside(run_until_aborted);
        cell.abort();
        assert_eq!(join(&cell), ABORTED);
        assert_eq!(task.join().unwrap(), None);
    });
}

#[test]
fn a_result_without_a_handle_is_dropped_by_one_of_the_two() {
    loom::model(|| {
        let (cell, task) = beside(|theirs| theirs.end(5));
        let detached = cell.detach();
        let ended = task.join().unwrap();
        assert_eq!([detached, ended].into_iter().flatten().count(), 1);
    });
}

#[test]
fn a_result_for_a_handle_that_waited_and_is_dropped_is_taken_or_dropped_once() {
    loom::model(|| {
        let (cell, task) = beside(|theirs| theirs.end(5));
        let taken = match cell.poll_ended(Waker::noop()) {
            Poll::Ready(found) => found.result,
            Poll::Pending => None,
        };
        let detached = cell.detach();
        let ended = task.join().unwrap();
        assert_eq!([taken, detached, ended].into_iter().flatten().count(), 1);
    });
}
