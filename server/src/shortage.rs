//! What the process or its system lacks for a moment: descriptors, or memory.

use std::io;

use rustix::io::Errno;

/// Whether this is the error. The same attempt may succeed when something else has ended.
pub(crate) fn is_shortage(error: &io::Error) -> bool {
    use Errno as E;
    let number = Errno::from_io_error(error);
    matches!(number, Some(E::MFILE | E::NFILE | E::NOBUFS | E::NOMEM))
}
