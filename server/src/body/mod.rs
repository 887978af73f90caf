//! What follows the head of a message: bytes, known or still to come.
//!
//! An HTTP message is a head (a few lines of text) and a body (any bytes at all, or none).
//! The head is small and arrives at once; the body may be larger than the memory of the
//! machine and may arrive over an hour. So a body is not a buffer: it is something that
//! one asks for its next piece, again and again, until it says that there is no more.
//!
//! [`Body`] is one type for both directions and for all four ways a body can exist:
//!
//! * **empty**, which is most requests;
//! * **full**: the bytes are there already, one reference-counted [`Bytes`];
//! * **incoming**: the bytes arrive on the connection that the request came on. The
//!   connection reads at most 64 KiB ahead of the handler. So a slow handler makes the client
//!   slow, and no more than that piles up (see `channel`);
//! * a **stream** that a handler made: the connection asks it for the next piece when the
//!   last one has left, so a client that reads slowly makes the stream slow.
//!
//! The last two are the same rule, seen from both ends: whoever consumes sets the pace.
//! It is called *back-pressure*, and it is why a server does not die of a slow peer.
//!
//! How it can go wrong: an incoming body may break off. The peer hangs up, sends more than
//! is allowed, stops in the middle, or does not keep to its own framing. Each of these is a
//! [`BodyError`], and none of them looks like an ordinary end: half an upload is never
//! taken for a whole one.

pub(crate) mod channel;
mod collect;
mod error;
pub(crate) mod held;

use std::borrow::Cow;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use pin_project_lite::pin_project;

use channel::Incoming;
pub use collect::to_bytes;
pub use error::{BodyError, BoxError};
use held::Share;

/// The body of a request or of a response.
///
/// ```
/// use server::Body;
///
/// let page = Body::from("<h1>Hello</h1>");
/// assert_eq!(page.exact_length(), Some(14));
/// ```
#[derive(Default)]
pub struct Body(Kind);

#[derive(Default)]
enum Kind {
    #[default]
    Empty,
    Full(Bytes),
    Incoming(Incoming),
    Stream(Pieces),
}

/// A stream that somebody gave us, its item and error types made ours.
type Pieces = Pin<Box<dyn Stream<Item = Result<Bytes, BoxError>>>>;

impl Body {
    /// A body without bytes.
    ///
    /// ```
    /// assert_eq!(server::Body::empty().exact_length(), Some(0));
    /// ```
    #[must_use]
    pub fn empty() -> Self {
        Body(Kind::Empty)
    }

    /// A body whose pieces a stream makes as they are needed.
    ///
    /// The next piece is asked for when the one before has left, so a stream over a large
    /// file holds one piece in memory at a time. An error ends the body *and* the
    /// connection: the head has been sent by then, and to break off is the only honest way
    /// to tell the peer that what it has is not all.
    ///
    /// If the length is known beforehand, set `Content-Length` on the response; otherwise
    /// the body is sent in chunks (RFC 9112, section 7.1).
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use std::pin::Pin;
    /// use std::task::{Context, Poll};
    /// use futures_core::Stream;
    /// use server::Body;
    ///
    /// struct Countdown(u8);
    ///
    /// impl Stream for Countdown {
    ///     type Item = Result<String, Infallible>;
    ///     fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
    ///         self.0 = match self.0.checked_sub(1) {
    ///             Some(left) => left,
    ///             None => return Poll::Ready(None),
    ///         };
    ///         Poll::Ready(Some(Ok(format!("{}\n", self.0))))
    ///     }
    /// }
    ///
    /// let body = Body::from_stream(Countdown(3));
    /// assert_eq!(body.exact_length(), None);
    /// ```
    pub fn from_stream<S, T, E>(stream: S) -> Self
    where
        S: Stream<Item = Result<T, E>> + 'static,
        T: Into<Bytes>,
        E: Into<BoxError>,
    {
        Body(Kind::Stream(Box::pin(Converted { stream })))
    }

    /// How many bytes are still to come, when that is known.
    ///
    /// Known for empty and full bodies and for a request that announced its length; unknown
    /// for streams and for a request sent in chunks.
    ///
    /// ```
    /// use server::Body;
    ///
    /// assert_eq!(Body::empty().exact_length(), Some(0));
    /// assert_eq!(Body::from("four").exact_length(), Some(4));
    /// ```
    #[must_use]
    pub fn exact_length(&self) -> Option<u64> {
        match &self.0 {
            Kind::Empty => Some(0),
            Kind::Full(bytes) => Some(bytes.len() as u64),
            Kind::Incoming(incoming) => incoming.remaining(),
            Kind::Stream(_) => None,
        }
    }

    /// The next piece of the body, or `None` at its end. Pieces are never empty.
    ///
    /// # Errors
    ///
    /// [`BodyError`] when the body broke off; nothing follows an error.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: a piece is taken only when it is returned.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// use server::Body;
    ///
    /// let mut body = Body::from("all of it");
    /// assert_eq!(body.chunk().await.unwrap().unwrap(), "all of it");
    /// assert!(body.chunk().await.is_none());
    /// # });
    /// ```
    pub async fn chunk(&mut self) -> Option<Result<Bytes, BodyError>> {
        poll_fn(|cx| self.poll_chunk(cx)).await
    }

    /// What [`chunk`](Self::chunk) awaits, for futures written by hand. `Pending`: the waker of
    /// `cx` is left, in the place of an earlier one.
    ///
    /// # Errors
    ///
    /// As [`chunk`](Self::chunk).
    ///
    /// ```
    /// use std::task::{Context, Poll, Waker};
    /// use server::Body;
    ///
    /// let mut cx = Context::from_waker(Waker::noop());
    /// let mut body = Body::from("all of it");
    /// assert!(matches!(body.poll_chunk(&mut cx), Poll::Ready(Some(Ok(_)))));
    /// assert!(matches!(body.poll_chunk(&mut cx), Poll::Ready(None)));
    /// ```
    pub fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        let piece = match &mut self.0 {
            Kind::Empty => None,
            Kind::Full(bytes) => Some(Ok(std::mem::take(bytes))),
            Kind::Incoming(incoming) => ready!(incoming.poll_chunk(cx)),
            Kind::Stream(stream) => ready!(poll_pieces(stream, cx)),
        };
        if !matches!(
            (&self.0, &piece),
            (Kind::Incoming(_) | Kind::Stream(_), Some(Ok(_)))
        ) {
            self.0 = Kind::Empty;
        }
        Poll::Ready(piece.filter(|piece| !matches!(piece, Ok(bytes) if bytes.is_empty())))
    }

    /// The body as a [`Stream`], for combinators that want one.
    ///
    /// ```
    /// use server::Body;
    ///
    /// // A body that passes through a stream is a body again.
    /// let body = Body::from_stream(Body::from("through").into_data_stream());
    /// assert_eq!(body.exact_length(), None);
    /// ```
    #[must_use]
    pub fn into_data_stream(self) -> BodyDataStream {
        BodyDataStream(self)
    }

    /// The engine's end of a body that arrives on a connection.
    pub(crate) fn incoming(incoming: Incoming) -> Self {
        Body(Kind::Incoming(incoming))
    }

    /// For what is collected of a request's body: a share of what the endpoint holds.
    fn share(&self) -> Option<Share> {
        match &self.0 {
            Kind::Incoming(incoming) => Some(incoming.share()),
            _ => None,
        }
    }

    /// The bytes, if they are all here: what the engine can send without asking again.
    #[inline]
    pub(crate) fn full(&self) -> Option<&Bytes> {
        static NONE: Bytes = Bytes::new();
        match &self.0 {
            Kind::Full(bytes) => Some(bytes),
            Kind::Empty => Some(&NONE),
            _ => None,
        }
    }
}

/// A [`Body`] as a stream of its pieces. From [`Body::into_data_stream`].
///
/// ```
/// let stream = server::Body::from("pieces").into_data_stream();
/// # let _: server::body::BodyDataStream = stream;
/// ```
#[derive(Debug)]
pub struct BodyDataStream(Body);

impl Stream for BodyDataStream {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_chunk(cx)
    }
}

/// Asks a stream until it gives a piece that is not empty.
fn poll_pieces(
    stream: &mut Pieces,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<Bytes, BodyError>>> {
    loop {
        match ready!(stream.as_mut().poll_next(cx)) {
            Some(Ok(bytes)) if bytes.is_empty() => {}
            Some(Ok(bytes)) => return Poll::Ready(Some(Ok(bytes))),
            Some(Err(error)) => return Poll::Ready(Some(Err(BodyError::other(error)))),
            None => return Poll::Ready(None),
        }
    }
}

pin_project! {
    /// Turns a stream's items and errors into ours.
    struct Converted<S> {
        #[pin]
        stream: S,
    }
}

impl<S, T, E> Stream for Converted<S>
where
    S: Stream<Item = Result<T, E>>,
    T: Into<Bytes>,
    E: Into<BoxError>,
{
    type Item = Result<Bytes, BoxError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = ready!(self.project().stream.poll_next(cx));
        Poll::Ready(item.map(|item| item.map(Into::into).map_err(Into::into)))
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Body(Kind::Full(bytes))
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl From<&'static [u8]> for Body {
    fn from(bytes: &'static [u8]) -> Self {
        Bytes::from_static(bytes).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<Cow<'static, str>> for Body {
    fn from(text: Cow<'static, str>) -> Self {
        match text {
            Cow::Borrowed(text) => text.into(),
            Cow::Owned(text) => text.into(),
        }
    }
}

impl From<()> for Body {
    fn from((): ()) -> Self {
        Body::empty()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.0 {
            Kind::Empty => "empty",
            Kind::Full(_) => "full",
            Kind::Incoming(_) => "incoming",
            Kind::Stream(_) => "stream",
        };
        let mut body = f.debug_struct("Body");
        body.field("kind", &kind)
            .field("exact_length", &self.exact_length())
            .finish()
    }
}
