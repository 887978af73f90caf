//! Whether a backend gets requests.
//!
//! ```text
//!            `fall` failed checks in a row;
//!            or one, when `fall` requests in a row have failed
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
//! Requests that fail raise a suspicion, and no more: the backend is checked at once, and the check
//! decides. How it can go wrong otherwise: a path whose answer is always broken, or always late. One
//! visitor who asks for it again and again would take a healthy backend away from all others. Only
//! this program chooses what a check asks for. A backend that is gone is ejected as quickly as ever, as
//! the check follows the failures within a moment.
//!
//! The price: a backend that answers checks and nothing else keeps getting requests. So
//! `--backend-health-path` should lead to what requests need.
//!
//! What requests say of a backend that is down is old news and is not counted.

use std::cell::Cell;

use runtime::sync::Notify;

/// The state of one backend.
#[derive(Debug)]
pub(crate) struct Health {
    fall: u32,
    rise: u32,
    is_up: Cell<bool>,
    /// Checks in a row that speak against the present state.
    checks: Cell<u32>,
    /// Requests in a row that have failed, since the last good check.
    requests: Cell<u32>,
    suspicion: Notify,
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
            suspicion: Notify::new(),
        }
    }

    pub(crate) fn is_up(&self) -> bool {
        self.is_up.get()
    }

    /// A check has ended.
    pub(crate) fn checked(&self, is_good: bool) -> Change {
        let is_up = self.is_up();
        let most = match is_up {
            true if self.is_suspect() => 1,
            true => self.fall,
            false => self.rise,
        };
        if is_good {
            self.requests.set(0);
        }
        if is_good == is_up {
            self.checks.set(0);
            return Change::None;
        }
        self.checks.set(self.checks.get() + 1);
        if self.checks.get() < most {
            return Change::None;
        }
        self.checks.set(0);
        self.requests.set(0);
        self.is_up.set(!is_up);
        match is_up {
            true => Change::Ejected,
            false => Change::Returned,
        }
    }

    /// A request has been answered, or has failed.
    pub(crate) fn requested(&self, is_good: bool) {
        if is_good || !self.is_up() {
            self.requests.set(0);
            return;
        }
        self.requests.set(self.requests.get().saturating_add(1));
        if self.requests.get() == self.fall {
            self.suspicion.notify_one();
        }
    }

    /// Waits until requests have made the backend suspect: it is to be checked.
    ///
    /// Cancel safe.
    pub(crate) async fn suspicion(&self) {
        self.suspicion.notified().await;
    }

    fn is_suspect(&self) -> bool {
        self.requests.get() >= self.fall
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
        health.requested(true);
        assert_eq!(health.checked(false), Change::Ejected);
        health.requested(true);
        assert!(!health.is_up());
        assert_eq!(health.checked(true), Change::Returned);
    }

    #[test]
    fn after_failed_requests_in_a_row_one_check_decides() {
        let health = Health::new(3, 1);
        let request = |outcomes: &[bool]| outcomes.iter().for_each(|good| health.requested(*good));
        request(&[false, false, true, false, false]);
        assert_eq!(health.checked(false), Change::None, "not in a row");
        assert_eq!(health.checked(true), Change::None);
        request(&[false; 10]);
        assert!(health.is_up(), "requests alone eject nobody");
        assert_eq!(health.checked(true), Change::None);
        assert_eq!(health.checked(false), Change::None, "it was well");
        request(&[false; 3]);
        assert_eq!(health.checked(false), Change::Ejected);
        request(&[false; 3]);
        assert_eq!(health.checked(true), Change::Returned);
        assert_eq!(health.checked(false), Change::None, "old news");
    }
}
