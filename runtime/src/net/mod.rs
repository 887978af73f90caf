//! Sockets.
//!
//! Each is a thin thing: the operating system's object, a registration with the reactor, and
//! the dance of `reactor/registration.rs` around every operation. Names and behaviour are
//! Tokio's. Streams implement the I/O traits of the crate futures-io, so that
//! [`AsyncReadExt`](crate::io::AsyncReadExt) and its kin have their methods. What sockets of
//! several kinds share is written once: how bytes and datagrams go through them, how they are used
//! by hand, and how streams are [split](half).
//!
//! | | a stream of bytes | datagrams |
//! |---|---|---|
//! | between machines | [`TcpStream`], [`TcpListener`] | [`UdpSocket`] |
//! | between processes of one (on Unix) | `UnixStream`, `UnixListener`; one way: `unix::pipe` | `UnixDatagram` |
//!
//! How it can go wrong: a socket is ready or not, whoever asks; a task that waits for it and is
//! woken may find that another was quicker. So nothing here takes "ready" for a promise.

mod addr;
mod blocking;
mod by_hand;
mod bytes;
mod datagrams;
mod growing;
pub mod half;
mod lined;
mod lookup;
mod lookup_host;
mod outside;
pub mod tcp;
mod udp;
#[cfg(unix)]
pub mod unix;

pub use addr::ToSocketAddrs;
pub use lookup_host::lookup_host;
pub use tcp::{TcpListener, TcpSocket, TcpStream};
pub use udp::UdpSocket;
#[cfg(unix)]
pub use unix::{UnixDatagram, UnixListener, UnixSocket, UnixStream};
