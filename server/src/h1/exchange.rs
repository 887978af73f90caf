//! One request and the handler that answers it.
//!
//! The handler's future is part of the connection's: to poll the connection is to poll the
//! handler. There is no second task, no channel to carry the answer, and when the client
//! goes away the handler is dropped with everything it holds.
//!
//! While the handler waits, three things may happen, and [`attend`](Turn::attend) looks
//! after all of them:
//!
//! * answers to earlier requests of the same batch are still in the buffer: they leave now,
//!   as nobody knows how long the handler will take;
//! * the handler wants a piece of the request's body: the socket is read for it, after the
//!   client has been told to send it, if it asked to be told (`100 Continue`);
//! * it wants nothing of the kind: then the socket is watched, so that a client that goes
//!   away is noticed while the handler runs. To watch is to read: what a client sends ahead,
//!   the rest of this body or the next request, is kept, up to one buffer full. When that is
//!   full, nothing is noticed until the handler reads or answers.
//!
//! A client that closes its own direction has not gone if its request is complete: it waits
//! for the answer. If the request is not complete it never will be, and the handler is
//! dropped as if the connection had broken.
//!
//! How it can go wrong: a body that breaks its own rules in the middle. The handler may have
//! read half of it. The exchange is over then: the reader sees the error, the handler is
//! dropped where it stands, and the client gets the status that says what was wrong.

use std::task::Poll;

use futures_io::{AsyncRead, AsyncWrite};
use http::{Response, StatusCode};

use super::alarm::Wait;
use super::connection::{Step, Turn};
use super::decode::{Facts, Framing};
use super::error::Error;
use super::inflow::{Decoder, Inflow};
use super::lent::READ_SIZE;
use super::refusal::Refusal;
use super::shared::{Answer, Panicked, Slot, discard};
use super::work::Stage;
use crate::body::{Body, BodyError};
use crate::service::Service;

impl<I, S> Turn<'_, '_, I, S>
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: Service,
{
    /// A head is complete: the handler gets the request that lies on the desk.
    #[inline]
    pub(crate) fn begin(&mut self) -> Step {
        self.alarm.progress();
        let facts = self.work.facts;
        self.work.has_begun = true;
        self.work.keep_alive = facts.keep_alive && !self.is_draining();
        if facts.framing != Framing::Length(0) {
            match self.open_body(&facts) {
                Ok(body) => self.attach(body),
                Err(error) => return self.refuse(refusal(&error)),
            }
        }
        let mut answer = Poll::Pending;
        let (slot, calm) = self
            .shared
            .start(&mut self.desk.request, self.cx, &mut answer);
        self.go_on_with(slot, calm, &mut answer)
    }

    fn attach(&mut self, body: Body) {
        if let Some(request) = &mut self.desk.request {
            *request.body_mut() = body;
        }
    }

    /// Polls the handler, once there is room for its answer.
    pub(crate) fn poll_handler(&mut self, mut slot: Slot<S::Future>) -> Step {
        match self.make_room() {
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(error)) => return Step::End(Err(error.into())),
            Poll::Pending => {
                self.work.stage = Stage::Handler(slot);
                return self.wait(Wait::Write);
            }
        }
        let mut answer = Poll::Pending;
        let calm = self.shared.poll(&mut slot, self.cx, &mut answer);
        self.go_on_with(slot, calm, &mut answer)
    }

    /// The handler has been polled. Its answer counts, even if it panicked while it was dropped.
    #[inline]
    fn go_on_with(
        &mut self,
        slot: Slot<S::Future>,
        calm: Result<(), Panicked>,
        answer: &mut Answer,
    ) -> Step {
        let response = match (answer, calm) {
            (Poll::Ready(response), _) => response,
            (Poll::Pending, Err(Panicked)) => &mut after_panic(),
            (Poll::Pending, Ok(())) => {
                self.work.stage = Stage::Handler(slot);
                return self.attend();
            }
        };
        self.shared.retire(slot);
        self.respond(response)
    }

    /// The body of a request whose head has just been read. What has come of it is taken
    /// along; if that is all, the body is complete from the start.
    fn open_body(&mut self, facts: &Facts) -> Result<Body, BodyError> {
        match facts.framing {
            Framing::Length(length) if length > self.shared.config.max_body => {
                Err(BodyError::too_large())
            }
            framing => self.open_inflow(framing, facts.expects_continue),
        }
    }

    fn open_inflow(&mut self, framing: Framing, expects: bool) -> Result<Body, BodyError> {
        let mut decoder = Decoder::new(framing, &self.shared.config);
        let (first, taken) = decoder.decode(self.work.input.bytes(&self.desk.read))?;
        self.work.input.consume(taken);
        if decoder.is_done() && first.len() < SMALL {
            return Ok(first.into());
        }
        self.shared.may_begin()?;
        self.shared.may_hold(first.len())?;
        if decoder.is_done() {
            return Ok(self.shared.held.count(first).into());
        }
        let (inflow, incoming) = Inflow::new(decoder, first, expects, &self.shared.held);
        self.work.inflow = Some(inflow);
        Ok(Body::incoming(incoming))
    }

    /// The handler, or the body it answered with, waits: sees to what it may wait for. The
    /// stage has been stored by then.
    pub(crate) fn attend(&mut self) -> Step {
        let wanted = self
            .work
            .inflow
            .as_ref()
            .is_some_and(|inflow| inflow.feed.is_wanted());
        if wanted {
            self.ask_for_body();
        }
        match self.flush() {
            Poll::Pending => return self.wait(Wait::Write),
            Poll::Ready(Err(error)) => return Step::End(Err(error.into())),
            Poll::Ready(Ok(())) => {}
        }
        match wanted {
            true => self.pump(),
            false => self.watch(),
        }
    }

    /// Tells a client that waits to be told that its body is wanted.
    pub(crate) fn ask_for_body(&mut self) {
        let asks = self
            .work
            .inflow
            .as_mut()
            .map(|inflow| std::mem::take(&mut inflow.asks));
        if asks == Some(true) {
            let buffer = self.work.output.buffer();
            buffer.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
        }
    }

    /// Reads until there is a piece of body to hand over.
    fn pump(&mut self) -> Step {
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

    /// Hands over what the input holds of the body; says whether that was anything.
    fn deliver(&mut self) -> Result<bool, BodyError> {
        let Some(inflow) = &mut self.work.inflow else {
            return Ok(true);
        };
        let (piece, taken) = inflow
            .decoder
            .decode(self.work.input.bytes(&self.desk.read))?;
        self.work.input.consume(taken);
        let (done, empty) = (inflow.decoder.is_done(), piece.is_empty());
        self.shared.may_hold(piece.len())?;
        if !empty {
            inflow.feed.push(piece);
        }
        if done {
            inflow.feed.finish();
            self.work.inflow = None;
        }
        Ok(done || !empty)
    }

    /// Nobody wants to read: sees whether the client is still there, by reading ahead.
    fn watch(&mut self) -> Step {
        self.stop_waiting();
        self.listen_to_reader();
        while !self.work.at_end && self.work.input.len() < READ_SIZE {
            match self.fill_ahead() {
                Poll::Ready(Ok(0)) => return self.no_more_comes(),
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(error)) => return Step::End(Err(error.into())),
                Poll::Pending => break,
            }
        }
        Step::Rest
    }

    /// The client has closed its direction. That is its right if the request is complete. A
    /// request that is not will never be: its client has gone.
    fn no_more_comes(&mut self) -> Step {
        self.work.at_end = true;
        let Some(inflow) = &self.work.inflow else {
            return Step::Rest;
        };
        let waiting = self.work.input.bytes(&self.desk.read);
        match inflow.decoder.ends_within(waiting) {
            Ok(true) => Step::Rest,
            Ok(false) if matches!(self.work.stage, Stage::Handler(_)) => {
                self.body_failed(BodyError::closed())
            }
            Ok(false) => self.answer_without_body(),
            Err(error) => self.body_failed(error),
        }
    }

    /// The answer has begun and may end well; the rest of the request has not come.
    fn answer_without_body(&mut self) -> Step {
        self.work.keep_alive = false;
        if let Some(inflow) = self.work.inflow.take() {
            inflow.feed.fail(BodyError::closed());
        }
        Step::On
    }

    /// Lets the body's reader wake this task, if it lives in another one.
    pub(crate) fn listen_to_reader(&self) {
        if let Some(inflow) = &self.work.inflow {
            inflow.feed.register(self.cx);
        }
    }

    /// The request's body broke off, or broke the rules.
    pub(crate) fn body_failed(&mut self, error: BodyError) -> Step {
        let refusal = refusal(&error);
        let closed = error.is_closed();
        if let Some(inflow) = self.work.inflow.take() {
            inflow.feed.fail(error);
        }
        let error = Error::request_body(match closed {
            true => BodyError::closed(),
            false => BodyError::malformed(refusal.reason()),
        });
        self.work.at_end |= closed;
        match std::mem::replace(&mut self.work.stage, Stage::Close) {
            Stage::Handler(slot) => {
                self.shared.retire(slot);
                match closed {
                    true => Step::End(Err(error)),
                    false => self.refuse(refusal),
                }
            }
            Stage::Stream(outflow) => {
                discard(outflow.body);
                self.break_off(error)
            }
            _ => self.close_with(error),
        }
    }
}

/// A body that arrived whole together with its head, and is smaller, is not counted among
/// those that are held.
const SMALL: usize = 4 * 1024;

/// What a client is told about a body that cannot be taken.
fn refusal(error: &BodyError) -> Refusal {
    let reason = match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => "the body is larger than allowed",
        StatusCode::REQUEST_TIMEOUT => "the body took too long",
        StatusCode::SERVICE_UNAVAILABLE => "the server holds as many bodies as it may",
        _ => "the body is malformed",
    };
    Refusal::new(error.status(), reason)
}

/// The answer of a handler that did not get to give one.
fn after_panic() -> Response<Body> {
    let mut response = Response::new(Body::from("the handler panicked\n"));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}
