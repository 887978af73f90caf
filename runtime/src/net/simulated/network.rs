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

use super::deed::{Deed, Recorded};
use super::endpoint::{Datagrams, End, Held, HostId, Id, Listener};
use super::link::Link;
use crate::base::chance::Chance;
use crate::base::odd::Telling;
use crate::machine::reactor::News;

/// See the file's heading.
pub(crate) struct Network {
    pub(super) state: RefCell<State>,
}

pub(super) struct State {
    pub(super) now: Duration,
    pub(super) chance: Chance,
    pub(super) hosts: Vec<HostState>,
    links: BTreeMap<(HostId, HostId), Link>,
    usual: Link,
    /// How many calls of a million are answered oddly.
    pub(super) odd: u32,
    /// The next number: of a socket, or of something that will happen.
    next: u64,
    /// How often hosts were run.
    runs: u64,
    due: BTreeMap<(Duration, u64), (Option<Deed>, Happening)>,
    /// Because of which deed the present thing happens, as far as it is known.
    pub(super) because: Option<Deed>,
    pub(super) ends: BTreeMap<Id, End>,
    pub(super) listeners: BTreeMap<Id, Listener>,
    pub(super) held: Vec<Held>,
    pub(super) datagrams: BTreeMap<Id, Datagrams>,
}

pub(super) struct HostState {
    name: String,
    pub(super) ip: IpAddr,
    /// The port that was given last; 0: none.
    pub(super) port: u16,
    /// What became ready, for the reactor of the host.
    news: Vec<News>,
    pub(super) recorded: Option<Recorded>,
}

/// What will happen.
pub(super) enum Happening {
    /// This end's request for a connection arrives.
    Knock(Id),
    /// The answer to it: the other end, or why there is none.
    Answer(Id, Result<Id, io::ErrorKind>),
    /// The first segment on the wire of this end arrives at the other, if no other wire has begun since.
    Arrive(Id, u32),
    /// This end asks whether the other is still there.
    Probe(Id),
    /// The other end's program has taken so many bytes of what this one sent.
    Taken(Id, usize),
    /// This end sends again what it has not heard to have arrived.
    Repeat(Id),
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
    /// A host hears that what it has sent from the first address found no socket at the second.
    Unreachable(HostId, SocketAddr, SocketAddr),
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
            runs: 0,
            due: BTreeMap::new(),
            because: None,
            ends: BTreeMap::new(),
            listeners: BTreeMap::new(),
            held: Vec::new(),
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
            port: 0,
            news: Vec::new(),
            recorded: None,
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
            let (because, happening) = first.remove();
            state.because = because;
            state.happen(happening);
        }
        state.because = None;
    }

    /// The place of the next run of a host among all of them.
    pub(crate) fn next_run(&self) -> u64 {
        let mut state = self.state.borrow_mut();
        state.runs += 1;
        state.runs
    }

    /// The host's name.
    pub(crate) fn name(&self, host: HostId) -> String {
        self.state.borrow().hosts[host].name.clone()
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
        state.because = state.deed_of(host);
        state.reset_all(host);
        state.because = None;
        state.hosts[host].recorded = None;
        state.datagrams.retain(|_, socket| socket.host != host);
        state.hosts[host].news.clear();
        let is_told =
            |happening: &Happening| matches!(happening, Happening::Told(it, _) if *it == host);
        state.due.retain(|_, (_, happening)| !is_told(happening));
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
            Happening::Arrive(end, round) => self.arrive(end, round),
            Happening::Probe(end) => self.probe(end),
            Happening::Taken(end, bytes) => self.taken(end, bytes),
            Happening::Writable(end) => self.writable(end),
            Happening::Ready(end) => self.tell_all(end),
            Happening::Told(host, news) => self.tell(host, news),
            Happening::Refused(end) => self.refused(end),
            Happening::Repeat(end) => self.repeat(end),
            Happening::Datagram(host, from, to, data) => self.datagram(from, to, host, data),
            Happening::Unreachable(host, from, to) => self.unreachable(host, from, to),
        }
    }

    /// Puts down what will happen in `after` from now.
    pub(super) fn later(&mut self, after: Duration, happening: Happening) {
        let (number, because) = (self.number(), self.deed());
        self.due.insert(
            (self.now.saturating_add(after), number),
            (because, happening),
        );
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

    /// How long so many bytes take from one host to another that are sent now: they wait until the link has sent
    /// what was given to it before.
    pub(super) fn travel(&mut self, from: HostId, to: HostId, bytes: usize) -> Duration {
        let (now, delay) = (self.now, self.delay(from, to));
        self.link(from, to).wait(now, bytes).saturating_add(delay)
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
        let telling = Telling::choose(&mut self.chance, self.odd);
        if telling == Telling::Late {
            return self.tell_later(host, news);
        }
        self.tell(host, news);
        if telling == Telling::Twice {
            let untrue = News {
                token,
                ..News::BOTH
            };
            self.tell_later(host, untrue);
        }
    }

    fn tell(&mut self, host: HostId, news: News) {
        self.note_came(host, news);
        self.hosts[host].news.push(news);
    }

    fn tell_later(&mut self, host: HostId, news: News) {
        let after = Duration::from_nanos(self.chance.below(10_000_000));
        self.later(after, Happening::Told(host, news));
    }

    /// Whether this call is answered oddly.
    pub(super) fn is_odd(&mut self) -> bool {
        self.chance.is_in(self.odd)
    }
}
