//! What hyper asks of a runtime, answered by ours: the adapter that the examples share.
//!
//! hyper 1 speaks HTTP and nothing else. It opens no socket, starts no thread and reads no clock;
//! what it needs of that, it asks for by four small traits in `hyper::rt`. A program that brings
//! hyper to a runtime implements them once:
//!
//! | hyper asks for | what that is | here |
//! |---|---|---|
//! | `Read`, `Write` | bytes in, bytes out | [`Io`], around any stream of ours |
//! | `Timer`, `Sleep` | "wake me at this time" | [`Clock`], our `sleep_until` |
//! | `Executor` | "run this beside the rest" | [`Tasks`], our `spawn` |
//!
//! Three things are worth a second look.
//!
//! **Reading without `unsafe`.** hyper hands out memory that was never written. To let the
//! operating system write into it directly, a program must promise to have done so, and such a
//! promise is `unsafe`. The safe way is [`ReadBufCursor::put_slice`]: read into bytes of one's own,
//! then have them copied. The price is a copy of what has come, which is little beside the system
//! call that brought it.
//!
//! **A timer that must be `Send`.** hyper's `Sleep` has to be `Send + Sync`, because hyper cannot
//! know that its connections stay on one thread. Ours do, and our `Sleep` is neither. A
//! `SendWrapper` bridges that: to the compiler it may travel, and if it ever did, it would panic at
//! the first touch instead of breaking anything.
//!
//! **Nothing else must be `Send`.** Over HTTP/1, hyper is content with a stream, a service and an
//! executor that stay at home. (Upgrades are the exception: they hand the stream on in a `Send`
//! box. For WebSockets see the example `websocket_echo`, which needs no hyper.)
#![allow(dead_code, reason = "each example uses its part")]

use hyper::rt::{Executor, Read, ReadBufCursor, Sleep, Timer, Write};
use runtime::io::{AsyncRead, AsyncWrite};
use runtime::time::{self, Instant};
use send_wrapper::SendWrapper;
use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant as StdInstant};

/// Our stream, as hyper wants to see it: a `TcpStream`, or TLS over one, or a pipe in memory.
pub(crate) struct Io<S>(pub(crate) S);

/// What one read brings at most. It lives on the stack and costs no memory while a connection
/// waits.
const ROOM: usize = 8 * 1024;

impl<S: AsyncRead + Unpin> Read for Io<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let mut bytes = [0; ROOM];
        let room = cursor.remaining().min(ROOM);
        let came = ready!(Pin::new(&mut self.0).poll_read(cx, &mut bytes[..room]))?;
        cursor.put_slice(&bytes[..came]);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> Write for Io<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    /// Head and body in one system call.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    /// The same thing under a third name: futures-io says `close`.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_close(cx)
    }
}

/// Our clock and our timer wheel. Where the clock is paused, it is paused for hyper too.
#[derive(Clone, Copy)]
pub(crate) struct Clock;

impl Timer for Clock {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: StdInstant) -> Pin<Box<dyn Sleep>> {
        let sleep = time::sleep_until(Instant::from_std(deadline));
        Box::pin(Nap(SendWrapper::new(Box::pin(sleep))))
    }

    fn now(&self) -> StdInstant {
        Instant::now().into_std()
    }

    /// hyper sets the same timer anew for every request of a connection: ours is moved in the
    /// wheel, and nothing is allocated.
    fn reset(&self, sleep: &mut Pin<Box<dyn Sleep>>, deadline: StdInstant) {
        match sleep.as_mut().downcast_mut_pin::<Nap>() {
            Some(mut nap) => nap.0.as_mut().reset(Instant::from_std(deadline)),
            None => *sleep = self.sleep_until(deadline),
        }
    }
}

/// A sleep of ours that says it is `Send`, and panics on another thread.
struct Nap(SendWrapper<Pin<Box<time::Sleep>>>);

impl Sleep for Nap {}

impl Future for Nap {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(cx)
    }
}

/// Our `spawn`, for any future: it need not be `Send`.
#[derive(Clone, Copy)]
pub(crate) struct Tasks;

impl<F> Executor<F> for Tasks
where
    F: Future<Output: 'static> + 'static,
{
    fn execute(&self, future: F) {
        drop(runtime::spawn(future)); // it runs on, and its end is not awaited
    }
}
