//! Receivers, intervals, listeners and the like as streams.
//!
//! The names are those of the crate `tokio_stream`. Each wrapper owns what it wraps, gives it
//! back by `into_inner`, and does at each poll what the method of the inner thing does. A
//! stream that waits is seen to wait at the line that made the wrapper.
//!
//! Most of them are one line of a table, below. Two are not: a [`BroadcastStream`] and a
//! [`WatchStream`] wait by a future that borrows the receiver, and must keep both.
//!
//! How it can go wrong: a stream of a listener never ends, and neither does one of an
//! interval or a signal. `collect` on it waits for ever.

mod broadcast;
mod watch;
mod wrapper;

use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::{FusedStream, Stream};
use futures_io::AsyncBufRead;
use pin_project_lite::pin_project;

pub use broadcast::{BroadcastStream, errors};
pub use watch::WatchStream;

use wrapper::wrapper;

use crate::fs::{DirEntry, ReadDir};
use crate::io::{Lines, Split};
use crate::net::{TcpListener, TcpStream};
#[cfg(unix)]
use crate::net::{UnixListener, UnixStream};
#[cfg(unix)]
use crate::signal::unix::Signal;
use crate::sync::mpsc::{Receiver, UnboundedReceiver};
use crate::task::{JoinError, JoinSet};
use crate::time::{Instant, Interval};
use crate::trace::with_line;

wrapper! {
    /// The messages of a bounded channel, until it is closed and empty.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// use futures_lite::StreamExt;
    /// use runtime::stream::wrappers::ReceiverStream;
    ///
    /// let (sender, receiver) = runtime::sync::mpsc::channel(4);
    /// for n in 1..=3 {
    ///     sender.send(n).await.unwrap();
    /// }
    /// drop(sender);
    /// let all: Vec<u32> = ReceiverStream::new(receiver).collect().await;
    /// assert_eq!(all, [1, 2, 3]);
    /// # }
    /// ```
    ReceiverStream[T] wraps Receiver<T>, gives T:
        |inner, cx| inner.get_mut().poll_recv(cx),
        // A sender that has reserved a place may still send.
        size_hint |inner| match inner.is_closed() {
            true => (inner.len(), Some(inner.max_capacity() - inner.capacity())),
            false => (inner.len(), None),
        }
}

wrapper! {
    /// The messages of an unbounded channel, until it is closed and empty.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// use futures_lite::StreamExt;
    /// use runtime::stream::wrappers::UnboundedReceiverStream;
    ///
    /// let (sender, receiver) = runtime::sync::mpsc::unbounded_channel();
    /// sender.send(7).unwrap();
    /// drop(sender);
    /// let mut stream = UnboundedReceiverStream::new(receiver);
    /// assert_eq!(stream.next().await, Some(7));
    /// assert_eq!(stream.next().await, None);
    /// # }
    /// ```
    UnboundedReceiverStream[T] wraps UnboundedReceiver<T>, gives T:
        |inner, cx| inner.get_mut().poll_recv(cx),
        size_hint |inner| (inner.len(), inner.is_closed().then(|| inner.len()))
}

impl<T> ReceiverStream<T> {
    /// As [`Receiver::close`].
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// use futures_lite::StreamExt;
    /// use runtime::stream::wrappers::ReceiverStream;
    ///
    /// let (sender, receiver) = runtime::sync::mpsc::channel(4);
    /// sender.send(1).await.unwrap();
    /// let mut stream = ReceiverStream::new(receiver);
    /// stream.close();
    /// assert!(sender.send(2).await.is_err());
    /// assert_eq!(stream.next().await, Some(1), "what was sent before still comes");
    /// # }
    /// ```
    pub fn close(&mut self) {
        self.inner.close();
    }
}

impl<T> UnboundedReceiverStream<T> {
    /// As [`UnboundedReceiver::close`].
    ///
    /// ```
    /// use runtime::stream::wrappers::UnboundedReceiverStream;
    ///
    /// let (sender, receiver) = runtime::sync::mpsc::unbounded_channel();
    /// UnboundedReceiverStream::new(receiver).close();
    /// assert!(sender.send(1).is_err());
    /// ```
    pub fn close(&mut self) {
        self.inner.close();
    }
}

impl<T> From<Receiver<T>> for ReceiverStream<T> {
    #[track_caller]
    fn from(receiver: Receiver<T>) -> Self {
        Self::new(receiver)
    }
}

impl<T> From<UnboundedReceiver<T>> for UnboundedReceiverStream<T> {
    #[track_caller]
    fn from(receiver: UnboundedReceiver<T>) -> Self {
        Self::new(receiver)
    }
}

wrapper! {
    /// The ticks of an interval; it never ends.
    ///
    /// ```
    /// # #[runtime::main(start_paused = true)] async fn main() {
    /// use futures_lite::StreamExt;
    /// use runtime::stream::wrappers::IntervalStream;
    /// use runtime::time::{Duration, interval};
    ///
    /// let ticks = IntervalStream::new(interval(Duration::from_secs(1)));
    /// let ticks: Vec<_> = ticks.take(3).collect().await;
    /// assert_eq!(ticks[2] - ticks[0], Duration::from_secs(2));
    /// # }
    /// ```
    IntervalStream wraps Interval, gives Instant:
        |inner, cx| inner.get_mut().poll_tick(cx).map(Some),
        size_hint |_| (usize::MAX, None)
}

impl FusedStream for IntervalStream {
    fn is_terminated(&self) -> bool {
        false
    }
}

wrapper! {
    /// The results of the tasks of a set, in the order of their ends. It ends when the set is empty.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// use futures_lite::StreamExt;
    /// use runtime::stream::wrappers::JoinSetStream;
    /// use runtime::task::JoinSet;
    ///
    /// let set: JoinSet<u32> = (1..=2).map(|n| async move { n }).collect();
    /// let mut results = JoinSetStream::new(set);
    /// assert_eq!(results.next().await.unwrap().unwrap(), 1);
    /// assert_eq!(results.next().await.unwrap().unwrap(), 2);
    /// assert!(results.next().await.is_none());
    /// # }
    /// ```
    JoinSetStream[T: 'static] wraps JoinSet<T>, gives Result<T, JoinError>:
        |inner, cx| inner.get_mut().poll_join_next(cx),
        size_hint |inner| (inner.len(), Some(inner.len()))
}

impl<T> From<JoinSet<T>> for JoinSetStream<T> {
    #[track_caller]
    fn from(set: JoinSet<T>) -> Self {
        Self::new(set)
    }
}

wrapper! {
    /// The connections that a listener accepts; it never ends.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use futures_lite::StreamExt;
    /// use runtime::net::{TcpListener, TcpStream};
    /// use runtime::stream::wrappers::TcpListenerStream;
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// let client = TcpStream::connect(listener.local_addr()?).await?;
    /// let server = TcpListenerStream::new(listener).next().await.unwrap()?;
    /// assert_eq!(server.peer_addr()?, client.local_addr()?);
    /// # Ok(()) }
    /// ```
    TcpListenerStream wraps TcpListener, gives io::Result<TcpStream>:
        |inner, cx| inner.poll_accept(cx).map_ok(|(stream, _)| stream).map(Some)
}

#[cfg(unix)]
wrapper! {
    /// The connections that a listener on a path accepts; it never ends.
    ///
    /// ```no_run
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use futures_lite::StreamExt;
    /// use runtime::net::UnixListener;
    /// use runtime::stream::wrappers::UnixListenerStream;
    ///
    /// let mut streams = UnixListenerStream::new(UnixListener::bind("/tmp/socket")?);
    /// while let Some(stream) = streams.next().await {
    ///     println!("{:?}", stream?);
    /// }
    /// # Ok(()) }
    /// ```
    UnixListenerStream wraps UnixListener, gives io::Result<UnixStream>:
        |inner, cx| inner.poll_accept(cx).map_ok(|(stream, _)| stream).map(Some)
}

#[cfg(unix)]
wrapper! {
    /// The times a signal came; it never ends.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use futures_lite::StreamExt;
    /// use runtime::signal::unix::{SignalKind, signal};
    /// use runtime::stream::wrappers::SignalStream;
    ///
    /// let mut hangups = SignalStream::new(signal(SignalKind::hangup())?);
    /// signal_hook::low_level::raise(SignalKind::hangup().as_raw_value())?;
    /// assert_eq!(hangups.next().await, Some(()));
    /// # Ok(()) }
    /// ```
    SignalStream wraps Signal, gives (): |inner, cx| inner.get_mut().poll_recv(cx)
}

wrapper! {
    /// The lines of a reader, without their line ends.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use futures_lite::StreamExt;
    /// use runtime::io::AsyncBufReadExt;
    /// use runtime::stream::wrappers::LinesStream;
    ///
    /// let mut lines = LinesStream::new((&b"one\ntwo"[..]).lines());
    /// assert_eq!(lines.next().await.unwrap()?, "one");
    /// assert_eq!(lines.next().await.unwrap()?, "two");
    /// assert!(lines.next().await.is_none());
    /// # Ok(()) }
    /// ```
    LinesStream[R: AsyncBufRead] wraps Lines<R>, gives io::Result<String>:
        |inner, cx| inner.poll_next_line(cx).map(Result::transpose)
}

wrapper! {
    /// The pieces of a reader between one delimiter and the next.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use futures_lite::StreamExt;
    /// use runtime::io::{AsyncBufReadExt, BufReader};
    /// use runtime::stream::wrappers::SplitStream;
    ///
    /// let fields = SplitStream::new(BufReader::new(&b"a,b"[..]).split(b','));
    /// let fields: std::io::Result<Vec<_>> = fields.try_collect().await;
    /// assert_eq!(fields?, [b"a", b"b"]);
    /// # Ok(()) }
    /// ```
    SplitStream[R: AsyncBufRead] wraps Split<R>, gives io::Result<Vec<u8>>:
        |inner, cx| inner.poll_next_segment(cx).map(Result::transpose)
}

wrapper! {
    /// The entries of a directory.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use futures_lite::StreamExt;
    /// use runtime::stream::wrappers::ReadDirStream;
    ///
    /// let entries = ReadDirStream::new(runtime::fs::read_dir(".").await?);
    /// assert!(entries.count().await > 0);
    /// # Ok(()) }
    /// ```
    ReadDirStream wraps ReadDir, gives io::Result<DirEntry>:
        |inner, cx| inner.get_mut().poll_next_entry(cx).map(Result::transpose)
}
