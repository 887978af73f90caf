//! A router as a service of one type of requests.
//!
//! A [`Router`] is a service for requests with any body. So in `router.ready()` (tower's) nothing
//! says which body is meant. A [`RouterService`] says it.

use std::borrow::BorrowMut;
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
        RouterService {
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
        RouterService {
            router: self,
            body: PhantomData,
        }
    }
}

/// A borrowed router, as a service. From [`Router::as_service`], whose example it is.
pub type RouterAsService<'a, B> = RouterService<&'a mut Router, B>;

/// A router, as a service. From [`Router::into_service`], whose example it is.
pub type RouterIntoService<B> = RouterService<Router, B>;

/// A router, borrowed or not, as a service of requests whose body is a `B`. Its example is
/// [`Router::as_service`]'s.
pub struct RouterService<R, B> {
    router: R,
    body: PhantomData<fn(B)>,
}

impl<R: Clone, B> Clone for RouterService<R, B> {
    fn clone(&self) -> Self {
        RouterService {
            router: self.router.clone(),
            body: PhantomData,
        }
    }
}

impl<R, B> Service<Request<B>> for RouterService<R, B>
where
    R: BorrowMut<Router>,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> RouteFuture<Infallible> {
        self.router.borrow_mut().call(request)
    }
}

impl<R: fmt::Debug, B> fmt::Debug for RouterService<R, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouterService")
            .field("router", &self.router)
            .finish_non_exhaustive()
    }
}
