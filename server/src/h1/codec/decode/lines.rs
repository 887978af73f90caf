//! From header lines to a header map.
//!
//! The parser hands out names and values as slices of the input, which will be gone when the
//! next read comes. To copy each of them would be an allocation each. Instead the whole head
//! has been copied at once, and each value is a counted reference into that copy.
//!
//! How it can go wrong: one kept header value keeps the whole copy alive. That is a head of
//! a few hundred bytes in a block of a few thousand, so a handler that keeps values for long
//! (in a cache, say) had better copy them.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::h1::codec::refusal::Refusal;

/// Moves the header lines into the map. `note` sees each of them before, and may know its name.
#[inline]
pub(crate) fn collect(
    lines: &[httparse::Header<'_>],
    head: &[u8],
    copy: &Bytes,
    headers: &mut HeaderMap,
    mut note: impl FnMut(&[u8], &[u8]) -> Result<Option<HeaderName>, Refusal>,
) -> Result<(), Refusal> {
    for line in lines {
        let start = line.name.as_ptr() as usize - head.as_ptr() as usize;
        refuse_bare_lf(&head[..start])?;
        // Names and values are moved by hand: each `map_err` would copy them once more.
        let name = match note(line.name.as_bytes(), line.value)? {
            Some(name) => name,
            None => match HeaderName::from_bytes(line.name.as_bytes()) {
                Ok(name) => name,
                Err(_) => return Err(Refusal::bad("a header's name is malformed")),
            },
        };
        let Ok(value) = HeaderValue::from_maybe_shared(slice_of(copy, head, line.value)) else {
            return Err(Refusal::bad("a header's value is malformed"));
        };
        headers.append(name, value);
    }
    let last_line = head.strip_suffix(b"\r\n").unwrap_or_default();
    refuse_bare_lf(last_line)
}

/// The part of the copy that corresponds to `part`, a slice of `head`; the copy begins as
/// `head` does.
#[inline]
pub(crate) fn slice_of(copy: &Bytes, head: &[u8], part: &[u8]) -> Bytes {
    let start = part.as_ptr() as usize - head.as_ptr() as usize;
    copy.slice(start..start + part.len())
}

/// The parser takes a bare LF for a line end; we do not. `before` is what stands before the
/// beginning of a line.
#[inline]
fn refuse_bare_lf(before: &[u8]) -> Result<(), Refusal> {
    if before.ends_with(b"\r\n") {
        return Ok(());
    }
    Err(Refusal::bad("a line ends in LF without CR"))
}
