//! Treadle as a side.

pub(crate) use ::runtime as rt;
pub(crate) use ::runtime::runtime::Runtime;
pub(crate) use ::server as web;

#[path = "../work/echo.rs"]
pub(crate) mod echo;
#[path = "../work/executor.rs"]
pub(crate) mod executor;
#[path = "../work/growth.rs"]
pub(crate) mod growth;
#[path = "h1.rs"]
pub(crate) mod http;
#[path = "../work/memory.rs"]
pub(crate) mod memory;
#[path = "observed.rs"]
pub(crate) mod observed;
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
#[path = "../work/udp.rs"]
pub(crate) mod udp;
#[path = "../work/unix.rs"]
pub(crate) mod unix;
#[path = "../work/wake.rs"]
pub(crate) mod wake;
#[path = "watched.rs"]
pub(crate) mod watched;

/// A new runtime.
pub(crate) fn build() -> Runtime {
    ::runtime::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime of Treadle's")
}
