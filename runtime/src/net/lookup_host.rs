//! Looking up a host name for its own sake.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::panic::Location;

use super::addr::{ToSocketAddrs, resolve};
use super::lined::lined;
use crate::trace::Place;

/// The addresses that `host` stands for, in the order in which the system gives them. At least
/// one, if there is no error.
///
/// A numeric address stands for itself. A name is looked up by the system's resolver, on a thread
/// of the blocking pool; dropping the future lets the thread finish for nobody. To connect to a
/// host, nothing need be looked up by hand:
/// [`TcpStream::connect`](super::TcpStream::connect) takes a name, and tries all its addresses.
///
/// # Errors
///
/// If the text is no address (of kind `InvalidInput`), and what the resolver reports.
///
/// # Cancel safety
///
/// Cancel safe: nothing but the answer is lost.
///
/// ```
/// # runtime::runtime::Runtime::new()?.block_on(async {
/// for addr in runtime::net::lookup_host("localhost:80").await? {
///     assert!(addr.ip().is_loopback());
///     assert_eq!(addr.port(), 80);
/// }
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn lookup_host<T: ToSocketAddrs>(
    host: T,
) -> impl Future<Output = io::Result<impl Iterator<Item = SocketAddr> + use<T>>> {
    let at = Place::from(Location::caller());
    lined(async move { Ok(resolve(&host, at).await?.into_iter()) })
}
