//! How things are called: a task, a wait, a moment.
//!
//! The recording speaks in numbers. A reader wants a name where there is one, the same name in
//! every picture, and times that can be compared at a glance.

use runtime::time::Duration;
use runtime::trace::{Cause, Holder, Shared, SharedView, Snapshot};

use crate::Given;
use crate::place;

pub use crate::wait_words::{circle, wait_with_line, waits};

/// A task with its name, if one of the states knows it: `task 2 "child"`.
///
/// ```
/// let runtime = runtime::runtime::Runtime::new()?;
/// let state = runtime.snapshot();
/// assert_eq!(story::words::task(2, [&state, &state]), "task 2");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn task(number: u64, states: [&Snapshot; 2]) -> String {
    let mut views = states.iter().filter_map(|state| state.tasks.get(&number));
    match views.find_map(|view| view.name.as_deref()) {
        Some(name) => format!("task {number} \"{}\"", place::printable(name)),
        None => format!("task {number}"),
    }
}

/// A moment or a length of time, in the unit that suits it.
///
/// ```
/// use std::time::Duration;
///
/// assert_eq!(story::words::time(Duration::from_micros(12)), "12 us");
/// assert_eq!(story::words::time(Duration::from_micros(12_345)), "12.345 ms");
/// assert_eq!(story::words::time(Duration::from_secs(12)), "12 s");
/// assert_eq!(story::words::time(Duration::from_millis(12_340)), "12.340 s");
/// assert_eq!(story::words::time(Duration::from_micros(12_345_670)), "12.345670 s");
/// ```
pub fn time(time: Duration) -> String {
    match time.as_micros() {
        0 => "0 ms".to_owned(),
        us @ 1..1000 => format!("{us} us"),
        us @ 1000..10_000_000 if us % 1000 == 0 => format!("{} ms", us / 1000),
        us @ 1000..10_000_000 => format!("{:.3} ms", us as f64 / 1000.0),
        us if us % 1_000_000 == 0 => format!("{} s", us / 1_000_000),
        us if us % 1000 == 0 => format!("{:.3} s", us as f64 / 1e6),
        us => format!("{:.6} s", us as f64 / 1e6),
    }
}

/// When a timer fires, seen from a moment: `fires at 12.340 s, in 340 ms`, or how late it is.
///
/// ```
/// use std::time::Duration;
///
/// let ms = Duration::from_millis;
/// assert_eq!(story::words::fires(12_340, ms(12_000)), "fires at 12.340 s, in 340 ms");
/// assert_eq!(story::words::fires(40, ms(41)), "was to fire at 40 ms, 1 ms ago");
/// ```
pub fn fires(tick: u64, now: Duration) -> String {
    let at = Duration::from_millis(tick);
    match at.checked_sub(now) {
        Some(left) => format!("fires at {}, in {}", time(at), time(left)),
        None => format!("was to fire at {}, {} ago", time(at), time(now - at)),
    }
}

/// A number of things: `1 timer`, `2 timers`.
///
/// ```
/// assert_eq!(story::words::count(1, "timer"), "1 timer");
/// assert_eq!(story::words::count(2, "timer"), "2 timers");
/// ```
pub fn count(number: usize, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    }
}

/// The text in lines of at most `width` letters, as far as its words allow.
///
/// ```
/// assert_eq!(story::words::wrap("one two three", 8), "one two\nthree");
/// ```
pub fn wrap(text: &str, width: usize) -> String {
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

/// With a capital.
pub(crate) fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// Who or what has woken a task, in words that follow "woken".
///
/// ```
/// use runtime::trace::Cause;
///
/// assert_eq!(story::words::cause(Cause::Timer(3)), "by timer 3");
/// assert_eq!(story::words::cause(Cause::Owner), "by the program, outside of all tasks");
/// ```
pub fn cause(by: Cause) -> String {
    match by {
        Cause::Task(task) => format!("by task {task}"),
        Cause::Timer(timer) => format!("by timer {timer}"),
        Cause::Source(source, _) => format!("by source {source}"),
        Cause::Job(job) => format!("by job {job}"),
        Cause::Outside => "by another thread".to_owned(),
        _ => "by the program, outside of all tasks".to_owned(),
    }
}

/// A task, or the program outside of any task.
pub(crate) fn who(running: Option<u64>, states: [&Snapshot; 2]) -> String {
    running.map_or("the program".to_owned(), |it| task(it, states))
}

/// So many holders and waiters are named.
const MOST: usize = 100;

/// What there is to say of a thing that tasks share: who holds it, what lies in it, who waits.
///
/// ```
/// use runtime::sync::mpsc;
///
/// let runtime = runtime::runtime::Runtime::new()?;
/// runtime.trace().observe();
/// let (sender, _receiver) = mpsc::channel(2);
/// let _inside = runtime.enter();
/// sender.try_send("wool").unwrap();
/// let state = runtime.snapshot();
/// let (number, view) = state.shared.first_key_value().unwrap();
/// assert_eq!(story::words::shared(*number, view, &state), "holds 1 message of at most 2");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn shared(number: u64, view: &SharedView, state: &Snapshot) -> String {
    shared_and_given(number, Some(view), None, state)
}

/// The same of a thing, or a part of it, that was [given](crate::given()) to tasks that have not taken it yet.
///
/// ```
/// let state = runtime::runtime::Runtime::new()?.snapshot();
/// let (kind, tasks) = (runtime::trace::Shared::Mutex, vec![2]);
/// let given = story::Given { kind, tasks };
/// let said = story::words::shared_and_given(1, None, Some(&given), &state);
/// assert_eq!(said, "given to task 2, which has not taken it yet");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn shared_and_given(
    number: u64,
    view: Option<&SharedView>,
    given: Option<&Given>,
    state: &Snapshot,
) -> String {
    let name = |it: u64| task(it, [state, state]);
    let tasks = given.map_or(&[][..], |given| &given.tasks);
    let what = match given.map(|given| given.kind) {
        Some(Shared::MpscMessage) => "a place given",
        Some(Shared::Semaphore) => "a part given",
        _ => "given",
    };
    let mut said = view.map_or(Vec::new(), |view| held(view, state));
    let given_to = |it: &u64| format!("{what} to {}, which has not taken it yet", name(*it));
    said.extend(tasks.iter().take(MOST).map(given_to));
    let waiters = state.waiters(number).filter(|it| !tasks.contains(it));
    let waiters: Vec<String> = waiters.take(MOST).map(name).collect();
    if !waiters.is_empty() {
        said.push(format!("awaited by {}", waiters.join(", ")));
    }
    said.join("; ")
}

/// What lies in it, and who holds it.
fn held(view: &SharedView, state: &Snapshot) -> Vec<String> {
    let mut said = Vec::new();
    if view.kind == Shared::Notify && view.length > 0 {
        said.push("keeps a call".to_owned());
    } else if view.length > 0 {
        let bound = view.bound.map(|bound| format!(" of at most {bound}"));
        let messages = count(view.length, "message");
        said.push(format!("holds {messages}{}", bound.unwrap_or_default()));
    }
    let held = |holder: &Holder| {
        let (who, at) = (who(holder.task, [state, state]), place::short(holder.at));
        match view.kind {
            Shared::MpscMessage => format!("a place reserved by {who}, at {at}"),
            _ => format!("held by {who}, which took it at {at}"),
        }
    };
    said.extend(view.holders.iter().take(MOST).map(held));
    said
}
