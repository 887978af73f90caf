//! The query of a URI: what stands behind the question mark.

use std::convert::Infallible;
use std::ops::{Deref, DerefMut};

use http::Uri;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::from_request::FromRequestParts;
use super::rejection::{FailedToDeserializeQueryString, QueryRejection};
use super::urlencoded;

/// The query, read as a form into a `T`.
///
/// A name that comes several times fills a `Vec`. Refused with 400 if the query does not fit
/// the type.
///
/// ```
/// use serde::Deserialize;
/// use server::extract::Query;
///
/// #[derive(Deserialize)]
/// struct Search {
///     text: String,
///     #[serde(default)]
///     tag: Vec<String>,
/// }
///
/// let uri = "/search?text=loom&tag=old&tag=oak".parse().unwrap();
/// let Query(search) = Query::<Search>::try_from_uri(&uri).unwrap();
/// assert_eq!((search.text.as_str(), search.tag.len()), ("loom", 2));
///
/// // In a handler:
/// async fn search(Query(search): Query<Search>) -> String {
///     search.text
/// }
/// # let _ = search;
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> Query<T> {
    /// Reads the query of `uri`.
    ///
    /// # Errors
    ///
    /// [`QueryRejection`] if the query does not fit the type.
    ///
    /// ```
    /// use server::extract::Query;
    ///
    /// let uri = "/items?page=2".parse().unwrap();
    /// let Query(pairs) = Query::<Vec<(String, u32)>>::try_from_uri(&uri).unwrap();
    /// assert_eq!(pairs, [("page".to_owned(), 2)]);
    /// ```
    pub fn try_from_uri(uri: &Uri) -> Result<Self, QueryRejection> {
        let query = uri.query().unwrap_or_default();
        let value = urlencoded::read(query.as_bytes());
        Ok(Query(
            value.map_err(FailedToDeserializeQueryString::from_err)?,
        ))
    }
}

impl<T: DeserializeOwned, S> FromRequestParts<S> for Query<T> {
    type Rejection = QueryRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, QueryRejection> {
        Self::try_from_uri(&parts.uri)
    }
}

impl<T> Deref for Query<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Query<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// The query as it stands in the URI, if there is one.
///
/// ```
/// use server::extract::RawQuery;
///
/// async fn handler(RawQuery(query): RawQuery) -> String {
///     query.unwrap_or_default()
/// }
/// # let _ = handler;
/// ```
#[derive(Debug)]
pub struct RawQuery(pub Option<String>);

impl<S> FromRequestParts<S> for RawQuery {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(RawQuery(parts.uri.query().map(str::to_owned)))
    }
}
