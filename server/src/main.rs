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
//! code says which of the two it was.
//!
//! SIGUSR1 means *what are you doing?*, and is answered with a list of all tasks.
//!
//! SIGINT (Ctrl-C) and SIGTERM mean *finish what you are doing*. Whoever sends a second one
//! means *now*, and gets it.

#![forbid(unsafe_code)]

mod page;
mod routes;

use std::future::poll_fn;
use std::io::{self, Write};
use std::net::{SocketAddr, ToSocketAddrs};
use std::num::NonZeroUsize;
use std::process::{ExitCode, exit};
use std::task::Poll;

use clap::Parser;
use runtime::net::TcpListener;
use runtime::runtime::{Handle, Runtime};
use runtime::signal::unix::{Signal, SignalKind, signal};
use server::{Config, serve};

/// A small web site, served by one thread on the runtime Treadle.
#[derive(Parser)]
#[command(name = "server", version)]
struct Arguments {
    /// Where to listen, as HOST:PORT. Port 0 takes any free port.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:3000")]
    addr: String,

    /// How many connections may be open at once; more wait their turn. By default, seven
    /// eighths of the open files that the process may have.
    #[arg(long, value_name = "NUMBER")]
    max_connections: Option<NonZeroUsize>,

    /// How many bytes a second a peer must send of a body, and take of an answer. A slower peer
    /// has 30 seconds of grace. 0 asks for no minimum.
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

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            let _ = writeln!(io::stderr(), "server: {complaint}");
            ExitCode::FAILURE
        }
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
        let mut server = serve(listener, routes::answer).with_config(arguments.config());
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
    let mut out = io::stdout();
    let _ = writeln!(out, "listening on http://{addr}").and_then(|()| out.flush());
    Ok(())
}

/// On SIGUSR1, says on standard error what every task is doing: `kill -USR1 PID`.
fn dump_when_asked() -> io::Result<()> {
    let mut asked = signal(SignalKind::user_defined1())?;
    drop(runtime::spawn(async move {
        while asked.recv().await.is_some() {
            let dump = Handle::current().dump().await;
            // In one piece, so that nothing else is printed in its midst.
            let _ = io::stderr().write_all(format!("server: {dump}").as_bytes());
        }
    }));
    Ok(())
}

/// The two signals that ask a program to end.
struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    fn new() -> io::Result<Self> {
        Ok(Stop {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for the first signal. From then on a second one ends the process at once, with
    /// the exit code that a shell shows for a program that a signal has ended.
    async fn first(mut self) {
        self.next().await;
        let _ = writeln!(io::stderr(), "server: finishing; once more to stop at once");
        drop(runtime::spawn(async move { exit(128 + self.next().await) }));
    }

    /// Waits for either, and says which it was.
    async fn next(&mut self) -> i32 {
        poll_fn(|cx| {
            for (stream, kind) in [
                (&mut self.interrupt, SignalKind::interrupt()),
                (&mut self.terminate, SignalKind::terminate()),
            ] {
                if stream.poll_recv(cx).is_ready() {
                    return Poll::Ready(kind.as_raw_value());
                }
            }
            Poll::Pending
        })
        .await
    }
}
