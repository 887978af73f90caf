//! Which backend gets the next request.
//!
//! Only backends that are healthy, have a connection to spare and have not been tried for this
//! request come into question. *Round robin* takes them in turn. *Least connections* takes the one
//! with the fewest requests under way: a backend that is slow today has more of them, and gets
//! fewer new ones. How it can go wrong: with two equals, always the first. So equals are taken in
//! turn.

use std::cell::Cell;
use std::rc::Rc;

use super::backend::Backend;
use super::options::Balance;

/// The backends, and whose turn it is.
pub(crate) struct Balancer {
    backends: Vec<Rc<Backend>>,
    rule: Balance,
    next: Cell<usize>,
}

impl Balancer {
    pub(crate) fn new(backends: Vec<Rc<Backend>>, rule: Balance) -> Self {
        Balancer {
            backends,
            rule,
            next: Cell::new(0),
        }
    }

    pub(crate) fn backends(&self) -> &[Rc<Backend>] {
        &self.backends
    }

    /// A backend that is not among those `tried`.
    pub(crate) fn choose(&self, tried: &[Rc<Backend>]) -> Option<Rc<Backend>> {
        let count = self.backends.len();
        let in_turn = (0..count).map(|step| (self.next.get() + step) % count);
        let mut fitting = in_turn.filter(|at| {
            let backend = &self.backends[*at];
            let is_tried = tried.iter().any(|one| Rc::ptr_eq(one, backend));
            backend.health.is_up() && !backend.is_full() && !is_tried
        });
        let chosen = match self.rule {
            Balance::RoundRobin => fitting.next(),
            // Of equals, this takes the first.
            Balance::LeastConnections => fitting.min_by_key(|at| self.backends[*at].in_use()),
        }?;
        self.next.set((chosen + 1) % count);
        Some(self.backends[chosen].clone())
    }

    pub(crate) fn is_any_up(&self) -> bool {
        self.backends.iter().any(|backend| backend.health.is_up())
    }
}
