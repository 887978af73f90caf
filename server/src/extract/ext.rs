//! Extracting by hand, in an extractor of one's own or in a middleware.

use std::future::Future;

use http::request::Parts;

use super::body_limit::limited;
use super::from_request::{FromRequest, FromRequestParts};
use crate::body::Body;
use crate::message::Request;

mod sealed {
    pub trait Sealed {}
    impl Sealed for crate::message::Request {}
    impl Sealed for http::request::Parts {}
}

/// What a [`Request`] can do besides. Its example is that of each method.
pub trait RequestExt: sealed::Sealed + Sized {
    /// Makes the extractor `E` of the request.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// use server::{Body, Json, RequestExt, extract::Request};
    ///
    /// let request = Request::builder()
    ///     .header("content-type", "application/json")
    ///     .body(Body::from("[1, 2]"))
    ///     .unwrap();
    /// let Json(numbers) = request.extract::<Json<Vec<u8>>, _>().await.unwrap();
    /// assert_eq!(numbers, [1, 2]);
    /// # });
    /// ```
    fn extract<E, M>(self) -> impl Future<Output = Result<E, E::Rejection>>
    where
        E: FromRequest<(), M> + 'static,
        M: 'static;

    /// As [`extract`](Self::extract), for extractors that ask for a state.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// use server::extract::{Request, State};
    /// use server::{Body, RequestExt};
    ///
    /// let request = Request::new(Body::empty());
    /// let State(name) = request.extract_with_state::<State<&str>, _, _>(&"loom").await.unwrap();
    /// assert_eq!(name, "loom");
    /// # }
    /// ```
    fn extract_with_state<E, S, M>(
        self,
        state: &S,
    ) -> impl Future<Output = Result<E, E::Rejection>>
    where
        E: FromRequest<S, M> + 'static;

    /// Makes the extractor `E` of the head, and keeps the request.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: a request whose extraction was dropped is empty.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// use http::Method;
    /// use server::{Body, RequestExt, extract::Request};
    ///
    /// let mut request = Request::new(Body::from("still there"));
    /// let method: Method = request.extract_parts().await.unwrap();
    /// assert_eq!(method, Method::GET);
    /// assert_eq!(request.extract::<String, _>().await.unwrap(), "still there");
    /// # });
    /// ```
    fn extract_parts<E>(&mut self) -> impl Future<Output = Result<E, E::Rejection>>
    where
        E: FromRequestParts<()> + 'static;

    /// As [`extract_parts`](Self::extract_parts), for extractors that ask for a state.
    /// Its example is [`RequestPartsExt::extract_with_state`]'s.
    fn extract_parts_with_state<'a, E, S>(
        &'a mut self,
        state: &'a S,
    ) -> impl Future<Output = Result<E, E::Rejection>> + 'a
    where
        E: FromRequestParts<S> + 'static;

    /// The request with a body that ends with an error behind the limit of
    /// [`DefaultBodyLimit`](super::DefaultBodyLimit).
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// use server::{Body, RequestExt, extract::DefaultBodyLimit, extract::Request};
    ///
    /// let mut request = Request::new(Body::from("five!"));
    /// DefaultBodyLimit::max(4).apply(&mut request);
    /// let mut body = request.with_limited_body().into_body();
    /// assert!(body.chunk().await.unwrap().unwrap_err().is_too_large());
    /// # });
    /// ```
    #[must_use]
    fn with_limited_body(self) -> Request;

    /// The body of [`with_limited_body`](Self::with_limited_body).
    /// Its example is [`with_limited_body`](Self::with_limited_body)'s.
    #[must_use]
    fn into_limited_body(self) -> Body;
}

impl RequestExt for Request {
    fn extract<E, M>(self) -> impl Future<Output = Result<E, E::Rejection>>
    where
        E: FromRequest<(), M> + 'static,
        M: 'static,
    {
        E::from_request(self, &())
    }

    fn extract_with_state<E, S, M>(self, state: &S) -> impl Future<Output = Result<E, E::Rejection>>
    where
        E: FromRequest<S, M> + 'static,
    {
        E::from_request(self, state)
    }

    fn extract_parts<E>(&mut self) -> impl Future<Output = Result<E, E::Rejection>>
    where
        E: FromRequestParts<()> + 'static,
    {
        self.extract_parts_with_state(&())
    }

    async fn extract_parts_with_state<'a, E, S>(
        &'a mut self,
        state: &'a S,
    ) -> Result<E, E::Rejection>
    where
        E: FromRequestParts<S> + 'static,
    {
        let (mut parts, body) = std::mem::take(self).into_parts();
        let made = E::from_request_parts(&mut parts, state).await;
        *self = Request::from_parts(parts, body);
        made
    }

    fn with_limited_body(self) -> Request {
        limited(self)
    }

    fn into_limited_body(self) -> Body {
        self.with_limited_body().into_body()
    }
}

/// What the [`Parts`] of a request can do besides. Its example is that of each method.
pub trait RequestPartsExt: sealed::Sealed + Sized {
    /// Makes the extractor `E` of the head.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// use server::{Body, RequestPartsExt, extract::OriginalUri, extract::Request};
    ///
    /// let (mut parts, _) = Request::new(Body::empty()).into_parts();
    /// let OriginalUri(uri) = parts.extract().await.unwrap();
    /// assert_eq!(uri, "/");
    /// # });
    /// ```
    fn extract<E>(&mut self) -> impl Future<Output = Result<E, E::Rejection>>
    where
        E: FromRequestParts<()> + 'static;

    /// As [`extract`](Self::extract), for extractors that ask for a state.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// use server::extract::{Request, State};
    /// use server::{Body, RequestPartsExt};
    ///
    /// let (mut parts, _) = Request::new(Body::empty()).into_parts();
    /// let State(name) = parts.extract_with_state::<State<&str>, _>(&"loom").await.unwrap();
    /// assert_eq!(name, "loom");
    /// # }
    /// ```
    fn extract_with_state<'a, E, S>(
        &'a mut self,
        state: &'a S,
    ) -> impl Future<Output = Result<E, E::Rejection>> + 'a
    where
        E: FromRequestParts<S> + 'static;
}

impl RequestPartsExt for Parts {
    fn extract<E>(&mut self) -> impl Future<Output = Result<E, E::Rejection>>
    where
        E: FromRequestParts<()> + 'static,
    {
        E::from_request_parts(self, &())
    }

    fn extract_with_state<'a, E, S>(
        &'a mut self,
        state: &'a S,
    ) -> impl Future<Output = Result<E, E::Rejection>> + 'a
    where
        E: FromRequestParts<S> + 'static,
    {
        E::from_request_parts(self, state)
    }
}
