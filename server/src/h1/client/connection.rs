//! The future that drives one outgoing connection.
//!
//! Between two requests a connection owns its stream, a timer and a reference; the buffers are
//! the thread's ([`scratch`](crate::h1::conn::scratch)). It watches the stream: a server that
//! closes is noticed at once, and not when the next request has been sent in vain.
//!
//! How it can go wrong: bytes that come while no request is under way. They would be taken for the
//! next response. So they end the connection.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};
use runtime::time::Instant;

use super::config::Config;
use super::dispatch::{Dispatch, Status};
use super::error::{Error, Kind};
use super::exchange::{End, Exchange, Turn, Wait};
use crate::body::held::Held;
use crate::h1::conn::scratch::scratch;
use crate::h1::conn::timeouts::Timeouts;
use crate::h1::conn::upgraded::Upgraded;

/// An outgoing connection; from [`handshake`](super::handshake). It is a future, which usually
/// becomes a task of its own, and ends with the connection.
/// Its example is [`handshake`](super::handshake)'s.
///
/// # Errors
///
/// Why the connection ended early, unless a request has been told. A connection that the server or
/// the caller has closed between two requests has ended well.
///
/// # Panics
///
/// If the body of a request panics when it is polled.
///
/// # Cancel safety
///
/// Dropping it drops the stream. A request that is under way gets an error, and so does the reader
/// of a response.
#[must_use = "this is the connection, which does nothing unless it is polled"]
pub struct Connection<I> {
    io: Option<I>, // `None`: it has been handed over.
    dispatch: Rc<Dispatch>,
    config: Config,
    timeouts: Timeouts<Wait>,
    held: Held,
    /// A request has been answered.
    is_reused: bool,
    stage: Stage,
}

/// Where a connection is; the diagram is in [`client`](super).
enum Stage {
    Idle,
    Busy(Box<Exchange>),
    Closing,
    Ended(Option<Error>),
}

impl<I> Connection<I> {
    pub(super) fn new(io: I, dispatch: Rc<Dispatch>, config: Config) -> Self {
        Connection {
            io: Some(io),
            dispatch,
            timeouts: Timeouts::new(config.head_timeout),
            config,
            held: Held::default(),
            is_reused: false,
            stage: Stage::Idle,
        }
    }

    /// Nothing more happens. The caller learns it before it learns anything else.
    fn end(&mut self, error: Option<Error>) {
        self.stage = Stage::Ended(error);
        self.dispatch.close();
    }
}

impl<I: Unpin> Unpin for Connection<I> {}

impl<I> Future for Connection<I>
where
    I: AsyncRead + AsyncWrite + Unpin + 'static,
{
    type Output = Result<(), Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        loop {
            match &mut this.stage {
                Stage::Idle => ready!(this.poll_idle(cx)),
                Stage::Busy(_) => ready!(this.poll_exchange(cx)),
                Stage::Closing => ready!(this.poll_close(cx)),
                Stage::Ended(error) => {
                    let error = error.take();
                    drop(this.io.take());
                    return Poll::Ready(error.map_or(Ok(()), Err));
                }
            }
        }
    }
}

impl<I> Connection<I>
where
    I: AsyncRead + AsyncWrite + Unpin + 'static,
{
    /// Waits for the next request, and watches the stream.
    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(io) = &mut self.io else {
            self.end(None);
            return Poll::Ready(());
        };
        let read = Pin::new(io).poll_read(cx, &mut scratch().read[..1]);
        match read {
            Poll::Pending => {}
            Poll::Ready(Ok(0)) => {
                self.end(None);
                return Poll::Ready(());
            }
            Poll::Ready(Ok(_)) => {
                self.end(Some(Error::new(Kind::Parse(UNASKED))));
                return Poll::Ready(());
            }
            Poll::Ready(Err(error)) => {
                self.end(Some(Error::io(error)));
                return Poll::Ready(());
            }
        }
        match ready!(self.dispatch.poll_call(cx)) {
            None => {
                self.dispatch.close();
                self.timeouts.progress();
                self.stage = Stage::Closing;
            }
            // The caller has gone, and nothing has been sent.
            Some(call) if call.reply.is_closed() => {}
            Some(call) => {
                self.dispatch.set(Status::Busy);
                self.timeouts.progress();
                match Exchange::begin(call, self.is_reused) {
                    Ok(exchange) => self.stage = Stage::Busy(exchange),
                    Err(unsendable) => {
                        unsendable.reply();
                        self.dispatch.set(Status::Idle);
                    }
                }
            }
        }
        Poll::Ready(())
    }

    /// Sends and receives.
    fn poll_exchange(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let stage = std::mem::replace(&mut self.stage, Stage::Closing);
        let (Stage::Busy(mut exchange), Some(io)) = (stage, &mut self.io) else {
            return Poll::Ready(());
        };
        let end = Turn {
            io,
            scratch: &mut scratch(),
            exchange: &mut exchange,
            config: &self.config,
            timeouts: &mut self.timeouts,
            held: &self.held,
            now: Instant::now(),
        }
        .run(cx);
        let Poll::Ready(end) = end else {
            self.stage = Stage::Busy(exchange);
            return Poll::Pending;
        };
        self.is_reused = true;
        self.timeouts.progress();
        match end {
            End::KeepAlive => {
                self.stage = Stage::Idle;
                self.dispatch.set(Status::Idle);
            }
            End::Close => {
                self.stage = Stage::Closing;
                self.dispatch.close();
            }
            End::Fail(error) => {
                let untold = exchange.fail(error);
                self.end(untold);
            }
            End::Switch(offer, unread) => {
                if let Some(io) = self.io.take() {
                    offer.keep(Upgraded::outgoing(io, unread));
                }
                self.end(None);
            }
        }
        Poll::Ready(())
    }

    /// Says goodbye: the server sees an end.
    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let time = self.config.write_timeout;
        if let Some(io) = &mut self.io
            && let Poll::Pending = Pin::new(io).poll_close(cx)
            && self
                .timeouts
                .poll(Wait::Write, time, Instant::now(), cx)
                .is_pending()
        {
            return Poll::Pending;
        }
        // Whether it went well makes no difference: all responses are complete.
        self.end(None);
        Poll::Ready(())
    }
}

/// What to say of bytes that come without a request.
const UNASKED: &str = "it came without a request";

impl<I> Drop for Connection<I> {
    fn drop(&mut self) {
        if let Stage::Busy(mut exchange) = std::mem::replace(&mut self.stage, Stage::Ended(None)) {
            exchange.fail(Error::new(Kind::Canceled));
        }
        self.dispatch.close();
    }
}

impl<I> fmt::Debug for Connection<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("status", &self.dispatch.status())
            .finish_non_exhaustive()
    }
}
