//! Why a WebSocket ended, or did not take a message.

use std::{fmt, io};

use http::StatusCode;

use super::codec::violation::Violation;

/// What an [`Error`](crate::Error) of a WebSocket has inside.
///
/// ```
/// use server::ws::WebSocketError;
///
/// fn is_end(error: server::Error) -> bool {
///     let inner = error.into_inner();
///     matches!(inner.downcast_ref(), Some(WebSocketError::Closed))
/// }
/// assert!(is_end(server::Error::new(WebSocketError::Closed)));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum WebSocketError {
    /// The connection broke.
    Io(io::Error),
    /// The peer broke a rule. It has been told which, by the code of a close frame.
    Violation(Violation),
    /// The peer ended the connection without a close frame.
    Reset,
    /// The connection is closed or being closed: nothing more can be sent.
    Closed,
    /// More waits to be sent than is allowed: [`Sink::poll_ready`](futures_sink::Sink::poll_ready)
    /// was not asked.
    Full,
    /// A ping or pong has more than 125 bytes.
    LongControl,
    /// The peer took too long: to read what was sent, or to answer a close frame.
    Timeout,
    /// The server did not agree to a WebSocket: its status, and what was wrong.
    Refused(StatusCode, &'static str),
    /// The head of the server's answer is not HTTP, or too long.
    BadHead,
}

impl fmt::Display for WebSocketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WebSocketError::Io(error) => return write!(f, "the connection broke: {error}"),
            WebSocketError::Violation(violation) => {
                return write!(f, "the peer broke the protocol: {violation}");
            }
            WebSocketError::Refused(status, why) => {
                return write!(f, "the server answered {status}: {why}");
            }
            WebSocketError::BadHead => "the server's answer is not HTTP",
            WebSocketError::Reset => "the peer ended the connection without a close frame",
            WebSocketError::Closed => "the connection is closed: nothing more can be sent",
            WebSocketError::Full => "too much waits to be sent",
            WebSocketError::LongControl => "a ping or pong has more than 125 bytes",
            WebSocketError::Timeout => "the peer took too long",
        })
    }
}

impl std::error::Error for WebSocketError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            WebSocketError::Io(error) => Some(error),
            WebSocketError::Violation(violation) => Some(violation),
            _ => None,
        }
    }
}

impl From<io::Error> for WebSocketError {
    fn from(error: io::Error) -> Self {
        WebSocketError::Io(error)
    }
}

impl From<Violation> for WebSocketError {
    fn from(violation: Violation) -> Self {
        WebSocketError::Violation(violation)
    }
}
