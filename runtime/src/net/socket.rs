//! What every socket is made of, and what is the same for all of them.
//!
//! A socket of this crate has one field: its [`Registration`], which holds the operating system's
//! object and knows when to try it. `TcpStream` is written out, for the reader; the other sockets
//! are made from the same parts, and each part is written once:
//!
//! | part | what a socket gets from it |
//! |---|---|
//! | here: constructors of `Registration` | its place in the reactor: connecting, accepted, listening |
//! | here: `source!`, `of_std!`, `tells!` | its text and descriptor; the way from the standard library's socket, and back; addresses, errors |
//! | `readiness.rs` | waiting until it is ready, trying without waiting |
//! | `bytes.rs`, `half.rs` | reading and writing a stream; its two directions, apart |
//! | `datagrams.rs` | sending and receiving messages |
//! | `listener.rs`, `options.rs` | accepting connections; settings |
//!
//! What is generic over the operating system's object is a method of `Registration`. A public
//! method cannot be: Tokio has it on each socket. So a macro writes it there, with its
//! documentation. (A line of an example that is given to a macro keeps the space before it. Where
//! the fence has a second one, Markdown takes it away.)
//!
//! How it can go wrong: the standard library's sockets begin in **blocking** mode. A read that
//! finds nothing then waits in the operating system, and stops every other task of this thread for
//! as long as the peer pleases. So a socket that is handed over is asked for its mode first. (Tokio
//! asks too, and panics, in debug builds.) And a descriptor that is lent to another library is read
//! or written without the reactor's knowledge: what the reactor remembers as ready may be so no
//! more. The next attempt corrects that; `try_io` is the way to do such a thing.

use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::machine::context;
use crate::machine::reactor::{Interest, Kind, Registration};
use crate::trace::{Direction, Line, emit, with_line};

impl<S: Kind> Registration<S> {
    /// A socket that can be written to from the start: it is connected, or sends datagrams.
    #[track_caller]
    pub(super) fn writable(io: S, at: Line) -> io::Result<Registration<S>> {
        let registration = Registration::new(context::reactor(), io, at)?;
        registration.assume_ready(Direction::Write);
        Ok(registration)
    }

    /// A connection that was accepted. The client has probably sent something, so the first read
    /// is tried at once.
    #[track_caller]
    pub(super) fn accepted(io: S, at: Line) -> io::Result<Registration<S>> {
        let registration = Registration::writable(io, at)?;
        registration.assume_ready(Direction::Read);
        Ok(registration)
    }

    /// A source with one direction: a listener, an end of a pipe.
    #[track_caller]
    pub(super) fn one_way(io: S, want: Direction, at: Line) -> io::Result<Registration<S>> {
        let interest = match want {
            Direction::Read => mio::Interest::READABLE,
            Direction::Write => mio::Interest::WRITABLE,
        };
        Registration::with_interest(context::reactor(), io, interest, at)
    }

    /// Waits until a connection that was begun is there. The socket becomes writable when it is,
    /// and also when it failed, which its error tells. A system that is made
    /// odd may say that it is writable although it is not; then it has no peer yet. (Elsewhere the peer is not asked for: a
    /// socket of Linux that sends its first bytes along with its wish to connect is writable, and has none.)
    pub(super) async fn connecting<A>(
        io: S,
        take_error: impl Fn(&S) -> io::Result<Option<io::Error>>,
        peer_addr: impl Fn(&S) -> io::Result<A>,
        at: Line,
    ) -> io::Result<Registration<S>> {
        let registration = Registration::new(context::reactor(), io, at)?;
        loop {
            let ready = registration.readiness(Interest::WRITABLE).await?;
            let refused = take_error(registration.io())?;
            emit!(registration.trace() => refused.iter().for_each(|it| registration.report_refused(it)));
            if let Some(error) = refused {
                return Err(error);
            }
            let is_true = !cfg!(feature = "sim") || has_peer(peer_addr(registration.io()));
            let is_there = ready.is_write_closed() || is_true;
            emit!(is_there, registration.trace() => registration.report_connected());
            if is_there {
                return Ok(registration);
            }
            registration.is_not_ready(Direction::Write);
        }
    }
}

/// Whether a socket is connected, by its peer's address.
fn has_peer<A>(addr: io::Result<A>) -> bool {
    !matches!(addr, Err(error) if error.kind() == io::ErrorKind::NotConnected)
}

/// The socket's text is that of what it registered; so is its descriptor.
macro_rules! source {
    ($Socket:ident) => {
        impl std::fmt::Debug for $Socket {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.registration.io().fmt(f)
            }
        }

        #[cfg(unix)]
        impl std::os::fd::AsFd for $Socket {
            fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
                self.registration.io().as_fd()
            }
        }

        #[cfg(unix)]
        impl std::os::fd::AsRawFd for $Socket {
            fn as_raw_fd(&self) -> std::os::fd::RawFd {
                self.registration.io().as_raw_fd()
            }
        }
    };
}
pub(super) use source;

/// The way from the standard library's socket, which `$register` registers, and back to it.
macro_rules! of_std {
    ($Socket:ident, $OfStd:ty, $register:path, $noun:literal) => {
        impl $Socket {
            #[doc = concat!("A ", $noun, " of the standard library's, which must be non-blocking.")]
            ///
            /// # Errors
            ///
            /// If it is in blocking mode, or the reactor cannot take it.
            ///
            /// # Panics
            ///
            /// If there is no runtime on this thread, or it was built without
            /// [`enable_io`](crate::runtime::Builder::enable_io).
            #[track_caller]
            pub fn from_std(of_std: $OfStd) -> std::io::Result<$Socket> {
                let at = std::panic::Location::caller();
                $register($crate::net::system::$Socket::from_std(of_std), at)
                    .and_then($crate::net::socket::refuse_blocking)
            }

            #[doc = concat!("The standard library's ", $noun, ", out of the reactor, and still")]
            /// non-blocking.
            ///
            /// # Errors
            ///
            /// If the reactor cannot let go of it.
            pub fn into_std(self) -> std::io::Result<$OfStd> {
                self.registration
                    .into_inner()
                    .and_then($crate::net::system::into_std)
            }
        }

        impl TryFrom<$OfStd> for $Socket {
            type Error = std::io::Error;

            #[doc = concat!("As [`", stringify!($Socket), "::from_std`].")]
            #[track_caller]
            fn try_from(of_std: $OfStd) -> std::io::Result<$Socket> {
                $Socket::from_std(of_std)
            }
        }
    };
}
pub(super) use of_std;

/// What a socket can be asked for, with its kind of address.
macro_rules! tells {
    ($Socket:ident, $Addr:ty: $($what:ident),*) => {
        impl $Socket {
            $($crate::net::socket::tells!(@$what $Addr);)*
        }
    };
    (@local_addr $Addr:ty) => {
        /// The socket's own address.
        ///
        /// # Errors
        ///
        /// Those of the operating system.
        pub fn local_addr(&self) -> std::io::Result<$Addr> {
            self.registration.io().local_addr().map(Into::into)
        }
    };
    (@peer_addr $Addr:ty) => {
        /// The address that the socket is connected to.
        ///
        /// # Errors
        ///
        /// If it is not connected, or no longer; else those of the operating system.
        pub fn peer_addr(&self) -> std::io::Result<$Addr> {
            self.registration.io().peer_addr().map(Into::into)
        }
    };
    (@take_error $Addr:ty) => {
        /// The error that the socket has met since the last call, if any.
        ///
        /// # Errors
        ///
        /// Those of asking.
        pub fn take_error(&self) -> std::io::Result<Option<std::io::Error>> {
            self.registration.io().take_error()
        }
    };
}
pub(super) use tells;

/// The socket itself, or an error if it would block the thread.
#[cfg(unix)]
pub(super) fn refuse_blocking<S: std::os::fd::AsFd>(socket: S) -> io::Result<S> {
    match socket2::SockRef::from(&socket).nonblocking()? {
        true => Ok(socket),
        false => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the socket is in blocking mode, and would stop every task of this thread: \
             call set_nonblocking(true) on it first",
        )),
    }
}

/// Elsewhere the mode cannot be asked for.
#[cfg(not(unix))]
pub(super) fn refuse_blocking<S>(socket: S) -> io::Result<S> {
    Ok(socket)
}

pin_project! {
    /// See [`with_caller`].
    pub(super) struct WithCaller<F> {
        #[pin]
        future: F,
        at: &'static Location<'static>,
    }
}

/// `future`, with the caller's location around each of its polls.
///
/// An event says which line of the program waits. The registration cannot know it: it is called
/// from a future that the executor polls. So each method that is awaited is `#[track_caller]`, and
/// wraps its future in this. Unobserved, that costs the test of a flag.
#[inline]
#[track_caller]
pub(super) fn with_caller<F: Future>(future: F) -> WithCaller<F> {
    let at = Location::caller();
    WithCaller { future, at }
}

impl<F: Future> Future for WithCaller<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let me = self.project();
        with_line(me.at, || me.future.poll(cx))
    }
}
