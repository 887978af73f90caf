//! Accepting connections, for as long as the server goes on.
//!
//! Accept a connection, make a task of it, accept the next. Two things deserve a thought.
//!
//! **How many.** Each connection costs a file descriptor and some memory, and a stranger can
//! open as many as they like. So there is a most. When it is reached, a newcomer takes the
//! place of the connection that has been idle longest: most clients keep a connection long
//! after they have any use for it. (How strangers are kept from taking all places in this way
//! is told in `idle`.) If no connection is idle, the newcomer waits. The loop
//! holds this one newcomer, and those who come after it wait in the kernel's queue, which is
//! bounded too. To accept and to hang up would be quicker, and ruder.
//!
//! **When accepting fails.** Either something is wrong with one connection (it was gone
//! before we took it), and then the next one is waiting already. Or something is wrong with
//! us, most often that the process has no file descriptor left (the most allowed leaves it
//! some, but files and other sockets need them as well). Then the connection *stays
//! in the kernel's queue*, the socket remains ready, and a loop that tries again at once
//! turns as fast as the processor can, just when the machine is short of everything. So
//! the loop closes the connection that has been idle longest, rests for a moment on a timer,
//! and says on standard error what it lacks (once a minute at most). As soon as there is
//! something to accept with, it goes on. An error that it does not know makes it rest too, but
//! costs no client its connection.
//!
//! **When the server stops** while a newcomer waits for its place, the newcomer is
//! accepted and is no connection of the endpoint yet. To drop it would be an error to its
//! client. So it is started as the last one: a request that has come is answered, and without one the
//! connection ends cleanly, as that of any client that is idle at that moment.

use std::cell::Cell;
use std::fmt;
use std::io;
use std::time::Duration;

use runtime::time::{Instant, sleep};
use rustix::io::Errno;

use super::listener::{Listener, REST};
use super::make_service::{IncomingStream, MakeService};
use crate::console;
use crate::h1::Endpoint;
use crate::shortage::is_shortage;

/// How a complaint begins.
const CANNOT: &str = "cannot accept connections for now";

/// A connection that has been accepted and not begun.
pub(super) type Newcomer<L, M> = (<L as Listener>::Io, <M as MakeService<L>>::Mark);

/// Accepts for ever, while fewer than `most` connections are open. A newcomer that has no place
/// yet stands in `waiting`: if this future is dropped, it is still there.
pub(super) async fn accept<L: Listener, M: MakeService<L>>(
    listener: &mut L,
    endpoint: &Endpoint<M::Service>,
    most: usize,
    waiting: &Cell<Option<Newcomer<L, M>>>,
) {
    let (mut full, mut shortage, mut unknown) =
        (Trouble::default(), Trouble::default(), Trouble::default());
    loop {
        let error = match listener.try_accept().await {
            Ok((io, addr)) => {
                if endpoint.open_connections() >= most {
                    full.report(format_args!(
                        "{most} connections are open, and no more are allowed: idle ones are \
                         closed for newcomers"
                    ));
                }
                let mark = M::mark(IncomingStream::new(&io, addr));
                waiting.set(Some((io, mark)));
                endpoint.room(most).await;
                start_waiting::<L, M>(waiting, endpoint);
                continue;
            }
            Err(error) => error,
        };
        match Cause::of(&error) {
            Cause::Connection => continue,
            Cause::Shortage => {
                shortage.report(format_args!("{CANNOT}: {error}"));
                endpoint.close_longest_idle();
            }
            Cause::Unknown => unknown.report(format_args!("{CANNOT}: {error}")),
        }
        sleep(REST).await;
    }
}

/// Serves the newcomer that waited for a place, if there is one.
pub(super) fn start_waiting<L: Listener, M: MakeService<L>>(
    waiting: &Cell<Option<Newcomer<L, M>>>,
    endpoint: &Endpoint<M::Service>,
) {
    let Some((io, mark)) = waiting.take() else {
        return;
    };
    L::prepare(&io);
    // The task ends by itself; the server does not ask why it ended.
    let connection = endpoint.marked_connection(io, mark).with_reset(L::reset);
    runtime::task::spawn_detached(connection);
}

/// What an error of accepting is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    /// One connection, or its network: the next one may be fine.
    Connection,
    /// The process or the system lacks something, and an idle connection could give it back.
    Shortage,
    /// Perhaps the listener itself, or a rule of the system that leaves the connection in the
    /// queue (EPERM). It may come again at once, so the loop rests; but to close a connection would
    /// not help.
    Unknown,
}

impl Cause {
    fn of(error: &io::Error) -> Cause {
        match Errno::from_io_error(error) {
            _ if is_shortage(error) => Cause::Shortage,
            // What Linux hands on of a new connection's network errors (accept(2)).
            Some(
                Errno::CONNABORTED
                | Errno::CONNRESET
                | Errno::CONNREFUSED
                | Errno::INTR
                | Errno::PROTO
                | Errno::NOPROTOOPT
                | Errno::NETDOWN
                | Errno::NETUNREACH
                | Errno::HOSTDOWN
                | Errno::HOSTUNREACH,
            ) => Cause::Connection,
            // A listener that is not the system's may know the kind only.
            None if is_of_connection(error.kind()) => Cause::Connection,
            _ => Cause::Unknown,
        }
    }
}

fn is_of_connection(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        kind,
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

/// Sees to it that a difficulty of one kind is reported once a minute and not ten times a
/// second. At the limit it comes and goes with each connection that closes, so its end is not
/// reported.
#[derive(Default)]
struct Trouble {
    reported: Option<Instant>,
}

impl Trouble {
    fn report(&mut self, reason: fmt::Arguments<'_>) {
        if self.is_due() {
            console::stderr().print(format!("server: {reason}\n"));
        }
    }

    fn is_due(&mut self) -> bool {
        const SELDOM: Duration = Duration::from_secs(60);
        let due = self
            .reported
            .is_none_or(|moment| moment.elapsed() >= SELDOM);
        if due {
            self.reported = Some(Instant::now());
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(errno: Errno) -> Cause {
        Cause::of(&io::Error::from(errno))
    }

    #[test]
    fn only_what_the_process_lacks_costs_an_idle_client_its_place() {
        for errno in [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM] {
            assert_eq!(cause(errno), Cause::Shortage, "{errno}");
        }
        // What accept(2) hands on of the network's errors.
        for errno in [
            Errno::CONNABORTED,
            Errno::CONNRESET,
            Errno::INTR,
            Errno::PROTO,
            Errno::NETDOWN,
            Errno::NETUNREACH,
            Errno::HOSTDOWN,
            Errno::HOSTUNREACH,
            Errno::NOPROTOOPT,
        ] {
            assert_eq!(cause(errno), Cause::Connection, "{errno}");
        }
        for errno in [Errno::INVAL, Errno::BADF, Errno::NOTSOCK, Errno::PERM] {
            assert_eq!(cause(errno), Cause::Unknown, "{errno}");
        }
        let by_kind = |kind| Cause::of(&io::Error::new(kind, "not the system's"));
        assert_eq!(by_kind(io::ErrorKind::ConnectionReset), Cause::Connection);
        assert_eq!(by_kind(io::ErrorKind::InvalidData), Cause::Unknown);
    }

    #[runtime::test(start_paused = true)]
    async fn each_trouble_is_reported_once_a_minute() {
        let mut full = Trouble::default();
        let mut other = Trouble::default();
        assert!(full.is_due() && !full.is_due());
        assert!(other.is_due(), "another cause");
        sleep(Duration::from_secs(59)).await;
        assert!(!full.is_due());
        sleep(Duration::from_secs(1)).await;
        assert!(full.is_due() && other.is_due());
    }
}
