//! Memory of earlier messages, for the next one.
//!
//! A head is copied once, and the values of its headers are slices of the copy. The copies of
//! many heads lie one behind the other in one block. When the block is full and all earlier heads
//! are gone, its memory is used from the start again. So a request usually asks the allocator
//! for nothing.
//!
//! How it can go wrong: memory that is used again while a header's value still points into it. The block is
//! counted memory ([`BytesMut`]): it is used again only when no slice of it is left.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue};

use crate::h1::config::MAX_HEADERS;

/// Memory of earlier requests that the next one can use again.
#[derive(Default)]
pub(crate) struct BufferPool {
    /// Where heads are copied to. Each takes a piece; when the end is reached and all
    /// earlier heads are gone, the same memory is used from its start.
    heads: BytesMut,
    /// The emptied map of an earlier response, or an empty one.
    map: HeaderMap,
}

impl BufferPool {
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
        const LARGEST: usize = 2 * MAX_HEADERS;
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
    fn heads_are_copied_into_the_same_memory_once_the_earlier_ones_are_gone() {
        let mut pool = BufferPool::default();
        let head = [b'x'; 1_000];
        let first = pool.share(&head).as_ptr();
        let second = pool.share(&head).as_ptr();
        assert_ne!(first, second);
        assert!((0..100).any(|_| pool.share(&head).as_ptr() == first));
    }

    #[test]
    fn a_head_that_somebody_keeps_is_never_overwritten() {
        let mut pool = BufferPool::default();
        let kept: Vec<_> = (0..100u8).map(|byte| pool.share(&[byte; 500])).collect();
        for (byte, head) in kept.iter().enumerate() {
            assert!(head.iter().all(|b| usize::from(*b) == byte));
        }
    }
}
