//! The answer goes out.
//!
//! A response whose body is there as a whole is the common case and takes no stage of its
//! own: its head is written into the buffer, its body behind it, and the connection turns
//! to the next request without having waited for anything. Sixteen requests in one read thus
//! become sixteen answers in one write.
//!
//! A body in pieces becomes an [`ResponseBody`]. It is asked for a piece only while the buffer
//! has room, and a buffer that the socket does not take has none: so a client that reads
//! slowly makes the stream slow, and nothing piles up.
//!
//! How it can go wrong:
//!
//! * The stream fails when its head has long left. There is no status code for that any
//!   more. What was complete before is sent, and then the connection breaks off: the last
//!   chunk or the promised length is missing, and so the client knows that it has not got
//!   everything. A client of HTTP/1.0 that was promised no length knows it by a reset.
//! * The request's body has not all been read when the answer is complete. If a little is
//!   left, it is read and thrown away; if it is much, or if the client was never told to
//!   send it, the connection ends, and the answer says so beforehand.

use std::task::Poll;

use bytes::Bytes;
use futures_io::{AsyncRead, AsyncWrite};
use http::{HeaderMap, Response, StatusCode};
use http_body::Frame;

use super::connection::{Step, Turn};
use super::shared::{discard, unharmed};
use super::state::{ResponseBody, Stage};
use super::timeouts::Wait;
use crate::body::{Body, BodyError};
use crate::h1::codec::body_encoder::{BodyEncoder, end_with_trailers};
use crate::h1::codec::encode::{Farewell, Length, Plan, encode, plan};
use crate::h1::codec::hop::Wishes;
use crate::h1::error::Error;
use crate::mark::Mark;
use crate::observed::{self, Unsent};
use crate::service::Service;

/// What a body in pieces answered when it was asked for one.
type Piece = Poll<Option<Result<Frame<Bytes>, Option<BodyError>>>>;

impl<I, S, M> Turn<'_, '_, I, S, M>
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: Service,
    M: Mark,
{
    /// The handler has answered.
    #[inline]
    pub(super) fn respond(&mut self, response: &mut Response<Body>) -> Step {
        if self.work.offer.is_some() {
            match &self.work.request_body {
                None if self.agrees(response) => return self.begin_to_switch(response),
                Some(body) if body.feed.is_abandoned() && self.agrees(response) => {
                    return self.read_to_switch(response);
                }
                _ => self.stay(),
            }
        }
        if response.status().is_informational() {
            // The last word on a request cannot be that there will be another one.
            discard(std::mem::take(response.body_mut()));
            *response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        }
        let body = response.body();
        let (status, headers) = (response.status(), response.headers());
        let plan = plan(status, headers, body.exact_length(), &self.work.facts);
        let wishes = Wishes::of(headers);
        self.settle_request_body();
        self.work.keep_alive &=
            plan.length != Length::UntilClose && !wishes.close && !self.is_draining();
        let farewell = self.farewell();
        self.write_head(response, wishes, farewell, plan.length);
        self.scratch.pool.recycle(response.headers_mut());
        let status = response.status();
        if plan.has_body {
            self.send(response.body_mut(), plan, status)
        } else {
            discard(std::mem::take(response.body_mut()));
            self.work.unsent = Unsent::new(self.work.number, Some(status));
            self.finish()
        }
    }

    #[inline]
    fn write_head(
        &mut self,
        response: &Response<Body>,
        wishes: Wishes,
        farewell: Farewell,
        length: Length,
    ) {
        let opening = self.scratch.date.at(self.now);
        let buffer = self.work.write_buf.buffer();
        let (status, headers) = (response.status(), response.headers());
        encode(buffer, opening, status, headers, wishes, farewell, length);
    }

    /// Whether an answer ends HTTP on this connection, as the client has asked (RFC 9110, sections 7.8
    /// and 9.3.6).
    #[cold]
    fn agrees(&self, response: &Response<Body>) -> bool {
        let (status, headers) = (response.status(), response.headers());
        let offer = self.work.offer.as_ref();
        match self.work.facts.is_connect {
            true => status.is_success(),
            false => {
                status == StatusCode::SWITCHING_PROTOCOLS
                    && offer.is_some_and(|offer| offer.fits(headers))
            }
        }
    }

    /// The rest of the request's body, which no handler wants, comes before the first byte of the new
    /// protocol. It is thrown away, and then the answer goes out.
    #[cold]
    fn read_to_switch(&mut self, response: &mut Response<Body>) -> Step {
        let limit = self.shared.config.drain_limit;
        self.work.switch = Some(Box::new(std::mem::take(response)));
        self.work.stage = Stage::Drain(limit);
        let Some(request_body) = &mut self.work.request_body else {
            return Step::On;
        };
        if request_body.decoder.left().is_some_and(|left| left > limit) {
            return self.give_up();
        }
        if std::mem::take(&mut request_body.asks) {
            self.say_continue();
        }
        Step::On
    }

    /// The connection stays with HTTP. What has been sent ahead into a tunnel was for its other end,
    /// and may be whatever a third party wanted to be sent there: it is no request.
    #[cold]
    fn stay(&mut self) {
        self.work.offer = None;
        let is_tunnel = self.work.facts.is_connect;
        self.work.keep_alive &= !is_tunnel || self.work.read_buf.is_empty();
    }

    /// Writes the last head of this connection. A client that waits for 100 gets it before.
    #[cold]
    pub(super) fn begin_to_switch(&mut self, response: &mut Response<Body>) -> Step {
        if self.work.facts.expects_continue && !self.work.facts.is_connect {
            self.say_continue();
        }
        let wishes = Wishes::of(response.headers());
        self.write_head(response, wishes, Farewell::Stay, Length::Unsaid);
        discard(std::mem::take(response.body_mut()));
        self.work.stage = Stage::Switch;
        Step::On
    }

    /// Sends it; then the connection is the handler's.
    pub(super) fn switch(&mut self) -> Step {
        self.work.stage = Stage::Switch;
        match self.flush() {
            Poll::Pending => self.wait(Wait::Write),
            Poll::Ready(Err(error)) => Step::End(Err(error.into())),
            Poll::Ready(Ok(())) => {
                observed::end(std::mem::take(&mut self.work.number), "switched");
                let unread = self.work.read_buf.bytes(&self.scratch.read);
                self.unread = Some(Bytes::copy_from_slice(unread));
                Step::End(Ok(()))
            }
        }
    }

    /// Sends a body that is there; one that is still being made gets a stage of its own.
    #[inline]
    fn send(&mut self, body: &mut Body, plan: Plan, status: StatusCode) -> Step {
        if let Some(bytes) = body.full() {
            self.work.unsent = Unsent::new(self.work.number, Some(status));
            self.work.write_buf.push(bytes, b"");
            return self.finish();
        }
        observed::answered(self.work.number, status);
        let (body, encoder) = (std::mem::take(body), BodyEncoder::new(plan.length));
        self.work.torn = plan.length == Length::UntilClose;
        self.work.stage = Stage::Stream(ResponseBody { body, encoder });
        Step::On
    }

    /// The answer is complete: on to the next request, or to the end.
    #[inline]
    fn finish(&mut self) -> Step {
        self.work.number = 0;
        self.work.stage = match &self.work.request_body {
            Some(_) => Stage::Drain(self.shared.config.drain_limit),
            None if self.work.keep_alive => Stage::Head,
            None => Stage::Close,
        };
        Step::On
    }

    #[inline]
    fn farewell(&self) -> Farewell {
        match (self.work.keep_alive, self.work.facts.is_http10) {
            (false, _) => Farewell::Close,
            (true, true) => Farewell::StayAloud,
            (true, false) => Farewell::Stay,
        }
    }

    /// The head of the answer is about to be written: the last moment to ask for the
    /// request's body, or to say that the connection will close because of it.
    #[inline]
    fn settle_request_body(&mut self) {
        let Some(request_body) = &self.work.request_body else {
            return;
        };
        if !request_body.feed.is_abandoned() {
            // A task reads on while the answer goes out.
            self.ask_for_body();
            return;
        }
        let much = request_body
            .decoder
            .left()
            .is_some_and(|left| left > self.shared.config.drain_limit);
        if request_body.asks || much || request_body.feed.is_too_large() {
            self.work.keep_alive = false;
        }
    }

    /// Asks the response's body for pieces, as long as there is room for them.
    pub(super) fn stream(&mut self, mut response_body: ResponseBody) -> Step {
        loop {
            match self.make_room() {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Step::End(Err(error.into())),
                Poll::Pending => {
                    self.work.stage = Stage::Stream(response_body);
                    return self.wait(Wait::Write);
                }
            }
            let sent = match self.next_piece(&mut response_body) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(piece) => self.send_piece(&piece, &mut response_body.encoder),
                    Err(frame) => return self.end_with(frame.into_trailers(), response_body),
                },
                Poll::Ready(Some(Err(error))) => Err(Error::response_body(error)),
                Poll::Ready(None) => match self.end_stream(&response_body.encoder) {
                    Ok(()) => return self.complete(),
                    Err(error) => Err(error),
                },
                Poll::Pending => {
                    self.work.stage = Stage::Stream(response_body);
                    return self.attend();
                }
            };
            if let Err(error) = sent {
                return self.fail_stream(response_body, error);
            }
        }
    }

    fn next_piece(&mut self, response_body: &mut ResponseBody) -> Piece {
        match unharmed(|| response_body.body.poll_any(self.cx)) {
            Ok(piece) => piece.map(|piece| piece.map(|piece| piece.map_err(Some))),
            Err(_) => Poll::Ready(Some(Err(None))),
        }
    }

    fn send_piece(&mut self, piece: &Bytes, encoder: &mut BodyEncoder) -> Result<(), Error> {
        let write_buf = &mut self.work.write_buf;
        let end = encoder
            .frame(piece.len(), write_buf.buffer())
            .map_err(|_| Error::response_body(None))?;
        write_buf.push(piece, end);
        Ok(())
    }

    fn end_stream(&mut self, encoder: &BodyEncoder) -> Result<(), Error> {
        let end = encoder.finish().map_err(|_| Error::response_body(None))?;
        self.work.write_buf.buffer().extend_from_slice(end);
        Ok(())
    }

    /// The body ends in trailers. Nothing may come behind them.
    #[cold]
    fn end_with<T>(&mut self, trailers: Result<HeaderMap, T>, response_body: ResponseBody) -> Step {
        let may_trail =
            response_body.encoder == BodyEncoder::Chunked && self.work.facts.takes_trailers;
        match trailers {
            Ok(trailers) if may_trail => end_with_trailers(&trailers, self.work.write_buf.buffer()),
            _ => {
                if let Err(error) = self.end_stream(&response_body.encoder) {
                    return self.fail_stream(response_body, error);
                }
            }
        }
        discard(response_body.body);
        self.complete()
    }

    /// The last piece of a body is written.
    fn complete(&mut self) -> Step {
        self.work.unsent = Unsent::new(self.work.number, None);
        self.finish()
    }

    /// The stream failed, or broke its promise. If the client could take what it has got for
    /// everything, a byte is held back; if the last one has left already, only a reset helps.
    #[cold]
    fn fail_stream(&mut self, response_body: ResponseBody, error: Error) -> Step {
        if response_body.encoder.is_complete() && !self.work.write_buf.take_back() {
            self.work.torn = true;
        }
        discard(response_body.body);
        self.break_off(error)
    }
}
