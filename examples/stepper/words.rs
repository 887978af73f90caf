//! How things are called: a task, a wait, a moment.
//!
//! The recording speaks in numbers. A reader wants a name where there is one, the same name in
//! every picture, and times that can be compared at a glance.

use runtime::time::Duration;
use runtime::trace::{Snapshot, WaitView};

use crate::source;

/// `task 2 "child"`.
pub(crate) fn task(number: u64, states: [&Snapshot; 2]) -> String {
    let mut views = states.iter().filter_map(|state| state.tasks.get(&number));
    match views.find_map(|view| view.name.as_deref()) {
        Some(name) => format!("task {number} \"{name}\""),
        None => format!("task {number}"),
    }
}

/// `timer 3 (racing.rs:25)`.
pub(crate) fn wait_with_line(view: &WaitView) -> String {
    match view.at {
        Some(at) => format!("{} ({})", view.on, source::short(at)),
        None => view.on.to_string(),
    }
}

/// A moment or a length of time, in the unit that suits it.
pub(crate) fn time(time: Duration) -> String {
    match time.as_micros() {
        0 => "0 ms".to_owned(),
        us @ 1..1000 => format!("{us} us"),
        us @ 1000..10_000_000 if us % 1000 == 0 => format!("{} ms", us / 1000),
        us @ 1000..10_000_000 => format!("{:.3} ms", us as f64 / 1000.0),
        us => format!("{} s", us as f64 / 1e6),
    }
}

/// `1 timer`, `2 timers`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    }
}

/// The text in lines of at most so many letters, as far as its words allow.
pub(crate) fn wrap(text: &str, width: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        match line.chars().count() + 1 + word.chars().count() <= width {
            _ if line.is_empty() => line.push_str(word),
            true => {
                line.push(' ');
                line.push_str(word);
            }
            false => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}
