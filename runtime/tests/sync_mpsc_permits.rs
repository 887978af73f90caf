//! Permits: places in a channel that are taken before there is a message; and the whole of a
//! bounded channel against a plain model.

#[path = "support/machine.rs"]
mod machine;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use machine::{Bell, panic_of, poll_with, run_paused};
use proptest::collection::vec;
use proptest::prelude::*;
use runtime::spawn;
use runtime::sync::mpsc::error::{SendError, TryRecvError, TrySendError};
use runtime::sync::mpsc::{OwnedPermit, Receiver, Sender, channel};
use runtime::task::yield_now;

#[test]
fn a_permit_sends_without_waiting_even_after_the_close() {
    run_paused(async {
        let (tx, mut rx) = channel(1);
        let permit = tx.reserve().await.unwrap();
        rx.close();
        let mut recv = Box::pin(rx.recv());
        assert!(machine::poll_here(&mut recv).await.is_pending());
        permit.send(1);
        assert_eq!(recv.await, Some(1));
        assert_eq!(rx.recv().await, None);
    });
}

#[test]
fn a_permit_that_is_not_used_goes_to_the_next_in_the_line() {
    run_paused(async {
        let (tx, mut rx) = channel(1);
        let permit = tx.reserve().await.unwrap();
        let other = tx.clone();
        let waits = spawn(async move { other.send(1).await });
        yield_now().await;
        assert!(!waits.is_finished());
        drop(permit);
        waits.await.unwrap().unwrap();
        assert_eq!(rx.recv().await, Some(1));
    });
}

#[test]
fn the_last_permit_of_a_closed_channel_wakes_the_receiver_when_it_is_dropped() {
    let (tx, mut rx) = channel::<u32>(2);
    let (first, second) = (tx.try_reserve().unwrap(), tx.try_reserve().unwrap());
    rx.close();
    let (bell, waker) = Bell::new();
    let mut cx = Context::from_waker(&waker);
    assert!(rx.poll_recv(&mut cx).is_pending());
    drop(first);
    assert_eq!(bell.rung(), 0);
    drop(second);
    assert_eq!(bell.rung(), 1);
    assert_eq!(rx.poll_recv(&mut cx), Poll::Ready(None));
}

#[test]
fn a_permit_granted_to_a_reservation_that_is_dropped_goes_to_the_next() {
    let (tx, mut rx) = channel(1);
    tx.try_send(1).unwrap();
    let mut first = Box::pin(tx.reserve());
    let mut second = Box::pin(tx.clone().reserve_owned());
    let (next, waker) = Bell::new();
    assert!(poll_with(Waker::noop(), &mut first).is_pending());
    assert!(poll_with(&waker, &mut second).is_pending());
    assert_eq!(rx.try_recv(), Ok(1));
    drop(first);
    assert_eq!(next.rung(), 1);
    drop(second);
    assert_eq!(tx.capacity(), 1);
    assert_eq!(tx.strong_count(), 1, "the sender inside is dropped too");
}

#[test]
fn an_owned_permit_keeps_the_channel_open_and_gives_the_sender_back() {
    let (tx, mut rx) = channel(1);
    let permit = tx.try_reserve_owned().unwrap();
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    let tx = permit.send(1);
    assert_eq!(rx.try_recv(), Ok(1));
    let tx = tx.try_reserve_owned().unwrap().release();
    assert_eq!(tx.capacity(), 1);
    drop(tx.try_reserve_owned());
    assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
}

#[test]
fn a_refused_reservation_gives_the_sender_back() {
    let (tx, rx) = channel::<u32>(1);
    let permit = tx.try_reserve().unwrap();
    let full = tx.clone().try_reserve_owned();
    let Err(TrySendError::Full(back)) = full else {
        panic!("it is full: {full:?}");
    };
    drop(permit);
    drop(rx);
    assert!(matches!(
        back.try_reserve_owned(),
        Err(TrySendError::Closed(_))
    ));
}

#[test]
fn a_value_sent_by_a_permit_when_the_receiver_is_gone_is_dropped() {
    let (tx, rx) = channel(1);
    let token = Arc::new(());
    let permit = tx.try_reserve().unwrap();
    drop(rx);
    permit.send(Arc::clone(&token));
    assert_eq!(Arc::strong_count(&token), 1);
    assert_eq!(tx.capacity(), 1);
}

#[test]
fn a_channel_without_places_is_refused_with_a_reason() {
    let said = panic_of(|| channel::<u32>(0));
    assert!(said.contains("at least 1"), "{said}");
}

#[derive(Clone, Debug)]
enum Act {
    TrySend,
    /// Begins to send (or to reserve) and polls once.
    Send,
    Reserve,
    /// Of those that were begun, the one at this place.
    Poll(usize),
    Drop(usize),
    /// Of the permits.
    UsePermit(usize),
    DropPermit(usize),
    Release(usize),
    TryRecv,
    PollRecv,
    /// One poll of `recv`, which is then dropped.
    CancelRecv,
    RecvMany(usize),
    Close,
    DropReceiver,
    DropSender,
}

fn act() -> impl Strategy<Value = Act> {
    let at = || 0..6_usize;
    prop_oneof![
        4 => Just(Act::TrySend),
        6 => Just(Act::Send),
        4 => Just(Act::Reserve),
        6 => at().prop_map(Act::Poll),
        4 => at().prop_map(Act::Drop),
        3 => at().prop_map(Act::UsePermit),
        2 => at().prop_map(Act::DropPermit),
        1 => at().prop_map(Act::Release),
        4 => Just(Act::TryRecv),
        4 => Just(Act::PollRecv),
        3 => Just(Act::CancelRecv),
        2 => at().prop_map(Act::RecvMany),
        1 => Just(Act::Close),
        1 => Just(Act::DropReceiver),
        1 => Just(Act::DropSender),
    ]
}

/// A bounded channel as one would describe it in plain words.
#[derive(Debug)]
struct Model {
    all: usize,
    free: usize,
    queue: VecDeque<u32>,
    /// Who stands in line, by number.
    line: VecDeque<u32>,
    /// Who was given a place and has not looked yet.
    granted: BTreeSet<u32>,
    closed: bool,
    gone: bool,
    senders: usize,
}

impl Model {
    fn ask(&mut self, who: u32) -> Poll<Result<(), ()>> {
        if self.closed {
            if self.granted.remove(&who) {
                self.give_back();
            }
            return Poll::Ready(Err(()));
        }
        if self.granted.remove(&who) {
            return Poll::Ready(Ok(()));
        }
        if !self.line.contains(&who) {
            if self.free > 0 {
                self.free -= 1;
                return Poll::Ready(Ok(()));
            }
            self.line.push_back(who);
        }
        Poll::Pending
    }

    fn leave(&mut self, who: u32) {
        self.line.retain(|&other| other != who);
        if self.granted.remove(&who) {
            self.give_back();
        }
    }

    fn give_back(&mut self) {
        match self.line.pop_front() {
            Some(first) => drop(self.granted.insert(first)),
            None => self.free += 1,
        }
    }

    fn push(&mut self, message: u32) {
        match self.gone {
            true => self.give_back(),
            false => self.queue.push_back(message),
        }
    }

    fn pop(&mut self) -> Option<u32> {
        let message = self.queue.pop_front();
        if message.is_some() {
            self.give_back();
        }
        message
    }

    fn recv(&mut self) -> Poll<Option<u32>> {
        match self.pop() {
            None if !self.is_over() => Poll::Pending,
            message => Poll::Ready(message),
        }
    }

    fn is_over(&self) -> bool {
        self.senders == 0 || self.closed && self.free == self.all
    }

    fn close(&mut self) {
        self.closed = true;
        self.line.clear();
    }
}

type Begun = Pin<Box<dyn Future<Output = Result<Option<OwnedPermit<u32>>, SendError<u32>>>>>;

/// Something that asks for a place.
struct Asks {
    who: u32,
    future: Begun,
    bell: Arc<Bell>,
    waker: Waker,
}

struct Test {
    model: Model,
    tx: Option<Sender<u32>>,
    rx: Option<Receiver<u32>>,
    begun: Vec<Asks>,
    permits: Vec<OwnedPermit<u32>>,
    next: u32,
    bell: Arc<Bell>,
    waker: Waker,
    /// How often the receiver had been woken when it went to wait; `None`: it does not wait.
    waits: Option<usize>,
}

impl Test {
    fn new(all: usize) -> Test {
        let (tx, rx) = channel(all);
        let (bell, waker) = Bell::new();
        let model = Model {
            all,
            free: all,
            queue: VecDeque::new(),
            line: VecDeque::new(),
            granted: BTreeSet::new(),
            closed: false,
            gone: false,
            senders: 1,
        };
        Test {
            model,
            tx: Some(tx),
            rx: Some(rx),
            begun: Vec::new(),
            permits: Vec::new(),
            next: 0,
            bell,
            waker,
            waits: None,
        }
    }

    fn act(&mut self, act: &Act) {
        match *act {
            Act::TrySend => self.try_send(),
            Act::Send => self.begin(true),
            Act::Reserve => self.begin(false),
            Act::Poll(at) if at < self.begun.len() => self.poll(at),
            Act::Drop(at) if at < self.begun.len() => self.drop_begun(at),
            Act::UsePermit(at) if at < self.permits.len() => {
                let permit = self.permits.remove(at);
                self.next += 1;
                self.model.push(self.next);
                self.model.senders -= 1;
                drop(permit.send(self.next));
            }
            Act::DropPermit(at) | Act::Release(at) if at < self.permits.len() => {
                let permit = self.permits.remove(at);
                self.model.give_back();
                self.model.senders -= 1;
                match act {
                    Act::Release(_) => drop(permit.release()),
                    _ => drop(permit),
                }
            }
            Act::DropSender => {
                self.model.senders -= usize::from(self.tx.is_some());
                self.tx = None;
            }
            _ => self.receive(act),
        }
        self.check();
    }

    fn try_send(&mut self) {
        let Some(tx) = &self.tx else { return };
        self.next += 1;
        let expected = match (self.model.closed, self.model.free) {
            (true, _) => Err(TrySendError::Closed(self.next)),
            (false, 0) => Err(TrySendError::Full(self.next)),
            (false, _) => Ok(()),
        };
        assert_eq!(tx.try_send(self.next), expected);
        if expected.is_ok() {
            self.model.free -= 1;
            self.model.push(self.next);
        }
    }

    /// Begins to send or to reserve, in a future that has its own sender.
    fn begin(&mut self, send: bool) {
        let Some(tx) = self.tx.clone() else { return };
        self.next += 1;
        let who = self.next;
        let future: Begun = match send {
            true => Box::pin(async move { tx.send(who).await.map(|()| None) }),
            false => Box::pin(async move {
                let permit = tx.reserve_owned().await;
                permit.map(Some).map_err(|SendError(())| SendError(who))
            }),
        };
        let (bell, waker) = Bell::new();
        let asks = Asks {
            who,
            future,
            bell,
            waker,
        };
        self.model.senders += 1;
        self.begun.push(asks);
        self.poll(self.begun.len() - 1);
    }

    fn poll(&mut self, at: usize) {
        let asks = &mut self.begun[at];
        let who = asks.who;
        let polled = poll_with(&asks.waker, &mut asks.future);
        let expected = self.model.ask(who);
        match (polled, expected) {
            (Poll::Pending, Poll::Pending) => return,
            (Poll::Ready(Ok(None)), Poll::Ready(Ok(()))) => {
                self.model.push(who);
                self.model.senders -= 1;
            }
            (Poll::Ready(Ok(Some(permit))), Poll::Ready(Ok(()))) => self.permits.push(permit),
            (Poll::Ready(Err(SendError(back))), Poll::Ready(Err(()))) => {
                assert_eq!(back, who, "the value comes back");
                self.model.senders -= 1;
            }
            (polled, expected) => panic!("{polled:?} and not {expected:?}"),
        }
        self.begun.remove(at);
    }

    fn drop_begun(&mut self, at: usize) {
        let asks = self.begun.remove(at);
        self.model.leave(asks.who);
        self.model.senders -= 1;
        let (bell, future) = (asks.bell, asks.future);
        drop((future, asks.waker));
        assert_eq!(Arc::strong_count(&bell), 1, "a waker is left behind");
    }

    fn receive(&mut self, act: &Act) {
        let Some(rx) = &mut self.rx else { return };
        let mut cx = Context::from_waker(&self.waker);
        match *act {
            Act::TryRecv => {
                let expected = match self.model.pop() {
                    Some(message) => Ok(message),
                    None if self.model.is_over() => Err(TryRecvError::Disconnected),
                    None => Err(TryRecvError::Empty),
                };
                assert_eq!(rx.try_recv(), expected);
            }
            Act::PollRecv => {
                let expected = self.model.recv();
                assert_eq!(rx.poll_recv(&mut cx), expected);
                self.waits = expected.is_pending().then(|| self.bell.rung());
            }
            Act::CancelRecv => {
                let (bell, waker) = Bell::new();
                let polled = poll_with(&waker, &mut Box::pin(rx.recv()));
                assert_eq!(polled, self.model.recv());
                self.waits = None; // it has taken the seat, and left it
                drop(waker);
                assert_eq!(Arc::strong_count(&bell), 1, "a waker is left behind");
            }
            Act::RecvMany(limit) => {
                let mut some = Vec::new();
                let polled = rx.poll_recv_many(&mut cx, &mut some, limit);
                let got = some.len();
                let wanted: Vec<u32> = (0..limit).map_while(|_| self.model.pop()).collect();
                assert_eq!(some, wanted);
                let pending = wanted.is_empty() && limit > 0 && !self.model.is_over();
                assert_eq!(
                    polled,
                    if pending {
                        Poll::Pending
                    } else {
                        Poll::Ready(got)
                    }
                );
                self.waits = pending.then(|| self.bell.rung());
            }
            Act::Close => {
                rx.close();
                self.model.close();
                self.waits = None;
            }
            Act::DropReceiver => {
                self.rx = None;
                self.waits = None;
                self.model.close();
                self.model.gone = true;
                while self.model.pop().is_some() {}
            }
            _ => {}
        }
    }

    fn check(&mut self) {
        let model = &self.model;
        if let Some(tx) = &self.tx {
            assert_eq!(tx.capacity(), model.free, "{model:?}");
            assert_eq!(tx.is_closed(), model.closed);
            assert_eq!(tx.strong_count(), model.senders);
        }
        if let Some(rx) = &self.rx {
            assert_eq!((rx.len(), rx.capacity()), (model.queue.len(), model.free));
            assert_eq!(rx.is_closed(), model.closed || model.senders == 0);
        }
        for asks in &self.begun {
            let called = !model.line.contains(&asks.who);
            assert_eq!(asks.bell.rung(), usize::from(called), "{model:?}");
        }
        if let Some(before) = self.waits {
            let ready = !model.queue.is_empty() || model.is_over();
            assert_eq!(self.bell.rung() > before, ready, "{model:?}");
            // Woken, it waits no more, even if another task takes the message.
            self.waits = self.waits.filter(|_| !ready);
        }
    }
}

proptest! {
    #[test]
    fn a_bounded_channel_does_what_the_model_does(
        all in 1..4_usize,
        acts in vec(act(), 1..80),
    ) {
        let mut test = Test::new(all);
        acts.iter().for_each(|act| test.act(act));
        // Whatever happened: when all have gone, all places are back.
        let watcher = test.tx.take();
        test.begun.clear();
        test.permits.clear();
        if let Some(rx) = test.rx.take() {
            drop(rx);
        }
        if let Some(tx) = watcher {
            prop_assert_eq!(tx.capacity(), all);
        }
        prop_assert_eq!(Arc::strong_count(&test.bell), 2, "a waker is left behind");
    }
}

/// Messages of several senders: each sender's own come in its order.
#[test]
fn the_order_of_each_sender_is_kept_whatever_the_others_do() {
    run_paused(async {
        let (tx, mut rx) = channel(2);
        for sender in 0..4_u32 {
            let tx = tx.clone();
            spawn(async move {
                for n in 0..50_u32 {
                    tx.send((sender, n)).await.unwrap();
                }
            });
        }
        drop(tx);
        let mut seen = BTreeMap::new();
        while let Some((sender, n)) = rx.recv().await {
            let last = seen.insert(sender, n);
            assert_eq!(n, last.map_or(0, |last: u32| last + 1));
        }
        assert!(seen.len() == 4 && seen.values().all(|&n| n == 49));
    });
}

#[test]
fn a_closed_channel_counts_its_places_until_all_are_back() {
    let (tx, mut rx) = channel(3);
    let permit = tx.try_reserve().unwrap();
    tx.try_send(1).unwrap();
    rx.close();
    assert_eq!((tx.capacity(), rx.capacity()), (1, 1));
    assert_eq!(tx.try_send(2), Err(TrySendError::Closed(2)));
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(
        (tx.capacity(), rx.try_recv()),
        (2, Err(TryRecvError::Empty))
    );
    drop(permit);
    assert_eq!(tx.capacity(), 3);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
    assert_eq!(tx.try_reserve().unwrap_err(), TrySendError::Closed(()));
}
