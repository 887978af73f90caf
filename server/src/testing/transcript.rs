//! What went over a connection, byte for byte, and when.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

/// An end of a connection. Its example is [`Transcript`]'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The end that was made by the test.
    Client,
    /// The end that the server accepted.
    Server,
}

/// How a connection broke off. Its example is [`TestStream::reset`](super::TestStream::reset)'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Both ends read what had been written, and then the end.
    Cut,
    /// Reads and writes fail.
    Reset,
}

/// What an end of a connection did. Its example is [`Transcript`]'s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// It wrote these bytes, in one piece.
    Sent(Bytes),
    /// It will write no more.
    Closed,
    /// It was writing when the connection broke off, or broke it off.
    Broke(Ending),
}

/// An entry of a [`Transcript`]. Its example is [`Transcript`]'s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When, counted from the start of the server.
    pub at: Duration,
    /// Which end.
    pub side: Side,
    /// What it did.
    pub act: Act,
}

/// What went over one connection; from
/// [`TestServer::transcripts`](super::TestServer::transcripts).
///
/// Two runs with the same seed and a paused clock have equal transcripts. It displays as text:
/// a line for each line that an end sent, with the time and the end before it.
///
/// ```
/// # #[runtime::main(start_paused = true)] async fn main() {
/// use server::Router;
/// use server::routing::get;
/// use server::testing::{Act, Side, TestServer};
/// use std::time::Duration;
///
/// let server = TestServer::new(Router::new().route("/", get(|| async { "hello" })));
/// server.client().get("/").await;
///
/// let transcript = &server.transcripts()[0];
/// assert!(transcript.sent().starts_with(b"GET / HTTP/1.1\r\nhost: localhost\r\n"));
/// assert!(transcript.received().ends_with(b"\r\n\r\nhello"));
/// assert_eq!((transcript.entries()[0].side, transcript.entries()[0].at), (Side::Client, Duration::ZERO));
/// assert!(matches!(transcript.entries()[0].act, Act::Sent(_)));
/// assert!(transcript.to_string().contains("      0 ms server  date: Sun, 06 Nov 1994 08:49:37 GMT"));
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    entries: Vec<Entry>,
    kept: usize,
    left_out: u64,
}

/// Bytes that a transcript keeps. The rest is counted.
const MOST_KEPT: usize = 4 * 1024 * 1024;

impl Transcript {
    /// What happened, in order. At most 4 MiB of what was sent are kept. Its example is
    /// [`Transcript`]'s.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// All that the client wrote. Its example is [`Transcript`]'s.
    #[must_use]
    pub fn sent(&self) -> Vec<u8> {
        self.all_of(Side::Client)
    }

    /// All that the server wrote. Its example is [`Transcript`]'s.
    #[must_use]
    pub fn received(&self) -> Vec<u8> {
        self.all_of(Side::Server)
    }

    fn all_of(&self, side: Side) -> Vec<u8> {
        let acts = self.entries.iter().filter(|entry| entry.side == side);
        let pieces = acts.filter_map(|entry| match &entry.act {
            Act::Sent(bytes) => Some(&bytes[..]),
            _ => None,
        });
        pieces.collect::<Vec<_>>().concat()
    }

    /// Adds what `side` sent.
    pub(super) fn sent_by(&mut self, side: Side, at: Duration, bytes: &[u8]) {
        if self.kept + bytes.len() > MOST_KEPT {
            self.left_out += bytes.len() as u64;
            return;
        }
        self.kept += bytes.len();
        self.add(side, at, Act::Sent(Bytes::copy_from_slice(bytes)));
    }

    /// Adds what else `side` did.
    pub(super) fn add(&mut self, side: Side, at: Duration, act: Act) {
        self.entries.push(Entry { at, side, act });
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut entries = self.entries.iter().peekable();
        while let Some(Entry { at, side, act }) = entries.next() {
            let start = format!("{:>7} ms {:<6}", at.as_millis(), side.name());
            let Act::Sent(first) = act else {
                writeln!(f, "{start}  ({})", act.name())?;
                continue;
            };
            let mut text = first.to_vec();
            // Pieces of one end at one time are shown as one.
            while let Some(next) = entries.next_if(|next| next.at == *at && next.side == *side) {
                match &next.act {
                    Act::Sent(bytes) => text.extend_from_slice(bytes),
                    act => text.extend_from_slice(format!("({})", act.name()).as_bytes()),
                }
            }
            for line in text.split_inclusive(|byte| *byte == b'\n') {
                let line = line.strip_suffix(b"\n").unwrap_or(line);
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                writeln!(f, "{start}  {}", line.escape_ascii())?;
            }
        }
        match self.left_out {
            0 => Ok(()),
            more => writeln!(f, "and {more} bytes more"),
        }
    }
}

impl Side {
    fn name(self) -> &'static str {
        match self {
            Side::Client => "client",
            Side::Server => "server",
        }
    }
}

impl Act {
    fn name(&self) -> &'static str {
        match self {
            Act::Sent(_) => "sent",
            Act::Closed => "closed",
            Act::Broke(Ending::Cut) => "cut",
            Act::Broke(Ending::Reset) => "reset",
        }
    }
}
