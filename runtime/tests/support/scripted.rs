//! A reader and a writer that do exactly what a script says, and wakers that count.
//!
//! Real streams deliver bytes as they please. These deliver them as the test pleases:
//! short, late, or not at all, so that every way through the code can be taken on purpose.

#![allow(dead_code, reason = "each test file uses its own part of these")]

use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_io::{AsyncRead, AsyncWrite};
use proptest::prelude::*;

/// What a scripted stream does at one attempt.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A reader delivers these bytes, as far as they fit; the rest at the next attempt.
    Give(&'static [u8]),
    /// A writer accepts so many bytes, or fewer if it is offered fewer.
    Accept(usize),
    /// Not now. The task is woken at once.
    Later,
    /// An error of this kind.
    Fail(ErrorKind),
}

/// What a random script is made of: so many bytes, or a pause, or an interruption.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    Bytes(usize),
    Later,
    Interrupted,
}

pub(crate) fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        4 => (1..20_usize).prop_map(Piece::Bytes),
        2 => Just(Piece::Later),
        1 => Just(Piece::Interrupted),
    ]
}

/// Enough for every random script, with a line feed every 13 bytes.
static CONTENT: [u8; 1000] = {
    let mut content = [0; 1000];
    let mut n = 0;
    while n < content.len() {
        content[n] = if n % 13 == 12 { b'\n' } else { (n % 251) as u8 };
        n += 1;
    }
    content
};

/// A reader's script of these pieces, and all that it delivers.
pub(crate) fn given(pieces: &[Piece]) -> (impl Iterator<Item = Step>, Vec<u8>) {
    let mut length = 0;
    let steps: Vec<Step> = (pieces.iter())
        .map(|piece| match *piece {
            Piece::Bytes(n) => {
                length += n;
                Step::Give(&CONTENT[length - n..length])
            }
            Piece::Later => Step::Later,
            Piece::Interrupted => Step::Fail(ErrorKind::Interrupted),
        })
        .collect();
    (steps.into_iter(), CONTENT[..length].to_vec())
}

/// A writer's script of these pieces.
pub(crate) fn accepted(pieces: &[Piece]) -> impl Iterator<Item = Step> {
    pieces.iter().map(|piece| match *piece {
        Piece::Bytes(n) => Step::Accept(n),
        Piece::Later => Step::Later,
        Piece::Interrupted => Step::Fail(ErrorKind::Interrupted),
    })
}

/// Follows its script, then has ended (as a reader) or accepts everything (as a writer).
#[derive(Debug, Default)]
pub(crate) struct Scripted {
    steps: VecDeque<Step>,
    /// Everything that was accepted.
    pub(crate) written: Vec<u8>,
    /// What happened besides, in order: "flush", "close".
    pub(crate) calls: Vec<&'static str>,
    /// The sizes of the buffers that reads offered.
    pub(crate) offered: Vec<usize>,
}

impl Scripted {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Scripted {
            steps: steps.into_iter().collect(),
            ..Scripted::default()
        }
    }

    /// Whether every step of the script has been taken.
    pub(crate) fn is_done(&self) -> bool {
        self.steps.is_empty()
    }
}

fn later<T>(cx: &Context<'_>) -> Poll<io::Result<T>> {
    cx.waker().wake_by_ref();
    Poll::Pending
}

fn fail<T>(kind: ErrorKind) -> Poll<io::Result<T>> {
    Poll::Ready(Err(io::Error::new(kind, "as the script says")))
}

impl AsyncRead for Scripted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.offered.push(buf.len());
        match self.steps.pop_front() {
            None => Poll::Ready(Ok(0)),
            Some(Step::Later) => later(cx),
            Some(Step::Fail(kind)) => fail(kind),
            Some(Step::Accept(_)) => panic!("the script of a reader cannot accept"),
            Some(Step::Give(bytes)) => {
                let n = bytes.len().min(buf.len());
                buf[..n].copy_from_slice(&bytes[..n]);
                if n < bytes.len() {
                    self.steps.push_front(Step::Give(&bytes[n..]));
                }
                Poll::Ready(Ok(n))
            }
        }
    }
}

impl AsyncWrite for Scripted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let most = match self.steps.pop_front() {
            None => usize::MAX,
            Some(Step::Accept(n)) => n,
            Some(Step::Later) => return later(cx),
            Some(Step::Fail(kind)) => return fail(kind),
            Some(Step::Give(_)) => panic!("the script of a writer cannot give"),
        };
        let n = buf.len().min(most);
        self.written.extend_from_slice(&buf[..n]);
        Poll::Ready(Ok(n))
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.calls.push("flush");
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.calls.push("close");
        Poll::Ready(Ok(()))
    }
}

/// A waker that counts how often it was called.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicUsize);

impl Counter {
    pub(crate) fn new() -> (Arc<Counter>, Waker) {
        let counter = Arc::new(Counter::default());
        (counter.clone(), Waker::from(counter))
    }

    pub(crate) fn wakes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Polls a future once, for a task whose waker does nothing.
pub(crate) fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    poll_for(Waker::noop(), future)
}

/// Polls a future once, for the task of this waker.
pub(crate) fn poll_for<F: Future + Unpin>(waker: &Waker, future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}
