//! The work: what is measured, written once.
//!
//! A comparison of two runtimes is worth nothing when the two sides run two programs. So each
//! piece of work stands in one file of this folder, in the names that both runtimes share
//! (`spawn`, `sleep`, `yield_now`, `TcpListener`, ...), and that *same file* is compiled once for
//! each side: see `sides/`, where every side includes these files with `#[path]` and supplies the
//! names as `super::rt`. No trait stands between the work and the runtime, so neither side pays
//! for an abstraction, and the types are each runtime's own.
//!
//! What they have in common is here: a [`Bench`], and the few helpers that belong to no side.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::task::Poll;
use std::time::Duration;

/// One contender of one benchmark, ready to run: called with a number of operations it performs
/// them and says what they cost, all together.
pub(crate) type Bench = Box<dyn FnMut(u64) -> Duration>;

/// Gives the thread back once, by waking itself, and goes on at the next poll.
///
/// It stands in for `yield_now` where a loop of leaf operations has to renew its task's budget
/// (128 operations a poll on both sides) and the cost of doing so must be small and equal.
pub(crate) async fn breathe() {
    let mut polled = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut polled, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A small generator of numbers (xorshift), the same sequence for every side and every run.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new() -> Self {
        Self(0x9E37_79B9_7F4A_7C15)
    }

    /// The next number in `low..high`.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        low + self.0 % (high - low)
    }
}

/// Where a server listens: its service, and the port that tells its thread's CPU time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    pub(crate) service: SocketAddr,
    pub(crate) control: SocketAddr,
}

/// Where the Unix socket of a server lies: its path follows from the control port, which no other
/// server has.
pub(crate) fn socket_path(control: SocketAddr) -> PathBuf {
    std::env::temp_dir().join(format!("treadle-bench-{}", control.port()))
}

/// How many routes the large table has.
pub(crate) const TABLE: usize = 100;

/// Bytes by which a WebSocket reads: Treadle's default. The peer's is 128 KiB, all of which it fills with
/// zeros before each read, so a comparison is of equals only if both are told this.
pub(crate) const READ_BUFFER: usize = 4 * 1024;

/// One request.
pub(crate) const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

/// The body of every answer to it.
pub(crate) const HELLO: &str = "Hello, World!";
