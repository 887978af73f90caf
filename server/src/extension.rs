//! Values that travel in the extensions of a request or a response.
//!
//! Extensions are a map from types to values beside the headers. A layer puts a value in, a
//! handler behind it takes the value out by its type.

use std::convert::Infallible;
use std::ops::{Deref, DerefMut};
use std::task::{Context, Poll};

use http::Request;
use http::request::Parts;
use tower_layer::Layer;
use tower_service::Service;

use crate::extract::rejection::{ExtensionRejection, MissingExtension};
use crate::extract::{FromRequestParts, OptionalFromRequestParts};
use crate::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};

/// A value in the extensions of a message.
///
/// As an extractor it takes a clone of the value of that type. A request without one is
/// refused with 500; behind an `Option` it is `None`.
///
/// As a layer it puts a clone of the value into each request. As a response, or as a part of
/// one, it puts the value into the response, for layers around the handler.
///
/// The crate `http` asks for `Clone + Send + Sync`. A value that is not `Send`, such as a lock or a channel of the
/// runtime's, is a [`LocalExtension`](crate::LocalExtension). For a value that all requests share, a
/// router's state is checked by the compiler and need not be `Send` either.
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

impl<T, S> FromRequestParts<S> for Extension<T>
where
    T: Clone + Send + Sync + 'static,
{
    type Rejection = ExtensionRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ExtensionRejection> {
        let value = parts.extensions.get::<T>().cloned();
        value.map(Extension).ok_or_else(missing::<T>)
    }
}

fn missing<T>() -> ExtensionRejection {
    let name = std::any::type_name::<T>();
    MissingExtension::from_err(format!(
        "Extension of type `{name}` was not found. Perhaps you forgot to add it? See `axum::Extension`."
    ))
    .into()
}

impl<T, S> OptionalFromRequestParts<S> for Extension<T>
where
    T: Clone + Send + Sync + 'static,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<T>().cloned().map(Extension))
    }
}

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
