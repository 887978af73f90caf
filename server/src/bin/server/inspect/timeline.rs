//! The picture of time: polls as spans, wakes as arrows, the sleep of the thread.
//!
//! A window of ten seconds may hold a million polls, and a canvas has a thousand points. So polls of one
//! task that are nearer to each other than a point are one span, which says how many they are and for how much of its
//! time the task was polled. A span is only some points wide, so that the page can shade each part of a picture by that
//! share: at no place do the shares of all lanes add up to more than one thread has. In the same way wakes of one task by
//! another that are near to each other are one arrow.

use std::collections::BTreeMap;
use std::time::Duration;

use runtime::trace::{Cause, Event, Film};
use serde_json::{Value, json};

use super::picture::micros;

/// Of more arrows than these, some are left out: the picture would be black.
const MOST_ARROWS: usize = 1500;

/// A span of several polls, and an arrow of several wakes, are so many points wide at most.
const WIDEST: u64 = 8;

/// A stretch of time in which a task was polled, once or more often.
struct Span {
    task: u64,
    from: u64,
    to: u64,
    /// The event that began it.
    seq: u64,
    polls: u64,
    /// The time of the polls alone.
    busy: u64,
}

#[derive(Default)]
struct Drawing {
    /// What is nearer than this, in microseconds, becomes one.
    point: u64,
    spans: Vec<Span>,
    /// The last span of each task. The thread's sleep stands under 0.
    last: BTreeMap<u64, usize>,
    /// What has begun and not ended.
    open: Option<(u64, u64, u64)>,
    arrows: Vec<[Option<u64>; 4]>,
    /// When the last arrow of each pair of tasks was drawn.
    drawn: BTreeMap<(Option<u64>, u64), u64>,
    wakes: usize,
}

impl Drawing {
    fn begin(&mut self, task: u64, at: u64, seq: u64) {
        self.open = Some((task, at, seq));
    }

    fn end(&mut self, to: u64) {
        let Some((task, from, seq)) = self.open.take() else {
            return;
        };
        if let Some(&last) = self.last.get(&task) {
            let span = &mut self.spans[last];
            let is_near = from.saturating_sub(span.to) < self.point;
            if is_near && to.saturating_sub(span.from) <= WIDEST * self.point {
                span.to = to;
                span.polls += 1;
                span.busy += to.saturating_sub(from);
                return;
            }
        }
        self.last.insert(task, self.spans.len());
        let polls = 1;
        self.spans.push(Span {
            task,
            from,
            to,
            seq,
            polls,
            busy: to.saturating_sub(from),
        });
    }

    fn arrow(&mut self, task: u64, by: Cause, at: u64, seq: u64) {
        self.wakes += 1;
        let from = match by {
            Cause::Task(from) => Some(from),
            _ => None,
        };
        let last = self.drawn.get(&(from, task));
        if last.is_none_or(|last| at.saturating_sub(*last) >= WIDEST * self.point) {
            self.drawn.insert((from, task), at);
            self.arrows.push([from, Some(task), Some(at), Some(seq)]);
        }
    }

    /// The arrows, or every second one, or every third one.
    fn some_arrows(&self) -> Vec<[Option<u64>; 4]> {
        let each = self.arrows.len().div_ceil(MOST_ARROWS).max(1);
        self.arrows.iter().step_by(each).copied().collect()
    }
}

/// What happened between two times of the runtime's clock, for a picture that is so many points wide.
pub(super) fn draw(film: &Film, from: Duration, to: Duration, width: u64) -> Value {
    let events = film.event_at(from)..film.event_at(to);
    let mut drawing = Drawing {
        point: micros(to.saturating_sub(from)) / width.clamp(100, 10_000),
        ..Drawing::default()
    };
    for record in film.records(events.clone()) {
        let at = micros(record.time);
        match record.event {
            Event::PollStart { task } => drawing.begin(task, at, record.seq),
            Event::Parked { .. } => drawing.begin(0, at, record.seq),
            Event::PollEnd { .. } | Event::Unparked => drawing.end(at),
            Event::Woken { task, by } => drawing.arrow(task, by, at, record.seq),
            _ => {}
        }
    }
    // What is still under way reaches to the right edge.
    drawing.end(micros(to));
    let spans = drawing.spans.iter();
    let spans = spans.map(|it| json!([it.task, it.from, it.to, it.seq, it.polls, it.busy]));
    json!({
        "from": micros(from),
        "to": micros(to),
        "events": [events.start, events.end],
        "point": drawing.point,
        "spans": spans.collect::<Vec<_>>(),
        "arrows": drawing.some_arrows(),
        "wakes": drawing.wakes,
    })
}
