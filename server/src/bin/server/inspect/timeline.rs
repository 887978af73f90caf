//! The picture of time: polls as spans, wakes as arrows, the sleep of the thread.
//!
//! A window of ten seconds may hold a million polls, and a canvas has a thousand points. So polls of one
//! task that are nearer to each other than a point are one span, which says how many they are.

use std::collections::BTreeMap;
use std::time::Duration;

use runtime::trace::{Cause, Event, Film};
use serde_json::{Value, json};

use super::picture::micros;

/// More arrows than this are none: the picture would be black.
const MOST_ARROWS: usize = 1500;

/// A stretch of time in which a task was polled, once or more often.
struct Span {
    task: u64,
    from: u64,
    to: u64,
    /// The event that began it.
    seq: u64,
    polls: u64,
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
    arrows: Vec<Value>,
    arrow_count: usize,
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
            if from.saturating_sub(span.to) < self.point {
                span.to = to;
                span.polls += 1;
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
        });
    }

    fn arrow(&mut self, task: u64, by: Cause, at: u64, seq: u64) {
        self.arrow_count += 1;
        let from = match by {
            Cause::Task(from) => Some(from),
            _ => None,
        };
        if self.arrow_count <= MOST_ARROWS {
            self.arrows.push(json!([from, task, at, seq]));
        }
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
    let arrows = match drawing.arrow_count > MOST_ARROWS {
        true => Vec::new(),
        false => drawing.arrows,
    };
    let spans = drawing.spans.iter();
    let spans = spans.map(|it| json!([it.task, it.from, it.to, it.seq, it.polls]));
    json!({
        "from": micros(from),
        "to": micros(to),
        "events": [events.start, events.end],
        "spans": spans.collect::<Vec<_>>(),
        "arrows": arrows,
        "arrowCount": drawing.arrow_count,
    })
}
