//! Streams: values that come one after the other, each of which may be waited for.
//!
//! A future gives one value, a [`Stream`] many and then `None`. The trait is the crate
//! `futures-core`'s, which belongs to no runtime; the methods that one calls on a stream
//! (`next`, `map`, `for_each_concurrent`, `buffer_unordered`) come from `futures` or
//! `futures-lite`, and work here unchanged.
//!
//! The receivers, intervals and listeners of this crate are no streams themselves: each has
//! its own method to await. Where a stream is asked for, [`wrappers`] makes one of them.

pub mod wrappers;

#[doc(no_inline)]
pub use futures_core::Stream;
