//! Errors as the operating system gives them, with its numbers: for a system that is simulated, or made odd.
//!
//! Crate feature `sim`.

use std::io;

/// The error of this kind.
#[cfg(unix)]
pub(crate) fn os_error(kind: io::ErrorKind) -> io::Error {
    use rustix::io::Errno;
    let number = match kind {
        io::ErrorKind::AddrInUse => Errno::ADDRINUSE,
        io::ErrorKind::AddrNotAvailable => Errno::ADDRNOTAVAIL,
        io::ErrorKind::BrokenPipe => Errno::PIPE,
        io::ErrorKind::ConnectionAborted => Errno::CONNABORTED,
        io::ErrorKind::ConnectionRefused => Errno::CONNREFUSED,
        io::ErrorKind::ConnectionReset => Errno::CONNRESET,
        io::ErrorKind::Interrupted => Errno::INTR,
        io::ErrorKind::NetworkUnreachable => Errno::NETUNREACH,
        io::ErrorKind::NotConnected => Errno::NOTCONN,
        io::ErrorKind::TimedOut => Errno::TIMEDOUT,
        io::ErrorKind::WouldBlock => Errno::AGAIN,
        other => return other.into(),
    };
    number.into()
}

/// Elsewhere the number is not known.
#[cfg(not(unix))]
pub(crate) fn os_error(kind: io::ErrorKind) -> io::Error {
    kind.into()
}

/// What a process hears that has no descriptors left.
pub(crate) fn too_many_files() -> io::Error {
    #[cfg(unix)]
    let error = rustix::io::Errno::MFILE.into();
    #[cfg(not(unix))]
    let error = io::Error::other("too many open files");
    error
}
