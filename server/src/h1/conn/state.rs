//! What a connection in the middle of something has to remember.
//!
//! A connection that waits for a request remembers nothing. One that is interrupted while
//! it reads a head, runs a handler or sends a body must know next time where it was: which
//! [`Stage`] it had reached, which bytes were left over, what the request had said. All
//! of that is [`Work`]. It is made on the stack when a poll begins and forgotten when the
//! poll ends; only if something is unfinished then, it goes into a box and stays.
//!
//! How it can go wrong: forgetting too much. [`Work::is_done`] is the whole list of what may
//! be forgotten, and a new field may belong there.

use bytes::Bytes;
use http::Response;
use runtime::time::Instant;

use super::allowance::Allowance;
use super::idle::Queue;
use super::read_buf::ReadBuf;
use super::scratch::Scratch;
use super::shared::Slot;
use super::timeouts::Wait;
use super::turns::NextTurn;
use super::upgrade::Offer;
use super::write_buf::WriteBuf;
use crate::body::Body;
use crate::body::channel::{Feed, Incoming, channel};
use crate::body::held::Held;
use crate::h1::codec::body_decoder::BodyDecoder;
use crate::h1::codec::body_encoder::BodyEncoder;
use crate::h1::codec::decode::{Facts, Progress};
use crate::h1::error::Error;
use crate::observed::Unsent;

/// Where on its way a connection is; the diagram is in [`conn`](super).
pub(super) enum Stage<F> {
    Head,
    Handler(Slot<F>),
    Stream(ResponseBody),
    /// The last head of HTTP leaves, and then the connection is the handler's.
    Switch,
    /// So many bytes of the body will still be thrown away, for the sake of the next request or protocol.
    Drain(u64),
    Close,
    /// The answer has failed, and its end must not look like one.
    Sever,
    Linger(Linger),
}

/// What is still thrown away for the sake of the answer.
pub(super) struct Linger {
    /// So many bytes.
    pub(super) left: u64,
    pub(super) until: Instant,
    /// The peer is in the middle of sending. Otherwise it may be, and the next read tells.
    pub(super) sends: bool,
}

/// A response's body on its way out.
pub(super) struct ResponseBody {
    pub(super) body: Body,
    pub(super) encoder: BodyEncoder,
}

/// A body that has not arrived completely.
#[derive(Debug)]
pub(super) struct RequestBody {
    pub(super) decoder: BodyDecoder,
    pub(super) feed: Feed,
    /// The client waits for `100 Continue`, which has not been sent.
    pub(super) asks: bool,
    /// What is left of the time to wait for it.
    pub(super) allowance: Allowance,
}

impl RequestBody {
    /// The rest of a body of which `first` has arrived already, and the reader's end of it. The
    /// client `asks` whether it may send it. The reader may take `limit` bytes.
    pub(super) fn new(
        decoder: BodyDecoder,
        first: Bytes,
        asks: bool,
        limit: u64,
        held: &Held,
    ) -> (Self, Incoming) {
        let length = decoder
            .left()
            .map(|left| left.saturating_add(first.len() as u64));
        let (feed, incoming) = channel(length, limit, held);
        if !first.is_empty() {
            feed.push(first);
        }
        (
            RequestBody {
                decoder,
                feed,
                asks,
                allowance: Allowance::default(),
            },
            incoming,
        )
    }
}

/// What a connection in the middle of something has to remember.
pub(super) struct Work<F> {
    pub(super) read_buf: ReadBuf,
    pub(super) write_buf: WriteBuf,
    /// How far a head that is not complete has been looked at.
    pub(super) progress: Progress,
    pub(super) stage: Stage<F>,
    /// Of the request being answered.
    pub(super) facts: Facts,
    /// Its number; 0: none is being answered.
    pub(super) number: u64,
    /// The number that the next request gets, if a part of its head is there; 0: none is.
    pub(super) coming: u64,
    /// The answer that waits in the buffer to be sent, while the runtime is observed.
    pub(super) unsent: Option<Unsent>,
    /// The request's body, if that has not all come.
    pub(super) request_body: Option<RequestBody>,
    /// The connection, offered to the handler: it has been asked for.
    pub(super) offer: Option<Offer>,
    /// The answer that accepts the offer. It waits for the end of the request's body.
    pub(super) switch: Option<Box<Response<Body>>>,
    /// Another request may follow.
    pub(super) keep_alive: bool,
    /// A request has been read since this work began.
    pub(super) has_begun: bool,
    /// The peer has sent its last byte.
    pub(super) at_end: bool,
    /// The answer under way would seem complete if the connection closed now, and is not.
    pub(super) torn: bool,
    /// What is left of the time to wait for a peer that does not read.
    pub(super) allowance: Allowance,
    /// The place for the next turn, or the wait for it, if the last one was too short.
    pub(super) next_turn: Option<NextTurn>,
    /// Why the connection ends before its time, once it has been decided that it does.
    pub(super) failure: Option<Error>,
}

impl<F> Default for Work<F> {
    #[inline]
    fn default() -> Self {
        Work {
            read_buf: ReadBuf::default(),
            write_buf: WriteBuf::default(),
            progress: Progress::default(),
            stage: Stage::Head,
            facts: Facts::default(),
            number: 0,
            coming: 0,
            unsent: None,
            request_body: None,
            offer: None,
            switch: None,
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
    pub(super) fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Head)
            && self.read_buf.is_empty()
            && self.write_buf.is_empty()
            && !self.at_end
            && self.next_turn.is_none()
            && self.unsent.is_none()
    }

    /// The buffer has been sent, or another request begins.
    #[inline]
    #[track_caller]
    pub(super) fn end_unsent(&mut self) {
        if let Some(unsent) = self.unsent.take() {
            unsent.end();
        }
    }

    /// The buffer cannot be sent now.
    #[inline]
    #[track_caller]
    pub(super) fn tell_unsent(&mut self) {
        if let Some(unsent) = &mut self.unsent {
            unsent.tell();
        }
    }

    /// The request that has no end yet; 0: none.
    pub(super) fn open_request(&self) -> u64 {
        self.unsent.map_or(self.number, |unsent| unsent.number())
    }

    /// The queue in which the connection waits, if a newcomer may have its place; `wait` is
    /// what it waits for.
    #[inline]
    pub(super) fn queue(&self, wait: Option<Wait>) -> Option<Queue> {
        match wait {
            _ if self.is_parting(wait) => Some(Queue::Parting),
            Some(Wait::Idle) if self.has_begun => Some(Queue::Served),
            Some(Wait::Idle) => Some(Queue::New),
            _ => None,
        }
    }

    /// The last answer has left, and nothing is left to do but to see that it arrives.
    #[inline]
    pub(super) fn is_parting(&self, wait: Option<Wait>) -> bool {
        matches!(self.stage, Stage::Linger(_)) || wait == Some(Wait::Delivery)
    }

    #[inline]
    pub(super) fn pick_up(&mut self, scratch: &mut Scratch) {
        self.write_buf.lend(&mut scratch.write);
        if let Some(request_body) = &self.request_body {
            request_body.feed.unregister();
        }
    }

    #[inline]
    pub(super) fn put_down(&mut self, scratch: &mut Scratch) {
        self.read_buf.keep(&scratch.read);
        self.write_buf.give_back(&mut scratch.write);
    }
}
