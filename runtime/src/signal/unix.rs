//! Listening to any of Unix's signals.
//!
//! A listener is the reading end of a pipe: the handler writes a byte to the other end, the reactor
//! sees this one become readable, and `recv` empties it. (The room's heading tells why.) How often
//! the signal came meanwhile is not counted.
//!
//! How it can go wrong: a pipe that nothing empties is full at some time, and a handler that blocked
//! on it would stop the whole process. So both ends are non-blocking: a full pipe says all that one
//! more byte would say.

use std::ffi::c_int;
use std::fmt;
use std::future::{Future, poll_fn};
use std::io::{self, Read};
use std::ops::RangeInclusive;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::panic::Location;
use std::task::{Context, Poll, ready};

use mio::{Interest, Registry, Token};
use signal_hook::consts;
use signal_hook::low_level::{pipe, unregister};

#[cfg(feature = "sim")]
use super::simulated;
use crate::machine::context;
use crate::machine::reactor::{Kind, Registration};
use crate::trace::{Direction, SourceKind, with_line};

/// Which signal.
///
/// ```
/// use runtime::signal::unix::SignalKind;
///
/// assert_eq!(SignalKind::terminate().as_raw_value(), 15);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SignalKind(c_int);

macro_rules! kinds {
    ($($name:ident $number:ident $what:literal;)*) => {$(
        #[doc = concat!($what, " (", stringify!($number), ").")]
        #[must_use]
        pub const fn $name() -> SignalKind {
            SignalKind(consts::$number)
        }
    )*};
}

impl SignalKind {
    kinds! {
        alarm SIGALRM "A timer of the process has run out";
        child SIGCHLD "A child process has stopped or ended";
        hangup SIGHUP "The terminal is gone; by custom: read your configuration again";
        interrupt SIGINT "The user pressed Ctrl-C";
        io SIGIO "A descriptor that was asked to say so can be read or written";
        pipe SIGPIPE "The process wrote to a pipe that has no reader";
        quit SIGQUIT "The process is asked to end with a dump of its memory";
        terminate SIGTERM "The process is asked to end";
        user_defined1 SIGUSR1 "Whatever the program takes it for";
        user_defined2 SIGUSR2 "Whatever the program takes it for";
        window_change SIGWINCH "The terminal's window has another size";
    }

    /// The program is asked how far it is (SIGINFO; Ctrl-T on a terminal).
    #[cfg(any(
        target_os = "dragonfly",
        target_os = "freebsd",
        target_os = "macos",
        target_os = "netbsd",
        target_os = "openbsd"
    ))]
    #[must_use]
    pub const fn info() -> SignalKind {
        SignalKind(consts::SIGINFO)
    }

    /// A signal by its number.
    ///
    /// ```
    /// use runtime::signal::unix::SignalKind;
    /// assert_eq!(SignalKind::from_raw(2), SignalKind::interrupt());
    /// ```
    #[must_use]
    pub const fn from_raw(number: c_int) -> SignalKind {
        SignalKind(number)
    }

    /// The signal's number.
    #[must_use]
    pub const fn as_raw_value(&self) -> c_int {
        self.0
    }
}

impl From<c_int> for SignalKind {
    /// As [`SignalKind::from_raw`].
    fn from(number: c_int) -> SignalKind {
        SignalKind::from_raw(number)
    }
}

impl From<SignalKind> for c_int {
    /// As [`SignalKind::as_raw_value`].
    fn from(kind: SignalKind) -> c_int {
        kind.as_raw_value()
    }
}

/// Listens to a signal from now on, for as long as the result lives.
///
/// A host of a [simulation](crate::sim) hears the signals that the test sends it, and no other.
///
/// # Errors
///
/// If the signal cannot be listened to (SIGKILL, SIGSTOP, and those by which the machine
/// reports a fault), or the process is out of descriptors.
///
/// # Panics
///
/// If there is no runtime on this thread, or it was built without
/// [`enable_io`](crate::runtime::Builder::enable_io).
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::signal::unix::{SignalKind, signal};
///
/// let mut user = signal(SignalKind::user_defined1())?;
/// signal_hook::low_level::raise(SignalKind::user_defined1().as_raw_value())?;
/// assert_eq!(user.recv().await, Some(()));
/// # Ok(()) }
/// ```
#[track_caller]
pub fn signal(kind: SignalKind) -> io::Result<Signal> {
    let at = Location::caller();
    if consts::FORBIDDEN.contains(&kind.0) {
        return Err(refused(kind, "a program cannot, or must not"));
    }
    context::ask_for_descriptor()?;
    let (reader, writer) = UnixStream::pair()?;
    reader.set_nonblocking(true)?;
    writer.set_nonblocking(true)?;
    let reader = Ear {
        pipe: mio::net::UnixStream::from_std(reader),
        signal: kind.0,
    };
    let interest = Interest::READABLE;
    let pipe = Registration::with_interest(context::reactor(), reader, interest, at)?;
    let from = from(kind, writer)?;
    Ok(Signal { pipe, from })
}

/// Has the signal write into this end of the pipe.
fn from(kind: SignalKind, writer: UnixStream) -> io::Result<Origin> {
    #[cfg(feature = "sim")]
    let writer = match simulated::hear(kind.0, writer) {
        Ok(heard) => return Ok(Origin::Simulation(heard)),
        Err(writer) => writer,
    };
    let id = pipe::register(kind.0, OwnedFd::from(writer)).map_err(|error| {
        match NUMBERS.contains(&kind.0) {
            // The kernel keeps some signals to itself, or the C library does (32 and 33).
            true => io::Error::new(error.kind(), refused(kind, error)),
            false => refused(kind, error),
        }
    })?;
    Ok(Origin::System(id))
}

/// Where the signal comes from.
enum Origin {
    System(signal_hook::SigId),
    /// The end of the pipe into which the simulation writes.
    #[cfg(feature = "sim")]
    Simulation(#[allow(dead_code, reason = "it keeps the pipe open")] simulated::Heard),
}

/// The numbers that signals have.
const NUMBERS: RangeInclusive<c_int> = 1..=if cfg!(target_os = "linux") { 64 } else { 33 };

/// The error has Tokio's kind.
fn refused(kind: SignalKind, why: impl fmt::Display) -> io::Error {
    io::Error::other(format!("signal {} cannot be listened to: {why}", kind.0))
}

/// Hears a signal; made by [`signal`].
pub struct Signal {
    pipe: Registration<Ear>,
    from: Origin,
}

impl Signal {
    /// Waits for the signal. It is never `None` (Tokio's signature has room for an end that
    /// does not come).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a signal that was not returned is returned by the next call.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::signal::unix::{SignalKind, signal};
    ///
    /// let mut window = signal(SignalKind::window_change())?;
    /// signal_hook::low_level::raise(SignalKind::window_change().as_raw_value())?;
    /// window.recv().await;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn recv(&mut self) -> impl Future<Output = Option<()>> {
        let at = Location::caller();
        poll_fn(move |cx| with_line(at, || self.poll_recv(cx)))
    }

    /// As [`recv`](Signal::recv), for a `poll` that is written by hand.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<()>> {
        let (want, all) = (Direction::Read, usize::MAX);
        match ready!(
            self.pipe
                .poll_transfer(want, cx, all, |ear| drain(&ear.pipe))
        ) {
            Ok(_) => Poll::Ready(Some(())),
            // Only a runtime that has been shut down makes a pipe fail: nothing will come.
            Err(_) => Poll::Ready(None),
        }
    }
}

/// The end of the pipe that is listened at, and for which signal.
struct Ear {
    pipe: mio::net::UnixStream,
    signal: c_int,
}

impl Kind for Ear {
    fn kind(&self) -> SourceKind {
        SourceKind::Signal(self.signal)
    }
}

impl mio::event::Source for Ear {
    fn register(
        &mut self,
        registry: &Registry,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        self.pipe.register(registry, token, interests)
    }

    fn reregister(
        &mut self,
        registry: &Registry,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        self.pipe.reregister(registry, token, interests)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.pipe.deregister(registry)
    }
}

/// Empties the pipe: however often the signal came, it is received once.
fn drain(mut pipe: impl Read) -> io::Result<usize> {
    let mut bytes = [0; 64];
    let mut total = 0;
    loop {
        match pipe.read(&mut bytes) {
            Ok(0) => return Ok(total),
            Ok(count) => total += count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && total > 0 => {
                return Ok(total);
            }
            // What was read so far must not be forgotten.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

impl Drop for Signal {
    fn drop(&mut self) {
        match self.from {
            Origin::System(id) => drop(unregister(id)),
            #[cfg(feature = "sim")]
            Origin::Simulation(_) => {}
        }
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signal").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pipe with one byte, whose second read a signal interrupts.
    struct Interrupted(u8);

    impl Read for Interrupted {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            self.0 += 1;
            match self.0 {
                1 => {
                    bytes[0] = 1;
                    Ok(1)
                }
                2 => Err(io::ErrorKind::Interrupted.into()),
                _ => Err(io::ErrorKind::WouldBlock.into()),
            }
        }
    }

    #[test]
    fn a_signal_that_was_read_is_not_forgotten_when_another_interrupts() {
        assert_eq!(drain(Interrupted(0)).unwrap(), 1);
    }
}
