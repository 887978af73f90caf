//! What spawned tasks do, while the work for which they were spawned waits for their end.
//!
//! A handler that spawns a task and awaits it says nothing by "I wait for task 7": what matters is what task 7
//! does. So the tasks that a piece of work spawns are followed, and those that these spawn. When the wait is
//! over, its piece is replaced by what the awaited task did in just this time. Where that one waited for the
//! end of yet another task, that one is looked at in turn. The pieces still add up to the whole.
//!
//! How it can go wrong: work that spawns without end costs memory. So only some of its tasks are followed, and
//! none of them once the work is over. A wait for one that is not followed stays a wait for a task.

use std::collections::BTreeMap;
use std::time::Duration;

use runtime::trace::{Cause, Snapshot};

use crate::account::{Account, MOST, Piece};
use crate::worker::Worker;

/// So many tasks wait for each other, one for the next, at most. (A file may say that they form a circle.)
const GENERATIONS: usize = 8;

/// The tasks that are followed.
#[derive(Debug, Default)]
pub(crate) struct Children {
    tasks: BTreeMap<u64, Child>,
}

#[derive(Debug)]
struct Child {
    /// The task whose work it is for.
    root: u64,
    /// It has one account: all of its time.
    worker: Worker,
    is_over: bool,
}

impl Children {
    /// Goes on from a state, which knows who has spawned whom. `seq`: the number of the next event.
    pub(crate) fn begin(
        &mut self,
        state: &Snapshot,
        seq: u64,
        workers: &mut BTreeMap<u64, Worker>,
    ) {
        self.tasks.clear();
        for (task, view) in &state.tasks {
            let Some(parent) = view.parent else { continue };
            let mut worker = Worker::of(Some(view));
            let doing = worker.doing_of(Some(view));
            let account = Account::of_task(*task, view.at, doing, (state.time, seq));
            worker.open.push(account);
            self.add(*task, parent, worker, workers);
        }
    }

    /// Follows a task, if its parent has work or is followed.
    pub(crate) fn add(
        &mut self,
        task: u64,
        parent: u64,
        worker: Worker,
        workers: &mut BTreeMap<u64, Worker>,
    ) {
        let root = match workers.contains_key(&parent) {
            true => Some(parent),
            false => self.tasks.get(&parent).map(|child| child.root),
        };
        let Some(root) = root else { return };
        let Some(of_root) = workers.get_mut(&root) else {
            return;
        };
        let followed = &mut of_root.followed;
        if followed.len() >= MOST {
            let is_over = |task: &u64| self.tasks.get(task).is_none_or(|child| child.is_over);
            let Some(place) = followed.iter().position(is_over) else {
                return;
            };
            self.tasks.remove(&followed.remove(place));
        }
        followed.push(task);
        let is_over = false;
        let child = Child {
            root,
            worker,
            is_over,
        };
        self.tasks.insert(task, child);
    }

    /// All that are followed.
    pub(crate) fn workers(&mut self) -> impl Iterator<Item = &mut Worker> {
        self.tasks.values_mut().map(|child| &mut child.worker)
    }

    /// The task, if it is followed.
    pub(crate) fn worker(&mut self, task: u64) -> Option<&mut Worker> {
        self.tasks.get_mut(&task).map(|child| &mut child.worker)
    }

    /// The task has ended. What it did may still be asked for. It may be what one that does not rest just now has
    /// waited for in a set: then what that one has waited so far was not for the next of the set.
    pub(crate) fn end(&mut self, task: u64, workers: &mut BTreeMap<u64, Worker>) {
        let Some(child) = self.tasks.get_mut(&task) else {
            return;
        };
        child.is_over = true;
        let Some(root) = workers.get_mut(&child.root) else {
            return;
        };
        root.open
            .iter_mut()
            .for_each(Account::settle_unless_it_rests);
        for relative in &root.followed {
            let worker = self.tasks.get_mut(relative).map(|child| &mut child.worker);
            let open = worker.into_iter().flat_map(|worker| &mut worker.open);
            open.for_each(Account::settle_unless_it_rests);
        }
    }

    /// The work of a task is over.
    pub(crate) fn forget(&mut self, root: Option<&Worker>) {
        for task in root.into_iter().flat_map(|root| &root.followed) {
            self.tasks.remove(task);
        }
    }

    /// If the last piece of the account is a wait for the end of a followed task: what that one did. `by` has
    /// ended the wait, if something has.
    pub(crate) fn split(&self, account: &mut Account, by: Option<Cause>) {
        if let Some(pieces) = self.instead(account, by) {
            account.set_pieces(pieces);
        }
        account.settle(by);
    }

    /// The same for a task that is followed.
    pub(crate) fn split_own(&mut self, task: u64, by: Option<Cause>) {
        let course = self.course(task);
        let pieces = course.and_then(|account| self.instead(account, by));
        let account = self.worker(task).and_then(|worker| worker.open.first_mut());
        let Some(account) = account else { return };
        if let Some(pieces) = pieces {
            account.set_pieces(pieces);
        }
        account.settle(by);
    }

    fn course(&self, task: u64) -> Option<&Account> {
        self.tasks.get(&task)?.worker.open.first()
    }

    /// All pieces of the account, with what the awaited task did in the place of the wait. Something else may have
    /// woken the task meanwhile, and it went on to wait for the same: then the wait is several pieces.
    fn instead(&self, account: &Account, by: Option<Cause>) -> Option<Vec<Piece>> {
        let wait = account.rest()?;
        let awaited = wait.awaits(by)?;
        let mut all = Vec::new();
        for piece in &account.pieces {
            let is_it = (piece.task, piece.doing) == (wait.task, wait.doing);
            let is_open = !wait.is_for_a_set() || piece.from >= account.settled;
            match is_it && is_open {
                true => self.collect(*piece, awaited, GENERATIONS, &mut all),
                false => all.push(*piece),
            }
        }
        Some(all)
    }

    /// What the awaited task did in the time of the wait.
    fn collect(&self, wait: Piece, awaited: u64, generations: usize, did: &mut Vec<Piece>) {
        let child = self.tasks.get(&awaited);
        let Some((child, generations)) = child.zip(generations.checked_sub(1)) else {
            return did.push(wait);
        };
        let mut end = wait.from;
        for piece in pieces_of(child) {
            let (from, to) = (piece.from.max(end), piece.to.min(wait.to));
            if from >= to {
                continue;
            }
            if from > end {
                did.push(Piece {
                    from: end,
                    to: from,
                    ..wait
                });
            }
            let piece = Piece { from, to, ..piece };
            match piece.awaits(None) {
                Some(task) => self.collect(piece, task, generations, did),
                None => did.push(piece),
            }
            end = to;
        }
        if end < wait.to || end == wait.from {
            did.push(Piece { from: end, ..wait });
        }
    }
}

/// What a task did. What it does now lasts.
fn pieces_of(child: &Child) -> impl Iterator<Item = Piece> {
    let pieces = child.worker.open.first().map(|it| &it.pieces[..]);
    let pieces = pieces.unwrap_or_default();
    let last = pieces.len().saturating_sub(1);
    pieces.iter().enumerate().map(move |(at, piece)| Piece {
        to: match at == last && !child.is_over {
            true => Duration::MAX,
            false => piece.to,
        },
        ..*piece
    })
}
