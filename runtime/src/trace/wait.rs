//! What a task can wait for, as data and in words.
//!
//! There are five kinds: a timer, a direction of a source, the end of a task, the end of a job, and
//! whatever tasks share with each other. Each thing has a number, and a wait names it by that, so
//! that a wait can be kept, compared and sent away without keeping anything alive.
//!
//! A wait is described in the same words everywhere, in a dump and in the stepper: they stand here, once.
//! So are the kinds of sources. To the reactor all sources are alike: something that becomes readable
//! or writable. A reader who learns that a task waits for source 5 wants to know whether that is a
//! client, the listener, or the signal to stop.

use std::fmt;

/// What a task waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Wait {
    /// A timer, by its number.
    Timer(u64),
    /// A direction of a source.
    Source(u64, Direction),
    /// The end of a task.
    Task(u64),
    /// The end of a job on the blocking pool, by its number.
    Job(u64),
    /// One of the things that tasks share, and its number among all of these.
    Shared(Shared, u64),
}

/// The kinds of things that tasks share and wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Shared {
    /// A permit of a semaphore.
    Semaphore,
    /// A mutex that another holds.
    Mutex,
    /// A lock for reading or writing that another holds.
    RwLock,
    /// A notification.
    Notify,
    /// The others at a barrier.
    Barrier,
    /// A cell that another is filling.
    OnceCell,
    /// A place in a channel that is full.
    MpscPlace,
    /// A message of a channel that is empty.
    MpscMessage,
    /// The end of a channel's receiver.
    MpscEnd,
    /// The one message of a channel for one, or the end of its receiver.
    Oneshot,
    /// A message to all.
    Broadcast,
    /// A new value.
    Watch,
    /// The cancellation of a token.
    CancellationToken,
    /// A task of a set of tasks.
    JoinSet,
    /// The other end of a pipe in memory.
    Duplex,
}

impl Shared {
    /// The thing itself, in words that its number follows; of a place in a channel, the place. (As
    /// [`Display`](fmt::Display), the kind says what a task waits for.)
    ///
    /// ```
    /// use runtime::trace::Shared;
    ///
    /// assert_eq!(Shared::Semaphore.thing(), "semaphore");
    /// assert_eq!(Shared::Semaphore.to_string(), "a permit of semaphore");
    /// ```
    pub fn thing(self) -> &'static str {
        match self {
            Shared::Semaphore => "semaphore",
            Shared::Mutex => "mutex",
            Shared::RwLock => "read-write lock",
            Shared::Notify => "notify",
            Shared::Barrier => "barrier",
            Shared::OnceCell => "cell",
            Shared::MpscPlace => "a place in channel",
            Shared::MpscMessage | Shared::MpscEnd => "channel",
            Shared::Oneshot => "one-shot channel",
            Shared::Broadcast => "broadcast channel",
            Shared::Watch => "watch channel",
            Shared::CancellationToken => "token",
            Shared::JoinSet => "set",
            Shared::Duplex => "pipe",
        }
    }
}

/// One of the two things that can be done with a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Direction {
    /// Reading and accepting.
    Read,
    /// Writing and connecting.
    Write,
}

/// In words that go on from "it waits for".
///
/// ```
/// use runtime::trace::{Direction, Shared, Wait};
///
/// assert_eq!(Wait::Timer(3).to_string(), "timer 3");
/// assert_eq!(Wait::Source(1, Direction::Read).to_string(), "source 1 to be readable");
/// assert_eq!(Wait::Shared(Shared::MpscPlace, 2).to_string(), "a place in channel 2");
/// ```
impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wait::Timer(timer) => write!(f, "timer {timer}"),
            Wait::Source(source, direction) => write!(f, "source {source} to be {direction}"),
            Wait::Task(task) => write!(f, "the end of task {task}"),
            Wait::Job(job) => write!(f, "the end of job {job}"),
            Wait::Shared(kind, number) => write!(f, "{kind} {number}"),
        }
    }
}

/// In words that a number follows.
impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Shared::Semaphore => "a permit of semaphore",
            Shared::Mutex => "mutex",
            Shared::RwLock => "read-write lock",
            Shared::Notify => "a call of notify",
            Shared::Barrier => "the others at barrier",
            Shared::OnceCell => "the value of cell",
            Shared::MpscPlace => "a place in channel",
            Shared::MpscMessage => "a message of channel",
            Shared::MpscEnd => "the end of the receiver of channel",
            Shared::Oneshot => "the other half of one-shot channel",
            Shared::Broadcast => "a message of broadcast channel",
            Shared::Watch => "a new value of watch channel",
            Shared::CancellationToken => "the cancellation of token",
            Shared::JoinSet => "the end of a task of set",
            Shared::Duplex => "the other end of pipe",
        })
    }
}

/// `readable` or `writable`.
impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Direction::Read => "readable",
            Direction::Write => "writable",
        })
    }
}

/// What a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum SourceKind {
    /// Where connections over TCP are accepted.
    TcpListener,
    /// A connection over TCP.
    TcpStream,
    /// A socket for datagrams.
    UdpSocket,
    /// Where connections within this machine are accepted.
    UnixListener,
    /// A connection within this machine.
    UnixStream,
    /// A socket for datagrams within this machine.
    UnixDatagram,
    /// An end of a pipe.
    Pipe,
    /// A listener to a signal, by the signal's number.
    Signal(i32),
}

/// With its article.
///
/// ```
/// use runtime::trace::SourceKind;
///
/// assert_eq!(SourceKind::TcpStream.to_string(), "a TCP stream");
/// assert_eq!(SourceKind::Signal(15).to_string(), "signal 15");
/// ```
impl fmt::Display for SourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SourceKind::TcpListener => "a TCP listener",
            SourceKind::TcpStream => "a TCP stream",
            SourceKind::UdpSocket => "a UDP socket",
            SourceKind::UnixListener => "a Unix listener",
            SourceKind::UnixStream => "a Unix stream",
            SourceKind::UnixDatagram => "a Unix datagram socket",
            SourceKind::Pipe => "a pipe",
            SourceKind::Signal(number) => return write!(f, "signal {number}"),
        })
    }
}
