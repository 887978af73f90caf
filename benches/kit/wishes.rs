//! What a bench with a `main` of its own is asked for: rows by their names, flags, help.
//!
//! Cargo says `--bench` when it benches. Without it (`cargo test --benches`), or with `--test`, a run only
//! shows that everything works. Flags that are criterion's are let pass, for `cargo bench -- FLAG` hands
//! them to every bench.
//!
//! A name that no row has is told, with the names that there are. It is no failure: `cargo bench -- NAME` hands
//! the name to every bench, and one of them may have it.

/// The flags of criterion that are followed by a value.
const WITH_VALUE: [&str; 14] = [
    "--color",
    "--save-baseline",
    "--baseline",
    "--baseline-lenient",
    "--format",
    "--profile-time",
    "--load-baseline",
    "--sample-size",
    "--warm-up-time",
    "--measurement-time",
    "--nresamples",
    "--noise-threshold",
    "--confidence-level",
    "--significance-level",
];

/// The words of a command line, sorted.
pub(crate) struct Wishes {
    names: Vec<String>,
    flags: Vec<String>,
}

impl Wishes {
    pub(crate) fn of(words: impl IntoIterator<Item = String>) -> Self {
        let (mut names, mut flags) = (Vec::new(), Vec::new());
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            if WITH_VALUE.contains(&word.as_str()) {
                words.next();
            }
            match word.starts_with('-') {
                true => flags.push(word),
                false => names.push(word),
            }
        }
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

    /// Answers `--help`, and a name that none of `rows` has. Then there is nothing to measure.
    pub(crate) fn answer(&self, usage: &str, rows: &[&str]) -> bool {
        if self.has("--help") || self.has("-h") {
            println!("{usage}\n\n{}", list(rows));
            return true;
        }
        let Some(name) = self.unknown(rows) else {
            return false;
        };
        eprintln!(
            "No row of this bench has {name:?} in its name. {}",
            list(rows)
        );
        true
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
