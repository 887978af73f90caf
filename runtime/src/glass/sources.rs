//! Whether a source is still the one that a program was built from.
//!
//! An event names lines of source, and a reader of a recording wants to see them. But files change, and
//! two crates may each have a `src/main.rs`. So a recording carries, for each file that it names, a hash
//! of its bytes, and a reader shows a line only if the file that it found has the same hash.
//!
//! The compiler leaves the name of a file in a program, and not its text. So the hash is computed while
//! the program runs: the file is looked for below the folders in which cargo has built the program, then
//! below the working folder and those above it; and it must not be younger than the program. If no such
//! file is there, there is no hash, and a reader of the recording cannot be sure.
//!
//! The hash is FNV-1a with 64 bits. It tells an edited file from the old one. It is no protection against
//! a person who wants to deceive.

use std::env;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

/// The hash of a source file's bytes, as [`Recording::source_hash`](super::Recording::source_hash) has it.
///
/// ```
/// use runtime::trace::source_hash;
///
/// assert_eq!(source_hash(b""), 0xcbf2_9ce4_8422_2325);
/// assert_ne!(source_hash(b"fn main() {}"), source_hash(b"fn main() { }"));
/// ```
#[must_use]
pub fn source_hash(bytes: &[u8]) -> u64 {
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, mix)
}

/// The hash of a source of this program, by the name that the compiler was given.
pub(super) fn of_this_program(name: &str) -> Option<u64> {
    let built = modified(&env::current_exe().ok()?)?;
    let is_old_enough = |path: &PathBuf| modified(path).is_some_and(|it| it <= built);
    let path = find(Path::new(name)).filter(is_old_enough)?;
    fs::read(path).ok().map(|bytes| source_hash(&bytes))
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|data| data.modified()).ok()
}

/// Cargo gives the compiler names below the workspace, or whole paths. Below which folder this program's
/// workspace lies, cargo says when it runs the program. Otherwise the program lies in it, below `target`; or, if
/// the target folder is elsewhere, the working folder may lie in it.
fn find(name: &Path) -> Option<PathBuf> {
    if name.is_absolute() {
        return Some(name.to_owned());
    }
    let is_plain = |step| matches!(step, Component::Normal(_));
    if !name.components().all(is_plain) {
        return None;
    }
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let starts = [package, env::current_exe().ok(), env::current_dir().ok()];
    let folders: Vec<PathBuf> = starts
        .into_iter()
        .flatten()
        .flat_map(|start| start.ancestors().map(Path::to_owned).collect::<Vec<_>>())
        .collect();
    let mut files = folders.iter().map(|folder| folder.join(name));
    files.find(|file| file.is_file())
}
