//! Looking up a host name without blocking the thread.
//!
//! The system's resolver reads files and asks servers, and returns when it knows. So it is
//! asked on a thread of the blocking pool. Numeric addresses never come here.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

use crate::blocking;
use crate::trace::Place;

/// The addresses of `host`, each with `port`. Dropping the future lets the thread finish
/// for nobody.
pub(super) async fn lookup(host: String, port: u16, at: Place) -> io::Result<Vec<SocketAddr>> {
    let ask = move || Ok((host.as_str(), port).to_socket_addrs()?.collect());
    blocking::run(ask, at).await
}
