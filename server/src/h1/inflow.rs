//! A request's body on its way from the socket to whoever reads it.
//!
//! Two halves: a decoder that knows where the body ends, by a count or by its chunks, and
//! the [`Feed`] that leads to the handler's [`Body`](crate::Body). The connection pours
//! from one into the other, a piece at a time, and only when asked to.

use bytes::{Bytes, BytesMut};

use super::allowance::Allowance;
use super::chunked::Chunked;
use super::config::Config;
use super::decode::Framing;
use crate::body::BodyError;
use crate::body::channel::{Feed, Incoming, channel};
use crate::body::held::Held;

/// A body that has not arrived completely.
#[derive(Debug)]
pub(crate) struct Inflow {
    pub(crate) decoder: Decoder,
    pub(crate) feed: Feed,
    /// The client waits for `100 Continue`, which has not been sent.
    pub(crate) asks: bool,
    /// What is left of the time to wait for it.
    pub(crate) allowance: Allowance,
}

impl Inflow {
    /// The rest of a body of which `first` has arrived already, and the reader's end of it. The
    /// client `asks` whether it may send it. The reader may take `limit` bytes.
    pub(crate) fn new(
        decoder: Decoder,
        first: Bytes,
        asks: bool,
        limit: u64,
        held: &Held,
    ) -> (Self, Incoming) {
        let length = decoder
            .left()
            .map(|left| left.saturating_add(first.len() as u64));
        let (feed, incoming) = channel(length, limit, held);
        if !first.is_empty() {
            feed.push(first);
        }
        (
            Inflow {
                decoder,
                feed,
                asks,
                allowance: Allowance::default(),
            },
            incoming,
        )
    }
}

/// What finds the end of a body.
#[derive(Clone, Debug)]
pub(crate) enum Decoder {
    /// So many bytes are still to come.
    Length(u64),
    /// The chunks say.
    Chunked(Chunked),
}

impl Decoder {
    pub(crate) fn new(framing: Framing, config: &Config) -> Self {
        match framing {
            Framing::Length(length) => Decoder::Length(length),
            Framing::Chunked => {
                Decoder::Chunked(Chunked::new(config.max_body, config.max_chunk_overhead))
            }
        }
    }

    /// So many bytes of data may still come. (A length was announced whole; its reader knows.)
    pub(crate) fn set_limit(&mut self, bytes: u64) -> Result<(), BodyError> {
        match self {
            Decoder::Length(_) => Ok(()),
            Decoder::Chunked(chunked) => chunked.set_limit(bytes),
        }
    }

    /// Whether the whole body has been seen.
    pub(crate) fn is_done(&self) -> bool {
        match self {
            Decoder::Length(left) => *left == 0,
            Decoder::Chunked(chunked) => chunked.is_done(),
        }
    }

    /// Bytes of body still to come, if that is known.
    pub(crate) fn left(&self) -> Option<u64> {
        match self {
            Decoder::Length(left) => Some(*left),
            Decoder::Chunked(_) => None,
        }
    }

    /// Whether `input` holds all that is missing of the body, however much its reader may take.
    pub(crate) fn ends_within(&self, input: &[u8]) -> Result<bool, BodyError> {
        let mut ahead = self.clone();
        ahead.set_limit(u64::MAX)?;
        ahead.skip(input)?;
        Ok(ahead.is_done())
    }

    /// Takes what belongs to the body from the front of `input`: the data, and how many
    /// bytes of the input it was.
    pub(crate) fn decode(&mut self, input: &[u8]) -> Result<(Bytes, usize), BodyError> {
        match self {
            Decoder::Length(_) => {
                let count = self.skip(input)?;
                Ok((Bytes::copy_from_slice(&input[..count]), count))
            }
            Decoder::Chunked(chunked) => {
                let mut data = BytesMut::with_capacity(input.len().min(4096));
                let count = chunked.decode(input, &mut data)?;
                Ok((data.freeze(), count))
            }
        }
    }

    /// Like [`decode`](Self::decode), for a body that nobody wants.
    pub(crate) fn skip(&mut self, input: &[u8]) -> Result<usize, BodyError> {
        match self {
            Decoder::Length(left) => {
                let count = usize::try_from(*left).map_or(input.len(), |n| n.min(input.len()));
                *left -= count as u64;
                Ok(count)
            }
            Decoder::Chunked(_) => self.decode(input).map(|(_, count)| count),
        }
    }
}
