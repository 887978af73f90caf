//! Multicast: one datagram for all who want to hear it.
//!
//! A **group** is an address that belongs to nobody. Whoever joins it receives what is sent
//! there; the routers keep count of where members are. A member hears what it sends itself,
//! unless the loop is switched off.
//!
//! How it can go wrong: a group is joined on one *interface*, and the one that the system takes
//! for "any" need not be the one that the senders are on. And a datagram to a group makes one
//! hop, so that it stays in the local network, until the time to live is raised.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::UdpSocket;

impl UdpSocket {
    /// Whether it hears what it sends to a group itself (`IP_MULTICAST_LOOP`).
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// assert!(socket.multicast_loop_v4()?);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn multicast_loop_v4(&self) -> io::Result<bool> {
        self.registration.io().multicast_loop_v4()
    }

    /// Lets it hear what it sends to a group itself, or not (`IP_MULTICAST_LOOP`).
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// socket.set_multicast_loop_v4(false)?;
    /// assert!(!socket.multicast_loop_v4()?);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn set_multicast_loop_v4(&self, on: bool) -> io::Result<()> {
        self.registration.io().set_multicast_loop_v4(on)
    }

    /// How many hops a datagram to a group may make (`IP_MULTICAST_TTL`); 1 stays in the local
    /// network.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// assert_eq!(socket.multicast_ttl_v4()?, 1);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn multicast_ttl_v4(&self) -> io::Result<u32> {
        self.registration.io().multicast_ttl_v4()
    }

    /// Sets how many hops a datagram to a group may make (`IP_MULTICAST_TTL`).
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// socket.set_multicast_ttl_v4(2)?;
    /// assert_eq!(socket.multicast_ttl_v4()?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn set_multicast_ttl_v4(&self, multicast: u32) -> io::Result<()> {
        self.registration.io().set_multicast_ttl_v4(multicast)
    }

    /// As [`multicast_loop_v4`](UdpSocket::multicast_loop_v4), for IPv6.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// assert!(socket.multicast_loop_v6().is_err(), "this is a socket of IPv4");
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn multicast_loop_v6(&self) -> io::Result<bool> {
        self.registration.io().multicast_loop_v6()
    }

    /// As [`set_multicast_loop_v4`](UdpSocket::set_multicast_loop_v4), for IPv6.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// assert!(socket.set_multicast_loop_v6(false).is_err(), "this is a socket of IPv4");
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn set_multicast_loop_v6(&self, on: bool) -> io::Result<()> {
        self.registration.io().set_multicast_loop_v6(on)
    }

    /// Joins a group, on the interface that has this address (`0.0.0.0`: whichever the system
    /// chooses).
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// use std::net::Ipv4Addr;
    /// let group = Ipv4Addr::new(224, 0, 0, 251);
    /// if socket.join_multicast_v4(group, Ipv4Addr::LOCALHOST).is_ok() {
    ///     socket.leave_multicast_v4(group, Ipv4Addr::LOCALHOST)?;
    /// }
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn join_multicast_v4(&self, group: Ipv4Addr, interface: Ipv4Addr) -> io::Result<()> {
        self.registration.io().join_multicast_v4(&group, &interface)
    }

    /// Joins a group of IPv6, on the interface of this number (0: whichever the system chooses).
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// let group = std::net::Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb);
    /// assert!(socket.join_multicast_v6(&group, 0).is_err(), "this is a socket of IPv4");
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn join_multicast_v6(&self, group: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.registration.io().join_multicast_v6(group, interface)
    }

    /// Leaves a group, on the interface that has this address (`0.0.0.0`: whichever the system
    /// chooses).
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// use std::net::Ipv4Addr;
    /// let group = Ipv4Addr::new(224, 0, 0, 251);
    /// assert!(socket.leave_multicast_v4(group, Ipv4Addr::LOCALHOST).is_err(), "it never joined");
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn leave_multicast_v4(&self, group: Ipv4Addr, interface: Ipv4Addr) -> io::Result<()> {
        self.registration
            .io()
            .leave_multicast_v4(&group, &interface)
    }

    /// Leaves a group of IPv6, on the interface of this number (0: whichever the system chooses).
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// let group = std::net::Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb);
    /// assert!(socket.leave_multicast_v6(&group, 0).is_err(), "this is a socket of IPv4");
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn leave_multicast_v6(&self, group: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.registration.io().leave_multicast_v6(group, interface)
    }
}
