//! What is counted.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Duration;

/// How many failures are told in full.
const MOST_TOLD: usize = 20;

#[derive(Default)]
struct Line {
    requests: u64,
    errors: u64,
    slowest: Duration,
}

/// The counts of all clients.
#[derive(Default)]
pub(crate) struct Table {
    /// By route and method.
    good: RefCell<BTreeMap<(&'static str, String), Line>>,
    bad: RefCell<BTreeMap<&'static str, u64>>,
    failures: RefCell<Vec<String>>,
}

impl Table {
    /// A good client asked, and this is what came of it. An error comes back with the route.
    pub(crate) fn good<T>(
        &self,
        method: impl Display,
        route: &'static str,
        took: Duration,
        outcome: Result<T, String>,
    ) -> Result<T, String> {
        let mut good = self.good.borrow_mut();
        let line = good.entry((route, method.to_string())).or_default();
        line.requests += 1;
        line.slowest = line.slowest.max(took);
        outcome.map_err(|error| {
            line.errors += 1;
            format!("{method} {route}: {error}")
        })
    }

    /// A bad client of this kind has done its worst.
    pub(crate) fn bad(&self, kind: &'static str) {
        *self.bad.borrow_mut().entry(kind).or_default() += 1;
    }

    pub(crate) fn fail(&self, what: String) {
        let mut failures = self.failures.borrow_mut();
        match failures.len() {
            ..MOST_TOLD => failures.push(what),
            MOST_TOLD => failures.push("and more, see the table".to_owned()),
            _ => {}
        }
    }

    pub(crate) fn failures(&self) -> Vec<String> {
        self.failures.borrow().clone()
    }

    /// Whether the route was asked in this way.
    pub(crate) fn has(&self, method: &str, route: &str) -> bool {
        let good = self.good.borrow();
        let mut asked = good.keys();
        asked.any(|(path, asked)| *path == route && asked == method)
    }

    pub(crate) fn print(&self) {
        println!(
            "\n{:<40}{:>10}{:>8}{:>12}",
            "good clients", "requests", "errors", "slowest ms"
        );
        let (mut requests, mut errors) = (0, 0);
        for ((route, method), line) in &*self.good.borrow() {
            let name = format!("{method} {route}");
            let slowest = line.slowest.as_millis();
            println!(
                "{name:<40}{:>10}{:>8}{slowest:>12}",
                line.requests, line.errors
            );
            requests += line.requests;
            errors += line.errors;
        }
        println!("{:<40}{requests:>10}{errors:>8}", "all");
        println!("\n{:<40}{:>10}", "bad clients", "times");
        for (kind, times) in &*self.bad.borrow() {
            println!("{kind:<40}{times:>10}");
        }
    }
}
