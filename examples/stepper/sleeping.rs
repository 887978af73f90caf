//! Why the thread sleeps no longer than until a time at which no timer fires.
//!
//! The wheel has something to do before: when its time comes to a slot of a higher level, the timers there are hung
//! anew, on lower levels. For that the thread wakes up, and no task.

use runtime::time::Duration;
use runtime::trace::{Event, WheelView};
use story::words;

/// In a few words; `None` if the event is something else, or a timer fires at that time.
pub(crate) fn until_a_cascade(event: &Event, wheel: &WheelView) -> Option<String> {
    let Event::Parked { until: Some(until) } = event else {
        return None;
    };
    let (number, first) = wheel.timers.iter().min_by_key(|(_, timer)| timer.tick)?;
    let begins_then = |tick: u64| {
        let (level, slot) = wheel.place_of(tick);
        let begin = (tick >> (6 * level)) << (6 * level);
        (until.as_millis() == u128::from(begin)).then_some((level, slot))
    };
    let is_later = until.as_millis() < u128::from(first.tick);
    let mut all = wheel.timers.values().filter(|_| is_later);
    let (level, slot) = all.find_map(|timer| begins_then(timer.tick))?;
    let at = words::time(Duration::from_millis(first.tick));
    Some(format!(
        "slot {slot} of L{level} cascades then; timer {number} fires later, at {at}."
    ))
}
