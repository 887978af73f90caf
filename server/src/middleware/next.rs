//! What is behind a middleware.

use std::convert::Infallible;
use std::task::{Context, Poll};

use tower_service::Service;

use crate::message::{Request, Response};
use crate::routing::route::{Route, RouteFuture};

/// The rest of the way: the next middleware, or the handler.
/// Its example is [`from_fn`](super::from_fn())'s.
#[derive(Debug, Clone)]
pub struct Next {
    route: Route,
}

impl Next {
    pub(super) fn new(route: Route) -> Self {
        Next { route }
    }

    /// Goes on with `request`. Its example is [`from_fn`](super::from_fn())'s.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops what is behind it.
    pub async fn run(self, request: Request) -> Response {
        self.route.call_inner(request).infallible().await
    }
}

impl Service<Request> for Next {
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        self.route.call_inner(request)
    }
}
