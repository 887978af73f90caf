//! Where the router of a request is nested.

use std::sync::Arc;

use http::request::Parts;

use super::from_request::FromRequestParts;
use super::rejection::NestedPathRejection;

/// The path at which the router of the route is nested, such as `/api`. Handy for links to
/// another route of the same router.
///
/// Refused where nothing is nested, with 500.
///
/// ```
/// use server::extract::NestedPath;
/// use server::testing::TestClient;
/// use server::{Router, routing::get};
///
/// async fn handler(path: NestedPath) -> String {
///     format!("see {}/users", path.as_str())
/// }
///
/// # #[runtime::main(start_paused = true)] async fn main() {
/// let inner = Router::new().route("/list", get(handler));
/// let app = Router::new().nest("/team", inner);
/// assert_eq!(TestClient::new(app).get("/team/list").await.text().await, "see /team/users");
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct NestedPath(Arc<str>);

impl NestedPath {
    pub(crate) fn new(path: Arc<str>) -> Self {
        NestedPath(path)
    }

    /// The path. Its example is [`NestedPath`]'s.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<S> FromRequestParts<S> for NestedPath {
    type Rejection = NestedPathRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let path = parts.extensions.get::<Self>().cloned();
        path.ok_or(NestedPathRejection)
    }
}
