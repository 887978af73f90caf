//! Cutting: a file of tests without what the table excludes.
//!
//! What is cut is blanked, line by line: a line that was the hundredth stays the hundredth. What
//! a person changes by hand who moves a program over is changed as well (for Tokio: [`crate::rename`]).
//!
//! Tests inside of macros count like others, though their names in the compiled program have more
//! parts: the macro's modules.

use crate::items::{Item, Kind, items};
use crate::rename::Replace;
use crate::table::Table;
use proc_macro2::TokenStream;
use std::ops::Range;

/// A file, ready to be compiled.
#[derive(Debug, Default)]
pub struct Prepared {
    /// The text, without what was cut.
    pub text: String,
    /// Whether nothing of the file is left.
    pub whole_file_excluded: bool,
    /// The tests that are left: file, modules, name.
    pub left: Vec<String>,
    /// A line for each exclusion.
    pub excluded: Vec<String>,
    /// How many tests are excluded.
    pub excluded_tests: usize,
}

/// What is to be done to the text.
#[derive(Debug)]
struct Edits {
    blank: Vec<Range<usize>>,
    replace: Vec<Replace>,
}

/// Cuts out of `text`, the file `name`, what `table` excludes, and changes in the rest what
/// `renames` finds, given name, text and tokens of the file.
///
/// # Errors
///
/// The text cannot be cut into tokens.
pub fn prepare(
    name: &str,
    text: &str,
    table: &mut Table,
    renames: impl FnOnce(&str, &str, TokenStream) -> Vec<Replace>,
) -> Result<Prepared, String> {
    let tokens: TokenStream = text
        .parse()
        .map_err(|error| format!("is not Rust: {error}"))?;
    let mut edits = Edits {
        blank: Vec::new(),
        replace: renames(name, text, tokens.clone()),
    };
    let items = items(tokens);
    let mut prepared = Prepared::default();
    if let Some(reason) = table.reason(name) {
        prepared.whole_file_excluded = true;
        prepared.exclude(name, &items, &reason);
        return Ok(prepared);
    }
    prepared.walk(name, &items, table, &mut edits);
    prepared.text = edits.apply(text);
    Ok(prepared)
}

impl Prepared {
    fn walk(&mut self, path: &str, items: &[Item], table: &mut Table, edits: &mut Edits) {
        for item in items {
            let file = path.split("::").next().unwrap_or_default();
            let scope = match item.kind {
                Kind::Import => format!("{file}::use "),
                _ => format!("{path}::"),
            };
            let name = format!("{scope}{}", item.name);
            let of = format!("{scope}{}", item.of);
            if let Some(reason) = table.reason(&name).or(table.reason(&of)) {
                edits.blank.push(item.bytes.clone());
                self.exclude(&name, std::slice::from_ref(item), &reason);
                continue;
            }
            if item.is_test && !item.name.is_empty() {
                self.left.push(format!("{path}::{}", item.name));
            }
            // Modules are part of a name; macros are not.
            let inside = match item.kind {
                Kind::Mod => &name,
                _ => path,
            };
            self.walk(inside, &item.inner, table, edits);
        }
    }

    /// Notes an exclusion, if it takes a test away.
    fn exclude(&mut self, name: &str, items: &[Item], reason: &str) {
        let is_one = matches!(items, [item] if item.is_test || item.kind == Kind::Call);
        let tests = if is_one { 1 } else { count(items) };
        self.excluded_tests += tests;
        if is_one {
            self.excluded.push(format!("{name}: {reason}"));
        } else if tests > 0 || self.whole_file_excluded {
            let s = if tests == 1 { "" } else { "s" };
            self.excluded
                .push(format!("{name} ({tests} test{s}): {reason}"));
        }
    }
}

fn count(items: &[Item]) -> usize {
    let each = items
        .iter()
        .map(|item| usize::from(item.is_test) + count(&item.inner));
    each.sum()
}

impl Edits {
    fn apply(mut self, text: &str) -> String {
        let cut = self.blank.clone();
        let is_left = |at: usize| !cut.iter().any(|range| range.contains(&at));
        let mut changes = Vec::new();
        for replace in self.replace {
            match replace.by {
                None => self.blank.push(replace.bytes),
                Some(words) => changes.push((replace.bytes, words)),
            }
        }
        changes.retain(|(range, _)| is_left(range.start));
        changes.sort_by_key(|(range, _)| range.start);
        let mut bytes = text.as_bytes().to_vec();
        for range in self.blank {
            blank(&mut bytes[range]);
        }
        let mut text = String::from_utf8(bytes).expect("whole characters were blanked");
        for (range, words) in changes.into_iter().rev() {
            text.replace_range(range, &words);
        }
        text
    }
}

/// Spaces, so that what follows stays in its line and column.
fn blank(bytes: &mut [u8]) {
    for byte in bytes {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Prepared, prepare};
    use crate::table::Table;

    fn cut(text: &str, table: &str) -> (Prepared, Vec<String>) {
        let mut table = Table::read(&format!("Because.\n{table}")).unwrap();
        let prepared = prepare("f", text, &mut table, |_, _, _| Vec::new()).unwrap();
        let unused = table.unused().iter().map(|&name| name.to_owned()).collect();
        (prepared, unused)
    }

    #[test]
    fn a_test_is_cut_with_its_attributes_and_lines_stay_where_they_are() {
        let text =
            "#[test]\nfn a() {}\n/// Words.\n#[should_panic]\n#[test]\nfn b() {\n}\nfn c() {}";
        let (prepared, unused) = cut(text, "  f::b\n");
        assert_eq!(prepared.left, ["f::a"]);
        assert_eq!(prepared.excluded, ["f::b: Because."]);
        assert_eq!(prepared.excluded_tests, 1);
        let lines: Vec<&str> = prepared.text.lines().map(str::trim).collect();
        assert_eq!(
            lines,
            ["#[test]", "fn a() {}", "", "", "", "", "", "fn c() {}"]
        );
        assert!(unused.is_empty());
    }

    #[test]
    fn tests_in_modules_and_in_macros_are_found() {
        let text = "mod m { #[test] fn a() {} #[test] fn b() {} }\n\
                    macro_rules! twice { ($($t:tt)*) => { mod one { $($t)* } mod two { $($t)* } } }\n\
                    twice! { #[test] fn c() {} #[test] fn d() {} }";
        let (prepared, unused) = cut(text, "  f::m::b\n  f::two\n  f::d\n");
        assert_eq!(prepared.left, ["f::m::a", "f::c"]);
        assert!(!prepared.text.contains("two {") && !prepared.text.contains("fn d"));
        assert!(prepared.text.contains("mod one"));
        assert!(unused.is_empty(), "{unused:?}");
    }

    #[test]
    fn a_call_that_makes_a_test_goes_by_its_first_word() {
        let (prepared, unused) = cut("make!(#[x] a, 1);\nmake!(b, 2);", "  f::b\n");
        assert_eq!(prepared.text.trim(), "make!(#[x] a, 1);");
        assert_eq!(prepared.excluded, ["f::b: Because."]);
        assert!(unused.is_empty());
    }

    #[test]
    fn a_type_goes_with_its_impls_and_an_import_by_name() {
        let text = "use t::{a::{B, C}, D};\nstruct X<T>(T);\nimpl<T: Fn() -> u8> F<T> for X<T> where T: A {}\n\
                    impl Y { const fn x() {} }\nimpl N for Z {}";
        let (prepared, unused) = cut(text, "  f::X\n  f::use C\n  f::N\n");
        let words: Vec<&str> = prepared.text.split_whitespace().collect();
        assert_eq!(
            words.join(" "),
            "use t::{a::{B, }, D}; impl Y { const fn x() {} }"
        );
        assert!(unused.is_empty(), "{unused:?}");
    }

    #[test]
    fn a_whole_file_is_counted() {
        let (prepared, unused) = cut("#[test]\nfn a() {}\n#[test]\nfn b() {}", "  f\n");
        assert!(prepared.whole_file_excluded && unused.is_empty());
        assert_eq!(prepared.excluded, ["f (2 tests): Because."]);
    }
}
