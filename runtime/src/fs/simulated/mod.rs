//! The disk of a simulated host, in memory.
//!
//! | file | what it is |
//! |---|---|
//! | `error` | the errors, with the system's numbers |
//! | `settings` | how good and how fast a disk is |
//! | `content` | the bytes of a file: as programs see them, and as the disk has them |
//! | `names` | the names in a directory, in two lists |
//! | `state` | **the disk**: its files, what it may hold, a crash |
//! | `changes` | the changes of names that the disk has not got yet |
//! | `paths` | a path, followed to what it names |
//! | `tree` | what is done with names: make, remove, rename |
//! | `shown` | what a program sees of a file's metadata |
//! | `disk` | the disk as its host has it, and the calls on their way to it |
//! | `said`, `handle`, `open` | a file that is opened, and what is said when it is |
//! | `file`, `options`, `entries`, `calls` | the types and functions that stand in the place of the standard library's (see `fs/system.rs`) |
//!
//! # How it works
//!
//! A call is a job of the runtime's, as it always is. But the job does not go to a thread: it waits in the disk's queue
//! for some simulated time, which chance chooses, and is done when the simulation has moved the time there. So calls of two tasks
//! overlap, and a host can crash between a write and its sync.
//!
//! Bytes and names are there twice; permissions and times are durable at once. A file has the bytes that programs read and write, and the bytes that the disk has; between
//! them stand the edits since the last sync. A directory has two lists of names, with the changes between them in
//! order. A sync carries changes over. A crash carries over some, which chance chooses, throws the others away,
//! and lets programs see what the disk has.
//!
//! A path goes to the disk of the host that runs, which is found in a thread-local, as the host's network is. An open file
//! goes to its own disk, by the queue of the host that runs.
//!
//! # How it can go wrong
//!
//! - *A job that is dropped drops a file, and the file asks for the disk*, which is locked. So no job is dropped, and none done, while
//!   the state or the queue is locked.
//! - *A program keeps a file beyond its host's crash* (in an `Rc` of the test, say). The file then belongs to a life that is
//!   over, and refuses.
//! - *A program never syncs.* The edits of a file are kept until it does or its host crashes, beside its bytes.

mod calls;
mod changes;
mod content;
mod disk;
mod entries;
mod error;
mod file;
mod handle;
mod names;
mod open;
mod options;
mod paths;
mod said;
mod settings;
mod shown;
mod state;
mod tree;

#[cfg(unix)]
pub(super) use calls::symlink;
pub(super) use calls::{
    canonicalize, copy, create_dir, create_dir_all, hard_link, metadata, read, read_dir, read_link,
    read_to_string, remove_dir, remove_dir_all, remove_file, rename, set_permissions,
    symlink_metadata, try_exists, write,
};
pub(crate) use disk::Disk;
pub(super) use disk::with_pool;
pub(super) use entries::{DirEntry, ReadDir};
pub(super) use file::{File, from_std, into_std, is_stds, with_pool_of};
pub(super) use options::{DirBuilder, OpenOptions, options_from_std};
pub use settings::Unsynced;
pub(crate) use settings::{Settings, Troubles};
