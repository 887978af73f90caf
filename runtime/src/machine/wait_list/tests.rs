//! What a wait list promises, against a plain model of it.

use super::*;
use crate::base::rng::{draw, state_of};

#[test]
fn a_node_has_24_bytes_in_the_slab_too() {
    let mut list = WaitList::new();
    let keys: Vec<_> = (0..64).map(|_| list.push(Rechecked::noop())).collect();
    let at = |key: &WaitKey| std::ptr::from_ref(&list.nodes[key.index as usize]).addr();
    assert!(keys.windows(2).all(|two| at(&two[1]) - at(&two[0]) == 24));
}

#[test]
fn the_number_after_the_last_one_is_the_first() {
    let mut list = WaitList::new();
    list.next_number = NonZeroU32::MAX;
    let last = list.push(Rechecked::noop());
    assert!(list.remove(last).is_some());
    let first = list.push(Rechecked::noop());
    assert_eq!((last.index, first.number), (first.index, NonZeroU32::MIN));
    assert!(!list.contains(last) && list.contains(first));
}

#[test]
fn a_waiter_in_the_middle_leaves_and_the_order_of_the_rest_stays() {
    let mut list = WaitList::new();
    let keys: Vec<_> = (0..4).map(|_| list.push(Rechecked::noop())).collect();
    assert!(list.remove(keys[1]).is_some());
    assert!(list.remove(keys[1]).is_none());
    let late = list.push(Rechecked::noop());
    assert_ne!(late, keys[1], "the place is the same, the waiter is not");
    for key in [keys[0], keys[2], keys[3], late] {
        assert!(list.contains(key));
        list.pop();
        assert!(!list.contains(key));
    }
    assert!(list.is_empty() && list.pop().is_none());
}

#[test]
fn one_that_was_called_keeps_its_answer_until_it_has_left() {
    let mut list = WaitList::new();
    let keys: Vec<_> = (1..4)
        .map(|n| list.push_for(Rechecked::noop(), n))
        .collect();
    assert_eq!(list.first_need(), Some(1));
    assert!(list.call(70).is_some());
    assert_eq!(list.first_need(), Some(2), "it is out of the line");
    assert!(!list.contains(keys[0]));
    assert_eq!(list.answer(keys[0]), Some(70));
    assert_eq!(list.answer(keys[1]), None);
    assert!(list.remove(keys[0]).is_none(), "its waker has gone");
    assert_eq!(list.answer(keys[0]), None, "it has left");
    assert_eq!(list.call_all(71).len(), 2);
    assert!(list.is_empty() && list.call(72).is_none());
    for key in &keys[1..] {
        assert_eq!(list.answer(*key), Some(71));
        list.remove(*key);
    }
    assert_eq!(list.nodes.len(), 0);
}

#[test]
fn who_waits_again_keeps_its_place_and_who_was_taken_out_joins_the_end() {
    let mut list = WaitList::new();
    let (mut first, mut second) = (None, None);
    assert!(list.wait(&mut first, Rechecked::noop()).is_none());
    assert!(list.wait(&mut second, Rechecked::noop()).is_none());
    let place = first;
    assert!(list.wait(&mut first, Rechecked::noop()).is_some());
    assert_eq!(first, place);
    list.pop();
    assert!(list.wait(&mut first, Rechecked::noop()).is_none());
    assert_ne!(first, place);
    list.pop();
    assert!(first.is_some_and(|key| list.contains(key)));
    assert_eq!(list.take_all().count(), 1);
    assert!(list.is_empty() && list.nodes.is_empty());
}

#[test]
fn one_who_waits_on_while_others_come_and_go_keeps_little() {
    let mut list = WaitList::new();
    let stays = list.push(Rechecked::noop());
    for _ in 0..if cfg!(miri) { 500 } else { 10_000 } {
        let key = list.push(Rechecked::noop());
        assert!(list.remove(key).is_some());
    }
    assert!(list.line.capacity() <= 4 * FEW, "{}", list.line.capacity());
    assert_eq!(list.iter().count(), 1);
    assert!(list.contains(stays) && list.pop().is_some() && !list.contains(stays));
}

/// Many come, leave from anywhere, are popped, and are called from both ends; the model is a plain queue.
#[test]
fn in_whatever_order_waiters_leave_the_line_is_that_of_the_model() {
    let (seeds, needs) = if cfg!(miri) { (2, 300) } else { (20, 3_000) };
    for seed in 0..seeds {
        let (mut list, mut model, mut called) = (WaitList::new(), VecDeque::new(), Vec::new());
        let mut state = state_of(seed);
        for need in 0..needs {
            let chance = draw(&mut state);
            // Now more of them come, and now more of them leave.
            let comes = chance % 8 < if need / (needs / 6) % 2 == 0 { 6 } else { 2 };
            let at = (chance >> 32) as usize;
            match (chance >> 8) % 8 {
                _ if comes => model.push_back((list.push_for(Rechecked::noop(), need), need)),
                0..4 if !model.is_empty() => {
                    let (key, _) = model.remove(at % model.len()).unwrap();
                    assert!(matches!(list.leave(key), (None, Some(_))));
                    assert!(matches!(list.leave(key), (None, None)), "it has left");
                }
                4 => assert_eq!(list.pop().is_some(), model.pop_front().is_some()),
                5 if list.call(need).is_some() => called.push((model.pop_front().unwrap(), need)),
                6 if list.call_last(need).is_some() => {
                    called.push((model.pop_back().unwrap(), need));
                }
                _ => {
                    for ((key, _), answer) in called.drain(..) {
                        assert_eq!(list.answer(key), Some(answer));
                        assert!(matches!(list.leave(key), (Some(told), None) if told == answer));
                    }
                }
            }
            assert_eq!(list.is_empty(), model.is_empty());
            assert_eq!(list.first_need(), model.front().map(|(_, need)| *need));
            assert_eq!(list.iter().count(), model.len());
            assert!(model.iter().all(|(key, _)| list.contains(*key)));
        }
    }
}
