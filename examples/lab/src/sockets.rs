//! Sockets on 127.0.0.1, for the checks.

use mio::net::{TcpListener, TcpStream};
use std::net::SocketAddr;

/// A listener, and its address.
pub fn listener() -> (TcpListener, SocketAddr) {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = TcpListener::bind(any).expect("there is a free port");
    let address = listener.local_addr().expect("it has an address");
    (listener, address)
}

/// A stream, and what the other end of it is: a plain socket, which waits.
pub fn connected() -> (TcpStream, std::net::TcpStream) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it has an address");
    let other = std::net::TcpStream::connect(address).expect("it listens");
    let (stream, _) = listener.accept().expect("it has connected");
    stream.set_nonblocking(true).expect("a socket can be that");
    (TcpStream::from_std(stream), other)
}
