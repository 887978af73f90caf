//! Accepting connections, for as long as the server goes on.
//!
//! Accept a connection, make a task of it, accept the next. Two things deserve a thought.
//!
//! **How many.** Each connection costs a file descriptor and some memory, and a stranger can
//! open as many as they like. So there is a most. When it is reached, a newcomer takes the
//! place of the connection that has been idle longest: most clients keep a connection long
//! after they have any use for it. (How strangers are kept from taking all places in this way
//! is told in `idle`.) If no connection is idle, the newcomer waits. The loop
//! holds this one newcomer, and those who come after it wait in the kernel's queue, which is
//! bounded too. To accept and to hang up would be quicker, and ruder.
//!
//! **When accepting fails.** Either something is wrong with one connection (it was gone
//! before we took it), and then the next one is waiting already. Or something is wrong with
//! us, most often that the process has no file descriptor left (the most allowed leaves it
//! some, but files and other sockets need them as well). Then the connection *stays
//! in the kernel's queue*, the socket remains ready, and a loop that tries again at once
//! turns as fast as the processor can, just when the machine is short of everything. So
//! the loop closes the connection that has been idle longest, rests for a moment on a timer,
//! and says on standard error what it lacks (once a minute at most); as soon as there is something to accept
//! with, it goes on.

use std::fmt;
use std::future::Future;
use std::io;
use std::time::Duration;

use http::{Request, Response};
use runtime::net::{TcpListener, TcpStream};
use runtime::time::{Instant, sleep};
use socket2::SockRef;

use crate::body::Body;
use crate::console;
use crate::h1::Endpoint;

/// Accepts for ever, while fewer than `most` connections are open.
pub(super) async fn accept<S, F>(listener: &TcpListener, endpoint: &Endpoint<S, F>, most: usize)
where
    S: Fn(Request<Body>) -> F + 'static,
    F: Future<Output = Response<Body>> + 'static,
{
    let mut trouble = Trouble::default();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                if endpoint.open_connections() >= most {
                    trouble.report(format_args!(
                        "{most} connections are open, and no more are allowed: idle ones are \
                         closed for newcomers"
                    ));
                    endpoint.room(most).await;
                }
                start(stream, endpoint);
            }
            Err(error) if concerns_one_connection(&error) => {}
            Err(error) => {
                trouble.report(format_args!("cannot accept connections for now: {error}"));
                endpoint.close_longest_idle();
                sleep(REST).await;
            }
        }
    }
}

/// Time between two attempts to accept when the process lacks something.
const REST: Duration = Duration::from_millis(100);

fn start<S, F>(stream: TcpStream, endpoint: &Endpoint<S, F>)
where
    S: Fn(Request<Body>) -> F + 'static,
    F: Future<Output = Response<Body>> + 'static,
{
    // Answers are written whole, so there is nothing that the kernel should wait for. An
    // error means that the peer is gone, and the connection will find that out.
    let _ = stream.set_nodelay(true);
    tell_small_progress(&stream);
    // The task ends by itself; why it ended is of interest to nobody here.
    let connection = endpoint.connection(stream).with_reset(|stream| {
        let _ = stream.set_linger(Some(Duration::ZERO));
    });
    drop(runtime::spawn(connection));
}

/// Bytes of an answer that the kernel takes before it can send them.
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNSENT: u32 = 64 * 1024;

/// Makes the kernel tell when a peer has taken a little of an answer.
///
/// By default a socket is called writable when a third of its send buffer is free. The buffer
/// grows to megabytes, so a peer that takes 20 kB a second would look dead for most of a
/// minute. With this option a socket is writable when less than half of [`UNSENT`] waits to be
/// sent. A fast peer is not slowed down, as bytes that are on their way do not count.
fn tell_small_progress(stream: &TcpStream) {
    // Without it a slow peer is cut earlier; that is no reason not to serve.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = SockRef::from(stream).set_tcp_notsent_lowat(UNSENT);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = stream;
}

/// The connection was gone before it was accepted: the next one may be fine.
fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

/// Lets so many connections wait in the kernel's queue. To listen again changes nothing else.
pub(super) fn listen(listener: &TcpListener, backlog: u32) {
    let backlog = i32::try_from(backlog).unwrap_or(i32::MAX);
    // A listener that has a shorter queue is no reason not to serve.
    let _ = SockRef::from(listener).listen(backlog);
}

/// Sees to it that a difficulty is reported once a minute and not ten times a second. At the
/// limit it comes and goes with each connection that closes, so its end is not reported.
#[derive(Default)]
struct Trouble {
    reported: Option<Instant>,
}

impl Trouble {
    fn report(&mut self, reason: fmt::Arguments<'_>) {
        const SELDOM: Duration = Duration::from_secs(60);
        if self
            .reported
            .is_none_or(|moment| moment.elapsed() >= SELDOM)
        {
            self.reported = Some(Instant::now());
            console::stderr().print(format!("server: {reason}\n"));
        }
    }
}
