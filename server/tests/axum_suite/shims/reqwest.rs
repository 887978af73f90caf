//! `reqwest`, the client of axum's tests, on a real Tokio in a thread of its own.
//!
//! The client needs Tokio: it spawns, and its sockets and timers ask for Tokio's context. So a
//! Tokio runs in another thread, and the thread of the test *enters* its context when it makes
//! the first client. From then on the client's futures are polled by the test's runtime, which is
//! ours, and woken by Tokio's thread, as any foreign future is. The server does not see any of
//! it; it sees a TCP connection.
//!
//! What else a test brings along that asks for Tokio's timers (`tower::timeout`) finds them
//! likewise.

#![forbid(unsafe_code)]

pub use reqwest::*;

use std::sync::LazyLock;
use std::thread;
use tokio::runtime::{Builder, Handle};

static TOKIO: LazyLock<Handle> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("Tokio starts");
    let handle = runtime.handle().clone();
    thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
    handle
});

/// Enters Tokio's context in this thread, until the thread ends.
pub fn enter_tokio() {
    if Handle::try_current().is_err() {
        std::mem::forget(TOKIO.enter());
    }
}

/// The client. All it can do is the original's.
#[derive(Debug, Clone)]
pub struct Client(reqwest::Client);

impl Client {
    /// A client with the default settings.
    pub fn new() -> Client {
        enter_tokio();
        Client(reqwest::Client::new())
    }

    /// Settings for one.
    pub fn builder() -> ClientBuilder {
        enter_tokio();
        ClientBuilder(reqwest::Client::builder())
    }
}

impl std::ops::Deref for Client {
    type Target = reqwest::Client;

    fn deref(&self) -> &reqwest::Client {
        &self.0
    }
}

/// Settings for a client.
#[derive(Debug)]
pub struct ClientBuilder(reqwest::ClientBuilder);

impl ClientBuilder {
    /// Which redirects it follows.
    pub fn redirect(self, policy: redirect::Policy) -> ClientBuilder {
        ClientBuilder(self.0.redirect(policy))
    }

    /// The client.
    pub fn build(self) -> reqwest::Result<Client> {
        self.0.build().map(Client)
    }
}
