//! One request and its response: what a connection remembers of them, and one poll of both.
//!
//! Sending and receiving go on at the same time: a response may begin before the request has been
//! sent to its end. Each side is a small machine of its own ([`Sending`], [`Receiving`]), in
//! [`send`](super::send) and [`receive`](super::receive). [`Turn::run`] moves one and then the
//! other until both wait, and then sees to the time.
//!
//! How it can go wrong: two sides that wait for one another. The server does not read because its
//! response is not read, and the caller does not read before its request has left. The time to
//! write does not count then: it is not the server that is slow.

use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_io::{AsyncRead, AsyncWrite};
use http::{Method, header};
use runtime::sync::oneshot;
use runtime::task::coop::has_budget_remaining;
use runtime::time::Instant;

use super::config::Config;
use super::dispatch::{Call, Outcome};
use super::error::{Error, Kind, Retry};
use super::informational::{OnInformational, take_callback};
use crate::body::channel::Feed;
use crate::body::held::Held;
use crate::body::{Body, BodyError};
use crate::h1::codec::body_decoder::BodyDecoder;
use crate::h1::codec::body_encoder::BodyEncoder;
use crate::h1::codec::decode::{ResponseReader, elements};
use crate::h1::codec::encode::Length;
use crate::h1::codec::encode_request::{encode_request, request_length};
use crate::h1::codec::hop::Protocols;
use crate::h1::conn::allowance::Allowance;
use crate::h1::conn::read_buf::ReadBuf;
use crate::h1::conn::scratch::Scratch;
use crate::h1::conn::timeouts::Timeouts;
use crate::h1::conn::upgrade::Offer;
use crate::h1::conn::write_buf::WriteBuf;

/// One request and its response.
pub(super) struct Exchange {
    pub(super) read_buf: ReadBuf,
    pub(super) write_buf: WriteBuf,
    pub(super) sending: Sending,
    pub(super) receiving: Receiving,
    pub(super) method: Method,
    /// The protocols that the request asks for.
    pub(super) asked: Protocols,
    /// Another request may follow.
    pub(super) keep_alive: bool,
    /// The connection has served other requests.
    is_reused: bool,
    /// Bytes of the request have left.
    pub(super) has_sent: bool,
    /// Bytes of a response have come.
    pub(super) has_received: bool,
    /// Why the request could not be sent to its end; a response may have come nevertheless.
    pub(super) write_error: Option<std::io::Error>,
    pub(super) on_informational: Option<OnInformational>,
    /// Informational responses so far.
    pub(super) informational: usize,
    /// What is left of the time to wait for the body.
    allowance: Allowance,
}

/// How far the request is.
pub(super) enum Sending {
    /// The head leaves; the body waits for the server's word.
    Waits(Body, BodyEncoder),
    Body(Body, BodyEncoder),
    /// All of it lies in the buffer, or has left.
    Complete,
    /// The rest is not sent.
    GivenUp,
}

/// How far the response is.
pub(super) enum Receiving {
    Head(ResponseReader, oneshot::Sender<Outcome>),
    Body(BodyDecoder, Feed),
    /// The reader is gone: so many bytes are still thrown away.
    Drain(BodyDecoder, u64),
    Complete,
}

/// What an exchange waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    Write,
    Continue,
    Head,
    Body,
    Drain,
}

/// How an exchange ends.
pub(super) enum End {
    KeepAlive,
    Close,
    Fail(Error),
    /// The connection is the caller's, with what has been read of it.
    Switch(Offer, Bytes),
}

/// A request that cannot be sent.
pub(super) struct Unsendable {
    call: Call,
    why: &'static str,
}

impl Unsendable {
    pub(super) fn reply(self) {
        let error = Error::new(Kind::User(self.why));
        // A caller that has gone does not want it.
        drop(self.call.reply.send(Err((error, Some(self.call.request)))));
    }
}

impl Exchange {
    /// Writes the head of a request into the buffer.
    pub(super) fn begin(call: Call, is_reused: bool) -> Result<Box<Self>, Unsendable> {
        let exact = call.request.body().exact_length();
        let mut write_buf = WriteBuf::default();
        let length = request_length(&call.request, exact).and_then(|length| {
            encode_request(write_buf.buffer(), &call.request, length).map(|()| length)
        });
        let length = match length {
            Ok(length) => length,
            Err(why) => return Err(Unsendable { call, why }),
        };
        let Call { request, reply } = call;
        let (mut parts, body) = request.into_parts();
        let named = |name, option: &[u8]| {
            let values = parts.headers.get_all(name).into_iter();
            let mut options = values.flat_map(|value| elements(value.as_bytes()));
            options.any(|one| one.eq_ignore_ascii_case(option))
        };
        let sending = match length {
            Length::Unsaid | Length::Known(0) => Sending::Complete,
            length if named(header::EXPECT, b"100-continue") => {
                Sending::Waits(body, BodyEncoder::new(length))
            }
            length => Sending::Body(body, BodyEncoder::new(length)),
        };
        let keep_alive = !named(header::CONNECTION, b"close");
        Ok(Box::new(Exchange {
            read_buf: ReadBuf::default(),
            write_buf,
            sending,
            receiving: Receiving::Head(ResponseReader::default(), reply),
            keep_alive: keep_alive && parts.version != http::Version::HTTP_10,
            method: parts.method,
            asked: Protocols::of(&parts.headers),
            is_reused,
            has_sent: false,
            has_received: false,
            write_error: None,
            on_informational: take_callback(&mut parts.extensions),
            informational: 0,
            allowance: Allowance::default(),
        }))
    }

    /// Tells the caller, or the reader of the response. The error comes back if a request has not
    /// been told it.
    pub(super) fn fail(&mut self, error: Error) -> Option<Error> {
        match std::mem::replace(&mut self.receiving, Receiving::Complete) {
            Receiving::Head(_, reply) => {
                let retry = self.retry(&error);
                // A caller that has gone does not want it.
                drop(reply.send(Err((error.with_retry(retry), None))));
                None
            }
            Receiving::Body(_, feed) => {
                feed.fail(body_error(&error));
                Some(error)
            }
            Receiving::Drain(..) | Receiving::Complete => Some(error),
        }
    }

    fn retry(&self, error: &Error) -> Retry {
        match (self.has_sent, self.has_received) {
            _ if error.is_user() => Retry::Never,
            (false, _) => Retry::Safe,
            (true, false) if self.is_reused && error.is_end() => Retry::IfIdempotent,
            _ => Retry::Never,
        }
    }
}

/// What the reader of the response is told.
fn body_error(error: &Error) -> BodyError {
    if error.is_timeout() {
        BodyError::timed_out()
    } else if error.is_user() {
        BodyError::other(error.to_string().into())
    } else {
        BodyError::closed()
    }
}

/// One poll of an exchange: everything that it may use while it lasts.
pub(super) struct Turn<'a, I> {
    pub(super) io: &'a mut I,
    pub(super) scratch: &'a mut Scratch,
    pub(super) exchange: &'a mut Exchange,
    pub(super) config: &'a Config,
    pub(super) timeouts: &'a mut Timeouts<Wait>,
    pub(super) held: &'a Held,
    pub(super) now: Instant,
}

impl<I: AsyncRead + AsyncWrite + Unpin> Turn<'_, I> {
    /// Sends and receives until both wait.
    pub(super) fn run(mut self, cx: &mut Context<'_>) -> Poll<End> {
        self.exchange.write_buf.lend(&mut self.scratch.write);
        if let Receiving::Body(_, feed) = &self.exchange.receiving {
            feed.unregister();
        }
        let end = self.run_with_buffers(cx);
        self.exchange.read_buf.keep(&self.scratch.read);
        self.exchange.write_buf.give_back(&mut self.scratch.write);
        end
    }

    fn run_with_buffers(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        loop {
            let sent = match self.poll_send(cx) {
                Poll::Ready(Err(error)) => return Poll::Ready(End::Fail(error)),
                sent => sent.is_ready(),
            };
            match self.is_received() {
                true if sent => return Poll::Ready(self.finish()),
                true => {}
                false => match self.poll_receive(cx) {
                    Poll::Ready(Some(end)) => return Poll::Ready(end),
                    Poll::Ready(None) => continue,
                    Poll::Pending => {}
                },
            }
            match self.poll_time(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(end)) => return Poll::Ready(end),
                Poll::Ready(None) => {}
            }
        }
    }

    fn is_received(&self) -> bool {
        matches!(self.exchange.receiving, Receiving::Complete)
    }

    /// Request and response are complete.
    fn finish(&self) -> End {
        let is_sent = matches!(self.exchange.sending, Sending::Complete);
        match is_sent && self.exchange.keep_alive && self.exchange.read_buf.is_empty() {
            true => End::KeepAlive,
            false => End::Close,
        }
    }

    /// Both sides wait: for how long? `Ready(None)`: go on.
    fn poll_time(&mut self, cx: &mut Context<'_>) -> Poll<Option<End>> {
        let Some((wait, time)) = self.wait() else {
            self.stop_waiting();
            return Poll::Pending;
        };
        if self.timeouts.wait() != Some(wait) {
            self.stop_waiting();
        }
        if !has_budget_remaining() {
            // Not a wait for the server: what it has sent or taken has not been looked at.
            return Poll::Pending;
        }
        if self.timeouts.poll(wait, time, self.now, cx).is_pending() {
            return Poll::Pending;
        }
        self.timeouts.progress();
        let slow = |what| Some(End::Fail(Error::new(Kind::TimedOut(what))));
        Poll::Ready(match wait {
            Wait::Write => slow("it does not read the request"),
            Wait::Head => slow("the head of the response has not come"),
            Wait::Body => slow("the body of the response has not come"),
            Wait::Drain => Some(End::Close),
            Wait::Continue => {
                self.begin_body();
                None
            }
        })
    }

    /// The server is not waited for any more, for now.
    pub(super) fn stop_waiting(&mut self) {
        if let Some((Wait::Body, left)) = self.timeouts.stop(self.now) {
            self.exchange.allowance.set(left);
        }
    }

    /// So much of the body has come.
    pub(super) fn received(&mut self, count: usize) {
        self.stop_waiting();
        let config = self.config;
        let allowance = &mut self.exchange.allowance;
        allowance.earn(count, config.min_body_rate, config.body_timeout);
    }

    /// What the server is waited for.
    fn wait(&self) -> Option<(Wait, Duration)> {
        let config = self.config;
        let is_unread = match &self.exchange.receiving {
            Receiving::Body(_, feed) => !feed.is_wanted(),
            _ => false,
        };
        match (&self.exchange.sending, &self.exchange.receiving) {
            _ if is_unread => None,
            _ if !self.exchange.write_buf.is_empty() => Some((Wait::Write, config.write_timeout)),
            (_, Receiving::Body(..)) => {
                let allowance = self.exchange.allowance;
                Some((Wait::Body, allowance.left(config.body_timeout)))
            }
            (_, Receiving::Drain(..)) => Some((Wait::Drain, config.drain_timeout)),
            (Sending::Waits(..), _) => Some((Wait::Continue, config.continue_timeout)),
            (Sending::Complete | Sending::GivenUp, Receiving::Head(..)) => {
                Some((Wait::Head, config.head_timeout))
            }
            (Sending::Body(..), _) | (_, Receiving::Complete) => None,
        }
    }
}
