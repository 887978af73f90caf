//! Health checks: each backend has a task that asks it, again and again, whether it is well; and at
//! once when requests to it fail in a row.
//!
//! A check makes a connection of its own: a backend that accepts no more, or has reached its limit,
//! is to be noticed too. The same task closes connections that have idled too long.
//!
//! How it can go wrong: a backend that accepts and says nothing. So all of a check has one
//! deadline. Another way: this process has no descriptor left for a check. That says nothing of the
//! backend, and is not counted. But a backend that a rule of this machine forbids is not well: no request gets there.

use std::rc::Rc;

use http::header::{CONNECTION, HOST, USER_AGENT};
use http::{Request, StatusCode};
use runtime::time::{MissedTickBehavior, interval, timeout};
use server::body::Body;

use super::backend::Backend;
use super::failure::Failure;
use super::options::Options;
use crate::background::{Background, Stopping};

/// Begins to check each backend.
pub(crate) fn begin(backends: &[Rc<Backend>], options: &Rc<Options>, background: &Background) {
    for backend in backends {
        let (backend, options) = (backend.clone(), options.clone());
        let name = format!(
            "proxy: checks {}",
            backend.host().to_str().unwrap_or("a backend")
        );
        background.spawn(&name, |stopping| watch(backend, options, stopping));
    }
}

async fn watch(backend: Rc<Backend>, options: Rc<Options>, mut stopping: Stopping) {
    let mut ticks = interval(options.backend_health_interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let checking = async {
        loop {
            runtime::select! {
                _ = ticks.tick() => {}
                () = backend.health.suspicion() => {}
            }
            backend.drop_old();
            if let Some(is_good) = is_well(&backend, &options).await {
                backend.checked(is_good);
            }
        }
    };
    runtime::select! {
        () = checking => {}
        () = stopping.wait() => {}
    }
}

/// One check. `None`: this machine could not make it, for the moment.
async fn is_well(backend: &Backend, options: &Options) -> Option<bool> {
    let asking = ask(backend, options);
    match timeout(options.backend_health_timeout, asking).await {
        Ok(Ok(status)) => Some(!status.is_server_error()),
        Ok(Err(failure)) if failure.is_for_a_moment() => None,
        Ok(Err(_)) | Err(_) => Some(false),
    }
}

async fn ask(backend: &Backend, options: &Options) -> Result<StatusCode, Failure> {
    let time = options.backend_health_timeout;
    let mut line = backend.connect(options.connection(), time).await?;
    let request = Request::get(&options.backend_health_path)
        .header(HOST, backend.host())
        .header(USER_AGENT, "treadle-health-check")
        .header(CONNECTION, "close")
        .body(Body::empty())
        .expect("the path was looked at when it was given");
    let response = line.sender.send_request(request).await?;
    Ok(response.status())
}
