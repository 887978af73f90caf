//! Errors that tell of this machine, and not of whom it speaks to.
//!
//! A connection that cannot be made usually says that no program listens there. But the system refuses it also when this
//! process has no descriptor left, or when a rule of this machine forbids it. How it can go wrong: such an error is
//! taken for the other side's. Then many clients, each of which needs a descriptor, make all servers behind
//! this one look dead. So code that connects out or opens a file asks here first.

use std::io;

use rustix::io::Errno;

/// Whether this process or its system lacks something that it may have again in a moment: descriptors, or memory.
pub(crate) fn is_shortage(error: &io::Error) -> bool {
    use Errno as E;
    let number = Errno::from_io_error(error);
    matches!(number, Some(E::MFILE | E::NFILE | E::NOBUFS | E::NOMEM))
        || error.kind() == io::ErrorKind::OutOfMemory
}

/// Whether there is no room for more: the disk is full, or the system allows no more of it.
pub(crate) fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// Whether the error of a connection says nothing of the other side: a shortage, no port or address of this machine to
/// connect from, or a rule of this machine that forbids it (EACCES, EPERM).
pub(crate) fn is_local(error: &io::Error) -> bool {
    use io::ErrorKind::{AddrNotAvailable, PermissionDenied};
    is_shortage(error) || matches!(error.kind(), AddrNotAvailable | PermissionDenied)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_machine_lacks_or_forbids_is_told_from_what_the_other_side_does() {
        use Errno as E;
        for number in [E::MFILE, E::NFILE, E::NOBUFS, E::NOMEM] {
            assert!(is_shortage(&number.into()) && is_local(&number.into()));
        }
        for number in [E::ADDRNOTAVAIL, E::ACCESS, E::PERM] {
            assert!(is_local(&number.into()) && !is_shortage(&number.into()));
        }
        for number in [E::CONNREFUSED, E::CONNRESET, E::TIMEDOUT, E::HOSTUNREACH] {
            assert!(!is_local(&number.into()), "{number}");
        }
        // Errors that are not the system's have a kind only.
        for kind in [
            io::ErrorKind::OutOfMemory,
            io::ErrorKind::AddrNotAvailable,
            io::ErrorKind::PermissionDenied,
        ] {
            assert!(is_local(&kind.into()), "{kind}");
        }
        assert!(!is_local(&io::ErrorKind::ConnectionRefused.into()));
    }
}
