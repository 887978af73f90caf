//! The URI of a request before a nested router shortened it.

use std::convert::Infallible;
use std::ops::{Deref, DerefMut};

use http::Uri;
use http::request::Parts;

use super::from_request::FromRequestParts;

/// The URI as it arrived. A nested router shortens the path that its routes see; this one
/// stays whole.
///
/// ```
/// use server::extract::OriginalUri;
///
/// async fn handler(OriginalUri(uri): OriginalUri) -> String {
///     uri.path().to_owned()
/// }
/// # let _ = handler;
/// ```
#[derive(Debug, Clone)]
pub struct OriginalUri(pub Uri);

impl Deref for OriginalUri {
    type Target = Uri;

    fn deref(&self) -> &Uri {
        &self.0
    }
}

impl DerefMut for OriginalUri {
    fn deref_mut(&mut self) -> &mut Uri {
        &mut self.0
    }
}

impl<S> FromRequestParts<S> for OriginalUri {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let original = parts.extensions.get::<Self>().cloned();
        Ok(original.unwrap_or_else(|| OriginalUri(parts.uri.clone())))
    }
}
