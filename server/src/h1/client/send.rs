//! The request goes out.
//!
//! Its head lies in the buffer from the start. A body that is there leaves together with it, in
//! one write. A body in pieces is asked for a piece only while the buffer has room, and a buffer
//! that the server does not take has none: so a server that reads slowly makes the body slow.
//!
//! How it can go wrong: a server that refuses a request by its head, answers and closes. The next
//! write fails, and the response that says why lies unread in the kernel. So a failed write ends
//! the sending and not the exchange; what the server has said decides.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};
use http_body::Frame;
use runtime::task::coop::poll_proceed;

use super::error::{Error, Kind};
use super::exchange::{Sending, Turn};
use crate::body::FrameResult;
use crate::h1::codec::body_encoder::{BodyEncoder, end_with_trailers};

impl<I: AsyncRead + AsyncWrite + Unpin> Turn<'_, I> {
    /// Sends what there is to send. Ready when all of it has left, or no more will.
    pub(super) fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            if self.exchange.write_buf.is_full() {
                ready!(self.poll_write(cx));
            }
            match std::mem::replace(&mut self.exchange.sending, Sending::Complete) {
                Sending::Complete => {
                    ready!(self.poll_write(cx));
                    return Poll::Ready(Ok(()));
                }
                Sending::GivenUp => {
                    self.exchange.sending = Sending::GivenUp;
                    return Poll::Ready(Ok(()));
                }
                Sending::Waits(body, encoder) => {
                    self.exchange.sending = Sending::Waits(body, encoder);
                    ready!(self.poll_write(cx));
                    if !self.has_given_up() {
                        return Poll::Pending;
                    }
                }
                Sending::Body(mut body, mut encoder) => {
                    let Poll::Ready(unit) = poll_proceed(cx) else {
                        self.exchange.sending = Sending::Body(body, encoder);
                        return Poll::Pending;
                    };
                    let Poll::Ready(frame) = body.poll_any(cx) else {
                        self.exchange.sending = Sending::Body(body, encoder);
                        ready!(self.poll_write(cx));
                        if self.has_given_up() {
                            continue;
                        }
                        return Poll::Pending;
                    };
                    unit.made_progress();
                    if self.put(frame, &mut encoder)? {
                        self.exchange.sending = Sending::Body(body, encoder);
                    }
                }
            }
        }
    }

    /// Puts a piece of the body, or its end, into the buffer. Says whether more will come.
    fn put(
        &mut self,
        frame: Option<FrameResult>,
        encoder: &mut BodyEncoder,
    ) -> Result<bool, Error> {
        let broken = |_| Error::new(Kind::RequestBody(None));
        let write_buf = &mut self.exchange.write_buf;
        let frame = match frame.transpose() {
            Ok(frame) => frame.map(Frame::into_data),
            Err(error) => return Err(Error::new(Kind::RequestBody(Some(error)))),
        };
        let trailers = match frame {
            Some(Ok(piece)) => {
                let end = encoder
                    .frame(piece.len(), write_buf.buffer())
                    .map_err(broken)?;
                write_buf.push(&piece, end);
                return Ok(true);
            }
            Some(Err(frame)) => frame.into_trailers().ok(),
            None => None,
        };
        match trailers {
            Some(trailers) if *encoder == BodyEncoder::Chunked => {
                end_with_trailers(&trailers, write_buf.buffer());
            }
            _ => {
                let end = encoder.finish().map_err(broken)?;
                write_buf.buffer().extend_from_slice(end);
            }
        }
        Ok(false)
    }

    /// Writes everything that waits to leave. If that fails, no more is sent.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Err(error) = ready!(self.poll_flush(cx)) {
            self.exchange.write_error = Some(error);
            self.give_up();
        }
        Poll::Ready(())
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.exchange.write_buf.is_empty() {
            let count = ready!(self.exchange.write_buf.poll_write(self.io, cx))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.exchange.has_sent = true;
            self.stop_waiting();
        }
        Pin::new(&mut *self.io).poll_flush(cx)
    }

    /// The server wants the body, or does not say.
    pub(super) fn begin_body(&mut self) {
        let sending = &mut self.exchange.sending;
        *sending = match std::mem::replace(sending, Sending::Complete) {
            Sending::Waits(body, encoder) => Sending::Body(body, encoder),
            sending => sending,
        };
    }

    fn has_given_up(&self) -> bool {
        matches!(self.exchange.sending, Sending::GivenUp)
    }

    /// The rest of the request is not sent. So no other request can follow.
    pub(super) fn give_up(&mut self) {
        self.exchange.keep_alive = false;
        self.exchange.write_buf.clear();
        let rest = std::mem::replace(&mut self.exchange.sending, Sending::GivenUp);
        drop(rest);
    }
}
