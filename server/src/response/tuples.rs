//! Tuples that become a response: a status, parts of the head, and a body.
//!
//! The last element of the tuple makes the response. The parts before it are set in their
//! order; the first that fails answers instead, and the rest is not looked at. A status, or
//! the head of another response, may stand before all of them and has the last word.

use http::StatusCode;
use http::response::Parts;

use super::into_response::IntoResponse;
use super::into_response_parts::{IntoResponseParts, ResponseParts};
use crate::message::Response;

/// Calls a macro with the names of 16 type parameters, of 15, and so on down to one.
macro_rules! for_each_tuple {
    ($call:ident) => {
        $crate::response::for_each_tuple!($call: A B C D E F G H I J K L M N O P);
    };
    ($call:ident: ) => {};
    ($call:ident: $first:ident $($rest:ident)*) => {
        $call!($first $($rest)*);
        $crate::response::for_each_tuple!($call: $($rest)*);
    };
}

pub(crate) use for_each_tuple;

/// Sets `parts` in `response`; `Err` is the answer of a part that failed.
#[allow(
    clippy::result_large_err,
    reason = "both are responses, and are passed on"
)]
fn add(parts: impl IntoResponseParts, response: Response) -> Result<Response, Response> {
    match parts.into_response_parts(ResponseParts { response }) {
        Ok(parts) => Ok(parts.response),
        Err(error) => Err(error.into_response()),
    }
}

/// Gives `response` the status `status`.
fn with_status(status: StatusCode, mut response: Response) -> Response {
    *response.status_mut() = status;
    response
}

/// Gives `response` the status, the headers and the extensions of `head`.
fn with_head(head: Parts, response: Response) -> Response {
    match add((head.headers, head.extensions), response) {
        Ok(response) => with_status(head.status, response),
        Err(failed) => failed,
    }
}

impl<R: IntoResponse> IntoResponse for (R,) {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl<R: IntoResponse> IntoResponse for (StatusCode, R) {
    fn into_response(self) -> Response {
        with_status(self.0, self.1.into_response())
    }
}

impl<R: IntoResponse> IntoResponse for (Parts, R) {
    fn into_response(self) -> Response {
        with_head(self.0, self.1.into_response())
    }
}

impl<R: IntoResponse> IntoResponse for (Response<()>, R) {
    fn into_response(self) -> Response {
        let (head, ()) = self.0.into_parts();
        with_head(head, self.1.into_response())
    }
}

macro_rules! parts_of_a_response {
    ($($part:ident)+) => {
        #[allow(non_snake_case, reason = "the elements are named as their types")]
        impl<$($part: IntoResponseParts),+> IntoResponseParts for ($($part,)+) {
            type Error = Response;

            fn into_response_parts(self, parts: ResponseParts) -> Result<ResponseParts, Response> {
                let ($($part,)+) = self;
                $(
                    let parts = $part
                        .into_response_parts(parts)
                        .map_err(IntoResponse::into_response)?;
                )+
                Ok(parts)
            }
        }

        #[allow(non_snake_case, reason = "the elements are named as their types")]
        impl<$($part: IntoResponseParts,)+ Last: IntoResponse> IntoResponse
            for ($($part,)+ Last)
        {
            fn into_response(self) -> Response {
                let ($($part,)+ last) = self;
                add(($($part,)+), last.into_response()).unwrap_or_else(|failed| failed)
            }
        }

        behind_a_head!(with_status, StatusCode, |status| status; $($part)+);
        behind_a_head!(with_head, Parts, |head| head; $($part)+);
        behind_a_head!(with_head, Response<()>, |head| head.into_parts().0; $($part)+);
    };
}

/// A tuple of something that stands first, parts, and a body.
macro_rules! behind_a_head {
    ($with:ident, $Head:ty, |$head:ident| $convert:expr; $($part:ident)+) => {
        #[allow(non_snake_case, reason = "the elements are named as their types")]
        impl<$($part: IntoResponseParts,)+ Last: IntoResponse> IntoResponse
            for ($Head, $($part,)+ Last)
        {
            fn into_response(self) -> Response {
                let ($head, $($part,)+ last) = self;
                match add(($($part,)+), last.into_response()) {
                    Ok(response) => $with($convert, response),
                    Err(failed) => failed,
                }
            }
        }
    };
}

for_each_tuple!(parts_of_a_response);
