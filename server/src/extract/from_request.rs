//! The traits of extractors.

use std::convert::Infallible;
use std::future::Future;

use http::request::Parts;

use crate::message::Request;
use crate::response::IntoResponse;

pub(crate) mod via {
    /// Marks an extractor that needs the head only.
    #[derive(Debug, Clone, Copy)]
    pub enum ViaParts {}

    /// Marks an extractor that takes the whole request.
    #[derive(Debug, Clone, Copy)]
    pub enum ViaRequest {}
}

/// An extractor that needs only the head of a request. It may stand anywhere among a
/// handler's arguments.
///
/// `S` is the router's state. Neither it nor the future has to be `Send`.
///
/// ```
/// use http::{StatusCode, request::Parts};
/// use server::extract::FromRequestParts;
///
/// struct UserAgent(String);
///
/// impl<S> FromRequestParts<S> for UserAgent {
///     type Rejection = (StatusCode, &'static str);
///
///     async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
///         let agent = parts.headers.get("user-agent").and_then(|value| value.to_str().ok());
///         agent
///             .map(|agent| UserAgent(agent.to_owned()))
///             .ok_or((StatusCode::BAD_REQUEST, "who are you?"))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an extractor that reads the head of a request",
    label = "every argument of a handler but the last must implement `FromRequestParts<{S}>`",
    note = "an extractor that reads the body (`Json`, `Form`, `String`, `Bytes`, `Request`, …) must be the last argument"
)]
pub trait FromRequestParts<S>: Sized {
    /// What the client gets if the extractor cannot be made.
    type Rejection: IntoResponse;

    /// Makes the extractor. Its example is [`FromRequestParts`]'s.
    ///
    /// # Errors
    ///
    /// The rejection, which becomes the response.
    fn from_request_parts(
        parts: &mut Parts,
        state: &S,
    ) -> impl Future<Output = Result<Self, Self::Rejection>>;
}

/// An extractor that may take the body of a request. It must be a handler's last argument,
/// as there is only one body.
///
/// Every [`FromRequestParts`] is one too. The parameter `M` tells the two kinds apart; leave
/// it out.
///
/// ```
/// use http::StatusCode;
/// use server::Body;
/// use server::body::to_bytes;
/// use server::extract::{FromRequest, Request};
///
/// struct Length(usize);
///
/// impl<S> FromRequest<S> for Length {
///     type Rejection = StatusCode;
///
///     async fn from_request(request: Request, _: &S) -> Result<Self, StatusCode> {
///         let bytes = to_bytes(request.into_body(), 1024).await;
///         bytes.map(|bytes| Length(bytes.len())).map_err(|error| error.status())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an extractor",
    label = "the last argument of a handler must implement `FromRequest<{S}>` or `FromRequestParts<{S}>`"
)]
pub trait FromRequest<S, M = via::ViaRequest>: Sized {
    /// What the client gets if the extractor cannot be made.
    type Rejection: IntoResponse;

    /// Makes the extractor. Its example is [`FromRequest`]'s.
    ///
    /// # Errors
    ///
    /// The rejection, which becomes the response.
    fn from_request(
        request: Request,
        state: &S,
    ) -> impl Future<Output = Result<Self, Self::Rejection>>;
}

impl<S, T> FromRequest<S, via::ViaParts> for T
where
    T: FromRequestParts<S>,
{
    type Rejection = T::Rejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let (mut parts, _) = request.into_parts();
        T::from_request_parts(&mut parts, state).await
    }
}

/// How `Option<Self>` is extracted from the head of a request: an extractor decides for itself
/// what "not there" means, and what is there but wrong stays a refusal.
///
/// ```
/// use http::{StatusCode, request::Parts};
/// use server::extract::OptionalFromRequestParts;
/// use server::testing::TestClient;
/// use server::{Router, routing::get};
///
/// struct Page(u32);
///
/// impl<S> OptionalFromRequestParts<S> for Page {
///     type Rejection = StatusCode;
///
///     async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, StatusCode> {
///         let Some(page) = parts.uri.query() else {
///             return Ok(None);
///         };
///         page.parse().map(|page| Some(Page(page))).map_err(|_| StatusCode::BAD_REQUEST)
///     }
/// }
///
/// async fn show(page: Option<Page>) -> String {
///     format!("page {}", page.map_or(1, |page| page.0))
/// }
///
/// # #[runtime::main(start_paused = true)] async fn main() {
/// let client = TestClient::new(Router::new().route("/", get(show)));
/// assert_eq!(client.get("/").await.text().await, "page 1");
/// assert_eq!(client.get("/?7").await.text().await, "page 7");
/// assert_eq!(client.get("/?last").await.status(), 400);
/// # }
/// ```
pub trait OptionalFromRequestParts<S>: Sized {
    /// What the client gets if the extractor is there but cannot be made.
    type Rejection: IntoResponse;

    /// Makes the extractor, or tells that it is not there.
    /// Its example is [`OptionalFromRequestParts`]'s.
    ///
    /// # Errors
    ///
    /// The rejection, which becomes the response.
    fn from_request_parts(
        parts: &mut Parts,
        state: &S,
    ) -> impl Future<Output = Result<Option<Self>, Self::Rejection>>;
}

/// How `Option<Self>` is extracted from a whole request. See [`OptionalFromRequestParts`].
/// Its example is [`OptionalFromRequestParts`]'s.
pub trait OptionalFromRequest<S, M = via::ViaRequest>: Sized {
    /// What the client gets if the extractor is there but cannot be made.
    type Rejection: IntoResponse;

    /// Makes the extractor, or tells that it is not there.
    /// Its example is [`OptionalFromRequestParts`]'s.
    ///
    /// # Errors
    ///
    /// The rejection, which becomes the response.
    fn from_request(
        request: Request,
        state: &S,
    ) -> impl Future<Output = Result<Option<Self>, Self::Rejection>>;
}

impl<S, T> FromRequestParts<S> for Option<T>
where
    T: OptionalFromRequestParts<S>,
{
    type Rejection = T::Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        T::from_request_parts(parts, state).await
    }
}

impl<S, T> FromRequest<S> for Option<T>
where
    T: OptionalFromRequest<S>,
{
    type Rejection = T::Rejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        T::from_request(request, state).await
    }
}

impl<S, T> FromRequestParts<S> for Result<T, T::Rejection>
where
    T: FromRequestParts<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        Ok(T::from_request_parts(parts, state).await)
    }
}

impl<S, T> FromRequest<S> for Result<T, T::Rejection>
where
    T: FromRequest<S>,
{
    type Rejection = Infallible;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        Ok(T::from_request(request, state).await)
    }
}
