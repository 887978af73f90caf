//! What one wants to do with a source, and what one can do with it now.
//!
//! **Interest** is what a caller asks for; **readiness** is what has been seen. They are
//! two types, so that the compiler tells the one from the other.

use std::fmt;
use std::ops::{BitOr, BitOrAssign};

use crate::trace::Direction;

const READ: u8 = 1;
const WRITE: u8 = 2;
const READ_CLOSED: u8 = 4;
const WRITE_CLOSED: u8 = 8;

/// What a caller wants to do with a source: read, write, or either.
///
/// ```
/// use runtime::io::Interest;
///
/// let both = Interest::READABLE | Interest::WRITABLE;
/// assert!(both.is_readable() && both.is_writable());
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Interest(u8);

impl Interest {
    /// Reading, accepting.
    pub const READABLE: Interest = Interest(READ);
    /// Writing, connecting.
    pub const WRITABLE: Interest = Interest(WRITE);

    /// The interest in one direction.
    pub(crate) fn of(direction: Direction) -> Interest {
        match direction {
            Direction::Read => Interest::READABLE,
            Direction::Write => Interest::WRITABLE,
        }
    }

    /// Whether reading is wanted.
    ///
    /// ```
    /// assert!(!runtime::io::Interest::WRITABLE.is_readable());
    /// ```
    pub const fn is_readable(self) -> bool {
        self.0 & READ != 0
    }

    /// Whether writing is wanted.
    ///
    /// ```
    /// assert!(runtime::io::Interest::WRITABLE.is_writable());
    /// ```
    pub const fn is_writable(self) -> bool {
        self.0 & WRITE != 0
    }

    /// Both what `self` and what `other` wants.
    ///
    /// ```
    /// use runtime::io::Interest;
    /// assert!(Interest::READABLE.add(Interest::WRITABLE).is_writable());
    /// ```
    #[must_use]
    #[allow(clippy::should_implement_trait)] // `const`, and Tokio's name
    pub const fn add(self, other: Interest) -> Interest {
        Interest(self.0 | other.0)
    }

    /// What `self` wants and `other` does not; `None` if that is nothing.
    ///
    /// ```
    /// use runtime::io::Interest;
    ///
    /// let both = Interest::READABLE | Interest::WRITABLE;
    /// assert_eq!(both.remove(Interest::READABLE), Some(Interest::WRITABLE));
    /// assert_eq!(both.remove(both), None);
    /// ```
    #[must_use]
    pub fn remove(self, other: Interest) -> Option<Interest> {
        let left = self.0 & !other.0;
        (left != 0).then_some(Interest(left))
    }
}

impl BitOr for Interest {
    type Output = Interest;

    fn bitor(self, other: Interest) -> Interest {
        self.add(other)
    }
}

impl BitOrAssign for Interest {
    fn bitor_assign(&mut self, other: Interest) {
        *self = self.add(other);
    }
}

impl fmt::Debug for Interest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_flags(f, self.0)
    }
}

/// What can be done with a source now.
///
/// ```
/// use runtime::io::Ready;
///
/// assert!(Ready::READABLE.is_readable());
/// assert!(Ready::EMPTY.is_empty());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ready(u8);

impl Ready {
    /// Nothing.
    pub const EMPTY: Ready = Ready(0);
    /// Reading.
    pub const READABLE: Ready = Ready(READ);
    /// Writing.
    pub const WRITABLE: Ready = Ready(WRITE);
    /// Reading, which will find the end.
    pub const READ_CLOSED: Ready = Ready(READ | READ_CLOSED);
    /// Writing, which will fail.
    pub const WRITE_CLOSED: Ready = Ready(WRITE | WRITE_CLOSED);
    /// Everything.
    pub const ALL: Ready = Ready(READ | WRITE | READ_CLOSED | WRITE_CLOSED);

    /// Whether nothing can be done.
    ///
    /// ```
    /// assert!(!runtime::io::Ready::WRITABLE.is_empty());
    /// ```
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a read would not block.
    ///
    /// ```
    /// assert!(runtime::io::Ready::READ_CLOSED.is_readable());
    /// ```
    pub fn is_readable(self) -> bool {
        self.0 & READ != 0
    }

    /// Whether a write would not block.
    ///
    /// ```
    /// assert!(!runtime::io::Ready::READABLE.is_writable());
    /// ```
    pub fn is_writable(self) -> bool {
        self.0 & WRITE != 0
    }

    /// Whether the peer will send no more.
    ///
    /// ```
    /// assert!(!runtime::io::Ready::READABLE.is_read_closed());
    /// ```
    pub fn is_read_closed(self) -> bool {
        self.0 & READ_CLOSED != 0
    }

    /// Whether the peer takes no more.
    ///
    /// ```
    /// assert!(runtime::io::Ready::WRITE_CLOSED.is_write_closed());
    /// ```
    pub fn is_write_closed(self) -> bool {
        self.0 & WRITE_CLOSED != 0
    }
}

impl BitOr for Ready {
    type Output = Ready;

    fn bitor(self, other: Ready) -> Ready {
        Ready(self.0 | other.0)
    }
}

impl BitOrAssign for Ready {
    fn bitor_assign(&mut self, other: Ready) {
        self.0 |= other.0;
    }
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_flags(f, self.0)
    }
}

fn debug_flags(f: &mut fmt::Formatter<'_>, flags: u8) -> fmt::Result {
    const NAMES: [(u8, &str); 4] = [
        (READ, "READABLE"),
        (WRITE, "WRITABLE"),
        (READ_CLOSED, "READ_CLOSED"),
        (WRITE_CLOSED, "WRITE_CLOSED"),
    ];
    let set = NAMES.iter().filter(|(flag, _)| flags & flag != 0);
    let names: Vec<_> = set.map(|(_, name)| *name).collect();
    match names.is_empty() {
        true => f.write_str("EMPTY"),
        false => f.write_str(&names.join(" | ")),
    }
}
