//! What `#[debug_handler]` writes into a function: calls that compile only if the types fit. They
//! never run.
//!
//! Each function here has one bound, and the trait of the bound says what a type lacks that does not
//! meet it.

use std::future::Future;

use http::StatusCode;
use http::response::{Parts, Response};

use crate::extract::{FromRequest, FromRequestParts};
use crate::middleware::Next;
use crate::response::{IntoResponse, IntoResponseParts};

/// An argument of a handler before the last.
pub fn head<T: FromRequestParts<S>, S>() {}

/// Such an argument, if its name is that of an extractor that takes the body.
pub fn before_the_last<T: BeforeTheLast<S>, S>() {}

/// The last argument of a handler.
pub fn last<T: FromRequest<S, M>, S, M>() {}

/// The last argument of a handler, if it is known to take the body: then there is one way to
/// extract it, and the compiler can say what that lacks.
pub fn body<T: FromRequest<S>, S>() {}

/// A middleware's last argument.
pub fn next<T: IsNext>() {}

/// What a handler returns.
pub fn response<T: IntoResponse>() {}

/// What stands first in a tuple, if it is called as what may stand only there.
pub fn first<T: First>() {}

/// What stands in a tuple before the response.
pub fn part<T: IntoResponseParts>() {}

/// What a handler returns that is not an `async fn`.
pub fn future<T: HandlerFuture<Output = R>, R: IntoResponse>() {}

/// An extractor that needs no body.
#[diagnostic::on_unimplemented(
    message = "`{Self}` takes the body of the request, so it must be the last argument",
    label = "move this argument to the end; a request has one body, so one argument can take it",
    note = "only the last argument of a handler may take the body"
)]
pub trait BeforeTheLast<S> {}

#[diagnostic::do_not_recommend]
impl<T: FromRequestParts<S>, S> BeforeTheLast<S> for T {}

/// A future.
#[diagnostic::on_unimplemented(
    message = "a handler is an `async fn`, or returns a future: `{Self}` is none",
    label = "is the `async` before `fn` missing?"
)]
pub trait HandlerFuture: Future {}

#[diagnostic::do_not_recommend]
impl<T: Future> HandlerFuture for T {}

/// [`Next`], and nothing else.
#[diagnostic::on_unimplemented(
    message = "the last argument of a middleware is `server::middleware::Next`: `{Self}` is another type"
)]
pub trait IsNext {}

impl IsNext for Next {}

/// What may stand first in a tuple and is no part of a head.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand first in a response",
    label = "a `StatusCode`, the `Parts` of a response or a `Response<()>` can"
)]
pub trait First {}

impl First for StatusCode {}
impl First for Parts {}
impl First for Response<()> {}
