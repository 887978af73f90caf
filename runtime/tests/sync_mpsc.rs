//! Channels of many senders and one receiver: order, the bound, the ends, and what a wait that
//! is given up must not lose.

#[path = "support/machine.rs"]
mod machine;

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use machine::{Bell, drop_when_woken, poll_here, poll_with, run_paused};
use runtime::runtime::Runtime;
use runtime::spawn;
use runtime::sync::mpsc::error::{SendTimeoutError, TryRecvError, TrySendError};
use runtime::sync::mpsc::{Sender, channel, unbounded_channel};
use runtime::task::yield_now;
use runtime::time::{Duration, Instant};

#[test]
fn messages_come_in_the_order_in_which_they_were_sent() {
    run_paused(async {
        let (tx, mut rx) = channel(3);
        let producer = spawn(async move {
            for n in 0..1000 {
                tx.send(n).await.unwrap();
            }
        });
        for n in 0..1000 {
            assert_eq!(rx.recv().await, Some(n));
        }
        assert_eq!(rx.recv().await, None);
        producer.await.unwrap();
    });
}

#[test]
fn senders_that_wait_are_served_in_the_order_in_which_they_came() {
    run_paused(async {
        let (tx, mut rx) = channel(1);
        for n in 0..5 {
            let tx = tx.clone();
            spawn(async move { tx.send(n).await.unwrap() });
        }
        yield_now().await;
        assert!(matches!(tx.try_send(9), Err(TrySendError::Full(9))));
        drop(tx);
        for n in 0..5 {
            assert_eq!(rx.recv().await, Some(n));
        }
        assert_eq!(rx.recv().await, None);
    });
}

#[test]
fn a_place_goes_to_who_waits_and_not_to_who_comes_along() {
    let (tx, mut rx) = channel(1);
    tx.try_send(1).unwrap();
    let mut waits = Box::pin(tx.send(2));
    let (bell, waker) = Bell::new();
    assert!(poll_with(&waker, &mut waits).is_pending());
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(bell.rung(), 1);
    assert_eq!(tx.try_send(3), Err(TrySendError::Full(3)));
    assert_eq!(poll_with(&waker, &mut waits), Poll::Ready(Ok(())));
    assert_eq!(rx.try_recv(), Ok(2));
}

#[test]
fn a_sender_dropped_in_the_line_leaves_no_waker_and_no_gap() {
    let (tx, mut rx) = channel(1);
    tx.try_send(1).unwrap();
    let (mut first, mut second) = (Box::pin(tx.send(2)), Box::pin(tx.send(3)));
    let ((bell, waker), (next, next_waker)) = (Bell::new(), Bell::new());
    assert!(poll_with(&waker, &mut first).is_pending());
    assert!(poll_with(&next_waker, &mut second).is_pending());
    drop((first, waker));
    assert_eq!(Arc::strong_count(&bell), 1);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!((bell.rung(), next.rung()), (0, 1));
    assert_eq!(poll_with(&next_waker, &mut second), Poll::Ready(Ok(())));
}

#[test]
fn a_place_given_to_a_sender_that_is_dropped_goes_to_the_next() {
    let (tx, mut rx) = channel(1);
    tx.try_send(1).unwrap();
    let (mut first, mut second) = (Box::pin(tx.send(2)), Box::pin(tx.send(3)));
    let (next, waker) = Bell::new();
    assert!(poll_with(Waker::noop(), &mut first).is_pending());
    assert!(poll_with(&waker, &mut second).is_pending());
    assert_eq!(rx.try_recv(), Ok(1));
    drop(first);
    assert_eq!(next.rung(), 1);
    assert_eq!(poll_with(&waker, &mut second), Poll::Ready(Ok(())));
    drop(second);
    assert_eq!(rx.try_recv(), Ok(3));
    assert_eq!(tx.capacity(), 1);
}

#[test]
fn a_cancelled_receive_loses_no_message() {
    run_paused(async {
        let (tx, mut rx) = channel(8);
        let producer = spawn(async move {
            for n in 0..100 {
                tx.send(n).await.unwrap();
                yield_now().await;
            }
        });
        let mut got = Vec::new();
        while !rx.is_closed() || !rx.is_empty() {
            drop_when_woken(rx.recv()).await;
            while let Ok(n) = rx.try_recv() {
                got.push(n);
            }
        }
        assert_eq!(got, (0..100).collect::<Vec<_>>());
        producer.await.unwrap();
    });
}

#[test]
fn a_receive_that_is_dropped_while_it_waits_leaves_no_waker() {
    let (tx, mut rx) = channel(1);
    let (bell, waker) = Bell::new();
    assert!(poll_with(&waker, &mut Box::pin(rx.recv())).is_pending());
    let mut some = Vec::new();
    assert!(poll_with(&waker, &mut Box::pin(rx.recv_many(&mut some, 2))).is_pending());
    drop(waker);
    assert_eq!(Arc::strong_count(&bell), 1);
    tx.try_send(1).unwrap();
    assert_eq!(bell.rung(), 0);
    assert_eq!(rx.try_recv(), Ok(1));
}

#[test]
fn a_receiver_is_woken_once_for_many_messages_and_not_when_it_does_not_wait() {
    let (tx, mut rx) = channel(8);
    let (bell, waker) = Bell::new();
    {
        let mut recv = Box::pin(rx.recv());
        assert!(poll_with(&waker, &mut recv).is_pending());
        (0..3).for_each(|n| tx.try_send(n).unwrap());
        assert_eq!(bell.rung(), 1);
        assert_eq!(poll_with(&waker, &mut recv), Poll::Ready(Some(0)));
    }
    tx.try_send(3).unwrap();
    assert_eq!(bell.rung(), 1);
    drop((rx, waker));
    assert_eq!(Arc::strong_count(&bell), 1, "the channel forgets its waker");
}

#[test]
fn closing_refuses_who_waits_and_keeps_what_was_sent() {
    run_paused(async {
        let (tx, mut rx) = channel(1);
        tx.send(1).await.unwrap();
        let waits = tx.clone();
        let waits = spawn(async move { waits.send(2).await });
        yield_now().await;
        rx.close();
        assert_eq!(waits.await.unwrap().unwrap_err().0, 2);
        assert_eq!(rx.recv().await, Some(1));
        assert_eq!(rx.recv().await, None);
        assert_eq!(tx.try_send(3), Err(TrySendError::Closed(3)));
    });
}

/// The place was given and not yet taken when the channel closed: the receiver must not wait for
/// a message that never comes.
#[test]
fn a_place_given_just_before_the_close_is_waited_for_only_until_it_is_back() {
    for dropped in [false, true] {
        let (tx, mut rx) = channel(1);
        tx.try_send(1).unwrap();
        let mut waits = Box::pin(tx.send(2));
        assert!(poll_with(Waker::noop(), &mut waits).is_pending());
        assert_eq!(rx.try_recv(), Ok(1));
        rx.close();
        let (bell, waker) = Bell::new();
        let mut cx = Context::from_waker(&waker);
        assert!(rx.poll_recv(&mut cx).is_pending());
        match dropped {
            true => drop(waits),
            false => assert!(poll_with(Waker::noop(), &mut waits).is_ready()),
        }
        assert_eq!(bell.rung(), 1);
        assert_eq!(rx.poll_recv(&mut cx), Poll::Ready(None));
    }
}

#[test]
fn dropping_the_receiver_drops_the_messages_and_tells_all() {
    run_paused(async {
        let (tx, rx) = channel(2);
        let token = Rc::new(());
        tx.send(Rc::clone(&token)).await.unwrap();
        let (ends, sends) = (tx.clone(), tx.clone());
        let ends = spawn(async move { ends.closed().await });
        let full = Rc::clone(&token);
        let sends = spawn(async move {
            sends.send(Rc::clone(&full)).await?;
            sends.send(full).await
        });
        yield_now().await;
        drop(rx);
        assert!(sends.await.unwrap().is_err());
        ends.await.unwrap();
        assert_eq!(Rc::strong_count(&token), 1);
        assert_eq!(tx.capacity(), 2);
    });
}

#[test]
fn a_wait_for_the_receiver_s_end_that_is_dropped_leaves_no_waker() {
    let (tx, rx) = channel::<u32>(1);
    let (bell, waker) = Bell::new();
    assert!(poll_with(&waker, &mut Box::pin(tx.closed())).is_pending());
    drop((rx, waker));
    assert_eq!((Arc::strong_count(&bell), bell.rung()), (1, 0));
}

#[test]
fn the_last_sender_to_go_wakes_the_receiver() {
    let (tx, mut rx) = channel::<u32>(1);
    let other = tx.clone();
    let (bell, waker) = Bell::new();
    let mut recv = Box::pin(rx.recv());
    assert!(poll_with(&waker, &mut recv).is_pending());
    drop(tx);
    assert_eq!(bell.rung(), 0);
    drop(other);
    assert_eq!(bell.rung(), 1);
    assert_eq!(poll_with(&waker, &mut recv), Poll::Ready(None));
}

#[test]
fn some_at_once_makes_room_for_as_many() {
    run_paused(async {
        let (tx, mut rx) = channel(4);
        for n in 0..8 {
            let tx = tx.clone();
            spawn(async move { tx.send(n).await.unwrap() });
        }
        yield_now().await;
        let mut got = Vec::new();
        assert_eq!(rx.recv_many(&mut got, 0).await, 0);
        assert_eq!(rx.recv_many(&mut got, 3).await, 3);
        yield_now().await;
        assert_eq!(rx.len(), 4, "three who waited have sent");
        assert_eq!(rx.recv_many(&mut got, 100).await, 4);
        yield_now().await;
        drop(tx);
        assert_eq!(rx.recv_many(&mut got, 100).await, 1);
        assert_eq!(rx.recv_many(&mut got, 100).await, 0);
        assert_eq!(got, (0..8).collect::<Vec<_>>());
    });
}

#[test]
fn patience_that_ends_gives_the_value_and_the_place_in_the_line_back() {
    run_paused(async {
        let (tx, mut rx) = channel(1);
        tx.send(1).await.unwrap();
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let late = tx.send_timeout(2, second).await;
        assert_eq!(late, Err(SendTimeoutError::Timeout(2)));
        assert_eq!(start.elapsed(), second);
        assert_eq!(rx.recv().await, Some(1));
        assert_eq!(tx.send_timeout(3, second).await, Ok(()));
        rx.close();
        let closed = tx.send_timeout(4, second).await;
        assert_eq!(closed, Err(SendTimeoutError::Closed(4)));
    });
}

#[test]
fn an_unbounded_channel_takes_everything_at_once() {
    let (tx, mut rx) = unbounded_channel();
    (0..10_000).for_each(|n| tx.send(n).unwrap());
    assert_eq!(rx.len(), 10_000);
    (0..10_000).for_each(|n| assert_eq!(rx.try_recv(), Ok(n)));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    drop(tx);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
}

#[test]
fn an_unbounded_receiver_that_closes_takes_what_is_left() {
    run_paused(async {
        let (tx, mut rx) = unbounded_channel();
        tx.send(1).unwrap();
        rx.close();
        assert_eq!(tx.send(2).unwrap_err().0, 2);
        assert_eq!(rx.recv().await, Some(1));
        assert_eq!(rx.recv().await, None);
        tx.closed().await;
    });
}

#[test]
fn a_message_costs_no_allocation() {
    let runtime = Runtime::new().unwrap(); // one that records nothing
    runtime.block_on(async {
        let (tx, mut rx) = channel(8);
        let receiver = spawn(async move { while rx.recv().await.is_some() {} });
        let send = async |count: u32| {
            for n in 0..count {
                tx.send(n).await.unwrap();
            }
        };
        send(100).await;
        let mut work = Box::pin(send(10_000));
        let mut counted = 0;
        poll_fn(|cx| {
            let mut polled = Poll::Pending;
            let info = allocation_counter::measure(|| polled = work.as_mut().poll(cx));
            counted += info.count_total;
            polled
        })
        .await;
        drop(work);
        drop(tx);
        receiver.await.unwrap();
        assert_eq!(counted, 0);
    });
}

#[test]
fn the_room_of_a_burst_is_given_back() {
    let (tx, mut rx) = unbounded_channel();
    let info = allocation_counter::measure(|| {
        (0..100_000_u64).for_each(|n| tx.send(n).unwrap());
        while rx.try_recv().is_ok() {}
    });
    assert!(info.bytes_current < 64 * 1024, "{}", info.bytes_current);
    let mut cx = Context::from_waker(Waker::noop());
    let info = allocation_counter::measure(|| {
        (0..100_000_u64).for_each(|n| tx.send(n).unwrap());
        let mut all = Vec::new();
        while !rx.is_empty() {
            assert!(rx.poll_recv_many(&mut cx, &mut all, 60_000).is_ready());
        }
    });
    assert!(info.bytes_current < 64 * 1024, "{}", info.bytes_current);
}

/// The message's drop is the user's code, and sends to the channel that it was in.
#[test]
fn a_message_may_send_when_it_is_dropped() {
    struct Chain(Sender<Chain>, Rc<Cell<u32>>, u32);
    impl Drop for Chain {
        fn drop(&mut self) {
            self.1.set(self.1.get() + 1);
            if self.2 > 0 {
                let more = Chain(self.0.clone(), Rc::clone(&self.1), self.2 - 1);
                drop(self.0.try_send(more));
            }
        }
    }
    let (tx, rx) = channel(4);
    let drops = Rc::new(Cell::new(0));
    drop(tx.try_send(Chain(tx.clone(), Rc::clone(&drops), 3)));
    drop(tx.try_send(Chain(tx.clone(), Rc::clone(&drops), 0)));
    drop(rx);
    assert_eq!(
        drops.get(),
        5,
        "each refused message comes back and is dropped"
    );
}

thread_local! {
    static IN_WAKE: RefCell<Option<Sender<u32>>> = const { RefCell::new(None) };
}

/// A waker that sends: the channel must not be borrowed when it is called, nor dropped.
#[test]
fn a_waker_may_use_the_channel_that_calls_it() {
    struct Sends;
    impl Wake for Sends {
        fn wake(self: Arc<Self>) {
            IN_WAKE.with_borrow(|tx| tx.as_ref().unwrap().try_send(2).unwrap());
        }
    }
    impl Drop for Sends {
        fn drop(&mut self) {
            drop(IN_WAKE.take());
        }
    }
    let (tx, mut rx) = channel(2);
    IN_WAKE.set(Some(tx.clone()));
    let waker = Waker::from(Arc::new(Sends));
    assert!(rx.poll_recv(&mut Context::from_waker(&waker)).is_pending());
    tx.try_send(1).unwrap();
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(1), Ok(2)));
    drop(waker);
    assert!(
        rx.poll_recv(&mut Context::from_waker(Waker::noop()))
            .is_pending()
    );
    assert_eq!(tx.strong_count(), 1);
}

/// The channel remembers the waker that it called last, and drops it when another comes to wait.
#[test]
fn what_is_sent_by_the_drop_of_a_waker_is_not_slept_through() {
    struct SendsAtLast;
    impl Wake for SendsAtLast {
        fn wake(self: Arc<Self>) {}
    }
    impl Drop for SendsAtLast {
        fn drop(&mut self) {
            IN_WAKE.take().unwrap().try_send(2).unwrap();
        }
    }
    let (tx, mut rx) = channel(2);
    for many in [false, true] {
        IN_WAKE.set(Some(tx.clone()));
        let waker = Waker::from(Arc::new(SendsAtLast));
        assert!(rx.poll_recv(&mut Context::from_waker(&waker)).is_pending());
        drop(waker);
        tx.try_send(1).unwrap();
        assert_eq!(rx.try_recv(), Ok(1));
        let mut cx = Context::from_waker(Waker::noop());
        let mut some = Vec::new();
        match many {
            false => assert_eq!(rx.poll_recv(&mut cx), Poll::Ready(Some(2))),
            true => {
                assert_eq!(rx.poll_recv_many(&mut cx, &mut some, 9), Poll::Ready(1));
                assert_eq!(some, [2]);
            }
        }
    }
}

/// A waker may run what waits, there and then, to its end.
#[test]
fn a_waker_is_forgotten_with_a_wait_that_goes_while_it_is_called() {
    type Wait = Pin<Box<dyn Future<Output = Option<u32>>>>;
    thread_local! {
        static WAIT: RefCell<Option<Wait>> = const { RefCell::new(None) };
    }
    struct GivesUp;
    impl Wake for GivesUp {
        fn wake(self: Arc<Self>) {
            drop(WAIT.take());
        }
    }
    let (tx, mut rx) = channel(2);
    let gives_up = Arc::new(GivesUp);
    let mut wait = Box::pin(async move { rx.recv().await });
    assert!(poll_with(&Arc::clone(&gives_up).into(), &mut wait).is_pending());
    WAIT.set(Some(wait));
    tx.try_send(1).unwrap();
    assert!(tx.is_closed(), "it was called");
    assert_eq!(Arc::strong_count(&gives_up), 1);
}

#[test]
fn a_channel_that_is_never_empty_leaves_the_others_their_turn() {
    run_paused(async {
        let (tx, mut rx) = unbounded_channel();
        (0..300).for_each(|n| tx.send(n).unwrap());
        let turns = Rc::new(Cell::new(0));
        let count = Rc::clone(&turns);
        let other = spawn(async move {
            loop {
                count.set(count.get() + 1);
                yield_now().await;
            }
        });
        for n in 0..300 {
            assert_eq!(rx.recv().await, Some(n));
        }
        assert_eq!(turns.get(), 2, "128 messages a turn");
        other.abort();
    });
}

#[test]
fn a_future_of_a_receiver_may_be_polled_by_hand() {
    run_paused(async {
        let (tx, mut rx) = channel(2);
        assert!(poll_here(&mut pin!(rx.recv())).await.is_pending());
        tx.send(1).await.unwrap();
        tx.send(2).await.unwrap();
        let mut some = Vec::new();
        assert_eq!(poll_fn(|cx| rx.poll_recv(cx)).await, Some(1));
        assert_eq!(poll_fn(|cx| rx.poll_recv_many(cx, &mut some, 9)).await, 1);
    });
}

#[cfg(feature = "trace")]
#[test]
fn a_trace_says_who_waits_for_a_message_a_place_and_the_end() {
    use runtime::trace::{Cause, Event, Shared, Wait};

    let runtime = machine::paused();
    runtime.block_on(async {
        let (tx, mut rx) = channel(1);
        let ends = tx.clone();
        spawn(async move { ends.closed().await });
        spawn(async move {
            tx.send(1).await.unwrap();
            tx.send(2).await.unwrap();
        });
        assert_eq!(rx.recv().await, Some(1));
        assert_eq!(rx.recv().await, Some(2));
        drop(rx);
        yield_now().await;
    });
    let records = runtime.trace().take();
    let waits: Vec<_> = records
        .iter()
        .filter_map(|record| match &record.event {
            Event::Waiting {
                on: Wait::Shared(kind, number),
                at: Some(at),
            } => Some((record.task, *kind, *number, at.file == file!())),
            _ => None,
        })
        .collect();
    let expected = [
        (Some(1), Shared::MpscMessage, 1, true),
        (Some(2), Shared::MpscEnd, 1, true),
        (Some(3), Shared::MpscPlace, 1, true),
    ];
    assert!(
        expected.iter().all(|wait| waits.contains(wait)),
        "{waits:?}"
    );
    for (task, by) in [(1, 3), (3, 1), (2, 1)] {
        let by = Cause::Task(by);
        let woken = Event::Woken { task, by };
        assert!(records.iter().any(|record| record.event == woken), "{task}");
    }
}

#[test]
fn a_buffer_of_more_than_the_most_permits_is_refused() {
    let most = runtime::sync::Semaphore::MAX_PERMITS;
    drop(channel::<()>(most));
    for buffer in [0, most + 1, usize::MAX] {
        let made = std::panic::catch_unwind(|| drop(channel::<()>(buffer)));
        assert!(made.is_err(), "{buffer}");
    }
}

/// Tokio 1.54 prints the words of these two in quotation marks, and pads the text of a `TryRecvError`.
#[test]
fn errors_are_printed_as_tokio_prints_them() {
    assert_eq!(format!("{:?}", TrySendError::Full(1)), r#""Full(..)""#);
    assert_eq!(format!("{:?}", TrySendError::Closed(1)), r#""Closed(..)""#);
    let late = SendTimeoutError::Timeout(1);
    assert_eq!(format!("{late:?}"), r#""Timeout(..)""#);
    let gone = SendTimeoutError::Closed(1);
    assert_eq!(format!("{gone:?}"), r#""Closed(..)""#);
    let padded = format!("{:>32}", TryRecvError::Empty);
    assert_eq!(padded.trim_start(), "receiving on an empty channel");
    assert_eq!(padded.len(), 32);
}
