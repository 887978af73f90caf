//! Cancellation by token: a tree of tasks, of which one branch is ended and the rest goes on.
//!
//! To abort a task is to drop it at whatever `.await` it has come to. A token *tells* it instead: it
//! ends by itself, and can tidy up first. Tokens form a tree, as the work does. To cancel a token
//! cancels all below it, and nothing beside or above it.
//!
//! How it can go wrong: a task that looks at its token too seldom, and so ends late; and a token
//! that was cloned where a child was meant, so that one branch ends all. A tree that is dropped
//! cancels everything in it.

use runtime::sync::CancellationToken;
use runtime::time::{Duration, sleep};

/// The tokens of a tree: the whole, and its branches.
pub(crate) struct TaskTree {
    whole: CancellationToken,
    branches: Vec<CancellationToken>,
}

impl TaskTree {
    pub(crate) fn new(branches: usize) -> Self {
        let whole = CancellationToken::new();
        let branches = (0..branches).map(|_| whole.child_token()).collect();
        TaskTree { whole, branches }
    }

    /// A token for one task of this branch.
    ///
    /// # Panics
    ///
    /// If there is no such branch.
    pub(crate) fn leaf(&self, branch: usize) -> CancellationToken {
        self.branches[branch].child_token()
    }

    /// Tells one branch to end. False if there is no such branch.
    pub(crate) fn cancel_branch(&self, branch: usize) -> bool {
        let token = self.branches.get(branch);
        token.inspect(|token| token.cancel()).is_some()
    }

    /// Tells all of them.
    pub(crate) fn cancel(&self) {
        self.whole.cancel();
    }

    pub(crate) fn is_cancelled(&self, branch: usize) -> bool {
        self.branches[branch].is_cancelled()
    }
}

impl Drop for TaskTree {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// What a task of the tree is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaf {
    /// So many steps are done.
    Running(u32),
    /// It was told to end, and tidies up.
    TidyingUp(u32),
    /// It has ended after so many steps, since it was told to.
    Cancelled(u32),
    Done,
}

/// A task: so many steps, and then it is done. When its token is cancelled it leaves the step it
/// is in, tidies up for a moment, and ends. It says what it does.
pub(crate) async fn work(
    token: CancellationToken,
    steps: u32,
    step: Duration,
    tidy_up: Duration,
    say: impl Fn(Leaf),
) {
    for done in 0..steps {
        say(Leaf::Running(done));
        if token.run_until_cancelled(sleep(step)).await.is_none() {
            say(Leaf::TidyingUp(done));
            sleep(tidy_up).await;
            say(Leaf::Cancelled(done));
            return;
        }
    }
    say(Leaf::Done);
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;
    use runtime::task::JoinSet;
    use runtime::time::Instant;

    const STEP: Duration = Duration::from_millis(100);

    /// Two leaves on each branch, ten steps each.
    fn planted(tree: &TaskTree) -> (JoinSet<()>, [Rc<Cell<Leaf>>; 4]) {
        let leaves = [0, 0, 1, 1].map(|_| Rc::new(Cell::new(Leaf::Running(0))));
        let mut tasks = JoinSet::new();
        for (number, leaf) in leaves.iter().cloned().enumerate() {
            let token = tree.leaf(number / 2);
            tasks.spawn(work(token, 10, STEP, STEP, move |now| leaf.set(now)));
        }
        (tasks, leaves)
    }

    #[runtime::test(start_paused = true)]
    async fn a_cancelled_branch_ends_and_its_sibling_does_not() {
        let tree = TaskTree::new(2);
        let (tasks, leaves) = planted(&tree);
        sleep(STEP * 3 + STEP / 2).await;
        assert!(tree.cancel_branch(0));
        assert!(!tree.cancel_branch(2), "there are two");
        sleep(STEP / 2).await;
        assert_eq!(leaves[0].get(), Leaf::TidyingUp(3));
        tasks.join_all().await;
        let ends = leaves.map(|leaf| leaf.get());
        let cancelled = Leaf::Cancelled(3);
        assert_eq!(ends, [cancelled, cancelled, Leaf::Done, Leaf::Done]);
        assert!(tree.is_cancelled(0) && !tree.is_cancelled(1));
    }

    #[runtime::test(start_paused = true)]
    async fn the_whole_tree_ends_when_it_is_cancelled_or_dropped() {
        for is_dropped in [false, true] {
            let tree = TaskTree::new(2);
            let (tasks, leaves) = planted(&tree);
            let begun = Instant::now();
            sleep(STEP / 2).await;
            match is_dropped {
                true => drop(tree),
                false => tree.cancel(),
            }
            tasks.join_all().await;
            assert_eq!(begun.elapsed(), STEP / 2 + STEP);
            assert!(leaves.iter().all(|it| it.get() == Leaf::Cancelled(0)));
        }
    }

    #[runtime::test(start_paused = true)]
    async fn a_task_that_begins_on_a_cancelled_branch_does_nothing() {
        let tree = TaskTree::new(1);
        tree.cancel_branch(0);
        let last = Cell::new(None);
        work(tree.leaf(0), 5, STEP, STEP, |now| last.set(Some(now))).await;
        assert_eq!(last.get(), Some(Leaf::Cancelled(0)));
    }
}
