//! A socket that blocks has no place here.
//!
//! The standard library's sockets begin in **blocking** mode: a read that finds nothing waits
//! in the operating system until there is something. On a thread of its own that is fine; on
//! this one it would stop every other task, for as long as a peer pleases. So a socket that is
//! handed over is asked for its mode first. (Tokio asks too, and panics, in debug builds.)

use std::io;

/// The socket itself, or an error if it would block the thread.
#[cfg(unix)]
pub(super) fn refused<S: std::os::fd::AsFd>(socket: S) -> io::Result<S> {
    match socket2::SockRef::from(&socket).nonblocking()? {
        true => Ok(socket),
        false => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the socket is in blocking mode, and would stop every task of this thread: \
             call set_nonblocking(true) on it first",
        )),
    }
}

/// Elsewhere the mode cannot be asked for.
#[cfg(not(unix))]
pub(super) fn refused<S>(socket: S) -> io::Result<S> {
    Ok(socket)
}
