//! What ties a worker to the process that supervises it: a pipe in the place of standard input.
//!
//! Nothing is ever written to it. The supervisor holds the other end, and the kernel closes that end
//! when the supervisor lets go of it or is gone, however it went. So the worker has one thing to listen
//! to: at the end of the pipe it finishes what it is doing. A signal would not do. `kill -9` gives the
//! supervisor no time to send one, and at Ctrl-C the terminal sends one to every process: the worker
//! would count two.

use std::env;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd;

use runtime::io::AsyncReadExt;
use runtime::net::unix::pipe::Receiver;

/// The variable that makes a process a worker. It says where to listen.
pub(crate) const WORKER_AT: &str = "SERVER_WORKER_AT";

/// The worker's end of the pipe.
pub(crate) struct Leash(Receiver);

/// Where this process listens if it is a worker.
pub(crate) fn worker_at() -> Option<SocketAddr> {
    env::var(WORKER_AT).ok()?.parse().ok()
}

impl Leash {
    /// The pipe, if this process is a worker.
    pub(crate) fn held() -> io::Result<Option<Self>> {
        if worker_at().is_none() {
            return Ok(None);
        }
        let pipe = io::stdin().as_fd().try_clone_to_owned()?;
        Receiver::from_owned_fd(pipe).map(Leash).map(Some)
    }

    /// Waits until the supervisor lets go, or is gone. Without a supervisor it waits for ever.
    pub(crate) async fn ended(leash: &mut Option<Self>) {
        let Some(Leash(pipe)) = leash else {
            return pending().await;
        };
        // An error is an end too.
        while pipe.read(&mut [0; 16]).await.is_ok_and(|read| read > 0) {}
    }
}
