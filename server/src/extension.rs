//! Values that travel in the extensions of a request or a response.
//!
//! Extensions are a map from types to values beside the headers. A layer puts a value in, a
//! handler behind it takes the value out by its type.

use std::convert::Infallible;
use std::ops::{Deref, DerefMut};
use std::task::{Context, Poll};

use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use crate::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};

/// A value in the extensions of a message.
///
/// As a layer it puts a clone of the value into each request. As a response, or as a part of
/// one, it puts the value into the response, for layers around the handler.
///
/// The crate `http` asks for `Clone + Send + Sync`. For a value that all requests share, a
/// router's state is checked by the compiler and need not be `Send`.
///
/// ```
/// use server::{Extension, response::IntoResponse};
///
/// #[derive(Clone)]
/// struct Cached(bool);
///
/// let response = (Extension(Cached(true)), "hello").into_response();
/// assert!(response.extensions().get::<Cached>().unwrap().0);
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[must_use]
pub struct Extension<T>(pub T);

impl<T> IntoResponseParts for Extension<T>
where
    T: Clone + Send + Sync + 'static,
{
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        parts.extensions_mut().insert(self.0);
        Ok(parts)
    }
}

impl<T> IntoResponse for Extension<T>
where
    T: Clone + Send + Sync + 'static,
{
    fn into_response(self) -> Response {
        (self, ()).into_response()
    }
}

impl<T> Deref for Extension<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Extension<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<S, T: Clone> Layer<S> for Extension<T> {
    type Service = AddExtension<S, T>;

    fn layer(&self, inner: S) -> AddExtension<S, T> {
        AddExtension {
            inner,
            value: self.0.clone(),
        }
    }
}

/// A service whose requests carry a value. From [`Extension`] as a layer.
///
/// ```
/// use server::{Extension, middleware::AddExtension};
/// use tower_layer::Layer;
///
/// let service: AddExtension<_, u32> = Extension(7_u32).layer("any service");
/// # let _ = service;
/// ```
#[derive(Debug, Clone, Copy)]
pub struct AddExtension<S, T> {
    inner: S,
    value: T,
}

impl<B, S, T> Service<Request<B>> for AddExtension<S, T>
where
    S: Service<Request<B>>,
    T: Clone + Send + Sync + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        request.extensions_mut().insert(self.value.clone());
        self.inner.call(request)
    }
}
