//! What programs hold: a socket of the operating system, or a simulated one.
//!
//! These types stand in the place of mio's (see `net/system.rs`), with those of their methods that this
//! crate calls (`tcp.rs`, `udp.rs`). A simulated socket has a socket of the system, too, which is never bound or connected. It keeps
//! the options that the program sets, and it is the descriptor that a program is shown.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use mio::{Interest, Registry, Token};
use socket2::{Domain, SockRef, Socket, Type};

use super::endpoint::{Id, gone};
use super::network::{Network, State};
use crate::machine::reactor::Kind;
use crate::trace::SourceKind;

/// A simulated socket, of whichever kind.
#[allow(unnameable_types, reason = "it is in the types that stand for mio's")]
pub struct Simulated {
    pub(super) network: Rc<Network>,
    pub(super) id: Id,
    kind: SourceKind,
    /// Keeps the options.
    options: Socket,
}

/// What stands in the place of a type of mio.
macro_rules! either {
    ($Socket:ident, $Std:path) => {
        #[allow(unnameable_types, reason = "sealed, as mio's are")]
        pub enum $Socket {
            System(mio::net::$Socket),
            Simulated(Box<Simulated>),
        }

        impl $Socket {
            pub(crate) fn from_std(std: $Std) -> $Socket {
                $Socket::System(mio::net::$Socket::from_std(std))
            }
        }

        impl mio::event::Source for $Socket {
            fn register(&mut self, to: &Registry, token: Token, of: Interest) -> io::Result<()> {
                match self {
                    $Socket::System(system) => system.register(to, token, of),
                    $Socket::Simulated(simulated) => simulated.register(Some(token)),
                }
            }

            fn reregister(&mut self, to: &Registry, token: Token, of: Interest) -> io::Result<()> {
                match self {
                    $Socket::System(system) => system.reregister(to, token, of),
                    $Socket::Simulated(simulated) => simulated.register(Some(token)),
                }
            }

            fn deregister(&mut self, to: &Registry) -> io::Result<()> {
                match self {
                    $Socket::System(system) => system.deregister(to),
                    $Socket::Simulated(simulated) => simulated.register(None),
                }
            }
        }

        impl Kind for $Socket {
            fn kind(&self) -> SourceKind {
                SourceKind::$Socket
            }

            fn short_is_proof(&self) -> bool {
                match self {
                    $Socket::System(system) => system.short_is_proof(),
                    $Socket::Simulated(_) => true,
                }
            }

            #[cfg(any(target_os = "linux", target_os = "android"))]
            fn descriptor(&self) -> Option<i32> {
                match self {
                    $Socket::System(system) => system.descriptor(),
                    $Socket::Simulated(_) => None,
                }
            }
        }

        #[cfg(unix)]
        impl std::os::fd::AsFd for $Socket {
            fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
                match self {
                    $Socket::System(system) => system.as_fd(),
                    $Socket::Simulated(simulated) => simulated.options.as_fd(),
                }
            }
        }

        #[cfg(unix)]
        impl std::os::fd::AsRawFd for $Socket {
            fn as_raw_fd(&self) -> std::os::fd::RawFd {
                std::os::fd::AsRawFd::as_raw_fd(&std::os::fd::AsFd::as_fd(self))
            }
        }

        impl fmt::Debug for $Socket {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $Socket::System(system) => system.fmt(f),
                    $Socket::Simulated(simulated) => simulated.fmt(f),
                }
            }
        }

        impl TryFrom<$Socket> for $Std {
            type Error = &'static str;

            fn try_from(socket: $Socket) -> Result<$Std, &'static str> {
                match socket {
                    $Socket::System(system) => Ok(system.into()),
                    $Socket::Simulated(_) => {
                        Err("a simulated socket cannot become one of the standard library's")
                    }
                }
            }
        }
    };
}

either!(TcpStream, std::net::TcpStream);
either!(TcpListener, std::net::TcpListener);
either!(UdpSocket, std::net::UdpSocket);

/// The standard library's socket of this one.
///
/// # Errors
///
/// If it is simulated.
pub(crate) fn into_std<S, T>(socket: S) -> io::Result<T>
where
    S: TryInto<T, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    let std = socket.try_into();
    std.map_err(|error| io::Error::new(io::ErrorKind::Unsupported, error))
}

impl Simulated {
    /// `make` makes it in the network, or takes it out of a queue.
    pub(super) fn new(
        network: Rc<Network>,
        kind: SourceKind,
        options: Socket,
        make: impl FnOnce(&mut State) -> io::Result<Id>,
    ) -> io::Result<Simulated> {
        let id = make(&mut network.state.borrow_mut())?;
        Ok(Simulated {
            network,
            id,
            kind,
            options,
        })
    }

    /// A socket of the system for the options of one with this kind of address.
    pub(super) fn options(of_type: Type, addr: SocketAddr) -> io::Result<Socket> {
        let socket = Socket::new(Domain::for_address(addr), of_type, None)?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    }

    pub(super) fn with<R>(&self, call: impl FnOnce(&mut State, Id) -> R) -> R {
        call(&mut self.network.state.borrow_mut(), self.id)
    }

    /// Whether the program has asked for broadcast.
    pub(super) fn may_broadcast(&self) -> bool {
        SockRef::from(&self.options).broadcast().unwrap_or(false)
    }

    fn register(&self, token: Option<Token>) -> io::Result<()> {
        self.with(|state, id| match self.kind {
            SourceKind::TcpListener => state.register_listener(id, token),
            SourceKind::UdpSocket => state.register_datagrams(id, token),
            _ => state.register_end(id, token),
        });
        Ok(())
    }

    pub(super) fn local_addr(&self) -> io::Result<SocketAddr> {
        let addr = self.with(|state, id| match self.kind {
            SourceKind::TcpListener => state.listeners.get(&id).map(|it| it.local),
            SourceKind::UdpSocket => state.datagrams.get(&id).map(|it| it.local),
            _ => state.ends.get(&id).map(|it| it.local),
        });
        addr.ok_or_else(gone)
    }
}

impl fmt::Debug for Simulated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulated")
            .field("kind", &self.kind)
            .field("local", &self.local_addr().ok())
            .finish_non_exhaustive()
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        let linger = SockRef::from(&self.options).linger();
        let reset = matches!(linger, Ok(Some(Duration::ZERO)));
        let close = |state: &mut State, id| match self.kind {
            SourceKind::TcpListener => state.stop_listening(id),
            SourceKind::UdpSocket => drop(state.datagrams.remove(&id)),
            _ => state.close(id, reset),
        };
        self.with(|state, id| state.closing(|state| close(state, id)));
    }
}
