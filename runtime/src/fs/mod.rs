//! Files and directories.
//!
//! Every call here may have to wait for a disk. For a socket the operating system tells when it is
//! ready; for a file it does not. So each call is made on a thread of the
//! [blocking pool](crate::task::spawn_blocking), and the task waits for its answer. That costs
//! some microseconds for each call: an operation on another thread. To read a file whole is
//! one operation ([`read`]). To read it line by line from a [`File`] may be thousands, unless a
//! [`BufReader`](crate::io::BufReader) makes few large reads of them.
//!
//! Names, arguments and errors are those of `std::fs`, and of Tokio. Paths are copied when the
//! function is called; the future borrows nothing of them.
//!
//! A host of a simulation (`sim`, with the crate feature of that name) has a disk of its own, in memory, which loses at a
//! crash what was not synced. The calls are the same. They take simulated time, and no thread.
//!
//! How it can go wrong: *a future is dropped while a thread makes its call.* The call is not taken
//! back. A `remove_file` that lost a `select!` may have removed the file.
//!
//! | file | concept |
//! |---|---|
//! | `file`, `open_options` | an open file |
//! | `whole` | a file in one go: read, write, copy |
//! | `dir`, `read_dir` | directories, and what is in them |
//! | `name` | the names of a file: rename, remove, links |
//! | `metadata` | what the system knows of a file: metadata, permissions |
//! | `on_pool`, `system` | how a call is made, and whose files they are: the system's, or those of a simulated host |
//! | `simulated/` | the disk of a simulated host |

mod dir;
mod file;
mod metadata;
mod name;
mod on_pool;
mod open_options;
mod read_dir;
#[cfg(feature = "sim")]
pub(crate) mod simulated;
mod system;
mod whole;

pub use dir::{DirBuilder, create_dir, create_dir_all, remove_dir, remove_dir_all};
pub use file::File;
pub use metadata::{metadata, set_permissions, symlink_metadata, try_exists};
#[cfg(unix)]
pub use name::symlink;
pub use name::{canonicalize, hard_link, read_link, remove_file, rename};
pub use open_options::OpenOptions;
pub use read_dir::{DirEntry, ReadDir, read_dir};
pub use whole::{copy, read, read_to_string, write};

#[doc(no_inline)]
pub use std::fs::{FileTimes, FileType, Metadata, Permissions};
