//! A UDP socket, the system's or simulated: what this crate calls of mio's.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::Type;

use super::current;
use super::endpoint::gone;
use super::network::State;
use super::socket::{Simulated, UdpSocket};
use crate::base::os_error::os_error;
use crate::net::by_system;
use crate::trace::SourceKind;

impl UdpSocket {
    pub(crate) fn bind(addr: SocketAddr) -> io::Result<UdpSocket> {
        let Some(host) = current() else {
            return mio::net::UdpSocket::bind(addr).map(UdpSocket::System);
        };
        let bind = |state: &mut State| state.bind(host.id, addr);
        let options = Simulated::options(Type::DGRAM, addr)?;
        let simulated = Simulated::new(host.network, SourceKind::UdpSocket, options, bind)?;
        Ok(UdpSocket::Simulated(Box::new(simulated)))
    }

    pub(crate) fn connect(&self, peer: SocketAddr) -> io::Result<()> {
        match self {
            UdpSocket::System(system) => system.connect(peer),
            UdpSocket::Simulated(simulated) => {
                simulated.with(|state, id| state.connect_datagrams(id, peer))
            }
        }
    }

    pub(crate) fn send(&self, data: &[u8]) -> io::Result<usize> {
        match self {
            UdpSocket::System(system) => system.send(data),
            UdpSocket::Simulated(simulated) => {
                simulated.with(|state, id| state.send_datagram(id, None, data))
            }
        }
    }

    pub(crate) fn send_to(&self, data: &[u8], to: SocketAddr) -> io::Result<usize> {
        match self {
            UdpSocket::System(system) => system.send_to(data, to),
            UdpSocket::Simulated(simulated) => {
                let is_broadcast = to.ip() == Ipv4Addr::BROADCAST;
                if is_broadcast && !simulated.may_broadcast() {
                    return Err(os_error(io::ErrorKind::PermissionDenied));
                }
                simulated.with(|state, id| state.send_datagram(id, Some(to), data))
            }
        }
    }

    pub(crate) fn recv(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.recv_from(buffer).map(|(len, _)| len)
    }

    pub(crate) fn recv_from(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        match self {
            UdpSocket::System(system) => system.recv_from(buffer),
            UdpSocket::Simulated(simulated) => {
                simulated.with(|state, id| state.receive(id, buffer, false))
            }
        }
    }

    pub(crate) fn peek(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.peek_from(buffer).map(|(len, _)| len)
    }

    pub(crate) fn peek_from(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        match self {
            UdpSocket::System(system) => system.peek_from(buffer),
            UdpSocket::Simulated(simulated) => {
                simulated.with(|state, id| state.receive(id, buffer, true))
            }
        }
    }

    fn peek_sender(&self) -> io::Result<SocketAddr> {
        match self {
            UdpSocket::System(system) => by_system::peek_sender(system),
            UdpSocket::Simulated(_) => self.peek_from(&mut []).map(|(_, from)| from),
        }
    }

    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        match self {
            UdpSocket::System(system) => system.local_addr(),
            UdpSocket::Simulated(simulated) => simulated.local_addr(),
        }
    }

    pub(crate) fn peer_addr(&self) -> io::Result<SocketAddr> {
        match self {
            UdpSocket::System(system) => system.peer_addr(),
            UdpSocket::Simulated(simulated) => simulated.with(|state, id| {
                let socket = state.datagrams.get(&id).ok_or_else(gone)?;
                socket
                    .peer
                    .ok_or_else(|| os_error(io::ErrorKind::NotConnected))
            }),
        }
    }

    pub(crate) fn take_error(&self) -> io::Result<Option<io::Error>> {
        match self {
            UdpSocket::System(system) => system.take_error(),
            UdpSocket::Simulated(simulated) => Ok(simulated.with(State::take_refusal)),
        }
    }

    pub(crate) fn join_multicast_v4(&self, group: &Ipv4Addr, on: &Ipv4Addr) -> io::Result<()> {
        self.system()?.join_multicast_v4(group, on)
    }

    pub(crate) fn leave_multicast_v4(&self, group: &Ipv4Addr, on: &Ipv4Addr) -> io::Result<()> {
        self.system()?.leave_multicast_v4(group, on)
    }

    pub(crate) fn join_multicast_v6(&self, group: &Ipv6Addr, on: u32) -> io::Result<()> {
        self.system()?.join_multicast_v6(group, on)
    }

    pub(crate) fn leave_multicast_v6(&self, group: &Ipv6Addr, on: u32) -> io::Result<()> {
        self.system()?.leave_multicast_v6(group, on)
    }

    /// The system's socket, for what is not modelled.
    fn system(&self) -> io::Result<&mio::net::UdpSocket> {
        match self {
            UdpSocket::System(system) => Ok(system),
            UdpSocket::Simulated(_) => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "a simulated network has no multicast",
            )),
        }
    }
}

/// The sender of the next datagram.
pub(crate) fn peek_sender(socket: &UdpSocket) -> io::Result<SocketAddr> {
    socket.peek_sender()
}
