//! The errors of a disk, with the numbers that the system gives them.

use std::io;

/// Why a disk refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Missing,
    Exists,
    NotAllowed,
    NotADirectory,
    IsADirectory,
    NotEmpty,
    Invalid,
    NameTooLong,
    /// What the file was opened for does not allow it.
    NotOpenForThat,
    /// It is the root, or is named `..`.
    Busy,
    Full,
    TooLarge,
    /// The disk has failed to read or write.
    Broken,
}

#[cfg(unix)]
impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> io::Error {
        use rustix::io::Errno;
        let number = match refusal {
            Refusal::Missing => Errno::NOENT,
            Refusal::Exists => Errno::EXIST,
            Refusal::NotAllowed => Errno::ACCESS,
            Refusal::NotADirectory => Errno::NOTDIR,
            Refusal::IsADirectory => Errno::ISDIR,
            Refusal::NotEmpty => Errno::NOTEMPTY,
            Refusal::Invalid => Errno::INVAL,
            Refusal::NameTooLong => Errno::NAMETOOLONG,
            Refusal::NotOpenForThat => Errno::BADF,
            Refusal::Busy => Errno::BUSY,
            Refusal::Full => Errno::NOSPC,
            Refusal::TooLarge => Errno::FBIG,
            Refusal::Broken => Errno::IO,
        };
        number.into()
    }
}

/// Elsewhere the numbers are not known.
#[cfg(not(unix))]
impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> io::Error {
        let kind = match refusal {
            Refusal::Missing => io::ErrorKind::NotFound,
            Refusal::Exists => io::ErrorKind::AlreadyExists,
            Refusal::NotAllowed => io::ErrorKind::PermissionDenied,
            Refusal::NotADirectory => io::ErrorKind::NotADirectory,
            Refusal::IsADirectory => io::ErrorKind::IsADirectory,
            Refusal::NotEmpty => io::ErrorKind::DirectoryNotEmpty,
            Refusal::Invalid | Refusal::NameTooLong => io::ErrorKind::InvalidInput,
            Refusal::NotOpenForThat => io::ErrorKind::PermissionDenied,
            Refusal::Busy => io::ErrorKind::ResourceBusy,
            Refusal::Full => io::ErrorKind::StorageFull,
            Refusal::TooLarge => io::ErrorKind::FileTooLarge,
            Refusal::Broken => io::ErrorKind::Other,
        };
        kind.into()
    }
}

/// What is not modelled.
pub(super) fn unsupported(what: &str) -> io::Error {
    let text = format!("the disk of a simulated host has no {what}");
    io::Error::new(io::ErrorKind::Unsupported, text)
}
