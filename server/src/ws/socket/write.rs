//! Sending.
//!
//! A message becomes a frame when it is handed over, and waits in the output until it is
//! written. Small ones are copied together; a large one stays where it is. Pongs and close
//! frames of the reader go into the same output, as soon as nothing large stands at its end.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_sink::Sink;
use runtime::time::sleep;

use super::stage::Stage;
use super::wakers::Side;
use super::web_socket::WebSocket;
use crate::Error;
use crate::ws::close_code;
use crate::ws::error::WebSocketError;
use crate::ws::message::{CloseFrame, Message};

impl Sink<Message> for WebSocket {
    type Error = Error;

    /// Ready when a message can be handed over; also if the connection is closing, as there is
    /// nothing to wait for then.
    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let this = self.get_mut();
        this.look_for_shutdown();
        if this.stage != Stage::Open {
            return Poll::Ready(Ok(()));
        }
        let enough = this.config.write_buffer_size.max(1);
        let written = this.poll_write_until(Side::Writer, |output| output.len() < enough, cx);
        if written.is_pending() && this.has_room() {
            // The rest goes out with the next flush. The peer is not waited for.
            this.stall.stop();
            return Poll::Ready(Ok(()));
        }
        written.map_err(Error::new)
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), Error> {
        self.get_mut().take(message).map_err(Error::new)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let this = self.get_mut();
        this.look_for_shutdown();
        this.poll_write_all(Side::Writer, cx).map_err(Error::new)
    }

    /// Sends a close frame, if none has been sent. To get the peer's answer, receive until the
    /// end.
    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let this = self.get_mut();
        if this.stage == Stage::Open {
            this.begin_close(Some(CloseFrame::new(close_code::NORMAL)));
        }
        this.poll_write_all(Side::Writer, cx).map_err(Error::new)
    }
}

impl WebSocket {
    /// Takes a message to be sent.
    fn take(&mut self, message: Message) -> Result<(), WebSocketError> {
        match (message, self.stage) {
            (Message::Close(frame), Stage::Open) => self.begin_close(frame),
            (Message::Close(_), Stage::Closing | Stage::Goodbye(..)) => {}
            (message, Stage::Open) => {
                self.settle();
                if !self.has_room() {
                    return Err(WebSocketError::Full);
                }
                self.push(message)?;
            }
            _ => return Err(WebSocketError::Closed),
        }
        Ok(())
    }

    /// Sends a close frame, as soon as there is room for it.
    pub(super) fn begin_close(&mut self, frame: Option<CloseFrame>) {
        self.stage = Stage::Closing;
        self.owe_close(frame);
        // The reader has a deadline now.
        self.wakers.wake(Side::Reader);
    }

    /// Puts a close frame into the output, now or as soon as there is room. From here the end
    /// has a deadline.
    pub(super) fn owe_close(&mut self, frame: Option<CloseFrame>) {
        self.owed_close = Some(Message::Close(frame));
        self.deadline = Some(Box::new(sleep(self.config.close_timeout)));
        self.reader_writes = true;
        self.settle();
    }

    /// If the server stops, sends a close frame that says so.
    fn look_for_shutdown(&mut self) {
        let told = self.shutdown.as_ref();
        let is_told = told.is_some_and(|told| told.token.is_cancelled());
        if is_told || self.io.is_draining() {
            self.leave();
        }
    }

    /// The server stops.
    pub(super) fn leave(&mut self) {
        self.shutdown = None;
        if self.stage == Stage::Open {
            self.begin_close(Some(CloseFrame::new(close_code::AWAY)));
        }
    }

    /// Puts what is owed into the output, if there is room.
    pub(super) fn settle(&mut self) {
        while self.has_room() {
            let owed = self.owed_pong.take().map(Message::Pong);
            let Some(message) = owed.or_else(|| self.owed_close.take()) else {
                return;
            };
            // A pong has the payload of a ping, and the reason of a close frame is cut.
            let pushed = self.push(message);
            debug_assert!(pushed.is_ok(), "a control frame is too long");
        }
    }

    /// Whether a frame can be put into the output.
    fn has_room(&self) -> bool {
        !self.output.has_tail() && self.output.len() < self.config.max_write_buffer_size.max(1)
    }

    /// Puts the frame of a message into the output.
    fn push(&mut self, message: Message) -> Result<(), WebSocketError> {
        let encoded = self.encoder.encode(message);
        let encoded = encoded.map_err(|_| WebSocketError::LongControl)?;
        encoded.write_head(self.output.buffer());
        self.output.push(&encoded.payload, b"");
        Ok(())
    }
}
