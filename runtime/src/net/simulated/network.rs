//! The network: its hosts, its links, and all that will happen in it, in the order of time.
//!
//! Time stands still while hosts run. What they send is put down as something that will happen, at a moment
//! that the link and chance choose. When no host has anything left to do, the simulation moves the time to
//! the next moment, and what is due happens: it changes the sockets, and notes for their hosts what became
//! ready. Two things of one moment happen in the order in which they were put down.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use mio::Token;

use super::endpoint::{Datagrams, End, HostId, Id, Listener, os_error};
use super::link::{Chance, Link};
use crate::machine::reactor::News;

/// The first port that is given to a socket that asks for none: RFC 6335, section 6.
const FIRST_PORT: u16 = 49_152;

/// See the file's heading.
pub(crate) struct Network {
    pub(super) state: RefCell<State>,
}

pub(super) struct State {
    pub(super) now: Duration,
    pub(super) chance: Chance,
    hosts: Vec<HostState>,
    links: BTreeMap<(HostId, HostId), Link>,
    usual: Link,
    /// How many calls of a million are answered oddly.
    pub(super) odd: u32,
    /// The next number: of a socket, or of something that will happen.
    next: u64,
    due: BTreeMap<(Duration, u64), Happening>,
    pub(super) ends: BTreeMap<Id, End>,
    pub(super) listeners: BTreeMap<Id, Listener>,
    pub(super) datagrams: BTreeMap<Id, Datagrams>,
}

struct HostState {
    name: String,
    ip: IpAddr,
    /// The port that was given last.
    port: u16,
    /// What became ready, for the reactor of the host.
    news: Vec<News>,
}

/// What will happen.
pub(super) enum Happening {
    /// This end's request for a connection arrives.
    Knock(Id),
    /// The answer to it: the other end, or why there is none.
    Answer(Id, Result<Id, io::ErrorKind>),
    /// The first segment on the wire of this end arrives at the other.
    Arrive(Id),
    /// The other end's program has taken so many bytes of what this one sent.
    Taken(Id, usize),
    /// A write that chance has cut short may be tried again.
    Writable(Id),
    /// This end hears that the other is gone.
    Refused(Id),
    /// The system tells what is ready at this end.
    Ready(Id),
    /// The system tells of this late.
    Told(HostId, News),
    /// A datagram from the first address arrives at this host, for the second.
    Datagram(HostId, SocketAddr, SocketAddr, Vec<u8>),
}

impl Network {
    pub(crate) fn new(seed: u64, usual: Link) -> Network {
        let state = RefCell::new(State {
            now: Duration::ZERO,
            chance: Chance::new(seed),
            hosts: Vec::new(),
            links: BTreeMap::new(),
            usual,
            odd: 0,
            next: 0,
            due: BTreeMap::new(),
            ends: BTreeMap::new(),
            listeners: BTreeMap::new(),
            datagrams: BTreeMap::new(),
        });
        Network { state }
    }

    /// Adds a host. Its address is 10.0.x.y, by the order of adding.
    ///
    /// # Panics
    ///
    /// If there are 65,535 already.
    #[track_caller]
    pub(crate) fn add_host(&self, name: &str) -> HostId {
        let mut state = self.state.borrow_mut();
        let id = state.hosts.len();
        let Ok(number) = u16::try_from(id + 1) else {
            panic!("a simulation has at most 65,535 hosts")
        };
        let [high, low] = number.to_be_bytes();
        state.hosts.push(HostState {
            name: name.to_owned(),
            ip: Ipv4Addr::new(10, 0, high, low).into(),
            port: FIRST_PORT - 1,
            news: Vec::new(),
        });
        id
    }

    /// The time since the simulation began.
    pub(crate) fn now(&self) -> Duration {
        self.state.borrow().now
    }

    /// When the next thing happens, if anything will.
    pub(crate) fn next_due(&self) -> Option<Duration> {
        let state = self.state.borrow();
        state.due.keys().next().map(|&(at, _)| at)
    }

    /// Moves the time to `now`, and has happen what is due by then.
    pub(crate) fn advance(&self, now: Duration) {
        let mut state = self.state.borrow_mut();
        state.now = now;
        while let Some(first) = state.due.first_entry() {
            if first.key().0 > now {
                break;
            }
            let happening = first.remove();
            state.happen(happening);
        }
    }

    /// What became ready at this host since the last call.
    pub(crate) fn take_news(&self, host: HostId) -> Vec<News> {
        std::mem::take(&mut self.state.borrow_mut().hosts[host].news)
    }

    /// Changes the link that two hosts have if nothing else is said of theirs; those that are there, too.
    pub(crate) fn change_usual(&self, change: impl Fn(&mut Link)) {
        let mut state = self.state.borrow_mut();
        change(&mut state.usual);
        let links = state.links.iter_mut();
        let between_two = links.filter(|((from, to), _)| from != to);
        between_two.for_each(|(_, link)| change(link));
    }

    /// How many calls of a million are answered oddly from now on.
    pub(crate) fn set_odd(&self, of_a_million: u32) {
        self.state.borrow_mut().odd = of_a_million;
    }

    /// Changes the link from one host to another.
    pub(crate) fn change_link(&self, from: HostId, to: HostId, change: impl FnOnce(&mut Link)) {
        change(self.state.borrow_mut().link(from, to));
    }

    /// The address of the host.
    pub(crate) fn ip(&self, host: HostId) -> IpAddr {
        self.state.borrow().hosts[host].ip
    }

    /// The host of this name.
    pub(crate) fn named(&self, name: &str) -> Option<HostId> {
        let state = self.state.borrow();
        state.hosts.iter().position(|host| host.name == name)
    }

    /// The address that a name stands for.
    pub(super) fn lookup(&self, name: &str) -> Option<IpAddr> {
        match name {
            "localhost" => Some(Ipv4Addr::LOCALHOST.into()),
            name => self.named(name).map(|host| self.ip(host)),
        }
    }

    /// A number below `n`, by chance.
    pub(crate) fn below(&self, n: u64) -> u64 {
        self.state.borrow_mut().chance.below(n)
    }

    /// The program of the host is gone, and the host closes what it had open: connections are reset.
    pub(crate) fn crash(&self, host: HostId) {
        let mut state = self.state.borrow_mut();
        state.reset_all(host);
        state.datagrams.retain(|_, socket| socket.host != host);
        state.hosts[host].news.clear();
        let is_told =
            |happening: &Happening| matches!(happening, Happening::Told(it, _) if *it == host);
        state.due.retain(|_, happening| !is_told(happening));
    }

    /// How many sockets there are, in whatever state.
    pub(crate) fn sockets(&self) -> usize {
        let state = self.state.borrow();
        state.ends.len() + state.listeners.len() + state.datagrams.len()
    }
}

impl State {
    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Knock(end) => self.knock(end),
            Happening::Answer(end, answer) => self.answer(end, answer),
            Happening::Arrive(end) => self.arrive(end),
            Happening::Taken(end, bytes) => self.taken(end, bytes),
            Happening::Writable(end) => self.writable(end),
            Happening::Ready(end) => self.tell_all(end),
            Happening::Told(host, news) => self.hosts[host].news.push(news),
            Happening::Refused(end) => self.fail(end, io::ErrorKind::ConnectionReset),
            Happening::Datagram(host, from, to, data) => self.datagram(from, to, host, data),
        }
    }

    /// Puts down what will happen in `after` from now.
    pub(super) fn later(&mut self, after: Duration, happening: Happening) {
        let number = self.number();
        self.due.insert((self.now + after, number), happening);
    }

    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(super) fn link(&mut self, from: HostId, to: HostId) -> &mut Link {
        let usual = match from == to {
            true => Link::loopback(),
            false => self.usual.clone(),
        };
        self.links.entry((from, to)).or_insert(usual)
    }

    /// How long a packet takes from one host to another.
    pub(super) fn delay(&mut self, from: HostId, to: HostId) -> Duration {
        let link = self.link(from, to).clone();
        link.delay(&mut self.chance)
    }

    /// Whether a packet gets from one host to another now.
    pub(super) fn passes(&mut self, from: HostId, to: HostId) -> bool {
        let link = self.link(from, to).clone();
        link.passes(&mut self.chance)
    }

    /// Notes what became ready, for the reactor of `host`. An odd system tells it late, or what is not so.
    pub(super) fn note(&mut self, host: HostId, token: Option<Token>, ready: News) {
        let Some(token) = token else {
            return;
        };
        let news = News { token, ..ready };
        if self.is_odd() {
            return self.tell_later(host, news);
        }
        self.hosts[host].news.push(news);
        if self.is_odd() {
            let read = true;
            self.tell_later(
                host,
                News {
                    token,
                    read,
                    ..News::WRITE
                },
            );
        }
    }

    fn tell_later(&mut self, host: HostId, news: News) {
        let after = Duration::from_nanos(self.chance.below(10_000_000));
        self.later(after, Happening::Told(host, news));
    }

    /// Whether this call is answered oddly.
    pub(super) fn is_odd(&mut self) -> bool {
        self.chance.is_in(self.odd)
    }

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
    /// socket has the port.
    pub(super) fn bound(
        &mut self,
        host: HostId,
        addr: SocketAddr,
        is_used: impl Fn(&State, u16) -> bool,
    ) -> io::Result<SocketAddr> {
        let ip = addr.ip();
        if self.host_at(host, ip) != Some(host) {
            return Err(os_error(io::ErrorKind::AddrNotAvailable));
        }
        if addr.port() != 0 {
            return match is_used(self, addr.port()) {
                true => Err(os_error(io::ErrorKind::AddrInUse)),
                false => Ok(addr),
            };
        }
        for _ in FIRST_PORT..=u16::MAX {
            let port = self.next_port(host);
            if !is_used(self, port) {
                return Ok(SocketAddr::new(ip, port));
            }
        }
        Err(os_error(io::ErrorKind::AddrInUse))
    }

    fn next_port(&mut self, host: HostId) -> u16 {
        let port = &mut self.hosts[host].port;
        *port = port.checked_add(1).unwrap_or(FIRST_PORT);
        *port
    }
}

/// The loopback address that stands for "any" address.
pub(super) fn to_loopback(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(v4) if v4.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(v6) if v6.is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
        other => other,
    }
}
