//! The picture of several hosts: a lane each, what they do, and what goes from one to the other.
//!
//! A window of the order of all events may hold a million of them, and a canvas has a thousand points. So what a host
//! does twice at places that are nearer to each other than a point is one span. Each place has its time on the common clock,
//! so that the page can draw by places or by time.

use std::collections::BTreeMap;

use runtime::trace::{Event, Run};
use serde_json::{Value, json};
use story::lanes::{Hosts, Step};

use super::picture::micros;

/// More arrows than this are none: the picture would be black.
const MOST_ARROWS: usize = 1500;

/// So many times are written below the lanes.
const TIMES: usize = 8;

/// A host does something: polls tasks, or what it does between two polls.
struct Span {
    recording: usize,
    is_poll: bool,
    /// Its first place, and the one after its last.
    from: usize,
    to: usize,
}

/// The events at these places, for a picture that is so many points wide.
pub(super) fn draw(hosts: &Hosts, from: usize, to: usize, width: usize) -> Value {
    let to = to.min(hosts.steps().len());
    let from = from.min(to);
    let us = |place: usize| {
        let step = hosts.steps().get(place).or(hosts.steps().last());
        step.map_or(0, |step| micros(step.at))
    };
    let spans = spans(hosts, from, to, (to - from) / width.clamp(100, 10_000));
    let spans = spans.iter().map(|it| {
        let host = hosts.host_of(it.recording);
        json!([host, it.from, it.to, us(it.from), us(it.to - 1), it.is_poll])
    });
    let (arrows, count) = arrows(hosts, from, to);
    let end = |place: usize| {
        let host = hosts.host_of(hosts.steps()[place].recording);
        json!([host, place, us(place)])
    };
    let arrows = arrows.into_iter().map(|ends| json!(ends.map(end)));
    let lives = (0..hosts.count()).map(|it| life(hosts, it));
    let times = (0..TIMES).map(|nth| from + (to - from) * nth / TIMES);
    json!({
        "from": from,
        "to": to,
        "us": [us(from), us(to.saturating_sub(1))],
        "spans": spans.collect::<Vec<_>>(),
        "arrows": arrows.collect::<Vec<_>>(),
        "arrowCount": count,
        "lives": lives.collect::<Vec<_>>(),
        "times": times.map(|place| json!([place, us(place)])).collect::<Vec<_>>(),
    })
}

fn spans(hosts: &Hosts, from: usize, to: usize, point: usize) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut last: BTreeMap<(usize, bool), usize> = BTreeMap::new();
    for (place, step) in (from..to).zip(&hosts.steps()[from..to]) {
        let record = hosts.record_of(*step);
        let is_poll = record.task.is_some() || matches!(record.event, Event::PollEnd { .. });
        let key = (step.recording, is_poll);
        let known = last.get(&key).map(|&index| &mut spans[index]);
        match known.filter(|span| place - span.to <= point) {
            Some(span) => span.to = place + 1,
            None => {
                last.insert(key, spans.len());
                spans.push(Span {
                    recording: step.recording,
                    is_poll,
                    from: place,
                    to: place + 1,
                });
            }
        }
    }
    spans
}

/// From the places of what was sent to the places at which it was heard, and how many there are. None if
/// they are too many. What a crash has sent begins at the last event before it.
fn arrows(hosts: &Hosts, from: usize, to: usize) -> (Vec<[usize; 2]>, usize) {
    let steps = (from..to).zip(&hosts.steps()[from..to]);
    let heard =
        steps.filter(|(_, step)| matches!(hosts.record_of(**step).event, Event::Ready { .. }));
    let mut arrows = heard.filter_map(|(place, step)| {
        let sent = hosts.sent(step.recording, step.index)?;
        let after = hosts.steps_upto(sent.recording, sent.index);
        let is_other = hosts.host_of(sent.recording) != hosts.host_of(step.recording);
        is_other.then_some([after.checked_sub(1)?, place])
    });
    let first: Vec<_> = arrows.by_ref().take(MOST_ARROWS).collect();
    let count = first.len() + arrows.count();
    match count > MOST_ARROWS {
        true => (Vec::new(), count),
        false => (first, count),
    }
}

/// A life of a host: its first place, and the one at which it has crashed.
fn life(hosts: &Hosts, recording: usize) -> Value {
    let steps = hosts.steps();
    let first = steps.iter().position(|step| step.recording == recording);
    let crash = hosts.crash(recording);
    let is_before = |crash: Run| move |step: &Step| !step.is_after(crash);
    let place = crash.map(|crash| steps.partition_point(is_before(crash)));
    json!({
        "host": hosts.host_of(recording),
        "life": hosts.recording(recording).lane().map_or(0, |lane| lane.life),
        "from": first,
        "fromUs": first.map(|place| micros(steps[place].at)),
        "crash": place,
        "crashUs": crash.map(|crash| micros(crash.at)),
    })
}
