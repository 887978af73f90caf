//! What a connection in the middle of something has to remember.
//!
//! A connection that waits for a request remembers nothing. One that is interrupted while
//! it reads a head, runs a handler or sends a body must know next time where it was: which
//! [`Stage`] it had reached, which bytes were left over, what the request had said. All
//! of that is [`Work`]. It is made on the stack when a poll begins and forgotten when the
//! poll ends; only if something is unfinished then, it goes into a box and stays.
//!
//! How it can go wrong: forgetting too much. [`Work::is_done`] is the whole list of what may
//! be forgotten, and whoever adds a field must ask whether it belongs there.

use runtime::time::Instant;

use super::alarm::Wait;
use super::allowance::Allowance;
use super::decode::{Facts, Progress};
use super::error::Error;
use super::idle::Queue;
use super::inflow::Inflow;
use super::input::Input;
use super::lent::Desk;
use super::output::Output;
use super::pace::Pace;
use super::shared::Slot;
use super::turns::NextTurn;
use super::upgrade::Offer;
use crate::body::Body;

/// Where on its way a connection is; the diagram is in [`connection`](super::connection).
pub(crate) enum Stage<F> {
    Head,
    Handler(Slot<F>),
    Stream(Outflow),
    /// The 101 leaves, and then the connection is the handler's.
    Switch,
    /// So many bytes of the body will still be thrown away for the sake of the next request.
    Drain(u64),
    Close,
    /// The answer has failed, and its end must not look like one.
    Sever,
    Linger(Linger),
}

/// What is still thrown away for the sake of the answer.
pub(crate) struct Linger {
    /// So many bytes.
    pub(crate) left: u64,
    pub(crate) until: Instant,
    /// The peer is in the middle of sending. Otherwise it may be, and the next read tells.
    pub(crate) sends: bool,
}

/// A response's body on its way out.
pub(crate) struct Outflow {
    pub(crate) body: Body,
    pub(crate) pace: Pace,
}

/// What a connection in the middle of something has to remember.
pub(crate) struct Work<F> {
    pub(crate) input: Input,
    pub(crate) output: Output,
    /// How far a head that is not complete has been looked at.
    pub(crate) progress: Progress,
    pub(crate) stage: Stage<F>,
    /// Of the request being answered.
    pub(crate) facts: Facts,
    /// Its body, if that has not all come.
    pub(crate) inflow: Option<Inflow>,
    /// The connection, offered to the handler: it has been asked for.
    pub(crate) offer: Option<Offer>,
    /// Another request may follow.
    pub(crate) keep_alive: bool,
    /// A request has been read since this work began.
    pub(crate) has_begun: bool,
    /// The peer has sent its last byte.
    pub(crate) at_end: bool,
    /// The answer under way would seem complete if the connection closed now, and is not.
    pub(crate) torn: bool,
    /// What is left of the time to wait for a peer that does not read.
    pub(crate) allowance: Allowance,
    /// The place for the next turn, or the wait for it, if the last one was too short.
    pub(crate) next_turn: Option<NextTurn>,
    /// Why the connection ends before its time, once it has been decided that it does.
    pub(crate) failure: Option<Error>,
}

impl<F> Default for Work<F> {
    #[inline]
    fn default() -> Self {
        Work {
            input: Input::default(),
            output: Output::default(),
            progress: Progress::default(),
            stage: Stage::Head,
            facts: Facts::default(),
            inflow: None,
            offer: None,
            keep_alive: true,
            has_begun: false,
            at_end: false,
            torn: false,
            allowance: Allowance::default(),
            next_turn: None,
            failure: None,
        }
    }
}

impl<F> Work<F> {
    /// Nothing is left to remember: the connection is idle.
    #[inline]
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Head)
            && self.input.is_empty()
            && self.output.is_empty()
            && !self.at_end
            && self.next_turn.is_none()
    }

    /// The queue in which the connection waits, if a newcomer may have its place; `wait` is
    /// what it waits for.
    #[inline]
    pub(crate) fn queue(&self, wait: Option<Wait>) -> Option<Queue> {
        match wait {
            _ if self.is_parting(wait) => Some(Queue::Parting),
            Some(Wait::Idle) if self.has_begun => Some(Queue::Served),
            Some(Wait::Idle) => Some(Queue::New),
            _ => None,
        }
    }

    /// The last answer has left, and nothing is left to do but to see that it arrives.
    #[inline]
    pub(crate) fn is_parting(&self, wait: Option<Wait>) -> bool {
        matches!(self.stage, Stage::Linger(_)) || wait == Some(Wait::Delivery)
    }

    #[inline]
    pub(crate) fn pick_up(&mut self, desk: &mut Desk) {
        self.output.lend(&mut desk.write);
        if let Some(inflow) = &self.inflow {
            inflow.feed.unregister();
        }
    }

    #[inline]
    pub(crate) fn put_down(&mut self, desk: &mut Desk) {
        self.input.keep(&desk.read);
        self.output.give_back(&mut desk.write);
    }
}
