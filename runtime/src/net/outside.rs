//! What a socket is to others: a text, a descriptor, and what the standard library calls it.
//!
//! Beneath its registration every socket is a descriptor: a small number, by which the system
//! knows it. Other libraries ask for it, to set an option that this one has no method for, say.
//! It is lent; the socket stays with the reactor, and is closed with the socket.
//!
//! How it can go wrong: who reads from a lent descriptor, or writes to it, goes behind the
//! reactor's back: what it remembers as ready is so no more. It finds out at the next attempt;
//! see `net/by_hand.rs`, whose `try_io` is the way to do such a thing.

use std::fmt;
use std::io;
#[cfg(unix)]
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
#[cfg(unix)]
use std::os::unix::net as of_unix;

#[cfg(unix)]
use crate::net::unix::pipe::{Receiver, Sender};
use crate::net::{TcpListener, TcpStream, UdpSocket};
#[cfg(unix)]
use crate::net::{UnixDatagram, UnixListener, UnixStream};

/// Its text is that of what it registered; so is its descriptor.
macro_rules! has_descriptor {
    ($Socket:ident) => {
        impl fmt::Debug for $Socket {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.registration.io().fmt(f)
            }
        }

        #[cfg(unix)]
        impl AsFd for $Socket {
            fn as_fd(&self) -> BorrowedFd<'_> {
                self.registration.io().as_fd()
            }
        }

        #[cfg(unix)]
        impl AsRawFd for $Socket {
            fn as_raw_fd(&self) -> RawFd {
                self.registration.io().as_raw_fd()
            }
        }
    };
}

/// It can be made of one of the standard library.
macro_rules! is_of_std {
    ($Socket:ident, $of_std:ty) => {
        has_descriptor!($Socket);

        impl TryFrom<$of_std> for $Socket {
            type Error = io::Error;

            #[doc = concat!("As [`", stringify!($Socket), "::from_std`].")]
            #[track_caller]
            fn try_from(of_std: $of_std) -> io::Result<$Socket> {
                $Socket::from_std(of_std)
            }
        }
    };
}

is_of_std!(TcpListener, std::net::TcpListener);
is_of_std!(TcpStream, std::net::TcpStream);
is_of_std!(UdpSocket, std::net::UdpSocket);

#[cfg(unix)]
is_of_std!(UnixListener, of_unix::UnixListener);
#[cfg(unix)]
is_of_std!(UnixStream, of_unix::UnixStream);
#[cfg(unix)]
is_of_std!(UnixDatagram, of_unix::UnixDatagram);

#[cfg(unix)]
has_descriptor!(Receiver);
#[cfg(unix)]
has_descriptor!(Sender);
