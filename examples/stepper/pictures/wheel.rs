//! The timer wheel: rings of 64 slots, and in them the timers.
//!
//! A slot of level 0 is a millisecond wide, one of level 1 is 64 of these, one of level 2 is
//! 64 of those: six levels reach two years. A timer hangs on the lowest level on which
//! its deadline and the wheel's own time are in different slots; so a timer far away costs
//! nothing until its slot comes round.
//!
//! Only levels that hold something are drawn. Where the place is narrow, one sign stands for
//! two slots.

use std::collections::BTreeSet;
use std::time::Duration;

use runtime::trace::{Snapshot, TimerView, WheelView};

use super::{Ink, Mark, Picture, Row};
use story::{place, words};

const SLOTS: u64 = 64;
/// What stands left and right of a ring: the mark, the level, the width of a slot.
const FRAME: usize = 13;
/// Farther away than the highest level reaches.
const FAR: u32 = 6;

pub(crate) fn draw(before: &Snapshot, after: &Snapshot, width: usize) -> Picture {
    let (old, new) = (&before.wheel, &after.wheel);
    let numbers: BTreeSet<u64> = old
        .timers
        .keys()
        .chain(new.timers.keys())
        .copied()
        .collect();
    let mut rows: Vec<Row> = levels(old, new)
        .map(|level| ring(level, old, new, width))
        .collect();
    rows.extend(
        numbers
            .into_iter()
            .filter_map(|number| timer(number, old, new)),
    );
    if rows.is_empty() {
        rows.push(Row::faint("empty: no task waits for the clock"));
    }
    Picture {
        title: "WHEEL",
        legend: match signs(width) == SLOTS as usize {
            true => "n timers  ^ now  · a slot  = its width",
            false => "n timers  ^ now  · 2 slots  = one slot",
        },
        rows,
    }
}

/// The levels on which something hangs, or hung.
fn levels(old: &WheelView, new: &WheelView) -> impl Iterator<Item = u32> + use<> {
    let of = |wheel: &WheelView| {
        let places = wheel
            .timers
            .values()
            .map(|timer| wheel.place_of(timer.tick).0);
        places.collect::<BTreeSet<u32>>()
    };
    let mut both = of(new);
    both.extend(of(old));
    both.into_iter().filter(|&level| level < FAR)
}

/// How many signs a ring has.
fn signs(width: usize) -> usize {
    match width >= SLOTS as usize + FRAME {
        true => SLOTS as usize,
        false => SLOTS as usize / 2,
    }
}

fn ring(level: u32, old: &WheelView, new: &WheelView, width: usize) -> Row {
    let (was, is) = (filled(level, old), filled(level, new));
    let per = SLOTS as usize / signs(width);
    let hand = (new.elapsed >> (6 * level)) % SLOTS;
    let mut pieces = vec![(Ink::Faint, format!("L{level} "))];
    for first in (0..SLOTS as usize).step_by(per) {
        let sum = |slots: &[usize]| slots[first..first + per].iter().sum::<usize>();
        let under_hand = (first..first + per).contains(&(hand as usize));
        pieces.push(sign(sum(&was), sum(&is), under_hand));
    }
    pieces.push((Ink::Faint, format!("={}", width_of_slot(level))));
    let mark = Mark::Same;
    Row { mark, pieces }
}

fn sign(was: usize, is: usize, under_hand: bool) -> (Ink, String) {
    let ink = match is {
        _ if is > was => Ink::New,
        _ if is < was => Ink::Gone,
        0 => Ink::Faint,
        _ => Ink::Plain,
    };
    let text = match is {
        0 if is < was => "-".to_owned(),
        0 if under_hand => "^".to_owned(),
        0 => "·".to_owned(),
        1..=9 => is.to_string(),
        _ => "#".to_owned(),
    };
    (ink, text)
}

/// How many timers hang in each slot of a level.
fn filled(level: u32, wheel: &WheelView) -> [usize; SLOTS as usize] {
    let mut slots = [0; SLOTS as usize];
    for timer in wheel.timers.values() {
        let (of, slot) = wheel.place_of(timer.tick);
        if of == level {
            slots[slot as usize % slots.len()] += 1;
        }
    }
    slots
}

fn timer(number: u64, old: &WheelView, new: &WheelView) -> Option<Row> {
    let (before, after) = (old.timers.get(&number), new.timers.get(&number));
    let place = |wheel: &WheelView, timer: &TimerView| (timer.tick, wheel.place_of(timer.tick));
    let was = before.map(|timer| place(old, timer));
    let is = after.map(|timer| place(new, timer));
    let mark = Mark::of(was.as_ref(), is.as_ref());
    let view = after.or(before)?;
    let (tick, (level, slot)) = is.or(was)?;
    let at = words::time(Duration::from_millis(tick));
    let made = view
        .at
        .map_or(String::new(), |at| format!(" {}", place::short(at)));
    let hangs = match level {
        FAR => "far away".to_owned(),
        _ => format!("L{level} slot {slot}"),
    };
    Some(Row::marked(
        mark,
        format!("timer {number} {at}: {hangs}{made}"),
    ))
}

fn width_of_slot(level: u32) -> &'static str {
    match level {
        0 => "1 ms",
        1 => "64 ms",
        2 => "4.1 s",
        3 => "4.4 min",
        4 => "4.7 h",
        _ => "12 days",
    }
}
