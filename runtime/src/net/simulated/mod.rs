//! A network between the hosts of a simulation, in memory.
//!
//! | file | what it is |
//! |---|---|
//! | `network` | **the network**: its hosts, and all that will happen, in the order of time |
//! | `link`, `addresses` | the way from one host to another; which address leads where |
//! | `endpoint` | the sockets as the network keeps them |
//! | `listener`, `connection`, `wire`, `unheard` | TCP: how a connection is asked for, begins and ends; the bytes on their way; what arrives unheard |
//! | `datagram` | UDP |
//! | `deed`, `causes` | because of which deed of a program something happens, for recordings |
//! | `socket`, `tcp`, `udp`, `way` | what programs hold without knowing it: the types that stand in the place of mio's (see `net/system.rs`) |
//!
//! Which network a socket belongs to is found as a runtime is found: in a thread-local that is set while
//! a host runs. Nothing foreign runs in here. What becomes ready is noted for the host, and its reactor takes
//! the notes in its next turn, beside those of the operating system.
//!
//! What is modelled, and what is not, is told in [`sim`](crate::sim).

mod addresses;
mod causes;
mod connection;
mod datagram;
mod deed;
mod endpoint;
mod link;
mod listener;
mod network;
mod socket;
mod tcp;
mod udp;
mod unheard;
mod way;
mod wire;

use std::cell::RefCell;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

pub(crate) use endpoint::HostId;
pub(crate) use link::Link;
pub(crate) use network::Network;
pub(crate) use socket::{TcpListener, TcpStream, UdpSocket, into_std};
pub(super) use udp::peek_sender;
pub(super) use way::Way;

use crate::base::present::{self, During};

thread_local! {
    /// The host that this thread runs at present.
    static CURRENT: RefCell<Option<Host>> = const { RefCell::new(None) };
}

/// A host of a network.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) network: Rc<Network>,
    pub(crate) id: HostId,
}

impl Host {
    /// Sockets that are made on this thread belong to this host from now on.
    pub(crate) fn run(&self) -> During<Host> {
        present::set(&CURRENT, self.clone())
    }

    /// The address that a name stands for.
    pub(crate) fn lookup(&self, name: &str) -> io::Result<IpAddr> {
        self.network.lookup(name).ok_or_else(|| {
            let text = format!("no host of this simulation is called {name:?}");
            io::Error::new(io::ErrorKind::NotFound, text)
        })
    }
}

/// The host that this thread runs at present, if it runs one.
pub(crate) fn current() -> Option<Host> {
    present::get(&CURRENT)
}

/// The place of that host in the list of them.
fn current_id() -> Option<HostId> {
    let id = CURRENT.try_with(|current| current.borrow().as_ref().map(|host| host.id));
    id.ok().flatten()
}

/// Asks whether the system's file system may be used.
///
/// # Errors
///
/// If this thread runs a host: what it makes there, other programs would meet.
#[cfg(unix)]
pub(super) fn ask_for_path() -> io::Result<()> {
    match current() {
        None => Ok(()),
        Some(_) => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "a simulated host has no Unix sockets and no pipes with a name: use TCP, or a pair",
        )),
    }
}

/// The address that a name stands for, if this thread runs a host; else the system is to be asked.
pub(super) fn lookup(name: &str, port: u16) -> Option<io::Result<Vec<SocketAddr>>> {
    let found = current()?.lookup(name);
    Some(found.map(|ip| vec![SocketAddr::new(ip, port)]))
}
