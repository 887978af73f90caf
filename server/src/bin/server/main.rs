//! The program `server`: many small services on Treadle.
//!
//! ```text
//! $ cargo run --release -p server
//! listening on http://127.0.0.1:3000
//! ```
//!
//! Here is the whole way from the command line to a clean exit, and the manners of a program that
//! others supervise. Where it listens goes to standard output, one line. All else goes to standard
//! error: why it cannot go on, one line; that it finishes; the log. The exit code says whether it ended
//! in good order. Neither is ever waited for while the server serves (see [`console`]): a reader
//! that has stopped reading would stop the server.
//!
//! | file | what is in it |
//! |---|---|
//! | `arguments`, `variables`, `listen`, `open_files`, `seconds`, `signals` | how it is started, and how it ends |
//! | `workers`, `leash` | several processes on one port |
//! | `site` | all services, put together |
//! | `background`, `live`, `local_error`, `metrics`, `object`, `pages`, `sqlite`, `traffic`, `visible`, `wall_clock` | what services share |
//! | `home` | the home page, and the smallest services |
//! | `items` | items in a database, with versions |
//! | `chat`, `events`, `uploads` | WebSockets, server-sent events, files |
//! | `orders` | orders, and jobs that follow from them, each exactly as often as it says |
//! | `inspect` | the page on which the server is watched, held and stepped |
//! | `lab` | patterns that keep a server alive, each at work |
//! | `proxy` | requests that are handed on to other servers |
//! | `source` | this program's own source |
//!
//! More than one core needs more than one process (`--workers`). `examples/haproxy.cfg` shows a balancer
//! in front of it.
//!
//! SIGUSR1 means *what are you doing?*, and is answered with a list of all tasks.
//!
//! SIGINT (Ctrl-C), SIGTERM and SIGHUP (the terminal is gone) mean *finish what you are
//! doing*. A second one of these means *now*, and ends the process.

#![forbid(unsafe_code)]

mod arguments;
mod background;
mod chat;
mod complaints;
mod events;
#[cfg(test)]
mod form_of_files;
mod home;
mod inspect;
mod items;
mod lab;
mod leash;
mod listen;
mod live;
mod local_error;
mod metrics;
mod object;
mod open_files;
mod orders;
mod pages;
mod proxy;
mod seconds;
mod signals;
mod site;
mod source;
mod sqlite;
mod traffic;
mod uploads;
mod variables;
mod visible;
mod wall_clock;
mod workers;

use std::backtrace::{Backtrace, BacktraceStatus};
use std::net::SocketAddr;
use std::panic::{self, PanicHookInfo};
use std::process::ExitCode;
use std::time::Duration;

use runtime::runtime::Runtime;
use runtime::time::sleep;
use server::extract::Request;
use server::serve::{Listener, MakeService};
use server::{ServiceExt, console, serve};

use arguments::Arguments;
use complaints::one_line;
use leash::{Leash, worker_at};
use listen::Place;
use metrics::{Metrics, register_refusals, register_runtime};
use signals::{Stop, dump_when_asked};
use site::Site;
use traffic::Metered;

fn main() -> ExitCode {
    let _said = WhatWasSaid;
    panic::set_hook(Box::new(say_panic));
    match run(&variables::arguments()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            // A worker says it on standard output, which its supervisor reads and passes on.
            let console = match worker_at() {
                Some(_) => console::stdout(),
                None => console::stderr(),
            };
            console.print(format!("server: {}\n", one_line(&complaint)));
            ExitCode::FAILURE
        }
    }
}

/// Says that something panicked, as the standard library does, but without waiting for
/// standard error: it may be a handler, and the server goes on.
fn say_panic(info: &PanicHookInfo<'_>) {
    let trace = Backtrace::capture();
    let trace = match trace.status() {
        BacktraceStatus::Captured => format!("{trace}\n"),
        _ => String::new(),
    };
    console::stderr().print(format!("server: {info}\n{trace}"));
    inspect::tell("a panic");
}

/// Sees to it, at the end, that what was said is written; but a reader that does not read
/// does not keep the process alive.
struct WhatWasSaid;

impl Drop for WhatWasSaid {
    fn drop(&mut self) {
        const PATIENCE: Duration = Duration::from_millis(500);
        console::stdout().flush(PATIENCE);
        console::stderr().flush(PATIENCE);
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let end = signals::that_end();
    if !arguments.show.is_empty() {
        return inspect::show(arguments, &arguments.show, end);
    }
    arguments.check()?;
    let runtime = Runtime::new().map_err(|error| format!("cannot start the runtime: {error}"))?;
    let metrics = Metrics::default();
    register_runtime(&metrics, runtime.trace());
    inspect::open(arguments, &runtime, end.clone())?;
    runtime.block_on(async {
        if workers::are_wanted(arguments) {
            return workers::supervise(arguments, end).await;
        }
        let place = Place::open(&arguments.addr).await?;
        let site = Site::open(arguments, &metrics).await?;
        let deaf = |error| format!("cannot listen to signals: {error}");
        let stop = Stop::new(end)
            .map_err(deaf)?
            .or(Leash::held().map_err(deaf)?);
        dump_when_asked().map_err(deaf)?;
        // A closed standard output is no reason not to serve.
        console::stdout().print(place.line()?);
        let app = site.service.clone();
        match place {
            // A request knows where it comes from: the log and the proxy tell it.
            Place::Tcp(listener) => {
                let app =
                    ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(app);
                answer(listener, app, site, stop, arguments, &metrics).await
            }
            Place::Unix(listener, _file) => {
                answer(listener, app, site, stop, arguments, &metrics).await
            }
        }
    })
}

/// Serves until a signal says to end, and then in good order to the end.
async fn answer<L: Listener>(
    listener: L,
    app: impl MakeService<Metered<L>>,
    site: Site,
    stop: Stop,
    arguments: &Arguments,
    metrics: &Metrics,
) -> Result<(), String> {
    let limits = &arguments.limits;
    let config = arguments.config();
    register_refusals(metrics, config.refusals.clone());
    let (pulse, delay) = (site.pulse, limits.drain_delay);
    let stopped = async move {
        stop.first().await;
        pulse.drain();
        sleep(delay).await;
    };
    serve(Metered::new(listener, site.traffic), app)
        .with_config(config)
        .with_graceful_shutdown(stopped)
        .await
        .map_err(|error| format!("cannot go on: {error}"))?;
    site.background.shutdown(limits.shutdown_timeout).await;
    Ok(())
}
