//! The channel for one message: who hears of what, what is given back, what is left behind.

#[path = "support/machine.rs"]
mod machine;

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use machine::{Bell, panic_of, poll_with, run_paused};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use runtime::spawn;
use runtime::sync::oneshot::error::TryRecvError;
use runtime::sync::oneshot::{Receiver, Sender, channel};
use runtime::task::yield_now;

#[test]
fn the_value_wakes_the_one_who_awaits_it_once() {
    let (tx, mut rx) = channel();
    let (bell, waker) = Bell::new();
    assert!(poll_with(&waker, &mut rx).is_pending());
    assert!(poll_with(&waker, &mut rx).is_pending());
    assert_eq!(tx.send(5), Ok(()));
    assert_eq!(bell.rung(), 1);
    assert_eq!(poll_with(&waker, &mut rx), Poll::Ready(Ok(5)));
}

#[test]
fn a_task_that_panics_tells_whoever_waits_for_its_answer() {
    run_paused(async {
        let (tx, rx) = channel::<u32>();
        let task = spawn(async move {
            let _answer = tx;
            std::panic::resume_unwind(Box::new("on purpose"));
        });
        assert!(rx.await.is_err());
        assert!(task.await.unwrap_err().is_panic());
    });
}

#[test]
fn of_two_wakers_the_last_is_called() {
    let (tx, mut rx) = channel();
    let ((first, first_waker), (second, second_waker)) = (Bell::new(), Bell::new());
    assert!(poll_with(&first_waker, &mut rx).is_pending());
    assert!(poll_with(&second_waker, &mut rx).is_pending());
    tx.send(()).unwrap();
    assert_eq!((first.rung(), second.rung()), (0, 1));
}

#[test]
fn a_receiver_that_is_dropped_while_it_waits_leaves_no_waker() {
    let (tx, mut rx) = channel::<u32>();
    let (bell, waker) = Bell::new();
    assert!(poll_with(&waker, &mut rx).is_pending());
    drop((rx, waker));
    assert_eq!(Arc::strong_count(&bell), 1);
    assert_eq!((tx.send(1), bell.rung()), (Err(1), 0));
}

#[test]
fn a_wait_for_the_receiver_s_end_that_is_dropped_leaves_no_waker() {
    let (mut tx, rx) = channel::<u32>();
    let (bell, waker) = Bell::new();
    {
        let mut closed = pin!(tx.closed());
        assert!(poll_with(&waker, &mut closed).is_pending());
    }
    drop(waker);
    assert_eq!(Arc::strong_count(&bell), 1);
    drop(rx);
    assert_eq!(bell.rung(), 0);
}

#[test]
fn a_sender_that_is_dropped_takes_its_waker_along() {
    let (mut tx, _rx) = channel::<u32>();
    let (bell, waker) = Bell::new();
    let mut cx = Context::from_waker(&waker);
    assert!(tx.poll_closed(&mut cx).is_pending());
    drop((tx, waker));
    assert_eq!(Arc::strong_count(&bell), 1);
}

#[test]
fn a_cancelled_wait_loses_no_value() {
    run_paused(async {
        let (tx, mut rx) = channel();
        runtime::select! {
            biased;
            _ = &mut rx => unreachable!("nothing was sent"),
            () = yield_now() => {}
        }
        tx.send(7).unwrap();
        runtime::select! {
            biased;
            () = std::future::ready(()) => {}
            _ = &mut rx => unreachable!("the other branch is first"),
        }
        assert_eq!(rx.await, Ok(7));
    });
}

#[test]
fn what_was_sent_before_the_receiver_closed_is_received() {
    run_paused(async {
        let (tx, mut rx) = channel();
        tx.send(7).unwrap();
        rx.close();
        assert_eq!(rx.await, Ok(7));
    });
}

#[test]
fn a_receiver_that_has_closed_waits_for_nothing() {
    let (tx, mut rx) = channel::<u32>();
    rx.close();
    let polled = poll_with(Waker::noop(), &mut rx);
    assert!(matches!(polled, Poll::Ready(Err(_))));
    assert_eq!(tx.send(1), Err(1));
}

#[test]
fn polled_again_after_its_result_it_panics() {
    let (tx, mut rx) = channel();
    tx.send(1).unwrap();
    assert!(poll_with(Waker::noop(), &mut rx).is_ready());
    let said = panic_of(|| poll_with(Waker::noop(), &mut rx));
    assert!(said.contains("polled again"), "{said}");
}

/// The value's drop is the user's code: it looks at the channel that it was in.
#[test]
fn a_value_that_nobody_took_is_dropped_when_the_channel_can_be_looked_at() {
    struct Looks(Rc<Cell<Option<Sender<Looks>>>>, Rc<Cell<bool>>);
    impl Drop for Looks {
        fn drop(&mut self) {
            self.1.set(true);
            drop(self.0.take());
        }
    }
    let (other, seen) = (Rc::default(), Rc::new(Cell::new(false)));
    let (tx, rx) = channel();
    let (more, _rx) = channel();
    let looks = Looks(Rc::clone(&other), Rc::clone(&seen));
    other.set(Some(more));
    assert!(tx.send(looks).is_ok());
    drop(rx);
    assert!(seen.get());
}

#[test]
fn ready_values_spend_the_budget_of_the_task() {
    run_paused(async {
        let other = spawn(async {});
        for n in 0..200 {
            let (tx, rx) = channel();
            tx.send(n).unwrap();
            assert_eq!(rx.await, Ok(n));
        }
        assert!(other.is_finished(), "it had its turn in between");
    });
}

#[cfg(feature = "trace")]
#[test]
fn a_trace_says_which_channel_is_waited_for_and_who_woke() {
    use runtime::trace::{Cause, Event, Shared, Wait};

    let runtime = machine::paused();
    runtime.block_on(async {
        let (tx, rx) = channel();
        let waits = spawn(rx);
        spawn(async move { tx.send(1) });
        assert_eq!(waits.await.unwrap(), Ok(1));
    });
    let records = runtime.trace().take();
    let shared = |event: &Event| match event {
        Event::Waiting {
            on: Wait::Shared(Shared::Oneshot, 1),
            at,
        } => at.as_ref().is_some_and(|at| at.file == file!()),
        _ => false,
    };
    let waits = records.iter().find(|record| shared(&record.event));
    assert_eq!(waits.expect("a wait").task, Some(2));
    let woken = Event::Woken {
        task: 2,
        by: Cause::Task(3),
    };
    assert!(records.iter().any(|record| record.event == woken));
}

#[cfg(feature = "trace")]
#[test]
fn a_wait_has_the_line_of_its_await_and_where_nobody_awaits_it_that_of_the_channel() {
    use runtime::trace::Event;

    let runtime = machine::paused();
    let (tx, made_at, awaited_at) = runtime.block_on(async {
        let ((_tx, rx), made_at) = (channel::<()>(), line!());
        spawn(rx);
        let (tx, rx) = channel::<()>();
        let awaited_at = line!() + 1;
        let waits = async { rx.await.is_ok() };
        spawn(waits);
        runtime::task::yield_now().await;
        ((_tx, tx), made_at, awaited_at)
    });
    let records = runtime.trace().take();
    let lines = records.iter().filter_map(|record| match &record.event {
        Event::Waiting { at: Some(at), .. } => Some(at.line),
        _ => None,
    });
    assert_eq!(lines.collect::<Vec<_>>(), [made_at, awaited_at]);
    drop(tx);
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Send,
    DropSender,
    PollClosed,
    CancelClosed,
    Poll,
    TryRecv,
    Close,
    DropReceiver,
}

const ACTS: [Act; 8] = [
    Act::Send,
    Act::DropSender,
    Act::PollClosed,
    Act::CancelClosed,
    Act::Poll,
    Act::TryRecv,
    Act::Close,
    Act::DropReceiver,
];

/// The channel as one would describe it in plain words.
#[derive(Debug, Default)]
struct Model {
    value: bool,
    sender_gone: bool,
    closed: bool,
    taken: bool,
    /// Who has left a waker that was not called yet.
    receiver_waits: bool,
    sender_waits: bool,
}

struct Pair {
    model: Model,
    tx: Option<Sender<Rc<()>>>,
    rx: Option<Receiver<Rc<()>>>,
    token: Rc<()>,
    tx_bell: (Arc<Bell>, Waker),
    rx_bell: (Arc<Bell>, Waker),
    tx_rung: usize,
    rx_rung: usize,
}

impl Pair {
    fn new() -> Pair {
        let (tx, rx) = channel();
        Pair {
            model: Model::default(),
            tx: Some(tx),
            rx: Some(rx),
            token: Rc::new(()),
            tx_bell: Bell::new(),
            rx_bell: Bell::new(),
            tx_rung: 0,
            rx_rung: 0,
        }
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Send | Act::DropSender => self.end_sender(matches!(act, Act::Send)),
            Act::PollClosed => self.poll_closed(false),
            Act::CancelClosed => self.poll_closed(true),
            Act::Poll => self.poll(),
            Act::TryRecv => self.try_recv(),
            Act::Close | Act::DropReceiver => self.end_receiver(matches!(act, Act::Close)),
        }
        self.check();
    }

    fn end_sender(&mut self, send: bool) {
        let Some(tx) = self.tx.take() else { return };
        let open = !self.model.closed;
        if send {
            assert_eq!(tx.send(Rc::clone(&self.token)).is_ok(), open);
        }
        self.model.value = send && open;
        self.model.sender_gone = true;
        self.model.sender_waits = false;
        if open && std::mem::take(&mut self.model.receiver_waits) {
            self.rx_rung += 1;
        }
    }

    fn poll_closed(&mut self, cancel: bool) {
        let Some(tx) = &mut self.tx else { return };
        let mut cx = Context::from_waker(&self.tx_bell.1);
        let ready = match cancel {
            true => pin!(tx.closed()).poll(&mut cx),
            false => tx.poll_closed(&mut cx),
        };
        assert_eq!(ready.is_ready(), self.model.closed);
        self.model.sender_waits = !cancel && ready.is_pending();
    }

    /// Whether the receiver must have its result now, and which.
    fn expected(&self) -> Option<bool> {
        let over = self.model.sender_gone || self.model.closed;
        (self.model.value || over).then_some(self.model.value)
    }

    fn poll(&mut self) {
        let expected = self.expected();
        let Some(rx) = &mut self.rx else { return };
        if self.model.taken {
            return assert!(rx.is_terminated());
        }
        let mut cx = Context::from_waker(&self.rx_bell.1);
        let result = Pin::new(rx).poll(&mut cx);
        self.model.receiver_waits = result.is_pending();
        let got = match result {
            Poll::Ready(result) => Some(result.is_ok()),
            Poll::Pending => None,
        };
        assert_eq!(got, expected);
        self.take(got.is_some());
    }

    fn try_recv(&mut self) {
        let expected = self.expected();
        let Some(rx) = &mut self.rx else { return };
        let result = rx.try_recv();
        if self.model.taken {
            return assert_eq!(result, Err(TryRecvError::Closed));
        }
        let got = match result {
            Ok(_) => Some(true),
            Err(TryRecvError::Closed) => Some(false),
            Err(TryRecvError::Empty) => None,
        };
        assert_eq!(got, expected);
        self.take(got.is_some());
    }

    fn take(&mut self, done: bool) {
        if done {
            self.model.taken = true;
            self.model.value = false;
            self.model.receiver_waits = false;
        }
    }

    fn end_receiver(&mut self, close: bool) {
        let Some(rx) = &mut self.rx else { return };
        match close {
            true => rx.close(),
            false => {
                self.rx = None;
                self.model.value = false;
            }
        }
        self.model.receiver_waits = false;
        if close && self.model.taken {
            return;
        }
        self.model.closed = true;
        if std::mem::take(&mut self.model.sender_waits) {
            self.tx_rung += 1;
        }
    }

    fn check(&self) {
        assert_eq!(self.tx_bell.0.rung(), self.tx_rung, "{:?}", self.model);
        assert_eq!(self.rx_bell.0.rung(), self.rx_rung, "{:?}", self.model);
        let held = usize::from(self.model.value);
        assert_eq!(Rc::strong_count(&self.token), 1 + held, "a value is lost");
        let waits = [
            (&self.tx_bell.0, self.model.sender_waits),
            (&self.rx_bell.0, self.model.receiver_waits),
        ];
        for (bell, waits) in waits {
            assert_eq!(Arc::strong_count(bell), 2 + usize::from(waits));
        }
        if let Some(rx) = &self.rx {
            assert_eq!(rx.is_empty(), !self.model.value);
            assert_eq!(rx.is_terminated(), self.model.taken);
        }
        if let Some(tx) = &self.tx {
            assert_eq!(tx.is_closed(), self.model.closed);
        }
    }
}

proptest! {
    #[test]
    fn it_does_what_the_model_does(acts in vec(select(&ACTS[..]), 1..12)) {
        let mut pair = Pair::new();
        acts.into_iter().for_each(|act| pair.act(act));
    }
}

#[test]
fn a_poll_by_hand_and_the_wait_agree() {
    run_paused(async {
        let (mut tx, rx) = channel::<u32>();
        spawn(async move { drop(rx) });
        poll_fn(|cx| tx.poll_closed(cx)).await;
        tx.closed().await;
    });
}
