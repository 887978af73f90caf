//! The caller's end of an outgoing connection.

use std::fmt;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use runtime::sync::oneshot;

use super::dispatch::{Call, Dispatch, Status};
use super::error::{Error, Kind, Retry};
use crate::body::{Body, BoxError};

/// Sends requests on a connection; from [`handshake`](super::handshake).
///
/// One request is under way at a time. The next one may be handed in when
/// [`ready`](Self::ready) says so: the response before has been read to its end, or dropped. A
/// request that is handed in earlier waits for its turn; there is room for one.
///
/// When this is dropped, the connection ends after the request that is under way.
///
/// ```
/// # runtime::runtime::Runtime::new().unwrap().block_on(async {
/// use http::{Request, Response};
/// use server::h1::{Endpoint, client};
/// use server::{Body, body::to_bytes};
///
/// let endpoint = Endpoint::new(|request: Request<Body>| async { Response::new(request.into_body()) });
/// let (near, far) = runtime::io::duplex(1024);
/// runtime::spawn(endpoint.connection(far));
/// let (mut sender, connection) = client::handshake(near).await?;
/// runtime::spawn(connection);
///
/// for word in ["one", "two"] {
///     sender.ready().await?;
///     let request = Request::post("/").body(Body::from(word))?;
///     let response = sender.send_request(request).await?;
///     assert_eq!(to_bytes(response.into_body(), 1024).await?, word);
/// }
/// assert!(!sender.is_closed());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub struct SendRequest {
    dispatch: Rc<Dispatch>,
}

impl SendRequest {
    pub(super) fn new(dispatch: Rc<Dispatch>) -> Self {
        SendRequest { dispatch }
    }

    /// Sends a request. Its example is [`SendRequest`]'s. The future does nothing that the call has not done: it waits for the head
    /// of the response, while the [`Connection`](super::Connection) works.
    ///
    /// The target goes out as the `Uri` has it. A path is what a server wants; a whole address is
    /// what a proxy wants, and every server understands it. A `Host` is added if there is none. The
    /// body's length is announced if it is known (or if there is a `Content-Length`), and else the
    /// body is sent in chunks. With `Expect: 100-continue` the body waits for the server's word.
    ///
    /// The response may come while the request's body is still being sent. If it refuses (4xx,
    /// 5xx) or ends the connection, the rest is not sent.
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::retry`] says whether the request may be sent again.
    ///
    /// # Cancel safety
    ///
    /// A request whose future is dropped is not sent if nothing of it has left. Otherwise the
    /// connection ends, as its response would stand in the way of the next one.
    pub fn send_request<B>(
        &mut self,
        request: Request<B>,
    ) -> impl Future<Output = Result<Response<Body>, Error>> + use<B>
    where
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + 'static,
    {
        let response = self.try_send_request(request);
        async move { response.await.map_err(TrySendError::into_error) }
    }

    /// Sends a request, and gives it back if nothing of it was used. Its example is
    /// [`TrySendError`]'s.
    ///
    /// # Errors
    ///
    /// As [`send_request`](Self::send_request), with the request.
    ///
    /// # Cancel safety
    ///
    /// As [`send_request`](Self::send_request).
    pub fn try_send_request<B>(
        &mut self,
        request: Request<B>,
    ) -> impl Future<Output = Result<Response<Body>, TrySendError>> + use<B>
    where
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + 'static,
    {
        let request = Box::new(request.map(Body::new));
        let (reply, response) = oneshot::channel();
        let put = self.dispatch.call(Call { request, reply });
        async move {
            if let Err(request) = put {
                let error = Error::new(Kind::Canceled);
                return Err(TrySendError::new(error, Some(request)));
            }
            match response.await {
                Ok(outcome) => outcome.map_err(|(error, back)| TrySendError::new(error, back)),
                Err(_) => {
                    let error = Error::new(Kind::Canceled).with_retry(Retry::Never);
                    Err(TrySendError::new(error, None))
                }
            }
        }
    }

    /// Waits until a request would be sent at once. Its example is [`SendRequest`]'s.
    ///
    /// # Errors
    ///
    /// The connection is over ([`Error::is_canceled`]).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn ready(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.poll_ready(cx)).await
    }

    /// What [`ready`](Self::ready) awaits. `Pending`: the waker of `cx` is left, in the place of an
    /// earlier one. Its example is [`SendRequest`]'s.
    ///
    /// # Errors
    ///
    /// As [`ready`](Self::ready).
    pub fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.dispatch.poll_ready(cx)
    }

    /// Whether a request would be sent at once.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.dispatch.is_ready()
    }

    /// Whether the connection is over. Its example is [`SendRequest`]'s.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.dispatch.status() == Status::Closed
    }
}

impl Drop for SendRequest {
    fn drop(&mut self) {
        self.dispatch.abandon();
    }
}

impl fmt::Debug for SendRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendRequest")
            .field("status", &self.dispatch.status())
            .finish()
    }
}

/// A request got no response; from [`SendRequest::try_send_request`].
///
/// ```
/// # runtime::runtime::Runtime::new().unwrap().block_on(async {
/// use http::Request;
/// use server::Body;
/// use server::h1::client::{Retry, handshake};
///
/// let (near, far) = runtime::io::duplex(1024);
/// let (mut sender, connection) = handshake(near).await.unwrap();
/// runtime::spawn(connection);
/// drop(far); // The server closes.
///
/// let request = Request::post("/orders").body(Body::from("one")).unwrap();
/// let mut failed = sender.try_send_request(request).await.unwrap_err();
/// assert_eq!(failed.error().retry(), Retry::Safe);
/// let request = failed.take_message().unwrap();
/// assert_eq!(request.uri(), "/orders"); // For another connection.
/// # });
/// ```
#[derive(Debug)]
pub struct TrySendError {
    error: Error,
    request: Option<Box<Request<Body>>>,
}

impl TrySendError {
    fn new(error: Error, request: Option<Box<Request<Body>>>) -> Self {
        TrySendError { error, request }
    }

    /// Takes the request, if nothing of it was used. Its example is [`TrySendError`]'s.
    #[must_use]
    pub fn take_message(&mut self) -> Option<Request<Body>> {
        self.request.take().map(|request| *request)
    }

    /// Why there is no response. Its example is [`TrySendError`]'s.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// Why there is no response.
    #[must_use]
    pub fn into_error(self) -> Error {
        self.error
    }
}

impl fmt::Display for TrySendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for TrySendError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.error)
    }
}
