//! Health checks: each backend has a task that asks it, again and again, whether it is well.
//!
//! A check makes a connection of its own: a backend that accepts no more, or has reached its limit,
//! is to be noticed too. The same task closes connections that have idled too long.
//!
//! How it can go wrong: a backend that accepts and says nothing. So all of a check has one
//! deadline.

use std::rc::Rc;

use http::header::{CONNECTION, HOST, USER_AGENT};
use http::{Request, StatusCode};
use runtime::time::{MissedTickBehavior, interval, timeout};
use server::body::Body;

use super::backend::Backend;
use super::options::Options;
use crate::background::{Background, Stopping};

/// Begins to check each backend.
pub(crate) fn begin(backends: &[Rc<Backend>], options: &Rc<Options>, background: &Background) {
    for backend in backends {
        let (backend, options) = (backend.clone(), options.clone());
        background.spawn(|stopping| watch(backend, options, stopping));
    }
}

async fn watch(backend: Rc<Backend>, options: Rc<Options>, mut stopping: Stopping) {
    let mut ticks = interval(options.backend_health_interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let checking = async {
        loop {
            ticks.tick().await;
            backend.drop_old();
            backend.checked(is_well(&backend, &options).await);
        }
    };
    runtime::select! {
        () = checking => {}
        () = stopping.wait() => {}
    }
}

/// One check.
async fn is_well(backend: &Backend, options: &Options) -> bool {
    let asking = ask(backend, options);
    let status = timeout(options.backend_health_timeout, asking).await;
    matches!(status, Ok(Some(status)) if !status.is_server_error())
}

async fn ask(backend: &Backend, options: &Options) -> Option<StatusCode> {
    let time = options.backend_health_timeout;
    let mut line = backend.connect(options.connection(), time).await.ok()?;
    let request = Request::get(&options.backend_health_path)
        .header(HOST, backend.host())
        .header(USER_AGENT, "treadle-health-check")
        .header(CONNECTION, "close")
        .body(Body::empty())
        .ok()?;
    let response = line.sender.send_request(request).await.ok()?;
    Some(response.status())
}
