//! Blocking I/O: makes a stream of a device that blocks.
//!
//! The operating system cannot be asked to say when a file or a terminal is ready, as it can of
//! a socket. So each read, each write and each seek is an **operation**: a job on the pool, which has
//! the buffer with it. There is one buffer, so there is one operation at a time, and operations happen in
//! the order in which they were made.
//!
//! * A *read* asks for as many bytes as the caller has room for. If the caller is gone by the
//!   time they arrive, they stay in the buffer, and the next read has them.
//! * A *write* takes the bytes into the buffer, sends them off, and is done: the writer does not
//!   wait for the device. The next write or flush reports an error. The next write waits until this
//!   operation has ended. A write is carried out even if the [`BlockingIo`], or the whole runtime, is
//!   dropped meanwhile.
//! * A *flush* waits for the operation that is under way.
//! * Bytes that were read ahead and have not been taken must not count, when the position
//!   matters: a write and a seek first go back by as many.
//!
//! How it can go wrong:
//!
//! * A caller begins an operation and stops waiting; another caller then gets the answer. So each caller
//!   checks what it brought back: it keeps the error of a write for the next write or flush, ignores other
//!   answers, and then begins its own operation.
//! * An operation does not begin, because the operating system gives no thread or the runtime is gone. Bytes
//!   that were read ahead must not be lost with it. So the [`BlockingIo`] keeps the buffer (`by_turns.rs`), and
//!   changes its own state only when the operation has begun.

use std::cell::Cell;
use std::future::Future;
use std::io::{self, IoSlice, SeekFrom};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::by_turns::ByTurns;
use super::transfer_buffer::TransferBuffer;
use crate::base::pool::Pool;
use crate::machine::context::{self};
use crate::machine::task::JoinHandle;
use crate::machine::turn::Machine;
use crate::trace::{self, Place};

/// The most bytes that one operation carries, unless set: 2 MiB, as in Tokio.
pub(crate) const LARGEST: usize = 2 * 1024 * 1024;

/// What is at the other side: something whose calls may block. Clones are the same thing.
pub(crate) trait Device: Clone + Send + 'static {
    /// Whether it keeps written bytes to itself until it is flushed.
    const BUFFERS: bool;
    fn read(&self, into: &mut [u8]) -> io::Result<usize>;
    fn write_all(&self, bytes: &[u8]) -> io::Result<()>;
    fn flush(&self) -> io::Result<()>;
    fn seek(&self, to: SeekFrom) -> io::Result<u64>;

    /// Calls `give` with the pool on which its operations are done.
    fn with_pool<R>(&self, machine: &Machine, give: impl FnOnce(&Pool) -> R) -> R {
        give(&machine.remote.pool)
    }
}

/// See the file's heading.
#[derive(Debug)]
pub(crate) struct BlockingIo<D> {
    device: D,
    /// The buffer.
    buffer: ByTurns<TransferBuffer>,
    /// The operation that is under way.
    operation: Option<JoinHandle<Operation>>,
    /// The most bytes that one operation carries.
    largest: usize,
    /// A write has failed, and no call has returned the error yet.
    failed: Option<io::Error>,
    /// Bytes have been written since the device was flushed.
    unflushed: bool,
    /// The seek that is under way and has not been given up, so that another does not take its
    /// answer.
    seeking: Option<SeekFrom>,
}

/// What was done on an operation, and how it went.
#[derive(Debug)]
enum Operation {
    Read(io::Result<()>),
    Wrote(io::Result<()>),
    Flushed(io::Result<()>),
    Sought(io::Result<u64>),
    /// Something else.
    Did(io::Result<()>),
}

impl<D: Device> BlockingIo<D> {
    pub(crate) fn new(device: D) -> BlockingIo<D> {
        BlockingIo {
            device,
            buffer: ByTurns::default(),
            operation: None,
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

    /// Whether no operation is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.operation.is_none()
    }

    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            match ready!(self.poll_operation(cx))? {
                // At the end of the file, nothing.
                Some(Operation::Read(Ok(()))) => {
                    return Poll::Ready(Ok(self.buffer.lock().unload(into)));
                }
                Some(Operation::Read(Err(error))) => return Poll::Ready(Err(error)),
                Some(other) => self.note(other),
                None if !self.buffer.lock().is_empty() || into.is_empty() => {
                    return Poll::Ready(Ok(self.buffer.lock().unload(into)));
                }
                None => {
                    let limit = into.len().min(self.largest);
                    self.send(&context::machine(), move |device, buffer| {
                        Operation::Read(buffer.fill(limit, |into| device.read(into)))
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
        let mut buffer = self.buffer.lock();
        let ahead = buffer.bytes().len();
        let taken = buffer.load(slices, self.largest);
        drop(buffer);
        let began = self.send(&machine, move |device, buffer| {
            let went_back = go_back(device, buffer, ahead);
            let wrote = went_back.and_then(|()| device.write_all(buffer.bytes()));
            buffer.unload_last(taken);
            Operation::Wrote(wrote)
        });
        match began {
            Ok(()) => self.unflushed = true,
            Err(_) => self.buffer.lock().unload_last(taken),
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
                Operation::Flushed(device.flush())
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
            match ready!(self.poll_operation(cx))? {
                Some(Operation::Sought(result)) if seeking == Some(to) => {
                    return Poll::Ready(result);
                }
                Some(other) => self.note(other),
                None => {
                    let goal = seen_from_device(to, self.buffer.lock().bytes().len());
                    self.send(&context::machine(), move |device, buffer| {
                        let sought = device.seek(goal);
                        if sought.is_ok() {
                            buffer.discard();
                        }
                        Operation::Sought(sought)
                    })?;
                    self.seeking = Some(to);
                }
            }
        }
    }

    /// Begins an operation on which something else is done. No other may be under way: see
    /// [`poll_empty`](BlockingIo::poll_empty). `afresh`: what was read ahead is given back first.
    pub(crate) fn perform(
        &mut self,
        afresh: bool,
        work: impl FnOnce(&D) -> io::Result<()> + Send + 'static,
    ) -> io::Result<()> {
        self.send(&context::machine(), move |device, buffer| {
            let ahead = if afresh { buffer.bytes().len() } else { 0 };
            let went_back = go_back(device, buffer, ahead);
            Operation::Did(went_back.and_then(|()| work(device)))
        })
    }

    /// Waits for the end of what [`perform`](BlockingIo::perform) began.
    pub(crate) fn poll_performed(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            match ready!(self.poll_operation(cx))? {
                Some(Operation::Did(result)) => return Poll::Ready(result),
                Some(other) => self.note(other),
                None => return Poll::Ready(Ok(())),
            }
        }
    }

    /// Waits until no operation is under way. An error of a write is kept for the next write or flush.
    pub(crate) fn poll_empty(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(operation) = ready!(self.poll_operation(cx))? {
            self.note(operation);
        }
        Poll::Ready(Ok(()))
    }

    /// As [`poll_empty`](BlockingIo::poll_empty), and tells of the error.
    fn poll_settled(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_empty(cx))?;
        Poll::Ready(self.failed.take().map_or(Ok(()), Err))
    }

    /// Begins an operation. If that fails, all is as it was.
    fn send(
        &mut self,
        machine: &Machine,
        work: impl FnOnce(&D, &mut TransferBuffer) -> Operation + Send + 'static,
    ) -> io::Result<()> {
        let device = self.device.clone();
        let at = Place::from(trace::line().unwrap_or(Location::caller()));
        let work = move |buffer: &mut TransferBuffer| work(&device, buffer);
        let buffer = &mut self.buffer;
        let give = |pool: &Pool| buffer.give(machine, pool, work, at);
        self.operation = Some(self.device.with_pool(machine, give)?);
        Ok(())
    }

    /// Waits for the end of the operation that is under way. `None`: there is none.
    fn poll_operation(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<Operation>>> {
        let Some(operation) = &mut self.operation else {
            return Poll::Ready(self.buffer.is_idle().map(|()| None));
        };
        let ended = ready!(Pin::new(operation).poll(cx));
        self.operation = None;
        self.seeking = None;
        Poll::Ready(Ok(Some(ended?)))
    }

    /// The call that an operation was made for has been given up. Only the error of a write is kept, for the next call.
    fn note(&mut self, operation: Operation) {
        match operation {
            Operation::Wrote(Err(error)) | Operation::Flushed(Err(error)) => {
                self.failed = Some(error);
            }
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

/// Gives the first bytes of the buffer, which were read ahead, back to the device.
fn go_back<D: Device>(device: &D, buffer: &mut TransferBuffer, bytes: usize) -> io::Result<()> {
    if let Ok(by @ 1..) = i64::try_from(bytes) {
        device.seek(SeekFrom::Current(-by))?;
        buffer.unload_first(bytes);
    }
    Ok(())
}

/// A position that is meant from where the *reader* is: the reader has not taken `ahead` bytes yet
/// that the device has already given.
fn seen_from_device(to: SeekFrom, ahead: usize) -> SeekFrom {
    match (to, i64::try_from(ahead)) {
        (SeekFrom::Current(by), Ok(ahead)) => SeekFrom::Current(by.saturating_sub(ahead)),
        _ => to,
    }
}
