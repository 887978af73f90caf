//! From a listening socket to answers: accepting, and stopping.
//!
//! This is the one place that knows both sides: the runtime's sockets and tasks, and the
//! engine that speaks HTTP on any stream of bytes. It is short, because each side does its
//! part. Accept a connection, make a task of it, accept the next.
//!
//! Three things deserve a thought.
//!
//! **How many.** Each connection costs a file descriptor and some memory, and a stranger can
//! open as many as they like. So there is a most. When it is reached, a newcomer takes the
//! place of the connection that has been idle longest: most clients keep a connection long
//! after they have any use for it. If no connection is idle, the newcomer waits. The loop
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
//! and says on standard error what it lacks (once); as soon as there is something to accept
//! with, it goes on.
//!
//! **When it is time to stop.** First the listening socket is closed: a load balancer that
//! is refused goes elsewhere, while a connection that is accepted and then dropped is an
//! error to somebody. Then everybody is told ([`Endpoint::drain`]), and those in the middle
//! of something may finish. And then patience has an end: a peer must not be able to keep a
//! process alive by reading slowly.

use std::fmt;
use std::future::{Future, IntoFuture, pending};
use std::io::{self, Write};
use std::pin::Pin;
use std::time::Duration;

use http::{Request, Response};
use runtime::net::{TcpListener, TcpStream};
use runtime::select;
use runtime::time::{Instant, sleep, timeout};
use rustix::process::{Resource, getrlimit};
#[cfg(any(target_os = "linux", target_os = "android"))]
use socket2::SockRef;

use crate::body::Body;
use crate::h1::{Config, Endpoint};

/// Answers the connections that arrive at `listener` with `service`.
///
/// Await the result to serve for ever, or give it a signal first
/// ([`with_graceful_shutdown`](Serve::with_graceful_shutdown)).
///
/// ```no_run
/// use http::{Request, Response};
/// use runtime::net::TcpListener;
/// use server::{Body, serve};
///
/// # fn main() -> std::io::Result<()> {
/// runtime::runtime::Runtime::new()?.block_on(async {
///     let listener = TcpListener::bind("127.0.0.1:3000").await?;
///     serve(listener, |_: Request<Body>| async { Response::new(Body::from("Hello, World!")) }).await
/// })
/// # }
/// ```
pub fn serve<S, F>(listener: TcpListener, service: S) -> Serve<S>
where
    S: Fn(Request<Body>) -> F + 'static,
    F: Future<Output = Response<Body>> + 'static,
{
    Serve {
        listener,
        service,
        config: Config::default(),
        most: default_most(),
    }
}

/// A server about to start; from [`serve`]. Await it.
///
/// # Errors
///
/// None so far: whatever goes wrong while serving concerns one connection, or passes.
///
/// # Cancel safety
///
/// Dropping it closes the listening socket; connections go on until the runtime ends.
#[must_use = "a server does nothing unless it is awaited"]
pub struct Serve<S> {
    listener: TcpListener,
    service: S,
    config: Config,
    /// Connections that may be open at once.
    most: usize,
}

impl<S, F> Serve<S>
where
    S: Fn(Request<Body>) -> F + 'static,
    F: Future<Output = Response<Body>> + 'static,
{
    /// Limits and timeouts other than the [default](Config::default).
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// # use http::{Request, Response};
    /// use std::time::Duration;
    /// use runtime::net::TcpListener;
    /// use server::{Body, Config, serve};
    ///
    /// # let service = |_: Request<Body>| async { Response::new(Body::empty()) };
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// let config = Config { idle_timeout: Duration::from_secs(5), ..Config::default() };
    /// let server = serve(listener, service).with_config(config);
    /// # let _ = server;
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    pub fn with_config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// How many connections may be open at once; at least one.
    ///
    /// When so many are open and another one comes, the connection that has waited longest
    /// for its next request is closed, as at the end of [`Config::idle_timeout`]. A new
    /// connection on which nothing has come yet is closed only if there is none of these.
    /// If no connection is idle, the newcomer waits until one is, or ends. (The first in the
    /// line is accepted already and needs a descriptor; the others wait in the kernel's
    /// queue.)
    ///
    /// Unless told otherwise: seven eighths of the file descriptors that the process may
    /// have (its soft limit, `ulimit -n`), and never more than 100,000.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// # use http::{Request, Response};
    /// use runtime::net::TcpListener;
    /// use server::{Body, serve};
    ///
    /// # let service = |_: Request<Body>| async { Response::new(Body::empty()) };
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// let server = serve(listener, service).with_max_connections(1_000);
    /// # let _ = server;
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    pub fn with_max_connections(mut self, most: usize) -> Self {
        self.most = most.max(1);
        self
    }

    /// Stops when `signal` completes: at once for new connections, as soon as they are
    /// answered for requests under way, and within
    /// [nine seconds](WithGracefulShutdown::with_deadline) for everybody.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// use std::future::ready;
    /// use http::{Request, Response};
    /// use runtime::net::TcpListener;
    /// use server::{Body, serve};
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// serve(listener, |_: Request<Body>| async { Response::new(Body::empty()) })
    ///     .with_graceful_shutdown(ready(()))
    ///     .await
    /// # }).unwrap();
    /// ```
    pub fn with_graceful_shutdown<G>(self, signal: G) -> WithGracefulShutdown<S, G>
    where
        G: Future<Output = ()> + 'static,
    {
        WithGracefulShutdown {
            serve: self,
            signal,
            deadline: DEADLINE,
        }
    }

    async fn run(self, signal: impl Future<Output = ()>, deadline: Duration) -> io::Result<()> {
        let Serve {
            listener,
            service,
            config,
            most,
        } = self;
        let endpoint = Endpoint::with_config(service, config);
        select! {
            biased;
            () = signal => {}
            () = accept(&listener, &endpoint, most) => {}
        }
        drop(listener);
        endpoint.drain();
        if timeout(deadline, endpoint.closed()).await.is_err() {
            endpoint.cut();
            endpoint.closed().await;
        }
        Ok(())
    }
}

impl<S, F> IntoFuture for Serve<S>
where
    S: Fn(Request<Body>) -> F + 'static,
    F: Future<Output = Response<Body>> + 'static,
{
    type Output = io::Result<()>;
    type IntoFuture = Pin<Box<dyn Future<Output = io::Result<()>>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run(pending(), DEADLINE))
    }
}

impl<S> fmt::Debug for Serve<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.listener.local_addr();
        f.debug_struct("Serve")
            .field("address", &address)
            .field("config", &self.config)
            .field("max_connections", &self.most)
            .finish()
    }
}

/// A server that stops when it is told to; from [`Serve::with_graceful_shutdown`]. Await it.
///
/// Errors and cancel safety are those of [`Serve`].
#[must_use = "a server does nothing unless it is awaited"]
pub struct WithGracefulShutdown<S, G> {
    serve: Serve<S>,
    signal: G,
    deadline: Duration,
}

/// A supervisor that says "ten seconds" means the whole process; one is for the rest of it.
const DEADLINE: Duration = Duration::from_secs(9);

impl<S, G> WithGracefulShutdown<S, G> {
    /// How long after the signal requests under way may take. Then they are broken off.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// # use http::{Request, Response};
    /// use std::{future::ready, time::Duration};
    /// use runtime::net::TcpListener;
    /// use server::{Body, serve};
    ///
    /// # let service = |_: Request<Body>| async { Response::new(Body::empty()) };
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// serve(listener, service)
    ///     .with_graceful_shutdown(ready(()))
    ///     .with_deadline(Duration::from_secs(1))
    ///     .await
    /// # }).unwrap();
    /// ```
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }
}

impl<S, F, G> IntoFuture for WithGracefulShutdown<S, G>
where
    S: Fn(Request<Body>) -> F + 'static,
    F: Future<Output = Response<Body>> + 'static,
    G: Future<Output = ()> + 'static,
{
    type Output = io::Result<()>;
    type IntoFuture = Pin<Box<dyn Future<Output = io::Result<()>>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.serve.run(self.signal, self.deadline))
    }
}

impl<S, G> fmt::Debug for WithGracefulShutdown<S, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithGracefulShutdown")
            .field("serve", &self.serve)
            .finish_non_exhaustive()
    }
}

/// What [`Serve::with_max_connections`] says.
fn default_most() -> usize {
    const MOST: u64 = 100_000;
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(MOST);
    let most = (limit - limit / 8).clamp(1, MOST);
    usize::try_from(most).unwrap_or(usize::MAX)
}

/// Accepts for ever, while fewer than `most` connections are open.
async fn accept<S, F>(listener: &TcpListener, endpoint: &Endpoint<S, F>, most: usize)
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
            // Standard error may be closed; that is no reason to stop serving.
            let _ = writeln!(io::stderr(), "server: {reason}");
        }
    }
}
