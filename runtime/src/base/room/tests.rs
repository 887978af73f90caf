//! What is cut, when, and how often.

use super::*;

fn full(count: u64) -> Roomy<VecDeque<u64>> {
    Roomy {
        inner: (0..count).collect(),
        patience: Patience::new(),
    }
}

#[test]
fn a_queue_that_is_used_by_less_than_a_quarter_is_cut_to_twice_its_use() {
    let mut queue = full(100_000);
    let room = queue.capacity();
    while queue.len() >= room / 4 {
        queue.pop_front();
        assert_eq!(queue.capacity(), room);
        queue.give_back(KEPT);
    }
    let left = queue.len();
    assert!(queue.capacity() >= 2 * left && queue.capacity() < room);
    while queue.len() > 1 {
        queue.pop_front();
        queue.give_back(KEPT);
    }
    assert_eq!(queue.capacity(), KEPT, "a small room is kept");
    assert_eq!(*queue, [99_999]);
}

/// The longest row of cuts: from a full queue down to nothing.
#[test]
fn cuts_move_fewer_values_than_were_taken_out() {
    let mut queue = full(1_000_000);
    let (mut moved, mut room) = (0, queue.capacity());
    for taken in 1..=1_000_000 {
        queue.pop_front();
        queue.give_back(KEPT);
        if queue.capacity() != room {
            room = queue.capacity();
            moved += queue.len();
        }
        assert!(moved <= taken, "{moved} moved, {taken} taken");
    }
}

#[test]
fn a_load_that_goes_up_and_down_by_less_than_four_moves_nothing() {
    let mut queue = full(32_768);
    let room = queue.capacity();
    for _ in 0..10 {
        while queue.len() > room / 4 {
            queue.pop_front();
            assert!(!queue.give_back(KEPT));
        }
        while queue.len() < room {
            queue.push_back(0);
        }
        assert_eq!(queue.capacity(), room);
    }
}

/// Fills the queue and empties it, and says how often it was cut on the way.
fn up_and_down(queue: &mut Roomy<VecDeque<u64>>) -> usize {
    queue.extend(0..20_000);
    let cut = |_: &usize| {
        queue.pop_front();
        queue.give_back(KEPT)
    };
    (0..20_000).filter(cut).count()
}

#[test]
fn a_load_that_goes_all_the_way_up_and_down_is_not_cut_for_ever() {
    let mut queue = full(0);
    let first = up_and_down(&mut queue);
    assert!(first > 0);
    assert_eq!(queue.capacity(), KEPT, "what comes once is given back");
    let cuts: usize = (0..20).map(|_| up_and_down(&mut queue)).sum();
    assert!(cuts > 0 && cuts < 20 * first);
    let cuts: usize = (0..100).map(|_| up_and_down(&mut queue)).sum();
    assert_eq!(cuts, 0, "what comes again and again is not");
    let room = queue.capacity();
    queue.push_back(0);
    for _ in 0..room {
        queue.push_back(0);
        queue.pop_front();
        queue.give_back(KEPT);
    }
    assert_eq!(queue.capacity(), KEPT, "but when it stops coming");
}

/// The tables of the machine see a burst only when it is over.
#[test]
fn a_load_that_no_look_sees_is_cut_ever_more_rarely() {
    let mut list: Roomy<Vec<u64>> = Roomy::default();
    let mut burst = |_: &usize| {
        list.resize(5_000, 0);
        list.clear();
        list.give_back(KEPT)
    };
    assert_eq!((0..2).filter(&mut burst).count(), 1);
    assert!((0..1_000).filter(&mut burst).count() < 10);
    assert!((0..20_000).filter(&mut burst).count() < 10);
}

#[test]
fn what_has_no_size_is_never_cut() {
    let mut queue = Roomy {
        inner: VecDeque::from(vec![(); 10]),
        patience: Patience::new(),
    };
    queue.give_back(kept::<()>());
    assert_eq!(queue.len(), 10);
}

#[test]
fn slots_are_cut_behind_the_last_that_is_in_use_and_filled_from_the_lowest() {
    let mut slots = Slots::new();
    (0..10_000).for_each(|n| assert_eq!(slots.insert(n), n));
    for place in (0..10_000).filter(|place| ![40, 3_000].contains(place)) {
        slots.remove(place);
        slots.give_back(KEPT);
    }
    slots.give_back(KEPT);
    assert!(slots.capacity() < 10_000 && slots.capacity() > 3_000);
    assert_eq!((slots[40], slots[3_000]), (40, 3_000));
    assert_eq!([slots.insert(0), slots.insert(1)], [0, 1]);
    for place in [3_000, 40, 0, 1] {
        slots.remove(place);
        slots.give_back(KEPT);
    }
    assert_eq!(slots.capacity(), KEPT);
}

#[test]
fn slots_are_cut_again_after_as_many_looks_as_there_are_places_in_use() {
    let mut slots = Slots::new();
    (0..8_192).for_each(|n| assert_eq!(slots.insert(n), n));
    for place in 0..8_191 - 1_000 {
        slots.remove(place);
    }
    let cuts = (0..2_002).filter(|_| slots.give_back(KEPT));
    assert_eq!(
        cuts.count(),
        2,
        "the first at once; the last place is in use"
    );
}

#[test]
fn slots_are_not_put_in_order_for_less_than_an_eighth() {
    let mut slots = Slots::new();
    (0..8_192).for_each(|n| assert_eq!(slots.insert(n), n));
    let last = 8_192 - 1_024;
    for place in (0..8_192).filter(|&place| place != last) {
        slots.remove(place);
    }
    slots.give_back(KEPT);
    assert_eq!(slots.vacant_key(), 8_191, "the one that was left last");
    slots.insert(0);
    slots.remove(last);
    slots.remove(8_191);
    assert!((0..2).any(|_| slots.give_back(KEPT)));
    assert_eq!((slots.capacity(), slots.vacant_key()), (KEPT, 0));
}

#[test]
fn looks_at_a_room_in_use_can_be_left_out_when_one_value_leaves_at_a_time() {
    let [mut each, mut few] = [full(40_000), full(40_000)];
    let mut dice: u64 = 1;
    for _ in 0..200 {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let (fill, goal) = (dice >> 63 == 0, (dice >> 40) as usize % 40_000);
        while each.len() != goal && (each.len() < goal) == fill {
            if fill {
                each.push_back(0);
                few.push_back(0);
                continue;
            }
            each.pop_front();
            few.pop_front();
            assert_eq!(each.give_back(KEPT), few.give_back_one(KEPT));
        }
        assert_eq!(each.capacity(), few.capacity());
    }
}
