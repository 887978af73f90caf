//! The captures, as text.

use std::fmt;

use http::request::Parts;

use super::super::from_request::FromRequestParts;
use super::super::rejection::{MissingPathParams, RawPathParamsRejection};
use super::error::InvalidUtf8InPathParam;
use super::params::UrlParams;

/// The captures of the route, percent-decoded: pairs of a name and a value.
///
/// Refused with 400 if a value is not UTF-8.
///
/// ```
/// use server::extract::RawPathParams;
/// use server::testing::TestClient;
/// use server::{Router, routing::get};
///
/// async fn handler(params: RawPathParams) -> String {
///     params.iter().map(|(name, value)| format!("{name}={value};")).collect()
/// }
///
/// # #[runtime::main(start_paused = true)] async fn main() {
/// let client = TestClient::new(Router::new().route("/{a}/{b}", get(handler)));
/// assert_eq!(client.get("/1/%20").await.text().await, "a=1;b= ;");
/// assert_eq!(client.get("/1/%ff").await.status(), 400);
/// # }
/// ```
#[derive(Debug)]
pub struct RawPathParams(UrlParams);

impl RawPathParams {
    /// The captures, in the order of the path. Its example is [`RawPathParams`]'s.
    #[must_use]
    pub fn iter(&self) -> RawPathParamsIter<'_> {
        self.into_iter()
    }
}

impl<S> FromRequestParts<S> for RawPathParams {
    type Rejection = RawPathParamsRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let params: &UrlParams = parts.extensions.get().ok_or(MissingPathParams)?;
        match params.invalid() {
            Some(key) => Err(InvalidUtf8InPathParam::new(key).into()),
            None => Ok(RawPathParams(params.clone())),
        }
    }
}

impl<'a> IntoIterator for &'a RawPathParams {
    type Item = (&'a str, &'a str);
    type IntoIter = RawPathParamsIter<'a>;

    fn into_iter(self) -> RawPathParamsIter<'a> {
        RawPathParamsIter {
            params: &self.0,
            next: 0,
        }
    }
}

/// An iterator over names and values of captures. From [`RawPathParams::iter`].
/// Its example is [`RawPathParams`]'s.
pub struct RawPathParamsIter<'a> {
    params: &'a UrlParams,
    next: usize,
}

impl<'a> Iterator for RawPathParamsIter<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let capture = self.params.get(self.next)?;
        self.next += 1;
        Some(capture)
    }
}

impl fmt::Debug for RawPathParamsIter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawPathParamsIter").finish_non_exhaustive()
    }
}
