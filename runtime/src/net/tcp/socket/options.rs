//! What can be set about a TCP socket before it listens or connects.
//!
//! An option is a switch or a number that the operating system keeps for each socket; a connection
//! that is accepted begins with those of its listener. Most have a getter and a setter that differ
//! in nothing but their names, so those are written once, as macros. What they mean is the
//! system's business: it rounds, doubles and refuses as it pleases, and an option of IPv6 is an
//! error on a socket of IPv4.

use std::io;
use std::time::Duration;

use super::TcpSocket;

/// The example of an option: what was got can be set. (Not every option is of every socket.)
macro_rules! example {
    ($get:ident, $set:ident) => {
        concat!(
            "\n```\nlet socket = runtime::net::TcpSocket::new_v4()?;\n",
            "if let Ok(value) = socket.",
            stringify!($get),
            "() {\n    socket.",
            stringify!($set),
            "(value)?;\n}\n# Ok::<(), std::io::Error>(())\n```"
        )
    };
}

/// A getter and a setter of a socket's option, each with its name and its effect.
macro_rules! options {
    ($($get:ident, $set:ident: $type:ty, $get_of:ident, $set_of:ident, $what:literal;)*) => {
        impl TcpSocket {$(
            #[doc = concat!("Returns ", $what, ".\n\n# Errors\n\nThose of the operating system.")]
            #[doc = example!($get, $set)]
            pub fn $get(&self) -> io::Result<$type> {
                self.socket.$get_of()
            }

            #[doc = concat!("Sets ", $what, ".\n\n# Errors\n\nThose of the operating system.")]
            #[doc = example!($get, $set)]
            pub fn $set(&self, value: $type) -> io::Result<()> {
                self.socket.$set_of(value)
            }
        )*}
    };
}

options! {
    reuseaddr, set_reuseaddr: bool, reuse_address, set_reuse_address,
        "whether the address may be bound while an old connection of it lingers (`SO_REUSEADDR`)";
    keepalive, set_keepalive: bool, keepalive, set_keepalive,
        "whether an idle connection is probed for life (`SO_KEEPALIVE`)";
    nodelay, set_nodelay: bool, tcp_nodelay, set_tcp_nodelay,
        "whether small writes are sent at once (`TCP_NODELAY`)";
    linger, set_linger: Option<Duration>, linger, set_linger,
        "how long closing the socket may wait for what is not yet sent, with the whole thread (`SO_LINGER`)";
    tos_v4, set_tos_v4: u32, tos_v4, set_tos_v4,
        "how its packets want to be treated on the way (`IP_TOS`), for IPv4";
}

/// Buffer sizes are `u32` here, as Tokio has them, and `usize` in the crate socket2.
macro_rules! sizes {
    ($($get:ident, $set:ident, $get_of:ident, $set_of:ident, $what:literal;)*) => {
        impl TcpSocket {$(
            #[doc = concat!("Returns ", $what, ", in bytes, as the system counts them (Linux ")]
            #[doc = "doubles what was set).\n\n# Errors\n\nThose of the operating system."]
            #[doc = example!($get, $set)]
            pub fn $get(&self) -> io::Result<u32> {
                let size = self.socket.$get_of()?;
                Ok(u32::try_from(size).unwrap_or(u32::MAX))
            }

            #[doc = concat!("Sets ", $what, ", in bytes; the system may round it.")]
            #[doc = "\n\n# Errors\n\nThose of the operating system."]
            #[doc = example!($get, $set)]
            pub fn $set(&self, size: u32) -> io::Result<()> {
                self.socket.$set_of(usize::try_from(size).unwrap_or(usize::MAX))
            }
        )*}
    };
}

// As `IP_TOS`, for IPv6, where the crate socket2 knows it.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "macos"))]
options! {
    tclass_v6, set_tclass_v6: u32, tclass_v6, set_tclass_v6,
        "how its packets want to be treated on the way (`IPV6_TCLASS`), for IPv6";
}

sizes! {
    send_buffer_size, set_send_buffer_size, send_buffer_size, set_send_buffer_size,
        "how much may wait to be sent (`SO_SNDBUF`)";
    recv_buffer_size, set_recv_buffer_size, recv_buffer_size, set_recv_buffer_size,
        "how much may wait to be read (`SO_RCVBUF`)";
}

#[cfg(any(target_os = "linux", target_os = "android"))]
impl TcpSocket {
    /// The network device that the socket is bound to, if any (`SO_BINDTODEVICE`).
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// assert_eq!(runtime::net::TcpSocket::new_v4()?.device()?, None);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn device(&self) -> io::Result<Option<Vec<u8>>> {
        self.socket.device()
    }

    /// Binds the socket to a network device by its name, or to none (`SO_BINDTODEVICE`).
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// runtime::net::TcpSocket::new_v4()?.bind_device(None)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn bind_device(&self, interface: Option<&[u8]>) -> io::Result<()> {
        self.socket.bind_device(interface)
    }
}
