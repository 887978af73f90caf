//! A slot of the executor's slab: the task that lies there, and what is known of it.
//!
//! Hardly any task has a name. So a name is not a field of every task but an entry in a table of
//! those that have one, and the entry belongs to the task's future: it goes when the future goes, in
//! whatever way that happens.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;

use crate::machine::task::{Header, TaskFuture};

/// A task at home in the slab: what a poll needs. Both are gone during one.
///
/// Two options, and not one of both: so each goes back by a store of its own. A pair would be put
/// together on the stack and copied two words at a time, and the processor cannot forward the
/// stores of one word to such a load; it waits, at every poll, a fifth of the poll's time.
pub(super) struct TaskSlot {
    pub(super) header: Option<Arc<Header>>,
    pub(super) future: Option<TaskFuture>,
    pub(super) meta: TaskMeta,
}

/// What is known of a task also when it is not observed, for a dump.
#[derive(Clone, Copy)]
pub(super) struct TaskMeta {
    /// The line that spawned it.
    pub(super) at: &'static Location<'static>,
    /// In which second.
    pub(super) since: u32,
    /// How often it was polled, modulo 2³²: one instruction a poll is all that is spent on it.
    pub(super) polls: u32,
}

impl TaskMeta {
    #[inline(always)]
    pub(super) fn polled(self) -> TaskMeta {
        let polls = self.polls.wrapping_add(1);
        TaskMeta { polls, ..self }
    }
}

/// Names, by the numbers of tasks.
#[derive(Default)]
pub(super) struct Names {
    by_task: Rc<RefCell<BTreeMap<u64, Arc<str>>>>,
}

/// Keeps a name for as long as it lives.
pub(super) struct Named {
    task: u64,
    by_task: Rc<RefCell<BTreeMap<u64, Arc<str>>>>,
}

impl Names {
    pub(super) fn keep(&self, task: u64, name: &str) -> Named {
        self.by_task.borrow_mut().insert(task, Arc::from(name));
        Named {
            task,
            by_task: Rc::clone(&self.by_task),
        }
    }

    pub(super) fn get(&self, task: u64) -> Option<Arc<str>> {
        self.by_task.borrow().get(&task).cloned()
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        self.by_task.borrow_mut().remove(&self.task);
    }
}
