//! The program `server`: a small site on Treadle.
//!
//! ```text
//! $ cargo run --release -p server
//! listening on http://127.0.0.1:3000
//! ```
//!
//! It shows the whole way from the command line to a clean exit: an address to listen at,
//! a service that is one function ([`routes`]), a page to look at ([`page`]), and the
//! manners of a program that others supervise. What it has to say in good order goes to
//! standard output, one line; what went wrong goes to standard error, one line; and the exit
//! code says which of the two it was. Neither is ever waited for while the server serves (see
//! [`console`]): a reader that has stopped reading would stop the server.
//!
//! SIGUSR1 means *what are you doing?*, and is answered with a list of all tasks.
//!
//! SIGINT (Ctrl-C), SIGTERM and SIGHUP (the terminal is gone) mean *finish what you are
//! doing*. A second one of these means *now*, and ends the process.

#![forbid(unsafe_code)]

mod page;
mod routes;

use std::backtrace::{Backtrace, BacktraceStatus};
use std::future::poll_fn;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::num::NonZeroUsize;
use std::panic::{self, PanicHookInfo};
use std::process::{ExitCode, exit};
use std::task::Poll;
use std::time::Duration;

use clap::Parser;
use runtime::net::TcpListener;
use runtime::runtime::{Handle, Runtime};
use runtime::signal::unix::{Signal, SignalKind, signal};
use server::{Config, console, serve};

/// A small web site, served by one thread on the runtime Treadle.
#[derive(Parser)]
#[command(name = "server", version, after_help = SIGNALS)]
struct Arguments {
    /// Where to listen, as HOST:PORT. Port 0 takes any free port.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:3000")]
    addr: String,

    /// How many connections may be open at once. When another one comes, the connection that
    /// has been idle longest is closed; if none is idle, the newcomer waits. By default, seven
    /// eighths of the open files that the process may have, and never more than 100,000.
    #[arg(long, value_name = "NUMBER")]
    max_connections: Option<NonZeroUsize>,

    /// How many connections may wait to be accepted. The kernel may allow fewer: on Linux, no
    /// more than /proc/sys/net/core/somaxconn.
    #[arg(long, value_name = "NUMBER", default_value_t = 4096)]
    backlog: u32,

    /// How many bytes a second a peer must send of a body, and take of an answer. A slower peer
    /// uses up 30 seconds of grace; then a slow sender gets status 408, and the connection of a slow
    /// reader is dropped. 0 asks for no minimum.
    #[arg(long, value_name = "BYTES", default_value_t = Config::default().min_body_rate)]
    min_rate: u32,

    /// How many bytes of request bodies may be in memory at once, over all connections. The
    /// body that would be too much is answered with 503.
    #[arg(long, value_name = "BYTES", default_value_t = Config::default().max_held_bodies)]
    max_held_bodies: u64,
}

impl Arguments {
    fn config(&self) -> Config {
        Config {
            min_body_rate: self.min_rate,
            min_write_rate: self.min_rate,
            max_held_bodies: self.max_held_bodies,
            ..Config::default()
        }
    }
}

/// What `--help` says of signals.
const SIGNALS: &str = "\
Signals:
  SIGTERM, SIGINT, SIGHUP  Accept nothing new, finish the requests under way (within nine
                           seconds), and end. The second one ends the program at once.
                           SIGHUP is ignored where it was ignored before (nohup).
  SIGUSR1                  Say on standard error what every task is doing.";

fn main() -> ExitCode {
    let _said = WhatWasSaid;
    panic::set_hook(Box::new(say_panic));
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            console::stderr().print(format!("server: {complaint}\n"));
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
    let addr = &arguments.addr;
    let addrs = resolve(addr)?;
    let runtime = Runtime::new().map_err(|error| format!("cannot start the runtime: {error}"))?;
    runtime.block_on(async {
        let listener = bind(addr, &addrs).await?;
        let stop = Stop::new().map_err(|error| format!("cannot listen to signals: {error}"))?;
        dump_when_asked().map_err(|error| format!("cannot listen to signals: {error}"))?;
        announce(&listener).map_err(|error| format!("cannot tell the address: {error}"))?;
        let mut server = serve(listener, routes::answer)
            .with_config(arguments.config())
            .with_backlog(arguments.backlog);
        if let Some(most) = arguments.max_connections {
            server = server.with_max_connections(most.get());
        }
        server
            .with_graceful_shutdown(stop.first())
            .await
            .map_err(|error| format!("cannot go on: {error}"))
    })
}

/// The socket addresses behind what was typed.
fn resolve(addr: &str) -> Result<Vec<SocketAddr>, String> {
    let hint = "give HOST:PORT, for example --addr 127.0.0.1:3000";
    let addrs = addr
        .to_socket_addrs()
        .map_err(|error| format!("bad address {addr:?}: {error}; {hint}"))?;
    Ok(addrs.collect())
}

async fn bind(addr: &str, addrs: &[SocketAddr]) -> Result<TcpListener, String> {
    TcpListener::bind(addrs)
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => format!(
                "cannot listen on {addr}: another program does already; stop it or choose another \
             port with --addr"
            ),
            _ => format!("cannot listen on {addr}: {error}"),
        })
}

/// Says where it listens. A closed standard output is no reason not to serve.
fn announce(listener: &TcpListener) -> io::Result<()> {
    let addr = listener.local_addr()?;
    console::stdout().print(format!("listening on http://{addr}\n"));
    Ok(())
}

/// On SIGUSR1, says on standard error what every task is doing: `kill -USR1 PID`.
fn dump_when_asked() -> io::Result<()> {
    let mut asked = signal(SignalKind::user_defined1())?;
    drop(runtime::spawn(async move {
        while asked.recv().await.is_some() {
            let dump = Handle::current().dump().await;
            console::stderr().print(format!("server: {dump}"));
        }
    }));
    Ok(())
}

/// The signals that ask a program to end.
struct Stop(Vec<(SignalKind, Signal)>);

impl Stop {
    fn new() -> io::Result<Self> {
        let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
        // `nohup` starts a program that is to stay when its terminal goes.
        if !is_ignored(SignalKind::hangup()) {
            kinds.push(SignalKind::hangup());
        }
        let signals = kinds.into_iter().map(|kind| Ok((kind, signal(kind)?)));
        signals.collect::<io::Result<_>>().map(Stop)
    }

    /// Waits for the first signal. From then on a second one ends the process at once, with
    /// the exit code that a shell shows for a program that a signal has ended.
    async fn first(mut self) {
        self.next().await;
        console::stderr().print("server: finishing; once more to stop at once\n");
        drop(runtime::spawn(async move { exit(128 + self.next().await) }));
    }

    /// Waits for any of them, and says which it was.
    async fn next(&mut self) -> i32 {
        poll_fn(|cx| {
            for (kind, signal) in &mut self.0 {
                if signal.poll_recv(cx).is_ready() {
                    return Poll::Ready(kind.as_raw_value());
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// Whether the signal was ignored when the program was started. Linux says so, in a line
/// with a bit for each signal; elsewhere it counts as not ignored.
fn is_ignored(kind: SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let bits = line.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok());
    bits.is_some_and(|bits| bits >> (kind.as_raw_value() - 1) & 1 == 1)
}
