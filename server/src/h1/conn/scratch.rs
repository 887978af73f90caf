//! Buffers that belong to the thread and are lent to the connection that is being polled.
//!
//! A connection needs a buffer to read into, one to write from, some memory for the head of
//! a request. Ten thousand connections do not need ten thousand of each: nine thousand nine
//! hundred of them wait, and on one thread only one is being polled at any moment. So the
//! buffers are *scratch buffers* that belong to the thread. A connection takes the [`Scratch`] when
//! its poll begins and puts it back when its poll ends. Only what is left over, half a head
//! or an answer that the socket did not take, goes home with the connection. That is why an
//! idle connection costs a few hundred bytes and not ten thousand.
//!
//! There is a second gain: one warm buffer stays in the processor's cache, where ten
//! thousand cold ones would not.
//!
//! How it can go wrong: a connection that is polled *inside* the poll of another one (a
//! handler may drive whatever it likes) finds the scratch buffers taken. It gets others, and the
//! thread keeps those that come back last.

use std::cell::{Cell, RefCell};
use std::mem;
use std::ops::{Deref, DerefMut, Range};

use bytes::Bytes;
use http::Request;

use crate::body::Body;
use crate::h1::codec::buffer_pool::BufferPool;
use crate::h1::codec::date::DateLine;

/// Bytes that one read takes at most.
pub(crate) const READ_SIZE: usize = 64 * 1024;

/// Bytes of answers that are collected before they are written.
pub(crate) const WRITE_SIZE: usize = 64 * 1024;

thread_local! {
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
    /// Read buffers that were handed out and came back.
    static RETURNED: RefCell<Vec<Box<[u8]>>> = const { RefCell::new(Vec::new()) };
}

/// What a connection works with while it is polled.
pub(crate) struct Scratch {
    /// Bytes read from the socket.
    pub(crate) read: Box<[u8]>,
    /// Answers on their way to the socket; empty between polls.
    pub(crate) write: Vec<u8>,
    /// The request that has just been read, until the service takes it. It is three hundred
    /// bytes that would otherwise be copied from function to function.
    pub(crate) request: Option<Request<Body>>,
    pub(crate) pool: BufferPool,
    pub(crate) date: DateLine,
}

/// How many read buffers that came back a thread keeps: 256 KiB.
const MOST_RETURNED: usize = 4;

impl Scratch {
    /// The bytes at `range` of the read buffer, without a copy: the buffer itself goes with them, and
    /// another takes its place. It comes back when the last clone of the bytes is dropped on this thread.
    pub(super) fn hand_out(&mut self, range: Range<usize>) -> Bytes {
        let other = RETURNED
            .with_borrow_mut(Vec::pop)
            .unwrap_or_else(read_buffer);
        let out = HandedOut(mem::replace(&mut self.read, other));
        Bytes::from_owner(out).slice(range)
    }

    fn new() -> Box<Self> {
        Box::new(Scratch {
            read: read_buffer(),
            write: Vec::new(),
            request: None,
            pool: BufferPool::default(),
            date: DateLine::new(),
        })
    }
}

/// Takes the scratch buffers until the guard is dropped.
#[inline]
pub(crate) fn scratch() -> ScratchGuard {
    ScratchGuard(Some(SCRATCH.take().unwrap_or_else(Scratch::new)))
}

/// Scratch buffers that go back to the thread by themselves.
pub(crate) struct ScratchGuard(Option<Box<Scratch>>);

impl Deref for ScratchGuard {
    type Target = Scratch;

    fn deref(&self) -> &Scratch {
        self.0
            .as_ref()
            .expect("the scratch buffers are there until the guard is dropped")
    }
}

impl DerefMut for ScratchGuard {
    fn deref_mut(&mut self) -> &mut Scratch {
        self.0
            .as_mut()
            .expect("the scratch buffers are there until the guard is dropped")
    }
}

impl Drop for ScratchGuard {
    #[inline]
    fn drop(&mut self) {
        let Some(mut scratch) = self.0.take() else {
            return;
        };
        scratch.write.clear();
        if scratch.write.capacity() > 2 * WRITE_SIZE {
            scratch.write = Vec::new();
        }
        // While a thread ends its variables may be gone already; then so are the buffers.
        let _ = SCRATCH.try_with(|place| place.set(Some(scratch)));
    }
}

fn read_buffer() -> Box<[u8]> {
    vec![0; READ_SIZE].into_boxed_slice()
}

/// A read buffer whose bytes are part of a body.
struct HandedOut(Box<[u8]>);

impl AsRef<[u8]> for HandedOut {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for HandedOut {
    fn drop(&mut self) {
        let buffer = mem::take(&mut self.0);
        // Another thread, or one that is ending, just frees it.
        let _ = RETURNED.try_with(|returned| {
            let mut returned = returned.borrow_mut();
            if returned.len() < MOST_RETURNED {
                returned.push(buffer);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_that_was_handed_out_comes_back_with_the_last_of_its_bytes() {
        let mut scratch = Scratch::new();
        scratch.read[..5].copy_from_slice(b"hello");
        let buffer = scratch.read.as_ptr();
        let bytes = scratch.hand_out(1..5);
        assert_ne!(scratch.read.as_ptr(), buffer, "another has taken its place");
        let part = bytes.slice(1..);
        drop(bytes);
        drop(scratch.hand_out(0..READ_SIZE));
        assert_eq!(part, "llo");
        let elsewhere = part.clone();
        drop(part);
        std::thread::spawn(move || drop(elsewhere)).join().unwrap();
        let many: Vec<_> = (0..9).map(|_| scratch.hand_out(0..1)).collect();
        drop(many);
        assert_eq!(RETURNED.with_borrow(Vec::len), MOST_RETURNED);
    }

    #[test]
    fn scratch_buffers_are_used_again_and_others_are_made_when_they_are_taken() {
        let first = scratch();
        let read = first.read.as_ptr();
        assert_ne!(scratch().read.as_ptr(), read, "two at once are two");
        drop(first);
        assert_eq!(scratch().read.as_ptr(), read);
    }
}
