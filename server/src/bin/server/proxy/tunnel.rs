//! A WebSocket through the proxy: two connections, and bytes copied between them in both
//! directions.
//!
//! ```text
//!   client ── Upgrade: websocket ──▶ proxy ── Upgrade: websocket ──▶ backend
//!          ◀───────── 101 ──────────       ◀───────── 101 ──────────
//!          ◀═════════ bytes ═══════════════════════ bytes ═════════▶
//! ```
//!
//! When one end closes its direction, the other end learns it, and the opposite direction goes on:
//! so a close frame finds its way back. A tunnel that carries nothing for
//! `--backend-tunnel-timeout` is closed. When the program stops, tunnels have until the deadline:
//! the proxy does not understand what they carry and cannot say goodbye in it.
//!
//! How it can go wrong: tunnels that take all connections of the backends, and none is left for requests.
//! So there may be so many (`--backend-tunnels`).
//!
//! A client that has gone before the 101 keeps its place until the backend answers or is too slow: a
//! closed sending direction may be a half-close.
//!
//! Another way: an `Upgrade: h2c` that is handed on. The backend would speak HTTP/2 with the
//! client from then on, behind the proxy's back: it would see no more requests. So nothing but
//! `websocket` is handed on.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_io::{AsyncRead, AsyncWrite};
use http::header::{CONNECTION, HeaderName, HeaderValue, UPGRADE};
use http::{HeaderMap, Method, Version};
use runtime::io::copy_bidirectional;
use runtime::sync::{OwnedSemaphorePermit, Semaphore};
use runtime::task::spawn_detached;
use runtime::time::{Instant, sleep_until};
use server::body::HttpBody;
use server::extract::Request;
use server::upgrade::{self, OnUpgrade, Upgraded};

use super::backend::Lease;
use super::failure::Failure;

const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");

/// The client's side of a tunnel, and its place among the tunnels that there may be.
pub(crate) struct Client {
    connection: OnUpgrade,
    place: OwnedSemaphorePermit,
}

impl Client {
    pub(crate) fn new(connection: OnUpgrade, places: &Arc<Semaphore>) -> Result<Self, Failure> {
        let place = places.clone().try_acquire_owned();
        let place = place.map_err(|_| Failure::NoTunnel)?;
        Ok(Client { connection, place })
    }
}

/// What will be the client's connection, if the request asks for a WebSocket. A request with a body stays with
/// HTTP, as RFC 9110, section 7.8, allows: a backend that does not read the body would break the connection.
pub(crate) fn asked(request: &mut Request) -> Option<OnUpgrade> {
    let headers = request.headers();
    let is_asked = *request.method() == Method::GET
        && request.version() == Version::HTTP_11
        && request.body().is_end_stream()
        && names(headers, &CONNECTION, "upgrade")
        && names(headers, &UPGRADE, "websocket");
    is_asked.then(|| upgrade::on(request))
}

/// Says so again, for the next hop or in its answer.
pub(crate) fn ask(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, WEBSOCKET);
}

fn names(headers: &HeaderMap, list: &HeaderName, name: &str) -> bool {
    let values = headers.get_all(list).into_iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    let mut members = texts.flat_map(|text| text.split(','));
    members.any(|member| member.trim().eq_ignore_ascii_case(name))
}

/// Copies between the two connections, as soon as both have left HTTP.
pub(crate) fn open(client: Client, backend: OnUpgrade, lease: Lease, silence: Duration) {
    spawn_detached(async move {
        // Either may be gone by then; the other is closed.
        if let (Ok(client), Ok(backend)) = (client.connection.await, backend.await) {
            copy(client, backend, silence).await;
        }
        drop((lease, client.place));
    });
}

async fn copy(client: Upgraded, mut backend: Upgraded, silence: Duration) {
    let last = Cell::new(Instant::now());
    let mut client = Watched {
        io: client,
        last: &last,
    };
    let copying = copy_bidirectional(&mut client, &mut backend);
    let silent = async {
        while last.get().elapsed() < silence {
            sleep_until(last.get() + silence).await;
        }
    };
    // An error on one side ends both: there is nothing to tell in bytes.
    runtime::select! {
        _ = copying => {}
        () = silent => {}
    }
}

/// A stream that notes when it carried something. All bytes of both directions pass the client's.
struct Watched<'a> {
    io: Upgraded,
    last: &'a Cell<Instant>,
}

impl AsyncRead for Watched<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.io).poll_read(cx, buf));
        self.last.set(Instant::now());
        Poll::Ready(count)
    }
}

impl AsyncWrite for Watched<'_> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.io).poll_write(cx, buf));
        self.last.set(Instant::now());
        Poll::Ready(count)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_close(cx)
    }
}
