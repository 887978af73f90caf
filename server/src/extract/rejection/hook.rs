//! One place that words the refusals of all extractors.
//!
//! An API may want its refusals as JSON, in another language, or counted. To change them one
//! by one, every handler would have to take a `Result` of every extractor. A hook is a layer
//! that sees each response that a rejection became (it carries a [`Rejection`]) and answers
//! in its place.
//!
//! How it can go wrong: a handler that words a rejection itself answers with a response of
//! its own, which the hook does not see. Nor does it see the engine's refusals, which no
//! handler knows of.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use http::request::Parts;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::define::{Rejection, reworded};
use crate::message::{Request, Response};
use crate::response::IntoResponse;

/// A layer that answers in the place of extractors that could not be made.
///
/// The hook gets the rejection and the head of the request as it was when it passed the
/// layer. For that, the layer clones each request's head. What the hook returns is not seen by
/// a hook further out.
///
/// ```
/// use http::StatusCode;
/// use http::request::Parts;
/// use server::extract::rejection::{OnRejection, Rejection};
/// use server::{Json, Router, routing::post};
/// use server::testing::TestClient;
///
/// fn reword(rejection: &Rejection, head: &Parts) -> (StatusCode, String) {
///     let text = format!("{}: {}", head.uri.path(), rejection.text());
///     (rejection.status(), text)
/// }
///
/// let app: Router = Router::new()
///     .route("/", post(|Json(n): Json<u8>| async move { n.to_string() }))
///     .layer(OnRejection::new(reword));
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// let response = TestClient::new(app).post("/").body("7").await;
/// assert_eq!(response.status(), 415);
/// assert_eq!(response.text().await, "/: Expected request with `Content-Type: application/json`");
/// # }
/// # test(app);
/// ```
#[must_use]
pub struct OnRejection<F> {
    hook: Rc<F>,
}

impl<F> OnRejection<F> {
    /// A layer with this hook. [`problem`](super::problem()) is one that is ready made.
    /// Its example is [`OnRejection`]'s.
    pub fn new<R>(hook: F) -> Self
    where
        F: Fn(&Rejection, &Parts) -> R,
        R: IntoResponse,
    {
        OnRejection {
            hook: Rc::new(hook),
        }
    }
}

impl<F> Clone for OnRejection<F> {
    fn clone(&self) -> Self {
        OnRejection {
            hook: self.hook.clone(),
        }
    }
}

impl<F> fmt::Debug for OnRejection<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnRejection").finish_non_exhaustive()
    }
}

impl<S, F> Layer<S> for OnRejection<F> {
    type Service = OnRejectionService<S, F>;

    fn layer(&self, inner: S) -> OnRejectionService<S, F> {
        OnRejectionService {
            inner,
            layer: self.clone(),
        }
    }
}

/// A service behind a hook for rejections. From [`OnRejection`] as a layer.
/// Its example is [`OnRejection`]'s.
pub struct OnRejectionService<S, F> {
    inner: S,
    layer: OnRejection<F>,
}

impl<S: Clone, F> Clone for OnRejectionService<S, F> {
    fn clone(&self) -> Self {
        OnRejectionService {
            inner: self.inner.clone(),
            layer: self.layer.clone(),
        }
    }
}

impl<S: fmt::Debug, F> fmt::Debug for OnRejectionService<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnRejectionService")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

impl<S, F, R> Service<Request> for OnRejectionService<S, F>
where
    S: Service<Request, Error = Infallible>,
    S::Response: IntoResponse,
    F: Fn(&Rejection, &Parts) -> R,
    R: IntoResponse,
{
    type Response = Response;
    type Error = Infallible;
    type Future = OnRejectionFuture<S::Future, F>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let (head, body) = request.into_parts();
        let request = Request::from_parts(head.clone(), body);
        OnRejectionFuture {
            inner: self.inner.call(request),
            head,
            hook: self.layer.hook.clone(),
        }
    }
}

pin_project! {
    /// The future of an [`OnRejectionService`]. Its example is [`OnRejection`]'s.
    pub struct OnRejectionFuture<Fut, F> {
        #[pin]
        inner: Fut,
        head: Parts,
        hook: Rc<F>,
    }
}

impl<Fut, F, T, R> Future for OnRejectionFuture<Fut, F>
where
    Fut: Future<Output = Result<T, Infallible>>,
    T: IntoResponse,
    F: Fn(&Rejection, &Parts) -> R,
    R: IntoResponse,
{
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Ok(answer) = ready!(this.inner.poll(cx));
        let mut response = answer.into_response();
        if let Some(rejection) = response.extensions_mut().remove::<Rejection>() {
            let answer = (this.hook)(&rejection, this.head).into_response();
            response = reworded(response, answer);
        }
        Poll::Ready(Ok(response))
    }
}

impl<Fut, F> fmt::Debug for OnRejectionFuture<Fut, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnRejectionFuture").finish_non_exhaustive()
    }
}
