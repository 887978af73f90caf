//! The narrow channel between a connection and the handler that reads its body.
//!
//! A handler holds a [`Body`](super::Body); the bytes come from a socket that belongs to
//! the connection. Between the two stands one cell that holds at most one piece:
//!
//! ```text
//!    connection task                                  handler (or a task it spawned)
//!
//!    Feed ── is_wanted? ◀───────── wanted ◀────────── Incoming::poll_chunk, finds nothing
//!      │                                                        ▲
//!      └─ reads the socket, decodes ──▶ push ──▶ piece ─────────┘
//! ```
//!
//! The order is the point. The connection **hands over** a piece only after the reader asked
//! for it. While the handler waits for something else, the connection reads ahead, to notice
//! a client that leaves, but at most 64 KiB. When those are full, the bytes stay in the kernel,
//! the kernel's window closes, and the client waits. Also `100 Continue` is sent only then, as a client that asked for it wants to know whether
//! its body will be read at all.
//!
//! Usually the handler is polled by the connection itself, so both ends share a task and
//! no wake is needed: the connection looks at `wanted` after it has polled the handler,
//! and polls again after it has pushed. But the body may travel to another task. So each
//! side leaves a waker when it has to wait, and each side wakes the other.
//!
//! How it can go wrong: waking while a borrow is held. There is no borrow here at all; each
//! field is a `Cell` that is taken and put back, and wakers are called when everything is
//! back in its place.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::Frame;
use runtime::task::WakerCell;

use super::BodyError;
use super::held::{Held, Share};

/// What both ends share.
#[derive(Default)]
struct Channel {
    /// The one piece under way.
    piece: Cell<Option<Bytes>>,
    /// What came behind the data; it is handed out before the end is.
    trailers: Cell<Option<Box<HeaderMap>>>,
    /// How the body ended; a failure is handed out once.
    end: Cell<Option<Result<(), BodyError>>>,
    /// Bytes not yet handed out, if the request announced its length.
    remaining: Cell<Option<u64>>,
    /// Bytes that may still be handed out.
    limit: Cell<u64>,
    /// The reader has asked for more than that, and knows it.
    is_over: Cell<bool>,
    /// The reader has asked and found nothing.
    wanted: Cell<bool>,
    /// The reader is gone, and will never ask again.
    abandoned: Cell<bool>,
    /// The task that reads the body.
    reader: WakerCell,
    /// The connection, while it waits.
    engine: WakerCell,
    /// What all bodies of the endpoint hold.
    held: Held,
}

impl Channel {
    /// Whether the reader has something to take.
    fn has_news(&self) -> bool {
        let (piece, end) = (self.piece.take(), self.end.take());
        let news = piece.is_some() || end.is_some();
        self.piece.set(piece);
        self.end.set(end);
        news
    }

    fn announces_too_much(&self) -> bool {
        let remaining = self.remaining.get();
        remaining.is_some_and(|remaining| remaining > self.limit.get())
    }
}

/// A channel for a body of `length` bytes, or of unknown length, of which `limit` are handed
/// out unless the reader changes that. Its pieces count in `held`.
pub(crate) fn channel(length: Option<u64>, limit: u64, held: &Held) -> (Feed, Incoming) {
    let channel = Rc::new(Channel {
        held: held.clone(),
        limit: Cell::new(limit),
        ..Channel::default()
    });
    channel.remaining.set(length);
    (Feed(channel.clone()), Incoming(channel))
}

/// The connection's end.
pub(crate) struct Feed(Rc<Channel>);

impl Feed {
    /// The reader waits for the next piece.
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.wanted.get()
    }

    /// The reader is gone.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.0.abandoned.get()
    }

    /// Bytes that may still be handed out.
    pub(crate) fn limit(&self) -> u64 {
        self.0.limit.get()
    }

    /// The body is larger than its reader may take: it has announced too much, or the reader has
    /// asked for too much.
    pub(crate) fn is_too_large(&self) -> bool {
        self.is_over() || self.0.announces_too_much()
    }

    /// The reader has been told that the body is too large.
    pub(crate) fn is_over(&self) -> bool {
        self.0.is_over.get()
    }

    /// Hands over a piece. Call it only with the slot free: at the start, or when wanted. If
    /// the reader is gone, the piece is dropped.
    pub(crate) fn push(&self, piece: Bytes) {
        if self.is_abandoned() {
            return;
        }
        self.0.piece.set(Some(self.0.held.count(piece)));
        self.wake_reader();
    }

    /// There is no more, or only these trailers.
    pub(crate) fn finish(&self, trailers: Option<HeaderMap>) {
        if let Some(trailers) = trailers {
            self.0.trailers.set(Some(Box::new(trailers)));
        }
        self.end(Ok(()));
    }

    /// The body broke off.
    pub(crate) fn fail(&self, error: BodyError) {
        self.end(Err(error));
    }

    /// Asks to be woken when the reader wants more or goes away. (If that happens in the clone of
    /// the waker, the connection is woken at once, and looks again in its next turn.)
    pub(crate) fn register(&self, cx: &Context<'_>) {
        let news = || (self.is_wanted(), self.is_abandoned(), self.is_over());
        let known = news();
        if self.0.engine.register(cx, || news() != known).is_ready() {
            cx.waker().wake_by_ref();
        }
    }

    /// The connection runs: it will look by itself, waking it would be a turn for nothing.
    pub(crate) fn unregister(&self) {
        self.0.engine.clear();
    }

    fn end(&self, how: Result<(), BodyError>) {
        self.0.end.set(Some(how));
        self.wake_reader();
    }

    fn wake_reader(&self) {
        self.0.wanted.set(false);
        self.0.reader.wake();
    }
}

/// A connection that ends in the middle leaves a reader that must not wait for ever.
impl Drop for Feed {
    fn drop(&mut self) {
        match self.0.end.take() {
            Some(end) => self.0.end.set(Some(end)),
            None => self.fail(BodyError::closed()),
        }
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed")
            .field("wanted", &self.is_wanted())
            .finish_non_exhaustive()
    }
}

/// The reader's end.
pub(crate) struct Incoming(Rc<Channel>);

impl Incoming {
    /// The next piece, as [`poll_frame`](Self::poll_frame). Trailers are passed over.
    pub(crate) fn poll_chunk(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, BodyError>>> {
        loop {
            match ready!(self.poll_frame(cx)).map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(piece))) => return Poll::Ready(Some(Ok(piece))),
                Some(Ok(Err(_trailers))) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }

    /// The next piece, or the trailers; asks the connection for a piece if there is none.
    pub(crate) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            if self.0.announces_too_much() {
                return Poll::Ready(Some(Err(self.pass_limit())));
            }
            if let Some(piece) = self.0.piece.take() {
                return Poll::Ready(Some(self.count_down(piece).map(Frame::data)));
            }
            if let Some(trailers) = self.0.trailers.take() {
                return Poll::Ready(Some(Ok(Frame::trailers(*trailers))));
            }
            if let Some(end) = self.0.end.take() {
                self.0.end.set(Some(Ok(())));
                return Poll::Ready(end.err().map(Err));
            }
            ready!(self.ask(cx));
        }
    }

    /// Bytes still to come, if the request said how many.
    pub(crate) fn remaining(&self) -> Option<u64> {
        self.0.remaining.get()
    }

    /// Bytes that may still be handed out.
    pub(crate) fn limit(&self) -> u64 {
        self.0.limit.get()
    }

    /// So many bytes may still be handed out.
    pub(crate) fn set_limit(&self, bytes: u64) {
        self.0.limit.set(bytes);
    }

    /// Whether all has been read, and well.
    pub(crate) fn is_at_end(&self) -> bool {
        let (piece, end) = (self.0.piece.take(), self.0.end.take());
        let trailers = self.0.trailers.take();
        let over = piece.is_none() && trailers.is_none() && matches!(end, Some(Ok(())));
        self.0.piece.set(piece);
        self.0.trailers.set(trailers);
        self.0.end.set(end);
        over || self.remaining() == Some(0)
    }

    /// A share of what the endpoint holds, for what is collected of this body.
    pub(crate) fn share(&self) -> Share {
        self.0.held.share()
    }

    /// Asks the connection, and waits. Look again when it is ready.
    fn ask(&self, cx: &Context<'_>) -> Poll<()> {
        let asked = self.0.reader.register(cx, || self.0.has_news());
        if asked.is_pending() {
            self.0.wanted.set(true);
            self.0.engine.wake();
        }
        asked
    }

    /// A piece is handed out, if it is not too much.
    fn count_down(&self, piece: Bytes) -> Result<Bytes, BodyError> {
        let taken = piece.len() as u64;
        let Some(limit) = self.0.limit.get().checked_sub(taken) else {
            return Err(self.pass_limit());
        };
        self.0.limit.set(limit);
        let left = self.0.remaining.get().map(|n| n.saturating_sub(taken));
        self.0.remaining.set(left);
        Ok(piece)
    }

    /// The limit would be passed: the reader learns it now, and the connection too.
    fn pass_limit(&self) -> BodyError {
        self.0.is_over.set(true);
        self.0.engine.wake();
        BodyError::too_large()
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        self.0.abandoned.set(true);
        self.0.wanted.set(false);
        drop(self.0.piece.take());
        self.0.reader.clear();
        self.0.engine.wake();
    }
}

#[cfg(test)]
mod tests;
