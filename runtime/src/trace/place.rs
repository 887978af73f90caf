//! A line of source: where something was written.
//!
//! Two kinds of lines occur in events. Those of the *program* (where a task was spawned, where
//! a sleep was made) come from `#[track_caller]`; those of the *runtime* (which line did it) from
//! the line that emits, which stands beside the deed. Both are known at compile time, so a place is a
//! pointer to a constant and a number, and copying one costs nothing.
//!
//! A place that is read back from a recording names a file that this program may never have
//! heard of. Its name is kept for good, once: the table below grows with the number of
//! different names and not with the number of events. The names of [scopes](super::Scope) are in it, too.

use std::fmt;

/// A line of source.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file, as the compiler was given it.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
}

impl Place {
    /// A number that tells places apart. (One file may have several, if the compiler kept its
    /// name in several places.)
    pub(crate) fn number(self) -> u64 {
        ((self.file.as_ptr().addr() as u64) << 20) ^ u64::from(self.line)
    }

    /// What is said of a line that is not known.
    pub(crate) const UNKNOWN: Place = Place::here("?", 0);

    /// The place of the macro that calls this.
    pub(crate) const fn here(file: &'static str, line: u32) -> Place {
        Place { file, line }
    }

    /// The line above.
    pub(crate) const fn above(self) -> Place {
        Place::here(self.file, self.line.saturating_sub(1))
    }

    /// The line below.
    pub(crate) const fn below(self) -> Place {
        Place::here(self.file, self.line.saturating_add(1))
    }

    /// The line above the one that called the function that calls this.
    #[track_caller]
    pub(crate) fn above_caller() -> Place {
        Place::from(std::panic::Location::caller()).above()
    }

    /// The line below the one that called the function that calls this.
    #[track_caller]
    pub(crate) fn below_caller() -> Place {
        Place::from(std::panic::Location::caller()).below()
    }
}

/// A line of the program, as it is kept until an event speaks of it: one pointer.
pub(crate) type Line = &'static std::panic::Location<'static>;

impl From<Line> for Place {
    fn from(location: Line) -> Place {
        Place {
            file: location.file(),
            line: location.line(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A kind of stretch, as the program calls it: `request`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(pub &'static str);

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0, f)
    }
}

/// As `["file", line]`; a scope as its name.
#[cfg(feature = "serde")]
mod as_data {
    use std::collections::BTreeSet;
    use std::sync::{Mutex, PoisonError};

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Place, Scope};

    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

    impl Serialize for Place {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            (self.file, self.line).serialize(serializer)
        }
    }

    impl<'de> Deserialize<'de> for Place {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Place, D::Error> {
            let (file, line) = <(String, u32)>::deserialize(deserializer)?;
            let file = keep(file);
            Ok(Place { file, line })
        }
    }

    impl Serialize for Scope {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.0.serialize(serializer)
        }
    }

    impl<'de> Deserialize<'de> for Scope {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Scope, D::Error> {
            String::deserialize(deserializer).map(|name| Scope(keep(name)))
        }
    }

    /// The name as a constant: the one that is kept already, or this one from now on.
    fn keep(name: String) -> &'static str {
        let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = names.get(name.as_str()) {
            return kept;
        }
        let kept: &'static str = Box::leak(name.into_boxed_str());
        names.insert(kept);
        kept
    }
}
