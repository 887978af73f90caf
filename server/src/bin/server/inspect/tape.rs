//! What has happened, event by event: each with its sentence, its causes, its lines of source.

use runtime::trace::{Cause, Event, Film, Record, Snapshot};
use serde_json::{Value, json};
use story::source::Sources;
use story::{causes, place, words};

use super::lines;
use super::picture;

/// So many events are told in one answer.
pub(super) const MOST: u64 = 500;

/// So many events after one are looked at to know how its poll will end.
const AHEAD: u64 = 2000;

/// So many events before one are searched for its causes.
const BEHIND: u64 = 20_000;

/// The events `from..to`, as far as the film has them; at most [`MOST`].
pub(super) fn told(film: &Film, from: u64, to: u64) -> Vec<Value> {
    let range = film.range();
    let from = from.max(range.start);
    let to = to.min(range.end).min(from.saturating_add(MOST));
    let records: Vec<Record> = film
        .records(from..to.saturating_add(AHEAD))
        .cloned()
        .collect();
    let mut told = Vec::new();
    let mut states: Option<[Snapshot; 2]> = None;
    for (at, record) in records.iter().enumerate().take_while(|(_, it)| it.seq < to) {
        // A gap: the states are those of what follows it.
        let is_next = at > 0 && records[at - 1].seq + 1 == record.seq;
        let known = states.take().filter(|_| is_next);
        let known = known.or_else(|| film.state_before(record.seq).map(|it| [it.clone(), it]));
        let Some([mut before, mut after]) = known else {
            continue;
        };
        after.apply(record);
        told.push(event(&records[at..], &before, &after));
        before.apply(record);
        states = Some([before, after]);
    }
    told
}

/// The first of the events.
fn event(records: &[Record], before: &Snapshot, after: &Snapshot) -> Value {
    line(&records[0], &story::tell(records, before, after))
}

/// An event with its sentence.
pub(super) fn line(record: &Record, text: &str) -> Value {
    json!({
        "seq": record.seq,
        "us": picture::micros(record.time),
        "time": words::time(record.time),
        "task": record.task,
        "lane": story::task_of(&record.event).or(record.task).unwrap_or(0),
        "kind": kind(&record.event),
        "place": place::name(record.place),
        "text": text,
    })
}

/// `PollStart`.
fn kind(event: &Event) -> String {
    match serde_json::to_value(event) {
        Ok(Value::String(name)) => name,
        Ok(Value::Object(fields)) => fields.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

/// The moment after so many events: the state, and of the event that led to it the sentence and the lines of
/// source. `None` if the film has no such moment. `causes` gets the events up to that one.
pub(super) fn moment(
    film: &Film,
    at: u64,
    sources: &Sources,
    causes: impl FnOnce(&[Record]) -> Vec<Value>,
) -> Option<Value> {
    let last = at.saturating_sub(1);
    let records: Vec<Record> = film
        .records(last..at.saturating_add(AHEAD))
        .cloned()
        .collect();
    let record = records.first().filter(|record| record.seq < at);
    let (Some(record), Some(before)) = (record, film.state_before(last)) else {
        let state = film.state_before(at)?;
        let text = story::before_the_first(&state);
        return Some(json!({ "at": at, "state": picture::of(&state), "text": text }));
    };
    let mut state = before.clone();
    state.apply(record);
    let mut moment = json!({ "at": at, "state": picture::of(&state) });
    moment["event"] = event(&records, &before, &state);
    let window: Vec<Record> = film
        .records(last.saturating_sub(BEHIND)..last + 1)
        .cloned()
        .collect();
    moment["causes"] = causes(&window).into();
    moment["runtime"] = lines::around(sources, record.place);
    let own = window.len().saturating_sub(1);
    if let Some((what, place)) = story::line_of_program(&window, own, [&before, &state]) {
        moment["program"] = lines::around(sources, place);
        moment["program"]["what"] = what.into();
    }
    Some(moment)
}

/// The causes of the last of these events, the nearest first.
pub(super) fn chain(window: &[Record]) -> Vec<Value> {
    let Some(own) = window.len().checked_sub(1) else {
        return Vec::new();
    };
    let links = causes::chain(window, own).into_iter().take(MOST as usize);
    links.map(|it| link(&window[it.index], &it.text)).collect()
}

/// A cause, and from which task to which it leads.
pub(super) fn link(record: &Record, text: &str) -> Value {
    let [from, task] = lanes(record);
    json!({
        "seq": record.seq,
        "text": text,
        "us": picture::micros(record.time),
        "from": from,
        "task": task,
    })
}

/// From which task to which an event leads. 0 is the thread between its polls.
fn lanes(record: &Record) -> [u64; 2] {
    let own = record.task.unwrap_or(0);
    match record.event {
        Event::Woken { task, by } => match by {
            Cause::Task(from) => [from, task],
            _ => [own, task],
        },
        _ => [own, own],
    }
}
