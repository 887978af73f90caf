//! Types of files: by the name, and by what is in the file.
//!
//! The name says what a file pretends to be. Its first bytes say what it is: most formats begin with
//! bytes that no other one begins with. A file is taken if both agree, and if the type is one of a short
//! list. What the client says besides (`Content-Type`) is not looked at.
//!
//! How it can go wrong: text has no such bytes. So text is what looks like nothing else, is UTF-8, and has no NUL;
//! a page of HTML that is called `notes.txt` is refused. And the first bytes are not the whole file: a
//! file may be an image and something else as well. So files are sent back as downloads only.

use http::StatusCode;

use crate::pages::Problem;

/// How many bytes of a file are looked at.
pub(super) const HEAD: usize = 4096;

/// The types that are taken.
const TAKEN: [&str; 11] = [
    "application/gzip",
    "application/json",
    "application/pdf",
    "application/zip",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/csv",
    "text/markdown",
    "text/plain",
];

/// The type of a file by its name, if it is taken.
pub(super) fn by_name(name: &str) -> Result<&'static str, Problem> {
    let guess = mime_guess::from_path(name).first_raw();
    let taken = TAKEN.into_iter().find(|taken| Some(*taken) == guess);
    taken.ok_or_else(|| {
        refused(format!(
            "{name:?} is of no type that is taken. Taken are: {}.",
            TAKEN.join(", ")
        ))
    })
}

/// Checks that a file that begins with `head` is of this type. `is_whole`: it has no more bytes.
pub(super) fn check(name: &str, kind: &str, head: &[u8], is_whole: bool) -> Result<(), Problem> {
    let found = infer::get(head).map(|found| found.mime_type());
    let agrees = match found {
        Some(found) => found == kind,
        None => is_text_type(kind) && is_text(head, is_whole),
    };
    if agrees {
        return Ok(());
    }
    let found = found.unwrap_or("something else");
    Err(refused(format!(
        "By its name, {name:?} is {kind}; by its content, it is {found}. Give it the right name."
    )))
}

fn refused(detail: String) -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
}

fn is_text_type(kind: &str) -> bool {
    kind.starts_with("text/") || kind == "application/json"
}

/// Whether it is text, as far as it goes: a last character that is cut through is no fault.
fn is_text(head: &[u8], is_whole: bool) -> bool {
    let is_utf8 = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && !is_whole,
    };
    is_utf8 && !head.contains(&0)
}
