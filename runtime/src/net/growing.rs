//! Receiving to the end of a growing buffer.
//!
//! To lend the operating system memory that nobody has written yet takes unsafe code. So what is
//! received goes by way of memory that is all zeros, and is copied once. How much that is, the
//! buffer says: what it has room for. A datagram that is longer loses its end.

use std::io;

use bytes::BufMut;

/// The longest datagram that there is; more is not taken at once of a stream either.
const LONGEST: usize = 64 * 1024;

/// Calls `receive` with as much space as `buffer` has, and appends what it has written there.
pub(super) fn append<B: BufMut>(
    buffer: &mut B,
    receive: impl FnOnce(&mut [u8]) -> io::Result<usize>,
) -> io::Result<usize> {
    let (len, ()) = append_with(buffer, |space| Ok((receive(space)?, ())))?;
    Ok(len)
}

/// As [`append`], if there is more to say than how much, such as who sent it.
pub(super) fn append_with<B: BufMut, T>(
    buffer: &mut B,
    receive: impl FnOnce(&mut [u8]) -> io::Result<(usize, T)>,
) -> io::Result<(usize, T)> {
    let room = match buffer.has_remaining_mut() {
        true => buffer.chunk_mut().len(),
        false => 0,
    };
    let mut space = vec![0; room.min(LONGEST)];
    let (len, rest) = receive(&mut space)?;
    buffer.put_slice(&space[..len]);
    Ok((len, rest))
}
