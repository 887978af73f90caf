//! A watch channel against a plain model: a value, and for each receiver whether it has seen it.
//!
//! Random changes, looks, waits and drops must do the same to both. Who waits for a change, or for a
//! value that fits, must be woken by each change and by the end, and by nothing else; who gives up,
//! before or after it was woken, has seen nothing. Senders that wait until no receiver watches are part of
//! it, and so are changes that are none.
#![forbid(unsafe_code)]

#[path = "support/end_waits.rs"]
mod end_waits;
#[path = "support/waits.rs"]
mod waits;

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::task::Poll;

use end_waits::EndWaits;
use proptest::collection::vec;
use proptest::prelude::*;
use runtime::sync::watch::{Receiver, Sender, channel};
use waits::Wait;

/// Who is meant is a number, modulo their count.
#[derive(Clone, Debug)]
enum Act {
    /// A change, or one that says that it is none.
    Modify(bool),
    Send,
    Replace,
    Subscribe,
    Clone(usize),
    Look(usize),
    Update(usize),
    MarkChanged(usize),
    MarkUnchanged(usize),
    /// Begins to wait for a change, or looks again.
    Changed(usize),
    /// Begins to wait for a multiple of three, or looks again.
    WaitFor(usize),
    GiveUp(usize),
    DropReceiver(usize),
    DropSender,
    /// A sender of its own waits until no receiver watches.
    AwaitEnd,
    PollEnd(usize),
    GiveUpEnd(usize),
}

fn act() -> impl Strategy<Value = Act> {
    let at = any::<usize>;
    prop_oneof![
        2 => any::<bool>().prop_map(Act::Modify),
        2 => Just(Act::Send),
        1 => Just(Act::Replace),
        1 => Just(Act::Subscribe),
        1 => at().prop_map(Act::Clone),
        1 => at().prop_map(Act::Look),
        1 => at().prop_map(Act::Update),
        1 => at().prop_map(Act::MarkChanged),
        1 => at().prop_map(Act::MarkUnchanged),
        5 => at().prop_map(Act::Changed),
        5 => at().prop_map(Act::WaitFor),
        3 => at().prop_map(Act::GiveUp),
        2 => at().prop_map(Act::DropReceiver),
        1 => Just(Act::DropSender),
        1 => Just(Act::AwaitEnd),
        1 => at().prop_map(Act::PollEnd),
        1 => at().prop_map(Act::GiveUpEnd),
    ]
}

type Shared = Rc<RefCell<Receiver<u32>>>;

/// What a receiver waits for.
struct Pending {
    /// The value that fits, or nothing if it was a change that it waited for; `Err` is the end.
    wait: Wait<'static, Result<Option<u32>, ()>>,
    /// Whether a value must fit, and the present one was tried.
    fits: Option<bool>,
    /// Whether it is in the list, and how often it must have been woken.
    in_line: bool,
    wakes: usize,
}

impl Pending {
    fn new(rx: &Shared, fits: bool) -> Pending {
        Pending {
            wait: match fits {
                true => Wait::new(wait_for(rx)),
                false => Wait::new(changed(rx)),
            },
            fits: fits.then_some(false),
            in_line: false,
            wakes: 0,
        }
    }

    fn call(&mut self) {
        self.wakes += usize::from(std::mem::take(&mut self.in_line));
    }
}

/// A receiver, and whether it has yet to see the value.
struct Watcher {
    rx: Shared,
    news: bool,
    pending: Option<Pending>,
}

impl Watcher {
    fn new(rx: Receiver<u32>, news: bool) -> Watcher {
        Watcher {
            rx: Rc::new(RefCell::new(rx)),
            news,
            pending: None,
        }
    }

    /// There is something new, or there will never be.
    fn tell(&mut self, news: bool) {
        self.news |= news;
        if let Some(pending) = &mut self.pending {
            pending.call();
        }
    }

    /// One look, by the wait that has begun or by one that begins now.
    fn look(&mut self, fits: bool, value: u32, closed: bool) {
        let rx = &self.rx;
        let pending = self.pending.get_or_insert_with(|| Pending::new(rx, fits));
        let expected = match &mut pending.fits {
            None if self.news => Poll::Ready(Ok(None)),
            Some(tried) if (!*tried || self.news) && value % 3 == 0 => Poll::Ready(Ok(Some(value))),
            _ if closed => Poll::Ready(Err(())),
            Some(tried) => {
                *tried = true;
                Poll::Pending
            }
            None => Poll::Pending,
        };
        assert_eq!(pending.wait.poll(), expected);
        pending.in_line = expected.is_pending();
        self.news = false;
        if expected.is_ready() {
            self.pending = None;
        }
    }
}

/// Waits with a receiver that is there again when the wait is over.
#[allow(
    clippy::await_holding_refcell_ref,
    reason = "no other code asks for the receiver while it waits"
)]
fn changed(rx: &Shared) -> impl Future<Output = Result<Option<u32>, ()>> + use<> {
    let rx = Rc::clone(rx);
    async move {
        let changed = rx.borrow_mut().changed().await;
        changed.map(|()| None).map_err(drop)
    }
}

#[allow(
    clippy::await_holding_refcell_ref,
    reason = "no other code asks for the receiver while it waits"
)]
fn wait_for(rx: &Shared) -> impl Future<Output = Result<Option<u32>, ()>> + use<> {
    let rx = Rc::clone(rx);
    async move {
        let mut rx = rx.borrow_mut();
        let found = rx.wait_for(|value| value % 3 == 0).await;
        found.map(|value| Some(*value)).map_err(drop)
    }
}

struct Test {
    tx: Option<Sender<u32>>,
    value: u32,
    watchers: Vec<Watcher>,
    ends: EndWaits,
}

impl Test {
    fn new() -> Test {
        let (tx, rx) = channel(1);
        Test {
            tx: Some(tx),
            value: 1,
            watchers: vec![Watcher::new(rx, false)],
            ends: EndWaits::default(),
        }
    }

    fn is_closed(&self) -> bool {
        self.tx.is_none() && self.ends.len() == 0
    }

    fn act(&mut self, act: &Act) {
        let was_closed = self.is_closed();
        match *act {
            Act::Modify(_) | Act::Send | Act::Replace => self.change(act),
            Act::Subscribe => {
                let rx = self.tx.as_ref().map(Sender::subscribe);
                self.watchers.extend(rx.map(|rx| Watcher::new(rx, false)));
            }
            Act::DropSender => self.tx = None,
            Act::AwaitEnd => self.await_end(),
            Act::PollEnd(at) => self.ends.poll(at, !self.watchers.is_empty()),
            Act::GiveUpEnd(at) => self.ends.give_up(at),
            _ => self.watch(act),
        }
        if self.is_closed() && !was_closed {
            self.watchers.iter_mut().for_each(|one| one.tell(false));
        }
        self.check();
    }

    fn change(&mut self, act: &Act) {
        let Some(tx) = &self.tx else { return };
        let (before, next) = (self.value, self.value + 1);
        let told = match *act {
            Act::Modify(told) => {
                let modify = |value: &mut u32| {
                    *value = next;
                    told
                };
                assert_eq!(tx.send_if_modified(modify), told);
                told
            }
            Act::Replace => {
                assert_eq!(tx.send_replace(next), before);
                true
            }
            _ => {
                let sent = tx.send(next).is_ok();
                assert_eq!(sent, !self.watchers.is_empty());
                if !sent {
                    return;
                }
                true
            }
        };
        self.value = next;
        if told {
            self.watchers.iter_mut().for_each(|one| one.tell(true));
        }
    }

    fn watch(&mut self, act: &Act) {
        let (value, closed, count) = (self.value, self.is_closed(), self.watchers.len().max(1));
        let (Act::Clone(at)
        | Act::Look(at)
        | Act::Update(at)
        | Act::MarkChanged(at)
        | Act::MarkUnchanged(at)
        | Act::Changed(at)
        | Act::WaitFor(at)
        | Act::GiveUp(at)
        | Act::DropReceiver(at)) = *act
        else {
            return;
        };
        let at = at % count;
        let Some(one) = self.watchers.get_mut(at) else {
            return;
        };
        match act {
            Act::Changed(_) => one.look(false, value, closed),
            Act::WaitFor(_) => one.look(true, value, closed),
            Act::GiveUp(_) => one.pending = None,
            Act::DropReceiver(_) => self.drop_watcher(at),
            _ if one.pending.is_some() => {} // its receiver is not to be had
            Act::Clone(_) => {
                let (rx, news) = (one.rx.borrow().clone(), one.news);
                self.watchers.push(Watcher::new(rx, news));
            }
            _ => see(one, act, value),
        }
    }

    fn drop_watcher(&mut self, at: usize) {
        drop(self.watchers.remove(at));
        if self.watchers.is_empty() {
            self.ends.receivers_gone();
        }
    }

    fn await_end(&mut self) {
        let Some(tx) = self.tx.clone() else { return };
        let closed = async move { tx.closed().await };
        self.ends.begin(closed, !self.watchers.is_empty());
    }

    fn check(&self) {
        let closed = self.is_closed();
        for one in &self.watchers {
            match &one.pending {
                Some(pending) => assert_eq!(pending.wait.wakes(), pending.wakes),
                None => {
                    let changed = one.rx.borrow().has_changed().ok();
                    assert_eq!(changed, (!closed).then_some(one.news));
                }
            }
        }
        self.ends.check();
        if let Some(tx) = &self.tx {
            assert_eq!(*tx.borrow(), self.value);
            assert_eq!(tx.receiver_count(), self.watchers.len());
            assert_eq!(tx.sender_count(), 1 + self.ends.len());
        }
    }
}

/// Looks without waiting, or says what was seen.
fn see(one: &mut Watcher, act: &Act, value: u32) {
    let mut rx = one.rx.borrow_mut();
    match act {
        Act::Look(_) => {
            let look = rx.borrow();
            assert_eq!((*look, look.has_changed()), (value, one.news));
        }
        Act::Update(_) => {
            let look = rx.borrow_and_update();
            assert_eq!((*look, look.has_changed()), (value, one.news));
            drop(look);
            one.news = false;
        }
        Act::MarkChanged(_) => {
            rx.mark_changed();
            one.news = true;
        }
        _ => {
            rx.mark_unchanged();
            one.news = false;
        }
    }
}

proptest! {
    #[test]
    fn a_watch_channel_does_what_its_model_does(acts in vec(act(), 1..100)) {
        let mut test = Test::new();
        acts.iter().for_each(|act| test.act(act));
    }
}
