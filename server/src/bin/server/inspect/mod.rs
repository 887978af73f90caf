//! The inspector: a page on which this server is watched while it runs, held, and stepped.
//!
//! ```text
//!  the thread that serves                      the inspector's thread, with a runtime of its own
//!  ┌────────────────────┐   blocks of events   ┌─────────────────────────────────────┐
//!  │ runtime, observed  │ ───── feed ────────▶ │ watched: film, counts               │
//!  │                    │ ◀──── gate ───────── │ tape, picture: answers as JSON      │ ◀── browser
//!  └────────────────────┘   hold, step, go on  │ guard: who may ask                  │
//!                                              └─────────────────────────────────────┘
//! ```
//!
//! Off unless `--inspect` asks for it. The thread that serves does nothing for it but to put each event
//! into a queue with a bound. Replaying, telling and writing happen on the other thread, so the page goes
//! on answering while the server is held.
//!
//! How it can go wrong: a stranger sees what the server does, or holds it. So the inspector listens on
//! this machine only, every request needs a token that only the terminal shows, and no body, no header and no
//! query of a request is ever among what it tells (`guard`). Paths are, and so they are in its files, which only
//! their owner may read. A page that is closed while the server is held: a
//! minute later, or ten if that was asked for, the server goes on by itself.

mod answers;
mod chosen;
mod cost;
mod drawing;
mod files;
mod frozen;
mod guard;
mod lag;
mod lanes;
mod lines;
mod page;
mod part;
mod picture;
mod pieces;
mod requests;
mod shared;
mod shown;
mod sums;
mod tape;
mod timeline;
mod trouble;
mod watched;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::rc::Rc;
use std::thread;

use runtime::runtime::Runtime;
use runtime::signal::unix::{SignalKind, signal};
use runtime::task::spawn_blocking;
use server::{console, serve};

use crate::arguments::Arguments;
use crate::listen;
use crate::signals::Stop;
pub(crate) use frozen::tell;
use guard::Token;
use part::Part;
use shown::Shown;
use watched::{Ends, Watched};

/// Opens the inspector for `runtime`, if `--inspect` gives an address: it answers from here on. At one of
/// the signals that `end` the server it lets go. The error is the reason why it cannot.
pub(crate) fn open(
    arguments: &Arguments,
    runtime: &Runtime,
    end: Vec<SignalKind>,
) -> Result<(), String> {
    let Some(addr) = &arguments.inspect else {
        return Ok(());
    };
    if arguments.workers.get() > 1 {
        return Err(
            "cannot inspect several workers: the page is of one process; leave out \
                    --workers or --inspect"
                .to_owned(),
        );
    }
    if !cfg!(feature = "trace") {
        return Err(
            "cannot inspect: this program was built without the feature `trace`".to_owned(),
        );
    }
    let addr = loopback(addr)?;
    let cannot = |error: &dyn std::fmt::Display| format!("cannot inspect at {addr}: {error}");
    if listen::takes(&arguments.addr, addr) {
        return Err(cannot(
            &"the server itself listens there (--addr); choose another port with --inspect",
        ));
    }
    let listener = TcpListener::bind(addr).map_err(|error| cannot(&why_not_bound(&error)))?;
    let at = listener.local_addr().map_err(|error| cannot(&error))?;
    let token = Token::new().map_err(|error| cannot(&error))?;
    let line = format!("server: inspect at http://{at}/?token={}\n", token.as_str());
    let ends = Ends::of(runtime);
    let folder = arguments.data.join("frozen");
    let work = move || {
        if let Err(error) = run(listener, token, ends, folder, end) {
            console::stderr().print(format!("server: the inspector has ended: {error}\n"));
        }
    };
    let started = thread::Builder::new()
        .name("inspect".to_owned())
        .spawn(work);
    started.map_err(|error| cannot(&error))?;
    console::stderr().print(line);
    Ok(())
}

/// The address, if only programs of this machine can reach it.
fn loopback(addr: &str) -> Result<SocketAddr, String> {
    let parsed = addr.parse::<SocketAddr>();
    match parsed.map(|addr| (addr.ip().is_loopback(), addr)) {
        Ok((true, addr)) => Ok(addr),
        Ok((false, _)) => Err(format!(
            "cannot inspect at {addr}: other machines could reach the page, which shows and stops \
             this server; give an address of this machine only, for example 127.0.0.1:3001"
        )),
        Err(_) => Err(format!(
            "bad address {addr:?}: give IP:PORT to --inspect, for example 127.0.0.1:3001"
        )),
    }
}

fn why_not_bound(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => listen::taken("port", "--inspect"),
        _ => error.to_string(),
    }
}

/// So many connections are open at once. The descriptors are the server's own, too.
const CONNECTIONS: usize = 64;

/// Answers until the process ends.
fn run(
    listener: TcpListener,
    token: Token,
    ends: Ends,
    folder: PathBuf,
    end: Vec<SignalKind>,
) -> std::io::Result<()> {
    let runtime = Runtime::new()?;
    runtime.block_on(async {
        let watched = Rc::new(Watched::new(ends));
        let costly = watched.clone();
        drop(runtime::spawn(async move {
            if let Ok(Ok(cost)) = spawn_blocking(cost::of_an_event).await {
                costly.cost.set(cost);
            }
        }));
        drop(runtime::spawn(watched.clone().follow()));
        let (kept, into) = (watched.clone(), folder.clone());
        drop(runtime::spawn(
            async move { frozen::write(&kept, into).await },
        ));
        for kind in end {
            drop(runtime::spawn(let_go_at(kind, watched.clone())?));
        }
        listener.set_nonblocking(true)?;
        let listener = runtime::net::TcpListener::from_std(listener)?;
        let shown = Shown::live(Part::live(watched));
        serve(listener, answers::routes(shown, token, folder))
            .with_max_connections(CONNECTIONS)
            .await
    })
}

/// Shows recordings on the page, and serves nothing else, until a signal ends the process. The error is
/// the reason why it cannot.
pub(crate) fn show(
    arguments: &Arguments,
    names: &[PathBuf],
    end: Vec<SignalKind>,
) -> Result<(), String> {
    let all = files::of_names(names)?;
    let addr = loopback(arguments.inspect.as_deref().unwrap_or("127.0.0.1:3001"))?;
    let cannot = |error: io::Error| {
        format!(
            "cannot show a recording at {addr}: {}",
            why_not_bound(&error)
        )
    };
    let token = Token::new().map_err(&cannot)?;
    let said = token.as_str().to_owned();
    let work = async move {
        let what = match all.len() {
            1 => "the recording is",
            _ => "the recordings are",
        };
        let listener = runtime::net::TcpListener::bind(addr).await?;
        let at = listener.local_addr()?;
        console::stderr().print(format!("server: {what} at http://{at}/?token={said}\n"));
        let end = Stop::new(end)?;
        let routes = answers::routes(Shown::of(all), token, PathBuf::new());
        let served = serve(listener, routes).with_max_connections(CONNECTIONS);
        runtime::select! {
            served = served.into_future() => served,
            () = end.first() => Ok(()),
        }
    };
    Runtime::new()
        .and_then(|runtime| runtime.block_on(work))
        .map_err(cannot)
}

/// A server that is held hears no signal: the inspector lets it go, so that it can end, and holds it no
/// more.
fn let_go_at(
    kind: SignalKind,
    watched: Rc<Watched>,
) -> std::io::Result<impl Future<Output = ()> + 'static> {
    let mut signal = signal(kind)?;
    Ok(async move {
        while signal.recv().await.is_some() {
            watched.end();
        }
    })
}

#[cfg(test)]
mod tests;
