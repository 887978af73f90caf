//! The ferry: makes a stream of a device that blocks.
//!
//! The operating system cannot be asked to say when a file or a terminal is ready, as it can of
//! a socket. So each read, each write and each seek is a **trip**: a job on the pool, which has
//! the buffer with it. There is one buffer, so there is one trip at a time, and trips happen in
//! the order in which they were made.
//!
//! * A *read* asks for as many bytes as the caller has room for. If the caller is gone by the
//!   time they arrive, they stay in the buffer, and the next read has them.
//! * A *write* takes the bytes into the buffer, sends them off, and is done: the writer does not
//!   wait for the device. The next write or flush reports an error. The next write waits until this
//!   trip has ended. A write is carried out even if the ferry, or the whole runtime, is
//!   dropped meanwhile.
//! * A *flush* waits for the trip that is under way.
//! * Bytes that were read ahead and have not been taken must not count, when the position
//!   matters: a write and a seek first go back by as many.
//!
//! How it can go wrong:
//!
//! * A caller begins a trip and stops waiting; another caller then gets the answer. So each caller
//!   checks what it brought back: it keeps the error of a write for the next write or flush, ignores other
//!   answers, and then begins its own trip.
//! * A trip does not begin, because the operating system gives no thread or the runtime is gone. Bytes
//!   that were read ahead must not be lost with it. So the ferry keeps the buffer (`by_turns.rs`), and
//!   changes its own state only when the trip has begun.

use std::cell::Cell;
use std::future::Future;
use std::io::{self, IoSlice, SeekFrom};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::by_turns::ByTurns;
use super::cargo::Cargo;
use crate::machine::context::{self};
use crate::machine::task::JoinHandle;
use crate::machine::turn::Machine;
use crate::trace::{self, Place};

/// The most bytes that one trip carries, unless set: 2 MiB, as in Tokio.
pub(crate) const LARGEST: usize = 2 * 1024 * 1024;

/// What is at the other side: something whose calls may block. Clones are the same thing.
pub(crate) trait Device: Clone + Send + 'static {
    /// Whether it keeps written bytes to itself until it is flushed.
    const BUFFERS: bool;
    fn read(&self, into: &mut [u8]) -> io::Result<usize>;
    fn write_all(&self, bytes: &[u8]) -> io::Result<()>;
    fn flush(&self) -> io::Result<()>;
    fn seek(&self, to: SeekFrom) -> io::Result<u64>;
}

/// See the file's heading.
#[derive(Debug)]
pub(crate) struct Ferry<D> {
    device: D,
    /// The buffer.
    cargo: ByTurns<Cargo>,
    /// The trip that is under way.
    trip: Option<JoinHandle<Trip>>,
    /// The most bytes that one trip carries.
    largest: usize,
    /// A write has failed, and no call has returned the error yet.
    failed: Option<io::Error>,
    /// Bytes have been written since the device was flushed.
    unflushed: bool,
    /// The seek that is under way and has not been given up, so that another does not take its
    /// answer.
    seeking: Option<SeekFrom>,
}

/// What was done on a trip, and how it went.
#[derive(Debug)]
enum Trip {
    Read(io::Result<()>),
    Wrote(io::Result<()>),
    Flushed(io::Result<()>),
    Sought(io::Result<u64>),
    /// Something else.
    Did(io::Result<()>),
}

impl<D: Device> Ferry<D> {
    pub(crate) fn new(device: D) -> Ferry<D> {
        Ferry {
            device,
            cargo: ByTurns::default(),
            trip: None,
            largest: LARGEST,
            failed: None,
            unflushed: false,
            seeking: None,
        }
    }

    pub(crate) fn set_largest(&mut self, bytes: usize) {
        self.largest = bytes;
    }

    pub(crate) fn largest(&self) -> usize {
        self.largest
    }

    /// Whether no trip is under way.
    pub(crate) fn is_home(&self) -> bool {
        self.trip.is_none()
    }

    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            match ready!(self.poll_home(cx))? {
                // At the end of the file, nothing.
                Some(Trip::Read(Ok(()))) => return Poll::Ready(Ok(self.cargo.lock().unload(into))),
                Some(Trip::Read(Err(error))) => return Poll::Ready(Err(error)),
                Some(other) => self.note(other),
                None if !self.cargo.lock().is_empty() || into.is_empty() => {
                    return Poll::Ready(Ok(self.cargo.lock().unload(into)));
                }
                None => {
                    let limit = into.len().min(self.largest);
                    self.send(&context::machine(), move |device, cargo| {
                        Trip::Read(cargo.fill(limit, |into| device.read(into)))
                    })?;
                }
            }
        }
    }

    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_settled(cx))?;
        if slices.iter().all(|slice| slice.is_empty()) {
            return Poll::Ready(Ok(0));
        }
        let machine = context::machine(); // which may panic
        let mut cargo = self.cargo.lock();
        let ahead = cargo.bytes().len();
        let taken = cargo.load(slices, self.largest);
        drop(cargo);
        let began = self.send(&machine, move |device, cargo| {
            let went_back = go_back(device, cargo, ahead);
            let wrote = went_back.and_then(|()| device.write_all(cargo.bytes()));
            cargo.unload_last(taken);
            Trip::Wrote(wrote)
        });
        match began {
            Ok(()) => self.unflushed = true,
            Err(_) => self.cargo.lock().unload_last(taken),
        }
        Poll::Ready(began.map(|()| taken))
    }

    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.poll_settled(cx))?;
            if !D::BUFFERS || !self.unflushed {
                return Poll::Ready(Ok(()));
            }
            self.send(&context::machine(), |device, _| {
                Trip::Flushed(device.flush())
            })?;
            self.unflushed = false;
        }
    }

    pub(crate) fn poll_seek(
        &mut self,
        cx: &mut Context<'_>,
        to: SeekFrom,
    ) -> Poll<io::Result<u64>> {
        if NEW_SEEK.take() {
            self.seeking = None;
        }
        loop {
            let seeking = self.seeking;
            match ready!(self.poll_home(cx))? {
                Some(Trip::Sought(result)) if seeking == Some(to) => return Poll::Ready(result),
                Some(other) => self.note(other),
                None => {
                    let goal = seen_from_device(to, self.cargo.lock().bytes().len());
                    self.send(&context::machine(), move |device, cargo| {
                        let sought = device.seek(goal);
                        if sought.is_ok() {
                            cargo.discard();
                        }
                        Trip::Sought(sought)
                    })?;
                    self.seeking = Some(to);
                }
            }
        }
    }

    /// Begins a trip on which something else is done. No other may be under way: see
    /// [`poll_empty`](Ferry::poll_empty). `afresh`: what was read ahead is given back first.
    pub(crate) fn perform(
        &mut self,
        afresh: bool,
        work: impl FnOnce(&D) -> io::Result<()> + Send + 'static,
    ) -> io::Result<()> {
        self.send(&context::machine(), move |device, cargo| {
            let ahead = if afresh { cargo.bytes().len() } else { 0 };
            let went_back = go_back(device, cargo, ahead);
            Trip::Did(went_back.and_then(|()| work(device)))
        })
    }

    /// Waits for the end of what [`perform`](Ferry::perform) began.
    pub(crate) fn poll_performed(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            match ready!(self.poll_home(cx))? {
                Some(Trip::Did(result)) => return Poll::Ready(result),
                Some(other) => self.note(other),
                None => return Poll::Ready(Ok(())),
            }
        }
    }

    /// Waits until no trip is under way. An error of a write is kept for the next write or flush.
    pub(crate) fn poll_empty(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(trip) = ready!(self.poll_home(cx))? {
            self.note(trip);
        }
        Poll::Ready(Ok(()))
    }

    /// As [`poll_empty`](Ferry::poll_empty), and tells of the error.
    fn poll_settled(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_empty(cx))?;
        Poll::Ready(self.failed.take().map_or(Ok(()), Err))
    }

    /// Begins a trip. If that fails, all is as it was.
    fn send(
        &mut self,
        machine: &Machine,
        work: impl FnOnce(&D, &mut Cargo) -> Trip + Send + 'static,
    ) -> io::Result<()> {
        let device = self.device.clone();
        let at = Place::from(trace::line().unwrap_or(Location::caller()));
        let work = move |cargo: &mut Cargo| work(&device, cargo);
        self.trip = Some(self.cargo.give(machine, work, at)?);
        Ok(())
    }

    /// Waits for the end of the trip that is under way. `None`: there is none.
    fn poll_home(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<Trip>>> {
        let Some(trip) = &mut self.trip else {
            return Poll::Ready(self.cargo.is_home().map(|()| None));
        };
        let home = ready!(Pin::new(trip).poll(cx));
        self.trip = None;
        self.seeking = None;
        Poll::Ready(Ok(Some(home?)))
    }

    /// The call that a trip was made for has been given up. Only the error of a write is kept, for the next call.
    fn note(&mut self, trip: Trip) {
        match trip {
            Trip::Wrote(Err(error)) | Trip::Flushed(Err(error)) => self.failed = Some(error),
            _ => {}
        }
    }
}

thread_local! {
    static NEW_SEEK: Cell<bool> = const { Cell::new(false) };
}

/// Calls `poll`, which polls a seek for the first time. A `poll_seek` cannot see whether it is called
/// again or by another caller with the same wish. One who asks anew to go three bytes further must not
/// get the answer of a seek that was given up: that one was carried out too, as in Tokio.
pub(crate) fn beginning_a_seek<R>(poll: impl FnOnce() -> R) -> R {
    NEW_SEEK.set(true);
    let polled = poll();
    NEW_SEEK.set(false);
    polled
}

/// Gives the first bytes of the cargo, which were read ahead, back to the device.
fn go_back<D: Device>(device: &D, cargo: &mut Cargo, bytes: usize) -> io::Result<()> {
    if let Ok(by @ 1..) = i64::try_from(bytes) {
        device.seek(SeekFrom::Current(-by))?;
        cargo.unload_first(bytes);
    }
    Ok(())
}

/// A place that is meant from where the *reader* is: he has not taken `ahead` bytes yet that the
/// device has already given.
fn seen_from_device(to: SeekFrom, ahead: usize) -> SeekFrom {
    match (to, i64::try_from(ahead)) {
        (SeekFrom::Current(by), Ok(ahead)) => SeekFrom::Current(by.saturating_sub(ahead)),
        _ => to,
    }
}
