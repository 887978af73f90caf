//! The body of the request being answered: opened with the head, read when the handler asks.
//!
//! The connection reads the socket for the body only when it is wanted, and tells a client that
//! asks first (`100 Continue`) only then. Until then the body's limit may change.
//!
//! How it can go wrong: a body that breaks its own rules in the middle, or turns out to be
//! larger than allowed. The handler may have read half of it. The exchange is over then: the
//! reader sees the error, and the handler is polled once more. If it answers with an error of its
//! own, that goes out. Otherwise the handler is dropped where it stands, and the client gets the
//! status that says what was wrong.

use std::ops::Range;
use std::task::Poll;

use bytes::Bytes;
use futures_io::{AsyncRead, AsyncWrite};
use http::{HeaderMap, Response, StatusCode};

use super::connection::{Step, Turn};
use super::read_buf::ReadBuf;
use super::scratch::READ_SIZE;
use super::shared::{Slot, discard};
use super::state::RequestBody;
use super::state::Stage;
use super::timeouts::Wait;
use crate::body::channel::channel;
use crate::body::{Body, BodyError};
use crate::h1::codec::body_decoder::BodyDecoder;
use crate::h1::codec::decode::Facts;
use crate::h1::codec::refusal::Refusal;
use crate::h1::error::Error;
use crate::mark::Mark;
use crate::service::Service;

impl<I, S, M> Turn<'_, '_, I, S, M>
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: Service,
    M: Mark,
{
    /// The body of a request whose head has just been read. What has come of it is taken
    /// along; if that is all, the body is complete from the start.
    ///
    /// Of a body that seems too large nothing is taken: the handler may allow it. If it does not,
    /// the body is refused when the handler reads, or ends.
    pub(super) fn open_body(&mut self, facts: &Facts) -> Result<Body, BodyError> {
        let limit = self.shared.config.max_body;
        let mut decoder =
            BodyDecoder::new(facts.framing, limit, self.shared.config.max_chunk_overhead);
        // A client that has begun to send does not wait for anything.
        let asks = facts.expects_continue && self.work.read_buf.is_empty();
        let first = match decoder.left() {
            Some(length) if length > limit => Bytes::new(),
            _ => self.take_first(&mut decoder)?,
        };
        let trailers = match decoder.is_done() {
            true => decoder.take_trailers(),
            false => None,
        };
        if decoder.is_done() && first.len() < SMALL && trailers.is_none() {
            return Ok(first.into());
        }
        self.shared.may_begin()?;
        self.shared.may_hold(first.len())?;
        if trailers.is_some() {
            return Ok(self.whole(first, limit, trailers));
        }
        if decoder.is_done() {
            return Ok(self.shared.held.count(first).into());
        }
        let (request_body, incoming) =
            RequestBody::new(decoder, first, asks, limit, &self.shared.held);
        self.work.request_body = Some(request_body);
        Ok(Body::incoming(incoming))
    }

    /// A body that has come whole, and has trailers.
    #[cold]
    fn whole(&self, data: Bytes, limit: u64, trailers: Option<HeaderMap>) -> Body {
        let (feed, incoming) = channel(None, limit, &self.shared.held);
        if !data.is_empty() {
            feed.push(data);
        }
        feed.finish(trailers);
        Body::incoming(incoming)
    }

    /// What has come of a body together with its head.
    fn take_first(&mut self, decoder: &mut BodyDecoder) -> Result<Bytes, BodyError> {
        let begin = decoder.clone();
        match decoder.decode(self.work.read_buf.bytes(&self.scratch.read)) {
            Ok((first, taken)) => {
                self.work.read_buf.consume(taken);
                Ok(first)
            }
            Err(error) if error.is_too_large() => {
                *decoder = begin;
                Ok(Bytes::new())
            }
            Err(error) => Err(error),
        }
    }

    pub(super) fn attach(&mut self, body: Body) {
        if let Some(request) = &mut self.scratch.request {
            *request.body_mut() = body;
        }
    }

    /// Tells a client that waits to be told that its body is wanted.
    pub(super) fn ask_for_body(&mut self) {
        let asks = self
            .work
            .request_body
            .as_mut()
            .map(|request_body| std::mem::take(&mut request_body.asks));
        if asks == Some(true) {
            self.say_continue();
        }
    }

    /// Says it, and not again.
    pub(super) fn say_continue(&mut self) {
        self.work.facts.expects_continue = false;
        let buffer = self.work.write_buf.buffer();
        buffer.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
    }

    /// Reads until there is a piece of body to hand over.
    pub(super) fn pump(&mut self) -> Step {
        loop {
            match self.deliver() {
                Ok(true) => return Step::On,
                Ok(false) => {}
                Err(error) => return self.body_failed(error),
            }
            match self.fill() {
                Poll::Ready(Ok(0)) => return self.body_failed(BodyError::closed()),
                Poll::Ready(Ok(count)) => self.received(count),
                Poll::Ready(Err(error)) => return Step::End(Err(error.into())),
                Poll::Pending => {
                    self.listen_to_reader();
                    return self.wait(Wait::Body);
                }
            }
        }
    }

    /// Hands over what the read buffer holds of the body; says whether that was anything.
    fn deliver(&mut self) -> Result<bool, BodyError> {
        let Some(request_body) = &mut self.work.request_body else {
            return Ok(true);
        };
        request_body.decoder.set_limit(request_body.feed.limit())?;
        let (read_buf, scratch) = (&mut self.work.read_buf, &mut self.scratch);
        let piece = match whole_buffer(read_buf, &request_body.decoder) {
            Some(range) => {
                request_body.decoder.skip(&scratch.read[range.clone()])?;
                read_buf.clear();
                scratch.hand_out(range)
            }
            None => {
                let (piece, taken) = request_body.decoder.decode(read_buf.bytes(&scratch.read))?;
                read_buf.consume(taken);
                piece
            }
        };
        let (done, empty) = (request_body.decoder.is_done(), piece.is_empty());
        self.shared.may_hold(piece.len())?;
        if !empty {
            request_body.feed.push(piece);
        }
        if done {
            let trailers = request_body.decoder.take_trailers();
            request_body.feed.finish(trailers);
            self.work.request_body = None;
        }
        Ok(done || !empty)
    }

    pub(super) fn is_body_too_large(&self) -> bool {
        let request_body = self.work.request_body.as_ref();
        request_body.is_some_and(|request_body| request_body.feed.is_too_large())
    }

    #[cold]
    pub(super) fn refuse_instead(
        &mut self,
        response: &mut Response<Body>,
        refusal: Refusal,
    ) -> Step {
        discard(std::mem::take(response.body_mut()));
        self.refuse(refusal)
    }

    /// Lets the body's reader wake this task, if it lives in another one.
    pub(super) fn listen_to_reader(&self) {
        if let Some(request_body) = &self.work.request_body {
            request_body.feed.register(self.cx);
        }
    }

    /// The request's body broke off, or broke the rules.
    pub(super) fn body_failed(&mut self, error: BodyError) -> Step {
        let refusal = refusal(&error);
        let closed = error.is_closed();
        if let Some(request_body) = self.work.request_body.take() {
            request_body.feed.fail(error);
        }
        let error = Error::request_body(match closed {
            true => BodyError::closed(),
            false => BodyError::malformed(refusal.reason()),
        });
        self.work.at_end |= closed;
        match std::mem::replace(&mut self.work.stage, Stage::Close) {
            Stage::Handler(slot) if closed => {
                self.shared.retire(slot);
                Step::End(Err(error))
            }
            Stage::Handler(slot) => self.last_word(slot, refusal),
            Stage::Stream(response_body) => {
                discard(response_body.body);
                self.break_off(error)
            }
            _ => self.close_with(error),
        }
    }

    /// The handler is polled once more, as it may have something to say about its broken body.
    /// If it does not answer now, or answers as if all were well, the client gets the refusal.
    fn last_word(&mut self, mut slot: Slot<S::Future>, refusal: Refusal) -> Step {
        let mut answer = Poll::Pending;
        // If it panics, it has not answered.
        let _ = self.shared.poll(&mut slot, self.cx, &mut answer);
        self.shared.retire(slot);
        match &mut answer {
            Poll::Ready(response) if seems_well(response) => self.refuse_instead(response, refusal),
            Poll::Ready(response) => {
                self.shared.config.refusals.count(refusal);
                self.work.keep_alive = false;
                let said = Refusal::new(response.status(), refusal.reason());
                self.work.failure = Some(Error::refused(said));
                self.respond(response)
            }
            Poll::Pending => self.refuse(refusal),
        }
    }
}

/// Whether an answer says nothing of a body that could not be taken. A 101 does not: what is left of
/// the body would become the first bytes of the new protocol.
pub(super) fn seems_well(response: &Response<Body>) -> bool {
    let status = response.status();
    status.is_success() || status.is_informational()
}

/// Where in the thread's read buffer a piece of a body lies that fills at least half of it and is followed by nothing
/// else: then the buffer is handed out whole. (A smaller piece is copied: it would keep 64 KiB.)
fn whole_buffer(read_buf: &ReadBuf, decoder: &BodyDecoder) -> Option<Range<usize>> {
    let large = read_buf.len() >= READ_SIZE / 2;
    let is_all = decoder.left()? >= read_buf.len() as u64;
    read_buf.in_lent().filter(|_| large && is_all)
}

/// A body that arrived whole together with its head, and is smaller, is not counted among
/// those that are held.
const SMALL: usize = 4 * 1024;

/// What a client is told about a body that cannot be taken.
pub(super) fn refusal(error: &BodyError) -> Refusal {
    let reason = match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => "the body is larger than allowed",
        StatusCode::REQUEST_TIMEOUT => "the body took too long",
        StatusCode::SERVICE_UNAVAILABLE => "the server holds as many bodies as it may",
        _ => "the body is malformed",
    };
    Refusal::new(error.status(), reason)
}
