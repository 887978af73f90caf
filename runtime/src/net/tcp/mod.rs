//! TCP: a listener that accepts, a stream of bytes both ways, and a socket that is set up by
//! hand before it becomes one or the other.
//!
//! A program seldom names this module: [`net`](super) shows the three. What splitting a stream
//! gives is found here, as in Tokio.

mod listener;
mod options;
mod socket;
mod stream;

pub use listener::TcpListener;
pub use socket::TcpSocket;
pub use stream::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, ReuniteError, TcpStream, WriteHalf};
