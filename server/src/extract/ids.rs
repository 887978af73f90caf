//! The numbers of a request and of its connection.

use std::convert::Infallible;
use std::fmt;

use http::Extensions;
use http::request::Parts;

use super::rejection::{ExtensionRejection, MissingExtension};
use super::{FromRequestParts, OptionalFromRequestParts};
use crate::current::{self, Ids};
use crate::locals;

/// The numbers of the request that is being answered. A request that left its connection's task
/// carries its own.
pub(crate) fn ids(extensions: &Extensions) -> Option<Ids> {
    let carried = locals::get::<Ids>(extensions).map(|ids| *ids);
    carried.or_else(current::ids)
}

/// An extractor of one of the numbers.
macro_rules! number {
    ($(#[$meta:meta])* $name:ident, $field:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl<S> FromRequestParts<S> for $name {
            type Rejection = ExtensionRejection;

            async fn from_request_parts(
                parts: &mut Parts,
                _: &S,
            ) -> Result<Self, ExtensionRejection> {
                let number = ids(&parts.extensions).map(|ids| $name(ids.$field));
                number.ok_or_else(|| {
                    let why = concat!(stringify!($name), ": no connection is being served here");
                    MissingExtension::from_err(why).into()
                })
            }
        }

        impl<S> OptionalFromRequestParts<S> for $name {
            type Rejection = Infallible;

            async fn from_request_parts(
                parts: &mut Parts,
                _: &S,
            ) -> Result<Option<Self>, Infallible> {
                Ok(ids(&parts.extensions).map(|ids| $name(ids.$field)))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number! {
    /// The number of the connection on which a request came; an extractor.
    ///
    /// A server counts its connections from 1, in the order in which it begins to serve them. The
    /// number is known to a handler, and to layers and extractors, while the engine calls them, and
    /// inside a [`DetachLayer`](crate::middleware::DetachLayer). A router that is called without a
    /// server, or in a task of your own, refuses with 500; behind an `Option` it is `None`.
    ///
    /// ```
    /// use server::{Router, extract::{ConnectionId, RequestId}, routing::get};
    ///
    /// async fn numbers(connection: ConnectionId, request: RequestId) -> String {
    ///     format!("request {request} on connection {connection}")
    /// }
    ///
    /// let app: Router = Router::new().route("/", get(numbers));
    /// # let _ = app;
    /// ```
    ConnectionId, connection
}

number! {
    /// The number of a request; an extractor.
    ///
    /// A server counts the requests of all its connections from 1, in the order in which their
    /// heads are complete. Requests that are malformed are not counted. Where the number is known
    /// says [`ConnectionId`], and so does the example.
    RequestId, request
}
