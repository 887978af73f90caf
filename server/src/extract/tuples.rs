//! Several extractors as one.

use std::convert::Infallible;

use http::request::Parts;

use super::from_request::{FromRequest, FromRequestParts};
use crate::message::{Request, Response};
use crate::response::{IntoResponse, for_each_tuple};

impl<S> FromRequestParts<S> for () {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<(), Infallible> {
        Ok(())
    }
}

/// A tuple of extractors that need the head, and the same with one behind them that takes
/// the body.
macro_rules! extractors {
    ($last:ident $($head:ident)*) => {
        #[diagnostic::do_not_recommend]
        #[allow(non_snake_case, reason = "the elements are named as their types")]
        impl<State, $($head,)* $last> FromRequestParts<State> for ($($head,)* $last,)
        where
            $($head: FromRequestParts<State>,)*
            $last: FromRequestParts<State>,
        {
            type Rejection = Response;

            async fn from_request_parts(
                parts: &mut Parts,
                state: &State,
            ) -> Result<Self, Response> {
                $(
                    let $head = $head::from_request_parts(parts, state)
                        .await
                        .map_err(IntoResponse::into_response)?;
                )*
                let $last = $last::from_request_parts(parts, state)
                    .await
                    .map_err(IntoResponse::into_response)?;
                Ok(($($head,)* $last,))
            }
        }

        #[diagnostic::do_not_recommend]
        #[allow(non_snake_case, unused_mut, reason = "the elements are named as their types")]
        impl<State, $($head,)* $last> FromRequest<State> for ($($head,)* $last,)
        where
            $($head: FromRequestParts<State>,)*
            $last: FromRequest<State>,
        {
            type Rejection = Response;

            async fn from_request(request: Request, state: &State) -> Result<Self, Response> {
                let (mut parts, body) = request.into_parts();
                $(
                    let $head = $head::from_request_parts(&mut parts, state)
                        .await
                        .map_err(IntoResponse::into_response)?;
                )*
                let request = Request::from_parts(parts, body);
                let $last = $last::from_request(request, state)
                    .await
                    .map_err(IntoResponse::into_response)?;
                Ok(($($head,)* $last,))
            }
        }
    };
}

for_each_tuple!(extractors);
