//! Sockets.
//!
//! Each is a thin thing: the operating system's object, a registration with the reactor, and
//! the dance of `machine/reactor/registration.rs` around every operation. Names and behaviour are
//! Tokio's. Streams implement the I/O traits of the crate futures-io, so that
//! [`AsyncReadExt`](crate::io::AsyncReadExt) and its kin have their methods. [`TcpStream`] is
//! written out, for the reader; what sockets of several kinds share is written once, in the parts
//! that `net/socket.rs` lists.
//!
//! | | a stream of bytes | datagrams |
//! |---|---|---|
//! | between machines | [`TcpStream`], [`TcpListener`] | [`UdpSocket`] |
//! | between processes of one (on Unix) | `UnixStream`, `UnixListener`; one way: `unix::pipe` | `UnixDatagram` |
//!
//! How it can go wrong: a socket is ready for all tasks, or for none; a task that waits for it and
//! is woken may find that another was quicker. So nothing here takes "ready" for a promise.

mod addr;
mod by_system;
mod bytes;
mod datagrams;
pub mod half;
mod listener;
mod options;
mod readiness;
#[cfg(feature = "sim")]
pub(crate) mod simulated;
mod socket;
mod system;
pub mod tcp;
mod udp;
#[cfg(unix)]
pub mod unix;

pub use addr::{ToSocketAddrs, lookup_host};
pub use tcp::{TcpListener, TcpSocket, TcpStream};
pub use udp::UdpSocket;
#[cfg(unix)]
pub use unix::{UnixDatagram, UnixListener, UnixSocket, UnixStream};
