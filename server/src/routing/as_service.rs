//! A router as a service of one type of requests.
//!
//! A [`Router`] is a service for requests with any body. So in `router.ready()` (tower's) nothing
//! says which body is meant. These two say it.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Request;
use tower_service::Service;

use super::route::RouteFuture;
use super::router::Router;
use crate::body::BoxError;
use crate::message::Response;

impl Router {
    /// This router as a service of requests whose body is a `B`, for as long as it is borrowed.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// use http::Request;
    /// use server::{Body, Router, routing::get};
    /// use tower_service::Service;
    ///
    /// let mut router = Router::new().route("/", get(|| async { "hi" }));
    /// let response = router.as_service().call(Request::new(Body::empty())).await.unwrap();
    /// assert_eq!(response.status(), 200);
    /// # });
    /// ```
    pub fn as_service<B>(&mut self) -> RouterAsService<'_, B> {
        RouterAsService {
            router: self,
            body: PhantomData,
        }
    }

    /// As [`as_service`](Self::as_service), for good.
    ///
    /// ```
    /// use server::{Body, Router, routing::RouterIntoService};
    ///
    /// let service: RouterIntoService<Body> = Router::new().into_service();
    /// # drop(service);
    /// ```
    #[must_use]
    pub fn into_service<B>(self) -> RouterIntoService<B> {
        RouterIntoService {
            router: self,
            body: PhantomData,
        }
    }
}

/// A borrowed router, as a service. From [`Router::as_service`], whose example it is.
pub struct RouterAsService<'a, B> {
    router: &'a mut Router,
    body: PhantomData<fn(B)>,
}

/// A router, as a service. From [`Router::into_service`], whose example it is.
pub struct RouterIntoService<B> {
    router: Router,
    body: PhantomData<fn(B)>,
}

impl<B> Clone for RouterIntoService<B> {
    fn clone(&self) -> Self {
        self.router.clone().into_service()
    }
}

impl<B> Service<Request<B>> for RouterAsService<'_, B>
where
    B: http_body::Body<Data = Bytes> + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> RouteFuture<Infallible> {
        self.router.call(request)
    }
}

impl<B> Service<Request<B>> for RouterIntoService<B>
where
    B: http_body::Body<Data = Bytes> + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> RouteFuture<Infallible> {
        self.router.call(request)
    }
}

impl<B> fmt::Debug for RouterAsService<'_, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouterAsService")
            .field("router", &self.router)
            .finish_non_exhaustive()
    }
}

impl<B> fmt::Debug for RouterIntoService<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouterIntoService")
            .field("router", &self.router)
            .finish_non_exhaustive()
    }
}
