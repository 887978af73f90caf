//! The body of a backend's answer, on its way to the client.
//!
//! It is handed on piece by piece: the next one is read from the backend when the client has
//! taken the last one. The connection is leased until the end.
//!
//! How it can go wrong: half an answer that looks like a whole one. The backend dies in the middle,
//! and the body ends with an error. The engine then breaks the client's connection off, with the
//! length not reached or the last chunk missing: so the client sees that it has not got all.
//!
//! The other way round: the client leaves. Then this body is dropped, and the lease with it, which
//! closes the connection to the backend: nothing more is read from it. When the engine
//! notices that a client has gone, stands in [`server::h1`]: a client that closes without a reset may
//! still read, so it is not gone until a write fails.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body::{Frame, SizeHint};
use runtime::task::spawn_detached;
use runtime::time::timeout;
use server::body::{Body, BodyError, Bytes, HttpBody};

use super::backend::Lease;

/// See the file's heading.
struct Answer {
    body: Body,
    /// `None`: the end has come.
    lease: Option<Lease>,
    /// How long the request may go on when the answer is complete.
    patience: Duration,
}

/// The body to give to the client, which gives the connection back at its end.
pub(crate) fn through(body: Body, lease: Lease, patience: Duration) -> Body {
    // A small answer has come whole, together with its head.
    if lease.is_free() {
        lease.backend().requested(true);
        return body;
    }
    Body::new(Answer {
        body,
        lease: Some(lease),
        patience,
    })
}

impl Answer {
    /// The answer is complete.
    fn finish(&mut self) {
        let Some(lease) = self.lease.take() else {
            return;
        };
        lease.backend().requested(true);
        if !lease.is_free() {
            spawn_detached(wait_for_request(lease, self.patience));
        }
    }
}

/// A backend may answer before it has read the whole request. Then it gets the rest, and the
/// connection is free after that.
async fn wait_for_request(mut lease: Lease, patience: Duration) {
    let ready = timeout(patience, lease.line().sender.ready()).await;
    drop(ready);
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Ok(_)) => {}
            None => self.finish(),
            Some(Err(error)) => {
                if let Some(lease) = self.lease.take() {
                    lease.backend().broke_off(error);
                }
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
