//! What the path of a request captured.

mod de;
mod error;
mod params;
mod raw;
mod value;

use std::ops::{Deref, DerefMut};

use http::request::Parts;
use serde::de::DeserializeOwned;

use super::from_request::{FromRequestParts, OptionalFromRequestParts};
use super::rejection::{MissingPathParams, PathRejection};
use de::PathDeserializer;
pub use error::{ErrorKind, FailedToDeserializePathParams, InvalidUtf8InPathParam};
pub(crate) use params::UrlParams;
pub use raw::{RawPathParams, RawPathParamsIter};

/// The captures of the route, percent-decoded and read into a `T`.
///
/// * A single value, for a route with one capture.
/// * A tuple or a `Vec`, in the order of the captures.
/// * A struct or a map, by their names; a `Vec` of pairs has both.
///
/// Refused with 400 if a capture does not fit its type, and with 500 if the type could fit no
/// request of the route. `Option<Path<T>>` is `None` on a route without captures.
///
/// ```
/// use server::extract::Path;
/// use server::{Router, routing::get};
/// use server::testing::TestClient;
///
/// async fn page(Path((book, page)): Path<(String, u32)>) -> String {
///     format!("page {page} of {book}")
/// }
///
/// let app: Router = Router::new().route("/books/{book}/pages/{page}", get(page));
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// let client = TestClient::new(app);
/// assert_eq!(client.get("/books/loom/pages/7").await.text().await, "page 7 of loom");
/// assert_eq!(client.get("/books/loom/pages/last").await.status(), 400);
/// # }
/// # test(app);
/// ```
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned, S> FromRequestParts<S> for Path<T> {
    type Rejection = PathRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PathRejection> {
        let params = params(parts)?;
        if let Some(key) = params.invalid() {
            let key = key.to_owned();
            return Err(refused(ErrorKind::InvalidUtf8InPathParam { key }));
        }
        let value = T::deserialize(PathDeserializer(params));
        value.map(Path).map_err(|error| refused(error.0))
    }
}

fn params(parts: &Parts) -> Result<&UrlParams, MissingPathParams> {
    parts.extensions.get().ok_or(MissingPathParams)
}

fn refused(kind: ErrorKind) -> PathRejection {
    FailedToDeserializePathParams::new(kind).into()
}

impl<T, S> OptionalFromRequestParts<S> for Path<T>
where
    T: DeserializeOwned + 'static,
{
    type Rejection = PathRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &S,
    ) -> Result<Option<Self>, PathRejection> {
        match <Self as FromRequestParts<S>>::from_request_parts(parts, state).await {
            Err(PathRejection::FailedToDeserializePathParams(error))
                if matches!(
                    error.kind(),
                    ErrorKind::WrongNumberOfParameters { got: 0, .. }
                ) =>
            {
                Ok(None)
            }
            made => made.map(Some),
        }
    }
}

impl<T> Deref for Path<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Path<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}
