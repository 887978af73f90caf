//! What can be turned into addresses, and how.
//!
//! A numeric address is its own answer. A host name has to be looked up, which may take seconds:
//! the system's resolver reads files and asks servers, and blocks the thread that asks. So it is
//! asked on a thread of the blocking pool.
//!
//! How it can go wrong: a name stands for several addresses, and not all of them answer. So
//! [`first_of`] goes through them, and its error is that of the last.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::panic::Location;

#[cfg(feature = "sim")]
use super::simulated;
use super::socket::with_caller;
use crate::blocking;
use crate::trace::Line;

/// The addresses that `host` stands for, in the order in which the system gives them. At least
/// one, if there is no error.
///
/// A numeric address stands for itself. A name is looked up by the system's resolver, on a thread
/// of the blocking pool; when the future is dropped, the thread finishes, and its answer is thrown
/// away. To connect to a host, nothing need be looked up by hand:
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
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// for addr in runtime::net::lookup_host("localhost:80").await? {
///     assert!(addr.ip().is_loopback());
///     assert_eq!(addr.port(), 80);
/// }
/// # Ok(()) }
/// ```
#[track_caller]
pub fn lookup_host<T: ToSocketAddrs>(
    host: T,
) -> impl Future<Output = io::Result<impl Iterator<Item = SocketAddr> + use<T>>> {
    let at = Location::caller();
    with_caller(async move { Ok(resolve(&host, at).await?.into_iter()) })
}

/// Something that stands for one or several socket addresses: an address, a pair of host
/// and port, or the text `host:port`.
///
/// The trait is sealed; its methods are not for callers.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::net::TcpListener;
///
/// TcpListener::bind("127.0.0.1:0").await?;
/// TcpListener::bind(("127.0.0.1", 0)).await?;
/// TcpListener::bind(std::net::SocketAddr::from(([127, 0, 0, 1], 0))).await?;
/// # Ok(()) }
/// ```
pub trait ToSocketAddrs: sealed::Resolve {}

impl<T: sealed::Resolve + ?Sized> ToSocketAddrs for T {}

/// All addresses that `addr` stands for. `at` is the line of the program that wants to know.
pub(super) async fn resolve(addr: &impl ToSocketAddrs, at: Line) -> io::Result<Vec<SocketAddr>> {
    match sealed::Resolve::resolve(addr)? {
        Resolved::Addrs(addrs) => Ok(addrs),
        Resolved::Name(host, port) => {
            #[cfg(feature = "sim")]
            if let Some(found) = simulated::lookup(&host, port) {
                return found;
            }
            let ask = move || {
                use std::net::ToSocketAddrs as _;
                Ok((host.as_str(), port).to_socket_addrs()?.collect())
            };
            blocking::run(ask, at.into()).await
        }
    }
}

/// What `attempt` makes of the first address that it succeeds with; else the error of the last.
pub(super) async fn first_of<T>(
    addr: &impl ToSocketAddrs,
    at: Line,
    mut attempt: impl AsyncFnMut(SocketAddr) -> io::Result<T>,
) -> io::Result<T> {
    let mut last = None;
    for addr in resolve(addr, at).await? {
        match attempt(addr).await {
            Ok(done) => return Ok(done),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(no_address))
}

pub(crate) enum Resolved {
    Addrs(Vec<SocketAddr>),
    /// A host name, and the port.
    Name(String, u16),
}

mod sealed {
    #[allow(unnameable_types)]
    pub trait Resolve {
        #[doc(hidden)]
        #[allow(private_interfaces)]
        fn resolve(&self) -> std::io::Result<super::Resolved>;
    }
}

macro_rules! numeric {
    ($($type:ty),*) => {$(
        #[allow(private_interfaces)]
        impl sealed::Resolve for $type {
            fn resolve(&self) -> io::Result<Resolved> {
                Ok(Resolved::Addrs(vec![SocketAddr::from(*self)]))
            }
        }
    )*};
}

numeric!(
    SocketAddr,
    SocketAddrV4,
    SocketAddrV6,
    (IpAddr, u16),
    (Ipv4Addr, u16),
    (Ipv6Addr, u16)
);

#[allow(private_interfaces)]
impl sealed::Resolve for [SocketAddr] {
    fn resolve(&self) -> io::Result<Resolved> {
        Ok(Resolved::Addrs(self.to_vec()))
    }
}

#[allow(private_interfaces)]
impl sealed::Resolve for Vec<SocketAddr> {
    fn resolve(&self) -> io::Result<Resolved> {
        Ok(Resolved::Addrs(self.clone()))
    }
}

#[allow(private_interfaces)]
impl sealed::Resolve for (&str, u16) {
    fn resolve(&self) -> io::Result<Resolved> {
        let (host, port) = *self;
        Ok(match host.parse::<IpAddr>() {
            Ok(ip) => Resolved::Addrs(vec![SocketAddr::new(ip, port)]),
            Err(_) => Resolved::Name(host.to_owned(), port),
        })
    }
}

#[allow(private_interfaces)]
impl sealed::Resolve for (String, u16) {
    fn resolve(&self) -> io::Result<Resolved> {
        (self.0.as_str(), self.1).resolve()
    }
}

#[allow(private_interfaces)]
impl sealed::Resolve for str {
    fn resolve(&self) -> io::Result<Resolved> {
        if let Ok(addr) = self.parse::<SocketAddr>() {
            return Ok(Resolved::Addrs(vec![addr]));
        }
        let (host, port) = self.rsplit_once(':').ok_or_else(|| {
            invalid(
                self,
                "the port is missing (an address is written host:port)",
            )
        })?;
        let port = port
            .parse()
            .map_err(|_| invalid(self, "the port is not a number from 0 to 65535"))?;
        (host, port).resolve()
    }
}

#[allow(private_interfaces)]
impl sealed::Resolve for String {
    fn resolve(&self) -> io::Result<Resolved> {
        self.as_str().resolve()
    }
}

#[allow(private_interfaces)]
impl<T: sealed::Resolve + ?Sized> sealed::Resolve for &T {
    fn resolve(&self) -> io::Result<Resolved> {
        (**self).resolve()
    }
}

/// A name stood for no address at all.
pub(super) fn no_address() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        "could not resolve to any address",
    )
}

fn invalid(text: &str, why: &str) -> io::Error {
    let message = format!("invalid socket address {text:?}: {why}");
    io::Error::new(io::ErrorKind::InvalidInput, message)
}
