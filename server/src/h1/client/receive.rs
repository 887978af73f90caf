//! The response comes in.
//!
//! Its head decides how the exchange goes on; its body is read only as fast as the caller reads
//! it. A small body that has come together with the head is given whole, and the connection is
//! free again.
//!
//! How it can go wrong: half a body that is taken for a whole one. A body ends where its head said,
//! and nowhere else; if the connection ends before, the reader gets an error. Only a body that
//! ends *with* the connection cannot be told from half of one, and then the connection is not
//! used again.

use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_io::{AsyncRead, AsyncWrite};
use http::{Method, Response, StatusCode, header};
use runtime::sync::oneshot;

use super::dispatch::Outcome;
use super::error::{Error, Kind};
use super::exchange::{End, Receiving, Sending, Turn};
use crate::body::channel::{Feed, channel};
use crate::body::{Body, BodyError};
use crate::h1::codec::body_decoder::BodyDecoder;
use crate::h1::codec::decode::{ResponseFacts, ResponseReader};
use crate::h1::codec::hop::Protocols;
use crate::h1::codec::refusal::Refusal;
use crate::h1::conn::scratch::READ_SIZE;
use crate::h1::conn::upgrade::Offer;

impl<I: AsyncRead + AsyncWrite + Unpin> Turn<'_, I> {
    /// Receives what there is to receive. `Ready(None)`: something has changed, or all of the
    /// response has come.
    pub(super) fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Option<End>> {
        match std::mem::replace(&mut self.exchange.receiving, Receiving::Complete) {
            Receiving::Head(reader, reply) => self.poll_head(reader, reply, cx),
            Receiving::Body(decoder, feed) => self.poll_body(decoder, feed, cx),
            Receiving::Drain(decoder, left) => self.poll_drain(decoder, left, cx),
            Receiving::Complete => Poll::Ready(None),
        }
    }

    fn poll_head(
        &mut self,
        mut reader: ResponseReader,
        mut reply: oneshot::Sender<Outcome>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<End>> {
        if reply.poll_closed(cx).is_ready() {
            return Poll::Ready(Some(End::Close));
        }
        loop {
            let bytes = self.exchange.read_buf.bytes(&self.scratch.read);
            let (method, max_head) = (&self.exchange.method, self.config.max_head);
            let failed = match reader.read(bytes, method, max_head, &mut self.scratch.pool) {
                Ok(Some((response, facts, length))) => {
                    self.exchange.read_buf.consume(length);
                    return Poll::Ready(self.take_head(response, facts, reply));
                }
                Ok(None) => match self.poll_fill(cx) {
                    Poll::Ready(Ok(0)) => self.cut_short(),
                    Poll::Ready(Ok(_)) => continue,
                    Poll::Ready(Err(error)) => Error::io(error),
                    Poll::Pending => {
                        self.exchange.receiving = Receiving::Head(reader, reply);
                        return Poll::Pending;
                    }
                },
                Err(refusal) => refused(refusal),
            };
            self.exchange.receiving = Receiving::Head(reader, reply);
            return Poll::Ready(Some(End::Fail(failed)));
        }
    }

    /// The connection ended before the response. If the request could not be sent, that is why.
    fn cut_short(&mut self) -> Error {
        let write_error = self.exchange.write_error.take();
        write_error.map_or_else(|| Error::new(Kind::Incomplete), Error::io)
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<std::io::Result<usize>> {
        let (io, lent) = (&mut *self.io, &mut self.scratch.read);
        let count = ready!(self.exchange.read_buf.poll_fill(io, lent, READ_SIZE, cx))?;
        self.exchange.has_received |= count > 0;
        Poll::Ready(Ok(count))
    }

    /// A head is complete.
    fn take_head(
        &mut self,
        response: Response<()>,
        facts: ResponseFacts,
        reply: oneshot::Sender<Outcome>,
    ) -> Option<End> {
        let status = response.status();
        let is_tunnel = self.exchange.method == Method::CONNECT && status.is_success();
        if is_tunnel || status == StatusCode::SWITCHING_PROTOCOLS {
            return Some(self.switch(response, reply, is_tunnel));
        }
        if status.is_informational() {
            return self.take_informational(response, reply);
        }
        self.exchange.keep_alive &= facts.keep_alive;
        let (is_refusal, keep_alive) = (status.as_u16() >= 400, self.exchange.keep_alive);
        match &self.exchange.sending {
            // The server has decided without it.
            Sending::Waits(..) => self.give_up(),
            Sending::Body(..) if is_refusal || !keep_alive => self.give_up(),
            _ => {}
        }
        let is_unsaid = self.exchange.method == Method::HEAD
            && !response.headers().contains_key(header::CONTENT_LENGTH);
        let body = match is_unsaid {
            true => self.unsaid(),
            false => {
                let limits = (self.config.max_body, self.config.max_chunk_overhead);
                self.begin_to_read(BodyDecoder::new(facts.framing, limits.0, limits.1))
            }
        };
        // A caller that has gone drops the body, and then it is drained.
        drop(reply.send(Ok(response.map(|()| body))));
        None
    }

    /// The body of an answer to HEAD that does not say how long the body of a GET would be: none comes, and its length is
    /// not known. (A proxy that said "nought" for it would call the resource empty.)
    fn unsaid(&mut self) -> Body {
        self.exchange.receiving = Receiving::Complete;
        let (feed, incoming) = channel(None, self.config.max_body, self.held);
        feed.finish(None);
        Body::incoming(incoming)
    }

    /// What has come of the body together with the head; if that is all, the body is complete.
    fn begin_to_read(&mut self, mut decoder: BodyDecoder) -> Body {
        let length = decoder.left();
        let is_small = length.is_some_and(|length| length <= self.config.max_body);
        if is_small
            && let Ok((bytes, taken)) =
                decoder.decode(self.exchange.read_buf.bytes(&self.scratch.read))
        {
            self.exchange.read_buf.consume(taken);
            if decoder.is_done() {
                self.exchange.receiving = Receiving::Complete;
                return bytes.into();
            }
            let (feed, incoming) = channel(length, self.config.max_body, self.held);
            if !bytes.is_empty() {
                feed.push(bytes);
            }
            self.exchange.receiving = Receiving::Body(decoder, feed);
            return Body::incoming(incoming);
        }
        let (feed, incoming) = channel(length, self.config.max_body, self.held);
        self.exchange.receiving = Receiving::Body(decoder, feed);
        Body::incoming(incoming)
    }

    /// A response before the response.
    fn take_informational(
        &mut self,
        response: Response<()>,
        reply: oneshot::Sender<Outcome>,
    ) -> Option<End> {
        if response.status() == StatusCode::CONTINUE {
            self.begin_body();
        }
        self.timeouts.progress();
        self.exchange.informational += 1;
        self.exchange.receiving = Receiving::Head(ResponseReader::default(), reply);
        if self.exchange.informational > self.config.max_informational {
            let too_many = Kind::Parse("there are too many informational responses");
            return Some(End::Fail(Error::new(too_many)));
        }
        if let Some(callback) = &self.exchange.on_informational {
            callback.call(response);
        }
        None
    }

    /// HTTP is over: the caller gets the stream.
    fn switch(
        &mut self,
        mut response: Response<()>,
        reply: oneshot::Sender<Outcome>,
        is_tunnel: bool,
    ) -> End {
        let is_sent = matches!(self.exchange.sending, Sending::Complete);
        let is_asked = is_tunnel || self.exchange.asked.include(response.headers());
        if !is_asked || !is_sent || !self.exchange.write_buf.is_empty() {
            self.exchange.receiving = Receiving::Head(ResponseReader::default(), reply);
            let why = match is_asked {
                false => "it changes the protocol without being asked",
                true => "it changes the protocol before it has the whole request",
            };
            return End::Fail(Error::new(Kind::Parse(why)));
        }
        let offer = Offer::make(response.extensions_mut(), Protocols::default());
        let unread = Bytes::copy_from_slice(self.exchange.read_buf.bytes(&self.scratch.read));
        // A caller that has gone drops its end of the offer, and the stream is closed.
        drop(reply.send(Ok(response.map(|()| Body::empty()))));
        End::Switch(offer, unread)
    }

    fn poll_body(
        &mut self,
        mut decoder: BodyDecoder,
        feed: Feed,
        cx: &mut Context<'_>,
    ) -> Poll<Option<End>> {
        if feed.is_over() {
            let error = BodyError::too_large();
            return Poll::Ready(Some(End::Fail(body_failed(&feed, error))));
        }
        if feed.is_abandoned() {
            return Poll::Ready(self.abandoned(decoder));
        }
        let wanted = feed.is_wanted();
        let failed = loop {
            if !wanted {
                break None;
            }
            match self.deliver(&mut decoder, &feed) {
                Err(error) => break Some(error),
                Ok(_) if decoder.is_done() => {
                    feed.finish(decoder.take_trailers());
                    return Poll::Ready(None);
                }
                Ok(true) => break None,
                Ok(false) => {}
            }
            match self.poll_fill(cx) {
                Poll::Ready(Ok(0)) if decoder.ends_with_connection() => {
                    feed.finish(None);
                    return Poll::Ready(None);
                }
                Poll::Ready(Ok(0)) => break Some(BodyError::closed()),
                Poll::Ready(Ok(count)) => self.received(count),
                Poll::Ready(Err(error)) => {
                    self.exchange.receiving = Receiving::Body(decoder, feed);
                    return Poll::Ready(Some(End::Fail(Error::io(error))));
                }
                Poll::Pending => break None,
            }
        };
        if let Some(error) = failed {
            return Poll::Ready(Some(End::Fail(body_failed(&feed, error))));
        }
        feed.register(cx);
        self.exchange.receiving = Receiving::Body(decoder, feed);
        Poll::Pending
    }

    /// Hands over what the buffer holds of the body; says whether that was anything.
    fn deliver(&mut self, decoder: &mut BodyDecoder, feed: &Feed) -> Result<bool, BodyError> {
        decoder.set_limit(feed.limit())?;
        let bytes = self.exchange.read_buf.bytes(&self.scratch.read);
        let (piece, taken) = decoder.decode(bytes)?;
        self.exchange.read_buf.consume(taken);
        let is_empty = piece.is_empty();
        if !is_empty {
            feed.push(piece);
        }
        Ok(!is_empty)
    }

    /// The reader has dropped the body. If little is left, it is thrown away.
    fn abandoned(&mut self, decoder: BodyDecoder) -> Option<End> {
        let most = self.config.drain_limit;
        let is_much = decoder.left().is_some_and(|left| left > most);
        if is_much || decoder.ends_with_connection() || !self.exchange.keep_alive {
            return Some(End::Close);
        }
        self.timeouts.progress();
        self.exchange.receiving = Receiving::Drain(decoder, most);
        None
    }

    fn poll_drain(
        &mut self,
        mut decoder: BodyDecoder,
        mut left: u64,
        cx: &mut Context<'_>,
    ) -> Poll<Option<End>> {
        loop {
            let bytes = self.exchange.read_buf.bytes(&self.scratch.read);
            let Ok(taken) = decoder.skip(bytes) else {
                return Poll::Ready(Some(End::Close));
            };
            self.exchange.read_buf.consume(taken);
            if decoder.is_done() {
                return Poll::Ready(None);
            }
            left = match left.checked_sub(taken as u64) {
                Some(left) => left,
                None => return Poll::Ready(Some(End::Close)),
            };
            match self.poll_fill(cx) {
                Poll::Ready(Ok(0) | Err(_)) => return Poll::Ready(Some(End::Close)),
                Poll::Ready(Ok(_)) => {}
                Poll::Pending => {
                    self.exchange.receiving = Receiving::Drain(decoder, left);
                    return Poll::Pending;
                }
            }
        }
    }
}

fn refused(refusal: Refusal) -> Error {
    Error::new(Kind::Parse(refusal.reason()))
}

/// Tells the reader; what the connection says of it.
fn body_failed(feed: &Feed, error: BodyError) -> Error {
    let said = match &error {
        error if error.is_closed() => Kind::Incomplete,
        error if error.is_too_large() => Kind::ResponseBody("it is larger than its reader takes"),
        _ => Kind::ResponseBody("its body is malformed"),
    };
    feed.fail(error);
    Error::new(said)
}
