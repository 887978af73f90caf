//! What the executor polls: the task in a place of its slab, with what is known of it, and the
//! one future that has no place there.

use std::panic::Location;
use std::sync::Arc;
use std::task::Context;

use crate::task::{Header, TaskFuture};

/// A task at home in the slab: what a poll needs. Both are gone during one.
///
/// Two options, and not one of both: so each goes back by a store of its own. A pair would be put
/// together on the stack and copied two words at a time, and the processor cannot forward the
/// stores of one word to such a load; it waits, at every poll, a fifth of the poll's time.
pub(super) struct Tenant {
    pub(super) header: Option<Arc<Header>>,
    pub(super) future: Option<TaskFuture>,
    pub(super) about: About,
}

/// What is known of a task although nobody observes, for whoever asks what it is.
#[derive(Clone, Copy)]
pub(super) struct About {
    /// The line that spawned it.
    pub(super) at: &'static Location<'static>,
    /// In which second.
    pub(super) since: u32,
    /// How often it was polled, modulo 2³²: one instruction a poll is all that is spent on it.
    pub(super) polls: u32,
}

impl About {
    #[inline(always)]
    pub(super) fn polled(self) -> About {
        let polls = self.polls.wrapping_add(1);
        About { polls, ..self }
    }
}

/// The future that `block_on` was given. It is polled like a task but lives on the
/// caller's stack, not in the slab, because it may borrow from there.
pub(crate) struct Root<'a> {
    pub(crate) header: &'a Arc<Header>,
    /// Polls once; true when the future is at its end.
    pub(crate) poll: &'a mut dyn FnMut(&mut Context<'_>) -> bool,
}
