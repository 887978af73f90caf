//! The line of the program that an event is about; and, in a poll that was written by hand, where it goes on.
//!
//! An `async fn` goes on after its `.await`. A `poll` that was written by hand has no such place: each call begins at its
//! top, and what it keeps in its fields tells it what to do there. If the program notes its state (`programs/notes.rs`),
//! the arm of the `match` is known, too.

use runtime::trace::{Event, Place, Record, Snapshot};
use story::source::Line;

use crate::player::Player;

/// The line that the last event is about, and what that line is, as [`story::line_of_program`] has it. Of a poll that
/// was written by hand, the line that it `enters`, or has `entered`.
pub(crate) fn line(player: &Player, states: [&Snapshot; 2]) -> Option<(&'static str, Place)> {
    let index = player.at().checked_sub(1)?;
    let (what, place) = story::line_of_program(player.records(), index, states)?;
    let by_hand = match what {
        "after" => entry(player, place),
        _ => None,
    };
    let what_by_hand = match player.records()[index].event {
        Event::PollStart { .. } => "enters",
        _ => "entered",
    };
    Some(by_hand.map_or((what, place), |entry| (what_by_hand, entry)))
}

/// Where the present poll began, if it was written by hand and this line, which stands in it, is of an earlier one.
fn entry(player: &Player, place: Place) -> Option<Place> {
    let upto = &player.records()[..player.at()];
    let is_start = |record: &Record| matches!(record.event, Event::PollStart { .. });
    let start = upto.iter().rposition(is_start)?;
    if upto[start..]
        .iter()
        .any(|record| names(&record.event, place))
    {
        return None;
    }
    let code = player.sources.around(place, usize::MAX);
    let own = code.iter().position(|line| line.number == place.line)?;
    let body = top(&code, own)?;
    let state = player.noted_at(start + 1);
    let arm = state.and_then(|state| arm(&code[body..], &state));
    let line = arm.unwrap_or(code[body].number);
    Some(Place { line, ..place })
}

fn names(event: &Event, place: Place) -> bool {
    match event {
        Event::TimerSet { at, .. } | Event::Taken { at, .. } => *at == place,
        Event::Waiting { at, .. } => *at == Some(place),
        _ => false,
    }
}

/// The first line of the body of the `poll` in which a line stands, but for a `loop`. `None` if the line stands in other
/// code: that is known from the indentation, which `rustfmt` makes.
fn top(code: &[Line], own: usize) -> Option<usize> {
    let mut depth = indentation(&code[own]);
    for at in (0..own).rev() {
        let text = code[at].text.trim_start();
        let closes = text.starts_with([')', '}', ']']);
        if text.is_empty() || closes || indentation(&code[at]) >= depth {
            continue;
        }
        depth = indentation(&code[at]);
        if text.contains("async ") {
            return None;
        }
        if text.contains("fn poll") {
            let mut body = (at..own).filter(|&line| indentation(&code[line]) > depth);
            return body.find(|&line| is_statement(&code[line]));
        }
    }
    None
}

fn is_statement(line: &Line) -> bool {
    let text = line.text.trim();
    // The arguments of a long head end so.
    !(text.is_empty() || text.starts_with("//") || text == "loop {" || text.ends_with(','))
}

/// The arm of a `match` for a state that is noted so: `by hand: Start { rows: 3 }`.
fn arm(body: &[Line], note: &str) -> Option<u32> {
    let (_, state) = note.split_once(": ")?;
    let is_sign = |sign: char| !sign.is_alphanumeric();
    let name = state.split(is_sign).next()?;
    let is_arm = |line: &&Line| {
        let pattern = line.text.split_once("=>").map(|(pattern, _)| pattern);
        pattern.is_some_and(|it| it.split(is_sign).any(|word| word == name))
    };
    body.iter().find(is_arm).map(|line| line.number)
}

fn indentation(line: &Line) -> usize {
    line.text.len() - line.text.trim_start().len()
}
