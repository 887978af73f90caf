//! What stands twice: six lines in a row that stand again, letter by letter, in another place.
//!
//! Such a block has two truths: a change of one place leaves the other as it was. It becomes one
//! thing with a name; or a comment in the block or directly above it says why there are two:
//! `// Twice, because the two are types of their own.` One comment serves both places.
//!
//! Comments, imports and lines without a word (`}`, `})`) do not count, and white space neither.

use crate::source::File;
use std::collections::BTreeMap;

/// How many lines make a block.
const BLOCK: usize = 6;

/// How the comment begins that excuses a block.
const EXCUSE: &str = "// Twice, because ";

/// A line that counts.
#[derive(Debug)]
struct Line<'a> {
    file: usize,
    number: usize,
    text: &'a str,
    /// The excuse stands directly above it.
    excused: bool,
}

/// The blocks that stand twice without an excuse, one line each.
pub(crate) fn check(files: &[File]) -> Vec<String> {
    let files_lines = files.iter().enumerate();
    let lines: Vec<Line<'_>> = files_lines.flat_map(|(nth, it)| lines(nth, it)).collect();
    let mut places: BTreeMap<Vec<&str>, Vec<usize>> = BTreeMap::new();
    for at in 0..lines.len() {
        if let Some(block) = block(&lines, at) {
            places.entry(block).or_default().push(at);
        }
    }
    let mut pairs: Vec<(usize, usize)> = places.values().flat_map(|at| pairs(at)).collect();
    pairs.sort_unstable();
    let starts = pairs.iter().filter(|&&(a, b)| !goes_on(&lines, a, b));
    let unexcused = starts.filter_map(|&(a, b)| complaint(files, &lines, a, b));
    unexcused.collect()
}

/// The lines of a file that count.
fn lines(nth: usize, file: &File) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let (mut excused, mut in_import) = (false, false);
    for (number, text) in (1..).zip(file.text.lines().map(str::trim)) {
        excused |= text.starts_with(EXCUSE);
        in_import |= is_import(text);
        if !in_import && !text.starts_with("//") && text.contains(char::is_alphanumeric) {
            lines.push(Line {
                file: nth,
                number,
                text,
                excused: std::mem::take(&mut excused),
            });
        }
        in_import &= !text.ends_with(';');
    }
    lines
}

fn is_import(text: &str) -> bool {
    text.starts_with("use ") || (text.starts_with("pub") && text.contains(" use "))
}

/// The text of a block, if it fits into the file.
fn block<'a>(lines: &[Line<'a>], at: usize) -> Option<Vec<&'a str>> {
    let block = lines.get(at..at + BLOCK)?;
    let whole = block.iter().all(|line| line.file == block[0].file);
    whole.then(|| block.iter().map(|line| line.text).collect())
}

/// Every two of the places.
fn pairs(at: &[usize]) -> Vec<(usize, usize)> {
    let later = |nth: usize| at[nth + 1..].iter().map(move |&b| (at[nth], b));
    (0..at.len()).flat_map(later).collect()
}

/// Whether the lines before two places are the same as well, so that the run began earlier.
fn goes_on(lines: &[Line<'_>], a: usize, b: usize) -> bool {
    a > 0
        && is_same(lines, a - 1, b - 1)
        && is_in_file(lines, a - 1, a)
        && is_in_file(lines, b - 1, b)
}

fn is_in_file(lines: &[Line<'_>], a: usize, b: usize) -> bool {
    lines[a].file == lines[b].file
}

fn is_same(lines: &[Line<'_>], a: usize, b: usize) -> bool {
    lines[a].text == lines[b].text
}

/// What is to be said of a run that begins at two places; nothing if it is excused.
fn complaint(files: &[File], lines: &[Line<'_>], a: usize, b: usize) -> Option<String> {
    let goes = |n: &usize| {
        let (to_a, to_b) = (a + n, b + n);
        to_b < lines.len()
            && is_same(lines, to_a, to_b)
            && is_in_file(lines, a, to_a)
            && is_in_file(lines, b, to_b)
    };
    let length = (0..b - a).take_while(goes).count().max(BLOCK);
    let mut run = lines[a..a + length].iter().chain(&lines[b..b + length]);
    if run.any(|line| line.excused) {
        return None;
    }
    let name = |at: usize| {
        let (first, last) = (&lines[at], &lines[at + length - 1]);
        let path = &files[first.file].path;
        format!("{path}:{}-{}", first.number, last.number)
    };
    Some(format!(
        "{} stands again at {}: {length} lines. Say it once, or say why there are two: `{EXCUSE}…`",
        name(a),
        name(b)
    ))
}

#[cfg(test)]
mod tests {
    use super::{File, check};

    const SEVEN: &str = "fn a() {\n  b1();\n  b2();\n\n  // c\n  b3();\n  b4();\n  b5();\n}\n";

    fn files(texts: &[&str]) -> Vec<File> {
        let file = |(nth, text): (usize, &&str)| File {
            name: nth.to_string(),
            path: format!("{nth}.rs"),
            text: (*text).to_owned(),
        };
        texts.iter().enumerate().map(file).collect()
    }

    #[test]
    fn six_lines_that_stand_again_are_found_in_two_files_and_in_one() {
        let found = check(&files(&[SEVEN, "use b;\n", SEVEN]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("0.rs:1-8 stands again at 2.rs:1-8: 6 lines"));
        assert_eq!(check(&files(&[&[SEVEN, SEVEN].concat()])).len(), 1);
    }

    #[test]
    fn a_long_run_is_one_complaint() {
        let long = [SEVEN, "fn b() {\n  c1();\n  c2();\n}\n"].concat();
        let found = check(&files(&[&long, "struct Other;\n", &long]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(": 9 lines"), "{found:?}");
    }

    #[test]
    fn five_lines_and_imports_and_comments_may_stand_twice() {
        let five = SEVEN.replace("  b5();\n", "");
        assert_eq!(check(&files(&[&five, &five])), [""; 0]);
        let imports = "use a::{\n  b,\n  c,\n  d,\n  e,\n  f,\n  g,\n};\n// h\n// i\n";
        assert_eq!(check(&files(&[imports, imports])), [""; 0]);
    }

    #[test]
    fn a_comment_that_says_why_excuses_a_block() {
        let excused = SEVEN.replace("// c", "// Twice, because it is a test.");
        assert_eq!(check(&files(&[SEVEN, &excused])), [""; 0]);
        assert_eq!(check(&files(&[&excused, SEVEN])), [""; 0]);
        let elsewhere = format!("// Twice, because it is a test.\nfn other() {{}}\n{SEVEN}");
        assert_eq!(check(&files(&[SEVEN, &elsewhere])).len(), 1);
    }
}
