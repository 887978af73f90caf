//! One worker, as its supervisor sees it: a process, its leash, and what it says.
//!
//! A worker says one thing on standard output, which is a pipe to the supervisor: where it listens, or
//! why it does not. What it says on standard error goes where the supervisor's goes.
//!
//! How it can go wrong: a signal to a process that is gone reaches another one, which has got its number
//! since. The number stays taken until the end of the process has been asked for (`try_wait`), so it is
//! taken off the list ([`Pids`]) at that moment and not later.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::env;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::rc::Rc;

use runtime::io::AsyncReadExt;
use runtime::net::unix::pipe::Receiver;
use runtime::signal::unix::{SignalKind, signal};
use rustix::process::{Pid, Signal, kill_process};

use crate::leash::WORKER_AT;

/// The processes that can be sent a signal.
pub(super) type Pids = Rc<RefCell<BTreeSet<u32>>>;

/// How much a worker may say before it listens.
const MOST_SAID: usize = 4096;

pub(super) struct Worker {
    at: SocketAddr,
    pids: Pids,
    child: Child,
    /// The worker reads the other end.
    leash: Option<ChildStdin>,
    says: Receiver,
    said: Vec<u8>,
}

/// How a worker's life was.
pub(super) struct Life {
    pub(super) listened: bool,
    pub(super) end: String,
}

impl Worker {
    /// Starts this program once more, as a worker that listens at `at`.
    pub(super) fn start(at: SocketAddr, pids: &Pids) -> Result<Self, String> {
        let failed = |error| format!("cannot start a worker: {error}");
        let program = env::current_exe().map_err(failed)?;
        let mut child = Command::new(program)
            .args(env::args_os().skip(1))
            .env(WORKER_AT, at.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let says = child.stdout.take().expect("a pipe was asked for");
        let says = Receiver::from_owned_fd(OwnedFd::from(says)).map_err(failed)?;
        pids.borrow_mut().insert(child.id());
        Ok(Worker {
            at,
            pids: pids.clone(),
            leash: child.stdin.take(),
            child,
            says,
            said: Vec::new(),
        })
    }

    /// Another one in its place.
    pub(super) fn again(&self) -> Result<Self, String> {
        Worker::start(self.at, &self.pids)
    }

    /// Waits until it listens. An error is its own reason why it does not.
    pub(super) async fn listens(&mut self) -> Result<(), String> {
        self.read_until(|said| said.contains(&b'\n')).await;
        if self.listened() {
            return Ok(());
        }
        Err(self.reason().await)
    }

    /// Waits until it has ended.
    ///
    /// Cancel safe.
    pub(super) async fn life(&mut self) -> Life {
        self.read_until(|said| said.contains(&b'\n')).await;
        let listened = self.listened();
        let end = match listened {
            true => told(self.ended().await),
            false => self.reason().await,
        };
        Life { listened, end }
    }

    /// Lets go of it, and waits until it has finished.
    pub(super) async fn finish(mut self, number: u32) -> Result<(), String> {
        self.leash = None;
        match self.ended().await {
            Ok(status) if status.success() => Ok(()),
            other => Err(format!("worker {number} ended: {}", told(other))),
        }
    }

    fn listened(&self) -> bool {
        self.said.starts_with(b"listening on ")
    }

    /// Why it ended before it listened.
    async fn reason(&mut self) -> String {
        self.read_until(|_| false).await;
        let status = self.ended().await;
        let said = String::from_utf8_lossy(&self.said);
        let said = said.trim();
        match said.strip_prefix("server: ").unwrap_or(said) {
            "" => told(status),
            why => why.to_owned(),
        }
    }

    /// Reads what it says until that is enough, or it says no more.
    async fn read_until(&mut self, is_enough: impl Fn(&[u8]) -> bool) {
        let mut bytes = [0; 512];
        while !is_enough(&self.said) && self.said.len() < MOST_SAID {
            match self.says.read(&mut bytes).await {
                Ok(0) | Err(_) => return,
                Ok(read) => self.said.extend_from_slice(&bytes[..read]),
            }
        }
    }

    /// Waits for the end of the process.
    async fn ended(&mut self) -> io::Result<ExitStatus> {
        // Before it is asked: an end between the two is not missed.
        let mut news = signal(SignalKind::child())?;
        loop {
            if let Some(status) = self.child.try_wait()? {
                self.pids.borrow_mut().remove(&self.child.id());
                return Ok(status);
            }
            news.recv().await;
        }
    }
}

fn told(status: io::Result<ExitStatus>) -> String {
    let told = |it: &dyn fmt::Display| it.to_string();
    status.map_or_else(|error| told(&error), |status| told(&status))
}

/// Sends a signal to all of them.
pub(super) fn send(pids: &Pids, signal: Signal) {
    for pid in pids.borrow().iter() {
        let pid = i32::try_from(*pid).ok().and_then(Pid::from_raw);
        // One that has ended meanwhile needs none.
        let _ = pid.map(|pid| kill_process(pid, signal));
    }
}
