//! Why there is no answer of a backend, and what the client is told.
//!
//! Where the backend is and what the system says of it concerns the person who runs this server, and no stranger: that
//! goes to standard error ([`Failure::why`]).
//!
//! | | status | counts against the backend |
//! |---|---|---|
//! | refused, unreachable, reset, closed before an answer, an answer that is no HTTP | 502 | yes |
//! | too slow to accept, to read, or to answer | 504 | yes |
//! | this machine has no descriptor or memory for the request, or forbids it ([`local_error`](crate::local_error)) | 503, `Retry-After` | no; but a health check that is forbidden has failed |
//! | none is healthy, all have as many connections as they may, or too many WebSockets pass | 503, `Retry-After` | no |
//! | the client's own body broke off, or is too large | 400, 408, 413 | no |

use std::borrow::Cow;
use std::error::Error as _;
use std::io;

use http::StatusCode;
use http::header::RETRY_AFTER;
use server::body::BodyError;
use server::h1::client;
use server::response::{IntoResponse, Response};

use crate::local_error::is_local;
use crate::pages::Problem;

/// See the file's heading.
#[derive(Debug)]
pub(crate) enum Failure {
    /// No connection could be made.
    Unreachable(io::Error),
    /// Nor within the time for it.
    ConnectTimeout,
    /// It was this machine that could not make or use a connection, and why. `by_rule`: not for a moment only.
    Local { why: String, by_rule: bool },
    /// The request got no answer.
    Exchange(client::Error),
    /// As many connections as this backend may have are in use.
    Full,
    /// No backend is healthy; this many seconds from now they are checked again.
    NoneHealthy(u64),
    /// All healthy ones are full.
    AllFull,
    /// As many WebSockets pass as may.
    NoTunnel,
}

impl Failure {
    /// Whether it is the backend's doing.
    pub(crate) fn is_backends(&self) -> bool {
        match self {
            Failure::Unreachable(_) | Failure::ConnectTimeout => true,
            Failure::Exchange(error) => !error.is_user(),
            Failure::Local { .. }
            | Failure::Full
            | Failure::NoneHealthy(_)
            | Failure::AllFull
            | Failure::NoTunnel => false,
        }
    }

    /// This machine could not make or use a connection.
    pub(crate) fn local(error: &io::Error) -> Self {
        Failure::Local {
            why: error.to_string(),
            by_rule: error.kind() == io::ErrorKind::PermissionDenied,
        }
    }

    /// Whether it says nothing of the backend, and may be over in a moment. (That a rule of this machine forbids the
    /// connection is no fault of the backend's, but no request will ever reach it.)
    pub(crate) fn is_for_a_moment(&self) -> bool {
        matches!(self, Failure::Local { by_rule: false, .. })
    }

    /// One word for it, for the metrics.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Failure::Unreachable(_) => "unreachable",
            Failure::ConnectTimeout => "connect_timeout",
            Failure::Local { .. } => "local",
            Failure::Exchange(error) if error.is_user() => "request",
            Failure::Exchange(error) if error.is_timeout() => "timeout",
            Failure::Exchange(error) if error.is_parse() => "bad_answer",
            Failure::Exchange(_) => "closed",
            Failure::NoneHealthy(_) => "none_healthy",
            Failure::Full | Failure::AllFull => "full",
            Failure::NoTunnel => "no_tunnel",
        }
    }

    /// What the client is told.
    pub(crate) fn answer(&self) -> Response {
        let problem = Problem::new(self.status(), self.text());
        match self.retry_after() {
            Some(time) => ([(RETRY_AFTER, time.to_string())], problem).into_response(),
            None => problem.into_response(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Failure::Unreachable(_) => StatusCode::BAD_GATEWAY,
            Failure::ConnectTimeout => StatusCode::GATEWAY_TIMEOUT,
            Failure::Exchange(error) if error.is_timeout() => StatusCode::GATEWAY_TIMEOUT,
            Failure::Exchange(error) => match clients_own(error) {
                Some(error) => error.status(),
                None if error.is_user() => StatusCode::BAD_REQUEST,
                None => StatusCode::BAD_GATEWAY,
            },
            Failure::Local { .. }
            | Failure::Full
            | Failure::NoneHealthy(_)
            | Failure::AllFull
            | Failure::NoTunnel => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn text(&self) -> Cow<'static, str> {
        let text = match self {
            Failure::Unreachable(_) => "The backend cannot be reached.",
            Failure::ConnectTimeout => "The backend has not accepted a connection in time.",
            Failure::Local { .. } => {
                "This server has no connection to spare for the request. Try again soon."
            }
            Failure::Exchange(error) => match clients_own(error) {
                Some(error) => {
                    return format!("The request's body did not come to its end: {error}.").into();
                }
                None if error.is_user() => {
                    return format!("The request cannot be handed on: {error}.").into();
                }
                None if error.is_timeout() => "The backend has not answered in time.",
                None if error.is_parse() => {
                    "The backend has given an answer that cannot be handed on."
                }
                None => "The backend has given no answer.",
            },
            Failure::NoneHealthy(_) => {
                "No backend is healthy. GET /proxy shows them; try again later."
            }
            Failure::Full | Failure::AllFull => {
                "All backends have as many connections as they may. Try again soon."
            }
            Failure::NoTunnel => "As many WebSockets pass as may. Try again when one has ended.",
        };
        text.into()
    }

    /// What standard error is told behind the name of the backend. `None`: it is not about a backend.
    pub(crate) fn why(&self) -> Option<String> {
        match self {
            Failure::Unreachable(error) => Some(format!("cannot be reached: {error}")),
            Failure::ConnectTimeout => Some("has not accepted a connection in time".to_owned()),
            Failure::Local { why, .. } => {
                Some(format!("is not asked, for want of something here: {why}"))
            }
            Failure::Exchange(error) if !error.is_user() => {
                Some(format!("has given no answer: {error}"))
            }
            _ => None,
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Failure::NoneHealthy(time) => Some(*time),
            Failure::Local { .. } | Failure::Full | Failure::AllFull | Failure::NoTunnel => Some(1),
            _ => None,
        }
    }
}

impl From<client::Error> for Failure {
    fn from(error: client::Error) -> Self {
        let source = error.source().and_then(|source| source.downcast_ref());
        match source.filter(|error| is_local(error)) {
            Some(error) => Failure::local(error),
            None => Failure::Exchange(error),
        }
    }
}

/// What the gateway answers to a request that it does not hand on, with a reason.
pub(crate) fn refused(response: Response) -> Response {
    let text = match response.status() {
        StatusCode::LOOP_DETECTED => {
            "This request has passed here before: a backend leads back to this server."
        }
        StatusCode::METHOD_NOT_ALLOWED => "This request may not be handed on: Max-Forwards is 0.",
        StatusCode::BAD_REQUEST => "Max-Forwards is not a number.",
        _ => return response,
    };
    let problem = Problem::new(response.status(), text);
    (response.into_parts().0.headers, problem).into_response()
}

/// What broke the body of the request off, if that is why.
fn clients_own(error: &client::Error) -> Option<&BodyError> {
    let source = error.source().filter(|_| error.is_user());
    source.and_then(|source| source.downcast_ref())
}
