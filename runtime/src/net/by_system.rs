//! What mio and the standard library do not give: asked of the operating system itself.

use std::io;
use std::net::SocketAddr;

use mio::net::{TcpListener, TcpStream, UdpSocket};
use socket2::{SockRef, Socket};

/// The sender of the next datagram.
pub(super) fn peek_sender(socket: &UdpSocket) -> io::Result<SocketAddr> {
    let addr = SockRef::from(socket).peek_sender()?.as_socket();
    addr.ok_or_else(|| io::Error::other("the sender's address is not an IP address"))
}

/// How a socket that is neither a listener nor a connection gets an address, and becomes one of them.
pub(super) struct Way;

impl Way {
    pub(super) fn new() -> Way {
        Way
    }

    pub(super) fn bind(&self, socket: &Socket, addr: SocketAddr) -> io::Result<()> {
        socket.bind(&addr.into())
    }

    pub(super) fn local_addr(&self, socket: &Socket) -> io::Result<SocketAddr> {
        let addr = socket.local_addr()?.as_socket();
        addr.ok_or_else(|| io::Error::other("the socket's address is not an IP address"))
    }

    pub(super) fn listen(&self, socket: Socket, backlog: i32) -> io::Result<TcpListener> {
        socket.listen(backlog)?;
        Ok(TcpListener::from_std(socket.into()))
    }

    pub(super) fn connect(&self, socket: Socket, to: SocketAddr) -> io::Result<TcpStream> {
        match socket.connect(&to.into()) {
            Ok(()) => {}
            Err(error) if in_progress(&error) => {}
            Err(error) => return Err(error),
        }
        Ok(TcpStream::from_std(socket.into()))
    }
}

/// A non-blocking connect has been begun.
fn in_progress(error: &io::Error) -> bool {
    // A connect that a signal interrupts goes on by itself: connect(2).
    let goes_on = [io::ErrorKind::WouldBlock, io::ErrorKind::Interrupted];
    // The standard library's name of that kind is not stable.
    goes_on.contains(&error.kind()) || error.raw_os_error() == Some(EINPROGRESS)
}

/// As on Linux; the other is that of macOS and the BSDs.
#[cfg(any(target_os = "linux", target_os = "android"))]
const EINPROGRESS: i32 = 115;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const EINPROGRESS: i32 = 36;
