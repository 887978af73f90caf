//! The page at `/`: one file, no script, nothing loaded from elsewhere.
//!
//! It is compiled into the program, so there is no file to be missing at run time. A browser
//! that can show text can show it; with dark colours where the reader prefers them, and in
//! one column where the screen is narrow.

/// The page.
pub(crate) const HTML: &str = include_str!("page.html");
