//! What is wrong with a backend, said on standard error.
//!
//! The client is told in a plain sentence that there is no answer. Where the backend is, and what the system says of it,
//! is for the person who runs this server: so it is written here.
//!
//! How it can go wrong: a thousand requests fail in a second, and the log is full of one thing. So a backend gets a
//! line a second at most, and the next line says how many were left out.

use std::cell::Cell;
use std::time::Duration;

use runtime::time::Instant;
use server::console;

const PAUSE: Duration = Duration::from_secs(1);

/// The complaints about one backend.
#[derive(Debug, Default)]
pub(crate) struct Complaints {
    last: Cell<Option<Instant>>,
    left_out: Cell<u64>,
}

impl Complaints {
    /// Says what is wrong, unless something was said a moment ago.
    pub(crate) fn say(&self, backend: &str, what: &str) {
        if let Some(line) = self.line(backend, what) {
            console::stderr().print(line);
        }
    }

    fn line(&self, backend: &str, what: &str) -> Option<String> {
        if self.last.get().is_some_and(|last| last.elapsed() < PAUSE) {
            self.left_out.set(self.left_out.get() + 1);
            return None;
        }
        self.last.set(Some(Instant::now()));
        let left_out = match self.left_out.take() {
            0 => String::new(),
            count => format!(" (and {count} failures before)"),
        };
        Some(format!("server: the backend {backend} {what}{left_out}\n"))
    }
}

#[cfg(test)]
mod tests {
    use runtime::time::advance;

    use super::*;

    #[runtime::test(start_paused = true)]
    async fn one_line_a_second_is_written_and_the_others_are_counted() {
        let complaints = Complaints::default();
        let line = || complaints.line("a:80", "fails");
        assert_eq!(line().unwrap(), "server: the backend a:80 fails\n");
        assert_eq!((line(), line()), (None, None));
        advance(PAUSE).await;
        let said = "server: the backend a:80 fails (and 2 failures before)\n";
        assert_eq!(line().unwrap(), said);
        advance(PAUSE).await;
        assert_eq!(line().unwrap(), "server: the backend a:80 fails\n");
    }
}
