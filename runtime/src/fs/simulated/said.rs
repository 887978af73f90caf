//! What the options say with which a file is opened.

use super::error::Refusal;

/// What the system takes away from the permissions of a file that is made.
pub(super) const MASK: u32 = 0o022;

/// What options say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said {
    pub(super) read: bool,
    pub(super) write: bool,
    pub(super) append: bool,
    pub(super) truncate: bool,
    pub(super) create: bool,
    pub(super) create_new: bool,
    /// The permissions of a file that is made.
    pub(super) mode: u32,
    /// Flags of the system that mean something else for a file.
    pub(super) flags: i32,
}

impl Said {
    pub(super) const NOTHING: Said = Said {
        read: false,
        write: false,
        append: false,
        truncate: false,
        create: false,
        create_new: false,
        mode: 0o666 & !MASK,
        flags: 0,
    };

    /// Whether the file is to be written, or may be changed by opening.
    pub(super) fn changes(&self) -> bool {
        self.write || self.append || self.truncate
    }

    /// What the system refuses without a look at the disk.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let makes = self.create || self.create_new;
        let is_wrong = match (self.write, self.append) {
            (false, false) => !self.read || self.truncate || makes,
            (_, true) => self.truncate && !self.create_new,
            (true, false) => false,
        };
        match is_wrong {
            true => Err(Refusal::Invalid),
            false => Ok(()),
        }
    }
}
