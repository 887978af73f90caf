//! The buffer in which bytes travel between a task and a thread of the pool.
//!
//! A job cannot borrow: it must own the memory that it reads into or writes from, and so bytes
//! are copied once, into a buffer or out of it. The task and the job own the buffer together, and
//! use it by turns. Its memory is filled with zeros when it grows, and never after: that is
//! the price of doing without unsafe code, paid once.

use std::io::{self, IoSlice};

/// See the file's heading.
#[derive(Debug, Default)]
pub(crate) struct TransferBuffer {
    memory: Vec<u8>,
    // `memory[start..end]` is what is being carried.
    start: usize,
    end: usize,
}

impl TransferBuffer {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.memory[self.start..self.end]
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Throws away what is carried.
    pub(crate) fn discard(&mut self) {
        self.start = self.end;
    }

    /// Fills an empty buffer by one call of `read`, with at most `limit` bytes.
    pub(crate) fn fill(
        &mut self,
        limit: usize,
        mut read: impl FnMut(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<()> {
        self.discard();
        self.make_room(limit);
        loop {
            match read(&mut self.memory[..limit]) {
                Ok(n) => {
                    self.end = n.min(limit);
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Unloads as much as there is room for; returns how many bytes that was.
    pub(crate) fn unload(&mut self, into: &mut [u8]) -> usize {
        let n = self.bytes().len().min(into.len());
        into[..n].copy_from_slice(&self.bytes()[..n]);
        self.start += n;
        n
    }

    /// Loads at most `limit` bytes of these slices, in their order, behind what is carried; returns
    /// how many bytes that was.
    pub(crate) fn load(&mut self, slices: &[IoSlice<'_>], limit: usize) -> usize {
        let all: usize = slices.iter().map(|slice| slice.len()).sum();
        let goal = self.make_room(all.min(limit));
        let before = self.end;
        for slice in slices {
            let n = slice.len().min(goal - self.end);
            self.memory[self.end..self.end + n].copy_from_slice(&slice[..n]);
            self.end += n;
        }
        self.end - before
    }

    /// Throws away the first bytes that are carried.
    pub(crate) fn unload_first(&mut self, bytes: usize) {
        self.start += bytes;
    }

    /// Throws away the last bytes that were loaded.
    pub(crate) fn unload_last(&mut self, bytes: usize) {
        self.end -= bytes;
    }

    /// Makes room for so many bytes behind what is carried; returns where that room ends.
    fn make_room(&mut self, bytes: usize) -> usize {
        self.memory.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        let goal = self.end + bytes;
        if self.memory.len() < goal {
            self.memory.resize(goal, 0);
        }
        goal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_loaded_is_unloaded_in_order_and_in_parts() {
        let mut buffer = TransferBuffer::default();
        let slices = [b"ab".as_slice(), b"", b"cdef"].map(IoSlice::new);
        assert_eq!(buffer.load(&slices, 5), 5);
        let mut some = [0; 3];
        assert_eq!(buffer.unload(&mut some), 3);
        assert_eq!(&some, b"abc");
        assert_eq!(buffer.bytes(), b"de");
        assert_eq!(buffer.load(&slices[..1], 9), 2);
        assert_eq!(buffer.bytes(), b"deab");
        buffer.unload_last(1);
        buffer.unload_first(1);
        assert_eq!(buffer.bytes(), b"ea");
        buffer.discard();
        assert!(buffer.is_empty());
    }

    #[test]
    fn an_interrupted_read_is_made_again_and_a_failed_one_leaves_nothing() {
        let mut buffer = TransferBuffer::default();
        let mut calls = 0;
        let interrupted_once = |into: &mut [u8]| {
            calls += 1;
            into[0] = 7;
            match calls {
                1 => Err(io::ErrorKind::Interrupted.into()),
                _ => Ok(1),
            }
        };
        buffer.fill(4, interrupted_once).unwrap();
        assert_eq!(buffer.bytes(), [7]);
        let failed = buffer.fill(4, |_| Err(io::ErrorKind::NotFound.into()));
        assert!(failed.is_err() && buffer.is_empty());
    }
}
