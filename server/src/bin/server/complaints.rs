//! What goes wrong with a request, said on standard error.
//!
//! The client is told in a plain sentence that it got no answer. Where a backend is, what the system or the database says,
//! is for the person who runs this server: so it is written here.
//!
//! How it can go wrong: a thousand requests fail in a second, and the log is full of one thing. So a subject (a backend,
//! a service) gets a line a second at most, and the next line says how many were left out.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Duration;

use runtime::time::Instant;
use server::console;

const PAUSE: Duration = Duration::from_secs(1);

thread_local! {
    static OF_SERVICES: RefCell<BTreeMap<&'static str, Complaints>> = const { RefCell::new(BTreeMap::new()) };
}

/// Says what is wrong with a service, unless something was said of it a moment ago.
pub(crate) fn complain(service: &'static str, what: impl Display) {
    OF_SERVICES.with_borrow_mut(|all| {
        let complaints = all.entry(service).or_default();
        complaints.say(format_args!("{service}: {what}"));
    });
}

/// The complaints about one subject.
#[derive(Debug, Default)]
pub(crate) struct Complaints {
    last: Cell<Option<Instant>>,
    left_out: Cell<u64>,
}

impl Complaints {
    /// Says what is wrong, unless something was said a moment ago.
    pub(crate) fn say(&self, what: impl Display) {
        if let Some(line) = self.line(what) {
            console::stderr().print(line);
        }
    }

    fn line(&self, what: impl Display) -> Option<String> {
        if self.last.get().is_some_and(|last| last.elapsed() < PAUSE) {
            self.left_out.set(self.left_out.get() + 1);
            return None;
        }
        self.last.set(Some(Instant::now()));
        let left_out = match self.left_out.take() {
            0 => String::new(),
            count => format!(" (and {count} failures before)"),
        };
        Some(format!("server: {what}{left_out}\n"))
    }
}

#[cfg(test)]
mod tests {
    use runtime::time::advance;

    use super::*;

    #[runtime::test(start_paused = true)]
    async fn one_line_a_second_is_written_and_the_others_are_counted() {
        let complaints = Complaints::default();
        let line = || complaints.line("items: no");
        assert_eq!(line().unwrap(), "server: items: no\n");
        assert_eq!((line(), line()), (None, None));
        advance(PAUSE).await;
        assert_eq!(
            line().unwrap(),
            "server: items: no (and 2 failures before)\n"
        );
        advance(PAUSE).await;
        assert_eq!(line().unwrap(), "server: items: no\n");
    }

    #[runtime::test(start_paused = true)]
    async fn each_service_has_its_own_lines() {
        for _ in 0..3 {
            complain("first", "no");
        }
        complain("second", "no");
        let left_out = OF_SERVICES.with_borrow(|all| {
            let left_out = |service| all[service].left_out.get();
            [left_out("first"), left_out("second")]
        });
        assert_eq!(left_out, [2, 0]);
    }
}
