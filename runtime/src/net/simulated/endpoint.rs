//! The sockets as the network keeps them: one end of a connection, a listener, a UDP socket. And what an end
//! answers by itself.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::Weak;
use std::time::Duration;

use mio::Token;

use super::deed::Deed;
use crate::base::os_error::os_error;
use crate::machine::reactor::News;

/// The place of a host in the list of them.
pub(crate) type HostId = usize;

/// The number of a socket. None is used twice.
pub(super) type Id = u64;

/// How many bytes may be on their way to a program that does not read.
pub(super) const BUFFER: usize = 64 * 1024;

/// One end of a connection.
pub(super) struct End {
    pub(super) host: HostId,
    pub(super) local: SocketAddr,
    pub(super) remote: SocketAddr,
    pub(super) stage: Stage,
    pub(super) other: Option<Id>,
    pub(super) other_host: HostId,
    pub(super) token: Option<Token>,
    /// Because of which deed it was last told something while it had no token.
    pub(super) early: Option<Deed>,
    /// What has arrived and was not read.
    pub(super) received: VecDeque<u8>,
    /// No more can be read than what is there: the other end has ended its direction, or this one's program the reading.
    pub(super) end_received: bool,
    /// The other end has ended its direction.
    pub(super) other_ended: bool,
    /// Told once, by whichever call comes first.
    pub(super) error: Option<io::ErrorKind>,
    pub(super) wire: VecDeque<Segment>,
    /// When the last segment on the wire arrives.
    pub(super) arrives: Duration,
    pub(super) end_sent: bool,
    /// Bytes that were written, and not yet read at the other end.
    pub(super) unread: usize,
    pub(super) wants_room: bool,
    /// The other end is asked whether it is there; how often no answer came.
    pub(super) probing: bool,
    pub(super) probes: u32,
    /// What has arrived is sent again, because no answer gets through; how often it was.
    pub(super) repeating: bool,
    pub(super) unheard: u32,
    /// How often the first segment, or the request, was lost.
    pub(super) lost: u32,
    pub(super) dropped: bool,
    /// How often the wire was cut. What was put down for an earlier one is out of date.
    pub(super) round: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Connecting,
    Open,
    Gone,
}

pub(super) struct Segment {
    /// When it arrives, if it is not lost.
    pub(super) arrives: Duration,
    pub(super) what: What,
    /// The deed that sent it.
    pub(super) from: Option<Deed>,
}

pub(super) enum What {
    Data(Vec<u8>),
    End,
    Reset,
}

/// A socket that listens.
pub(super) struct Listener {
    pub(super) host: HostId,
    pub(super) local: SocketAddr,
    pub(super) token: Option<Token>,
    pub(super) backlog: usize,
    pub(super) queue: VecDeque<Id>,
}

/// The address of a socket that does not listen or connect yet. A program may have that socket on any thread.
pub(super) struct Held {
    pub(super) host: HostId,
    pub(super) local: SocketAddr,
    pub(super) shares: bool,
    pub(super) alive: Weak<()>,
}

/// A UDP socket.
pub(super) struct Datagrams {
    pub(super) host: HostId,
    pub(super) local: SocketAddr,
    pub(super) peer: Option<SocketAddr>,
    pub(super) token: Option<Token>,
    pub(super) queue: VecDeque<(SocketAddr, Vec<u8>)>,
    /// The peer's host has said that no socket is at its address.
    pub(super) refused: bool,
}

impl End {
    pub(super) fn new(near: (HostId, SocketAddr), far: (HostId, SocketAddr), stage: Stage) -> End {
        End {
            host: near.0,
            local: near.1,
            remote: far.1,
            stage,
            other: None,
            other_host: far.0,
            token: None,
            early: None,
            received: VecDeque::new(),
            end_received: false,
            other_ended: false,
            error: None,
            wire: VecDeque::new(),
            arrives: Duration::ZERO,
            end_sent: false,
            unread: 0,
            wants_room: false,
            probing: false,
            probes: 0,
            repeating: false,
            unheard: 0,
            lost: 0,
            dropped: false,
            round: 0,
        }
    }

    /// What is ready now, for a reactor that has not heard of this socket yet.
    pub(super) fn ready(&self) -> News {
        let (open, gone) = (self.stage == Stage::Open, self.stage == Stage::Gone);
        News {
            read: !self.received.is_empty(),
            read_end: self.end_received || gone,
            write: open && self.unread < BUFFER,
            write_end: gone,
            ..News::NOTHING
        }
    }

    /// Copies what has arrived, as far as there is room; returns how many bytes.
    pub(super) fn copy_to(&self, buffers: &mut [io::IoSliceMut<'_>]) -> usize {
        let (first, second) = self.received.as_slices();
        let mut rest = [first, second];
        let mut moved = 0;
        for buffer in buffers {
            let mut room = &mut buffer[..];
            for bytes in &mut rest {
                let len = bytes.len().min(room.len());
                let (here, there) = room.split_at_mut(len);
                here.copy_from_slice(&bytes[..len]);
                (*bytes, room) = (&bytes[len..], there);
                moved += len;
            }
        }
        moved
    }

    /// What a read that finds nothing says.
    pub(super) fn nothing_to_read(&mut self) -> io::Result<usize> {
        // The end is told before an error that came after it, as Linux does.
        if self.end_received {
            return Ok(0);
        }
        if let Some(error) = self.error.take() {
            return Err(os_error(error));
        }
        match self.stage == Stage::Gone {
            true => Ok(0),
            false => Err(os_error(io::ErrorKind::WouldBlock)),
        }
    }

    /// Whether a write would have a meaning.
    pub(super) fn may_write(&mut self) -> io::Result<()> {
        if let Some(error) = self.error.take() {
            return Err(os_error(error));
        }
        match self.stage {
            Stage::Connecting => Err(os_error(io::ErrorKind::WouldBlock)),
            Stage::Gone => Err(os_error(io::ErrorKind::BrokenPipe)),
            Stage::Open if self.end_sent => Err(os_error(io::ErrorKind::BrokenPipe)),
            Stage::Open => Ok(()),
        }
    }
}

impl Segment {
    pub(super) fn is_reset(&self) -> bool {
        matches!(self.what, What::Reset)
    }
}

/// A socket of a host that has crashed.
pub(super) fn gone() -> io::Error {
    io::Error::new(
        io::ErrorKind::NotConnected,
        "the host of this simulated socket has crashed",
    )
}
