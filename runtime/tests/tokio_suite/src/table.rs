//! The table of exclusions: what is not run, and why.
//!
//! A reason stands at the beginning of a line, what it excludes below it, indented:
//!
//! ```text
//! There is no such thing here (DIFFERENCES.md: "One thread").
//!     rt_threaded
//!     rt_common::threaded_scheduler_1_thread
//!     time_rt::timer_with_threaded_runtime
//! ```
//!
//! A name is that of a file (all of it), or of a file and something in it: a module, a test, or
//! a function or type that only excluded tests use (a type or trait goes with all its `impl`s). After
//! `use`, it is one name of the file's imports. A `#` begins a remark.
//!
//! A line that excludes nothing, because Tokio has dropped or renamed the test, is an error:
//! what the table says is to stay true.

use std::collections::BTreeMap;

/// Reasons, by what they exclude.
#[derive(Debug, Default)]
pub struct Table {
    rows: BTreeMap<String, Row>,
}

#[derive(Debug)]
struct Row {
    reason: String,
    used: bool,
}

impl Table {
    /// Reads the table's text.
    ///
    /// # Errors
    ///
    /// The line that is wrong, and why.
    pub fn read(text: &str) -> Result<Table, String> {
        let mut table = Table::default();
        let mut reason = String::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim_end();
            let name = line.trim_start();
            if name.is_empty() {
                continue;
            } else if name == line {
                reason = line.to_owned();
            } else {
                table.add(name, &reason).map_err(|complaint| {
                    format!("line {} of the table: {complaint}", number + 1)
                })?;
            }
        }
        Ok(table)
    }

    fn add(&mut self, name: &str, reason: &str) -> Result<(), String> {
        if reason.is_empty() {
            return Err(format!("no reason stands above `{name}`"));
        }
        let row = Row {
            reason: reason.to_owned(),
            used: false,
        };
        match self.rows.insert(name.to_owned(), row) {
            None => Ok(()),
            Some(_) => Err(format!("`{name}` is excluded twice")),
        }
    }

    /// Why `name` is excluded, if it is.
    pub fn reason(&mut self, name: &str) -> Option<String> {
        let row = self.rows.get_mut(name)?;
        row.used = true;
        Some(row.reason.clone())
    }

    /// That every name excludes something.
    ///
    /// # Errors
    ///
    /// The names that do not.
    pub fn must_be_used(&self) -> Result<(), String> {
        let unused = self.unused();
        if unused.is_empty() {
            return Ok(());
        }
        Err(format!(
            "the table excludes what is not there: {}; strike those lines",
            unused.join(", ")
        ))
    }

    /// The names for which no reason was asked: they exclude nothing.
    pub fn unused(&self) -> Vec<&str> {
        let unused = self.rows.iter().filter(|(_, row)| !row.used);
        unused.map(|(name, _)| name.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn a_reason_holds_for_the_names_below_it() {
        let mut table = Table::read("One.\n  a::b\n  c # remark\nTwo.\n  d\n").unwrap();
        assert_eq!(table.reason("a::b").as_deref(), Some("One."));
        assert_eq!(table.reason("d").as_deref(), Some("Two."));
        assert_eq!(table.reason("a"), None);
        assert_eq!(table.unused(), ["c"]);
    }

    /// `(DIFFERENCES.md, "One heading" and "Another")`, the quotes in a heading included.
    #[test]
    fn the_headings_that_reasons_name_stand_in_differences() {
        let of_tokio = (
            include_str!("../../../DIFFERENCES.md"),
            include_str!("../../tokio_suite.txt"),
        );
        let of_axum = (
            include_str!("../../../../server/DIFFERENCES.md"),
            include_str!("../../../../server/tests/axum_suite.txt"),
        );
        for ((page, table), at_least) in [(of_tokio, 10), (of_axum, 3)] {
            let named = named_headings(page, table);
            assert!(named >= at_least, "there are reasons of that kind");
        }
    }

    fn named_headings(page: &str, table: &str) -> usize {
        let headings: Vec<&str> = page
            .lines()
            .filter_map(|line| line.strip_prefix('#'))
            .map(|line| line.trim_matches(['#', ' ']))
            .collect();
        let mut named = 0;
        for line in table.lines().filter(|line| !line.starts_with([' ', '#'])) {
            let Some((_, names)) = line.split_once("(DIFFERENCES.md, \"") else {
                continue;
            };
            let names = names.strip_suffix("\").").expect("the reason ends with it");
            for name in names.split("\" and \"") {
                assert!(
                    headings.contains(&name),
                    "DIFFERENCES.md: no heading `{name}`"
                );
                named += 1;
            }
        }
        named
    }

    #[test]
    fn a_name_without_a_reason_or_twice_is_refused() {
        assert!(Table::read("  a\n").unwrap_err().contains("no reason"));
        assert!(Table::read("R\n  a\n  a\n").unwrap_err().contains("twice"));
    }
}
