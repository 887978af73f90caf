//! Tokio as a side: the current_thread runtime with its drivers on, otherwise as it comes.
//!
//! `test-util` is off (it would put a branch and a lock into Tokio's clock).

pub(crate) use ::axum as web;
pub(crate) use ::tokio as rt;
pub(crate) use ::tokio::runtime::Runtime;

#[path = "axum.rs"]
pub(crate) mod axum;
#[path = "../work/echo.rs"]
pub(crate) mod echo;
#[path = "../work/executor.rs"]
pub(crate) mod executor;
#[path = "../work/growth.rs"]
pub(crate) mod growth;
#[path = "hyper.rs"]
pub(crate) mod http;
#[path = "../work/memory.rs"]
pub(crate) mod memory;
#[path = "../work/select.rs"]
pub(crate) mod select;
#[path = "../work/serve.rs"]
pub(crate) mod serve;
#[path = "../work/service.rs"]
pub(crate) mod service;
#[path = "../work/sync.rs"]
pub(crate) mod sync;
#[path = "../work/timers.rs"]
pub(crate) mod timers;
#[path = "tungstenite.rs"]
pub(crate) mod tungstenite;
#[path = "../work/udp.rs"]
pub(crate) mod udp;
#[path = "../work/unix.rs"]
pub(crate) mod unix;
#[path = "../work/wake.rs"]
pub(crate) mod wake;

/// A new current_thread runtime.
pub(crate) fn build() -> Runtime {
    ::tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime of Tokio's")
}
