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
//! nobody needs waking: the connection looks at `wanted` after it has polled the handler,
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
use runtime::task::WakerCell;

use super::BodyError;
use super::held::{Held, Share};

/// What both ends share.
#[derive(Default)]
struct Channel {
    /// The one piece under way.
    piece: Cell<Option<Bytes>>,
    /// How the body ended; a failure is handed out once.
    end: Cell<Option<Result<(), BodyError>>>,
    /// Bytes not yet handed out, if the request announced its length.
    remaining: Cell<Option<u64>>,
    /// The reader has asked and found nothing.
    wanted: Cell<bool>,
    /// The reader is gone: nobody will ever ask again.
    abandoned: Cell<bool>,
    /// Whoever reads the body.
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
}

/// A channel for a body of `length` bytes, or of unknown length. Its pieces count in `held`.
pub(crate) fn channel(length: Option<u64>, held: &Held) -> (Feed, Incoming) {
    let channel = Rc::new(Channel {
        held: held.clone(),
        ..Channel::default()
    });
    channel.remaining.set(length);
    (Feed(channel.clone()), Incoming(channel))
}

/// The connection's end.
pub(crate) struct Feed(Rc<Channel>);

impl Feed {
    /// Somebody waits for the next piece.
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.wanted.get()
    }

    /// Nobody will read any more.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.0.abandoned.get()
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

    /// There is no more.
    pub(crate) fn finish(&self) {
        self.end(Ok(()));
    }

    /// The body broke off.
    pub(crate) fn fail(&self, error: BodyError) {
        self.end(Err(error));
    }

    /// Asks to be woken when the reader wants more or goes away. (If that happens in the clone of
    /// the waker, the connection is woken at once, and looks again in its next turn.)
    pub(crate) fn register(&self, cx: &Context<'_>) {
        let news = || (self.is_wanted(), self.is_abandoned());
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
    /// The next piece; asks the connection for one if there is none.
    pub(crate) fn poll_chunk(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, BodyError>>> {
        loop {
            if let Some(piece) = self.0.piece.take() {
                self.count_down(piece.len());
                return Poll::Ready(Some(Ok(piece)));
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

    /// Whether all has been read, and well.
    pub(crate) fn is_at_end(&self) -> bool {
        let (piece, end) = (self.0.piece.take(), self.0.end.take());
        let over = piece.is_none() && matches!(end, Some(Ok(())));
        self.0.piece.set(piece);
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

    fn count_down(&self, taken: usize) {
        let left = self
            .0
            .remaining
            .get()
            .map(|n| n.saturating_sub(taken as u64));
        self.0.remaining.set(left);
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
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Wake, Waker};

    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn counting() -> (Arc<Count>, Waker) {
        let count = Arc::new(Count(AtomicUsize::new(0)));
        (count.clone(), Waker::from(count))
    }

    #[test]
    fn a_reader_that_finds_nothing_asks_and_is_woken_by_the_push() {
        let (feed, mut incoming) = channel(None, &Held::default());
        let (woken, waker) = counting();
        let mut cx = Context::from_waker(&waker);
        assert!(!feed.is_wanted());
        assert!(incoming.poll_chunk(&mut cx).is_pending());
        assert!(feed.is_wanted());
        feed.push(Bytes::from_static(b"abc"));
        assert!(!feed.is_wanted());
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
        let Poll::Ready(Some(Ok(piece))) = incoming.poll_chunk(&mut cx) else {
            panic!()
        };
        assert_eq!(piece, "abc");
    }

    #[test]
    fn a_waiting_connection_is_woken_by_the_question_and_by_the_end_of_the_reader() {
        let (feed, mut incoming) = channel(None, &Held::default());
        let (woken, waker) = counting();
        let mut cx = Context::from_waker(&waker);
        feed.register(&cx);
        assert!(incoming.poll_chunk(&mut cx).is_pending());
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
        feed.register(&cx);
        drop(incoming);
        assert_eq!(woken.0.load(Ordering::Relaxed), 2);
        assert!(feed.is_abandoned());
    }

    #[test]
    fn a_connection_that_vanishes_fails_the_body_instead_of_ending_it() {
        let (feed, mut incoming) = channel(Some(10), &Held::default());
        let mut cx = Context::from_waker(Waker::noop());
        feed.push(Bytes::from_static(b"abc"));
        drop(feed);
        assert!(matches!(
            incoming.poll_chunk(&mut cx),
            Poll::Ready(Some(Ok(_)))
        ));
        assert_eq!(incoming.remaining(), Some(7));
        let Poll::Ready(Some(Err(error))) = incoming.poll_chunk(&mut cx) else {
            panic!()
        };
        assert!(error.is_closed());
        assert!(matches!(incoming.poll_chunk(&mut cx), Poll::Ready(None)));
    }
    #[test]
    fn a_reader_that_goes_takes_its_piece_along() {
        let held = Held::default();
        let (feed, incoming) = channel(None, &held);
        feed.push(Bytes::from_static(b"abc"));
        assert_eq!(held.total(), 3);
        drop(incoming);
        assert_eq!(held.total(), 0, "nobody will ever take it");
        feed.push(Bytes::from_static(b"abc"));
        assert_eq!(held.total(), 0, "nor one that comes later");
    }
}
