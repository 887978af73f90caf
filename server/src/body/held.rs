//! How much of request bodies is in memory, over all connections.
//!
//! Each body has its limit, and a server has many connections: ten thousand clients that each
//! send all but the last byte of two megabytes fill twenty gigabytes. So there is one count
//! for all, and the engine asks it before it hands out another piece.
//!
//! What counts is memory, not traffic: a handler that writes an upload to a file holds a piece
//! at a time, however large the upload is. So a [`Share`] of the count travels *inside* the
//! bytes, and is given back when the last clone of them is dropped, wherever that happens. It
//! may happen on another thread (`Bytes` can be sent), so the count is an atomic one.
//!
//! How it can go wrong: a handler that copies the bytes into memory of its own is not seen
//! here. [`to_bytes`](super::to_bytes) copies too, and takes a share for what it collects.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

/// The count of all connections of one endpoint.
#[derive(Clone, Debug, Default)]
pub(crate) struct Held(Arc<AtomicU64>);

impl Held {
    /// Bytes held at this moment.
    pub(crate) fn total(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// These bytes, counted until the last clone of them is dropped.
    pub(crate) fn count(&self, bytes: Bytes) -> Bytes {
        let mut share = self.share();
        share.grow(bytes.len());
        share.attach(bytes)
    }

    /// A share of nothing yet.
    pub(crate) fn share(&self) -> Share {
        Share {
            held: self.clone(),
            bytes: 0,
        }
    }
}

/// Bytes that are counted as long as this lives.
#[derive(Debug)]
pub(crate) struct Share {
    held: Held,
    bytes: u64,
}

impl Share {
    /// So much more is held.
    pub(crate) fn grow(&mut self, by: usize) {
        self.bytes += by as u64;
        self.held.0.fetch_add(by as u64, Ordering::Relaxed);
    }

    /// From now on the share lives as long as these bytes.
    pub(crate) fn attach(self, bytes: Bytes) -> Bytes {
        Bytes::from_owner(Counted {
            bytes,
            _share: self,
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.held.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

struct Counted {
    bytes: Bytes,
    _share: Share,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_count_until_their_last_clone_is_dropped() {
        let held = Held::default();
        let bytes = held.count(Bytes::from_static(b"hello"));
        assert_eq!((held.total(), &bytes[..]), (5, &b"hello"[..]));
        let part = bytes.slice(1..2);
        drop(bytes);
        assert_eq!(held.total(), 5, "a part keeps the whole in memory");
        std::thread::spawn(move || drop(part)).join().unwrap();
        assert_eq!(held.total(), 0);
    }

    #[test]
    fn a_share_grows_and_is_given_back_whole() {
        let held = Held::default();
        let mut share = held.share();
        share.grow(3);
        share.grow(4);
        assert_eq!(held.total(), 7);
        drop(share);
        assert_eq!(held.total(), 0);
    }
}
