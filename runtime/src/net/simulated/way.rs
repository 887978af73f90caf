//! How a `TcpSocket` gets an address, and begins to listen or to connect, in a simulation.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::OnceLock;

use socket2::Socket;

use super::network::State;
use super::socket::{Simulated, TcpListener, TcpStream};
use super::{Host, current};
use crate::net::by_system;
use crate::trace::SourceKind;

/// The system's way, unless the thread runs a host. Another socket of the host may still take the address, until this
/// one listens or connects.
pub(crate) struct Way {
    bound: OnceLock<SocketAddr>,
}

impl Way {
    pub(crate) fn new() -> Way {
        Way {
            bound: OnceLock::new(),
        }
    }

    pub(crate) fn bind(&self, socket: &Socket, addr: SocketAddr) -> io::Result<()> {
        let Some(host) = current() else {
            return by_system::Way::new().bind(socket, addr);
        };
        let addr = host
            .network
            .state
            .borrow_mut()
            .free_to_listen(host.id, addr)?;
        let bound = self.bound.set(addr);
        bound.map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "the socket has an address"))
    }

    pub(crate) fn local_addr(&self, socket: &Socket) -> io::Result<SocketAddr> {
        match self.bound.get() {
            Some(&addr) => Ok(addr),
            None => by_system::Way::new().local_addr(socket),
        }
    }

    pub(crate) fn listen(&self, socket: Socket, backlog: i32) -> io::Result<TcpListener> {
        let Some(Host { network, id }) = current() else {
            let listening = by_system::Way::new().listen(socket, backlog);
            return listening.map(TcpListener::System);
        };
        let any = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0);
        let addr = self.bound.get().copied().unwrap_or(any);
        let backlog = usize::try_from(backlog).unwrap_or(0);
        let listen = |state: &mut State| state.listen(id, addr, backlog);
        let simulated = Simulated::new(network, SourceKind::TcpListener, socket, listen)?;
        Ok(TcpListener::Simulated(Box::new(simulated)))
    }

    pub(crate) fn connect(&self, socket: Socket, to: SocketAddr) -> io::Result<TcpStream> {
        let Some(Host { network, id }) = current() else {
            let connecting = by_system::Way::new().connect(socket, to);
            return connecting.map(TcpStream::System);
        };
        let from = self.bound.get().copied();
        let connect = |state: &mut State| state.connect(id, from, to);
        let simulated = Simulated::new(network, SourceKind::TcpStream, socket, connect)?;
        Ok(TcpStream::Simulated(Box::new(simulated)))
    }
}
