//! Values beside a request that are not `Send`.

use std::convert::Infallible;
use std::ops::Deref;
use std::task::{Context, Poll};

use http::request::Parts;
use http::{Extensions, Request};
use tower_layer::Layer;
use tower_service::Service;

use crate::extract::rejection::{ExtensionRejection, MissingExtension};
use crate::extract::{FromRequestParts, OptionalFromRequestParts};
use crate::locals;

/// An [`Extension`](crate::Extension) that may be an `Rc`, or anything else that belongs to one
/// thread.
///
/// As an extractor it takes a clone of the value of that type. A request without one is
/// refused with 500; behind an `Option` it is `None`. As a layer it puts a clone of the value
/// beside each request.
///
/// The value is dropped with the last clone of the request's extensions. On another thread a
/// request has no such values.
///
/// ```
/// use std::rc::Rc;
/// use server::{LocalExtension, Router, routing::get};
/// use server::testing::TestClient;
///
/// async fn name(LocalExtension(name): LocalExtension<Rc<str>>) -> String {
///     name.to_string()
/// }
///
/// let app: Router = Router::new()
///     .route("/", get(name))
///     .layer(LocalExtension(Rc::<str>::from("treadle")));
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// assert_eq!(TestClient::new(app).get("/").await.text().await, "treadle");
/// # }
/// # test(app);
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[must_use]
pub struct LocalExtension<T>(pub T);

impl<T: Clone + 'static> LocalExtension<T> {
    /// A clone of the value of this type beside a request.
    ///
    /// ```
    /// use std::rc::Rc;
    /// use server::LocalExtension;
    ///
    /// let mut extensions = http::Extensions::new();
    /// LocalExtension(Rc::new(7)).insert(&mut extensions);
    /// assert_eq!(LocalExtension::<Rc<i32>>::get(&extensions).map(|seven| **seven), Some(7));
    /// ```
    pub fn get(extensions: &Extensions) -> Option<Self> {
        // The clone is the user's code; nothing is borrowed while it runs.
        locals::get::<T>(extensions).map(|value| LocalExtension(T::clone(&value)))
    }

    /// Puts the value beside a request, in the place of an earlier one of its type. Its example
    /// is [`get`](Self::get)'s.
    pub fn insert(self, extensions: &mut Extensions) {
        drop(locals::insert(extensions, self.0));
    }
}

impl<T, S> FromRequestParts<S> for LocalExtension<T>
where
    T: Clone + 'static,
{
    type Rejection = ExtensionRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ExtensionRejection> {
        LocalExtension::get(&parts.extensions).ok_or_else(|| {
            let name = std::any::type_name::<T>();
            let why = format!(
                "LocalExtension of type `{name}` was not found. Perhaps you forgot to add it? \
                 See `server::LocalExtension`."
            );
            MissingExtension::from_err(why).into()
        })
    }
}

impl<T, S> OptionalFromRequestParts<S> for LocalExtension<T>
where
    T: Clone + 'static,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(LocalExtension::get(&parts.extensions))
    }
}

impl<T> Deref for LocalExtension<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<S, T: Clone> Layer<S> for LocalExtension<T> {
    type Service = AddLocalExtension<S, T>;

    fn layer(&self, inner: S) -> AddLocalExtension<S, T> {
        AddLocalExtension {
            inner,
            value: self.0.clone(),
        }
    }
}

/// A service beside whose requests lies a value. From [`LocalExtension`] as a layer.
///
/// ```
/// use std::rc::Rc;
/// use server::{LocalExtension, middleware::AddLocalExtension};
/// use tower_layer::Layer;
///
/// let service: AddLocalExtension<_, Rc<u32>> = LocalExtension(Rc::new(7)).layer("any service");
/// # let _ = service;
/// ```
#[derive(Debug, Clone, Copy)]
pub struct AddLocalExtension<S, T> {
    inner: S,
    value: T,
}

impl<B, S, T> Service<Request<B>> for AddLocalExtension<S, T>
where
    S: Service<Request<B>>,
    T: Clone + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        LocalExtension(self.value.clone()).insert(request.extensions_mut());
        self.inner.call(request)
    }
}
