//! How many connections the open files of the process allow.
//!
//! A connection of a client is a descriptor, and so is one to a backend or a database, and each file. How it can go
//! wrong: clients take all of them, and none is left to answer their requests with. So what the program may want for
//! itself is set aside.

use rustix::process::{Resource, getrlimit};

/// What the program wants for itself at most times: about 25 from the start, those of SQLite's readers, and a few for
/// uploads and downloads.
const OWN: u64 = 64;

const MOST: u64 = 100_000;

/// How many clients may be connected by default, if so many connections may be made to others.
pub(crate) fn default_connections(to_others: usize) -> usize {
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(rest(limit, to_others as u64)).unwrap_or(usize::MAX)
}

/// An eighth of the files is for the program, and no less than it wants. With very many backends, clients have an eighth,
/// too: hardly ever is each backend at its limit.
fn rest(limit: u64, to_others: u64) -> u64 {
    let aside = OWN.max(limit / 8).saturating_add(to_others);
    let least = (limit / 8).max(1);
    limit.saturating_sub(aside).max(least).min(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_program_wants_for_itself_is_set_aside() {
        for (limit, to_others, clients) in [
            (1024, 0, 896),
            (1024, 64, 832),
            (1024, 2 * 64 + 8, 760),
            (256, 0, 192),
            (256, 64, 128),
            // There are always some.
            (1024, 100 * 64, 128),
            (1024, u64::MAX, 128),
            (64, 0, 8),
            (4, 0, 1),
            (u64::MAX, 64, 100_000),
        ] {
            assert_eq!(rest(limit, to_others), clients, "{limit} {to_others}");
        }
    }
}
