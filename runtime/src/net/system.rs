//! What the sockets of TCP and UDP are made of.
//!
//! They are the operating system's, in the shape that mio gives them. With the crate feature `sim`
//! each is one of two things: the system's, or one of a simulated network, if the thread runs a host
//! of a [`Sim`](crate::sim::Sim) when the socket is made. Everything above this file is the same for both:
//! a simulated socket says "would block" and has its host's reactor told what became ready, as the
//! system does. Sockets of Unix are always the system's;
//! a host of a simulation has none with a name.

#[cfg(not(feature = "sim"))]
pub(crate) use mio::net::{TcpListener, TcpStream, UdpSocket};

#[cfg(feature = "sim")]
pub(crate) use super::simulated::{TcpListener, TcpStream, UdpSocket};

#[cfg(unix)]
pub(crate) use mio::net::{UnixDatagram, UnixListener, UnixStream};

/// The standard library's socket of this one.
///
/// # Errors
///
/// If it is simulated: the standard library knows the operating system's only.
#[cfg(not(feature = "sim"))]
pub(super) fn into_std<S: Into<T>, T>(socket: S) -> std::io::Result<T> {
    Ok(socket.into())
}

#[cfg(feature = "sim")]
pub(super) use super::simulated::into_std;

/// Asks whether the system's file system may be used: its paths name sockets and pipes.
///
/// # Errors
///
/// If a host of a simulation asks. Its file system is its own, and has files only.
#[cfg(all(unix, not(feature = "sim")))]
pub(super) fn ask_for_path() -> std::io::Result<()> {
    Ok(())
}

#[cfg(all(unix, feature = "sim"))]
pub(super) use super::simulated::ask_for_path;

#[cfg(not(feature = "sim"))]
pub(super) use super::by_system::{Way, peek_sender};

#[cfg(feature = "sim")]
pub(super) use super::simulated::{Way, peek_sender};
