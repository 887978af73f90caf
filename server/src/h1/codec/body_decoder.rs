//! Where a body ends, for who reads it.
//!
//! A message says in its head how its body is laid out (see [`Framing`]). The decoder takes bytes
//! as they come and says which of them are the body's data, and when the body is complete. What
//! stands behind the body is left: it belongs to the next message.
//!
//! How it can go wrong: see [`chunked`](super::chunked).

use bytes::{Bytes, BytesMut};
use http::HeaderMap;

use super::chunked::Chunked;
use super::decode::Framing;
use crate::body::BodyError;

/// What finds the end of a body.
#[derive(Clone, Debug)]
pub(crate) enum BodyDecoder {
    /// So many bytes are still to come.
    Length(u64),
    /// The chunks say.
    Chunked(Chunked),
    /// All that comes, until the connection ends.
    UntilClose,
}

impl BodyDecoder {
    /// Of a body in chunks, `max_body` bytes of data are taken at most, and `max_overhead` of
    /// the rest. The length of another body is its reader's business.
    pub(crate) fn new(framing: Framing, max_body: u64, max_overhead: usize) -> Self {
        match framing {
            Framing::Length(length) => BodyDecoder::Length(length),
            Framing::Chunked => BodyDecoder::Chunked(Chunked::new(max_body, max_overhead)),
            Framing::UntilClose => BodyDecoder::UntilClose,
        }
    }

    /// So many bytes of data may still come. (A length was announced whole; its reader knows.)
    pub(crate) fn set_limit(&mut self, bytes: u64) -> Result<(), BodyError> {
        match self {
            BodyDecoder::Length(_) | BodyDecoder::UntilClose => Ok(()),
            BodyDecoder::Chunked(chunked) => chunked.set_limit(bytes),
        }
    }

    /// Whether the whole body has been seen.
    pub(crate) fn is_done(&self) -> bool {
        match self {
            BodyDecoder::Length(left) => *left == 0,
            BodyDecoder::Chunked(chunked) => chunked.is_done(),
            BodyDecoder::UntilClose => false,
        }
    }

    /// What stood behind the body, once the whole body has been seen.
    pub(crate) fn take_trailers(&mut self) -> Option<HeaderMap> {
        match self {
            BodyDecoder::Length(_) | BodyDecoder::UntilClose => None,
            BodyDecoder::Chunked(chunked) => chunked.take_trailers(),
        }
    }

    /// Whether a connection that ends now ends the body, too.
    pub(crate) fn ends_with_connection(&self) -> bool {
        matches!(self, BodyDecoder::UntilClose)
    }

    /// Bytes of body still to come, if that is known.
    pub(crate) fn left(&self) -> Option<u64> {
        match self {
            BodyDecoder::Length(left) => Some(*left),
            BodyDecoder::Chunked(_) | BodyDecoder::UntilClose => None,
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
            BodyDecoder::Length(_) | BodyDecoder::UntilClose => {
                let count = self.skip(input)?;
                Ok((Bytes::copy_from_slice(&input[..count]), count))
            }
            BodyDecoder::Chunked(chunked) => {
                let mut data = BytesMut::with_capacity(input.len().min(4096));
                let count = chunked.decode(input, &mut data)?;
                Ok((data.freeze(), count))
            }
        }
    }

    /// Like [`decode`](Self::decode), for a body that the service does not want.
    pub(crate) fn skip(&mut self, input: &[u8]) -> Result<usize, BodyError> {
        match self {
            BodyDecoder::Length(left) => {
                let count = usize::try_from(*left).map_or(input.len(), |n| n.min(input.len()));
                *left -= count as u64;
                Ok(count)
            }
            BodyDecoder::Chunked(_) => self.decode(input).map(|(_, count)| count),
            BodyDecoder::UntilClose => Ok(input.len()),
        }
    }
}
