//! What can be set on TCP sockets: a connection, a listener, and a socket that is neither yet.
//!
//! How it can go wrong: the defaults were made for typing at a terminal far away. Small writes
//! are gathered (`set_nodelay` ends that), and an answer in two writes may wait for the peer to
//! acknowledge the first. And a time to linger makes `close` wait, here with the whole thread.

use std::io;
use std::time::Duration;

use super::{TcpListener, TcpSocket, TcpStream};
#[cfg(any(target_os = "linux", target_os = "android"))]
use crate::net::options::device;
use crate::net::options::options;

options! { TcpStream, |stream| stream.registration.io();
    /// whether small writes are sent at once, and not gathered (`TCP_NODELAY`)
    nodelay, set_nodelay: bool = tcp_nodelay, set_tcp_nodelay;

    /// whether what arrives is acknowledged at once (`TCP_QUICKACK`)
    ///
    /// The system changes it by itself as the connection goes on.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    quickack, set_quickack: bool = tcp_quickack, set_tcp_quickack;

    /// how long closing the socket may wait for what is not yet sent (`SO_LINGER`)
    ///
    /// Zero resets the connection instead of ending it. Anything longer **blocks the thread**
    /// when the stream is dropped, and every task with it.
    linger, set_linger: Option<Duration> = linger, set_linger;

    /// how many hops its packets may make (`IP_TTL`)
    ttl, set_ttl: u32 = ttl_v4, set_ttl_v4;
}

options! { TcpListener, |listener| listener.registration.io();
    /// how many hops its packets may make (`IP_TTL`)
    ttl, set_ttl: u32 = ttl_v4, set_ttl_v4;
}

options! { TcpSocket, |socket| &socket.socket;
    /// whether the address may be bound while an old connection of it lingers (`SO_REUSEADDR`)
    reuseaddr, set_reuseaddr: bool = reuse_address, set_reuse_address;

    /// whether several sockets may be bound to one address (`SO_REUSEPORT`)
    ///
    /// Several processes then share a port, and the system spreads the connections over them. All
    /// of the sockets must ask for it.
    #[cfg(all(unix, not(any(target_os = "solaris", target_os = "illumos"))))]
    reuseport, set_reuseport: bool = reuse_port, set_reuse_port;

    /// whether an idle connection is probed for life (`SO_KEEPALIVE`)
    keepalive, set_keepalive: bool = keepalive, set_keepalive;

    /// whether small writes are sent at once, and not gathered (`TCP_NODELAY`)
    nodelay, set_nodelay: bool = tcp_nodelay, set_tcp_nodelay;

    /// how long closing the socket may wait for what is not yet sent (`SO_LINGER`)
    ///
    /// It waits with the whole thread: see [`TcpStream::set_linger`].
    linger, set_linger: Option<Duration> = linger, set_linger;

    /// how its packets want to be treated on the way (`IP_TOS`), for IPv4
    tos_v4, set_tos_v4: u32 = tos_v4, set_tos_v4;

    /// how its packets want to be treated on the way (`IPV6_TCLASS`), for IPv6
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "macos"))]
    tclass_v6, set_tclass_v6: u32 = tclass_v6, set_tclass_v6;
}

#[cfg(any(target_os = "linux", target_os = "android"))]
device!(TcpSocket, |socket| &socket.socket);

impl TcpStream {
    /// Has dropping the stream reset the connection: nothing is sent any more, and the peer hears
    /// of an error instead of the end (`SO_LINGER` of zero).
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn set_zero_linger(&self) -> io::Result<()> {
        self.set_linger(Some(Duration::ZERO))
    }
}

/// Buffer sizes are `u32` here, as Tokio has them, and `usize` in the crate socket2.
impl TcpSocket {
    /// Has closing the connection reset it: see [`TcpStream::set_zero_linger`].
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn set_zero_linger(&self) -> io::Result<()> {
        self.set_linger(Some(Duration::ZERO))
    }

    /// Returns how much may wait to be sent (`SO_SNDBUF`), in bytes, as the system counts them
    /// (Linux doubles what was set).
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn send_buffer_size(&self) -> io::Result<u32> {
        let size = self.socket.send_buffer_size()?;
        Ok(u32::try_from(size).unwrap_or(u32::MAX))
    }

    /// Sets how much may wait to be sent (`SO_SNDBUF`), in bytes; the system may round it.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn set_send_buffer_size(&self, size: u32) -> io::Result<()> {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        self.socket.set_send_buffer_size(size)
    }

    /// Returns how much may wait to be read (`SO_RCVBUF`), in bytes, as the system counts them
    /// (Linux doubles what was set).
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn recv_buffer_size(&self) -> io::Result<u32> {
        let size = self.socket.recv_buffer_size()?;
        Ok(u32::try_from(size).unwrap_or(u32::MAX))
    }

    /// Sets how much may wait to be read (`SO_RCVBUF`), in bytes; the system may round it.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn set_recv_buffer_size(&self, size: u32) -> io::Result<()> {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        self.socket.set_recv_buffer_size(size)
    }
}
