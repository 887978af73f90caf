//! Runs the cases of a check, and says in words what is wrong.
//!
//! Each case runs on a thread of its own, so that it begins with fresh thread-locals. The first panic, of
//! whatever thread, is the verdict: it is put into words, with the account of what happened before, and the
//! process ends. (Nothing is unwound. A hole in a destructor would otherwise panic a second time, and the
//! process would abort with a page of backtraces.) A case that takes too long hangs: that is a verdict, too.

use crate::{account, kernel};
use std::any::Any;
use std::cell::Cell;
use std::fmt::Write;
use std::panic::{self, PanicHookInfo};
use std::path::Path;
use std::process::exit;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// One thing that a stage must do right.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// What is right: `a wake before the wait is not lost`.
    pub name: &'static str,
    /// Uses the work, and calls [`fail`] if something is wrong.
    pub run: fn(),
    /// What it means if it hangs, in words.
    pub hangs: &'static str,
}

/// What a stage is about.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// In a few words.
    pub title: &'static str,
    /// The stops of NOTES.md that tell of it.
    pub stops: &'static str,
    /// In the order in which they are tried.
    pub cases: &'static [Case],
}

/// The process ends with it if a case has gone wrong.
pub const WRONG: i32 = 1;
/// The process ends with it if a hole was met.
pub const NOT_WRITTEN: i32 = 2;

/// After so many seconds a case hangs. The variable of the environment is for the lab's own tests.
fn patience() -> Duration {
    let seconds = std::env::var("LAB_SECONDS")
        .ok()
        .and_then(|it| it.parse().ok());
    Duration::from_secs(seconds.unwrap_or(5))
}

/// What is wrong, as a check says it.
struct Words(String);

/// Ends the case: `words` say what is wrong.
pub fn fail(words: &str) -> ! {
    panic::panic_any(Words(words.to_owned()))
}

/// Ends the case with `words` if what ought to hold does not.
pub fn expect(holds: bool, words: &str) {
    if !holds {
        fail(words);
    }
}

thread_local!(static HANGS: Cell<&'static str> = const { Cell::new("") });

/// What the case that runs on this thread says of a machine that sleeps for ever.
pub(crate) fn what_a_hang_means() -> &'static str {
    HANGS.get()
}

/// What is known up to now, and the case that runs.
struct Report {
    lines: String,
    case: &'static str,
    /// What it means if the case turns in a circle; empty: there is no word for it.
    turns: &'static str,
}

static REPORT: Mutex<Report> = Mutex::new(Report {
    lines: String::new(),
    case: "",
    turns: "",
});

/// Runs the cases in order. If all are right, it returns what is to be printed, `heading` first. Otherwise it
/// prints this and what is wrong, and ends the process.
pub fn examine(heading: String, check: &Check) -> String {
    panic::set_hook(Box::new(on_panic));
    report().lines = heading;
    for case in check.cases {
        (report().case, report().turns) = (case.name, "");
        account::take();
        run(case);
        let _ = writeln!(report().lines, "  right  {}", case.name);
    }
    std::mem::take(&mut report().lines)
}

fn report() -> MutexGuard<'static, Report> {
    REPORT.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run(case: &'static Case) {
    let (done, is_done) = mpsc::channel();
    let thread = thread::Builder::new()
        .name("the case".to_owned())
        .spawn(move || {
            account::listen();
            HANGS.set(case.hangs);
            (case.run)();
            let _ = done.send(());
        });
    let thread = thread.expect("the system has room for a thread");
    match is_done.recv_timeout(patience()) {
        // Its thread-locals are dropped now, and they are the learner's, too.
        Ok(()) => drop(thread.join()),
        Err(RecvTimeoutError::Timeout) => verdict(&hangs(case)),
        // It has panicked, and the hook ends the process.
        Err(RecvTimeoutError::Disconnected) => drop(thread.join()),
    }
}

/// What it means that a case takes so long.
fn hangs(case: &Case) -> String {
    let waited = patience().as_secs();
    let (state, meaning) = match (kernel::is_asleep(), report().turns) {
        (true, _) => ("Your thread sleeps.", case.hangs),
        (false, "") => (
            "Your thread does not sleep: it turns in a circle, or waits for a lock that it holds.",
            case.hangs,
        ),
        (false, turns) => ("Your thread does not sleep: it turns in a circle.", turns),
    };
    format!("It hangs: the lab has waited for {waited} seconds. {state} {meaning}")
}

/// From now on, if the case that runs hangs and its thread does not sleep, `words` say what that means, in place of
/// [`Case::hangs`].
pub fn if_it_turns(words: &'static str) {
    report().turns = words;
}

fn on_panic(info: &PanicHookInfo<'_>) {
    if let Some(Words(words)) = info.payload().downcast_ref::<Words>() {
        verdict(words);
    }
    let said = message(info.payload());
    let place = info.location().map_or(String::new(), |it| {
        format!("{}:{}", short(it.file()), it.line())
    });
    if let Some(hole) = said.strip_prefix("not yet implemented") {
        let hole = hole.strip_prefix(": ").unwrap_or("a `todo!()` of yours");
        // Held to the end: of two threads that have something to say, one is heard.
        let report = report();
        let gap = if report.lines.ends_with("\n\n") {
            ""
        } else {
            "\n"
        };
        let words = wrapped(&format!("not written yet: {hole}"), 2);
        println!("{}{gap}  {words}", report.lines);
        println!("  at {place}");
        exit(NOT_WRITTEN);
    }
    verdict(&in_words(&said, &place));
}

const BORROWED: &str = "A RefCell is borrowed while code runs that is not yours (a poll, a wake, a drop), and that \
                        code comes back to your machine. Collect what you need, let go of the borrow, and only then \
                        call or drop.";
const NO_PLACE: &str = "The slab has no such place, or has it no more. What asks for a place that may be gone asks by \
                        `get_mut`.";
const PAST: &str = "A duration cannot be less than nothing. Perhaps the clock is past the deadline already, as a task \
                    has computed for long: `saturating_sub` gives zero then.";

/// What a panic says in part, and what it means here.
const MEANINGS: [(&str, &str); 4] = [
    ("already borrowed", BORROWED),
    ("already mutably borrowed", BORROWED),
    ("invalid key", NO_PLACE),
    ("overflow when subtracting durations", PAST),
];

/// What a panic means.
fn in_words(said: &str, place: &str) -> String {
    if said.contains("resumed after completion") {
        return format!(
            "Your code has polled a future once more that had said Ready. It is an async block or fn, at {place}, and \
             such a future panics then: {said}. Look at what polls it: it must remember that the future was ready, \
             and keep its output."
        );
    }
    let is_yours = !["checks", "solutions", "src"]
        .iter()
        .any(|folder| place.starts_with(&format!("examples/lab/{folder}/")));
    let who = if is_yours {
        "Your code panics"
    } else {
        "What your code does makes other code panic,"
    };
    let meaning = MEANINGS.iter().find(|it| said.contains(it.0));
    let meaning = meaning.map_or(String::new(), |it| format!("\n\n{}", it.1));
    format!("{who} at {place}: {said}.{meaning}")
}

fn message(payload: &dyn Any) -> String {
    let text = payload.downcast_ref::<&str>().map(|it| (*it).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "it does not say why".to_owned())
}

/// A path as the learner sees it: from the top of the repository, and without detours.
fn short(file: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let below = root.and_then(|root| Path::new(file).strip_prefix(root).ok());
    let path = below.unwrap_or(Path::new(file));
    if path.is_absolute() {
        return file.to_owned();
    }
    let mut parts = Vec::new();
    for part in path.components() {
        if part.as_os_str() == ".." {
            parts.pop();
        } else {
            parts.push(part.as_os_str().to_string_lossy());
        }
    }
    parts.join("/")
}

/// Says what is wrong, and what happened before, and ends the process.
fn verdict(words: &str) -> ! {
    let report = report();
    println!("{}  WRONG  {}\n", report.lines, report.case);
    for paragraph in words.split("\n\n") {
        println!("  {}\n", wrapped(paragraph, 2));
    }
    let lines = account::take();
    if !lines.is_empty() {
        println!("  What happened:");
        for line in lines {
            println!("    {}", wrapped(&line, 6));
        }
    }
    exit(WRONG)
}

/// Lines of at most a hundred signs, the second and the later ones indented. A line of the text stays one.
fn wrapped(text: &str, indent: usize) -> String {
    let mut lines = Vec::new();
    for words in text.lines() {
        let mut line = String::new();
        for word in words.split(' ') {
            if !line.is_empty() && indent + line.len() + 1 + word.len() > 100 {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
        lines.push(line);
    }
    lines.join(&format!("\n{}", " ".repeat(indent)))
}
