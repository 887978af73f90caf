//! Read-write locks: who may be in together, who waits for whom, and that no lock is lost.

#[path = "support/events.rs"]
mod events;
#[path = "support/tasks.rs"]
mod tasks;
#[path = "support/waits.rs"]
mod waits;

use std::cell::Cell;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use events::{here, traced};
use runtime::sync::{RwLock, RwLockWriteGuard};
use runtime::task::yield_now;
use runtime::trace::Shared;
use tasks::{message_of_panic, panic_quietly, paused};
use waits::{Wait, told, waker_that};

#[test]
fn readers_are_in_together_and_a_writer_alone() {
    let lock = RwLock::new(1);
    let readers = (lock.try_read().unwrap(), lock.try_read().unwrap());
    let mut writer = Wait::begun(lock.write());
    drop(readers.0);
    assert!(!writer.is_woken(), "one still reads");
    drop(readers.1);
    let mut writing = writer.ready();
    *writing += 1;
    assert!(lock.try_read().is_err() && lock.try_write().is_err());
    let mut waiting = (Wait::begun(lock.read()), Wait::begun(lock.read()));
    drop(writing);
    assert_eq!((*waiting.0.ready(), *waiting.1.ready()), (2, 2));
}

#[test]
fn a_writer_who_waits_stops_the_readers_that_come_after_it() {
    let lock = RwLock::new(());
    let reading = lock.try_read().unwrap();
    let mut writer = Wait::begun(lock.write());
    assert!(lock.try_read().is_err());
    let mut late = Wait::begun(lock.read());
    drop(reading);
    assert!(writer.is_woken() && !late.is_woken());
    drop(writer.ready());
    assert!(late.poll().is_ready());
}

#[test]
fn readers_that_waited_behind_a_writer_are_let_in_when_it_goes_away() {
    let lock = RwLock::new(());
    let _reading = lock.try_read().unwrap();
    let writer = Wait::begun(lock.write());
    let mut late = Wait::begun(lock.read());
    drop(writer);
    assert!(late.is_woken());
    assert!(late.poll().is_ready());
}

#[test]
fn a_lock_that_was_granted_and_not_heard_of_goes_to_the_next() {
    let lock = RwLock::new(());
    let reading = lock.try_read().unwrap();
    let writer = Wait::begun(lock.write());
    let reader = Wait::begun(lock.read());
    let mut last = Wait::begun(lock.write());
    drop(reading);
    assert!(writer.is_woken() && !reader.is_woken());
    drop(writer);
    assert!(reader.is_woken() && !last.is_woken());
    drop(reader);
    assert!(last.is_woken());
    drop(last.ready());
    assert!(lock.try_write().is_ok());
}

#[test]
fn a_writer_goes_on_reading_and_no_writer_gets_in_between() {
    let lock = RwLock::new(1);
    let mut writing = lock.try_write().unwrap();
    *writing = 2;
    let mut reader = Wait::begun(lock.read());
    let mut writer = Wait::begun(lock.write());
    let reading = writing.downgrade();
    assert_eq!((*reading, *reader.ready()), (2, 2));
    assert!(!writer.is_woken());
    drop((reading, reader));
    assert!(writer.poll().is_ready());
    assert!(lock.try_write().is_ok());
}

#[test]
fn no_more_readers_than_the_most_are_in() {
    let lock = RwLock::with_max_readers((), 2);
    let reading = (lock.try_read().unwrap(), lock.try_read().unwrap());
    let mut third = Wait::begun(lock.read());
    drop(reading.0);
    assert!(third.poll().is_ready());
    let none = message_of_panic(|| RwLock::with_max_readers((), 0));
    let many = message_of_panic(|| RwLock::with_max_readers((), u32::MAX));
    assert!(none.contains("0 readers") && many.contains("more than"));
}

#[test]
fn a_panic_unlocks() {
    let lock = RwLock::new(1);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let mut writing = lock.try_write().unwrap();
        *writing = 2;
        panic_quietly("in the middle of writing");
    }));
    assert!(panicked.is_err());
    assert_eq!(*lock.try_write().unwrap(), 2);
}

#[test]
fn an_aborted_task_unlocks() {
    paused().block_on(async {
        let lock = Rc::new(RwLock::new(()));
        let theirs = Rc::clone(&lock);
        let task = runtime::spawn(async move {
            let _writing = theirs.write().await;
            pending::<()>().await;
        });
        yield_now().await;
        assert!(lock.try_read().is_err());
        task.abort();
        drop(lock.read().await);
    });
}

#[test]
fn a_waker_may_take_the_lock_that_it_was_woken_for() {
    let lock: &'static RwLock<u32> = Box::leak(Box::new(RwLock::new(1)));
    type Write = Pin<Box<dyn Future<Output = RwLockWriteGuard<'static, u32>>>>;
    let (wait, got) = (Rc::new(Cell::new(None::<Write>)), Rc::new(Cell::new(0)));
    let (theirs, seen) = (Rc::clone(&wait), Rc::clone(&got));
    let waker = waker_that(move || {
        let mut write = theirs.take().expect("the wait");
        match write.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => seen.set(*value),
            Poll::Pending => panic_quietly("it was woken for nothing"),
        }
    });
    for writes in [true, false] {
        let guards = match writes {
            true => (lock.try_write().ok(), None),
            false => (None, lock.try_read().ok()),
        };
        let mut write: Write = Box::pin(lock.write());
        assert!(
            write
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
        wait.set(Some(write));
        got.set(0);
        drop(guards);
        assert_eq!(got.get(), 1);
    }
}

#[test]
fn a_lock_of_a_trait_object_is_a_lock() {
    let lock: Rc<RwLock<dyn Fn() -> u32>> = Rc::new(RwLock::new(|| 5));
    assert_eq!(lock.try_read().unwrap()(), 5);
}

#[test]
fn a_lock_shows_its_value_or_that_it_is_locked() {
    let lock = RwLock::from(1);
    let reading = lock.try_read().unwrap();
    assert_eq!(
        format!("{lock:?} {reading:?} {reading}"),
        "RwLock { data: 1 } 1 1"
    );
    drop(reading);
    let writing = lock.try_write().unwrap();
    let shown = format!("{lock:?} {writing:?} {writing}");
    assert_eq!(shown, "RwLock { data: <locked> } 1 1");
}

#[test]
fn a_free_lock_is_taken_and_given_back_without_memory() {
    let lock = RwLock::new(0);
    let mut cx = Context::from_waker(Waker::noop());
    let count = allocation_counter::measure(|| {
        assert!(std::pin::pin!(lock.read()).poll(&mut cx).is_ready());
        assert!(std::pin::pin!(lock.write()).poll(&mut cx).is_ready());
    });
    assert_eq!(count.count_total, 0);
}

#[test]
fn a_trace_tells_which_lock_a_task_waits_for_and_where() {
    let runtime = traced();
    let line = runtime.block_on(async {
        let lock = RwLock::new(());
        let _writing = lock.write().await;
        drop(Wait::begun(lock.read()));
        drop(Wait::begun(lock.write()));
        here().line
    });
    let told = told(&runtime);
    let places: Vec<_> = told.iter().map(|told| told.2.map(|at| at.line)).collect();
    assert_eq!(places, [Some(line - 2), Some(line - 1)]);
    assert!(
        told.iter()
            .all(|told| (told.0, told.1) == (Shared::RwLock, 1))
    );
}
