//! Expected output, written as what a person would see, with three signs for what varies:
//!
//! - `{#}` stands for one or more digits (a port, milliseconds, a count);
//! - `{*}` stands for any text within the line, also none;
//! - a line that is only `...` stands for any number of lines, also none.
//!
//! Everything else must be there, letter by letter and line by line. White space at the end
//! of a line and empty lines at the end of the output do not count; within a line many spaces
//! are as good as one, for how far a column is filled up depends on what varies.

/// Compares; the error tells the first line that differs and shows both texts.
pub(crate) fn compare(expected: &str, actual: &str) -> Result<(), String> {
    let (expected, actual) = (lines(expected), lines(actual));
    let expected: Vec<_> = expected.iter().map(String::as_str).collect();
    let actual: Vec<_> = actual.iter().map(String::as_str).collect();
    if matches_lines(&expected, &actual) {
        return Ok(());
    }
    let place = first_difference(&expected, &actual);
    Err(format!(
        "differs from line {} of what is expected:\n  expected: {}\n  got:      {}\n\
         --- expected\n{}\n--- got\n{}\n---",
        place + 1,
        expected.get(place).unwrap_or(&"(the end)"),
        actual.get(place).unwrap_or(&"(the end)"),
        expected.join("\n"),
        actual.join("\n"),
    ))
}

fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<_> = text.lines().map(one_space).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// Keeps the indentation; after it, one space stands for many.
fn one_space(line: &str) -> String {
    let words = line.trim_start();
    let indentation = &line[..line.len() - words.len()];
    let words: Vec<_> = words.split_whitespace().collect();
    format!("{indentation}{}", words.join(" "))
        .trim_end()
        .to_owned()
}

fn matches_lines(expected: &[&str], actual: &[&str]) -> bool {
    match expected.split_first() {
        None => actual.is_empty(),
        Some((&"...", rest)) => (0..=actual.len()).any(|n| matches_lines(rest, &actual[n..])),
        Some((first, rest)) => actual
            .split_first()
            .is_some_and(|(line, lines)| matches_line(first, line) && matches_lines(rest, lines)),
    }
}

/// Whether a line fits its pattern.
pub(crate) fn matches_line(pattern: &str, line: &str) -> bool {
    let Some(open) = pattern.find(['{']) else {
        return pattern == line;
    };
    let (before, sign) = pattern.split_at(open);
    let Some(line) = line.strip_prefix(before) else {
        return false;
    };
    if let Some(rest) = sign.strip_prefix("{*}") {
        return ends(line, |_| true).any(|end| matches_line(rest, &line[end..]));
    }
    if let Some(rest) = sign.strip_prefix("{#}") {
        let digits = |c: char| c.is_ascii_digit();
        return ends(line, digits)
            .skip(1)
            .any(|end| matches_line(rest, &line[end..]));
    }
    // A brace that is no sign stands for itself.
    line.strip_prefix('{')
        .is_some_and(|line| matches_line(&sign[1..], line))
}

/// Where a run of such characters from the start of the line may end: 0, then after each.
fn ends(line: &str, such: fn(char) -> bool) -> impl Iterator<Item = usize> {
    let run = line.char_indices().take_while(move |(_, c)| such(*c));
    std::iter::once(0).chain(run.map(|(at, c)| at + c.len_utf8()))
}

/// For the message only: the first line where, sign by sign, the two part.
fn first_difference(expected: &[&str], actual: &[&str]) -> usize {
    (0..expected.len())
        .find(|&n| {
            expected[n] == "..."
                || !actual
                    .get(n)
                    .is_some_and(|it| matches_line(expected[n], it))
        })
        .unwrap_or(expected.len())
}
