//! Barriers: no task goes on before all have come, and one of them leads.

#[path = "support/events.rs"]
mod events;
#[path = "support/tasks.rs"]
mod tasks;
#[path = "support/waits.rs"]
mod waits;

use std::cell::Cell;
use std::rc::Rc;
use std::task::{Context, Poll};

use events::{here, traced};
use proptest::collection::vec;
use proptest::prelude::*;
use runtime::sync::Barrier;
use runtime::task::yield_now;
use runtime::trace::Shared;
use tasks::{panic_quietly, paused, waker_of};
use waits::{Wait, told};

#[test]
fn nobody_goes_on_before_all_have_come() {
    let barrier = Barrier::new(3);
    let mut first = Wait::begun(barrier.wait());
    let mut second = Wait::begun(barrier.wait());
    assert!(!first.is_woken() && !second.is_woken());
    assert!(Wait::new(barrier.wait()).ready().is_leader());
    assert!(first.is_woken() && second.is_woken());
    assert!(!first.ready().is_leader() && !second.ready().is_leader());
    assert!(Wait::new(barrier.wait()).is_pending(), "it is as new");
}

#[test]
fn a_barrier_for_none_or_one_stops_nobody() {
    for n in [0, 1] {
        let barrier = Barrier::new(n);
        for _ in 0..2 {
            assert!(Wait::new(barrier.wait()).ready().is_leader());
        }
    }
}

#[test]
fn one_that_was_not_polled_is_not_counted_and_one_that_was_stays_counted() {
    let barrier = Barrier::new(2);
    drop(Wait::new(barrier.wait()));
    let dropped = Wait::begun(barrier.wait());
    drop(dropped);
    assert!(Wait::new(barrier.wait()).ready().is_leader());
    assert!(Wait::new(barrier.wait()).is_pending());
}

#[test]
fn one_of_the_group_before_is_not_held_by_the_group_after() {
    let barrier = Barrier::new(2);
    let mut slow = Wait::begun(barrier.wait());
    assert!(Wait::new(barrier.wait()).ready().is_leader());
    let mut after = Wait::begun(barrier.wait());
    assert!(!slow.ready().is_leader());
    assert!(after.is_pending());
}

#[test]
fn tasks_go_through_phase_after_phase_together() {
    paused().block_on(async {
        let (barrier, inside) = (Rc::new(Barrier::new(4)), Rc::new(Cell::new(0)));
        let work = |barrier: Rc<Barrier>, count: Rc<Cell<u32>>| async move {
            let mut led = 0;
            for phase in 0..10 {
                assert_eq!(count.get() / 4, phase);
                count.set(count.get() + 1);
                led += u32::from(barrier.wait().await.is_leader());
            }
            led
        };
        let start = |_| runtime::spawn(work(Rc::clone(&barrier), Rc::clone(&inside)));
        let tasks: Vec<_> = (0..4).map(start).collect();
        let mut led = 0;
        for task in tasks {
            led += task.await.unwrap();
        }
        assert_eq!(led, 10, "one leads in each phase");
    });
}

#[test]
fn one_that_always_leads_lets_others_run() {
    paused().block_on(async {
        let (barrier, ran) = (Barrier::new(1), Rc::new(Cell::new(false)));
        let theirs = Rc::clone(&ran);
        let other = runtime::spawn(async move { theirs.set(true) });
        while !ran.get() {
            barrier.wait().await;
        }
        other.await.unwrap();
    });
}

#[test]
fn a_waker_that_panics_keeps_no_other_from_going_on() {
    let barrier = Barrier::new(3);
    let waker = waker_of(|| panic_quietly("a bad waker"));
    let mut bad = Box::pin(barrier.wait());
    let mut cx = Context::from_waker(&waker);
    assert!(bad.as_mut().poll(&mut cx).is_pending());
    let mut good = Wait::begun(barrier.wait());
    assert!(Wait::new(barrier.wait()).ready().is_leader());
    assert!(good.is_woken());
    good.ready();
}

#[test]
fn a_trace_tells_at_which_barrier_a_task_waits_and_where() {
    let runtime = traced();
    let line = runtime.block_on(async {
        let barrier = Rc::new(Barrier::new(2));
        let theirs = Rc::clone(&barrier);
        let line = Rc::new(Cell::new(0));
        let told = Rc::clone(&line);
        let waiter = runtime::spawn(async move {
            told.set(here().line + 1);
            theirs.wait().await
        });
        yield_now().await;
        barrier.wait().await;
        waiter.await.unwrap();
        line.get()
    });
    let [(Shared::Barrier, 1, Some(at))] = told(&runtime)[..] else {
        panic!("one wait");
    };
    assert_eq!((at.file, at.line), (file!(), line));
}

#[derive(Clone, Debug)]
enum Op {
    Come,
    /// The wait of this number, modulo their count.
    Poll(usize),
    Drop(usize),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => Just(Op::Come),
        3 => any::<usize>().prop_map(Op::Poll),
        1 => any::<usize>().prop_map(Op::Drop),
    ]
}

proptest! {
    /// The model: the group that one belongs to, and how many groups are complete.
    #[test]
    fn a_barrier_does_what_its_model_does(n in 1..5_usize, ops in vec(op(), 1..60)) {
        let barrier = Barrier::new(n);
        let (mut came, mut waits) = (0_usize, Vec::new());
        for op in ops {
            match op {
                Op::Come => {
                    let mut wait = Wait::new(barrier.wait());
                    let polled = wait.poll();
                    let group = came / n;
                    came += 1;
                    prop_assert_eq!(polled.is_ready(), came % n == 0);
                    match polled {
                        Poll::Ready(result) => prop_assert!(result.is_leader()),
                        Poll::Pending => waits.push((group, wait)),
                    }
                }
                Op::Poll(at) if !waits.is_empty() => {
                    let at = at % waits.len();
                    let (group, wait) = &mut waits[at];
                    let polled = wait.poll();
                    prop_assert_eq!(polled.is_ready(), *group < came / n);
                    if let Poll::Ready(result) = polled {
                        prop_assert!(!result.is_leader());
                        waits.swap_remove(at);
                    }
                }
                Op::Drop(at) if !waits.is_empty() => {
                    waits.swap_remove(at % waits.len());
                }
                _ => {}
            }
            for (group, wait) in &waits {
                prop_assert_eq!(wait.is_woken(), *group < came / n);
            }
        }
    }
}
