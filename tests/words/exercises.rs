//! The exercises of NOTES.md: whether what they have their reader change still stands there.
//!
//! An exercise that changes a program begins with the place, `` In `FILE: fn NAME`, ``, and then names what
//! stands there, letter by letter (more white space is as good as one space), in one of these forms:
//!
//! - `` change `OLD` to `NEW` `` and `` `OLD` to `NEW` `` (also `` change the first `OLD` to `NEW` ``);
//! - `` take out `OLD` ``, `` take out the line `OLD` ``, `` take `OLD` out of ``, `` put `NEW` before `OLD` ``.
//!
//! An exercise that changes no program names a command.

use std::fmt::Write;

/// What one exercise says.
#[derive(Debug)]
pub(crate) struct Exercise {
    /// The line of the document in which it begins.
    pub(crate) line: usize,
    /// Text and code by turns; text first.
    parts: Vec<String>,
}

/// The exercises of a document.
pub(crate) fn exercises(document: &str) -> Vec<Exercise> {
    let lines: Vec<&str> = document.lines().collect();
    let begins = (0..lines.len()).filter(|&at| lines[at].starts_with("**Exercise.**"));
    let exercise = |at: usize| {
        let paragraph = lines[at..]
            .iter()
            .take_while(|line| !line.trim().is_empty());
        let text = paragraph.copied().collect::<Vec<_>>().join(" ");
        let parts = text.split('`').map(str::to_owned).collect();
        Exercise {
            line: at + 1,
            parts,
        }
    };
    begins.map(exercise).collect()
}

impl Exercise {
    /// Its file and function, if it changes a program.
    pub(crate) fn place(&self) -> Option<(&str, &str)> {
        let text = self.parts[0].trim_end();
        let place = self.parts.get(1).filter(|_| text.ends_with(" In"))?;
        place.split_once(": fn ")
    }

    /// The texts that it has its reader change.
    pub(crate) fn old(&self) -> Vec<&str> {
        let is_old = |at: &usize| {
            let (before, after) = (self.parts[at - 1].trim_end(), &self.parts[at + 1]);
            let ends = [
                " before",
                " take",
                " take out",
                " take out the",
                " take out the line",
            ];
            let is_taken = ends.iter().any(|end| before.ends_with(end));
            is_taken || (after.trim() == "to" && *at + 2 < self.parts.len())
        };
        let codes = (3..self.parts.len().saturating_sub(1)).step_by(2);
        codes.filter(is_old).map(|at| &self.parts[at][..]).collect()
    }

    /// What is wrong with it, given the text of its file.
    pub(crate) fn check(&self, text: impl Fn(&str) -> Option<String>) -> Result<(), String> {
        let Some((file, name)) = self.place() else {
            return match self.parts.len() > 1 {
                true => Ok(()),
                false => {
                    Err("this exercise names no place, `FILE: fn NAME`, and no command".into())
                }
            };
        };
        let Some(text) = text(file) else {
            return Err(format!("this exercise wants `{file}`, which is not there"));
        };
        let bodies = functions(&text, name);
        if bodies.is_empty() {
            return Err(format!(
                "this exercise wants `fn {name}`, which is not in `{file}`"
            ));
        }
        if self.old().is_empty() {
            let form = "change `OLD` to `NEW`, or take out `OLD`";
            return Err(format!("this exercise does not say what to change: {form}"));
        }
        let mut wrong = String::new();
        for old in self.old() {
            if !bodies.iter().any(|body| body.contains(&one_space(old))) {
                let _ = write!(wrong, "`{old}` does not stand in `{file}: fn {name}`; ");
            }
        }
        match wrong.trim_end_matches("; ") {
            "" => Ok(()),
            wrong => Err(format!(
                "this exercise has its reader change what is not there: {wrong}"
            )),
        }
    }
}

/// Each function of this name, from its attributes to its closing brace.
fn functions(text: &str, name: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let head = [format!("fn {name}("), format!("fn {name}<")];
    let is_head = |at: &usize| head.iter().any(|head| lines[*at].contains(head));
    let body = |at: usize| {
        let indent = lines[at].len() - lines[at].trim_start().len();
        let is_attribute = |line: &&&str| line.trim_start().starts_with("#[");
        let attributes = lines[..at].iter().rev().take_while(is_attribute).count();
        let is_end = |line: &&str| line.starts_with(&format!("{}}}", " ".repeat(indent)));
        let end = lines[at..].iter().position(is_end);
        let end = end.map_or(lines.len(), |end| at + end + 1);
        one_space(&lines[at - attributes..end].join(" "))
    };
    (0..lines.len()).filter(is_head).map(body).collect()
}

fn one_space(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
