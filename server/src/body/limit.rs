//! How much of a body may be read.
//!
//! A body may be endless, so each request's body has a limit. The configuration sets it for all
//! requests; only the service knows that *this* path takes uploads. So the limit hangs on the
//! body, and every layer between the connection and the reader can change it.
//!
//! How it can go wrong: the limit is raised after the connection has refused. So the connection
//! does not refuse before the body is asked for, or the handler has answered without asking.
//!
//! Or a layer has wrapped the body in a type of its own, and the limit is set on the wrapper; how
//! it reaches the body inside is told in `wrapped`.

use bytes::Bytes;

use super::wrapped::Limit;
use super::{Body, Kind};

impl Body {
    /// Limits how much may still be read of the body. Reading more is an error
    /// ([`is_too_large`](super::BodyError::is_too_large)), and so is the first read of a body
    /// that has announced more: then nothing of it is read.
    ///
    /// The body of a request has a limit from the start, [`Config::max_body`](crate::Config). A
    /// service may raise it for an upload, or lower it, before the body is read. The last word
    /// counts. `u64::MAX` is no limit.
    ///
    /// What the client gets if its body is too large is the service's to say, unless the service
    /// answers as if all were well (2xx): then the engine answers 413 in its place. A client that
    /// waits for `100 Continue` is not told to send such a body.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// use server::Body;
    ///
    /// let mut body = Body::from("four");
    /// body.set_limit(3);
    /// assert!(body.chunk().await.unwrap().unwrap_err().is_too_large());
    /// # });
    /// ```
    pub fn set_limit(&mut self, bytes: u64) {
        let is_over = |here: &Bytes| here.len() as u64 > bytes;
        match &mut self.0 {
            Kind::Full(here) if is_over(here) => self.0 = Kind::Over(std::mem::take(here)),
            Kind::Over(here) if !is_over(here) => self.0 = Kind::Full(std::mem::take(here)),
            Kind::Empty | Kind::Full(_) | Kind::Over(_) => {}
            Kind::Incoming(incoming) => incoming.set_limit(bytes),
            Kind::Made(made) => made.set_limit(bytes),
        }
    }

    /// The body with another limit; see [`set_limit`](Self::set_limit).
    ///
    /// ```
    /// use http::{Request, Response};
    /// use server::{Body, body::to_bytes};
    ///
    /// async fn upload(request: Request<Body>) -> Response<Body> {
    ///     let body = request.into_body().with_limit(1024 * 1024 * 1024);
    ///     match to_bytes(body, usize::MAX).await {
    ///         Ok(bytes) => Response::new(Body::from(format!("{} bytes", bytes.len()))),
    ///         Err(error) => {
    ///             let mut refusal = Response::new(Body::from(error.to_string()));
    ///             *refusal.status_mut() = error.status();
    ///             refusal
    ///         }
    ///     }
    /// }
    /// # fn takes(_: impl server::Service) {}
    /// # takes(upload);
    /// ```
    #[must_use]
    pub fn with_limit(mut self, bytes: u64) -> Self {
        self.set_limit(bytes);
        self
    }

    /// The body, with this limit if it has none yet.
    pub(crate) fn with_default_limit(self, bytes: u64) -> Self {
        match self.limit() {
            Some(_) => self,
            None => self.with_limit(bytes),
        }
    }

    /// How much may still be read, if a limit was set.
    pub(crate) fn limit(&self) -> Option<u64> {
        match &self.0 {
            Kind::Incoming(incoming) => Some(incoming.limit()),
            Kind::Made(made) => match made.limit() {
                Limit::Bytes(bytes) => Some(bytes),
                Limit::Inherited | Limit::OfWrapper => None,
            },
            Kind::Over(_) => Some(0),
            Kind::Empty | Kind::Full(_) => None,
        }
    }
}
