//! The deadlines that no tick can express.
//!
//! They lie 2^64 ms or more after the start. A running clock never comes that far, but a paused one
//! jumps. The wheel holds their timers with the tick [`BEYOND`], which it never fires; here stands
//! when each of them is due.
//!
//! The end of a timer does not look here, so a pair may be stale. Stale pairs are removed when the
//! table is full, and the table then gets room for as many again: setting a timer costs O(1).

use std::collections::HashMap;
use std::time::Instant;

use super::wheel::{TimerKey, Wheel};
use crate::base::room::{KEPT, Roomy};

/// The last tick that the wheel fires.
pub(super) const LAST: u64 = u64::MAX - 1;

/// The tick of all these timers.
pub(super) const BEYOND: u64 = u64::MAX;

#[derive(Default)]
pub(super) struct Beyond {
    /// By timer: when it is due, and which setting this was.
    noted: Roomy<HashMap<TimerKey, (u64, Instant)>>,
    settings: u64,
    #[cfg(test)]
    visits: usize,
}

impl Beyond {
    /// A timer was set, or set anew, to this deadline.
    pub(super) fn note(&mut self, deadline: Instant, key: TimerKey, wheel: &Wheel) {
        if self.noted.len() == self.noted.capacity() {
            self.forget_stale(wheel);
            let more = self.noted.len() + 1;
            self.noted.reserve(more);
        }
        self.settings += 1;
        self.noted.insert(key, (self.settings, deadline));
    }

    /// The earliest deadline of a timer that waits.
    pub(super) fn first(&self, wheel: &Wheel) -> Option<Instant> {
        let waiting = self.noted.iter().filter(|(key, _)| waits(wheel, **key));
        waiting.map(|(_, &(_, deadline))| deadline).min()
    }

    /// Lets the wheel fire the timers that are due, in the order in which they were set.
    pub(super) fn release(&mut self, now: Instant, wheel: &mut Wheel) {
        self.forget_stale(wheel);
        let mut due = Vec::new();
        self.noted.retain(|&key, &mut (setting, deadline)| {
            let is_due = deadline <= now;
            if is_due {
                due.push((setting, key));
            }
            !is_due
        });
        due.sort_unstable_by_key(|&(setting, _)| setting);
        for (_, key) in due {
            wheel.reset(key, LAST);
        }
    }

    /// Gives back what a burst took. It looks at the pairs only if most of them must be stale.
    pub(super) fn give_back(&mut self, wheel: &Wheel) {
        let room = self.noted.capacity();
        if room > 2 * KEPT && wheel.len() < room / 4 {
            self.forget_stale(wheel);
            self.noted.give_back(KEPT);
        }
    }

    fn forget_stale(&mut self, wheel: &Wheel) {
        #[cfg(test)]
        {
            self.visits += self.noted.len();
        }
        self.noted.retain(|key, _| waits(wheel, *key));
    }
}

fn waits(wheel: &Wheel, key: TimerKey) -> bool {
    wheel.tick(key) == Some(BEYOND)
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    #[test]
    fn a_setting_looks_at_few_others_and_a_burst_is_given_back() {
        let (mut wheel, mut beyond) = (Wheel::new(), Beyond::default());
        let now = Instant::now();
        let mut keys = Vec::new();
        let many = if cfg!(miri) { 2_000 } else { 20_000 };
        for _ in 0..many {
            let key = wheel.insert(BEYOND, Waker::noop().clone());
            beyond.note(now, key, &wheel);
            keys.push(key);
        }
        for key in &keys {
            beyond.note(now, *key, &wheel);
        }
        assert_eq!(beyond.noted.len(), many, "one pair a timer");
        (0..100).for_each(|_| beyond.give_back(&wheel));
        assert!(beyond.visits <= 4 * many, "{} visits", beyond.visits);
        for key in keys {
            drop(wheel.remove(key));
        }
        assert_eq!(beyond.first(&wheel), None);
        beyond.give_back(&wheel);
        assert!(beyond.noted.capacity() <= 2 * KEPT);
        let visits = beyond.visits;
        (0..100).for_each(|_| beyond.give_back(&wheel));
        assert_eq!(beyond.visits, visits);
    }
}
