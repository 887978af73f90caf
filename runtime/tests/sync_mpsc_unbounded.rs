//! A channel without a bound against a plain model: a queue, and the tasks that wait at either end.
//!
//! Random sends, receives, closings and drops must do the same to both. Who waits must be woken by
//! the first thing that ends the wait, and by nothing else; a wait that is given up leaves no waker
//! and takes no message; and what was sent is received once, or dropped with the channel.
#![forbid(unsafe_code)]

#[path = "support/machine.rs"]
mod machine;
#[path = "support/waits.rs"]
mod waits;

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use machine::{Bell, poll_with};
use proptest::collection::vec;
use proptest::prelude::*;
use runtime::sync::mpsc::error::{SendError, TryRecvError};
use runtime::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use waits::Wait;

#[derive(Clone, Debug)]
enum Act {
    /// By the sender of this number, modulo their count.
    Send(usize),
    Clone(usize),
    DropSender(usize),
    TryRecv,
    /// The receiver goes on waiting, if it has to.
    PollRecv,
    /// It does not.
    GiveUpRecv,
    RecvMany(usize),
    /// A sender of its own waits for the receiver's end.
    AwaitEnd(usize),
    /// Of those who do.
    PollEnd(usize),
    GiveUpEnd(usize),
    Close,
    DropReceiver,
}

fn act() -> impl Strategy<Value = Act> {
    let at = any::<usize>;
    prop_oneof![
        8 => at().prop_map(Act::Send),
        2 => at().prop_map(Act::Clone),
        2 => at().prop_map(Act::DropSender),
        4 => Just(Act::TryRecv),
        6 => Just(Act::PollRecv),
        3 => Just(Act::GiveUpRecv),
        2 => (0..4_usize).prop_map(Act::RecvMany),
        2 => at().prop_map(Act::AwaitEnd),
        2 => at().prop_map(Act::PollEnd),
        2 => at().prop_map(Act::GiveUpEnd),
        1 => Just(Act::Close),
        1 => Just(Act::DropReceiver),
    ]
}

/// A number, and a token that tells whether it is still somewhere.
type Message = (u32, Rc<()>);

/// The channel as one would describe it in plain words.
#[derive(Debug, Default)]
struct Model {
    queue: VecDeque<u32>,
    senders: usize,
    closed: bool,
}

impl Model {
    fn is_over(&self) -> bool {
        self.senders == 0 || self.closed
    }

    fn recv(&mut self) -> Poll<Option<u32>> {
        match self.queue.pop_front() {
            None if !self.is_over() => Poll::Pending,
            number => Poll::Ready(number),
        }
    }
}

struct Test {
    model: Model,
    senders: Vec<UnboundedSender<Message>>,
    rx: Option<UnboundedReceiver<Message>>,
    ends: Vec<Wait<'static, ()>>,
    token: Rc<()>,
    next: u32,
    bell: Arc<Bell>,
    waker: Waker,
    /// How often the receiver had been woken when it went to wait; `None`: it does not wait.
    waits: Option<usize>,
}

impl Test {
    fn new() -> Test {
        let (tx, rx) = unbounded_channel();
        let (bell, waker) = Bell::new();
        let model = Model {
            senders: 1,
            ..Model::default()
        };
        Test {
            model,
            senders: vec![tx],
            rx: Some(rx),
            ends: Vec::new(),
            token: Rc::default(),
            next: 0,
            bell,
            waker,
            waits: None,
        }
    }

    fn act(&mut self, act: &Act) {
        match *act {
            Act::Send(at) => self.send(at),
            Act::Clone(at) => {
                let sender = self.sender(at).cloned();
                self.model.senders += usize::from(sender.is_some());
                self.senders.extend(sender);
            }
            Act::DropSender(at) if !self.senders.is_empty() => {
                let at = at % self.senders.len();
                self.model.senders -= 1;
                drop(self.senders.swap_remove(at));
            }
            Act::AwaitEnd(at) => self.await_end(at),
            Act::PollEnd(at) if !self.ends.is_empty() => self.poll_end(at),
            Act::GiveUpEnd(at) if !self.ends.is_empty() => {
                let at = at % self.ends.len();
                self.model.senders -= 1;
                drop(self.ends.swap_remove(at));
            }
            Act::DropReceiver => {
                self.rx = None;
                self.waits = None;
                self.model.closed = true;
                self.model.queue.clear();
            }
            _ => self.receive(act),
        }
        self.check();
    }

    fn sender(&self, at: usize) -> Option<&UnboundedSender<Message>> {
        let count = self.senders.len().max(1);
        self.senders.get(at % count)
    }

    fn send(&mut self, at: usize) {
        let Some(tx) = self.sender(at) else { return };
        let number = self.next;
        let sent = tx.send((number, Rc::clone(&self.token)));
        self.next += 1;
        assert_eq!(sent.is_err(), self.model.closed);
        match sent {
            Ok(()) => self.model.queue.push_back(number),
            Err(SendError((back, _))) => assert_eq!(back, number, "the value comes back"),
        }
    }

    fn await_end(&mut self, at: usize) {
        let Some(tx) = self.sender(at).cloned() else {
            return;
        };
        let mut end = Wait::new(async move { tx.closed().await });
        assert_eq!(end.is_pending(), !self.model.closed);
        if !self.model.closed {
            self.model.senders += 1;
            self.ends.push(end);
        }
    }

    fn poll_end(&mut self, at: usize) {
        let at = at % self.ends.len();
        assert_eq!(self.ends[at].is_pending(), !self.model.closed);
        if self.model.closed {
            self.model.senders -= 1;
            drop(self.ends.swap_remove(at));
        }
    }

    fn receive(&mut self, act: &Act) {
        let Some(rx) = &mut self.rx else { return };
        match *act {
            Act::TryRecv => {
                let expected = match self.model.recv() {
                    Poll::Ready(Some(number)) => Ok(number),
                    Poll::Ready(None) => Err(TryRecvError::Disconnected),
                    Poll::Pending => Err(TryRecvError::Empty),
                };
                assert_eq!(rx.try_recv().map(number), expected);
            }
            Act::PollRecv => {
                let polled = rx.poll_recv(&mut Context::from_waker(&self.waker));
                let expected = self.model.recv();
                assert_eq!(polled.map(|message| message.map(number)), expected);
                self.waits = expected.is_pending().then(|| self.bell.rung());
            }
            Act::GiveUpRecv => self.give_up(),
            Act::RecvMany(limit) => self.receive_many(limit),
            Act::Close => {
                rx.close();
                self.model.closed = true;
                self.waits = None; // the one that closes is not told
            }
            _ => {}
        }
    }

    /// One poll of `recv`, which is then dropped. It takes the seat of who polled by hand before.
    fn give_up(&mut self) {
        let Some(rx) = &mut self.rx else { return };
        let (bell, waker) = Bell::new();
        let polled = poll_with(&waker, &mut Box::pin(rx.recv()));
        let polled = polled.map(|message| message.map(number));
        assert_eq!(polled, self.model.recv());
        self.waits = None;
        drop(waker);
        assert_eq!(Arc::strong_count(&bell), 1, "a waker is left behind");
    }

    fn receive_many(&mut self, limit: usize) {
        let Some(rx) = &mut self.rx else { return };
        let mut some = Vec::new();
        let mut cx = Context::from_waker(&self.waker);
        let polled = rx.poll_recv_many(&mut cx, &mut some, limit);
        let count = limit.min(self.model.queue.len());
        let wanted: Vec<u32> = self.model.queue.drain(..count).collect();
        assert_eq!(Vec::from_iter(some.into_iter().map(number)), wanted);
        let waits = count == 0 && limit > 0 && !self.model.is_over();
        assert_eq!(polled.is_pending(), waits);
        assert!(waits || polled == Poll::Ready(count), "{polled:?}");
        self.waits = waits.then(|| self.bell.rung());
    }

    fn check(&mut self) {
        let model = &self.model;
        for tx in &self.senders {
            assert_eq!(tx.is_closed(), model.closed);
            assert_eq!(tx.strong_count(), model.senders);
        }
        if let Some(rx) = &self.rx {
            assert_eq!(rx.len(), model.queue.len());
            assert_eq!(rx.is_empty(), model.queue.is_empty());
            assert_eq!(rx.is_closed(), model.is_over());
            assert_eq!(rx.sender_strong_count(), model.senders);
        }
        for end in &self.ends {
            assert_eq!(end.wakes(), usize::from(model.closed));
        }
        if let Some(before) = self.waits {
            let ready = !model.queue.is_empty() || model.is_over();
            assert_eq!(self.bell.rung(), before + usize::from(ready), "{model:?}");
            // Woken, it waits no more, even if another task takes the message.
            self.waits = self.waits.filter(|_| !ready);
        }
    }
}

fn number((number, _): Message) -> u32 {
    number
}

proptest! {
    #[test]
    fn an_unbounded_channel_does_what_its_model_does(acts in vec(act(), 1..100)) {
        let mut test = Test::new();
        acts.iter().for_each(|act| test.act(act));
        // Whatever happened: when all have gone, nothing is left.
        test.senders.clear();
        test.ends.clear();
        test.rx = None;
        prop_assert_eq!(Rc::strong_count(&test.token), 1, "a message is left behind");
        prop_assert_eq!(Arc::strong_count(&test.bell), 2, "a waker is left behind");
    }
}
