//! The names in a directory: those that programs see, and those that the disk has.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

/// The number of a file or directory.
pub(super) type Id = u64;

/// The directory that all paths begin at.
pub(super) const ROOT: Id = 1;

/// The names in a directory.
#[derive(Default)]
pub(super) struct Names {
    pub(super) seen: BTreeMap<OsString, Id>,
    pub(super) durable: BTreeMap<OsString, Id>,
}

/// A change that the disk has not got.
pub(super) struct Change {
    pub(super) node: Id,
    pub(super) taken: Option<(Id, OsString)>,
    pub(super) put: Option<(Id, OsString)>,
    /// The directories whose changes it is one of.
    pub(super) directories: BTreeSet<Id>,
}
