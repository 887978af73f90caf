//! What the ends of a broadcast channel share: the last so many messages, and the tasks that wait.
//!
//! The messages have positions: 0, 1, 2, ... in the order in which they were sent. A receiver
//! remembers the position of the message that it takes next. Each message knows how many
//! receivers have yet to take it, and is dropped when that number comes to 0. A receiver takes
//! messages in order, so a message is never done with before an older one is: what can be
//! dropped is always at the front.
//!
//! ```text
//!   position    0   1   2   3   4   5   6   7
//!                           ┌───┬───┬───┬───┐
//!   messages                │ 2 │ 2 │ 3 │ 3 │       how many have yet to take it
//!                           └───┴───┴───┴───┘
//!   receivers       a           b       c
//! ```
//!
//! Receiver `a` has been overtaken: the room is bounded, and the messages at 1 and 2 have been
//! dropped for newer ones. It learns that it missed two, and goes on at 3.
//!
//! Each message lies behind an `Rc` of its own. To hand it out means to clone it, and that is the
//! user's code: it runs when nothing is borrowed. So does its drop, when the last has taken it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use super::error::TryRecvError;
use crate::base::room::{Roomy, kept};
use crate::sync::endpoints::Endpoints;
use crate::trace::Shared as Kind;

pub(super) struct Shared<T> {
    messages: RefCell<Roomy<VecDeque<Message<T>>>>,
    capacity: usize,
    /// The position of the message that is sent next.
    next: Cell<u64>,
    pub(super) endpoints: Endpoints,
}

struct Message<T> {
    value: Rc<T>,
    /// How many receivers have yet to take it.
    left: usize,
}

impl<T> Shared<T> {
    pub(super) fn new(capacity: usize) -> Shared<T> {
        Shared {
            messages: RefCell::default(),
            capacity,
            next: Cell::new(0),
            endpoints: Endpoints::new(Kind::Broadcast),
        }
    }

    /// The position of the message that is sent next.
    pub(super) fn next(&self) -> u64 {
        self.next.get()
    }

    /// How many messages a receiver has yet to take.
    pub(super) fn len(&self) -> usize {
        self.messages.borrow().len()
    }

    /// For all receivers there are. If there is no room, the oldest message is dropped.
    pub(super) fn push(&self, value: T) {
        let (value, left) = (Rc::new(value), self.endpoints.receivers());
        let oldest = self.put(Message { value, left });
        self.endpoints
            .emit_sent(|| (self.len(), Some(self.capacity)));
        self.endpoints.wake_receivers();
        drop(oldest);
    }

    /// Returns the message that had to make room.
    fn put(&self, message: Message<T>) -> Option<Message<T>> {
        let mut messages = self.messages.borrow_mut();
        let full = messages.len() == self.capacity;
        let oldest = full.then(|| messages.pop_front());
        messages.push_back(message);
        self.next.set(self.next.get() + 1);
        oldest.flatten()
    }

    /// The message at the position `at`, which is moved on. One that was missed moves it too.
    pub(super) fn take(&self, at: &mut u64) -> Result<Rc<T>, TryRecvError> {
        let value = self.take_out(at)?;
        self.endpoints.emit_received(|| self.len());
        Ok(value)
    }

    fn take_out(&self, at: &mut u64) -> Result<Rc<T>, TryRecvError> {
        let mut messages = self.messages.borrow_mut();
        let oldest = self.next.get() - messages.len() as u64;
        if *at < oldest {
            let missed = oldest - std::mem::replace(at, oldest);
            return Err(TryRecvError::Lagged(missed));
        }
        let Some(value) = take_one(&mut messages, (*at - oldest) as usize) else {
            return Err(match self.endpoints.senders() {
                0 => TryRecvError::Closed,
                _ => TryRecvError::Empty,
            });
        };
        *at += 1;
        Ok(value)
    }

    /// A receiver at the position `at` has no part any more in the messages that are here. Returns
    /// those that only it had yet to take, to be dropped.
    pub(super) fn forsake(&self, at: u64) -> Vec<Rc<T>> {
        let mut messages = self.messages.borrow_mut();
        let oldest = self.next.get() - messages.len() as u64;
        let from = at.saturating_sub(oldest) as usize;
        messages
            .range_mut(from..)
            .for_each(|message| message.left -= 1);
        let done = messages.partition_point(|message| message.left == 0);
        let done = messages.drain(..done).map(|message| message.value);
        let values: Vec<_> = done.collect();
        messages.give_back_after(values.len(), kept::<Message<T>>());
        values
    }
}

/// The message that is so far from the front, for one more receiver. The last receiver takes it out.
fn take_one<T>(messages: &mut Roomy<VecDeque<Message<T>>>, at: usize) -> Option<Rc<T>> {
    let message = messages.get_mut(at)?;
    message.left -= 1;
    let value = Rc::clone(&message.value);
    if message.left == 0 {
        // Not the last reference: this drop runs no code of the user.
        messages.pop_front();
        messages.give_back(kept::<Message<T>>());
    }
    Some(value)
}
