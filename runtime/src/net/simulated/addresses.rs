//! Which address leads where, and which addresses go together.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::endpoint::HostId;
use super::network::State;
use crate::base::os_error::os_error;

/// The first port that is given to a socket that asks for none: RFC 6335, section 6.
const FIRST_PORT: u16 = 49_152;

impl State {
    /// The host that `ip` leads to, as seen by `host`.
    pub(super) fn host_at(&self, host: HostId, ip: IpAddr) -> Option<HostId> {
        if ip.is_loopback() || ip.is_unspecified() {
            return Some(host);
        }
        self.hosts.iter().position(|host| host.ip == ip)
    }

    /// The address that `host` sends from to this one.
    pub(super) fn source(&self, host: HostId, to: IpAddr) -> IpAddr {
        match to.is_loopback() || to.is_unspecified() {
            true => to_loopback(to),
            false => self.hosts[host].ip,
        }
    }

    /// The address that a socket of `host` gets which asks for this one. `is_used` tells whether another
    /// socket has it.
    pub(super) fn bound(
        &mut self,
        host: HostId,
        addr: SocketAddr,
        is_used: impl Fn(&State, SocketAddr) -> bool,
    ) -> io::Result<SocketAddr> {
        let ip = addr.ip();
        if self.host_at(host, ip) != Some(host) {
            return Err(os_error(io::ErrorKind::AddrNotAvailable));
        }
        if addr.port() != 0 {
            return match is_used(self, addr) {
                true => Err(os_error(io::ErrorKind::AddrInUse)),
                false => Ok(addr),
            };
        }
        for _ in FIRST_PORT..=u16::MAX {
            let addr = SocketAddr::new(ip, self.next_port(host));
            if !is_used(self, addr) {
                return Ok(addr);
            }
        }
        Err(os_error(io::ErrorKind::AddrInUse))
    }

    fn next_port(&mut self, host: HostId) -> u16 {
        let port = &mut self.hosts[host].port;
        *port = port.checked_add(1).unwrap_or(0).max(FIRST_PORT);
        *port
    }
}

/// The loopback address that stands for "any" address.
pub(super) fn to_loopback(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(v4) if v4.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(v6) if v6.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other,
    }
}

/// Whether two sockets cannot have these addresses both.
pub(super) fn are_in_conflict(one: SocketAddr, other: SocketAddr) -> bool {
    let (one_ip, other_ip) = (one.ip(), other.ip());
    let same = one_ip == other_ip || one_ip.is_unspecified() || other_ip.is_unspecified();
    one.port() == other.port() && same
}

/// Whether a socket with the address `local` gets what is sent to `to`. A socket of IPv4 hears nothing of IPv6.
pub(super) fn hears(local: SocketAddr, to: SocketAddr) -> bool {
    let to_ip = to_loopback(to.ip());
    let any = local.ip().is_unspecified() && (local.is_ipv6() || to_ip.is_ipv4());
    local.port() == to.port() && (any || local.ip() == to_ip)
}
