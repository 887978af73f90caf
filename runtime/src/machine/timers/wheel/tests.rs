//! The wheel at its borders. [`model`] drives it at random.

mod model;

use std::sync::Arc;
use std::task::{Wake, Waker};

use super::entries::Entries;
use super::{FAR, LEVELS, Place, RINGS, TimerKey, Wheel};

/// What a wheel hands out when it fires.
type Fired = Vec<(TimerKey, Option<Waker>)>;

/// A waker that differs from all others and whose copies can be counted.
struct Bell;

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        panic!("the wheel woke a task itself");
    }
}

fn noop() -> Waker {
    Waker::noop().clone()
}

/// Whether both wake the same. (`will_wake` compares the addresses of tables, too, and Miri makes some twice.)
fn is(one: &Waker, other: &Waker) -> bool {
    one.data() == other.data()
}

fn advance(wheel: &mut Wheel, now: u64) -> Vec<TimerKey> {
    let mut fired = Fired::new();
    wheel.expire(now, &mut fired, |_, _| {});
    check(wheel);
    fired.into_iter().map(|(key, _)| key).collect()
}

/// Holds the whole wheel against its own rules.
fn check(wheel: &Wheel) {
    let mut in_rings = 0;
    for ring in 0..RINGS {
        let place = Place::with_ring(ring);
        let keys = wheel.entries.in_ring(ring);
        let bit = wheel.occupied[place.level as usize] >> place.slot & 1 == 1;
        assert_eq!(bit, !keys.is_empty(), "the occupancy bit of {place:?}");
        for key in &keys {
            let tick = wheel.entries.node(wheel.entries.find(*key).unwrap()).tick;
            assert_eq!(Place::of(tick, wheel.elapsed), place, "the place of {tick}");
            assert!(tick >= wheel.elapsed);
            assert!(place.level != FAR || wheel.far_from <= tick && wheel.far_from > wheel.elapsed);
        }
        in_rings += keys.len();
    }
    assert_eq!(in_rings, wheel.len());
    assert_eq!(in_rings, wheel.iter().count());
}

/// Ticks at which a level ends, and their neighbours, as distances and as places.
fn borders() -> Vec<u64> {
    let mut ticks: Vec<u64> = (1..=10)
        .map(|digits| 1_u64 << (6 * digits))
        .flat_map(|border| [border - 1, border, border + 1])
        .collect();
    ticks.extend([1, 2, 62, 1 << 63, u64::MAX - 1, u64::MAX]);
    ticks
}

/// Starting points with all digits at zero, at their end, and somewhere between.
const PHASES: [u64; 8] = [
    0,
    1,
    63,
    1_000,
    262_143,
    0x0123_4567_89AB,
    (1 << 36) - 1,
    (5 << 36) + 12_345,
];

/// Fires one timer by going from work to work, as the driver does, and counts the stops.
fn fires_exactly_at(start: u64, tick: u64) -> u32 {
    let mut wheel = Wheel::new();
    assert_eq!(advance(&mut wheel, start), []);
    let key = wheel.insert(tick, noop());
    check(&wheel);
    for stops in 1.. {
        let work = wheel.next_work().unwrap();
        assert!(work <= tick && work > wheel.elapsed());
        assert_eq!(
            advance(&mut wheel, work - 1),
            [],
            "there was work before next_work"
        );
        let fired = advance(&mut wheel, work);
        assert_eq!(wheel.is_fired(key), work == tick);
        if work == tick {
            assert_eq!(fired, [key]);
            assert_eq!((wheel.len(), wheel.next_work()), (0, None));
            return stops;
        }
        assert_eq!(fired, []);
    }
    unreachable!()
}

#[test]
fn a_timer_fires_at_its_tick_on_every_border_from_every_phase() {
    for start in PHASES {
        for border in borders() {
            let distance = start.saturating_add(border);
            let stops = fires_exactly_at(start, distance);
            assert!(
                stops <= LEVELS + 1,
                "{stops} stops from {start} to {distance}"
            );
            if border > start {
                fires_exactly_at(start, border);
            }
        }
    }
}

#[test]
fn one_jump_fires_what_is_due_and_nothing_more() {
    for start in PHASES.into_iter().step_by(if cfg!(miri) { 4 } else { 1 }) {
        for border in borders() {
            let Some(tick) = start.checked_add(border).filter(|&tick| tick < u64::MAX) else {
                continue;
            };
            let mut wheel = Wheel::new();
            advance(&mut wheel, start);
            let late = wheel.insert(tick + 1, noop());
            let due = wheel.insert(tick, noop());
            assert_eq!(advance(&mut wheel, tick - 1), []);
            assert_eq!(advance(&mut wheel, tick), [due]);
            assert_eq!(advance(&mut wheel, u64::MAX), [late]);
        }
    }
}

#[test]
fn the_worked_example_of_the_essay_is_true() {
    let mut wheel = Wheel::new();
    advance(&mut wheel, 1_000);
    assert_eq!(Place::of(1_010, 1_000), Place { level: 0, slot: 50 });
    assert_eq!(Place::of(1_030, 1_000), Place { level: 1, slot: 16 });
    assert_eq!(Place::of(5_000, 1_000), Place { level: 2, slot: 1 });
    let key = wheel.insert(1_030, noop());
    assert_eq!(wheel.next_work(), Some(1_024));
    advance(&mut wheel, 1_024);
    let cascaded = (key, Place { level: 0, slot: 6 }, 1_030);
    assert_eq!(wheel.iter().collect::<Vec<_>>(), [cascaded]);
}

#[test]
fn a_jump_fires_in_order_of_tick_and_first_come_first_served_within_one() {
    let mut wheel = Wheel::new();
    let ticks = [5_000, 70, 5_000, 1 << 40, 3, 70, 1 << 37, 5_000, 1 << 40];
    let keys = ticks.map(|tick| wheel.insert(tick, noop()));
    advance(&mut wheel, 4_950);
    let last_of_5000 = wheel.insert(5_000, noop());
    let order = [
        keys[0],
        keys[2],
        keys[7],
        last_of_5000,
        keys[6],
        keys[3],
        keys[8],
    ];
    assert_eq!(advance(&mut wheel, u64::MAX), order);
}

#[test]
fn a_timer_that_is_set_too_late_fires_at_the_next_expire() {
    let mut wheel = Wheel::new();
    advance(&mut wheel, 5_000);
    let keys = [0, 4_999, 5_000].map(|tick| wheel.insert(tick, noop()));
    assert_eq!(wheel.next_work(), Some(5_000));
    assert_eq!(advance(&mut wheel, 17), keys, "whatever its `now`");
    assert_eq!(wheel.elapsed(), 5_000);
}

#[test]
fn a_clock_that_goes_back_moves_nothing() {
    let mut wheel = Wheel::new();
    advance(&mut wheel, 5_000);
    let key = wheel.insert(5_001, noop());
    assert_eq!(advance(&mut wheel, 0), []);
    assert_eq!(wheel.elapsed(), 5_000);
    assert_eq!(advance(&mut wheel, 5_001), [key]);
}

#[test]
fn an_empty_wheel_moves_on_and_has_no_work() {
    let mut wheel = Wheel::new();
    assert_eq!(wheel.next_work(), None);
    assert_eq!(advance(&mut wheel, u64::MAX), []);
    assert_eq!(wheel.elapsed(), u64::MAX);
    let key = wheel.insert(u64::MAX, noop());
    assert_eq!(wheel.next_work(), Some(u64::MAX));
    assert_eq!(advance(&mut wheel, u64::MAX), [key]);
}

#[test]
fn far_deadlines_are_reached_without_a_stop_at_every_span() {
    assert!(fires_exactly_at(0, u64::MAX) <= LEVELS + 1);
    // Removing the first far timer leaves a stop for nothing, but no wrong one.
    let mut wheel = Wheel::new();
    let near = wheel.insert(3 << 36, noop());
    let far = wheel.insert(9 << 36, noop());
    wheel.remove(near);
    assert_eq!(wheel.next_work(), Some(3 << 36));
    assert_eq!(advance(&mut wheel, 3 << 36), []);
    assert_eq!(wheel.next_work(), Some(9 << 36));
    assert_eq!(advance(&mut wheel, 9 << 36), [far]);
    // The bound of an emptied far ring is forgotten.
    let gone = wheel.insert(11 << 36, noop());
    wheel.remove(gone);
    assert_eq!(wheel.next_work(), None);
    wheel.insert(20 << 36, noop());
    assert_eq!(wheel.next_work(), Some(20 << 36));
}

#[test]
fn reset_moves_a_timer_that_waits_and_revives_one_that_fired() {
    let mut wheel = Wheel::new();
    let key = wheel.insert(10, noop());
    wheel.reset(key, 1 << 50);
    assert_eq!(advance(&mut wheel, 4_000), []);
    wheel.reset(key, 4_001);
    assert_eq!(advance(&mut wheel, 4_001), [key]);
    assert!(wheel.is_fired(key));
    wheel.reset(key, 4_002);
    assert!(!wheel.is_fired(key));
    assert_eq!(wheel.len(), 1);
    assert_eq!(advance(&mut wheel, 4_002), [key]);
    wheel.reset(key, 0);
    assert_eq!(
        advance(&mut wheel, 0),
        [key],
        "a tick that has passed is due now"
    );
}

#[test]
fn wakers_come_out_to_the_caller_and_none_is_kept_or_dropped_inside() {
    let bells = [Arc::new(Bell), Arc::new(Bell), Arc::new(Bell)];
    let [first, second, third] = bells.each_ref().map(|bell| Waker::from(bell.clone()));
    let copies = || bells.each_ref().map(Arc::strong_count);
    let mut wheel = Wheel::new();
    let mut fired = Fired::new();

    let key = wheel.insert(5, first.clone());
    assert!(cfg!(miri) || wheel.wakes(key, &first)); // see `is`
    assert!(!wheel.wakes(key, &second));
    let old = wheel.set_waker(key, second.clone());
    assert!(old.is_some_and(|old| is(&old, &first)));
    wheel.expire(5, &mut fired, |_, _| {});
    let (_, waker) = fired.pop().unwrap();
    assert!(waker.is_some_and(|waker| is(&waker, &second)));
    assert!(!wheel.wakes(key, &second), "a fired timer has no waker");

    wheel.reset(key, 6);
    wheel.expire(6, &mut fired, |_, _| {});
    assert!(fired.pop().unwrap().1.is_none());
    assert!(wheel.set_waker(key, third.clone()).is_none());
    assert!(wheel.remove(key).is_some_and(|waker| is(&waker, &third)));
    assert!(wheel.remove(key).is_none());
    assert_eq!(copies(), [2, 2, 2], "one in `bells` and one waker each");
}

#[test]
fn a_stale_key_never_touches_the_newer() {
    let mut wheel = Wheel::new();
    let bell = Waker::from(Arc::new(Bell));
    let old = wheel.insert(5, noop());
    wheel.remove(old);
    assert_harmless(&mut wheel, old, &bell);
    let newer = wheel.insert(7, noop());
    let index = |key: TimerKey| key.id() as u32;
    assert_eq!(index(newer), index(old), "it is used again");
    assert_ne!(newer.id(), old.id());
    assert_harmless(&mut wheel, old, &bell);
    assert_eq!(advance(&mut wheel, 6), []);
    assert_eq!(advance(&mut wheel, 7), [newer]);
    assert_harmless(&mut wheel, old, &bell);
    assert!(wheel.is_fired(newer));
}

fn assert_harmless(wheel: &mut Wheel, stale: TimerKey, bell: &Waker) {
    let before = (wheel.len(), wheel.next_work());
    wheel.reset(stale, 1);
    let returned = wheel.set_waker(stale, bell.clone());
    assert!(returned.is_some_and(|waker| is(&waker, bell)));
    assert!(!wheel.wakes(stale, bell) && !wheel.is_fired(stale));
    assert!(wheel.remove(stale).is_none());
    assert_eq!((wheel.len(), wheel.next_work()), before);
    check(wheel);
}

#[test]
fn a_key_of_another_wheel_is_harmless() {
    let mut large = Wheel::new();
    let keys = [1, 2, 3].map(|tick| large.insert(tick, noop()));
    let bell = Waker::from(Arc::new(Bell));
    assert_harmless(&mut Wheel::new(), keys[2], &bell);
}

#[test]
fn an_index_whose_generations_are_used_up_is_retired() {
    let mut wheel = Wheel::new();
    let young = wheel.insert(1, noop());
    wheel.remove(young);
    wheel.entries.age_free();
    let last = wheel.insert(1, noop());
    assert_eq!(last.id() as u32, young.id() as u32);
    wheel.remove(last);
    let fresh = wheel.insert(1, noop());
    assert_ne!(fresh.id() as u32, young.id() as u32);
    assert!(wheel.remove(last).is_none() && wheel.remove(young).is_none());
    assert_eq!(advance(&mut wheel, 1), [fresh]);
}

#[test]
fn freed_entries_are_used_again_before_the_slab_grows() {
    let mut wheel = Wheel::new();
    let mut indices = Vec::new();
    for _ in 0..3 {
        let keys: Vec<TimerKey> = (0..100).map(|tick| wheel.insert(tick, noop())).collect();
        indices.push(keys.iter().map(|key| key.id() as u32).max());
        advance(&mut wheel, 50);
        for key in keys {
            wheel.remove(key);
        }
        check(&wheel);
        assert_eq!(wheel.len(), 0);
    }
    assert_eq!(indices[0], indices[2]);
}

#[test]
fn an_entry_is_no_larger_than_forty_bytes_and_a_key_than_eight() {
    const { assert!(Entries::NODE_SIZE <= 40) };
    assert_eq!(size_of::<TimerKey>(), 8);
    assert_eq!(size_of::<Option<TimerKey>>(), 8);
}
