//! Names of files: which ones are taken.
//!
//! A name comes from a stranger and becomes an entry of a folder, a part of a URL, and text on a page. So it is
//! looked at once, here, and what passes is a [`FileName`]. A name that does not pass is refused, not
//! mended: a client that sent `../x` should hear of it, and should not find its file under another name.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::pages::Problem;
use crate::visible::is_hidden;

/// How many characters a name may have, and how many bytes.
const CHARACTERS: usize = 100;
const BYTES: usize = 240;

/// Names that mean a device where the file may land some day.
const RESERVED: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
    "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// A name that is nothing but a name: no path, and no part of an upload that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileName(String);

impl FileName {
    /// Takes a client's word for it, if it may.
    pub(super) fn new(name: &str) -> Result<Self, Problem> {
        let why = match name {
            "" => "it is empty",
            _ if name.len() > BYTES || name.chars().count() > CHARACTERS => "it is too long",
            _ if name.chars().any(is_separator) => "it has a sign that means something in a path",
            _ if name.chars().any(is_hidden) => "it has a character that cannot be seen",
            _ if name.starts_with(['.', '-']) => "it begins with a dot or a hyphen",
            _ if name.trim() != name => "it begins or ends with a blank",
            _ if name.ends_with('.') => "it ends with a dot",
            _ if is_reserved(name) => "it is the name of a device",
            _ => return Ok(FileName(name.to_owned())),
        };
        let detail = format!("The file's name {name:?} cannot be used: {why}. Rename the file.");
        Err(Problem::bad_request(detail))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as a part of a URL, or of a header.
    pub(super) fn encoded(&self) -> impl fmt::Display {
        const SET: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');
        utf8_percent_encode(&self.0, SET)
    }

    /// Where the file is found.
    pub(super) fn url(&self) -> String {
        format!("/uploads/{}", self.encoded())
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_separator(sign: char) -> bool {
    matches!(sign, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
}

fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    RESERVED
        .iter()
        .any(|device| stem.eq_ignore_ascii_case(device))
}
