//! How a `TcpSocket` gets an address, and begins to listen or to connect, in a simulation.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};

use socket2::Socket;

use super::network::State;
use super::socket::{Simulated, TcpListener, TcpStream};
use super::{Host, current};
use crate::net::by_system;
use crate::trace::SourceKind;

/// The system's way, unless the thread runs a host.
pub(crate) struct Way {
    /// Its address, and what tells the network that the socket still has it.
    bound: OnceLock<(SocketAddr, Arc<()>)>,
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
        if self.bound.get().is_some() {
            let kind = io::ErrorKind::InvalidInput;
            return Err(io::Error::new(kind, "the socket has an address"));
        }
        let (shares, alive) = (socket.reuse_address()?, Arc::new(()));
        let mut state = host.network.state.borrow_mut();
        let addr = state.hold(host.id, addr, shares, &alive)?;
        let _ = self.bound.set((addr, alive));
        Ok(())
    }

    pub(crate) fn local_addr(&self, socket: &Socket) -> io::Result<SocketAddr> {
        match self.bound.get() {
            Some(&(addr, _)) => Ok(addr),
            None => by_system::Way::new().local_addr(socket),
        }
    }

    pub(crate) fn listen(&self, socket: Socket, backlog: i32) -> io::Result<TcpListener> {
        let Some(Host { network, id }) = current() else {
            let listening = by_system::Way::new().listen(socket, backlog);
            return listening.map(TcpListener::System);
        };
        let any = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0);
        let addr = self.bound.get().map_or(any, |&(addr, _)| addr);
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
        let from = self.bound.get().map(|&(addr, _)| addr);
        let connect = |state: &mut State| state.connect(id, from, to);
        let simulated = Simulated::new(network, SourceKind::TcpStream, socket, connect)?;
        Ok(TcpStream::Simulated(Box::new(simulated)))
    }
}
