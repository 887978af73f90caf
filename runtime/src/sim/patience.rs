//! Says that the simulation waits for work on another thread that does not end.
//!
//! While a host has such work, no simulated time passes, so no timeout of the program can end the wait. A test that
//! hangs there would say nothing, not even its seed. So a thread looks on: of each wait that takes very long it tells
//! once, on standard error. It is started with the first wait, and ends with the simulation.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// So long a wait is nothing to speak of.
const LONG: Duration = Duration::from_secs(10);

/// See the file's heading.
pub(super) struct Patience {
    after: Duration,
    tell: fn(&str),
    looks_on: Option<Arc<Shared>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Since when something is waited for, and what is to be told of it.
    waits: Option<(Instant, String)>,
    is_over: bool,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            after: LONG,
            tell: |text| eprintln!("{text}"),
            looks_on: None,
        }
    }
}

impl Patience {
    /// Calls `wait`. If it takes long, `text` is told meanwhile.
    pub(super) fn during<R>(&mut self, text: String, wait: impl FnOnce() -> R) -> R {
        let shared = self.looks_on.get_or_insert_with(|| {
            let shared = Arc::new(Shared::default());
            let (looks_on, after, tell) = (Arc::clone(&shared), self.after, self.tell);
            // Without a thread it is not told, and all else is the same.
            drop(thread::Builder::new().spawn(move || looks_on.look(after, tell)));
            shared
        });
        shared.set(Some((Instant::now(), text)));
        let done = wait();
        shared.set(None);
        done
    }
}

impl Drop for Patience {
    fn drop(&mut self) {
        if let Some(shared) = &self.looks_on {
            shared.lock().is_over = true;
            shared.changed.notify_one();
        }
    }
}

impl Shared {
    fn set(&self, waits: Option<(Instant, String)>) {
        let begins = waits.is_some();
        self.lock().waits = waits;
        if begins {
            self.changed.notify_one();
        }
    }

    fn look(&self, after: Duration, tell: fn(&str)) {
        let mut state = self.lock();
        while !state.is_over {
            let now = Instant::now();
            let left = state
                .waits
                .as_ref()
                .map(|(since, _)| after.saturating_sub(now - *since));
            state = match left {
                None => self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => {
                    let told = state.waits.take();
                    drop(state);
                    told.iter().for_each(|(_, text)| tell(text));
                    self.lock()
                }
                Some(left) => {
                    let woken = self.changed.wait_timeout(state, left);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    static TOLD: Mutex<Option<mpsc::Sender<String>>> = Mutex::new(None);

    #[test]
    fn a_wait_that_takes_long_is_told_once() {
        let (sender, told) = mpsc::channel();
        TOLD.lock().unwrap().replace(sender);
        let mut patience = Patience {
            after: Duration::ZERO,
            tell: |text| {
                let sender = TOLD.lock().unwrap();
                sender.as_ref().unwrap().send(text.to_owned()).unwrap();
            },
            looks_on: None,
        };
        for round in ["first", "second"] {
            let heard = patience.during(round.to_owned(), || told.recv().unwrap());
            assert_eq!(heard, round);
        }
        drop(patience);
        assert!(told.try_recv().is_err(), "each was told once");
    }
}
