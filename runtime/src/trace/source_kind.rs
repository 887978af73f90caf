//! What a source is: a listener, a stream, a signal.
//!
//! To the reactor all sources are alike: something that becomes readable or writable. A reader who
//! is told that a task waits for source 5 wants to know whether that is a client, the listener, or
//! the signal to stop.

use std::fmt;

/// What a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum SourceKind {
    /// Where connections over TCP are accepted.
    TcpListener,
    /// A connection over TCP.
    TcpStream,
    /// A socket for datagrams.
    UdpSocket,
    /// Where connections within this machine are accepted.
    UnixListener,
    /// A connection within this machine.
    UnixStream,
    /// A socket for datagrams within this machine.
    UnixDatagram,
    /// An end of a pipe.
    Pipe,
    /// A listener to a signal, by the signal's number.
    Signal(i32),
}

/// With its article.
///
/// ```
/// use runtime::trace::SourceKind;
///
/// assert_eq!(SourceKind::TcpStream.to_string(), "a TCP stream");
/// assert_eq!(SourceKind::Signal(15).to_string(), "signal 15");
/// ```
impl fmt::Display for SourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SourceKind::TcpListener => "a TCP listener",
            SourceKind::TcpStream => "a TCP stream",
            SourceKind::UdpSocket => "a UDP socket",
            SourceKind::UnixListener => "a Unix listener",
            SourceKind::UnixStream => "a Unix stream",
            SourceKind::UnixDatagram => "a Unix datagram socket",
            SourceKind::Pipe => "a pipe",
            SourceKind::Signal(number) => return write!(f, "signal {number}"),
        })
    }
}
