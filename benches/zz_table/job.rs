//! What the load client is told to do, and how that is written on its command line.
//!
//! The client is this same program, started again with arguments: `--child load` and the words of
//! a [`Job`]. Words in one order are enough; nobody types them.

use crate::kit::work::{GET, HELLO, Ports};
use std::net::SocketAddr;

/// The protocol that the servers under load speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// 64 bytes there, the same 64 bytes back.
    Echo,
    /// The same in datagrams.
    Udp,
    /// The same by a Unix socket.
    Unix,
    /// `GET /` there, [`HELLO`] back.
    Http,
    /// The same, for a neighbour and a bully: see `bully.rs`.
    BullyHeaders,
    BullyPlain,
    BullyDeaf,
}

impl Protocol {
    const ALL: [Protocol; 7] = [
        Protocol::Echo,
        Protocol::Udp,
        Protocol::Unix,
        Protocol::Http,
        Protocol::BullyHeaders,
        Protocol::BullyPlain,
        Protocol::BullyDeaf,
    ];

    /// Its name on a command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Protocol::Echo => "echo",
            Protocol::Udp => "udp",
            Protocol::Unix => "unix",
            Protocol::Http => "http",
            Protocol::BullyHeaders => "bully_headers",
            Protocol::BullyPlain => "bully_plain",
            Protocol::BullyDeaf => "bully_deaf",
        }
    }

    fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|protocol| protocol.name() == name)
    }
}

/// A load: how many connections, rounds and messages, and for whom.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) protocol: Protocol,
    pub(super) connections: usize,
    /// Messages that a connection sends at once: more than 1 is pipelining.
    pub(super) depth: usize,
    pub(super) rounds: usize,
    /// Messages of one round, over all connections.
    pub(super) messages: usize,
    /// The servers, one after the other.
    pub(super) targets: Vec<Ports>,
}

const ECHO: &[u8; 64] = b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

impl Job {
    /// One message.
    pub(super) fn message(&self) -> &'static [u8] {
        match self.protocol {
            Protocol::Echo | Protocol::Udp | Protocol::Unix => ECHO,
            _ => GET,
        }
    }

    /// Whether these bytes are the whole answer to one message.
    pub(super) fn is_whole(&self, answer: &[u8]) -> bool {
        match self.protocol {
            Protocol::Echo | Protocol::Udp | Protocol::Unix => answer == ECHO,
            _ => answer.starts_with(b"HTTP/1.1 200 ") && answer.ends_with(HELLO.as_bytes()),
        }
    }

    /// The job as words for a command line.
    pub(super) fn to_words(&self) -> Vec<String> {
        let numbers = [self.connections, self.depth, self.rounds, self.messages];
        let addresses = self
            .targets
            .iter()
            .flat_map(|target| [target.service, target.control]);
        std::iter::once(self.protocol.name().to_owned())
            .chain(numbers.iter().map(ToString::to_string))
            .chain(addresses.map(|address| address.to_string()))
            .collect()
    }

    /// The job from the words of a command line, or nothing if they are not one.
    pub(super) fn from_words(words: &[String]) -> Option<Self> {
        let [
            protocol,
            connections,
            depth,
            rounds,
            messages,
            addresses @ ..,
        ] = words
        else {
            return None;
        };
        let addresses: Vec<SocketAddr> = addresses
            .iter()
            .map(|word| word.parse().ok())
            .collect::<Option<_>>()?;
        let target = |pair: &[SocketAddr]| Ports {
            service: pair[0],
            control: pair[1],
        };
        Some(Self {
            protocol: Protocol::named(protocol)?,
            connections: connections.parse().ok()?,
            depth: depth.parse().ok()?,
            rounds: rounds.parse().ok()?,
            messages: messages.parse().ok()?,
            targets: addresses.chunks_exact(2).map(target).collect(),
        })
    }
}
