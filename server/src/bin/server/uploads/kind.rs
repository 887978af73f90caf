//! Types of files: by the name, and by what is in the file.
//!
//! The name says what a file pretends to be. Its first bytes say what it is: most formats begin with
//! bytes that no other one begins with. A file is taken if both agree, and if the type is one of a short
//! list. What the client says besides (`Content-Type`) is not looked at.
//!
//! How it can go wrong: text has no such bytes, and may begin with those of a format. `BM` begins a bitmap, and the word
//! BMI. So what is UTF-8 and has no NUL is text, whatever it begins with. Only a page of HTML, XML or a script that
//! is called `notes.txt` is refused. And the first bytes are not the whole file: a file may be an image and something
//! else as well. So files are sent back as downloads only.

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
    let found = infer::get(head);
    let is_it = found.is_some_and(|found| found.mime_type() == kind);
    let is_plain = is_text(head, is_whole) && !is_for_a_reader_of_its_own(head);
    if is_it || is_text_type(kind) && is_plain {
        return Ok(());
    }
    let found = found.map_or("something else", |found| found.mime_type());
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

/// Whether a text is more than a text to a program: a page, XML, or a script; whatever else it may be.
fn is_for_a_reader_of_its_own(head: &[u8]) -> bool {
    let mut kinds = ["html", "xml", "sh"].into_iter();
    kinds.any(|kind| infer::is(head, kind))
}

/// Whether it is text, as far as it goes: a last character that is cut through is no fault.
fn is_text(head: &[u8], is_whole: bool) -> bool {
    let is_utf8 = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && !is_whole,
    };
    is_utf8 && !head.contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_taken(name: &str, content: &[u8]) -> bool {
        let kind = by_name(name).unwrap();
        check(name, kind, content, true).is_ok()
    }

    #[test]
    fn a_text_may_begin_as_a_format_does() {
        for (name, text) in [
            ("bmi.csv", "BMI,age\r\n22,40\r\n"),
            ("cars.txt", "BMW builds cars."),
            ("notes.txt", "MZ is how programs of Windows begin."),
            ("song.md", "ID3 is in front of music."),
            ("a.txt", "OggS, LZIP and Cr24 are words here."),
            ("a.txt", "LZIP is a format."),
            ("a.txt", "Cr24 is another one."),
            (
                "pdf.md",
                "A file of that type begins with %PDF-1.7, says its standard.",
            ),
            ("hanzi.txt", "BM\u{7e54}\u{308a}"),
        ] {
            assert!(is_taken(name, text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_is_no_text_is_no_text_under_a_name_of_one() {
        for content in [
            &b"BM\x36\0\0\0"[..],
            b"MZ\x90\0\x03",
            b"ID3\x03\xff",
            b"#!/bin/sh\nrm -r /",
            b"<?xml version=\"1.0\"?><a/>",
            b" <HTML><script>",
            b"<B >ftypavc1<script>",
        ] {
            assert!(!is_taken("a.txt", content), "{content:?}");
        }
    }
}
