//! A broadcast channel against a plain model: for each receiver, a queue of what it has yet to hear.
//!
//! Random sends, waits and drops must do the same to both. A receiver that waits must be woken by the
//! next message or by the end, and by nothing else; one that was woken and looks late is told what it
//! missed meanwhile; one that gives up, before or after it was woken, loses no message that it could
//! have had. Senders who wait for the receivers' end are part of it, and receivers who come when the
//! last has gone.
#![forbid(unsafe_code)]

#[path = "support/end_waits.rs"]
mod end_waits;
#[path = "support/waits.rs"]
mod waits;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::rc::Rc;
use std::task::Poll;

use end_waits::EndWaits;
use proptest::collection::vec;
use proptest::prelude::*;
use runtime::sync::broadcast::error::{RecvError, TryRecvError};
use runtime::sync::broadcast::{Receiver, Sender, channel};
use waits::Wait;

/// Who is meant is a number, modulo their count.
#[derive(Clone, Debug)]
enum Act {
    Send,
    Subscribe,
    Resubscribe(usize),
    /// Begins to wait, or looks again.
    Recv(usize),
    GiveUp(usize),
    TryRecv(usize),
    DropReceiver(usize),
    DropSender,
    /// A sender of its own waits until no receiver listens.
    AwaitEnd,
    PollEnd(usize),
    GiveUpEnd(usize),
}

fn act() -> impl Strategy<Value = Act> {
    let at = any::<usize>;
    prop_oneof![
        9 => Just(Act::Send),
        2 => Just(Act::Subscribe),
        1 => at().prop_map(Act::Resubscribe),
        9 => at().prop_map(Act::Recv),
        3 => at().prop_map(Act::GiveUp),
        3 => at().prop_map(Act::TryRecv),
        3 => at().prop_map(Act::DropReceiver),
        1 => Just(Act::DropSender),
        2 => Just(Act::AwaitEnd),
        2 => at().prop_map(Act::PollEnd),
        1 => at().prop_map(Act::GiveUpEnd),
    ]
}

/// A message: a number, and a token that tells whether it is still somewhere.
type Message = (u32, Rc<()>);

/// A receiver, with all that it has yet to hear, be it dropped or not.
struct Listener {
    rx: Rc<RefCell<Receiver<Message>>>,
    due: VecDeque<u32>,
    wait: Option<Wait<'static, Result<Message, RecvError>>>,
}

impl Listener {
    fn new(rx: Receiver<Message>) -> Listener {
        Listener {
            rx: Rc::new(RefCell::new(rx)),
            due: VecDeque::new(),
            wait: None,
        }
    }

    /// What it must be told now.
    fn expected(&mut self, room: usize, closed: bool) -> Result<u32, TryRecvError> {
        let missed = self.due.len().saturating_sub(room);
        if missed > 0 {
            self.due.drain(..missed);
            return Err(TryRecvError::Lagged(missed as u64));
        }
        self.due.pop_front().ok_or(match closed {
            true => TryRecvError::Closed,
            false => TryRecvError::Empty,
        })
    }

    /// One look, by the wait that has begun or by one that begins now.
    fn recv(&mut self) -> Result<u32, TryRecvError> {
        let rx = &self.rx;
        let wait = self.wait.get_or_insert_with(|| Wait::new(recv(rx)));
        let told = match wait.poll() {
            Poll::Pending => return Err(TryRecvError::Empty),
            Poll::Ready(told) => told,
        };
        self.wait = None;
        told.map(number).map_err(|error| match error {
            RecvError::Closed => TryRecvError::Closed,
            RecvError::Lagged(missed) => TryRecvError::Lagged(missed),
        })
    }
}

/// Waits with a receiver that is there again when the wait is over.
#[allow(
    clippy::await_holding_refcell_ref,
    reason = "no other code asks for the receiver while it waits"
)]
fn recv(
    rx: &Rc<RefCell<Receiver<Message>>>,
) -> impl Future<Output = Result<Message, RecvError>> + use<> {
    let rx = Rc::clone(rx);
    async move { rx.borrow_mut().recv().await }
}

fn number((number, _): Message) -> u32 {
    number
}

struct Test {
    tx: Option<Sender<Message>>,
    room: usize,
    next: u32,
    token: Rc<()>,
    listeners: Vec<Listener>,
    ends: EndWaits,
}

impl Test {
    fn new(room: usize) -> Test {
        let (tx, rx) = channel(room);
        Test {
            tx: Some(tx),
            room,
            next: 0,
            token: Rc::default(),
            listeners: vec![Listener::new(rx)],
            ends: EndWaits::default(),
        }
    }

    fn is_closed(&self) -> bool {
        self.tx.is_none() && self.ends.len() == 0
    }

    fn act(&mut self, act: &Act) {
        match *act {
            Act::Send => self.send(),
            Act::Subscribe => {
                let rx = self.tx.as_ref().map(Sender::subscribe);
                self.listeners.extend(rx.map(Listener::new));
            }
            Act::DropSender => self.tx = None,
            Act::AwaitEnd => self.await_end(),
            Act::PollEnd(at) => self.ends.poll(at, !self.listeners.is_empty()),
            Act::GiveUpEnd(at) => self.ends.give_up(at),
            _ => self.listen(act),
        }
        self.check();
    }

    fn send(&mut self) {
        let Some(tx) = &self.tx else { return };
        self.next += 1;
        let sent = tx.send((self.next, Rc::clone(&self.token))).ok();
        let all = self.listeners.len();
        assert_eq!(sent, (all > 0).then_some(all));
        for one in &mut self.listeners {
            one.due.push_back(self.next);
        }
    }

    fn listen(&mut self, act: &Act) {
        let closed = self.is_closed();
        let count = self.listeners.len().max(1);
        let (Act::Resubscribe(at)
        | Act::Recv(at)
        | Act::GiveUp(at)
        | Act::TryRecv(at)
        | Act::DropReceiver(at)) = *act
        else {
            return;
        };
        let at = at % count;
        let Some(one) = self.listeners.get_mut(at) else {
            return;
        };
        match act {
            Act::Recv(_) => {
                let told = one.recv();
                assert_eq!(told, one.expected(self.room, closed));
            }
            Act::GiveUp(_) => one.wait = None,
            Act::TryRecv(_) if one.wait.is_none() => {
                let told = one.rx.borrow_mut().try_recv().map(number);
                assert_eq!(told, one.expected(self.room, closed));
            }
            Act::Resubscribe(_) if one.wait.is_none() => {
                let rx = one.rx.borrow().resubscribe();
                self.listeners.push(Listener::new(rx));
            }
            Act::DropReceiver(_) => self.drop_listener(at),
            _ => {}
        }
    }

    fn drop_listener(&mut self, at: usize) {
        drop(self.listeners.remove(at));
        if self.listeners.is_empty() {
            self.ends.receivers_gone();
        }
    }

    fn await_end(&mut self) {
        let Some(tx) = self.tx.clone() else { return };
        let closed = async move { tx.closed().await };
        self.ends.begin(closed, !self.listeners.is_empty());
    }

    fn check(&self) {
        let closed = self.is_closed();
        let mut longest = 0;
        for one in &self.listeners {
            longest = longest.max(one.due.len());
            match &one.wait {
                None => assert_eq!(one.rx.borrow().len(), one.due.len()),
                Some(wait) => {
                    let called = !one.due.is_empty() || closed;
                    assert_eq!(wait.wakes(), usize::from(called));
                }
            }
        }
        self.ends.check();
        // A message is kept for as long as a receiver has yet to hear it, and there is room.
        let kept = longest.min(self.room);
        assert_eq!(Rc::strong_count(&self.token), 1 + kept);
        if let Some(tx) = &self.tx {
            assert_eq!(
                (tx.len(), tx.receiver_count()),
                (kept, self.listeners.len())
            );
            assert_eq!(tx.strong_count(), 1 + self.ends.len());
        }
    }
}

proptest! {
    #[test]
    fn a_broadcast_channel_does_what_its_model_does(
        power in 0..3_u32,
        acts in vec(act(), 1..100),
    ) {
        let mut test = Test::new(1 << power);
        acts.iter().for_each(|act| test.act(act));
    }
}
