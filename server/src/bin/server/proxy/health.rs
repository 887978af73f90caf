//! Whether a backend gets requests.
//!
//! ```text
//!            `fall` failures in a row, of checks or of requests
//!      up ─────────────────────────────────────────────────────▶ down
//!         ◀─────────────────────────────────────────────────────
//!            `rise` good checks in a row
//! ```
//!
//! One failure says little: a packet was lost, a process was started anew. So it takes several, and
//! they must be in a row. Checks and requests are counted apart. How it can go wrong otherwise: a
//! backend that is about to end says so to checks (503) and still answers requests, and each
//! answer would wipe out a failed check.
//!
//! What requests say of a backend that is down is old news and is not counted.

use std::cell::Cell;

/// The state of one backend.
#[derive(Debug)]
pub(crate) struct Health {
    fall: u32,
    rise: u32,
    is_up: Cell<bool>,
    /// Checks in a row that speak against the present state.
    checks: Cell<u32>,
    /// Requests in a row that have failed.
    requests: Cell<u32>,
}

/// What has happened to the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    None,
    Ejected,
    Returned,
}

impl Health {
    /// A backend is up until something speaks against it.
    pub(crate) fn new(fall: u32, rise: u32) -> Self {
        Health {
            fall,
            rise,
            is_up: Cell::new(true),
            checks: Cell::new(0),
            requests: Cell::new(0),
        }
    }

    pub(crate) fn is_up(&self) -> bool {
        self.is_up.get()
    }

    /// A check has ended.
    pub(crate) fn checked(&self, is_good: bool) -> Change {
        let is_up = self.is_up();
        let most = if is_up { self.fall } else { self.rise };
        self.count(&self.checks, is_good != is_up, most)
    }

    /// A request has been answered, or has failed.
    pub(crate) fn requested(&self, is_good: bool) -> Change {
        match self.is_up() {
            true => self.count(&self.requests, !is_good, self.fall),
            false => Change::None,
        }
    }

    fn count(&self, streak: &Cell<u32>, is_against: bool, most: u32) -> Change {
        if !is_against {
            streak.set(0);
            return Change::None;
        }
        streak.set(streak.get() + 1);
        if streak.get() < most {
            return Change::None;
        }
        self.checks.set(0);
        self.requests.set(0);
        self.is_up.set(!self.is_up());
        match self.is_up() {
            true => Change::Returned,
            false => Change::Ejected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_failures_in_a_row_to_be_ejected_and_good_checks_in_a_row_to_return() {
        let health = Health::new(3, 2);
        for is_good in [false, false, true, false, false] {
            assert_eq!(health.checked(is_good), Change::None);
        }
        assert!(health.is_up());
        assert_eq!(health.checked(false), Change::Ejected);
        for is_good in [true, false, true] {
            assert_eq!(health.checked(is_good), Change::None);
        }
        assert_eq!(health.checked(true), Change::Returned);
        assert!(health.is_up());
    }

    #[test]
    fn good_requests_do_not_hide_failed_checks_and_do_not_bring_a_backend_back() {
        let health = Health::new(2, 1);
        assert_eq!(health.checked(false), Change::None);
        assert_eq!(health.requested(true), Change::None);
        assert_eq!(health.checked(false), Change::Ejected);
        assert_eq!(health.requested(true), Change::None);
        assert_eq!(health.requested(false), Change::None);
        assert!(!health.is_up());
        assert_eq!(health.checked(true), Change::Returned);
        assert_eq!(health.requested(false), Change::None);
        assert_eq!(health.requested(false), Change::Ejected);
    }
}
