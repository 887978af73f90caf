//! Unix sockets: between processes of one machine, under names in the file system.
//!
//! They are used as those of the network are, and cost less: nothing is split into packets, and
//! nothing gets lost. A **stream** is a connection, a **datagram** socket sends whole messages.
//! An address is a path; the socket shows there as a file, whose permissions say who may connect.
//! A socket may also have no name (an end of a pair, or one that only connects), or, on Linux, an
//! **abstract** one, which is in no file system: its path begins with a zero byte.
//!
//! How it can go wrong: the file outlives the socket. To bind a path that is still there fails with
//! "address in use", though no socket listens; a program that is sure of that removes the file
//! first. And a path is short: 107 bytes on Linux.

mod addr;
mod cred;
mod datagram;
mod listener;
pub mod pipe;
mod socket;
mod stream;

pub use addr::SocketAddr;
pub use cred::{UCred, gid_t, pid_t, uid_t};
pub use datagram::UnixDatagram;
pub use listener::UnixListener;
pub use socket::UnixSocket;
pub use stream::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, ReuniteError, UnixStream, WriteHalf};
