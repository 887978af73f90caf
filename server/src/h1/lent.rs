//! Buffers that belong to the thread and are lent to whoever is being polled.
//!
//! A connection needs a buffer to read into, one to write from, some memory for the head of
//! a request. Ten thousand connections do not need ten thousand of each: nine thousand nine
//! hundred of them wait, and on one thread only one is being polled at any moment. So the
//! buffers stand on a desk that belongs to the thread. A connection takes the [`Desk`] when
//! its poll begins and puts it back when its poll ends. Only what is left over, half a head
//! or an answer that the socket did not take, goes home with the connection. That is why an
//! idle connection costs a few hundred bytes and not ten thousand.
//!
//! There is a second gain: one warm buffer stays in the processor's cache, where ten
//! thousand cold ones would not.
//!
//! How it can go wrong: a connection that is polled *inside* the poll of another one (a
//! handler may drive whatever it likes) finds the desk taken. It gets another one, and the
//! thread keeps the one that comes back last.

use std::cell::Cell;
use std::ops::{Deref, DerefMut};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Request};

use super::date::DateLine;
use crate::body::Body;

/// Bytes that one read takes at most.
pub(crate) const READ_SIZE: usize = 64 * 1024;

/// Bytes of answers that are collected before they are written.
pub(crate) const WRITE_SIZE: usize = 64 * 1024;

thread_local! {
    static DESK: Cell<Option<Box<Desk>>> = const { Cell::new(None) };
}

/// What a connection works with while it is polled.
pub(crate) struct Desk {
    /// Bytes read from the socket.
    pub(crate) read: Box<[u8]>,
    /// Answers on their way to the socket; empty between polls.
    pub(crate) write: Vec<u8>,
    /// The request that has just been read, until the service takes it. It is three hundred
    /// bytes that would otherwise be copied from function to function.
    pub(crate) request: Option<Request<Body>>,
    pub(crate) spares: Spares,
    pub(crate) date: DateLine,
}

impl Desk {
    fn new() -> Box<Self> {
        Box::new(Desk {
            read: vec![0; READ_SIZE].into_boxed_slice(),
            write: Vec::new(),
            request: None,
            spares: Spares::default(),
            date: DateLine::new(),
        })
    }
}

/// Takes the desk until the guard is dropped.
#[inline]
pub(crate) fn desk() -> Lent {
    Lent(Some(DESK.take().unwrap_or_else(Desk::new)))
}

/// A desk that goes back to the thread by itself.
pub(crate) struct Lent(Option<Box<Desk>>);

impl Deref for Lent {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        self.0
            .as_ref()
            .expect("the desk is there until the guard is dropped")
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut Desk {
        self.0
            .as_mut()
            .expect("the desk is there until the guard is dropped")
    }
}

impl Drop for Lent {
    #[inline]
    fn drop(&mut self) {
        let Some(mut desk) = self.0.take() else {
            return;
        };
        desk.write.clear();
        if desk.write.capacity() > 2 * WRITE_SIZE {
            desk.write = Vec::new();
        }
        // While a thread ends its variables may be gone already; then so is the desk.
        let _ = DESK.try_with(|place| place.set(Some(desk)));
    }
}

/// Memory of earlier requests that the next one can use again.
#[derive(Default)]
pub(crate) struct Spares {
    /// Where heads are copied to. Each takes a piece; when the end is reached and all
    /// earlier heads are gone, the same memory is used from its start.
    heads: BytesMut,
    /// The emptied map of an earlier response, or an empty one.
    map: HeaderMap,
}

impl Spares {
    /// A copy of `head` that can be sliced and shared.
    pub(crate) fn share(&mut self, head: &[u8]) -> Bytes {
        const BLOCK: usize = 4 * 1024;
        if self.heads.capacity() < head.len() {
            self.heads.reserve(head.len().max(BLOCK));
        }
        self.heads.extend_from_slice(head);
        self.heads.split().freeze()
    }

    /// Gives the empty map of a new request room for `count` headers.
    #[inline]
    pub(crate) fn lend_map(&mut self, map: &mut HeaderMap, count: usize) {
        if self.map.capacity() >= count {
            // The map that was there owns nothing, so there is nothing to drop.
            std::mem::forget(std::mem::replace(map, std::mem::take(&mut self.map)));
        } else {
            map.reserve(count);
        }
    }

    /// Takes the map of a response that has been sent; its memory serves a later request.
    #[inline]
    pub(crate) fn recycle(&mut self, map: &mut HeaderMap<HeaderValue>) {
        const LARGEST: usize = 2 * super::config::MAX_HEADERS;
        if map.capacity() > self.map.capacity() && map.capacity() <= LARGEST {
            map.clear();
            std::mem::swap(&mut self.map, map);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desk_is_used_again_and_a_second_one_is_made_when_the_first_is_taken() {
        let first = desk();
        let read = first.read.as_ptr();
        assert_ne!(desk().read.as_ptr(), read, "two at once are two");
        drop(first);
        assert_eq!(desk().read.as_ptr(), read);
    }

    #[test]
    fn heads_are_copied_into_the_same_memory_once_the_earlier_ones_are_gone() {
        let mut spares = Spares::default();
        let head = [b'x'; 1_000];
        let first = spares.share(&head).as_ptr();
        let second = spares.share(&head).as_ptr();
        assert_ne!(first, second);
        assert!((0..100).any(|_| spares.share(&head).as_ptr() == first));
    }

    #[test]
    fn a_head_that_somebody_keeps_is_never_overwritten() {
        let mut spares = Spares::default();
        let kept: Vec<_> = (0..100u8).map(|byte| spares.share(&[byte; 500])).collect();
        for (byte, head) in kept.iter().enumerate() {
            assert!(head.iter().all(|b| usize::from(*b) == byte));
        }
    }
}
