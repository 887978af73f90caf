//! The route that was found for a request.

use std::convert::Infallible;
use std::sync::Arc;

use http::request::Parts;

use super::from_request::{FromRequestParts, OptionalFromRequestParts};
use super::rejection::{MatchedPathMissing, MatchedPathRejection};

/// The path that the route was registered with, such as `/users/{id}`. For a nested route,
/// the whole path.
///
/// It is what a log or a metric should be grouped by: it has few values, where the paths of
/// requests have any number. A layer finds it in the request's extensions.
///
/// Refused outside a route, with 500.
///
/// ```
/// use server::extract::MatchedPath;
/// use server::testing::TestClient;
/// use server::{Router, routing::get};
///
/// async fn handler(path: MatchedPath) -> String {
///     format!("found at {}", path.as_str())
/// }
///
/// # #[runtime::main(start_paused = true)] async fn main() {
/// let app = Router::new().route("/users/{id}", get(handler));
/// assert_eq!(TestClient::new(app).get("/users/7").await.text().await, "found at /users/{id}");
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct MatchedPath(Arc<str>);

impl MatchedPath {
    pub(crate) fn new(path: Arc<str>) -> Self {
        MatchedPath(path)
    }

    /// The path. Its example is [`MatchedPath`]'s.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<S> FromRequestParts<S> for MatchedPath {
    type Rejection = MatchedPathRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let path = parts.extensions.get::<Self>().cloned();
        path.ok_or_else(|| MatchedPathMissing.into())
    }
}

impl<S> OptionalFromRequestParts<S> for MatchedPath {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}
