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
//!   as the engine cannot know how long the handler will take;
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
//! How it can go wrong: an answer that is polled for when there is no room for it. So the answers
//! before it are written first, and the handler is polled when they have left.

use std::task::Poll;

use futures_io::{AsyncRead, AsyncWrite};
use http::{Response, StatusCode};

use super::connection::{Step, Turn};
use super::request_body::{refusal, seems_well};
use super::scratch::READ_SIZE;
use super::shared::{Answer, Panicked, Slot};
use super::state::Stage;
use super::timeouts::Wait;
use super::upgrade::Offer;
use crate::body::channel::Feed;
use crate::body::{Body, BodyError};
use crate::current;
use crate::h1::codec::decode::Framing;
use crate::h1::codec::hop::Protocols;
use crate::locals;
use crate::mark::Mark;
use crate::observed;
use crate::service::Service;

impl<I, S, M> Turn<'_, '_, I, S, M>
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: Service,
    M: Mark,
{
    /// A head is complete: the handler gets the request that lies in the scratch buffers.
    #[inline]
    pub(super) fn begin(&mut self) -> Step {
        self.timeouts.progress();
        let facts = self.work.facts;
        self.work.has_begun = true;
        *self.requests = self.requests.saturating_add(1);
        let is_last = *self.requests >= self.shared.config.max_requests;
        self.work.keep_alive = facts.keep_alive && !is_last && !self.is_draining();
        self.work.end_unsent();
        self.work.number = self.number_of_head("read");
        observed::begin(self.work.number, self.scratch.request.as_ref());
        if facts.framing != Framing::Length(0) {
            match self.open_body(&facts) {
                Ok(body) => self.attach(body),
                Err(error) => return self.refuse(refusal(&error)),
            }
        }
        if let Some(request) = &mut self.scratch.request {
            self.mark.mark(request);
        }
        if facts.asks_for_upgrade {
            self.offer_upgrade();
        }
        current::set_request(self.work.number);
        let mut answer = Poll::Pending;
        let (slot, calm) = self
            .shared
            .start(&mut self.scratch.request, self.cx, &mut answer);
        self.go_on_with(slot, calm, &mut answer)
    }

    /// The handler can have the connection, if it wants to.
    #[cold]
    fn offer_upgrade(&mut self) {
        if let Some(request) = &mut self.scratch.request {
            let asked = Protocols::of(request.headers());
            self.work.offer = Some(Offer::make(request.extensions_mut(), asked));
            let websocket = self.shared.config.websocket;
            drop(locals::insert(request.extensions_mut(), websocket));
        }
    }

    /// Polls the handler, once there is room for its answer.
    pub(super) fn poll_handler(&mut self, mut slot: Slot<S::Future>) -> Step {
        match self.make_room() {
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(error)) => return Step::End(Err(error.into())),
            Poll::Pending => {
                self.work.stage = Stage::Handler(slot);
                return self.wait(Wait::Write);
            }
        }
        current::set_request(self.work.number);
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
        if self.work.request_body.is_some() && self.is_body_too_large() && seems_well(response) {
            return self.refuse_instead(response, refusal(&BodyError::too_large()));
        }
        self.respond(response)
    }

    /// The handler, or the body it answered with, waits: sees to what it may wait for. The
    /// stage has been stored by then.
    pub(super) fn attend(&mut self) -> Step {
        let feed = self
            .work
            .request_body
            .as_ref()
            .map(|request_body| &request_body.feed);
        if feed.is_some_and(Feed::is_over) {
            return self.body_failed(BodyError::too_large());
        }
        let wanted = feed.is_some_and(Feed::is_wanted);
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

    /// No reader waits: sees whether the client is still there, by reading ahead.
    fn watch(&mut self) -> Step {
        self.stop_waiting();
        self.listen_to_reader();
        while !self.work.at_end && self.work.read_buf.len() < READ_SIZE {
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
        let Some(request_body) = &self.work.request_body else {
            return Step::Rest;
        };
        let waiting = self.work.read_buf.bytes(&self.scratch.read);
        match request_body.decoder.ends_within(waiting) {
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
        if let Some(request_body) = self.work.request_body.take() {
            request_body.feed.fail(BodyError::closed());
        }
        Step::On
    }
}

/// The answer of a handler that did not get to give one.
fn after_panic() -> Response<Body> {
    let mut response = Response::new(Body::from("the handler panicked\n"));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}
