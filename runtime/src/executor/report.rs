//! What the executor says of its polls, while somebody observes.
//!
//! These lines stand apart from those that poll, and all of them are cold: what a program always
//! does is not arranged around what it hardly ever does.

use std::sync::Arc;

use super::Executor;
use crate::coop;
use crate::task::Header;
use crate::trace::{End, Event, emit};

impl Executor {
    #[cold]
    pub(super) fn report_start(&self, task: u64) {
        // What was refused while nobody observed is nobody's news.
        coop::take_refused();
        emit!(self.trace, Event::PollStart { task });
    }

    #[cold]
    pub(super) fn report_end(&self, task: u64, ready: bool) {
        if coop::take_refused() {
            emit!(self.trace, Event::BudgetSpent { task });
        }
        let spent = coop::spent_so_far();
        emit!(self.trace, Event::PollEnd { task, ready, spent });
    }

    /// Says so, once, if nobody can ever wake this task again. It is news for a recording only:
    /// whoever looks at the machine itself sees how things stand (`views.rs`).
    #[cold]
    pub(super) fn report_if_stranded(&self, header: &Arc<Header>) {
        let task = header.task();
        if header.is_stranded() && !self.trace.present().is_stranded(task) {
            emit!(self.trace, Event::Stranded { task });
        }
    }

    /// Says of every task that waits whether anybody can wake it. Before the thread parks: a
    /// waker may have been dropped since the task's own poll.
    #[cold]
    #[inline(never)]
    pub(crate) fn report_stranded(&self, root: Option<&Arc<Header>>) {
        let tasks = self.tasks.borrow();
        let headers = tasks
            .iter()
            .filter_map(|(_, tenant)| tenant.header.as_ref());
        root.into_iter()
            .chain(headers)
            .for_each(|header| self.report_if_stranded(header));
    }

    #[cold]
    #[inline(never)]
    pub(super) fn report_ended(&self, task: u64, how: End) {
        emit!(self.trace, Event::Ended { task, how });
    }
}
