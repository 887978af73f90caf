//! Receiving, and answering what wants an answer.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures_core::Stream;
use futures_core::stream::FusedStream;
use futures_io::AsyncRead;
use runtime::task::coop::poll_proceed;

use super::stage::Stage;
use super::wakers::Side;
use super::web_socket::WebSocket;
use crate::Error;
use crate::h1::conn::scratch::{READ_SIZE, scratch};
use crate::ws::codec::decode::{Decoder, Step};
use crate::ws::codec::violation::Violation;
use crate::ws::error::WebSocketError;
use crate::ws::message::Message;

impl Stream for WebSocket {
    type Item = Result<Message, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let next = this.poll_receive(cx);
        if next.is_pending() {
            this.wakers.wait(Side::Reader, cx);
        }
        next.map(|next| next.map(|result| result.map_err(Error::new)))
    }
}

impl FusedStream for WebSocket {
    fn is_terminated(&self) -> bool {
        self.stage == Stage::Ended
    }
}

/// What the stream has given.
enum Arrival {
    Message(Message),
    End,
}

impl WebSocket {
    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Message, WebSocketError>>> {
        loop {
            self.poll_shutdown(cx);
            match self.stage {
                Stage::Open => {}
                Stage::Closing => {
                    if self.is_overdue(cx) {
                        return Poll::Ready(Some(Err(self.abort(WebSocketError::Timeout))));
                    }
                }
                Stage::Goodbye(_, violation) => {
                    ready!(self.poll_goodbye(cx));
                    let error = self.abort(WebSocketError::Closed);
                    let error = violation.map_or(error, WebSocketError::from);
                    return Poll::Ready(violation.map(|_| Err(error)));
                }
                Stage::Ended => return Poll::Ready(None),
            }
            if self.reader_writes {
                // What we owe the peer goes out while we wait for it.
                if let Poll::Ready(Err(error)) = self.poll_write_all(Side::Reader, cx) {
                    return Poll::Ready(Some(Err(error)));
                }
            }
            match ready!(self.poll_arrival(cx)) {
                Ok(Arrival::Message(message)) => {
                    return Poll::Ready(Some(Ok(self.answer(message, cx))));
                }
                Ok(Arrival::End) if self.stage == Stage::Closing => {
                    self.abort(WebSocketError::Closed);
                }
                Ok(Arrival::End) => {
                    return Poll::Ready(Some(Err(self.abort(WebSocketError::Reset))));
                }
                Err(WebSocketError::Violation(violation)) => self.refuse(violation),
                Err(error) => return Poll::Ready(Some(Err(self.abort(error)))),
            }
        }
    }

    /// Looks whether the server stops.
    fn poll_shutdown(&mut self, cx: &mut Context<'_>) {
        if self.stage != Stage::Open {
            return;
        }
        let told = self
            .shutdown
            .as_mut()
            .map(|told| told.signal.as_mut().poll(cx));
        if told.is_some_and(|told| told.is_ready()) || self.io.poll_draining(cx).is_ready() {
            self.leave();
        }
    }

    /// Answers what wants an answer, at once if the stream takes it: the program may never
    /// receive again.
    fn answer(&mut self, message: Message, cx: &mut Context<'_>) -> Message {
        let message = match message {
            Message::Ping(payload) => {
                if self.stage == Stage::Open {
                    self.owed_pong = Some(payload.clone());
                    self.reader_writes = true;
                }
                Message::Ping(payload)
            }
            Message::Close(frame) => self.receive_close(frame),
            other => return other,
        };
        if self.reader_writes {
            // An error is met again when the next message is asked for.
            let _ = self.poll_write_all(Side::Reader, cx);
        }
        message
    }

    /// The next message, from what is there already or from the stream.
    fn poll_arrival(&mut self, cx: &mut Context<'_>) -> Poll<Result<Arrival, WebSocketError>> {
        loop {
            let unit = ready!(poll_proceed(cx));
            let step = if self.rest.is_empty() {
                let mut scratch = scratch();
                let most = self.config.read_buffer_size.max(self.decoder.wanted());
                let room = &mut scratch.read[..most.clamp(1, READ_SIZE)];
                let count = ready!(Pin::new(&mut self.io).poll_read(cx, room))?;
                if count == 0 {
                    return Poll::Ready(Ok(Arrival::End));
                }
                let mut arrived = &scratch.read[..count];
                let step = self.decoder.decode(&mut arrived);
                self.rest = Bytes::copy_from_slice(arrived);
                step
            } else {
                decode_rest(&mut self.decoder, &mut self.rest)
            };
            unit.made_progress();
            if let Step::Message(message) = step? {
                return Poll::Ready(Ok(Arrival::Message(message)));
            }
        }
    }
}

/// Takes a bite of what arrived earlier; the last one gives the memory back.
fn decode_rest(decoder: &mut Decoder, rest: &mut Bytes) -> Result<Step, Violation> {
    let mut left = &rest[..];
    let step = decoder.decode(&mut left);
    let taken = rest.len() - left.len();
    rest.advance(taken);
    if rest.is_empty() {
        *rest = Bytes::new();
    }
    step
}
