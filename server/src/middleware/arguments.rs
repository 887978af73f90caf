//! Functions that take extractors first, and then what their kind of middleware gives them.
//!
//! The extractors are made from the head of the request, from left to right. The first that
//! cannot be made ends it: its rejection is the response.

use std::future::Future;

use http::request::Parts;

use super::next::Next;
use crate::extract::{FromRequest, FromRequestParts};
use crate::message::{Request, Response};
use crate::response::IntoResponse;

/// `async fn(extractors…, request, next) -> response`.
/// Its example is [`from_fn`](crate::middleware::from_fn())'s.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no function for `from_fn`",
    note = "it must be an async fn(extractors…, request, Next) -> response; all extractors but the request read the head only"
)]
pub trait FunctionOfNext<S, T>: Clone + 'static {
    /// Makes the arguments, and calls the function.
    /// Its example is [`from_fn`](crate::middleware::from_fn())'s.
    fn run(
        self,
        request: Request,
        state: S,
        next: Next,
    ) -> impl Future<Output = Response> + 'static;
}

/// `async fn(extractors…, request) -> request or response`.
/// Its example is [`map_request`](crate::middleware::map_request())'s.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no function for `map_request`",
    note = "it must be an async fn(extractors…, request) -> request or response; all extractors but the request read the head only"
)]
pub trait FunctionOfRequest<S, T>: Clone + 'static {
    /// What the function gives.
    type Output;

    /// Makes the arguments, and calls the function.
    /// Its example is [`map_request`](crate::middleware::map_request())'s.
    fn run(
        self,
        request: Request,
        state: S,
    ) -> impl Future<Output = Result<Self::Output, Response>> + 'static;
}

/// `async fn(extractors…, response) -> response`.
/// Its example is [`map_response`](crate::middleware::map_response())'s.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no function for `map_response`",
    note = "it must be an async fn(extractors…, response) -> response; all extractors but the request read the head only"
)]
pub trait FunctionOfResponse<S, T>: Clone + 'static {
    /// Makes the extractors, lets `inner` answer, and calls the function with the response.
    /// Its example is [`map_response`](crate::middleware::map_response())'s.
    fn run<I, F>(
        self,
        request: Request,
        state: S,
        inner: I,
    ) -> impl Future<Output = Response> + 'static
    where
        I: FnOnce(Request) -> F + 'static,
        F: Future<Output = Response> + 'static;
}

/// `async fn(extractors…, error) -> response`.
/// Its example is [`HandleErrorLayer`](crate::error_handling::HandleErrorLayer)'s.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no function for `handle_error`",
    note = "it must be an async fn(extractors…, error) -> response; all extractors but the request read the head only"
)]
pub trait FunctionOfError<E, T>: Clone + 'static {
    /// Makes the extractors of `parts`, and calls the function.
    /// Its example is [`HandleErrorLayer`](crate::error_handling::HandleErrorLayer)'s.
    fn run(self, parts: Parts, error: E) -> impl Future<Output = Response> + 'static;
}

/// What an error handler needs of a request: its head, kept while the request is answered.
pub(crate) fn with_error(request: Request) -> (Parts, Request) {
    let (parts, body) = request.into_parts();
    (parts.clone(), Request::from_parts(parts, body))
}

/// Makes the extractor `$name` of `$parts`, or returns its rejection.
macro_rules! extract {
    ($name:ident, $parts:expr, $state:expr, $wrap:path) => {
        match $name::from_request_parts($parts, $state).await {
            Ok(value) => value,
            Err(rejection) => return $wrap(rejection.into_response()),
        }
    };
}

macro_rules! functions {
    ($($head:ident)*) => {
        #[allow(non_snake_case, unused_mut, unused_variables, clippy::unused_unit, reason = "arguments are named as their types")]
        const _: () = {
            impl<F, Fut, S, R, Last, $($head,)*> FunctionOfNext<S, ($($head,)* Last,)> for F
            where
                F: FnOnce($($head,)* Last, Next) -> Fut + Clone + 'static,
                Fut: Future<Output = R> + 'static,
                R: IntoResponse + 'static,
                S: 'static,
                Last: FromRequest<S> + 'static,
                $($head: FromRequestParts<S> + 'static,)*
            {
                async fn run(self, request: Request, state: S, next: Next) -> Response {
                    let (mut parts, body) = request.into_parts();
                    $(let $head = extract!($head, &mut parts, &state, std::convert::identity);)*
                    let request = Request::from_parts(parts, body);
                    let last = match Last::from_request(request, &state).await {
                        Ok(last) => last,
                        Err(rejection) => return rejection.into_response(),
                    };
                    self($($head,)* last, next).await.into_response()
                }
            }

            impl<F, Fut, S, R, Last, $($head,)*> FunctionOfRequest<S, ($($head,)* Last,)> for F
            where
                F: FnOnce($($head,)* Last) -> Fut + Clone + 'static,
                Fut: Future<Output = R> + 'static,
                R: 'static,
                S: 'static,
                Last: FromRequest<S> + 'static,
                $($head: FromRequestParts<S> + 'static,)*
            {
                type Output = R;

                async fn run(self, request: Request, state: S) -> Result<R, Response> {
                    let (mut parts, body) = request.into_parts();
                    $(let $head = extract!($head, &mut parts, &state, Err);)*
                    let request = Request::from_parts(parts, body);
                    let last = match Last::from_request(request, &state).await {
                        Ok(last) => last,
                        Err(rejection) => return Err(rejection.into_response()),
                    };
                    Ok(self($($head,)* last).await)
                }
            }

            impl<F, Fut, S, R, $($head,)*> FunctionOfResponse<S, ($($head,)*)> for F
            where
                F: FnOnce($($head,)* Response) -> Fut + Clone + 'static,
                Fut: Future<Output = R> + 'static,
                R: IntoResponse + 'static,
                S: 'static,
                $($head: FromRequestParts<S> + 'static,)*
            {
                async fn run<I, A>(self, request: Request, state: S, inner: I) -> Response
                where
                    I: FnOnce(Request) -> A + 'static,
                    A: Future<Output = Response> + 'static,
                {
                    let (mut parts, body) = request.into_parts();
                    $(let $head = extract!($head, &mut parts, &state, std::convert::identity);)*
                    let response = inner(Request::from_parts(parts, body)).await;
                    self($($head,)* response).await.into_response()
                }
            }

            impl<F, Fut, E, R, $($head,)*> FunctionOfError<E, ($($head,)*)> for F
            where
                F: FnOnce($($head,)* E) -> Fut + Clone + 'static,
                Fut: Future<Output = R> + 'static,
                R: IntoResponse + 'static,
                E: 'static,
                $($head: FromRequestParts<()> + 'static,)*
            {
                async fn run(self, mut parts: Parts, error: E) -> Response {
                    $(let $head = extract!($head, &mut parts, &(), std::convert::identity);)*
                    self($($head,)* error).await.into_response()
                }
            }
        };
    };
}

/// Functions of no extractor, of one, and so on.
macro_rules! all {
    ([$($head:ident)*]) => {
        functions!($($head)*);
    };
    ([$($head:ident)*] $next:ident $($more:ident)*) => {
        functions!($($head)*);
        all!([$($head)* $next] $($more)*);
    };
}

all!([] T1 T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13 T14 T15);
