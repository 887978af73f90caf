//! The end of a connection: what waits is written, our direction is closed, and the peer gets
//! time to see it.
//!
//! The server closes the stream first (RFC 6455, section 7.1.1). After a broken rule it then
//! lingers: it throws away what still comes, until the peer ends its direction. A client waits
//! for the server. All of it has one deadline.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};

use super::stage::{Goodbye, Stage};
use super::wakers::Side;
use super::web_socket::WebSocket;
use crate::h1::conn::scratch::scratch;
use crate::ws::codec::Role;
use crate::ws::codec::violation::Violation;
use crate::ws::message::{CloseFrame, Message};

impl WebSocket {
    /// The peer's close frame has come: it is answered, unless it is an answer.
    pub(super) fn receive_close(&mut self, frame: Option<CloseFrame>) -> Message {
        if self.stage == Stage::Open {
            self.owe_close(frame.as_ref().map(|frame| CloseFrame::new(frame.code)));
        }
        self.part(None);
        Message::Close(frame)
    }

    /// The peer has broken a rule: it is told which, unless we have said our last already.
    pub(super) fn refuse(&mut self, violation: Violation) {
        if self.stage == Stage::Open {
            self.owe_close(Some(CloseFrame {
                code: violation.close_code(),
                reason: violation.to_string().into(),
            }));
        }
        self.part(Some(violation));
    }

    fn part(&mut self, violation: Option<Violation>) {
        self.stage = Stage::Goodbye(Goodbye::Write, violation);
        self.owed_pong = None;
        self.rest = Default::default();
        self.wakers.wake(Side::Writer);
    }

    /// Brings the connection to its end. Ready when it is there.
    pub(super) fn poll_goodbye(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.is_overdue(cx) {
            return Poll::Ready(());
        }
        while let Stage::Goodbye(step, violation) = self.stage {
            let next = match step {
                Goodbye::Write => {
                    if ready!(self.poll_write_all(Side::Reader, cx)).is_err() {
                        break;
                    }
                    match (self.role, violation) {
                        (Role::Client, None) => Goodbye::Linger,
                        _ => Goodbye::Close,
                    }
                }
                Goodbye::Close => {
                    if ready!(Pin::new(&mut self.io).poll_close(cx)).is_err() || violation.is_none()
                    {
                        break;
                    }
                    Goodbye::Linger
                }
                Goodbye::Linger => match ready!(self.poll_discard(cx)) {
                    0 => break,
                    _ => Goodbye::Linger,
                },
            };
            self.stage = Stage::Goodbye(next, violation);
        }
        Poll::Ready(())
    }

    /// Whether the time for the end is over.
    pub(super) fn is_overdue(&mut self, cx: &mut Context<'_>) -> bool {
        let deadline = self.deadline.as_mut();
        deadline.is_some_and(|deadline| Pin::new(&mut **deadline).poll(cx).is_ready())
    }

    /// Reads and forgets; how much it was. An error is the end too.
    fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<usize> {
        let read = Pin::new(&mut self.io).poll_read(cx, &mut scratch().read);
        read.map(|count| count.unwrap_or(0))
    }
}
