//! How long the loop polls before it looks at the driver.
//!
//! A **round** is what the loop does between two looks at sockets, timers and the inbox. Nothing
//! that has happened there can be served before the round is over, so it must be short. But a
//! look costs a system call, so it must not be too short either. A round ends when no task is
//! ready. It also ends
//!
//! * after as many polls as [`event_interval`](crate::runtime::Builder::event_interval) allows,
//!   61 unless set;
//! * when the loop reads the clock and finds that it has lasted half a millisecond ([`LONG`]). Sixty-one short polls take a few
//!   microseconds. Sixty-one polls that move 64 KiB each, or parse a megabyte, take a tenth of a
//!   second, and a neighbour that has sent three bytes would wait for all of them.
//!
//! To read the clock costs as much as a short poll. So the loop does not read it after each poll,
//! but after 4, 16, 64, 256, ... of them: twice in a round of 61, and never in a round of three.
//! After each reading the loop may make three times as many polls as it has made so far. If all polls
//! take the same time, and none more than half a millisecond, a round lasts 2 ms at most. If polls are longer, a round
//! has four of them.
//!
//! While polls run, a paused clock stands still. Then a round is as many polls as it may be, and
//! two runs of one program make the same ones. The same holds while a person steps the runtime, or
//! holds it at its gate. The time between two polls is then the person's, and every round would be long.

use std::cell::Cell;
use std::time::Duration;

/// A round that has lasted for so long is over.
pub(crate) const LONG: Duration = Duration::from_micros(500);

/// Polls before the clock is read for the first time.
const FIRST: u32 = 4;

/// The polls of a round that may still be made.
#[derive(Default)]
pub(crate) struct Round {
    /// Before the clock is read, or before the round is over. Nought while the loop is watched, so that
    /// it does not poll without a look.
    left: Cell<u32>,
    /// The same, while it is watched.
    aside: Cell<u32>,
    is_watched: Cell<bool>,
    /// After those.
    later: Cell<u32>,
    /// How many have been made by the time when those that are left have been made.
    made: Cell<u32>,
}

impl Round {
    /// A round of so many polls begins.
    pub(crate) fn begin(&self, polls: u32) {
        let first = polls.min(FIRST);
        self.left().set(first);
        self.made.set(first);
        self.later.set(polls - first);
    }

    /// The round is over.
    pub(crate) fn end(&self) {
        self.left().set(0);
        self.later.set(0);
    }

    /// From now on the length of this round does not matter, only its polls.
    pub(crate) fn ignore_time(&self) {
        let left = self.left();
        left.set(left.get() + self.later.take());
    }

    /// From now on the loop is watched, or is not any more. The polls that are left stay as many.
    pub(crate) fn watch(&self, watched: bool) {
        let left = self.left().take();
        self.is_watched.set(watched);
        self.left().set(left);
    }

    /// Takes a poll from those that are left, if the loop need not ask anything before it.
    #[inline(always)]
    pub(crate) fn take_poll(&self) -> bool {
        let left = self.left.get();
        if left == 0 {
            return false;
        }
        self.left.set(left - 1);
        true
    }

    /// Whether another poll may be made; takes it from those that are left. `is_long` is asked
    /// now and then whether the round has lasted for long.
    pub(crate) fn ask_for_poll(&self, is_long: impl FnOnce() -> bool) -> bool {
        let left = self.left();
        if left.get() == 0 && !self.goes_on(is_long) {
            return false;
        }
        left.set(left.get() - 1);
        true
    }

    /// Where the polls are that are left.
    fn left(&self) -> &Cell<u32> {
        match self.is_watched.get() {
            true => &self.aside,
            false => &self.left,
        }
    }

    /// So many polls have been made that it is time to ask how long they took.
    fn goes_on(&self, is_long: impl FnOnce() -> bool) -> bool {
        let later = self.later.get();
        if later == 0 || is_long() {
            self.later.set(0);
            return false;
        }
        let next = later.min(3 * self.made.get());
        self.left().set(next);
        self.made.set(self.made.get() + next);
        self.later.set(later - next);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After how many polls the clock is read, and how many are made in all, if the round is long
    /// from that poll on.
    fn polls(interval: u32, long_from: u32) -> (Vec<u32>, u32) {
        let (round, mut asked, mut made) = (Round::default(), Vec::new(), 0);
        round.begin(interval);
        while round.ask_for_poll(|| {
            asked.push(made);
            made >= long_from
        }) {
            made += 1;
        }
        assert!(!round.ask_for_poll(|| false), "what is over does not go on");
        (asked, made)
    }

    #[test]
    fn the_clock_is_read_ever_more_rarely() {
        assert_eq!(polls(61, u32::MAX), (vec![4, 16], 61));
        assert_eq!(polls(1000, u32::MAX), (vec![4, 16, 64, 256], 1000));
        for few in 1..=4 {
            assert_eq!(polls(few, u32::MAX), (vec![], few));
        }
        assert_eq!(polls(u32::MAX, 2_000).1, 4096);
    }

    #[test]
    fn a_round_that_lasts_long_is_over_when_that_is_found() {
        assert_eq!(polls(61, 1), (vec![4], 4));
        assert_eq!(polls(61, 5), (vec![4, 16], 16));
    }

    #[test]
    fn a_round_that_ignores_time_makes_all_its_polls_and_never_asks() {
        for before in [0, 1, 4, 10, 61] {
            let round = Round::default();
            round.begin(61);
            assert!((0..before).all(|_| round.ask_for_poll(|| false)));
            round.ignore_time();
            round.ignore_time();
            let after = (0..).take_while(|_| round.ask_for_poll(|| panic!("it asks")));
            assert_eq!(before + after.count(), 61);
        }
    }

    #[test]
    fn a_round_that_is_ended_makes_no_other_poll() {
        let round = Round::default();
        round.begin(61);
        round.end();
        assert!(!round.ask_for_poll(|| false));
    }

    #[test]
    fn a_round_has_as_many_polls_however_often_the_loop_is_watched() {
        for every in [1, 2, 3, 7] {
            let (round, mut made) = (Round::default(), 0);
            round.begin(61);
            while round.take_poll() || round.ask_for_poll(|| false) {
                made += 1;
                if made % every == 0 {
                    round.watch(made % (2 * every) != 0);
                    assert!(!(round.is_watched.get() && round.take_poll()));
                }
            }
            assert_eq!(made, 61);
        }
    }
}
