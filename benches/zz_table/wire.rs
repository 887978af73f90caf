//! The client's end of a connection, whatever it runs on: TCP, UDP, a Unix socket.
//!
//! The load does the same with each: it offers a message to the kernel and takes what there is. A
//! UDP socket that is connected has a peer as the others have.

use super::job::Protocol;
use crate::kit::work::{Ports, socket_path};
use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use std::io::{self, Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// How long the first answer may take.
const FIRST: Option<Duration> = Some(Duration::from_secs(5));

/// Asks for a WebSocket (RFC 6455, section 4.1), and reads the answer's head.
fn open_websocket(mut stream: &TcpStream, path: &str) -> io::Result<()> {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
          Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    match head.starts_with(b"HTTP/1.1 101 ") {
        true => Ok(()),
        false => Err(io::Error::other("the server does not speak WebSocket")),
    }
}

/// A socket that is connected to a server.
pub(super) enum Wire {
    Tcp(TcpStream),
    Udp(UdpSocket),
    Unix(UnixStream),
}

impl Wire {
    /// One that blocks, with a time-out; see [`Wire::register`].
    ///
    /// # Errors
    ///
    /// If the server is not there.
    pub(super) fn connect(protocol: Protocol, target: &Ports) -> io::Result<Wire> {
        Ok(match protocol {
            Protocol::Udp => {
                let socket = UdpSocket::bind("127.0.0.1:0")?;
                socket.connect(target.service)?;
                socket.set_read_timeout(FIRST)?;
                Wire::Udp(socket)
            }
            Protocol::Unix => {
                let stream = UnixStream::connect(socket_path(target.control))?;
                stream.set_read_timeout(FIRST)?;
                Wire::Unix(stream)
            }
            _ => {
                let stream = TcpStream::connect(target.service)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(FIRST)?;
                if let Some(path) = protocol.websocket() {
                    open_websocket(&stream, path)?;
                }
                Wire::Tcp(stream)
            }
        })
    }

    /// From now on it does not block, and `registry` tells when there is something to read, and when it takes
    /// more.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub(super) fn register(&self, registry: &Registry, token: Token) -> io::Result<()> {
        let both = Interest::READABLE | Interest::WRITABLE;
        let fd = match self {
            Wire::Tcp(stream) => {
                stream.set_nonblocking(true)?;
                stream.as_raw_fd()
            }
            Wire::Udp(socket) => {
                socket.set_nonblocking(true)?;
                socket.as_raw_fd()
            }
            Wire::Unix(stream) => {
                stream.set_nonblocking(true)?;
                stream.as_raw_fd()
            }
        };
        registry.register(&mut SourceFd(&fd), token, both)
    }

    /// Offers `data` to the kernel; how many bytes it took.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub(super) fn send(&mut self, data: &[u8]) -> io::Result<usize> {
        match self {
            Wire::Tcp(stream) => stream.write(data),
            Wire::Udp(socket) => socket.send(data),
            Wire::Unix(stream) => stream.write(data),
        }
    }

    /// Takes what there is; how many bytes that is.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub(super) fn receive(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Wire::Tcp(stream) => stream.read(buffer),
            Wire::Udp(socket) => socket.recv(buffer),
            Wire::Unix(stream) => stream.read(buffer),
        }
    }
}
