//! The wheel against an ordered map, which is slow and cannot be wrong.
//!
//! Both get the same random timers and the same jumps of the clock. After each, the same
//! timers have fired in the same order, and the wheel's own rules hold.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::Waker;

use proptest::prelude::*;

use super::{Bell, Fired, TimerKey, Wheel, assert_harmless, check, is, noop};

/// What may happen to a wheel. Timers are named by their place among those that are alive,
/// times by their distance from `elapsed`.
#[derive(Clone, Copy, Debug)]
enum Op {
    Insert(u64),
    Reset(usize, u64),
    Remove(usize),
    Stale(usize),
    Jump(u64),
    /// To so many ticks after the next change of this many digits.
    JumpToBorder(u32, u64),
    JumpToWork,
    JumpBack(u64),
}

/// Distances of every size, many of them close to where a level ends.
fn distance() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => 0..200_u64,
        3 => (0..64_u32, any::<u64>()).prop_map(|(shift, any)| any >> shift),
        3 => (1..11_u32, 0..7_u64).prop_map(|(digits, near)| (1 << (6 * digits)) + near - 3),
        1 => (0..4_u64).prop_map(|near| u64::MAX - near),
    ]
}

/// Jumps that leave some of time's 64 bits for the next one.
fn jump() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => (0..300_u64).prop_map(Op::Jump),
        3 => (24..64_u32, any::<u64>()).prop_map(|(shift, any)| Op::Jump(any >> shift)),
        1 => (0..24_u32, any::<u64>()).prop_map(|(shift, any)| Op::Jump(any >> shift)),
        3 => (1..7_u32, 0..3_u64).prop_map(|(digits, after)| Op::JumpToBorder(digits, after)),
        3 => Just(Op::JumpToWork),
        1 => any::<u64>().prop_map(Op::JumpBack),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => distance().prop_map(Op::Insert),
        3 => (any::<usize>(), distance()).prop_map(|(which, by)| Op::Reset(which, by)),
        3 => any::<usize>().prop_map(Op::Remove),
        1 => any::<usize>().prop_map(Op::Stale),
        6 => jump(),
    ]
}

/// The same timers in an ordered map: by tick, then by when they were set.
#[derive(Default)]
struct Model {
    elapsed: u64,
    set: u64,
    waiting: BTreeMap<(u64, u64), usize>,
    timers: Vec<Timer>,
    removed: Vec<TimerKey>,
}

struct Timer {
    key: TimerKey,
    /// Where it is in `waiting`, unless it has fired.
    at: Option<(u64, u64)>,
    bell: Waker,
}

impl Model {
    fn wait(&mut self, which: usize, tick: u64) {
        let at = (tick.max(self.elapsed), self.set);
        self.set += 1;
        self.waiting.insert(at, which);
        if let Some(before) = self.timers[which].at.replace(at) {
            self.waiting.remove(&before);
        }
    }

    fn remove(&mut self, which: usize) -> Timer {
        let gone = self.timers.swap_remove(which);
        self.waiting.retain(|at, _| Some(*at) != gone.at);
        if let Some(moved) = self.timers.get(which).and_then(|timer| timer.at) {
            self.waiting.insert(moved, which);
        }
        self.removed.push(gone.key);
        gone
    }

    fn expire(&mut self, now: u64) -> Vec<usize> {
        self.elapsed = self.elapsed.max(now);
        let later = match self.elapsed.checked_add(1) {
            Some(next) => self.waiting.split_off(&(next, 0)),
            None => BTreeMap::new(),
        };
        let due = std::mem::replace(&mut self.waiting, later);
        for &which in due.values() {
            self.timers[which].at = None;
        }
        due.into_values().collect()
    }

    fn next(&self) -> Option<u64> {
        self.waiting.keys().next().map(|(tick, _)| *tick)
    }
}

fn apply(wheel: &mut Wheel, model: &mut Model, op: Op) {
    let alive = model.timers.len();
    match op {
        Op::Insert(by) => {
            let tick = model.elapsed.saturating_add(by);
            let bell = Waker::from(Arc::new(Bell));
            let key = wheel.insert(tick, bell.clone());
            model.timers.push(Timer {
                key,
                at: None,
                bell,
            });
            model.wait(alive, tick);
        }
        Op::Reset(which, by) if alive > 0 => {
            let tick = model.elapsed.saturating_add(by);
            let timer = &model.timers[which % alive];
            wheel.reset(timer.key, tick);
            wheel.set_waker(timer.key, timer.bell.clone());
            model.wait(which % alive, tick);
        }
        Op::Remove(which) if alive > 0 => {
            let gone = model.remove(which % alive);
            let waker = wheel.remove(gone.key);
            assert_eq!(waker.is_some(), gone.at.is_some());
            assert!(waker.is_none_or(|waker| is(&waker, &gone.bell)));
        }
        Op::Stale(which) if !model.removed.is_empty() => {
            let stale = model.removed[which % model.removed.len()];
            assert_harmless(wheel, stale, &noop());
        }
        Op::Jump(by) => jump_to(wheel, model, model.elapsed.saturating_add(by)),
        Op::JumpToBorder(digits, after) => {
            let border = model.elapsed | ((1 << (6 * digits)) - 1);
            jump_to(wheel, model, border.saturating_add(after));
        }
        Op::JumpToWork => jump_to(wheel, model, wheel.next_work().unwrap_or(model.elapsed)),
        Op::JumpBack(by) => jump_to(wheel, model, model.elapsed.saturating_sub(by)),
        Op::Reset(..) | Op::Remove(_) | Op::Stale(_) => {}
    }
}

fn jump_to(wheel: &mut Wheel, model: &mut Model, now: u64) {
    let mut fired = Fired::new();
    wheel.expire(now, &mut fired, |_, _| {});
    let due = model.expire(now);
    let expected: Vec<TimerKey> = due.iter().map(|&which| model.timers[which].key).collect();
    let keys: Vec<TimerKey> = fired.iter().map(|(key, _)| *key).collect();
    assert_eq!(keys, expected, "at {now}");
    for (which, (_, waker)) in due.into_iter().zip(fired) {
        assert!(is(&waker.unwrap(), &model.timers[which].bell));
    }
}

fn compare(wheel: &Wheel, model: &Model) {
    check(wheel);
    assert_eq!(wheel.elapsed(), model.elapsed);
    assert_eq!(wheel.len(), model.waiting.len());
    for timer in &model.timers {
        assert_eq!(wheel.is_fired(timer.key), timer.at.is_none());
        // See `is` for Miri.
        assert!(cfg!(miri) || wheel.wakes(timer.key, &timer.bell) == timer.at.is_some());
    }
    match (wheel.next_work(), model.next()) {
        (Some(work), Some(next)) => {
            assert!(work <= next);
            assert!(work > model.elapsed || next == model.elapsed);
        }
        (work, next) => assert_eq!(work, next),
    }
}

/// Fewer and shorter ones under Miri, which is slow.
const CASES: u32 = if cfg!(miri) { 4 } else { 400 };
const LENGTH: usize = if cfg!(miri) { 40 } else { 150 };

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(CASES) })]

    #[test]
    fn the_wheel_agrees_with_an_ordered_map(ops in prop::collection::vec(op(), 1..LENGTH)) {
        let mut wheel = Wheel::new();
        let mut model = Model::default();
        for op in ops {
            apply(&mut wheel, &mut model, op);
            compare(&wheel, &model);
        }
        jump_to(&mut wheel, &mut model, u64::MAX);
        compare(&wheel, &model);
    }
}
