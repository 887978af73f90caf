//! What the load client is told to do, and how that is written on its command line.
//!
//! The client is this same program, started again with arguments: `--child load` and the words of
//! a [`Job`]. Words in one order are enough; a program writes them.

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
    /// The same, of a router with one route.
    Router,
    /// The same as [`Http`](Protocol::Http), for a neighbour and a bully: see `bully.rs`.
    BullyHeaders,
    BullyPlain,
    BullyDeaf,
    /// A request through a router: see `work/service.rs`.
    Routed,
    /// The same; the peer is axum with `pipeline_flush`.
    RoutedFlushed,
    /// The same through a large one.
    Table,
    /// JSON there and back.
    Json,
    /// A megabyte there.
    Upload,
    /// A megabyte back.
    Download,
    /// 64 bytes there and back, by a WebSocket. Each side reads by 4 KiB.
    WebSocket,
    /// The same; each side reads as it does unless told otherwise.
    WebSocketAsItComes,
    /// The same by 4 KiB again; the peer is tungstenite on Tokio, with nothing above it.
    Tungstenite,
}

impl Protocol {
    const ALL: [Protocol; 17] = [
        Protocol::Echo,
        Protocol::Udp,
        Protocol::Unix,
        Protocol::Http,
        Protocol::Router,
        Protocol::BullyHeaders,
        Protocol::BullyPlain,
        Protocol::BullyDeaf,
        Protocol::Routed,
        Protocol::RoutedFlushed,
        Protocol::Table,
        Protocol::Json,
        Protocol::Upload,
        Protocol::Download,
        Protocol::WebSocket,
        Protocol::WebSocketAsItComes,
        Protocol::Tungstenite,
    ];

    /// Its name on a command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Protocol::Echo => "echo",
            Protocol::Udp => "udp",
            Protocol::Unix => "unix",
            Protocol::Http => "http",
            Protocol::Router => "router",
            Protocol::BullyHeaders => "bully_headers",
            Protocol::BullyPlain => "bully_plain",
            Protocol::BullyDeaf => "bully_deaf",
            Protocol::Routed => "routed",
            Protocol::RoutedFlushed => "routed_flushed",
            Protocol::Table => "table",
            Protocol::Json => "json",
            Protocol::Upload => "upload",
            Protocol::Download => "download",
            Protocol::WebSocket => "websocket",
            Protocol::WebSocketAsItComes => "websocket_as_it_comes",
            Protocol::Tungstenite => "tungstenite",
        }
    }

    /// The path at which a WebSocket is opened, if it is one.
    pub(super) fn websocket(self) -> Option<&'static str> {
        match self {
            Protocol::WebSocket | Protocol::Tungstenite => Some("/ws"),
            Protocol::WebSocketAsItComes => Some("/ws_as_it_comes"),
            _ => None,
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

/// A header of a WebSocket's frame: binary, 64 bytes, masked with nought.
const MASKED: &[u8] = &[0x82, 0x80 | 64, 0, 0, 0, 0];

const ORDER: &str = r#"{"customer":"Ada Lovelace","lines":[{"article":17,"count":2},{"article":4,"count":1},{"article":2026,"count":12}]}"#;
const RECEIPT: &str = r#"{"customer":"Ada Lovelace","articles":[17,4,2026],"count":15}"#;

fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").into_bytes()
}

fn post(path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// Whether this is a response without anything missing, with that body.
fn is_whole_response(answer: &[u8], body: &[u8]) -> bool {
    let head = answer.strip_suffix(body);
    answer.starts_with(b"HTTP/1.1 200 ") && head.is_some_and(|head| head.ends_with(b"\r\n\r\n"))
}

impl Job {
    /// One message.
    pub(super) fn message(&self) -> Vec<u8> {
        match self.protocol {
            Protocol::Echo | Protocol::Udp | Protocol::Unix => ECHO.to_vec(),
            Protocol::Routed | Protocol::RoutedFlushed => get("/items/17"),
            Protocol::Table => get("/table/route73/17"),
            Protocol::Json => post("/orders", ORDER.as_bytes()),
            Protocol::Upload => post("/upload", &vec![b'x'; 1 << 20]),
            Protocol::Download => get("/download"),
            other if other.websocket().is_some() => [MASKED, ECHO].concat(),
            _ => GET.to_vec(),
        }
    }

    /// Whether these bytes are the whole answer to one message.
    pub(super) fn is_whole(&self, answer: &[u8]) -> bool {
        match self.protocol {
            Protocol::Echo | Protocol::Udp | Protocol::Unix => answer == ECHO,
            other if other.websocket().is_some() => answer.strip_prefix(&[0x82, 64]) == Some(ECHO),
            Protocol::Routed | Protocol::RoutedFlushed | Protocol::Table => {
                is_whole_response(answer, b"item 17")
            }
            Protocol::Json => is_whole_response(answer, RECEIPT.as_bytes()),
            Protocol::Upload => is_whole_response(answer, b"1048576"),
            Protocol::Download => is_whole_response(answer, &vec![b'x'; 1 << 20]),
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
