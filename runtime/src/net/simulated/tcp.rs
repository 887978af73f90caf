//! A TCP connection and a listener, the system's or simulated: what this crate calls of mio's.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::rc::Rc;

use socket2::Type;

use super::current;
use super::endpoint::gone;
use super::network::State;
use super::socket::{Simulated, TcpListener, TcpStream};
use super::way::Way;
use crate::trace::SourceKind;

/// The backlog of `bind`, as the standard library has it.
const BACKLOG: i32 = 128;

impl TcpStream {
    pub(crate) fn connect(to: SocketAddr) -> io::Result<TcpStream> {
        if current().is_none() {
            return mio::net::TcpStream::connect(to).map(TcpStream::System);
        }
        Way::new().connect(Simulated::options(Type::STREAM, to)?, to)
    }

    pub(crate) fn peek(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            TcpStream::System(system) => system.peek(buffer),
            TcpStream::Simulated(simulated) => {
                simulated.with(|state, id| state.read(id, &mut [IoSliceMut::new(buffer)], true))
            }
        }
    }

    pub(crate) fn take_error(&self) -> io::Result<Option<io::Error>> {
        match self {
            TcpStream::System(system) => system.take_error(),
            TcpStream::Simulated(simulated) => Ok(simulated.with(State::take_error)),
        }
    }

    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        match self {
            TcpStream::System(system) => system.local_addr(),
            TcpStream::Simulated(simulated) => simulated.local_addr(),
        }
    }

    pub(crate) fn peer_addr(&self) -> io::Result<SocketAddr> {
        match self {
            TcpStream::System(system) => system.peer_addr(),
            TcpStream::Simulated(simulated) => simulated.with(|state, id| state.peer_addr(id)),
        }
    }

    pub(crate) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        match self {
            TcpStream::System(system) => system.shutdown(how),
            TcpStream::Simulated(simulated) => simulated.with(|state, id| match how {
                Shutdown::Write => state.end_writing(id),
                Shutdown::Read => state.end_reading(id),
                Shutdown::Both => state.end_reading(id).and(state.end_writing(id)),
            }),
        }
    }
}

impl Read for &TcpStream {
    #[inline]
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            TcpStream::System(system) => (&mut &*system).read(buffer),
            TcpStream::Simulated(_) => self.read_vectored(&mut [IoSliceMut::new(buffer)]),
        }
    }

    fn read_vectored(&mut self, buffers: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        match self {
            TcpStream::System(system) => (&mut &*system).read_vectored(buffers),
            TcpStream::Simulated(simulated) => {
                simulated.with(|state, id| state.read(id, buffers, false))
            }
        }
    }
}

impl Write for &TcpStream {
    #[inline]
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        match self {
            TcpStream::System(system) => (&mut &*system).write(data),
            TcpStream::Simulated(_) => self.write_vectored(&[IoSlice::new(data)]),
        }
    }

    fn write_vectored(&mut self, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            TcpStream::System(system) => (&mut &*system).write_vectored(buffers),
            TcpStream::Simulated(simulated) => simulated.with(|state, id| state.write(id, buffers)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TcpListener {
    pub(crate) fn bind(addr: SocketAddr) -> io::Result<TcpListener> {
        if current().is_none() {
            return mio::net::TcpListener::bind(addr).map(TcpListener::System);
        }
        let (way, options) = (Way::new(), Simulated::options(Type::STREAM, addr)?);
        // As the standard library does on Unix.
        options.set_reuse_address(true)?;
        way.bind(&options, addr)?;
        way.listen(options, BACKLOG)
    }

    pub(crate) fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let simulated = match self {
            TcpListener::System(system) => {
                let (stream, addr) = system.accept()?;
                return Ok((TcpStream::System(stream), addr));
            }
            TcpListener::Simulated(simulated) => simulated,
        };
        let (network, near) = (Rc::clone(&simulated.network), simulated.local_addr()?);
        let accept = |state: &mut State| state.accept(simulated.id);
        let options = Simulated::options(Type::STREAM, near)?;
        let accepted = Simulated::new(network, SourceKind::TcpStream, options, accept)?;
        let from = accepted.with(|state, id| state.ends.get(&id).map(|end| end.remote));
        let from = from.ok_or_else(gone)?;
        Ok((TcpStream::Simulated(Box::new(accepted)), from))
    }

    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        match self {
            TcpListener::System(system) => system.local_addr(),
            TcpListener::Simulated(simulated) => simulated.local_addr(),
        }
    }
}
