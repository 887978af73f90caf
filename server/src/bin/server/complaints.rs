//! What goes wrong with a request, or in the background, said on standard error.
//!
//! The client is told in a plain sentence that it got no answer. Where a backend is, what the system or the database says,
//! is for the person who runs this server: so it is written here.
//!
//! How it can go wrong: a thousand requests fail in a second, and the log is full of one thing. So the same sentence about
//! a subject (a backend, a service) is written once a second at most, and no more than ten sentences about one are. The
//! next line says how many were left out.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Duration;

use runtime::time::Instant;
use server::console;

const PAUSE: Duration = Duration::from_secs(1);

/// So many different sentences about a subject are written in that time.
const MOST: usize = 10;

thread_local! {
    static OF_SUBJECTS: RefCell<BTreeMap<&'static str, Complaints>> = const { RefCell::new(BTreeMap::new()) };
}

/// Says what is wrong with a subject, unless that was said a moment ago.
pub(crate) fn complain(subject: &'static str, what: impl Display) {
    OF_SUBJECTS.with_borrow_mut(|all| {
        let complaints = all.entry(subject).or_default();
        complaints.say(format_args!("{subject}: {what}"));
    });
}

/// The complaints about one subject.
#[derive(Debug, Default)]
pub(crate) struct Complaints {
    /// When the first of those that were said last was said.
    since: Cell<Option<Instant>>,
    said: RefCell<Vec<String>>,
    left_out: Cell<u64>,
}

impl Complaints {
    /// Says what is wrong, unless that was said a moment ago.
    pub(crate) fn say(&self, what: impl Display) {
        if let Some(line) = self.line(what) {
            console::stderr().print(line);
        }
    }

    fn line(&self, what: impl Display) -> Option<String> {
        let mut said = self.said.borrow_mut();
        if self
            .since
            .get()
            .is_none_or(|since| since.elapsed() >= PAUSE)
        {
            self.since.set(Some(Instant::now()));
            said.clear();
        }
        let what = one_line(&what.to_string());
        if said.len() == MOST || said.contains(&what) {
            self.left_out.set(self.left_out.get() + 1);
            return None;
        }
        let left_out = match self.left_out.take() {
            0 => String::new(),
            count => format!(" (left out before it: {count})"),
        };
        let line = format!("server: {what}{left_out}\n");
        said.push(what);
        Some(line)
    }
}

/// The same text in one line. Databases say what they say in several.
pub(crate) fn one_line(text: &str) -> String {
    let ends_a_line = |sign: char| sign.is_control() || "\u{2028}\u{2029}".contains(sign);
    let lines = text.split(ends_a_line).map(str::trim);
    let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}

#[cfg(test)]
mod tests {
    use runtime::time::advance;

    use super::*;

    #[runtime::test(start_paused = true)]
    async fn the_same_line_is_written_once_a_second_and_the_others_are_counted() {
        let complaints = Complaints::default();
        let line = || complaints.line("items: no");
        assert_eq!(line().unwrap(), "server: items: no\n");
        assert_eq!((line(), line()), (None, None));
        advance(PAUSE).await;
        assert_eq!(
            line().unwrap(),
            "server: items: no (left out before it: 2)\n"
        );
        advance(PAUSE).await;
        assert_eq!(line().unwrap(), "server: items: no\n");
    }

    #[runtime::test(start_paused = true)]
    async fn another_sentence_is_written_at_once_but_no_more_than_ten_are() {
        let complaints = Complaints::default();
        let written = |number: &usize| complaints.line(number).is_some();
        assert_eq!((0..20).filter(written).count(), MOST);
        advance(PAUSE).await;
        assert_eq!(
            complaints.line(20).unwrap(),
            "server: 20 (left out before it: 10)\n"
        );
    }

    #[runtime::test(start_paused = true)]
    async fn a_text_of_several_lines_is_one_line_of_the_log() {
        let line = Complaints::default()
            .line("no such table\n    in SELECT 1\r\n")
            .unwrap();
        assert_eq!(line, "server: no such table in SELECT 1\n");
    }

    #[runtime::test(start_paused = true)]
    async fn each_subject_has_its_own_lines() {
        for _ in 0..3 {
            complain("first", "no");
        }
        complain("second", "no");
        let left_out = OF_SUBJECTS.with_borrow(|all| {
            let left_out = |subject| all[subject].left_out.get();
            [left_out("first"), left_out("second")]
        });
        assert_eq!(left_out, [2, 0]);
    }
}
