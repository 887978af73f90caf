//! A task that works, as its accounts see it: it runs, it stands in the run queue, or it waits.

use std::time::Duration;

use runtime::trace::{Cause, Record, Scope, Snapshot, TaskState, TaskView, WaitView};

use crate::account::{Account, Doing};

/// What is known of a task that has work.
#[derive(Debug, Default)]
pub(crate) struct Worker {
    pub(crate) open: Vec<Account>,
    /// What its last poll has come to wait for.
    waits: Vec<WaitView>,
    /// The tasks that are followed, because it or one of them has spawned them.
    pub(crate) followed: Vec<u64>,
}

/// The poll that is under way.
#[derive(Debug)]
pub(crate) struct Poll {
    pub(crate) task: u64,
    /// What it has come to wait for.
    pub(crate) waits: Vec<WaitView>,
    /// The task was woken meanwhile.
    pub(crate) is_woken: bool,
}

impl Worker {
    /// Of a task that a state knows. It has no work yet.
    pub(crate) fn of(view: Option<&TaskView>) -> Worker {
        Worker {
            waits: view.map(|view| view.waits.clone()).unwrap_or_default(),
            ..Worker::default()
        }
    }

    /// Of a task that has just been spawned. Its work is the whole of it.
    pub(crate) fn spawned(task: u64, record: &Record) -> Worker {
        let account =
            Account::of_task(task, record.place, Doing::Queued, (record.time, record.seq));
        Worker {
            open: vec![account],
            ..Worker::default()
        }
    }

    /// What it does in the state that knows this of it.
    pub(crate) fn doing_of(&self, view: Option<&TaskView>) -> Doing {
        match view.map(|view| view.state) {
            Some(TaskState::Running) => Doing::Running,
            Some(TaskState::Queued) => Doing::Queued,
            _ => self.rests(),
        }
    }

    pub(crate) fn extend(&mut self, now: Duration) {
        self.open.iter_mut().for_each(|it| it.extend(now));
    }

    /// Where the work of this name is; of several, the youngest.
    pub(crate) fn place(&self, name: (Scope, u64)) -> Option<usize> {
        let is_it = |account: &Account| (account.scope, account.id) == name;
        self.open.iter().rposition(is_it)
    }

    /// What it does, unless it runs.
    fn rests(&self) -> Doing {
        let first = WaitView::holding_up(&self.waits, None);
        first.map_or(Doing::Unknown, |wait| Doing::waiting(*wait))
    }

    pub(crate) fn change(&mut self, doing: Doing, now: Duration, seq: u64) {
        let open = self.open.iter_mut();
        open.for_each(|account| account.change(doing, now, seq));
    }

    pub(crate) fn poll_ended(&mut self, poll: Option<&Poll>, now: Duration, seq: u64) {
        let is_woken = poll.is_some_and(|poll| poll.is_woken);
        self.waits = poll.map(|poll| poll.waits.clone()).unwrap_or_default();
        let doing = match is_woken {
            true => Doing::Queued,
            false => self.rests(),
        };
        self.change(doing, now, seq);
    }

    /// The wait that is over, once it is known what ended it.
    pub(crate) fn correct(&mut self, by: Cause) {
        let ended = WaitView::ended_by(&self.waits, by);
        let Some(doing) = ended.map(|wait| Doing::waiting(*wait)) else {
            return;
        };
        for account in &mut self.open {
            if let Some(last) = account.pieces.last_mut()
                && matches!(last.doing, Doing::Waiting(_) | Doing::Outside(_))
            {
                last.doing = doing;
            }
        }
    }
}

impl Poll {
    /// The one that is under way in a state.
    pub(crate) fn of(state: &Snapshot) -> Option<Poll> {
        let runtime::trace::Doing::Polling { task, woken, .. } = state.doing else {
            return None;
        };
        let view = state.tasks.get(&task);
        Some(Poll {
            task,
            waits: view.map(|view| view.waits.clone()).unwrap_or_default(),
            is_woken: woken,
        })
    }
}
