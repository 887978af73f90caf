//! A channel in which every receiver gets every message, unless it is too slow.

#[path = "support/machine.rs"]
mod machine;

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Wake, Waker};

use machine::{Bell, drop_when_woken, panic_of, poll_here, poll_with, run_paused};
use runtime::spawn;
use runtime::sync::broadcast::error::{RecvError, TryRecvError};
use runtime::sync::broadcast::{Receiver, Sender, channel};
use runtime::task::yield_now;

#[test]
fn every_receiver_gets_every_message_in_order() {
    run_paused(async {
        let (tx, rx) = channel(4);
        let listeners: Vec<_> = [rx, tx.subscribe(), tx.subscribe()]
            .into_iter()
            .map(|mut rx| {
                spawn(async move {
                    let mut heard = Vec::new();
                    while let Ok(n) = rx.recv().await {
                        heard.push(n);
                    }
                    heard
                })
            })
            .collect();
        for n in 0..100 {
            assert_eq!(tx.send(n).unwrap(), 3);
            yield_now().await;
        }
        drop(tx);
        for listener in listeners {
            assert_eq!(listener.await.unwrap(), (0..100).collect::<Vec<_>>());
        }
    });
}

#[test]
fn a_slow_receiver_is_told_how_many_it_missed_and_holds_up_nobody() {
    run_paused(async {
        let (tx, mut slow) = channel(2);
        let mut quick = tx.subscribe();
        for n in 0..5 {
            tx.send(n).unwrap();
            assert_eq!(quick.recv().await, Ok(n));
        }
        assert_eq!(slow.len(), 5);
        assert_eq!(slow.recv().await, Err(RecvError::Lagged(3)));
        assert_eq!(slow.recv().await, Ok(3));
        assert_eq!(slow.try_recv(), Ok(4));
        assert_eq!(slow.try_recv(), Err(TryRecvError::Empty));
        assert!(tx.is_empty());
    });
}

#[test]
fn a_cancelled_receive_loses_no_message_and_leaves_no_waker() {
    run_paused(async {
        let (tx, mut rx) = channel(8);
        let (bell, waker) = Bell::new();
        assert!(poll_with(&waker, &mut Box::pin(rx.recv())).is_pending());
        drop(waker);
        assert_eq!(Arc::strong_count(&bell), 1);
        spawn(async move {
            for n in 0..3 {
                tx.send(n).unwrap();
            }
        });
        drop_when_woken(rx.recv()).await;
        for n in 0..3 {
            assert_eq!(rx.recv().await, Ok(n));
        }
        assert_eq!(rx.recv().await, Err(RecvError::Closed));
    });
}

#[test]
fn a_message_is_dropped_when_the_last_receiver_has_taken_it_or_is_gone() {
    let (tx, mut one) = channel(8);
    let two = tx.subscribe();
    let token = Rc::new(());
    tx.send(Rc::clone(&token)).unwrap();
    tx.send(Rc::clone(&token)).unwrap();
    drop(one.try_recv().unwrap());
    assert_eq!((Rc::strong_count(&token), tx.len()), (3, 2));
    drop(two);
    assert_eq!((Rc::strong_count(&token), tx.len()), (2, 1));
    drop(one);
    assert_eq!(Rc::strong_count(&token), 1);
    assert_eq!(tx.send(token).unwrap_err().0, Rc::new(()));
}

#[test]
fn a_sender_hears_when_nobody_listens() {
    run_paused(async {
        let (tx, rx) = channel::<u32>(8);
        let theirs = tx.clone();
        let ends = spawn(async move { theirs.closed().await });
        yield_now().await;
        drop(rx);
        let again = tx.subscribe();
        yield_now().await;
        assert!(!ends.is_finished(), "there is one again when it looks");
        drop(again);
        ends.await.unwrap();
        let (bell, waker) = Bell::new();
        let last = tx.subscribe();
        assert!(poll_with(&waker, &mut Box::pin(tx.closed())).is_pending());
        drop((last, waker));
        assert_eq!((Arc::strong_count(&bell), bell.rung()), (1, 0));
    });
}

#[test]
fn a_channel_without_room_is_refused_with_a_reason() {
    let said = panic_of(|| channel::<u32>(0));
    assert!(said.contains("at least 1"), "{said}");
    let said = panic_of(|| channel::<u32>(usize::MAX));
    assert!(said.contains("at most"), "{said}");
}

thread_local! {
    static CHANNEL: RefCell<Option<Sender<Talks>>> = const { RefCell::new(None) };
}

fn say(word: u32) {
    CHANNEL.with_borrow(|tx| drop(tx.as_ref().map(|tx| tx.send(Talks(word)))));
}

/// A message whose clone and drop use the channel that it is in.
struct Talks(u32);

impl Clone for Talks {
    fn clone(&self) -> Talks {
        if self.0 == 1 {
            say(10);
        }
        Talks(self.0)
    }
}

impl Drop for Talks {
    fn drop(&mut self) {
        if self.0 == 2 {
            self.0 = 0;
            say(20);
        }
    }
}

#[test]
fn clones_drops_and_wakers_may_use_the_channel() {
    struct Says;
    impl Wake for Says {
        fn wake(self: Arc<Self>) {
            say(30);
        }
    }
    let (tx, mut rx) = channel(2);
    CHANNEL.set(Some(tx.clone()));
    let waker = Waker::from(Arc::new(Says));
    assert!(poll_with(&waker, &mut pin!(rx.recv())).is_pending());
    let mut wait = Box::pin(async move {
        let first = rx.recv().await.ok().map(|talks| talks.0);
        (first, rx)
    });
    assert!(poll_with(&waker, &mut wait).is_pending());
    tx.send(Talks(1)).ok();
    let (first, mut rx) = machine_ready(wait);
    assert_eq!(first, Some(1));
    let next = |rx: &mut Receiver<Talks>| rx.try_recv().map(|talks| talks.0).ok();
    assert_eq!((next(&mut rx), next(&mut rx)), (Some(30), Some(10)));
    tx.send(Talks(2)).ok();
    tx.send(Talks(3)).ok();
    tx.send(Talks(4)).ok(); // there is no room for 2: its drop says 20, which drops 3
    assert_eq!(
        rx.try_recv().map(|talks| talks.0),
        Err(TryRecvError::Lagged(2))
    );
    assert_eq!((next(&mut rx), next(&mut rx)), (Some(4), Some(20)));
    CHANNEL.take();
}

/// A task that hears that the last receiver is gone may make another, at once.
#[test]
fn what_is_sent_while_a_receiver_goes_is_for_those_that_stay() {
    thread_local! {
        static TX: RefCell<Option<Sender<u32>>> = const { RefCell::new(None) };
        static NEXT: RefCell<Option<Receiver<u32>>> = const { RefCell::new(None) };
    }
    struct Subscribes;
    impl Wake for Subscribes {
        fn wake(self: Arc<Self>) {
            let tx = TX.take().unwrap();
            NEXT.set(Some(tx.subscribe()));
            tx.send(7).unwrap();
        }
    }
    let (tx, rx) = channel(4);
    TX.set(Some(tx.clone()));
    let waker = Waker::from(Arc::new(Subscribes));
    let mut closed = pin!(tx.closed());
    assert!(poll_with(&waker, &mut closed).is_pending());
    drop(rx);
    assert_eq!(NEXT.take().unwrap().try_recv(), Ok(7));
    assert!(tx.is_empty());
}

fn machine_ready<F: Future + Unpin>(mut future: F) -> F::Output {
    match poll_with(Waker::noop(), &mut future) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!("it must be ready"),
    }
}

#[test]
fn a_channel_that_is_never_empty_leaves_the_others_their_turn() {
    run_paused(async {
        let (tx, mut rx) = channel(256);
        (0..200).for_each(|n| assert_eq!(tx.send(n).unwrap(), 1));
        let other = spawn(async {});
        for n in 0..200 {
            assert_eq!(rx.recv().await, Ok(n));
        }
        assert!(other.is_finished(), "the budget was spent");
        assert!(poll_here(&mut pin!(rx.recv())).await.is_pending());
    });
}

#[cfg(feature = "trace")]
#[test]
fn a_trace_says_who_listens_and_who_spoke() {
    use runtime::trace::{Cause, Event, Shared, Wait};

    let runtime = machine::paused();
    runtime.block_on(async {
        let (tx, mut rx) = channel(1);
        let listens = spawn(async move { rx.recv().await });
        spawn(async move { tx.send(2).unwrap() });
        assert_eq!(listens.await.unwrap(), Ok(2));
    });
    let records = runtime.trace().take();
    let waits = records.iter().any(|record| match &record.event {
        Event::Waiting {
            on: Wait::Shared(Shared::Broadcast, 1),
            at: Some(at),
        } => record.task == Some(2) && at.file == file!(),
        _ => false,
    });
    assert!(waits);
    let by = Cause::Task(3);
    let woken = Event::Woken { task: 2, by };
    assert!(records.iter().any(|record| record.event == woken));
}
