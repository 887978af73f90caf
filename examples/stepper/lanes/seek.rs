//! Going through the events of all recordings: to a goal, to a sentence; and what was told before.

use std::ops::Range;

use runtime::trace::Event;

use super::{Lanes, Only, Step};
use crate::player::Goal;

impl Lanes {
    /// Goes forwards, or back, to the next place at which the goal has just happened. If there
    /// is none it stays where it is, and says so.
    pub(crate) fn run_to(&mut self, goal: Goal, forwards: bool) -> bool {
        let present = self.present_number();
        let fits = |at: &usize| {
            let step = self.steps()[at - 1];
            // The number of a task means something in its recording only.
            let is_here = step.recording == present || !matches!(goal, Goal::Task(_));
            is_here && goal.fits(self.record_of(step)) && self.is_wanted(step)
        };
        let found = match forwards {
            true => (self.at + 1..=self.len()).find(fits),
            false => (1..self.at).rev().find(fits),
        };
        if let Some(at) = found {
            self.go_to(at);
        }
        found.is_some()
    }

    /// Whether the filter lets an event through.
    fn is_wanted(&self, step: Step) -> bool {
        match self.only {
            None => true,
            Some(Only::Host(host)) => self.host_of(step.recording) == host,
            Some(Only::Task(recording, task)) => {
                step.recording == recording && Goal::Task(task).fits(self.record_of(step))
            }
        }
    }

    /// The place of the next event, or of the one before, that is as wished by itself or by its sentence.
    pub(crate) fn find(
        &self,
        forwards: bool,
        is_wished: impl Fn(&Event, &str) -> bool,
    ) -> Option<usize> {
        let range = match forwards {
            true => self.at..self.len(),
            false => 0..self.at.saturating_sub(1),
        };
        let told = self.told(range);
        let is_found = |step: Step, told: &str| {
            self.is_wanted(step) && is_wished(&self.record_of(step).event, told)
        };
        let mut found = told.filter(|(step, told)| is_found(*step, told));
        let (step, _) = if forwards { found.next() } else { found.last() }?;
        self.place_after(step.recording, step.index)
    }

    /// The last so many events before the one that has just happened, each in a sentence.
    pub(crate) fn told_before(&self, most: usize) -> Vec<(Step, String)> {
        let last = self.at.saturating_sub(1);
        self.told(last.saturating_sub(most)..last).collect()
    }

    /// Each of these events in a sentence.
    pub(super) fn told(&self, range: Range<usize>) -> impl Iterator<Item = (Step, String)> {
        let state = |recording: usize, events| self.player(recording).state_at(events);
        self.hosts.told(range, state)
    }
}
