//! Connections and bytes, counted where they pass: a listener around the listener.
//!
//! The engine and the services need not know of it. What is counted is what the sockets carry: heads
//! and bodies, WebSockets and streams of events, refused requests too.

use std::cell::Cell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};
use server::serve::Listener;

use crate::metrics::{Kind, Metrics, Text};

/// The counts. A clone is another handle to the same ones.
#[derive(Clone, Default)]
pub(crate) struct Traffic(Rc<Counts>);

#[derive(Default)]
struct Counts {
    accepted: Cell<u64>,
    open: Cell<u64>,
    received: Cell<u64>,
    sent: Cell<u64>,
}

impl Traffic {
    pub(crate) fn new(metrics: &Metrics) -> Self {
        let traffic = Traffic::default();
        let it = traffic.clone();
        metrics.register(move |text| it.write(text));
        traffic
    }

    /// Connections that are open now.
    pub(crate) fn open(&self) -> u64 {
        self.0.open.get()
    }

    fn write(&self, text: &mut Text) {
        use Kind::{Counter, Gauge};
        let it = &*self.0;
        for (name, kind, help, value) in [
            (
                "connections_accepted_total",
                Counter,
                "Connections that were accepted.",
                &it.accepted,
            ),
            (
                "connections_open",
                Gauge,
                "Connections that are open.",
                &it.open,
            ),
            (
                "received_bytes_total",
                Counter,
                "Bytes that clients sent.",
                &it.received,
            ),
            (
                "sent_bytes_total",
                Counter,
                "Bytes that clients were sent.",
                &it.sent,
            ),
        ] {
            text.single(name, kind, help, value.get());
        }
    }
}

fn add(count: &Cell<u64>, more: usize) {
    count.set(count.get() + more as u64);
}

/// A listener whose connections are counted.
pub(crate) struct Metered<L> {
    listener: L,
    traffic: Traffic,
}

impl<L> Metered<L> {
    pub(crate) fn new(listener: L, traffic: Traffic) -> Self {
        Metered { listener, traffic }
    }

    fn meter<I>(&self, io: I) -> MeteredIo<I> {
        let counts = &self.traffic.0;
        add(&counts.accepted, 1);
        add(&counts.open, 1);
        MeteredIo {
            io,
            counts: counts.clone(),
        }
    }
}

impl<L: Listener> Listener for Metered<L> {
    type Io = MeteredIo<L::Io>;
    type Addr = L::Addr;
    const IS_SECURE: bool = L::IS_SECURE;

    async fn accept(&mut self) -> (Self::Io, L::Addr) {
        let (io, addr) = self.listener.accept().await;
        (self.meter(io), addr)
    }

    fn local_addr(&self) -> io::Result<L::Addr> {
        self.listener.local_addr()
    }

    async fn try_accept(&mut self) -> io::Result<(Self::Io, L::Addr)> {
        let (io, addr) = self.listener.try_accept().await?;
        Ok((self.meter(io), addr))
    }

    fn set_backlog(&mut self, connections: u32) {
        self.listener.set_backlog(connections);
    }

    fn prepare(io: &Self::Io) {
        L::prepare(&io.io);
    }

    fn reset(io: &Self::Io) {
        L::reset(&io.io);
    }
}

/// A connection that is counted.
pub(crate) struct MeteredIo<I> {
    io: I,
    counts: Rc<Counts>,
}

impl<I> Drop for MeteredIo<I> {
    fn drop(&mut self) {
        self.counts.open.set(self.counts.open.get() - 1);
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for MeteredIo<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let read = Pin::new(&mut self.io).poll_read(cx, buf);
        if let Poll::Ready(Ok(count)) = read {
            add(&self.counts.received, count);
        }
        read
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for MeteredIo<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(cx, buf);
        if let Poll::Ready(Ok(count)) = written {
            add(&self.counts.sent, count);
        }
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, bufs);
        if let Poll::Ready(Ok(count)) = written {
            add(&self.counts.sent, count);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_close(cx)
    }
}
