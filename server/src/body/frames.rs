//! A [`Body`] under the names that other crates ask for.
//!
//! [`http_body::Body`] is what middleware of others wraps (a body that is compressed, counted,
//! traced), and [`Stream`] is what combinators want.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Frame, SizeHint};

use super::{Body, BodyError, Kind};

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.poll_any(cx)
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Empty => true,
            Kind::Full(bytes) => bytes.is_empty(),
            Kind::Over(_) => false,
            Kind::Incoming(incoming) => incoming.is_at_end(),
            Kind::Made(made) => made.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match (&self.0, self.exact_length()) {
            (Kind::Made(made), _) => made.size_hint(),
            (_, Some(length)) => SizeHint::with_exact(length),
            (_, None) => SizeHint::default(),
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

impl BodyDataStream {
    pub(super) fn new(body: Body) -> Self {
        BodyDataStream(body)
    }
}

impl Stream for BodyDataStream {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_chunk(cx)
    }
}

/// Some layers ask for a body that is one again after they have looked at its pieces.
impl http_body::Body for BodyDataStream {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.0.poll_any(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
