//! A value that some change and others watch.

#[path = "support/machine.rs"]
mod machine;

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Context;

use machine::{Bell, drop_when_woken, panic_of, poll_here, poll_with, run_paused};
use proptest::collection::vec;
use proptest::prelude::*;
use runtime::spawn;
use runtime::sync::watch::{Receiver, channel};
use runtime::task::yield_now;

#[test]
fn every_receiver_sees_the_last_value_and_not_what_was_before() {
    run_paused(async {
        let (tx, rx) = channel(0);
        let watchers: Vec<_> = (0..3)
            .map(|_| {
                let mut rx = rx.clone();
                spawn(async move {
                    rx.changed().await.unwrap();
                    *rx.borrow_and_update()
                })
            })
            .collect();
        yield_now().await;
        (1..=5).for_each(|n| tx.send(n).unwrap());
        for watcher in watchers {
            assert_eq!(watcher.await.unwrap(), 5);
        }
    });
}

#[test]
fn the_last_value_is_seen_before_the_end() {
    run_paused(async {
        let (tx, mut rx) = channel(0);
        tx.send(1).unwrap();
        drop(tx);
        assert!(rx.changed().await.is_ok());
        assert!(rx.changed().await.is_err());
        assert_eq!(*rx.borrow(), 1, "the value stays");
    });
}

#[test]
fn a_wait_that_is_given_up_loses_no_change_and_leaves_no_waker() {
    run_paused(async {
        let (tx, mut rx) = channel(0);
        let (bell, waker) = Bell::new();
        assert!(poll_with(&waker, &mut Box::pin(rx.changed())).is_pending());
        assert!(poll_with(&waker, &mut Box::pin(rx.wait_for(|&n| n > 9))).is_pending());
        drop(waker);
        assert_eq!(Arc::strong_count(&bell), 1);
        spawn(async move {
            yield_now().await;
            tx.send(1).unwrap();
            std::future::pending::<()>().await;
            drop(tx);
        });
        drop_when_woken(rx.changed()).await;
        assert!(rx.has_changed().unwrap(), "woken and not looked: not seen");
        rx.changed().await.unwrap();
    });
}

#[test]
fn wait_for_tries_the_first_value_and_each_that_it_is_woken_for() {
    run_paused(async {
        let (tx, mut rx) = channel(3);
        assert!(!rx.wait_for(|&n| n == 3).await.unwrap().has_changed());
        let tried = Rc::new(Cell::new(0));
        let count = Rc::clone(&tried);
        let waits = spawn(async move {
            let found = rx.wait_for(|&n| {
                count.set(count.get() + 1);
                n == 7
            });
            let found = found.await.map(|value| *value);
            (found, rx)
        });
        for n in [4, 5, 7] {
            yield_now().await;
            tx.send(n).unwrap();
        }
        let (found, mut rx) = waits.await.unwrap();
        assert_eq!((found.unwrap(), tried.get()), (7, 4));
        assert!(!rx.has_changed().unwrap(), "what was tried is seen");
        drop(tx);
        assert!(rx.wait_for(|&n| n == 8).await.is_err());
        assert!(
            rx.wait_for(|&n| n == 7).await.is_ok(),
            "the last value is tried"
        );
    });
}

#[test]
fn a_change_that_is_none_wakes_nobody_and_neither_does_one_that_panics() {
    let (tx, mut rx) = channel(1);
    let (bell, waker) = Bell::new();
    {
        let mut changed = pin!(rx.changed());
        assert!(poll_with(&waker, &mut changed).is_pending());
        assert!(!tx.send_if_modified(|_| false));
        let said = panic_of(|| {
            tx.send_modify(|value| {
                *value = 2;
                std::panic::resume_unwind(Box::new("on purpose"));
            });
        });
        assert_eq!((said.as_str(), bell.rung()), ("on purpose", 0));
        assert!(tx.send_if_modified(|value| *value == 2));
        assert_eq!(bell.rung(), 1);
        assert!(poll_with(&waker, &mut changed).is_ready());
    }
    assert_eq!(*rx.borrow(), 2);
}

#[test]
fn sending_while_somebody_looks_panics_and_says_why() {
    let (tx, rx) = channel(1);
    let look = rx.borrow();
    let said = panic_of(|| tx.send(2));
    assert!(said.contains("while its value is borrowed"), "{said}");
    assert!(said.contains("drop the `Ref`"), "{said}");
    drop(look);
    tx.send(3).unwrap();
    let said = panic_of(|| tx.send_modify(|_| drop(rx.borrow())));
    assert!(said.contains("in the midst of its change"), "{said}");
    assert_eq!(*rx.borrow(), 3, "the channel works on");
}

/// The old value's drop is the user's code, and looks at the channel.
#[test]
fn the_old_value_is_dropped_when_the_new_one_can_be_looked_at() {
    struct Looks(Option<Receiver<Looks>>, u32, Rc<Cell<u32>>);
    impl Drop for Looks {
        fn drop(&mut self) {
            if let Some(rx) = &self.0 {
                self.2.set(rx.borrow().1);
            }
        }
    }
    let seen = Rc::new(Cell::new(0));
    let (tx, rx) = channel(Looks(None, 1, Rc::clone(&seen)));
    tx.send_modify(|value| value.0 = Some(rx));
    assert!(tx.send(Looks(None, 2, Rc::clone(&seen))).is_ok());
    assert_eq!(seen.get(), 2);
}

#[test]
fn a_sender_hears_when_nobody_watches_and_when_somebody_does_again() {
    run_paused(async {
        let (tx, rx) = channel(1);
        let tx = Rc::new(tx);
        let theirs = Rc::clone(&tx);
        let ends = spawn(async move { theirs.closed().await });
        yield_now().await;
        let other = rx.clone();
        drop(rx);
        yield_now().await;
        assert!(!ends.is_finished());
        drop(other);
        let again = tx.subscribe();
        yield_now().await;
        assert!(!ends.is_finished(), "there is one again when it looks");
        drop(again);
        ends.await.unwrap();
        assert_eq!(tx.send(2).unwrap_err().0, 2);
        assert_eq!(tx.send_replace(3), 1);
        assert_eq!(*tx.subscribe().borrow(), 3);
    });
}

#[test]
fn a_wait_for_the_watchers_end_that_is_dropped_leaves_no_waker() {
    let (tx, rx) = channel(1);
    let (bell, waker) = Bell::new();
    assert!(poll_with(&waker, &mut Box::pin(tx.closed())).is_pending());
    drop((rx, waker));
    assert_eq!((Arc::strong_count(&bell), bell.rung()), (1, 0));
}

#[test]
fn changes_without_end_leave_the_others_their_turn() {
    run_paused(async {
        let (tx, mut rx) = channel(0);
        let other = spawn(async {});
        for n in 1..200 {
            tx.send(n).unwrap();
            rx.changed().await.unwrap();
        }
        assert!(other.is_finished(), "the budget was spent");
        assert!(poll_here(&mut pin!(rx.changed())).await.is_pending());
    });
}

#[cfg(feature = "trace")]
#[test]
fn a_trace_says_who_watches_and_who_changed() {
    use runtime::trace::{Cause, Event, Shared, Wait};

    let runtime = machine::paused();
    runtime.block_on(async {
        let (tx, mut rx) = channel(1);
        let watches = spawn(async move { rx.changed().await });
        spawn(async move {
            tx.send(2).unwrap();
            tx.closed().await;
        });
        watches.await.unwrap().unwrap();
    });
    let records = runtime.trace().take();
    let waits = |task| {
        records.iter().any(|record| match &record.event {
            Event::Waiting {
                on: Wait::Shared(Shared::Watch, 1),
                at: Some(at),
            } => record.task == Some(task) && at.file == file!(),
            _ => false,
        })
    };
    assert!(waits(2) && waits(3));
    let by = Cause::Task(3);
    let woken = Event::Woken { task: 2, by };
    assert!(records.iter().any(|record| record.event == woken));
}

proptest! {
    /// However many wait, with whatever order of leaving: a change wakes exactly those that
    /// still wait.
    #[test]
    fn a_change_wakes_those_who_still_wait(gone in vec(any::<bool>(), 1..8)) {
        let (tx, rx) = channel(0);
        let mut receivers: Vec<_> = gone.iter().map(|_| rx.clone()).collect();
        let bells: Vec<_> = gone.iter().map(|_| Bell::new()).collect();
        let mut waits = Vec::new();
        for (rx, (_, waker)) in receivers.iter_mut().zip(&bells) {
            let mut wait = Box::pin(rx.changed());
            assert!(wait.as_mut().poll(&mut Context::from_waker(waker)).is_pending());
            waits.push(Some(wait));
        }
        for (wait, &gone) in waits.iter_mut().zip(&gone) {
            wait.take_if(|_| gone);
        }
        tx.send(1).unwrap();
        for ((bell, _), &gone) in bells.iter().zip(&gone) {
            prop_assert_eq!(bell.rung(), usize::from(!gone));
        }
    }
}
