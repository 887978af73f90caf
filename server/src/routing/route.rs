//! One service among a router's, without its type.

use std::any::Any;
use std::convert::Infallible;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_LENGTH};
use http::{HeaderMap, HeaderValue, Method};
use http_body::Frame;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::body::{Body, BoxError};
use crate::message::{Request, Response};
use crate::response::IntoResponse;
use crate::service::{Erased, Running};

/// What a router calls: a handler with its state, or any other service.
/// Its example is [`HandleErrorLayer`](crate::error_handling::HandleErrorLayer)'s.
///
/// It is what a [`Layer`] wraps ([`Router::layer`](crate::Router::layer)). A clone is another
/// handle to the same service.
pub struct Route<E = Infallible> {
    service: Erased<Result<Response, E>>,
    /// What a router that holds this one does to the request first.
    before: Option<Change>,
}

/// A change of a request.
type Change = Rc<dyn Fn(&mut Request)>;

impl<E: 'static> Route<E> {
    /// A function as a route.
    pub(crate) fn from_fn<F, Fut>(function: F) -> Self
    where
        F: Fn(Request) -> Fut + 'static,
        Fut: Future<Output = Result<Response, E>> + 'static,
    {
        Route {
            service: Erased::new(function),
            before: None,
        }
    }

    /// A service as a route. A service that is one already stays what it is.
    pub(crate) fn new<T>(service: T) -> Self
    where
        T: Service<Request, Error = E> + Clone + 'static,
        T::Response: IntoResponse + 'static,
        T::Future: 'static,
    {
        if let Some(route) = (&service as &dyn Any).downcast_ref::<Self>() {
            return route.clone();
        }
        Route::from_fn(move |request| {
            let answer = oneshot(service.clone(), request);
            async move { answer.await.map(IntoResponse::into_response) }
        })
    }

    /// The same route inside `layer`.
    pub(crate) fn layer<L, E2>(self, layer: &L) -> Route<E2>
    where
        L: Layer<Route<E>>,
        L::Service: Service<Request> + Clone + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<E2> + 'static,
        <L::Service as Service<Request>>::Future: 'static,
        E2: 'static,
    {
        let service = layer.layer(self);
        if let Some(route) = (&service as &dyn Any).downcast_ref::<Route<E2>>() {
            return route.clone();
        }
        Route::from_fn(move |request| {
            let answer = oneshot(service.clone(), request);
            async move {
                let answer = answer.await.map(IntoResponse::into_response);
                answer.map_err(Into::into)
            }
        })
    }

    /// The same route, with `change` done to each request before anything else.
    pub(super) fn after(mut self, change: impl Fn(&mut Request) + 'static) -> Self {
        self.before = Some(match self.before.take() {
            None => Rc::new(change),
            Some(inner) => Rc::new(move |request| {
                change(request);
                inner(request);
            }),
        });
        self
    }

    /// Answers `request`, for another service that is above.
    pub(crate) fn call_inner(&self, mut request: Request) -> RouteFuture<E> {
        if let Some(before) = &self.before {
            before(&mut request);
        }
        RouteFuture {
            running: self.service.call(request),
            finish: None,
        }
    }

    /// Answers `request`, as the outermost service that is a router's: see [`Finish`].
    pub(super) fn call_outer(
        &self,
        request: Request,
        allow: Option<HeaderValue>,
    ) -> RouteFuture<E> {
        let finish = match *request.method() {
            Method::HEAD => Some(Finish::Head),
            Method::CONNECT => Some(Finish::Connect),
            _ if allow.is_some() => Some(Finish::Other),
            _ => None,
        };
        let mut future = self.call_inner(request);
        future.finish = finish.map(|finish| (finish, allow));
        future
    }
}

impl<E> Clone for Route<E> {
    fn clone(&self) -> Self {
        Route {
            service: self.service.clone(),
            before: self.before.clone(),
        }
    }
}

impl<E> fmt::Debug for Route<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route").finish_non_exhaustive()
    }
}

/// A layer may wrap the body: any body will do.
impl<B, E> Service<Request<B>> for Route<E>
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
        self.call_inner(request.map(Body::new))
    }
}

impl crate::Service for Route {
    type Future = InfallibleRouteFuture;

    fn call(&self, request: Request) -> InfallibleRouteFuture {
        self.call_inner(request).infallible()
    }
}

/// What a response still needs when all middleware has seen it.
#[derive(Debug, Clone, Copy)]
enum Finish {
    /// The answer to a HEAD has no body, but tells the length that a GET's would have
    /// (RFC 9110, section 9.3.2).
    Head,
    /// A 2xx to a CONNECT has neither body nor length (RFC 9110, section 9.3.6).
    Connect,
    /// Only the `Allow`, if there is one.
    Other,
}

pin_project! {
    /// The answer of a [`Route`] under way. Its example is
    /// [`HandleErrorLayer`](crate::error_handling::HandleErrorLayer)'s.
    pub struct RouteFuture<E: 'static> {
        running: Running<Result<Response, E>>,
        finish: Option<(Finish, Option<HeaderValue>)>,
    }
}

impl<E: 'static> RouteFuture<E> {
    /// A future in a box of its own.
    pub(crate) fn boxed(future: impl Future<Output = Result<Response, E>> + 'static) -> Self {
        RouteFuture {
            running: Running::boxed(future),
            finish: None,
        }
    }
}

impl RouteFuture<Infallible> {
    /// The same future, without the error that cannot be.
    pub(crate) fn infallible(self) -> InfallibleRouteFuture {
        InfallibleRouteFuture { future: self }
    }
}

impl<E: 'static> Future for RouteFuture<E> {
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(Pin::new(this.running).poll(cx))?;
        if let Some((finish, allow)) = this.finish.take() {
            finish.finish(&mut response, allow);
        }
        Poll::Ready(Ok(response))
    }
}

pin_project! {
    /// An answer that cannot fail, for a place where one may. An `async` block that awaits the answer
    /// would be twice as large: it keeps what it captured beside what it awaits.
    pub(crate) struct Answered<F> {
        #[pin]
        answer: F,
    }
}

impl<F> Answered<F> {
    pub(crate) fn new(answer: F) -> Self {
        Answered { answer }
    }
}

impl<F: Future<Output = Response>> Future for Answered<F> {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().answer.poll(cx).map(Ok)
    }
}

impl<E> fmt::Debug for RouteFuture<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouteFuture").finish_non_exhaustive()
    }
}

impl Finish {
    fn finish(self, response: &mut Response, allow: Option<HeaderValue>) {
        if let Some(allow) = allow {
            response.headers_mut().entry(ALLOW).or_insert(allow);
        }
        match self {
            Finish::Head => {
                let length = response.body().exact_length();
                set_length(response.headers_mut(), length);
                *response.body_mut() = match length {
                    Some(_) => Body::empty(),
                    None => Body::new(NoneOfUnknownLength),
                };
            }
            Finish::Connect if response.status().is_success() => {
                response.headers_mut().remove(CONTENT_LENGTH);
                *response.body_mut() = Body::empty();
            }
            Finish::Connect | Finish::Other => {}
        }
    }
}

/// What is left of a body whose length is not known: no bytes, and still no length. An empty body
/// would have the length 0, which a GET's answer need not have (RFC 9110, section 8.6).
struct NoneOfUnknownLength;

impl http_body::Body for NoneOfUnknownLength {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(None)
    }
}

/// Says how long a body is that is about to be dropped. An empty one tells nothing: it may
/// be that the handler made no body because it was asked for none.
fn set_length(headers: &mut HeaderMap, length: Option<u64>) {
    let known = headers.contains_key(CONTENT_LENGTH);
    if let Some(length) = length.filter(|length| *length > 0 && !known) {
        headers.insert(CONTENT_LENGTH, length.into());
    }
}

pin_project! {
    /// A [`RouteFuture`] of a service that cannot fail: its output is the response itself. A router
    /// and a handler with its state answer with it; the example is [`Service`](crate::Service)'s.
    #[derive(Debug)]
    pub struct InfallibleRouteFuture {
        #[pin]
        future: RouteFuture<Infallible>,
    }
}

impl Future for InfallibleRouteFuture {
    type Output = Response;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response> {
        match ready!(self.project().future.poll(cx)) {
            Ok(response) => Poll::Ready(response),
            Err(never) => match never {},
        }
    }
}

/// Waits until `service` is ready, and calls it once.
pub(crate) async fn oneshot<T, R>(mut service: T, request: R) -> Result<T::Response, T::Error>
where
    T: Service<R>,
{
    poll_fn(|cx| service.poll_ready(cx)).await?;
    service.call(request).await
}
