//! Where a connection is in its life; the picture is in the room's front page.

use crate::ws::codec::violation::Violation;

/// Where a connection is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Messages travel both ways.
    Open,
    /// We have sent a close frame and wait for the peer's.
    Closing,
    /// Both sides have said their last, or the peer may say no more.
    Goodbye(Goodbye, Option<Violation>),
    /// It is over.
    Ended,
}

/// How a connection is brought to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goodbye {
    /// What waits is written.
    Write,
    /// Our direction of the stream is closed.
    Close,
    /// What the peer still sends is thrown away, until it ends its direction. A stream that is
    /// dropped with unread bytes resets the connection, and the peer may never see the last of
    /// what we sent.
    Linger,
}
