//! The picture of several hosts: a lane each, what they do, and what goes from one to the other.
//!
//! A window of the order of all events may hold a million of them, and a canvas has a thousand points. So what a host
//! does twice, nearer to each other than a point, is one span. The page draws by places or by time: the one that is
//! drawn says what is near. Each place has its time on the common clock, too.

use std::collections::BTreeMap;
use std::ops::Range;

use runtime::trace::Event;
use serde::Deserialize;
use serde_json::{Value, json};
use story::lanes::{Hosts, Link};

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

/// How wide the picture is, and what goes on to the right.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct Paper {
    /// In points.
    pub(super) width: usize,
    /// The time on the common clock, and not the place.
    #[serde(default, rename = "time")]
    pub(super) by_time: bool,
}

/// The events at these places.
pub(super) fn draw(hosts: &Hosts, from: usize, to: usize, paper: Paper) -> Value {
    let to = to.min(hosts.steps().len());
    let from = from.min(to);
    let us = |place: usize| {
        let step = hosts.steps().get(place).or(hosts.steps().last());
        step.map_or(0, |step| micros(step.at))
    };
    let along = |place: usize| match paper.by_time {
        true => us(place),
        false => place as u64,
    };
    let whole = along(to.saturating_sub(1)).saturating_sub(along(from));
    let point = whole / paper.width.clamp(100, 10_000) as u64;
    let spans = spans(hosts, from..to, |one, next| {
        along(next).saturating_sub(along(one)) <= point.max(u64::from(!paper.by_time))
    });
    let spans = spans.iter().map(|it| {
        let host = hosts.host_of(it.recording);
        json!([host, it.from, it.to, us(it.from), us(it.to - 1), it.is_poll])
    });
    let (arrows, count) = arrows(hosts, from, to);
    let lives = (0..hosts.count()).map(|it| life(hosts, it));
    let times = (0..TIMES).map(|nth| from + (to - from) * nth / TIMES);
    json!({
        "from": from,
        "to": to,
        "us": [us(from), us(to.saturating_sub(1))],
        "spans": spans.collect::<Vec<_>>(),
        "arrows": arrows,
        "arrowCount": count,
        "lives": lives.collect::<Vec<_>>(),
        "times": times.map(|place| json!([place, us(place)])).collect::<Vec<_>>(),
    })
}

/// `is_near`: whether two places are one in the picture.
fn spans(hosts: &Hosts, range: Range<usize>, is_near: impl Fn(usize, usize) -> bool) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut last: BTreeMap<(usize, bool), usize> = BTreeMap::new();
    for (place, step) in range.clone().zip(&hosts.steps()[range]) {
        let record = hosts.record_of(*step);
        let is_poll = record.task.is_some() || matches!(record.event, Event::PollEnd { .. });
        let key = (step.recording, is_poll);
        let known = last.get(&key).map(|&index| &mut spans[index]);
        match known.filter(|span| is_near(span.to - 1, place)) {
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

/// From what was sent to where it was heard, and how many there are. None if they are too many.
fn arrows(hosts: &Hosts, from: usize, to: usize) -> (Vec<Value>, usize) {
    let steps = (from..to).zip(&hosts.steps()[from..to]);
    let heard =
        steps.filter(|(_, step)| matches!(hosts.record_of(**step).event, Event::Ready { .. }));
    let mut arrows = heard.filter_map(|(place, step)| {
        let sent = hosts.sent(step.recording, step.index)?;
        let host = hosts.host_of(step.recording);
        let is_other = hosts.host_of(sent.recording) != host;
        let end = json!([host, place, micros(step.at), false]);
        is_other.then_some(json!([beginning(hosts, &sent)?, end]))
    });
    let first: Vec<_> = arrows.by_ref().take(MOST_ARROWS).collect();
    let count = first.len() + arrows.count();
    match count > MOST_ARROWS {
        true => (Vec::new(), count),
        false => (first, count),
    }
}

/// Where something was sent: the host, the place, the time; and whether that was a crash, right before this place.
fn beginning(hosts: &Hosts, sent: &Link) -> Option<Value> {
    let host = hosts.host_of(sent.recording);
    if let Some((crash, place)) = hosts.crash_of(sent) {
        return Some(json!([host, place, micros(crash.at), true]));
    }
    let place = hosts
        .steps_upto(sent.recording, sent.index)
        .checked_sub(1)?;
    let at = hosts.steps()[place].at;
    Some(json!([host, place, micros(at), false]))
}

/// A life of a host: its first place, and the one at which it has crashed.
fn life(hosts: &Hosts, recording: usize) -> Value {
    let steps = hosts.steps();
    let first = hosts.first_place(recording);
    let crash = hosts.crash(recording);
    let place = crash.map(|crash| hosts.steps_before(crash));
    json!({
        "host": hosts.host_of(recording),
        "life": hosts.recording(recording).lane().map_or(0, |lane| lane.life),
        "from": first,
        "fromUs": first.map(|place| micros(steps[place].at)),
        "crash": place,
        "crashUs": crash.map(|crash| micros(crash.at)),
    })
}
