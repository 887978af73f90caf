//! What follows the head of a message: bytes, known or still to come.
//!
//! An HTTP message is a head (a few lines of text) and a body (any bytes at all, or none).
//! The head is small and arrives at once; the body may be larger than the memory of the
//! machine and may arrive over an hour. So a body is not a buffer: it is something that
//! one asks for its next piece, again and again, until it says that there is no more.
//!
//! [`Body`] is one type for both directions and for all four ways in which a body can exist:
//!
//! * **empty**, which is most requests;
//! * **full**: the bytes are there already, one reference-counted [`Bytes`];
//! * **incoming**: the bytes arrive on the connection that the request came on. The
//!   connection reads at most 64 KiB ahead of the handler. So a slow handler makes the client
//!   slow, and no more than that piles up (see `channel`);
//! * **made** while it is sent, by a stream or by another [`http_body::Body`]: the connection asks
//!   for a piece when the last one has left, so a client that reads slowly makes the stream slow.
//!
//! The last two are the same rule, seen from both ends: the consumer sets the pace.
//! It is called *back-pressure*, and it is why a server does not die of a slow peer.
//!
//! How it can go wrong: an incoming body may break off. The peer hangs up, sends more than
//! is allowed, stops in the middle, or does not keep to its own framing. Each of these is a
//! [`BodyError`], and none of them looks like an ordinary end: half an upload is never
//! taken for a whole one.

pub(crate) mod channel;
mod collect;
mod convert;
pub(crate) mod error;
mod frames;
pub(crate) mod held;
mod limit;
mod made;
mod wrapped;

use std::any::Any;
use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll, ready};

#[doc(no_inline)]
pub use bytes::Bytes;
use futures_core::Stream;
use http_body::Frame;
use http_body_util::Limited;

use channel::Incoming;
pub use collect::to_bytes;
pub use error::{BodyError, BoxError};
pub use frames::BodyDataStream;
use held::Share;
#[doc(no_inline)]
pub use http_body::Body as HttpBody;
use made::Made;
use wrapped::outer_limit;

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
    /// All here, and more than may be read.
    Over(Bytes),
    Incoming(Incoming),
    Made(Made),
}

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

    /// Another type's body.
    ///
    /// If it knows its length ([`size_hint`](http_body::Body::size_hint)), the engine announces
    /// it. Its trailers are sent if the body goes out in chunks and the client has said
    /// `TE: trailers` (RFC 9110, section 6.5); otherwise they are left out. An error ends the
    /// body and the connection, as with [`from_stream`](Self::from_stream).
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use std::pin::Pin;
    /// use std::task::{Context, Poll};
    /// use bytes::Bytes;
    /// use http_body::{Frame, SizeHint};
    /// use server::Body;
    ///
    /// struct Once(Option<Bytes>);
    ///
    /// impl http_body::Body for Once {
    ///     type Data = Bytes;
    ///     type Error = Infallible;
    ///     fn poll_frame(
    ///         mut self: Pin<&mut Self>,
    ///         _: &mut Context<'_>,
    ///     ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
    ///         Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    ///     }
    ///     fn size_hint(&self) -> SizeHint {
    ///         SizeHint::with_exact(self.0.as_ref().map_or(0, |bytes| bytes.len() as u64))
    ///     }
    /// }
    ///
    /// let body = Body::new(Once(Some(Bytes::from_static(b"hello"))));
    /// assert_eq!(body.exact_length(), Some(5));
    /// ```
    pub fn new<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + 'static,
    {
        // A body of ours stays what it is. (The `Option` is what can be taken out of an `Any`.)
        let mut body = Some(body);
        if let Some(ours) = (&mut body as &mut dyn Any).downcast_mut::<Option<Body>>() {
            return ours.take().unwrap_or_default();
        }
        let counts = (&body as &dyn Any).is::<Option<Limited<Body>>>();
        body.map_or_else(Body::empty, |body| {
            Body(Kind::Made(Made::body(body, counts)))
        })
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
    /// use server::Body;
    ///
    /// let countdown = (1..=3).rev().map(|left| Ok::<_, Infallible>(format!("{left}\n")));
    /// let body = Body::from_stream(futures_lite::stream::iter(countdown));
    /// assert_eq!(body.exact_length(), None);
    /// ```
    pub fn from_stream<S, T, E>(stream: S) -> Self
    where
        S: Stream<Item = Result<T, E>> + 'static,
        T: Into<Bytes>,
        E: Into<BoxError>,
    {
        Body(Kind::Made(Made::stream(stream)))
    }

    /// How many bytes are still to come, when that is known.
    ///
    /// Known for empty and full bodies, for a request that announced its length and for a
    /// [foreign body](Self::new) that knows it; unknown for streams and for a request sent in
    /// chunks.
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
            Kind::Full(bytes) | Kind::Over(bytes) => Some(bytes.len() as u64),
            Kind::Incoming(incoming) => incoming.remaining(),
            Kind::Made(made) => made.size_hint().exact(),
        }
    }

    /// The next piece of the body, or `None` at its end. Pieces are never empty. Trailers are
    /// passed over; [`poll_frame`](http_body::Body::poll_frame) shows them.
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
        if let Some(bytes) = outer_limit() {
            self.set_limit(bytes);
        }
        let Kind::Made(made) = &mut self.0 else {
            return self.poll_piece(cx);
        };
        let piece = loop {
            match ready!(made.poll(cx)).map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(piece))) => return Poll::Ready(Some(Ok(piece))),
                Some(Ok(Err(_trailers))) => {}
                Some(Err(error)) => break Some(Err(error)),
                None => break None,
            }
        };
        self.0 = Kind::Empty;
        Poll::Ready(piece)
    }

    /// The next frame: a piece that is not empty, or trailers. Nothing follows an end or an
    /// error, and what is behind the body is dropped then.
    pub(crate) fn poll_any(&mut self, cx: &mut Context<'_>) -> Poll<Option<FrameResult>> {
        if let Some(bytes) = outer_limit() {
            self.set_limit(bytes);
        }
        let frame = match &mut self.0 {
            Kind::Made(made) => ready!(made.poll(cx)),
            Kind::Incoming(incoming) => ready!(incoming.poll_frame(cx)),
            Kind::Empty | Kind::Full(_) | Kind::Over(_) => {
                let piece = ready!(self.poll_piece(cx));
                return Poll::Ready(piece.map(|piece| piece.map(Frame::data)));
            }
        };
        if !matches!(frame, Some(Ok(_))) {
            self.0 = Kind::Empty;
        }
        Poll::Ready(frame)
    }

    /// The next piece of a body that is not made elsewhere.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        let piece = match &mut self.0 {
            Kind::Empty | Kind::Made(_) => None,
            Kind::Full(bytes) => Some(Ok(std::mem::take(bytes))),
            Kind::Over(_) => Some(Err(BodyError::too_large())),
            Kind::Incoming(incoming) => ready!(incoming.poll_chunk(cx)),
        };
        if !matches!((&self.0, &piece), (Kind::Incoming(_), Some(Ok(_)))) {
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
        BodyDataStream::new(self)
    }

    fn from_bytes(bytes: Bytes) -> Self {
        Body(Kind::Full(bytes))
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

/// A frame of a body, or what broke it off.
pub(crate) type FrameResult = Result<Frame<Bytes>, BodyError>;

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.0 {
            Kind::Empty => "empty",
            Kind::Full(_) | Kind::Over(_) => "full",
            Kind::Incoming(_) => "incoming",
            Kind::Made(_) => "made",
        };
        let mut body = f.debug_struct("Body");
        body.field("kind", &kind)
            .field("exact_length", &self.exact_length())
            .finish()
    }
}
