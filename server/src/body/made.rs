//! A body that is made while it is sent, by code that is not the engine's.
//!
//! Two shapes exist: a [`Stream`] of pieces, which handlers write, and an [`http_body::Body`],
//! which other crates bring. The second can do all that the first can, and has trailers and a
//! hint of its length besides. So both are kept as the second, behind one pointer.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::error::{BodyError, BoxError};
use super::wrapped::{Limit, read_within};

/// A body without its type, and how much it may still give.
pub(super) struct Made {
    body: Pin<Box<dyn Body<Data = Bytes, Error = BoxError>>>,
    limit: Limit,
}

impl Made {
    /// Keeps a body without its type; or one that `counts` by itself how much of a body of ours is
    /// read through it.
    pub(super) fn body<B>(body: B, counts: bool) -> Self
    where
        B: Body<Data = Bytes> + 'static,
        B::Error: Into<BoxError>,
    {
        Made {
            body: Box::pin(Foreign { body }),
            limit: match counts {
                true => Limit::OfWrapper,
                false => Limit::Inherited,
            },
        }
    }

    /// Keeps a stream of pieces as a body.
    pub(super) fn stream<S, T, E>(stream: S) -> Self
    where
        S: Stream<Item = Result<T, E>> + 'static,
        T: Into<Bytes>,
        E: Into<BoxError>,
    {
        Made {
            body: Box::pin(Pieces { stream }),
            limit: Limit::Inherited,
        }
    }

    /// So many bytes may still come.
    pub(super) fn set_limit(&mut self, bytes: u64) {
        self.limit = Limit::Bytes(bytes);
    }

    /// How many bytes may still come.
    pub(super) fn limit(&self) -> Limit {
        self.limit
    }

    pub(super) fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    pub(super) fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }

    /// The next frame. An empty piece says nothing, and is passed over.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            let (body, limit) = (self.body.as_mut(), self.limit);
            let frame = match ready!(read_within(limit, || body.poll_frame(cx))) {
                Some(Ok(frame)) => frame,
                Some(Err(error)) => return Poll::Ready(Some(Err(BodyError::other(error)))),
                None => return Poll::Ready(None),
            };
            let size = frame.data_ref().map(Bytes::len);
            if size != Some(0) {
                let counted = self.count_down(size.unwrap_or(0));
                return Poll::Ready(Some(counted.map(|()| frame)));
            }
        }
    }

    fn count_down(&mut self, size: usize) -> Result<(), BodyError> {
        if let Limit::Bytes(limit) = &mut self.limit {
            let left = limit.checked_sub(size as u64);
            *limit = left.ok_or_else(BodyError::too_large)?;
        }
        Ok(())
    }
}

pin_project! {
    /// A body with its error made ours.
    struct Foreign<B> {
        #[pin]
        body: B,
    }
}

impl<B> Body for Foreign<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(self.project().body.poll_frame(cx));
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

pin_project! {
    /// A stream with its items and errors made ours.
    struct Pieces<S> {
        #[pin]
        stream: S,
    }
}

impl<S, T, E> Body for Pieces<S>
where
    S: Stream<Item = Result<T, E>>,
    T: Into<Bytes>,
    E: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let item = ready!(self.project().stream.poll_next(cx));
        Poll::Ready(item.map(|item| match item {
            Ok(piece) => Ok(Frame::data(piece.into())),
            Err(error) => Err(error.into()),
        }))
    }
}
