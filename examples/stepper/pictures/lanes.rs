//! The hosts of a simulation: a lane for each, time going on to the right.
//!
//! A column is an event, not a length of time: between two events an hour may pass, or nothing. Only one host does
//! something in a column; the others rest, each until its next timer, or until something comes for it.

use runtime::time::Duration;
use runtime::trace::{Doing, Event, Run, Snapshot};
use story::words;

use super::{Ink, Mark, Picture, Row};
use crate::lanes::{Lanes, Step};

/// The width of a name, and of what the host does.
const NAME: usize = 10;
const DOES: usize = 26;

/// The picture, in so many columns. `hidden`: what comes next is not shown.
pub(crate) fn draw(lanes: &Lanes, width: usize, hidden: bool) -> Picture {
    let columns = columns(lanes, width.saturating_sub(NAME + DOES + 6), hidden);
    let rows = (0..lanes.names().len()).map(|host| Row {
        mark: Mark::Same,
        pieces: pieces(lanes, host, &columns),
    });
    Picture {
        title: "LANES",
        legend: "a column is an event: █ in a poll ▒ between polls » sends « hears ─ rests",
        rows: rows.collect(),
    }
}

/// The events that are shown: the present one lies behind the middle.
fn columns(lanes: &Lanes, width: usize, hidden: bool) -> std::ops::Range<usize> {
    let (at, len) = (lanes.at(), if hidden { lanes.at() } else { lanes.len() });
    let end = (at + width / 3).max(width).min(len);
    end.saturating_sub(width)..end
}

fn pieces(lanes: &Lanes, host: usize, columns: &std::ops::Range<usize>) -> Vec<(Ink, String)> {
    let is_shown = lanes.are_many() && lanes.shown_host() == host;
    let sign = if is_shown { '▶' } else { ' ' };
    let name: String = lanes.names()[host].chars().take(NAME).collect();
    let ink = if is_shown { Ink::Running } else { Ink::Plain };
    let mut pieces = vec![(ink, format!("{sign}{name:<NAME$} "))];
    for at in columns.clone() {
        let own = (lanes.at() == at + 1).then_some(Ink::Here);
        let (ink, sign) = cell(lanes, host, at);
        pieces.push((own.unwrap_or(ink), sign.to_string()));
    }
    pieces.push((Ink::Plain, format!(" {}", does(lanes, host))));
    pieces
}

/// What a host does in the event at this place.
fn cell(lanes: &Lanes, host: usize, at: usize) -> (Ink, char) {
    let step = lanes.steps()[at];
    if lanes.host_of(step.recording) == host {
        return own(lanes, step);
    }
    let life = lanes.life_of(host, at);
    let has_begun = lanes.passed(life, at) > 0;
    match lanes.crash(life) {
        _ if !has_begun => (Ink::Faint, ' '),
        Some(crash) if step.is_after(crash) => (Ink::Gone, '✕'),
        _ => (Ink::Faint, '─'),
    }
}

/// What the host does whose event it is.
fn own(lanes: &Lanes, step: Step) -> (Ink, char) {
    let record = lanes.record_of(step);
    let is_poll = record.task.is_some() || matches!(record.event, Event::PollEnd { .. });
    if lanes.has_sent(step) {
        return (Ink::New, '»');
    }
    match record.event {
        Event::Ready { .. } if lanes.sent(step.recording, step.index).is_some() => {
            (Ink::Changed, '«')
        }
        _ if is_poll => (Ink::Running, '█'),
        _ => (Ink::Plain, '▒'),
    }
}

/// What the host does now.
fn does(lanes: &Lanes, host: usize) -> String {
    let life = lanes.life_of(host, lanes.at());
    let player = lanes.player(life);
    let has_crashed = |crash: &Run| lanes.step().is_some_and(|step| step.is_after(*crash));
    if let Some(crash) = lanes.crash(life).filter(has_crashed) {
        return format!("crashed at {}", words::time(crash.at));
    }
    let now = player.now();
    match now.doing {
        _ if player.at() == 0 => "not started yet".to_owned(),
        Doing::Polling { task, .. } => format!("polls task {task}"),
        _ if lanes.step().is_some_and(|step| step.recording == life) && !rests(lanes) => {
            "between two polls".to_owned()
        }
        _ if now.tasks.is_empty() => "rests: it has no task".to_owned(),
        _ => match next_timer(lanes, life, &now) {
            Some(until) => format!("rests until {}", words::time(until)),
            None => "rests".to_owned(),
        },
    }
}

/// Whether the next event is another host's.
fn rests(lanes: &Lanes) -> bool {
    let steps = lanes.steps();
    let next = steps.get(lanes.at()).map(|step| step.recording);
    next != lanes.step().map(|step| step.recording)
}

/// When the next timer of the host fires, on the clock that all share.
fn next_timer(lanes: &Lanes, life: usize, now: &Snapshot) -> Option<Duration> {
    let tick = now.wheel.timers.values().map(|timer| timer.tick).min()?;
    let own = Duration::from_millis(tick).saturating_sub(now.time);
    Some(lanes.time_in(life).saturating_add(own))
}
