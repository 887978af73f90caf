//! HTTP on Treadle's side, now watched from another thread, as the page of the inspector does it, and now not.
//!
//! As in `observed.rs`, it is one server that changes between rounds, by the control port that is asked. The
//! other thread does what the inspector does all the time: it takes the events out of the feed fifty times a
//! second, keeps the last of them, and adds up the accounts of the requests. What is measured is the CPU
//! time of the thread that serves, and of no other.

use super::rt::net::TcpListener;
use super::rt::trace::{Fed, Feed, Film, Trace};
use super::{build, http::hello, rt::spawn, serve as ports};
use crate::kit::work::Ports;
use ::story::accounts::Accounts;
use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufWriter};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// As the inspector has it (`server/src/bin/server/inspect/watched.rs`).
const QUEUE: usize = 1 << 17;
const KEPT: usize = 1 << 18;
const REQUESTS: usize = 1000;
const EACH: Duration = Duration::from_millis(20);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The page is open.
    Watched,
    /// Nothing is looked at.
    Away,
    /// The page is open, and each event is written, too (`TREADLE_RECORD`).
    Recorded,
}

/// Serves HTTP on this thread for ever; `ready` gets the ports once they listen: those by which the page is
/// open, those by which it is not, and those by which it is and a recording is written.
///
/// # Errors
///
/// If a port cannot be had.
pub(crate) fn serve(ready: impl FnOnce([Ports; 3])) -> io::Result<()> {
    let runtime = build();
    let trace = runtime.trace();
    let (feeds, taken) = channel();
    thread::spawn(move || watch(&taken));
    runtime.block_on(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let service = listener.local_addr()?;
        let mut all = Vec::new();
        let present = Rc::new(Cell::new(Mode::Away));
        for mode in [Mode::Watched, Mode::Away, Mode::Recorded] {
            let control = ports::control().await?;
            all.push(Ports {
                service,
                control: control.local_addr()?,
            });
            let switched = Switch {
                trace: trace.clone(),
                feeds: feeds.clone(),
                present: Rc::clone(&present),
            };
            drop(spawn(listen(control, switched, mode)));
        }
        let all = all.try_into();
        ready(all.map_err(|_| io::Error::other("three modes, three ports"))?);
        server::serve(listener, hello).await
    })
}

/// Switches for each client that connects; then tells the CPU time.
async fn listen(control: TcpListener, switch: Switch, mode: Mode) {
    while let Ok((stream, _)) = control.accept().await {
        if switch.present.replace(mode) != mode {
            switch.to(mode);
        }
        ports::tell(stream).await;
    }
}

struct Switch {
    trace: Trace,
    feeds: Sender<Option<Feed>>,
    present: Rc<Cell<Mode>>,
}

impl Switch {
    fn to(&self, mode: Mode) {
        let _ = self.trace.finish_writing();
        if let Mode::Recorded = mode
            && let Ok(nowhere) = File::create("/dev/null")
        {
            self.trace.start_writing(BufWriter::new(nowhere));
        }
        let feed = match mode {
            Mode::Away => None,
            _ => Some(self.trace.feed(QUEUE)),
        };
        let _ = self.feeds.send(feed);
    }
}

/// The other thread.
fn watch(feeds: &Receiver<Option<Feed>>) {
    let mut feed = None;
    let mut film = Film::new(KEPT);
    let mut accounts = Accounts::new(REQUESTS);
    loop {
        match feeds.recv_timeout(EACH) {
            Ok(next) => feed = next,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if let Some(feed) = &feed {
            add(feed.take(), &mut film, &mut accounts);
        }
    }
}

fn add(fed: Fed, film: &mut Film, accounts: &mut Accounts) {
    for block in &fed.blocks {
        if let Some(state) = &block.state {
            accounts.begin(state);
        }
        for record in &block.records {
            accounts.add(record);
        }
    }
    film.add(fed);
}
