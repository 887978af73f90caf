//! UDP in the network.
//!
//! A datagram takes its own time, so that one may overtake another. It may be lost: on the link, or because the
//! socket that it is for has too many unread ones, or is not there. No side is told.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;

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
        };
        self.datagrams.insert(id, socket);
        Ok(id)
    }

    /// Fixes the peer, and with it the socket's own address.
    pub(super) fn connect_datagrams(&mut self, id: Id, peer: SocketAddr) -> io::Result<()> {
        let peer = SocketAddr::new(to_loopback(peer.ip()), peer.port());
        let host = self.datagrams.get(&id).ok_or_else(gone)?.host;
        if self.host_at(host, peer.ip()).is_none() {
            return Err(os_error(io::ErrorKind::NetworkUnreachable));
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
        let (host, read) = (socket.host, !socket.queue.is_empty());
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
        let socket = self.datagrams.get(&id).ok_or_else(gone)?;
        let to = to.or(socket.peer);
        let to = to.ok_or_else(|| os_error(io::ErrorKind::NotConnected))?;
        let (host, local) = (socket.host, socket.local);
        if data.len() > LONGEST {
            let text = format!("a datagram has at most {LONGEST} bytes, not {}", data.len());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let Some(other) = self.host_at(host, to.ip()) else {
            return Err(os_error(io::ErrorKind::NetworkUnreachable));
        };
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
        let Some(socket) = found.filter(|socket| socket.queue.len() < QUEUE) else {
            return;
        };
        socket.queue.push_back((from, data));
        let token = socket.token;
        self.note(host, token, News::READ);
    }

    /// The next datagram and its sender; `peek`: it stays.
    pub(super) fn receive(
        &mut self,
        id: Id,
        buffer: &mut [u8],
        peek: bool,
    ) -> io::Result<(usize, SocketAddr)> {
        let socket = self.datagrams.get_mut(&id).ok_or_else(gone)?;
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
