//! The names of those tasks that have one.
//!
//! Hardly any task has a name. So a name is not a field of every task but an entry in a table of
//! those that have one, and the entry belongs to the task's future: it goes when the future goes, in
//! whatever way that happens.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

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
