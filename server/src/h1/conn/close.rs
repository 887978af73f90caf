//! How a connection ends.
//!
//! Closing sounds simple and is not. When a server closes a socket into which the peer is
//! still sending, the peer's kernel gets a reset; and a reset throws away what the peer has
//! received but not yet read: the very answer that says why. A client that uploads too much
//! would see "connection reset" instead of `413 Payload Too Large`.
//!
//! So whenever the peer may still be sending, the connection closes only its own direction
//! (the answer, and then nothing) and *lingers*: it reads on and throws away what comes,
//! until the peer closes as well, within limits of time and bytes. RFC 9112, section 9.6,
//! tells the same story.
//!
//! An answer that breaks off is the other way round: its end must not look like one. Usually
//! something is missing that the peer waits for (the last chunk, the rest of the promised
//! length), and then the connection closes as always. An answer whose end *is* the end of the
//! connection must not be followed by one: the connection is *severed*, that is, reset.
//!
//! How it can go wrong: lingering is a gift, and gifts are taken advantage of. It lasts as
//! long as the peer sends something, but it has one deadline for the whole of it and a count
//! of bytes. It ends at once when the server is cut off or needs the place for a newcomer, and
//! soon when the server stops. And a reset may overtake what was sent before, complete answers
//! among it. So the connection waits for them to arrive, as long as it lingers for a silent
//! peer.

use std::io;
use std::pin::Pin;
use std::task::{Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};
use http::header::{self, HeaderValue};
use http::{HeaderMap, StatusCode};

use super::connection::{Step, Turn};
use super::shared::discard;
use super::state::{Linger, Stage};
use super::timeouts::{Wait, after};
use crate::body::BodyError;
use crate::h1::codec::encode::{Farewell, Length, encode};
use crate::h1::codec::hop::Wishes;
use crate::h1::codec::refusal::Refusal;
use crate::h1::error::Error;
use crate::mark::Mark;
use crate::observed::{self, Unsent};
use crate::service::Service;

impl<I, S, M> Turn<'_, '_, I, S, M>
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: Service,
    M: Mark,
{
    /// Says no to a request whose head was not understood. All that is known of it is how it
    /// begins: the facts are still those of the request before.
    #[cold]
    pub(super) fn refuse_head(&mut self, refusal: Refusal) -> Step {
        self.work.end_unsent();
        self.work.number = self.number_of_head("refused");
        let head = self.work.read_buf.bytes(&self.scratch.read);
        self.work.facts.is_head = head.starts_with(b"HEAD ");
        observed::begin_unread(self.work.number, head);
        self.refuse(refusal)
    }

    /// Says no, and ends the connection. A handler that runs is dropped.
    #[cold]
    pub(super) fn refuse(&mut self, refusal: Refusal) -> Step {
        if let Stage::Handler(slot) = std::mem::replace(&mut self.work.stage, Stage::Close) {
            self.shared.retire(slot);
        }
        self.work.request_body = None;
        let number = std::mem::take(&mut self.work.number);
        observed::refused(number, refusal.reason());
        self.work.unsent = Unsent::new(number, Some(refusal.status()));
        self.shared.config.refusals.count(refusal);
        self.work.failure = Some(Error::refused(refusal));
        let text = format!("{refusal}\n");
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, plain)]);
        let length = Length::Known(text.len() as u64);
        let (wishes, farewell) = (Wishes::default(), Farewell::Close);
        let opening = self.scratch.date.at(self.now);
        let buffer = self.work.write_buf.buffer();
        let status = refusal.status();
        encode(buffer, opening, status, &headers, wishes, farewell, length);
        // Not even the reason is sent to a HEAD (RFC 9110, section 9.3.2).
        if !self.work.facts.is_head {
            buffer.extend_from_slice(text.as_bytes());
        }
        Step::On
    }

    /// A wait has lasted too long.
    #[cold]
    pub(super) fn expired(&mut self, wait: Wait) -> Step {
        match wait {
            Wait::Idle => self.end_idle(),
            Wait::Linger | Wait::Delivery => self.end(),
            Wait::Head => self.refuse_head(HEAD_TOO_SLOW),
            Wait::Body => self.body_failed(BodyError::timed_out()),
            Wait::Write => Step::End(Err(Error::stuck_write())),
            Wait::Drain => self.give_up(),
        }
    }

    /// Throws away the rest of a request's body that has no reader, if that is little.
    pub(super) fn drain(&mut self, left: u64) -> Step {
        self.work.stage = Stage::Drain(left);
        match &self.work.request_body {
            None => self.drained(),
            // Another task holds the body and may still read it.
            Some(request_body) if !request_body.feed.is_abandoned() => self.attend(),
            Some(_) if self.work.switch.is_some() => self.drain_some(left),
            Some(request_body) if request_body.asks || !self.work.keep_alive => self.give_up(),
            Some(_) => self.drain_some(left),
        }
    }

    fn drain_some(&mut self, left: u64) -> Step {
        match self.flush() {
            Poll::Pending => return self.wait(Wait::Write),
            Poll::Ready(Err(error)) => return Step::End(Err(error.into())),
            Poll::Ready(Ok(())) => {}
        }
        let Some(request_body) = &mut self.work.request_body else {
            return self.drained();
        };
        let Ok(taken) = request_body
            .decoder
            .skip(self.work.read_buf.bytes(&self.scratch.read))
        else {
            return self.give_up();
        };
        let done = request_body.decoder.is_done();
        self.work.read_buf.consume(taken);
        if done {
            self.work.request_body = None;
            return self.drained();
        }
        match left.checked_sub(taken as u64) {
            Some(left) => self.work.stage = Stage::Drain(left),
            None => return self.give_up(),
        }
        match self.fill() {
            Poll::Ready(Ok(0)) => Step::End(Err(Error::truncated())),
            Poll::Ready(Ok(_)) => Step::On,
            Poll::Ready(Err(error)) => Step::End(Err(error.into())),
            Poll::Pending => self.wait(Wait::Drain),
        }
    }

    /// The body has been got rid of.
    fn drained(&mut self) -> Step {
        self.timeouts.progress();
        if let Some(mut response) = self.work.switch.take() {
            return self.begin_to_switch(&mut response);
        }
        self.work.stage = if self.work.keep_alive {
            Stage::Head
        } else {
            Stage::Close
        };
        Step::On
    }

    /// Too much is left: better to end the connection.
    pub(super) fn give_up(&mut self) -> Step {
        if let Some(mut response) = self.work.switch.take() {
            discard(std::mem::take(response.body_mut()));
            return self.refuse(NO_END_BEFORE_SWITCH);
        }
        self.work.stage = Stage::Close;
        Step::On
    }

    /// Sends what is left to send, and closes our direction.
    pub(super) fn close(&mut self) -> Step {
        self.work.stage = Stage::Close;
        match self.poll_goodbye() {
            Poll::Pending => return self.wait(Wait::Write),
            Poll::Ready(Err(error)) => return Step::End(Err(error.into())),
            Poll::Ready(Ok(())) => {}
        }
        // What has been sent has an end now that the peer can see.
        self.work.torn = false;
        match self.peer_sends() {
            _ if self.work.at_end => self.end(),
            None => self.end(),
            Some(surely) => self.begin_to_linger(surely),
        }
    }

    fn poll_goodbye(&mut self) -> Poll<io::Result<()>> {
        ready!(self.flush())?;
        Pin::new(&mut *self.io).poll_close(self.cx)
    }

    /// Whether the peer is in the middle of sending something: surely, or perhaps. A peer that
    /// did not ask for the end of the connection may be sending its next request.
    fn peer_sends(&self) -> Option<bool> {
        let surely = self.work.failure.is_some()
            || self.work.request_body.is_some()
            || !self.work.read_buf.is_empty();
        (surely || self.work.facts.keep_alive).then_some(surely)
    }

    /// An answer under way has failed: what was complete before it is sent, and the answer
    /// is left without its end.
    #[cold]
    pub(super) fn break_off(&mut self, error: Error) -> Step {
        self.work.failure = Some(error);
        self.work.stage = match self.work.torn {
            true => Stage::Sever,
            false => Stage::Close,
        };
        Step::On
    }

    /// The answer is complete, or lacks its end so that the peer sees it; something else
    /// ends the connection.
    #[cold]
    pub(super) fn close_with(&mut self, error: Error) -> Step {
        self.work.failure = Some(error);
        self.give_up()
    }

    /// Sends what is left to send, and does not close: the peer would take that for the end
    /// of the answer. The reset that follows may overtake what has been sent, so it waits.
    pub(super) fn sever(&mut self) -> Step {
        if self.parts_now {
            return self.end();
        }
        self.work.stage = Stage::Sever;
        match self.flush() {
            Poll::Pending => self.wait(Wait::Write),
            Poll::Ready(Err(error)) => Step::End(Err(error.into())),
            Poll::Ready(Ok(())) => self.wait(Wait::Delivery),
        }
    }

    fn begin_to_linger(&mut self, sends: bool) -> Step {
        self.work.request_body = None;
        self.timeouts.progress();
        let config = &self.shared.config;
        self.work.stage = Stage::Linger(Linger {
            left: config.linger_limit,
            until: after(self.now, config.linger_time),
            sends,
        });
        Step::On
    }

    /// Throws away what the peer still sends, so that it gets to read the answer.
    pub(super) fn linger(&mut self, mut linger: Linger) -> Step {
        self.work.read_buf.clear();
        if self.parts_now {
            return self.end();
        }
        if self.is_draining() {
            let soon = after(self.now, self.shared.config.linger_timeout);
            linger.until = linger.until.min(soon);
        }
        let count = match self.fill() {
            Poll::Ready(Ok(count)) => count as u64,
            Poll::Ready(Err(_)) => 0,
            Poll::Pending if linger.sends || self.budget.is_to_blame() => {
                self.work.stage = Stage::Linger(linger);
                return self.wait(Wait::Linger);
            }
            Poll::Pending => 0,
        };
        match linger.left.checked_sub(count) {
            Some(left) if count > 0 && self.now < linger.until => {
                self.timeouts.progress();
                linger.left = left;
                linger.sends = true;
                self.work.stage = Stage::Linger(linger);
                Step::On
            }
            _ => self.end(),
        }
    }

    /// Ends a connection that waits for a request. Nothing is left to send, but the stream may
    /// have an end of its own to send (TLS has one), and an empty stream takes that at once.
    pub(super) fn end_idle(&mut self) -> Step {
        let _ = Pin::new(&mut *self.io).poll_close(self.cx);
        self.end()
    }

    fn end(&mut self) -> Step {
        Step::End(self.work.failure.take().map_or(Ok(()), Err))
    }
}

const NO_END_BEFORE_SWITCH: Refusal = Refusal::new(
    StatusCode::BAD_REQUEST,
    "the rest of the body is too long, too slow or malformed",
);

const HEAD_TOO_SLOW: Refusal = Refusal::new(
    StatusCode::REQUEST_TIMEOUT,
    "the head of the request took too long",
);
