//! What a test's server and its clients share: the way to the server, and what all connections
//! have carried.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;

use runtime::io::duplex;
use runtime::sync::{CancellationToken, mpsc};
use runtime::time::Instant;

use super::faults::Faults;
use super::fixed_date::FixedDate;
use super::listener::Arrival;
use super::stream::TestStream;
use super::transcript::{Side, Transcript};
use super::wire::Wire;

/// See the file's heading.
pub(super) struct Hub {
    queue: mpsc::Sender<Arrival>,
    faults: Option<Faults>,
    /// Bytes that may be under way in one direction of a connection.
    buffer: usize,
    begin: Instant,
    wires: RefCell<Vec<Rc<Wire>>>,
    clients: Cell<u32>,
    /// Tells the server to stop.
    pub(super) stop: CancellationToken,
    /// Says that it has.
    pub(super) stopped: CancellationToken,
    _date: FixedDate,
}

impl Hub {
    pub(super) fn new(queue: mpsc::Sender<Arrival>, faults: Option<Faults>, buffer: usize) -> Self {
        Hub {
            queue,
            faults,
            buffer,
            begin: Instant::now(),
            wires: RefCell::default(),
            clients: Cell::new(0),
            stop: CancellationToken::new(),
            stopped: CancellationToken::new(),
            _date: FixedDate::new(),
        }
    }

    /// The address of another client: 10.0.0.1 for the first.
    pub(super) fn next_client(&self) -> IpAddr {
        self.clients.set(self.clients.get() + 1);
        let first = u32::from(Ipv4Addr::new(10, 0, 0, 0));
        Ipv4Addr::from(first + self.clients.get()).into()
    }

    /// Makes a connection from `client`.
    pub(super) fn connect(&self, client: IpAddr) -> io::Result<TestStream> {
        let number = self.wires.borrow().len() + 1;
        let faults = self.faults.as_ref();
        let breaking = faults.and_then(|faults| faults.breaking(number));
        let wire = Rc::new(Wire::new(self.begin, breaking));
        let (near, far) = duplex(self.buffer);
        let end = |io, side| TestStream::new(io, wire.clone(), number, side, faults);
        let (near, far) = (end(near, Side::Client), end(far, Side::Server));
        let address = SocketAddr::new(client, port(number));
        if self.queue.try_send((far, address)).is_err() {
            let text = "the server has stopped, or does not accept";
            return Err(io::Error::new(io::ErrorKind::ConnectionRefused, text));
        }
        self.wires.borrow_mut().push(wire);
        Ok(near)
    }

    /// How many connections the server has, with those that it has not accepted yet.
    pub(super) fn open_connections(&self) -> usize {
        let wires = self.wires.borrow();
        wires.iter().filter(|wire| wire.is_served()).count()
    }

    pub(super) fn transcripts(&self) -> Vec<Transcript> {
        let wires = self.wires.borrow();
        wires.iter().map(|wire| wire.transcript()).collect()
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The first port of those that a system gives to clients, and those behind it in turn.
fn port(number: usize) -> u16 {
    const FIRST: u16 = 49_152;
    let offset = (number - 1) % usize::from(u16::MAX - FIRST);
    FIRST + u16::try_from(offset).unwrap_or_default()
}
