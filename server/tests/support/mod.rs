//! A client in memory, and a site for it to visit.
//!
//! The engine runs on `io::duplex` as it would on a socket, in a task of its own, with the
//! clock paused: an hour passes in no time, and to the millisecond.

#![allow(
    dead_code,
    unused_imports,
    reason = "each file of tests uses its part of this"
)]

#[cfg(unix)]
pub(crate) mod orders;
pub(crate) mod outgoing;
mod peer;
#[cfg(unix)]
pub(crate) mod postgres;
#[cfg(unix)]
pub(crate) mod program;
mod site;
mod stream;
pub(crate) mod tcp;
#[cfg(unix)]
pub(crate) mod tmpfs;

pub(crate) use peer::{Answer, Peer};
pub(crate) use site::{pieces, site};
pub(crate) use stream::{Counted, Counts};

use runtime::io::duplex;
use server::h1::Endpoint;
use server::{Config, Service};

/// Bytes that a direction of a connection in memory holds, unless a test says otherwise.
pub(crate) const ROOM: usize = 64 * 1024;

/// A connection to a service, with the default limits.
pub(crate) fn connect(service: impl Service) -> Peer {
    connect_with(&Endpoint::new(service), ROOM)
}

/// A connection to the site, with limits of the test's own.
pub(crate) fn connect_to_site(config: Config) -> Peer {
    connect_with(&Endpoint::with_config(site, config), ROOM)
}

/// A connection on which `room` bytes can be under way in each direction.
pub(crate) fn connect_with(endpoint: &Endpoint<impl Service>, room: usize) -> Peer {
    let (near, far) = duplex(room);
    Peer::new(near, runtime::spawn(endpoint.connection(far)))
}

/// Sends `wire` to the site, closes the sending direction, and gives all that comes back.
pub(crate) async fn exchange(wire: impl AsRef<[u8]>) -> String {
    let mut peer = connect(site);
    peer.send(wire).await;
    peer.finish_sending().await;
    peer.rest().await
}
