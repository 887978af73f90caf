//! Runs the cases of a check, and says in words what is wrong.
//!
//! Each case runs on a thread of its own, so that it begins with fresh thread-locals. The first panic, of
//! whatever thread, is the verdict: it is put into words, with the account of what happened before, and the
//! process ends. (Nothing is unwound. A hole in a destructor would otherwise panic a second time, and the
//! process would abort with a page of backtraces.) A case that takes too long hangs: that is a verdict, too.

use crate::account;
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
}

static REPORT: Mutex<Report> = Mutex::new(Report {
    lines: String::new(),
    case: "",
});

/// Runs the cases in order. If all are right, it returns what is to be printed, `heading` first. Otherwise it
/// prints this and what is wrong, and ends the process.
pub fn examine(heading: String, check: &Check) -> String {
    panic::set_hook(Box::new(on_panic));
    report().lines = heading;
    for case in check.cases {
        report().case = case.name;
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
        Err(RecvTimeoutError::Timeout) => verdict(&format!(
            "It hangs: the lab has waited for {} seconds. {}",
            patience().as_secs(),
            case.hangs
        )),
        // It has panicked, and the hook ends the process.
        Err(RecvTimeoutError::Disconnected) => drop(thread.join()),
    }
}

fn on_panic(info: &PanicHookInfo<'_>) {
    if let Some(Words(words)) = info.payload().downcast_ref::<Words>() {
        verdict(words);
    }
    let said = message(info.payload());
    let place = info.location().map_or(String::new(), |it| {
        format!("{}:{}", short(it.file()), it.line())
    });
    if let Some(hole) = said.strip_prefix("not yet implemented: ") {
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
    let meaning = if said.contains("already borrowed") || said.contains("already mutably borrowed")
    {
        "\n\nA RefCell is borrowed while code runs that is not yours (a poll, a wake, a drop), and that code \
         comes back to your machine. Collect what you need, let go of the borrow, and only then call."
    } else {
        ""
    };
    verdict(&format!("Your code panics at {place}: {said}.{meaning}"));
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

/// Lines of at most a hundred signs, the second and the later ones indented.
fn wrapped(text: &str, indent: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is one");
        if !line.is_empty() && indent + line.len() + 1 + word.len() > 100 {
            lines.push(word.to_owned());
        } else {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
    }
    lines.join(&format!("\n{}", " ".repeat(indent)))
}
