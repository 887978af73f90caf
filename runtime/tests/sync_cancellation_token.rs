//! Cancellation tokens: the word goes down the tree, reaches all, and is said once.

#[path = "support/events.rs"]
mod events;
#[path = "support/tasks.rs"]
mod tasks;
#[path = "support/waits.rs"]
mod waits;

use std::cell::Cell;
use std::future::{pending, ready};
use std::rc::Rc;
use std::task::Context;

use events::{here, traced, woken};
use proptest::collection::vec;
use proptest::prelude::*;
use runtime::sync::CancellationToken;
use runtime::task::yield_now;
use runtime::trace::{Cause, Shared};
use tasks::{Log, panic_quietly, paused, waker_of};
use waits::{Wait, told, waker_that};

#[test]
fn all_who_wait_are_woken_and_who_comes_later_need_not_wait() {
    let token = CancellationToken::new();
    let mut waits = [
        Wait::begun(token.cancelled()),
        Wait::begun(token.cancelled()),
    ];
    let mut owned = Wait::begun(token.clone().cancelled_owned());
    token.clone().cancel();
    assert!(waits.iter().all(Wait::is_woken) && owned.is_woken());
    waits.iter_mut().for_each(Wait::ready);
    owned.ready();
    Wait::new(token.cancelled()).ready();
    token.cancel();
    assert_eq!(owned.wakes(), 1);
}

#[test]
fn the_word_goes_down_and_neither_up_nor_aside() {
    let root = CancellationToken::new();
    let (left, right) = (root.child_token(), root.child_token());
    let leaf = left.child_token();
    let mut at_leaf = Wait::begun(leaf.cancelled());
    let at_right = Wait::begun(right.cancelled());
    left.cancel();
    assert!(left.is_cancelled() && leaf.is_cancelled());
    assert!(!root.is_cancelled() && !right.is_cancelled() && !at_right.is_woken());
    at_leaf.ready();
    assert!(leaf.child_token().is_cancelled());
    root.cancel();
    assert!(at_right.is_woken());
}

#[test]
fn a_token_that_is_dropped_leaves_its_children_to_its_parent() {
    let root = CancellationToken::new();
    let middle = root.child_token();
    let leaf = middle.child_token();
    drop(middle.clone());
    drop(middle);
    let mut wait = Wait::begun(leaf.cancelled());
    root.cancel();
    wait.ready();
}

#[test]
fn children_of_a_root_that_is_gone_can_only_be_cancelled_themselves() {
    let root = CancellationToken::new();
    let (one, two) = (root.child_token(), root.child_token());
    drop(root);
    one.cancel();
    assert!(one.is_cancelled() && !two.is_cancelled());
}

#[test]
fn a_wait_that_was_dropped_is_not_woken() {
    let token = CancellationToken::new();
    let rung = Rc::new(Cell::new(false));
    let theirs = Rc::clone(&rung);
    let waker = waker_that(move || theirs.set(true));
    let mut wait = Box::pin(token.cancelled());
    assert!(
        wait.as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    drop(wait);
    token.cancel();
    assert!(!rung.get());
}

#[test]
fn a_very_deep_tree_is_cancelled_and_dropped_without_a_deep_stack() {
    let root = CancellationToken::new();
    let mut tokens = vec![root.child_token()];
    for _ in 0..200_000 {
        tokens.push(tokens[tokens.len() - 1].child_token());
    }
    let dropped = tokens.split_off(100_000);
    drop(dropped);
    root.cancel();
    assert!(tokens.iter().all(CancellationToken::is_cancelled));
}

#[test]
fn a_chain_whose_elders_are_dropped_does_not_grow() {
    let root = CancellationToken::new();
    let mut token = root.child_token();
    let kept = allocation_counter::measure(|| {
        for _ in 0..1000 {
            token = token.child_token();
        }
    });
    assert_eq!(kept.count_current, 0, "as many pieces as before");
    root.cancel();
    assert!(token.is_cancelled());
}

#[test]
fn a_waker_finds_the_whole_tree_cancelled_and_may_use_it() {
    let root = CancellationToken::new();
    let leaf = root.child_token().child_token();
    let (theirs, seen) = (leaf.clone(), Rc::new(Cell::new(None)));
    let look = Rc::clone(&seen);
    let waker = waker_that(move || {
        look.set(Some(
            theirs.is_cancelled() && theirs.child_token().is_cancelled(),
        ));
        theirs.cancel();
    });
    let mut at_root = Box::pin(root.cancelled());
    assert!(
        at_root
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    root.cancel();
    assert_eq!(seen.get(), Some(true));
}

#[test]
fn a_waker_that_panics_keeps_nobody_from_hearing() {
    let root = CancellationToken::new();
    let leaf = root.child_token();
    let waker = waker_of(|| panic_quietly("a bad waker"));
    let mut bad = Box::pin(root.cancelled());
    assert!(
        bad.as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    let mut good = Wait::begun(leaf.cancelled());
    root.cancel();
    good.ready();
}

#[test]
fn a_guard_cancels_however_its_scope_ends_unless_it_is_disarmed() {
    paused().block_on(async {
        let token = CancellationToken::new();
        let guard = token.clone().drop_guard();
        let task = runtime::spawn(async move {
            let _guard = guard;
            pending::<()>().await;
        });
        yield_now().await;
        assert!(!token.is_cancelled());
        task.abort();
        token.cancelled().await;

        let token = CancellationToken::new();
        assert_eq!(token.clone().drop_guard().disarm(), token);
        assert_eq!(token.drop_guard_ref().disarm(), &token);
        assert!(!token.is_cancelled());
        drop(token.drop_guard_ref());
        assert!(token.is_cancelled());
    });
}

#[test]
fn work_is_dropped_when_the_token_is_cancelled() {
    let (token, log) = (CancellationToken::new(), Log::default());
    let held = log.on_drop("dropped");
    let mut run = Wait::begun(token.run_until_cancelled(tasks::hold(held)));
    token.cancel();
    assert!(run.is_woken());
    assert_eq!(log.take(), [""; 0]);
    assert_eq!(run.ready(), None);
    drop(run);
    assert_eq!(log.take(), ["dropped"]);
}

#[test]
fn work_that_is_ready_with_the_cancellation_has_won_but_late_work_does_not_begin() {
    let (token, door) = (CancellationToken::new(), tasks::Door::default());
    let mut run = Wait::begun(token.run_until_cancelled(door.wait()));
    door.open();
    token.cancel();
    assert_eq!(run.ready(), Some(()));
    assert_eq!(Wait::new(token.run_until_cancelled(ready(5))).ready(), None);
    assert_eq!(
        Wait::new(token.clone().run_until_cancelled_owned(ready(5))).ready(),
        None
    );
}

#[test]
fn clones_are_equal_and_others_are_not() {
    let token = CancellationToken::new();
    assert_eq!(token, token.clone());
    assert_ne!(token, token.child_token());
    assert_eq!(
        format!("{token:?}"),
        "CancellationToken { is_cancelled: false }"
    );
}

#[test]
fn a_trace_tells_which_token_a_task_waits_for_and_where_and_who_cancelled() {
    let runtime = traced();
    let line = Rc::new(Cell::new(0));
    let theirs = Rc::clone(&line);
    runtime.block_on(async move {
        let token = CancellationToken::new();
        let child = token.child_token();
        let task = runtime::spawn(async move {
            theirs.set(here().line + 1);
            child.run_until_cancelled(pending::<()>()).await
        });
        yield_now().await;
        token.cancel();
        assert_eq!(task.await.unwrap(), None);
    });
    let records = runtime.trace().take();
    let mut all = records.iter().map(|record| &record.event);
    assert!(all.any(|event| *event == woken(2, Cause::Task(1))));
    runtime.block_on(async {
        let token = CancellationToken::new();
        drop(Wait::begun(token.cancelled()));
        line.set(here().line - 1);
    });
    let [(Shared::CancellationToken, 2, Some(at))] = told(&runtime)[..] else {
        panic!("one wait, for the second token that was waited for");
    };
    assert_eq!((at.file, at.line), (file!(), line.get()));
}

#[derive(Clone, Debug)]
enum Op {
    Child(usize),
    Clone(usize),
    Drop(usize),
    Cancel(usize),
    Wait(usize),
    DropWait(usize),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => any::<usize>().prop_map(Op::Child),
        2 => any::<usize>().prop_map(Op::Clone),
        4 => any::<usize>().prop_map(Op::Drop),
        1 => any::<usize>().prop_map(Op::Cancel),
        4 => any::<usize>().prop_map(Op::Wait),
        2 => any::<usize>().prop_map(Op::DropWait),
    ]
}

/// The model: for each token that was ever made its parent, and whether it is cancelled.
#[derive(Default)]
struct Model(Vec<(Option<usize>, bool)>);

impl Model {
    fn child(&mut self, parent: usize) -> usize {
        self.0.push((Some(parent), self.is_cancelled(parent)));
        self.0.len() - 1
    }

    fn is_cancelled(&self, id: usize) -> bool {
        let (parent, cancelled) = self.0[id];
        cancelled || parent.is_some_and(|parent| self.is_cancelled(parent))
    }
}

proptest! {
    #[test]
    fn a_tree_of_tokens_does_what_its_model_does(ops in vec(op(), 1..100)) {
        let mut model = Model(vec![(None, false)]);
        let mut tokens = vec![(0, CancellationToken::new())];
        let mut waits: Vec<(usize, Wait<'static, ()>)> = Vec::new();
        for op in ops {
            match op {
                Op::Child(at) if !tokens.is_empty() => {
                    let (id, token) = &tokens[at % tokens.len()];
                    let child = (model.child(*id), token.child_token());
                    tokens.push(child);
                }
                Op::Clone(at) if !tokens.is_empty() => {
                    let clone = tokens[at % tokens.len()].clone();
                    tokens.push(clone);
                }
                Op::Drop(at) if !tokens.is_empty() => {
                    tokens.swap_remove(at % tokens.len());
                }
                Op::Cancel(at) if !tokens.is_empty() => {
                    let (id, token) = &tokens[at % tokens.len()];
                    token.cancel();
                    model.0[*id].1 = true;
                }
                Op::Wait(at) if !tokens.is_empty() => {
                    let (id, token) = tokens[at % tokens.len()].clone();
                    let mut wait = Wait::new(token.cancelled_owned());
                    prop_assert_eq!(wait.poll().is_ready(), model.is_cancelled(id));
                    if !model.is_cancelled(id) {
                        waits.push((id, wait));
                    }
                }
                Op::DropWait(at) if !waits.is_empty() => {
                    waits.swap_remove(at % waits.len());
                }
                _ => {}
            }
            for (id, token) in &tokens {
                prop_assert_eq!(token.is_cancelled(), model.is_cancelled(*id));
            }
            for (id, wait) in &waits {
                prop_assert_eq!(wait.is_woken(), model.is_cancelled(*id));
            }
        }
    }
}
