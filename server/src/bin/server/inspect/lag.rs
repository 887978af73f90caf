//! How long tasks stand in the run queue, from the wake to the poll: the lag of the loop.
//!
//! It is short while each poll is short. One task that holds the thread makes all others late, so the longest of a
//! hundred polls says more than the middle one.
//!
//! How it can go wrong: a wake whose poll was lost would be taken for the wake of the next one. So a loss has all that are
//! on the queue forgotten. A program may wake any number of tasks: [`MOST`] are remembered at once.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use runtime::trace::{Event, Record};

/// So many polls count, the last ones; and of so many tasks on the queue it is remembered when they came there.
const MOST: usize = 1000;

/// Tasks on the run queue, and when each was put there.
type Woken = BTreeMap<u64, Duration>;

#[derive(Default)]
pub(super) struct Lag {
    woken: Woken,
    /// How long the last ones stood there, the newest at the end.
    last: VecDeque<Duration>,
}

impl Lag {
    pub(super) fn add(&mut self, record: &Record) {
        match record.event {
            Event::Woken { task, .. } if self.woken.len() < MOST => {
                self.woken.entry(task).or_insert(record.time);
            }
            Event::PollStart { task } => {
                let woken = self.woken.remove(&task);
                let lag = woken.map(|woken| record.time.saturating_sub(woken));
                self.last.extend(lag);
                let too_many = self.last.len().saturating_sub(MOST);
                self.last.drain(..too_many);
            }
            // A poll in which a task wakes itself: it is late from the end of the poll on.
            Event::PollEnd { task, .. } => {
                let woken = self.woken.get_mut(&task);
                woken.into_iter().for_each(|woken| *woken = record.time);
            }
            Event::Held { .. } => self.forget(),
            _ => {}
        }
    }

    /// Those that are on the queue are not judged: events were lost, or the thread was held.
    pub(super) fn forget(&mut self) {
        self.woken.clear();
    }

    /// So long at most stood 99 of 100 of the last tasks. `None`: none was polled yet.
    pub(super) fn of_99_percent(&self) -> Option<Duration> {
        let mut all: Vec<Duration> = self.last.iter().copied().collect();
        all.sort_unstable();
        all.get((all.len() * 99).div_ceil(100).saturating_sub(1))
            .copied()
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use runtime::trace::{Cause, Place};

    use super::*;

    const fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    fn record(event: Event, time: Duration) -> Record {
        Record {
            seq: 0,
            time,
            task: None,
            place: Place::from(Location::caller()),
            event,
        }
    }

    fn polled(lag: &mut Lag, task: u64, woken: Duration, took: Duration) {
        let by = Cause::Owner;
        lag.add(&record(Event::Woken { task, by }, woken));
        lag.add(&record(Event::PollStart { task }, woken + took));
    }

    #[test]
    fn one_late_poll_of_a_hundred_is_left_out_and_two_are_not() {
        let mut lag = Lag::default();
        assert_eq!(lag.of_99_percent(), None);
        for task in 0..98 {
            polled(&mut lag, task, ms(task), ms(1));
        }
        polled(&mut lag, 98, ms(98), ms(50));
        assert_eq!(
            lag.of_99_percent(),
            Some(ms(50)),
            "one of 99 is more than a hundredth"
        );
        polled(&mut lag, 99, ms(99), ms(1));
        assert_eq!(lag.of_99_percent(), Some(ms(1)));
        polled(&mut lag, 100, ms(100), ms(70));
        assert_eq!(lag.of_99_percent(), Some(ms(50)));
    }

    #[test]
    fn a_task_that_wakes_itself_is_late_from_the_end_of_its_poll_on() {
        let mut lag = Lag::default();
        let (task, by) = (1, Cause::Task(1));
        let (ready, spent) = (false, 0);
        lag.add(&record(Event::PollStart { task }, ms(0)));
        lag.add(&record(Event::Woken { task, by }, ms(1)));
        lag.add(&record(Event::PollEnd { task, ready, spent }, ms(40)));
        lag.add(&record(Event::PollStart { task }, ms(43)));
        assert_eq!(lag.of_99_percent(), Some(ms(3)));
    }

    #[test]
    fn who_was_on_the_queue_while_the_thread_was_held_is_not_judged() {
        let mut lag = Lag::default();
        let (task, by) = (1, Cause::Owner);
        lag.add(&record(Event::Woken { task, by }, ms(0)));
        lag.add(&record(Event::Held { took: ms(900) }, ms(901)));
        lag.add(&record(Event::PollStart { task }, ms(902)));
        assert_eq!(lag.of_99_percent(), None);
    }

    #[test]
    fn what_is_remembered_has_a_bound() {
        let mut lag = Lag::default();
        for task in 0..5000 {
            polled(&mut lag, task, ms(task), ms(1));
            let by = Cause::Outside;
            lag.add(&record(
                Event::Woken {
                    task: task + 10_000,
                    by,
                },
                ms(0),
            ));
        }
        assert_eq!((lag.last.len(), lag.woken.len()), (MOST, MOST));
    }
}
