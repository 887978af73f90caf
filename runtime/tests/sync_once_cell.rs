//! Once cells: filled once, and a task that gives up leaves the filling to the next.

#[path = "support/events.rs"]
mod events;
#[path = "support/tasks.rs"]
mod tasks;
#[path = "support/waits.rs"]
mod waits;

use std::cell::Cell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::task::{Context, Poll};

use events::{here, traced};
use proptest::collection::vec;
use proptest::prelude::*;
use runtime::sync::{OnceCell, SetError};
use runtime::trace::Shared;
use tasks::{Door, panic_quietly};
use waits::{Wait, told, waker_that};

/// Makes `value` when the door is opened.
async fn behind(door: &Door, value: u32) -> u32 {
    door.wait().await;
    value
}

#[test]
fn the_first_makes_the_value_and_the_others_wait_for_it() {
    let (cell, door) = (OnceCell::new(), Door::default());
    let mut first = Wait::begun(cell.get_or_init(|| behind(&door, 1)));
    let mut second = Wait::begun(cell.get_or_init(|| async { unreachable!("it is being made") }));
    let mut third = Wait::begun(cell.get_or_init(|| async { unreachable!("it is being made") }));
    assert_eq!(cell.set(5), Err(SetError::InitializingError(5)));
    assert_eq!(cell.get(), None);
    door.open();
    assert_eq!(first.ready(), &1);
    assert!(second.is_woken() && third.is_woken());
    assert_eq!((second.ready(), third.ready()), (&1, &1));
    assert_eq!(cell.set(5), Err(SetError::AlreadyInitializedError(5)));
    assert_eq!(Wait::new(cell.get_or_init(|| async { 6 })).ready(), &1);
}

#[test]
fn one_that_fails_leaves_the_filling_to_the_next() {
    let (cell, door) = (OnceCell::new(), Door::default());
    let fails = || async {
        door.wait().await;
        Err::<u32, _>("no luck")
    };
    let mut first = Wait::begun(cell.get_or_try_init(fails));
    let mut second = Wait::begun(cell.get_or_init(|| async { 2 }));
    door.open();
    assert_eq!(first.ready(), Err("no luck"));
    assert!(second.is_woken());
    assert_eq!(second.ready(), &2);
}

#[test]
fn one_that_is_dropped_while_it_makes_the_value_leaves_it_to_the_next() {
    let (cell, door) = (OnceCell::new(), Door::default());
    let first = Wait::begun(cell.get_or_init(|| behind(&door, 1)));
    let in_the_line = Wait::begun(cell.get_or_init(|| async { 2 }));
    let granted = Wait::begun(cell.get_or_init(|| async { 3 }));
    let mut last = Wait::begun(cell.get_or_init(|| async { 4 }));
    drop(in_the_line);
    drop(first);
    assert!(granted.is_woken() && !last.is_woken());
    drop(granted);
    assert!(
        last.is_woken(),
        "the right to fill was not heard of, and is passed on"
    );
    assert_eq!(last.ready(), &4);
}

#[test]
fn one_that_panics_leaves_the_filling_to_the_next() {
    let cell = OnceCell::new();
    let mut first = Wait::new(cell.get_or_init(|| async { panic_quietly("no value") }));
    let panicked = catch_unwind(AssertUnwindSafe(|| first.poll().is_ready()));
    assert!(panicked.is_err());
    drop(first);
    assert_eq!(cell.set(2), Ok(()));
}

#[test]
fn one_that_waits_finds_the_value_that_was_set_meanwhile() {
    let (cell, door) = (OnceCell::new(), Door::default());
    let first = Wait::begun(cell.get_or_init(|| behind(&door, 1)));
    let mut second = Wait::begun(cell.get_or_init(|| async { 2 }));
    drop(first);
    // The right to fill is the second's now, also before it has been polled.
    assert_eq!(cell.set(3), Err(SetError::InitializingError(3)));
    assert_eq!(second.ready(), &2);
}

#[test]
fn a_waker_may_look_into_the_cell() {
    let cell = Rc::new(OnceCell::new());
    let seen = Rc::new(Cell::new(None));
    let (theirs, look) = (Rc::clone(&seen), Rc::clone(&cell));
    let waker = waker_that(move || theirs.set(look.get().copied()));
    let door = Door::default();
    let mut first = Wait::begun(cell.get_or_init(|| behind(&door, 1)));
    let mut second = Box::pin(cell.get_or_init(|| async { 2 }));
    assert!(
        second
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    door.open();
    first.ready();
    assert_eq!(
        seen.get(),
        Some(1),
        "the value is there before any task is woken"
    );
}

#[test]
fn a_value_that_was_taken_out_can_be_made_again() {
    let mut cell = OnceCell::new_with(Some(1));
    *cell.get_mut().unwrap() += 1;
    assert_eq!((cell.take(), cell.take()), (Some(2), None));
    assert_eq!(Wait::new(cell.get_or_init(|| async { 3 })).ready(), &3);
    let clone = cell.clone();
    assert_eq!(clone, cell);
    assert_eq!(clone.set(4), Err(SetError::AlreadyInitializedError(4)));
    assert_eq!(format!("{cell:?}"), "OnceCell { value: Some(3) }");
    assert_eq!(cell.into_inner(), Some(3));
}

#[test]
fn a_trace_tells_which_cell_a_task_waits_for_and_where() {
    let runtime = traced();
    let line = runtime.block_on(async {
        let (cell, door) = (OnceCell::new(), Door::default());
        let _first = Wait::begun(cell.get_or_init(|| behind(&door, 1)));
        let try_make = || async { Ok::<_, ()>(3) };
        drop(Wait::begun(cell.get_or_init(|| async { 2 })));
        drop(Wait::begun(cell.get_or_try_init(try_make)));
        here().line
    });
    let told = told(&runtime);
    let places: Vec<_> = told.iter().map(|told| told.2.map(|at| at.line)).collect();
    assert_eq!(places, [Some(line - 2), Some(line - 1)]);
    assert!(
        told.iter()
            .all(|told| (told.0, told.1) == (Shared::OnceCell, 1))
    );
}

/// What a test does with a cell and those who want its value.
#[derive(Clone, Debug)]
enum Op {
    Get,
    Set,
    /// The wait of this number, modulo their count.
    Poll(usize),
    Cancel(usize),
    /// The one that is filling: it will have its value, or fail.
    Open(bool),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => Just(Op::Get),
        1 => Just(Op::Set),
        8 => any::<usize>().prop_map(Op::Poll),
        4 => any::<usize>().prop_map(Op::Cancel),
        1 => Just(Op::Open(true)),
        3 => Just(Op::Open(false)),
    ]
}

/// What the maker of a value finds when it looks: nothing yet, a success, a failure.
type Outcome = Rc<Cell<Option<bool>>>;

/// One who wants the value.
struct Getter<'a> {
    id: u32,
    outcome: Outcome,
    wait: Wait<'a, Result<u32, ()>>,
}

/// The model: the value, who is filling, who waits.
#[derive(Default)]
struct Model {
    value: Option<u32>,
    filling: Option<u32>,
    line: VecDeque<u32>,
}

impl Model {
    /// The one that is filling has gone.
    fn next(&mut self) {
        self.filling = self.line.pop_front();
    }

    /// What `id` gets when it is polled now.
    fn poll(&mut self, id: u32, outcome: Option<bool>) -> Poll<Result<u32, ()>> {
        if let Some(value) = self.value {
            return Poll::Ready(Ok(value));
        }
        if self.filling != Some(id) {
            return Poll::Pending;
        }
        match outcome {
            None => Poll::Pending,
            Some(true) => {
                self.value = Some(id);
                Poll::Ready(Ok(id))
            }
            Some(false) => {
                self.next();
                Poll::Ready(Err(()))
            }
        }
    }
}

async fn get(cell: &OnceCell<u32>, id: u32, outcome: Outcome) -> Result<u32, ()> {
    let make = || async {
        std::future::poll_fn(|_| match outcome.get() {
            None => Poll::Pending,
            Some(true) => Poll::Ready(Ok(id)),
            Some(false) => Poll::Ready(Err(())),
        })
        .await
    };
    cell.get_or_try_init(make).await.copied()
}

proptest! {
    #[test]
    fn a_cell_does_what_its_model_does(ops in vec(op(), 1..60)) {
        let cell = OnceCell::new();
        let (mut model, mut getters, mut next) = (Model::default(), Vec::new(), 0);
        for op in ops {
            match op {
                Op::Get => {
                    let outcome = Outcome::default();
                    let mut wait = Wait::new(get(&cell, next, Rc::clone(&outcome)));
                    let polled = wait.poll();
                    if model.value.is_none() {
                        match model.filling {
                            None => model.filling = Some(next),
                            Some(_) => model.line.push_back(next),
                        }
                    }
                    prop_assert_eq!(polled, model.poll(next, None));
                    if polled.is_pending() {
                        getters.push(Getter { id: next, outcome, wait });
                    }
                    next += 1;
                }
                Op::Set => {
                    let expected = match (model.value, model.filling) {
                        (Some(_), _) => Err(SetError::AlreadyInitializedError(next)),
                        (None, Some(_)) => Err(SetError::InitializingError(next)),
                        (None, None) => {
 model.value = Some(next);
 Ok(())
 }
                    };
                    prop_assert_eq!(cell.set(next), expected);
                    next += 1;
                }
                Op::Poll(at) if !getters.is_empty() => {
                    let at = at % getters.len();
                    let Getter { id, outcome, wait } = &mut getters[at];
                    let polled = wait.poll();
                    prop_assert_eq!(polled, model.poll(*id, outcome.get()));
                    if polled.is_ready() {
                        getters.swap_remove(at);
                    }
                }
                Op::Cancel(at) if !getters.is_empty() => {
                    let getter = getters.swap_remove(at % getters.len());
                    let id = getter.id;
                    drop(getter);
                    model.line.retain(|&other| other != id);
                    if model.filling == Some(id) && model.value.is_none() {
                        model.next();
                    }
                }
                Op::Open(succeeds) => {
                    let filling = |getter: &&Getter<'_>| model.filling == Some(getter.id);
                    if let Some(getter) = getters.iter().find(filling) {
                        getter.outcome.set(Some(succeeds));
                    }
                }
                _ => {}
            }
            prop_assert_eq!(cell.get().copied(), model.value);
        }
        // No task that waits is forgotten: the one whose turn it is was told so.
        for getter in getters {
            let turn = model.value.is_some() && model.line.contains(&getter.id);
            prop_assert!(!turn || getter.wait.is_woken());
        }
    }
}
