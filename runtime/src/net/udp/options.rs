//! What can be set on a UDP socket, and whose multicast it hears.
//!
//! **Broadcast** sends to all of a network, and has to be allowed first. **Multicast** sends to
//! those who want to hear: a **group** is an address that belongs to no machine, and a socket that
//! joins it receives what is sent there; the routers keep count of where members are.
//!
//! How it can go wrong: a group is joined on one *interface*, and the one that the system takes
//! for "any" need not be the one that the senders are on. And a datagram to a group makes one
//! hop, so that it stays in the local network, until the time to live is raised.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::UdpSocket;
#[cfg(any(target_os = "linux", target_os = "android"))]
use crate::net::options::device;
use crate::net::options::options;

options! { UdpSocket, |socket| socket.registration.io();
    /// whether it may send to all of a network (`SO_BROADCAST`)
    broadcast, set_broadcast: bool = broadcast, set_broadcast;

    /// how many hops its packets may make (`IP_TTL`)
    ttl, set_ttl: u32 = ttl_v4, set_ttl_v4;

    /// how its packets want to be treated on the way (`IP_TOS`), for IPv4
    tos_v4, set_tos_v4: u32 = tos_v4, set_tos_v4;

    /// how its packets want to be treated on the way (`IPV6_TCLASS`), for IPv6
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "macos"))]
    tclass_v6, set_tclass_v6: u32 = tclass_v6, set_tclass_v6;

    /// whether it hears what it sends to a group itself (`IP_MULTICAST_LOOP`)
    multicast_loop_v4, set_multicast_loop_v4: bool = multicast_loop_v4, set_multicast_loop_v4;

    /// how many hops a datagram to a group may make (`IP_MULTICAST_TTL`)
    ///
    /// 1 stays in the local network.
    multicast_ttl_v4, set_multicast_ttl_v4: u32 = multicast_ttl_v4, set_multicast_ttl_v4;

    /// whether it hears what it sends to a group of IPv6 itself (`IPV6_MULTICAST_LOOP`)
    multicast_loop_v6, set_multicast_loop_v6: bool = multicast_loop_v6, set_multicast_loop_v6;
}

#[cfg(any(target_os = "linux", target_os = "android"))]
device!(UdpSocket, |socket| socket.registration.io());

impl UdpSocket {
    /// Joins a group, on the interface that has this address (`0.0.0.0`: the system chooses).
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// # let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// use std::net::Ipv4Addr;
    /// let group = Ipv4Addr::new(224, 0, 0, 251);
    /// if socket.join_multicast_v4(group, Ipv4Addr::LOCALHOST).is_ok() {
    ///     socket.leave_multicast_v4(group, Ipv4Addr::LOCALHOST)?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn join_multicast_v4(&self, group: Ipv4Addr, interface: Ipv4Addr) -> io::Result<()> {
        self.registration.io().join_multicast_v4(&group, &interface)
    }

    /// Leaves a group that was joined with [`join_multicast_v4`](UdpSocket::join_multicast_v4).
    ///
    /// # Errors
    ///
    /// Those of the operating system; it may never have joined.
    pub fn leave_multicast_v4(&self, group: Ipv4Addr, interface: Ipv4Addr) -> io::Result<()> {
        let socket = self.registration.io();
        socket.leave_multicast_v4(&group, &interface)
    }

    /// Joins a group of IPv6, on the interface of this number (0: the system chooses).
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// # let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// let group = std::net::Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb);
    /// assert!(socket.join_multicast_v6(&group, 0).is_err(), "this is a socket of IPv4");
    /// # Ok(()) }
    /// ```
    pub fn join_multicast_v6(&self, group: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.registration.io().join_multicast_v6(group, interface)
    }

    /// Leaves a group that was joined with [`join_multicast_v6`](UdpSocket::join_multicast_v6).
    ///
    /// # Errors
    ///
    /// Those of the operating system; it may never have joined.
    pub fn leave_multicast_v6(&self, group: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.registration.io().leave_multicast_v6(group, interface)
    }
}
