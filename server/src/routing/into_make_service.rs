//! What gives every connection its service.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use tower_service::Service;

use crate::message::Request;

/// Gives every connection a clone of one service. From
/// [`Router::into_make_service`](crate::Router::into_make_service).
/// Its example is [`Router::into_make_service`](crate::Router::into_make_service)'s.
#[derive(Debug, Clone)]
pub struct IntoMakeService<S> {
    service: S,
}

impl<S> IntoMakeService<S> {
    pub(crate) fn new(service: S) -> Self {
        IntoMakeService { service }
    }
}

impl<S: Clone, T> Service<T> for IntoMakeService<S> {
    type Response = S;
    type Error = Infallible;
    type Future = Ready<Result<S, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: T) -> Self::Future {
        ready(Ok(self.service.clone()))
    }
}

impl<S: crate::Service> crate::Service for IntoMakeService<S> {
    type Future = S::Future;

    fn call(&self, request: Request) -> S::Future {
        self.service.call(request)
    }
}
