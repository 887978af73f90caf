//! The body of a request, as it arrives or in one piece.
//!
//! Who takes the body in one piece keeps it in memory, so these extractors have a limit
//! ([`DefaultBodyLimit`](super::DefaultBodyLimit)). `Request` and `Body` hand the body on, and
//! have none but the engine's.

use std::convert::Infallible;

use bytes::{Bytes, BytesMut};

use super::body_limit::limited;
use super::from_request::FromRequest;
use super::rejection::{BytesRejection, FailedToBufferBody, InvalidUtf8, StringRejection};
use crate::body::{Body, to_bytes};
use crate::message::Request;

impl<S> FromRequest<S> for Request {
    type Rejection = Infallible;

    async fn from_request(request: Request, _: &S) -> Result<Self, Infallible> {
        Ok(request)
    }
}

impl<S> FromRequest<S> for Body {
    type Rejection = Infallible;

    async fn from_request(request: Request, _: &S) -> Result<Self, Infallible> {
        Ok(request.into_body())
    }
}

/// Collects the body within the request's limit.
async fn collect(request: Request) -> Result<Bytes, FailedToBufferBody> {
    let bytes = to_bytes(limited(request).into_body(), usize::MAX).await;
    bytes.map_err(FailedToBufferBody::from_err)
}

impl<S> FromRequest<S> for Bytes {
    type Rejection = BytesRejection;

    async fn from_request(request: Request, _: &S) -> Result<Self, BytesRejection> {
        Ok(collect(request).await?)
    }
}

impl<S> FromRequest<S> for BytesMut {
    type Rejection = BytesRejection;

    async fn from_request(request: Request, _: &S) -> Result<Self, BytesRejection> {
        Ok(collect(request).await?.into())
    }
}

impl<S> FromRequest<S> for String {
    type Rejection = StringRejection;

    async fn from_request(request: Request, _: &S) -> Result<Self, StringRejection> {
        let bytes = collect(request).await?;
        String::from_utf8(bytes.into()).map_err(|error| InvalidUtf8::from_err(error).into())
    }
}
