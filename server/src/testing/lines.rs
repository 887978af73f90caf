//! The connections of one client: those that are free wait here for the next request.
//!
//! A response takes its connection along and brings it back when the body has been read. So a
//! connection that is here is free, or busy with the rest of a response that was dropped; for that
//! it is waited.

use std::cell::RefCell;
use std::io;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

use runtime::task::spawn_detached;

use super::hub::Hub;
use super::stream::TestStream;
use crate::h1::client::{Config, Error, SendRequest, handshake_with_config};

/// See the file's heading.
pub(super) struct Lines {
    hub: Rc<Hub>,
    pub(super) address: IpAddr,
    free: RefCell<Vec<Line>>,
}

/// A connection.
pub(super) struct Line {
    pub(super) sender: SendRequest,
    /// The connection's number.
    pub(super) number: usize,
}

impl Lines {
    pub(super) fn new(hub: Rc<Hub>) -> Self {
        let address = hub.next_client();
        Lines {
            hub,
            address,
            free: RefCell::default(),
        }
    }

    /// A connection as a stream of bytes.
    pub(super) fn connect(&self) -> io::Result<TestStream> {
        self.hub.connect(self.address)
    }

    /// A connection that is free and open, if there is one.
    pub(super) async fn free(&self) -> Option<Line> {
        loop {
            let mut line = self.free.borrow_mut().pop()?;
            if line.sender.ready().await.is_ok() {
                return Some(line);
            }
        }
    }

    /// A new connection.
    pub(super) async fn open(&self) -> Result<Line, Error> {
        let stream = self.connect().map_err(Error::io)?;
        let number = stream.number();
        let (sender, connection) = handshake_with_config(stream, patient()).await?;
        spawn_detached(connection);
        Ok(Line { sender, number })
    }

    /// Keeps a connection for the next request.
    pub(super) fn give_back(&self, line: Line) {
        self.free.borrow_mut().push(line);
    }
}

/// A client that waits for a day. With a paused clock that takes no time, and a test that hangs
/// fails.
fn patient() -> Config {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    Config {
        head_timeout: DAY,
        body_timeout: DAY,
        write_timeout: DAY,
        ..Config::default()
    }
}
