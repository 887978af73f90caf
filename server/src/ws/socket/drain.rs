//! From the output to the stream, and what a peer that does not read comes to.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use futures_io::AsyncWrite;
use runtime::task::coop::has_budget_remaining;

use super::stage::Stage;
use super::wakers::Side;
use super::web_socket::WebSocket;
use crate::h1::conn::write_buf::WriteBuf;
use crate::ws::error::WebSocketError;

impl WebSocket {
    /// Writes all that waits and all that is owed, and flushes the stream.
    pub(super) fn poll_write_all(
        &mut self,
        side: Side,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), WebSocketError>> {
        if self.stage == Stage::Ended {
            let all = self.output.is_empty();
            return Poll::Ready(if all {
                Ok(())
            } else {
                Err(WebSocketError::Closed)
            });
        }
        ready!(self.poll_write_until(side, WriteBuf::is_empty, cx))?;
        if let Err(error) = ready!(Pin::new(&mut self.io).poll_flush(cx)) {
            return Poll::Ready(Err(self.abort(error.into())));
        }
        self.reader_writes = false;
        if side == Side::Writer && matches!(self.stage, Stage::Goodbye(..)) {
            self.wakers.wake(Side::Reader);
        }
        Poll::Ready(Ok(()))
    }

    /// Writes until the output is `done` and has no tail.
    pub(super) fn poll_write_until(
        &mut self,
        side: Side,
        done: impl Fn(&WriteBuf) -> bool,
        task: &mut Context<'_>,
    ) -> Poll<Result<(), WebSocketError>> {
        // A waker for both tasks, once the stream takes nothing and there are two.
        let mut both: Option<Waker> = None;
        loop {
            self.settle();
            if !self.output.has_tail() && done(&self.output) {
                self.stall.stop();
                return Poll::Ready(Ok(()));
            }
            let waker = both.clone();
            let cx = &mut Context::from_waker(waker.as_ref().unwrap_or(task.waker()));
            match self.output.poll_write(&mut self.io, cx) {
                Poll::Ready(Ok(count @ 1..)) => self.written(side, count),
                Poll::Ready(Ok(0)) => {
                    let error = io::Error::from(io::ErrorKind::WriteZero);
                    return Poll::Ready(Err(self.abort(error.into())));
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(self.abort(error.into()))),
                // The task has done enough for one turn; the peer is not to blame.
                Poll::Pending if !has_budget_remaining() => return Poll::Pending,
                Poll::Pending if both.is_none() => {
                    self.wakers.wait(side, task);
                    both = self.wakers.both(side, task);
                    if both.is_some() {
                        continue;
                    }
                    return self.poll_stall(task);
                }
                Poll::Pending => return self.poll_stall(cx),
            }
        }
    }

    /// The stream takes nothing now: the peer has some time to change that.
    fn poll_stall(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), WebSocketError>> {
        ready!(self.stall.poll(&self.config, cx));
        Poll::Ready(Err(self.abort(WebSocketError::Timeout)))
    }

    /// Bytes have left.
    fn written(&mut self, side: Side, count: usize) {
        self.stall.progress(count, &self.config);
        if self.output.is_empty() {
            self.output.drop_own();
        }
        if side == Side::Reader {
            self.wakers.wake(Side::Writer);
        }
    }

    /// The connection is over, at once.
    pub(super) fn abort(&mut self, error: WebSocketError) -> WebSocketError {
        self.stage = Stage::Ended;
        self.deadline = None;
        self.stall.stop();
        self.wakers.wake(Side::Reader);
        self.wakers.wake(Side::Writer);
        error
    }
}
