//! Leaving HTTP: the handler gets the connection.
//!
//! A client may ask for another protocol (`Upgrade`, RFC 9110, section 7.8). If the handler
//! answers 101, HTTP is over on this connection, and what comes next is the handler's. The answer
//! must name a protocol that the client has asked for; otherwise the client gets a 500. A client
//! may also ask for a tunnel (`CONNECT`, section 9.3.6); then any 2xx says yes. Such a request
//! reaches a handler only if [`Methods`](crate::h1::Methods) names it.
//!
//! ```text
//!   head asks for an upgrade ──▶ the engine puts an OnUpgrade beside the request
//!   handler takes it (upgrade::on), gives it to a task, answers 101
//!   the engine sends the 101, and hands the stream over ──▶ OnUpgrade is ready: Upgraded
//! ```
//!
//! The engine and the [`OnUpgrade`] share one cell, the *offer*.
//!
//! How it can go wrong: the wait for a connection that never comes. The engine's end of the offer
//! is dropped when another answer is given and when the connection ends, and that ends the wait.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use http::{Extensions, HeaderMap, Request, Response, request};
use runtime::task::WakerCell;

use super::upgraded::Upgraded;
use crate::h1::codec::hop::Protocols;
use crate::locals;

/// What the engine and the handler share.
#[derive(Default)]
struct Shared {
    outcome: Cell<Option<Result<Upgraded, UpgradeError>>>,
    waiting: WakerCell,
}

/// The engine's end of an offer.
pub(crate) struct Offer {
    shared: Rc<Shared>,
    asked: Protocols,
}

impl Offer {
    /// Offers the connection of the request with these extensions, which has asked for these
    /// protocols.
    pub(crate) fn make(extensions: &mut Extensions, asked: Protocols) -> Self {
        let shared = Rc::new(Shared::default());
        let on_upgrade = OnUpgrade(Ok(shared.clone()));
        drop(locals::insert(extensions, on_upgrade));
        Offer { shared, asked }
    }

    /// Whether the headers of a 101 take the offer as it was made.
    pub(crate) fn fits(&self, answered: &HeaderMap) -> bool {
        self.asked.include(answered)
    }

    /// Hands the connection over.
    pub(crate) fn keep(self, upgraded: Upgraded) {
        self.settle(Ok(upgraded));
    }

    fn settle(&self, outcome: Result<Upgraded, UpgradeError>) {
        self.shared.outcome.set(Some(outcome));
        self.shared.waiting.wake();
    }
}

impl Drop for Offer {
    fn drop(&mut self) {
        match self.shared.outcome.take() {
            Some(kept) => self.shared.outcome.set(Some(kept)),
            None => self.settle(Err(UpgradeError(Why::Refused))),
        }
    }
}

/// The connection of a request, when it is the handler's. From [`on`]. Its example is [`on`]'s.
///
/// It is ready after the handler has answered 101 and the answer has been sent: so it is awaited
/// in a task of its own.
///
/// # Errors
///
/// [`UpgradeError`]: the request did not ask for an upgrade, the answer was another one or named
/// another protocol, or the connection ended before.
///
/// # Cancel safety
///
/// Cancel safe. A connection that is handed over after this was dropped is closed.
pub struct OnUpgrade(Result<Rc<Shared>, Why>);

impl Future for OnUpgrade {
    type Output = Result<Upgraded, UpgradeError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let shared = match &self.0 {
            Ok(shared) => shared,
            Err(why) => return Poll::Ready(Err(UpgradeError(*why))),
        };
        loop {
            if let Some(outcome) = shared.outcome.take() {
                return Poll::Ready(outcome);
            }
            let news = || {
                let outcome = shared.outcome.take();
                let news = outcome.is_some();
                shared.outcome.set(outcome);
                news
            };
            ready!(shared.waiting.register(cx, news));
        }
    }
}

impl fmt::Debug for OnUpgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnUpgrade").finish_non_exhaustive()
    }
}

/// Takes what will be the connection of a request, if the answer is 101; or, with the
/// [client](crate::h1::client), the connection of a response. It can be taken once.
///
/// ```
/// use http::{Request, Response, StatusCode, header};
/// use runtime::io::{AsyncReadExt, AsyncWriteExt};
/// use server::{Body, upgrade};
///
/// async fn echo(mut request: Request<Body>) -> Response<Body> {
///     let on_upgrade = upgrade::on(&mut request);
///     runtime::spawn(async move {
///         let mut stream = on_upgrade.await?;
///         let mut byte = [0];
///         stream.read_exact(&mut byte).await?;
///         stream.write_all(&byte).await?;
///         Ok::<_, Box<dyn std::error::Error>>(())
///     });
///     let mut answer = Response::new(Body::empty());
///     *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
///     answer.headers_mut().insert(header::UPGRADE, "echo".parse().unwrap());
///     answer
/// }
/// # fn takes(_: impl server::Service) {}
/// # takes(echo);
/// ```
pub fn on<T: MayUpgrade>(request: &mut T) -> OnUpgrade {
    offered(request).unwrap_or(OnUpgrade(Err(Why::NotOffered)))
}

/// What [`on`] takes, if it is there.
pub(crate) fn offered<T: MayUpgrade>(request: &mut T) -> Option<OnUpgrade> {
    let offered = locals::remove::<OnUpgrade>(request.extensions());
    offered.and_then(|offered| Rc::try_unwrap(offered).ok())
}

/// A request, its parts, or a response: what [`on`] takes.
///
/// ```
/// fn takes(_: impl server::upgrade::MayUpgrade) {}
/// takes(http::Request::new(()));
/// ```
pub trait MayUpgrade: sealed::Sealed {}

impl<B> MayUpgrade for Request<B> {}
impl MayUpgrade for request::Parts {}
impl<B> MayUpgrade for Response<B> {}

mod sealed {
    use http::{Extensions, Request, Response, request};

    pub trait Sealed {
        fn extensions(&self) -> &Extensions;
    }

    impl<B> Sealed for Request<B> {
        fn extensions(&self) -> &Extensions {
            Request::extensions(self)
        }
    }

    impl<B> Sealed for Response<B> {
        fn extensions(&self) -> &Extensions {
            Response::extensions(self)
        }
    }

    impl Sealed for request::Parts {
        fn extensions(&self) -> &Extensions {
            &self.extensions
        }
    }
}

/// A connection was not handed over.
///
/// ```
/// # runtime::runtime::Runtime::new().unwrap().block_on(async {
/// let mut request = http::Request::new(server::Body::empty());
/// let error = server::upgrade::on(&mut request).await.unwrap_err();
/// assert_eq!(error.to_string(), "the request did not ask for another protocol");
/// # });
/// ```
#[derive(Debug)]
pub struct UpgradeError(Why);

#[derive(Clone, Copy, Debug)]
enum Why {
    NotOffered,
    Refused,
}

impl fmt::Display for UpgradeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Why::NotOffered => "the request did not ask for another protocol",
            Why::Refused => "the answer was not 101, or the connection ended before",
        })
    }
}

impl std::error::Error for UpgradeError {}
