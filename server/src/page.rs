//! The page at `/`: one file, no script, nothing loaded from elsewhere.
//!
//! It is compiled into the program, so there is no file to be missing at run time. A browser
//! that can show text can show it; with dark colours where the reader prefers them, and in
//! one column where the screen is narrow.
//!
//! The page shows commands to try, and they name the address at which the page was asked
//! for. That address comes from the request, so from a stranger, and it goes into HTML, and
//! from there perhaps into a reader's shell. How it can go wrong: a `<script>`, or a
//! semicolon and a command. So nothing is escaped, but only an address that consists of
//! letters, digits and the few signs that an address needs is used at all.

use std::borrow::Cow;

/// The page as the file has it.
const HTML: &str = include_str!("page.html");

/// The address in that file.
const DEFAULT: &str = "127.0.0.1:3000";

/// The page's picture: 16 by 16 points, in the format of `/favicon.ico`.
pub(crate) const ICON: &[u8] = include_bytes!("favicon.ico");

/// The page, for a reader who asked for it at this address (`Host`).
pub(crate) fn html(asked_at: &[u8]) -> Cow<'static, str> {
    match harmless(asked_at) {
        None | Some(DEFAULT) => HTML.into(),
        Some(addr) => HTML.replace(DEFAULT, addr).into(),
    }
}

/// The address, if it means nothing but itself in HTML and in a shell.
fn harmless(addr: &[u8]) -> Option<&str> {
    const LONGEST: usize = 255;
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(byte);
    let fits = !addr.is_empty() && addr.len() <= LONGEST && addr[0] != b'-';
    (fits && addr.iter().all(is_plain))
        .then(|| std::str::from_utf8(addr).ok())
        .flatten()
}

#[cfg(test)]
mod tests;
