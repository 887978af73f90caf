//! What a program under examination prints: kept, and compared with what is expected of it.

use crate::output;
use std::cell::RefCell;

thread_local!(static PRINTED: RefCell<String> = const { RefCell::new(String::new()) });

/// Keeps a line.
pub fn print(line: &str) {
    crate::account::note(format!("the program prints: {line}"));
    PRINTED.with_borrow_mut(|it| {
        it.push_str(line);
        it.push('\n');
    });
}

/// Compares what was printed with what is expected, in the pattern language of the examples.
///
/// # Errors
///
/// The first line that differs, in words.
pub fn compare(expected: &str) -> Result<(), String> {
    output::compare(expected, &PRINTED.take())
}
