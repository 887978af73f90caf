//! UDP in the network.
//!
//! A datagram takes its own time, so that one may overtake another. It may be lost: on the link, or because the
//! socket that it is for has too many unread ones. No side is told. If there is no socket at all, the host says so (ICMP,
//! "port unreachable"). That is an error of the next call of the socket that sent it, if it is connected; as on Linux.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};

use mio::Token;

use super::addresses::{are_in_conflict, hears, to_loopback};
use super::endpoint::{Datagrams, HostId, Id, gone};
use super::network::{Happening, State};
use crate::base::os_error::os_error;
use crate::machine::reactor::News;

/// So many datagrams wait to be received; what comes then is lost.
const QUEUE: usize = 256;

/// The longest datagram of IPv4: RFC 768, RFC 791.
const LONGEST: usize = 65_507;

impl State {
    pub(super) fn bind(&mut self, host: HostId, addr: SocketAddr) -> io::Result<Id> {
        let is_used = |state: &State, addr| {
            let mut sockets = state.datagrams.values();
            sockets.any(|other| other.host == host && are_in_conflict(other.local, addr))
        };
        let local = self.bound(host, addr, is_used)?;
        let id = self.number();
        let socket = Datagrams {
            host,
            local,
            peer: None,
            token: None,
            queue: VecDeque::new(),
            refused: false,
        };
        self.datagrams.insert(id, socket);
        Ok(id)
    }

    /// Fixes the peer, and with it the socket's own address.
    pub(super) fn connect_datagrams(&mut self, id: Id, peer: SocketAddr) -> io::Result<()> {
        let peer = SocketAddr::new(to_loopback(peer.ip()), peer.port());
        let host = self.datagrams.get(&id).ok_or_else(gone)?.host;
        if self.host_at(host, peer.ip()).is_none() {
            return Err(no_host(peer.ip()));
        }
        let source = self.source(host, peer.ip());
        let socket = self.datagrams.get_mut(&id).ok_or_else(gone)?;
        socket.peer = Some(peer);
        if socket.local.ip().is_unspecified() {
            socket.local.set_ip(source);
        }
        Ok(())
    }

    pub(super) fn register_datagrams(&mut self, id: Id, token: Option<Token>) {
        let Some(socket) = self.datagrams.get_mut(&id) else {
            return;
        };
        socket.token = token;
        let (host, read) = (socket.host, !socket.queue.is_empty() || socket.refused);
        let ready = News {
            read,
            ..News::WRITE
        };
        self.note(host, token, ready);
    }

    pub(super) fn send_datagram(
        &mut self,
        id: Id,
        to: Option<SocketAddr>,
        data: &[u8],
    ) -> io::Result<usize> {
        let socket = self.datagrams.get_mut(&id).ok_or_else(gone)?;
        socket.refusal()?;
        let to = to.or(socket.peer);
        let to = to.ok_or_else(|| os_error(io::ErrorKind::NotConnected))?;
        let (host, local) = (socket.host, socket.local);
        if data.len() > LONGEST {
            let text = format!("a datagram has at most {LONGEST} bytes, not {}", data.len());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let other = self
            .host_at(host, to.ip())
            .ok_or_else(|| no_host(to.ip()))?;
        let from = match local.ip().is_unspecified() {
            true => SocketAddr::new(self.source(host, to.ip()), local.port()),
            false => local,
        };
        if self.passes(host, other) {
            let delay = self.travel(host, other, data.len());
            let datagram = Happening::Datagram(other, from, to, data.to_vec());
            self.later(delay, datagram);
        }
        Ok(data.len())
    }

    pub(super) fn datagram(
        &mut self,
        from: SocketAddr,
        to: SocketAddr,
        host: HostId,
        data: Vec<u8>,
    ) {
        let hears = |socket: &Datagrams| {
            let from_peer = socket.peer.is_none_or(|peer| peer == from);
            socket.host == host && hears(socket.local, to) && from_peer
        };
        let found = self.datagrams.values_mut().find(|socket| hears(socket));
        let Some(socket) = found else {
            return self.say_unreachable(from, to, host);
        };
        if socket.queue.len() >= QUEUE {
            return;
        }
        socket.queue.push_back((from, data));
        let token = socket.token;
        self.note(host, token, News::READ);
    }

    /// The host has no socket at `to`, and says so to the one at `from`.
    fn say_unreachable(&mut self, from: SocketAddr, to: SocketAddr, host: HostId) {
        let Some(sender) = self.host_at(host, from.ip()) else {
            return;
        };
        if self.passes(host, sender) {
            let delay = self.delay(host, sender);
            self.later(delay, Happening::Unreachable(sender, from, to));
        }
    }

    /// A host hears that there is no socket at `to`, where its socket at `from` has sent something.
    pub(super) fn unreachable(&mut self, host: HostId, from: SocketAddr, to: SocketAddr) {
        let is_it = |socket: &&mut Datagrams| {
            socket.host == host && hears(socket.local, from) && socket.peer == Some(to)
        };
        if let Some(socket) = self.datagrams.values_mut().find(is_it) {
            socket.refused = true;
            let token = socket.token;
            self.note(host, token, News::READ);
        }
    }

    /// The error of the socket, which is told once.
    pub(super) fn take_refusal(&mut self, id: Id) -> Option<io::Error> {
        self.datagrams.get_mut(&id)?.refusal().err()
    }

    /// The next datagram and its sender; `peek`: it stays.
    pub(super) fn receive(
        &mut self,
        id: Id,
        buffer: &mut [u8],
        peek: bool,
    ) -> io::Result<(usize, SocketAddr)> {
        let socket = self.datagrams.get_mut(&id).ok_or_else(gone)?;
        socket.refusal()?;
        let (from, data) = socket
            .queue
            .front()
            .ok_or_else(|| os_error(io::ErrorKind::WouldBlock))?;
        let len = data.len().min(buffer.len());
        buffer[..len].copy_from_slice(&data[..len]);
        let received = (len, *from);
        if !peek {
            socket.queue.pop_front();
        }
        Ok(received)
    }
}

impl Datagrams {
    /// That nothing listens at the peer's address is told once.
    fn refusal(&mut self) -> io::Result<()> {
        match std::mem::take(&mut self.refused) {
            true => Err(os_error(io::ErrorKind::ConnectionRefused)),
            false => Ok(()),
        }
    }
}

/// Why nothing can be sent to an address.
fn no_host(ip: IpAddr) -> io::Error {
    let text = match ip {
        IpAddr::V4(ip) if ip.is_broadcast() => format!("this simulation has no broadcast: {ip}"),
        ip if ip.is_multicast() => format!("this simulation has no multicast: {ip}"),
        ip => format!("no host of this simulation has the address {ip}"),
    };
    io::Error::new(io::ErrorKind::NetworkUnreachable, text)
}
