//! What the scripts must know about the prepared tests.
//!
//! A test that is lost in silence proves nothing. So the program that prepares the tests writes
//! down which it left in, and the script compares them with those that the compiled program has.

use crate::cut::Prepared;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The lists, while they grow.
#[derive(Debug, Default)]
pub struct Lists {
    left: String,
    excluded: String,
    count: usize,
}

impl Lists {
    /// Adds the tests of a file.
    pub fn add(&mut self, prepared: &Prepared) {
        for test in &prepared.left {
            writeln!(self.left, "{test}").expect("a string takes everything");
        }
        for line in &prepared.excluded {
            writeln!(self.excluded, "{line}").expect("a string takes everything");
        }
        self.count += prepared.excluded_tests;
    }

    /// Writes them into the folder `out`.
    ///
    /// # Errors
    ///
    /// What is wrong with the folder, in words.
    pub fn write(&self, out: &Path) -> Result<(), String> {
        write(&out.join("left.txt"), &self.left)?;
        write(&out.join("excluded.txt"), &self.excluded)?;
        write(
            &out.join("excluded_count.txt"),
            &format!("{}\n", self.count),
        )
    }
}

/// The text of a file.
///
/// # Errors
///
/// Which file cannot be read, and why.
pub fn text_of(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// Writes a file, and the folders above it.
///
/// # Errors
///
/// Which file cannot be written, and why.
pub fn write(path: &Path, text: &str) -> Result<(), String> {
    let folder = path.parent().expect("is in a folder");
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}
