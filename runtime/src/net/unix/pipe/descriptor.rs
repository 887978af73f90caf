//! What a descriptor is, before it is taken for the end of a pipe.
//!
//! A descriptor is a number, and may stand for anything. Only of a pipe will the system tell when
//! it is ready, and only one that does not block may be tried on this thread.

use std::io;
use std::os::fd::OwnedFd;

use rustix::fs::{FileType, OFlags, fcntl_getfl, fcntl_setfl, fstat};

use crate::trace::Direction;

/// An error if it is not a pipe that is open for this direction.
pub(super) fn checked(fd: OwnedFd, direction: Direction) -> io::Result<OwnedFd> {
    let invalid = |why| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    if FileType::from_raw_mode(fstat(&fd)?.st_mode) != FileType::Fifo {
        return invalid("the file is not a pipe");
    }
    let mode = fcntl_getfl(&fd)? & OFlags::RWMODE;
    match direction {
        Direction::Read if mode == OFlags::WRONLY => invalid("the pipe is not open for reading"),
        Direction::Write if mode == OFlags::RDONLY => invalid("the pipe is not open for writing"),
        _ => Ok(fd),
    }
}

/// Puts a pipe into blocking mode, or out of it.
pub(super) fn set_blocking(fd: OwnedFd, blocking: bool) -> io::Result<OwnedFd> {
    let mut flags = fcntl_getfl(&fd)?;
    flags.set(OFlags::NONBLOCK, !blocking);
    fcntl_setfl(&fd, flags)?;
    Ok(fd)
}
