//! Routers as services, of `tower` and of this crate; a router of methods as a handler too.

use std::convert::Infallible;
use std::future::Future;
use std::task::{Context, Poll};

use bytes::Bytes;
use tower_service::Service;

use super::method_router::MethodRouter;
use super::route::{InfallibleRouteFuture, RouteFuture};
use super::router::Router;
use crate::body::{Body, BoxError};
use crate::handler::Handler;
use crate::message::{Request, Response};

/// Marks of what made a type a handler.
mod via {
    /// The handler is a router of methods.
    #[derive(Debug, Clone, Copy)]
    pub enum Methods {}
}

impl<B, E> Service<Request<B>> for MethodRouter<(), E>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + 'static,
    E: 'static,
{
    type Response = Response;
    type Error = E;
    type Future = RouteFuture<E>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), E>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> RouteFuture<E> {
        self.answer(request.map(Body::new))
    }
}

impl crate::Service for MethodRouter {
    type Future = InfallibleRouteFuture;

    fn call(&self, request: Request) -> InfallibleRouteFuture {
        self.answer(request).infallible()
    }
}

impl<B> Service<Request<B>> for Router
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> RouteFuture<Infallible> {
        self.answer(request.map(Body::new))
    }
}

impl crate::Service for Router {
    type Future = InfallibleRouteFuture;

    fn warnings(&self) -> Vec<String> {
        self.doubtful()
    }

    fn call(&self, request: Request) -> InfallibleRouteFuture {
        self.answer(request).infallible()
    }
}

impl<S> Handler<via::Methods, S> for MethodRouter<S>
where
    S: Clone + 'static,
{
    fn call(self, request: Request, state: S) -> impl Future<Output = Response> + 'static {
        self.with_state::<()>(state).answer(request).infallible()
    }
}
