//! A source: a mio object that is registered, as the reactor knows it.
//!
//! It has two sides, reading and writing, each with a readiness and with waiters (`side.rs`). What a
//! source is called ("a TCP listener" says more than "source 1"), the reactor does not need; an
//! observer does.
//!
//! **A short transfer** (fewer bytes than asked for) often means that nothing is left. To believe
//! it saves the call that would only say "would block", one for each wait. To believe it where it
//! is not true loses a wake for ever, for the system has spoken of those bytes already. So it is
//! believed only where it is a proof; that costs two compares of what is loaded anyway.
//!
//! | source | a short transfer proves | system calls |
//! |---|---|---|
//! | TCP (Linux, Android) | all: a read goes on until the queue is empty, a write until the buffer is full, and the system speaks at the next change | one saved a wait |
//! | the same once urgent data has come | nothing: a read stops at its mark, and bytes may lie behind. The event that brings it tells (`EPOLLPRI`); from then on the system is not asked to | none saved from then on, and one when it comes |
//! | the same at its end, or after an error | nothing: the end comes in one event with the last bytes | none more: the next read finds it |
//! | a Unix stream | nothing: a read stops behind a message with descriptors, between senders whose credentials are told, at urgent data; a write stops when the peer shuts down its reading, of which no event tells | none saved |
//! | a pipe, or a terminal taken for one | nothing: a read takes one packet of a packet pipe (`O_DIRECT`), one line of a terminal | none saved |
//! | what only seems to be TCP | nothing: a Unix socket in a type of TCP; multipath TCP, whose reads may stop where one of its paths does. `SO_PROTOCOL` tells. A listener is asked, its streams only if it is not of TCP, and every other stream | one when it is made |
//! | TCP elsewhere | nothing: no event tells of urgent data (kqueue), or the system speaks only after "would block" (Windows) | none saved |
//! | datagrams, accepting, a program's own operation | is not asked: only "would block" clears | |
//!
//! Two cases remain of which the system does not tell: a protocol laid over a TCP socket (kernel
//! TLS, whose reads end with a record), and urgent data that the program takes out of order
//! (`MSG_OOB`) before an event has told of it.

use std::fmt;
use std::io;
use std::task::Waker;

use mio::Token;

use super::side::Side;
use crate::machine::inspect::snapshot::SourceView;
use crate::trace::{Direction, Interests, Line, SourceKind, Wait};

#[cfg(any(target_os = "linux", target_os = "android"))]
const NO_DESCRIPTOR: i32 = -1;

/// See the file's heading. There is one for each connection, so it is kept small.
pub(crate) struct Source {
    token: Token,
    number: u64,
    kind: SourceKind,
    /// The line of the program that made it.
    at: Line,
    interest: mio::Interest,
    /// Of one whose events may speak of urgent data; else [`NO_DESCRIPTOR`].
    #[cfg(any(target_os = "linux", target_os = "android"))]
    descriptor: i32,
    pub(crate) read: Side,
    pub(crate) write: Side,
}

impl Source {
    pub(crate) fn new(
        token: Token,
        number: u64,
        io: &impl Kind,
        interest: mio::Interest,
        at: Line,
    ) -> Source {
        let side = || Side::new(io.short_is_proof());
        Source {
            token,
            number,
            kind: io.kind(),
            at,
            interest,
            #[cfg(any(target_os = "linux", target_os = "android"))]
            descriptor: io.descriptor().unwrap_or(NO_DESCRIPTOR),
            read: side(),
            write: side(),
        }
    }

    pub(crate) fn token(&self) -> Token {
        self.token
    }

    /// The descriptor, while the source is registered, if its events may speak of urgent data.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) fn descriptor(&self) -> Option<i32> {
        Some(self.descriptor).filter(|&descriptor| descriptor != NO_DESCRIPTOR)
    }

    #[cfg(feature = "sim")]
    pub(crate) fn kind(&self) -> SourceKind {
        self.kind
    }

    #[inline]
    pub(crate) fn side(&self, direction: Direction) -> &Side {
        match direction {
            Direction::Read => &self.read,
            Direction::Write => &self.write,
        }
    }

    pub(crate) fn interests(&self) -> Interests {
        Interests {
            read: self.interest.is_readable(),
            write: self.interest.is_writable(),
        }
    }

    /// Shows each wait, with the waker that will be called.
    pub(crate) fn waits(&self, mut show: impl FnMut(Wait, &Waker)) {
        for direction in [Direction::Read, Direction::Write] {
            let wait = Wait::Source(self.number, direction);
            self.side(direction).wakers(|waker| show(wait, waker));
        }
    }

    /// The source as an observer sees it.
    pub(crate) fn snapshot(&self) -> SourceView {
        SourceView {
            read: self.read.snapshot(),
            write: self.write.snapshot(),
            ..SourceView::new(self.kind, self.at.into(), self.interests())
        }
    }

    /// The number that events call it by: 1, 2, 3, ... in the order of registration.
    pub(crate) fn id(&self) -> u64 {
        self.number
    }
}

/// A mio object that knows what it is.
pub(crate) trait Kind: mio::event::Source {
    fn kind(&self) -> SourceKind;

    /// Whether a transfer of less than was asked for proves that the direction is drained:
    /// nothing to read is left, or no room to write. The file's heading says of which this is true.
    fn short_is_proof(&self) -> bool {
        false
    }

    /// The descriptor of one whose events may speak of urgent data.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn descriptor(&self) -> Option<i32> {
        None
    }
}

macro_rules! kinds {
    ($($(#[$meta:meta])* $object:path => $kind:ident;)*) => {$(
        $(#[$meta])*
        impl Kind for $object {
            fn kind(&self) -> SourceKind {
                SourceKind::$kind
            }
        }
    )*};
}

kinds! {
    mio::net::TcpListener => TcpListener;
    mio::net::UdpSocket => UdpSocket;
    #[cfg(unix)] mio::net::UnixListener => UnixListener;
    #[cfg(unix)] mio::net::UnixStream => UnixStream;
    #[cfg(unix)] mio::net::UnixDatagram => UnixDatagram;
    #[cfg(unix)] mio::unix::pipe::Sender => Pipe;
    #[cfg(unix)] mio::unix::pipe::Receiver => Pipe;
}

impl Kind for mio::net::TcpStream {
    fn kind(&self) -> SourceKind {
        SourceKind::TcpStream
    }

    fn short_is_proof(&self) -> bool {
        // Only there can the reactor ask to be told of urgent data.
        cfg!(any(target_os = "linux", target_os = "android"))
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn descriptor(&self) -> Option<i32> {
        Some(std::os::fd::AsRawFd::as_raw_fd(self))
    }
}

/// The error of an operation on a source whose runtime is gone.
#[derive(Debug)]
struct Gone;

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the runtime that this I/O object belongs to has been shut down")
    }
}

impl std::error::Error for Gone {}

pub(super) fn gone() -> io::Error {
    io::Error::other(Gone)
}

/// Whether this error is [`gone`].
pub(crate) fn says_gone(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(<dyn std::error::Error + Send + Sync>::is::<Gone>)
}
