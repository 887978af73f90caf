//! What a bench with a `main` of its own is asked for: rows by their names, flags, help.
//!
//! Cargo says `--bench` when it benches. Without it (`cargo test --benches`), or with `--test`, a run only
//! shows that everything works. Flags that are criterion's are let pass, for `cargo bench -- FLAG` hands
//! them to every bench.
//!
//! A name that no row has is an error: who mistypes one shall not wait for figures that do not come. But
//! `cargo test` gives the name of a test to every program that it starts; there it is none.

use std::process::ExitCode;

/// The words of a command line, sorted.
pub(crate) struct Wishes {
    names: Vec<String>,
    flags: Vec<String>,
}

impl Wishes {
    pub(crate) fn of(words: impl IntoIterator<Item = String>) -> Self {
        let (flags, names) = words.into_iter().partition(|word| word.starts_with('-'));
        Self { names, flags }
    }

    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|word| word == flag)
    }

    /// Whether this run is only to see that everything works.
    pub(crate) fn smoke(&self) -> bool {
        self.has("--test") || !self.has("--bench")
    }

    /// Whether the row of that name is wanted: all are, if none is named.
    pub(crate) fn include(&self, row: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|name| row.contains(name.as_str()))
    }

    /// Answers `--help`, and a name that none of `rows` has; the program ends with that.
    pub(crate) fn answer(&self, usage: &str, rows: &[&str]) -> Option<ExitCode> {
        if self.has("--help") || self.has("-h") {
            println!("{usage}\n\n{}", list(rows));
            return Some(ExitCode::SUCCESS);
        }
        let name = self.unknown(rows)?;
        eprintln!(
            "No row of this bench has {name:?} in its name. {}",
            list(rows)
        );
        Some(ExitCode::FAILURE)
    }

    /// The first name that no row has.
    pub(crate) fn unknown(&self, rows: &[&str]) -> Option<&str> {
        let is_known = |name: &str| rows.iter().any(|row| row.contains(name));
        let mut names = self.names.iter().map(String::as_str);
        names.find(|name| self.has("--bench") && !is_known(name))
    }
}

fn list(rows: &[&str]) -> String {
    format!("The rows:\n  {}", rows.join("\n  "))
}
