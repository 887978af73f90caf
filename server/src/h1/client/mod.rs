//! The other end of a connection: sending requests.
//!
//! The same codec as the server's, the other way round. [`handshake`] takes a stream of bytes (a
//! socket, or one end of a [`duplex`](runtime::io::duplex) in memory) and gives two things: a
//! [`SendRequest`], which takes requests, and a [`Connection`], a future that does the work. The
//! names are those of hyper's `client::conn::http1`.
//!
//! ```text
//!               1                       4
//!        ┌─────────────▶ ┌──────┐ ◀────────────┐
//!        │               │ Idle │              │
//!    handshake           └─┬──┬─┘              │
//!                        2 │  │ 3              │
//!                          ▼  ▼                │
//!            Closing ◀── 5 ┌──────┐            │
//!               │          │ Busy ├────────────┘
//!             6 │          └─┬──┬─┘
//!               ▼            │  │ 7      8
//!             Ended ◀────────┴──┘    (Ended, and the caller has the stream)
//! ```
//!
//! | | when | made by |
//! |---|---|---|
//! | 1 | a stream is given | [`handshake`] |
//! | 2 | the caller will send no other request | `Connection::poll_idle` |
//! | 3 | a request is handed in; or the server closes, or sends what was not asked for: then 6 | `Connection::poll_idle`, `Exchange::begin` |
//! | 4 | request and response are complete, and another may follow | `Turn::finish` |
//! | 5 | no other may follow: either side has said so, or the exchange was given up | `Turn::finish`, `Turn::abandoned` |
//! | 6 | our direction is closed | `Connection::poll_close` |
//! | 7 | the connection fails | `Exchange::fail` |
//! | 8 | the server has agreed to another protocol (101), or to a tunnel | `Turn::switch` |
//!
//! While it is busy, sending and receiving go on at the same time:
//!
//! ```text
//!    Sending:    Waits ──▶ Body ──▶ Complete        Receiving:   Head ──▶ Body ──▶ Complete
//!                   └────────┴────▶ GivenUp                                └─▶ Drain ──┘
//! ```
//!
//! A connection is one task, and it serves one request at a time (no pipelining). An idle one
//! holds no buffer.

mod config;
mod connection;
mod dispatch;
mod error;
mod exchange;
mod informational;
mod receive;
mod send;
mod sender;

use std::rc::Rc;

use futures_io::{AsyncRead, AsyncWrite};

pub use config::Config;
pub use connection::Connection;
use dispatch::Dispatch;
pub use error::{Error, Retry};
pub use informational::on_informational;
pub use sender::{SendRequest, TrySendError};

/// A connection to a server, with the default limits.
///
/// # Errors
///
/// None at present. (It is a future and has a result, as hyper's is and has.)
///
/// # Cancel safety
///
/// Dropping the future drops the stream.
///
/// ```
/// # runtime::runtime::Runtime::new().unwrap().block_on(async {
/// use http::{Request, Response};
/// use runtime::io::duplex;
/// use server::body::to_bytes;
/// use server::h1::{Endpoint, client};
/// use server::Body;
///
/// let endpoint = Endpoint::new(|request: Request<Body>| async move {
///     Response::new(Body::from(format!("you asked for {}", request.uri())))
/// });
/// let (near, far) = duplex(1024);
/// runtime::spawn(endpoint.connection(far));
///
/// let (mut sender, connection) = client::handshake(near).await?;
/// runtime::spawn(connection);
/// let request = Request::get("/tea").body(Body::empty()).unwrap();
/// let response = sender.try_send_request(request).await?;
/// let body = to_bytes(response.into_body(), 1024).await?;
/// assert_eq!(body, "you asked for /tea");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub async fn handshake<I>(io: I) -> Result<(SendRequest, Connection<I>), Error>
where
    I: AsyncRead + AsyncWrite + Unpin + 'static,
{
    handshake_with_config(io, Config::default()).await
}

/// A connection to a server, with limits of your own.
///
/// # Errors
///
/// As [`handshake`].
///
/// # Cancel safety
///
/// As [`handshake`].
///
/// ```
/// # runtime::runtime::Runtime::new().unwrap().block_on(async {
/// use server::h1::client::{Config, handshake_with_config};
///
/// let (near, _far) = runtime::io::duplex(1024);
/// let config = Config { max_head: 1024, ..Config::default() };
/// let (sender, connection) = handshake_with_config(near, config).await.unwrap();
/// # drop((sender, connection));
/// # });
/// ```
#[allow(clippy::unused_async, reason = "as hyper's")]
pub async fn handshake_with_config<I>(
    io: I,
    config: Config,
) -> Result<(SendRequest, Connection<I>), Error>
where
    I: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let dispatch = Rc::new(Dispatch::default());
    let sender = SendRequest::new(dispatch.clone());
    Ok((sender, Connection::new(io, dispatch, config)))
}
