//! A socket that listens in the network, and what it makes of requests for connections.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use mio::Token;

use super::addresses::{are_in_conflict, hears, to_loopback};
use super::endpoint::{End, Held, HostId, Id, Listener, Stage, gone};
use super::network::State;
use crate::base::odd::Refusal;
use crate::base::os_error::os_error;
use crate::machine::reactor::News;

impl State {
    pub(super) fn listen(
        &mut self,
        host: HostId,
        addr: SocketAddr,
        backlog: usize,
    ) -> io::Result<Id> {
        let local = self.free_to_listen(host, addr)?;
        let id = self.number();
        self.listeners.insert(
            id,
            Listener {
                host,
                local,
                token: None,
                backlog: backlog.max(1),
                queue: VecDeque::new(),
            },
        );
        Ok(id)
    }

    /// The address that a listener gets which asks for this one.
    fn free_to_listen(&mut self, host: HostId, addr: SocketAddr) -> io::Result<SocketAddr> {
        self.bound(host, addr, |state, addr| state.is_listened_at(host, addr))
    }

    fn is_listened_at(&self, host: HostId, addr: SocketAddr) -> bool {
        let mut listeners = self.listeners.values();
        listeners.any(|other| other.host == host && are_in_conflict(other.local, addr))
    }

    /// Gives an address to a socket that does not listen or connect yet. Two such sockets may have one address if both
    /// `share` theirs (`SO_REUSEADDR`, socket(7)). The socket has it as long as `alive` lives.
    pub(super) fn hold(
        &mut self,
        host: HostId,
        addr: SocketAddr,
        shares: bool,
        alive: &Arc<()>,
    ) -> io::Result<SocketAddr> {
        self.held.retain(|other| other.alive.strong_count() > 0);
        let local = self.bound(host, addr, |state, addr| {
            let conflicts = |other: &Held| {
                let both_share = shares && other.shares;
                other.host == host && !both_share && are_in_conflict(other.local, addr)
            };
            state.is_listened_at(host, addr) || state.held.iter().any(conflicts)
        })?;
        let alive = Arc::downgrade(alive);
        self.held.push(Held {
            host,
            local,
            shares,
            alive,
        });
        Ok(local)
    }

    pub(super) fn accept(&mut self, id: Id) -> io::Result<Id> {
        let odd = self.is_odd();
        let listener = self.listeners.get_mut(&id).ok_or_else(gone)?;
        if odd && !listener.queue.is_empty() {
            return Err(self.accept_fails(id));
        }
        let end = listener.queue.pop_front();
        end.ok_or_else(|| os_error(io::ErrorKind::WouldBlock))
    }

    /// The client has given up before it was accepted, or the process has no descriptors left: accept(2).
    fn accept_fails(&mut self, id: Id) -> io::Error {
        let refusal = Refusal::choose(&mut self.chance);
        if refusal == Refusal::GivenUp {
            let listener = self.listeners.get_mut(&id);
            let first = listener.and_then(|listener| listener.queue.pop_front());
            first.into_iter().for_each(|end| self.reset(end));
        }
        refusal.error()
    }

    pub(super) fn stop_listening(&mut self, id: Id) {
        let Some(listener) = self.listeners.remove(&id) else {
            return;
        };
        for end in listener.queue {
            self.reset(end);
        }
    }

    pub(super) fn register_listener(&mut self, id: Id, token: Option<Token>) {
        let Some(listener) = self.listeners.get_mut(&id) else {
            return;
        };
        listener.token = token;
        let (host, waiting) = (listener.host, !listener.queue.is_empty());
        if waiting {
            self.note(host, token, News::READ);
        }
    }

    /// The other end, or why there is none; `None` if the listener has no room and says nothing.
    pub(super) fn open(
        &mut self,
        client: Id,
        host: HostId,
        at: SocketAddr,
        from: SocketAddr,
    ) -> Option<Result<Id, io::ErrorKind>> {
        let listens = |listener: &Listener| listener.host == host && hears(listener.local, at);
        let found = self
            .listeners
            .iter()
            .find(|(_, listener)| listens(listener));
        let Some((&listener, _)) = found else {
            return Some(Err(io::ErrorKind::ConnectionRefused));
        };
        let client_host = self.ends.get(&client)?.host;
        let id = self.number();
        let listener = self.listeners.get_mut(&listener)?;
        if listener.queue.len() >= listener.backlog {
            return None;
        }
        listener.queue.push_back(id);
        let token = listener.token;
        let at = SocketAddr::new(to_loopback(at.ip()), at.port());
        let mut end = End::new((host, at), (client_host, from), Stage::Open);
        end.other = Some(client);
        self.ends.insert(id, end);
        self.note(host, token, News::READ);
        Some(Ok(id))
    }
}
