//! Going to what the reader looks for: a cause, a number, words; and the filter to one task.

use crossterm::event::KeyCode;
use runtime::trace::Event;

use crate::lanes::{Only, Step};

use super::Screen;
use super::keys::stop_at;

/// What is being typed.
#[derive(Debug)]
pub(super) enum Prompt {
    /// The number of an event.
    Number(String),
    /// Words of a sentence.
    Words(String),
}

impl Prompt {
    /// As it is shown.
    pub(super) fn text(&self) -> String {
        match self {
            Prompt::Number(typed) => format!("Jump to event #{typed}_   (Enter goes, Esc stays)"),
            Prompt::Words(typed) => {
                format!("Find: {typed}_   (as in: timer 2, fires, LongPoll. Enter goes, Esc stays)")
            }
        }
    }

    fn typed(&mut self) -> &mut String {
        match self {
            Prompt::Number(typed) | Prompt::Words(typed) => typed,
        }
    }

    fn takes(&self, key: char) -> bool {
        match self {
            Prompt::Number(typed) => key.is_ascii_digit() && typed.len() < 9,
            Prompt::Words(typed) => typed.len() < 60,
        }
    }
}

/// A key while something is typed.
pub(super) fn type_into(screen: &mut Screen, mut prompt: Prompt, code: KeyCode) {
    match code {
        KeyCode::Char(key) if prompt.takes(key) => prompt.typed().push(key),
        KeyCode::Backspace => drop(prompt.typed().pop()),
        KeyCode::Esc => return,
        KeyCode::Enter => {
            match prompt {
                Prompt::Number(typed) => jump_to(screen, &typed),
                Prompt::Words(typed) => {
                    screen.found = typed.trim().to_lowercase();
                    find(screen, true);
                }
            }
            return;
        }
        _ => {}
    }
    screen.prompt = Some(prompt);
}

fn jump_to(screen: &mut Screen, typed: &str) {
    let Ok(wanted) = typed.parse::<u64>() else {
        return;
    };
    // Each life of a host has numbers of its own.
    let lanes = &screen.lanes;
    let shown = lanes.life_of(lanes.shown_host(), lanes.at());
    let is_it = |step: &Step| lanes.record_of(*step).seq >= wanted && step.recording == shown;
    match lanes.steps().iter().position(is_it) {
        Some(index) => stop_at(screen, index + 1),
        None => screen.notice = Some(format!("There is no event #{wanted} in this recording.")),
    }
}

/// Goes to the next event, or the one before, whose sentence or name has the words that were looked for.
pub(super) fn find(screen: &mut Screen, forwards: bool) {
    if screen.found.is_empty() {
        screen.notice = Some("Nothing to find: / asks for words.".to_owned());
        return;
    }
    let at = screen.lanes.at();
    let words = screen.found.clone();
    let found = screen.lanes.find(forwards, |event, sentence| {
        has(sentence, &words) || has(&name(event), &words)
    });
    match found {
        Some(found) => stop_at(screen, found),
        None => {
            let side = if forwards { "after" } else { "before" };
            screen.notice = Some(format!("No event {side} this one says \"{words}\"."));
            screen.lanes.go_to(at);
        }
    }
}

/// What the crate `runtime` calls an event: `LongPoll`.
fn name(event: &Event) -> String {
    let told = format!("{event:?}");
    let is_sign = |sign: char| !sign.is_alphanumeric();
    told.split(is_sign).next().unwrap_or_default().to_owned()
}

/// Whether the sentence has these words. `timer 2` is not in `timer 25`.
fn has(sentence: &str, words: &str) -> bool {
    let sentence = sentence.to_lowercase();
    let mut places = sentence.match_indices(words);
    places.any(|(at, _)| {
        let ends_in_number = words.ends_with(|sign: char| sign.is_ascii_digit());
        let after = sentence[at + words.len()..].chars().next();
        !(ends_in_number && after.is_some_and(|sign| sign.is_ascii_digit()))
    })
}

/// Shows the causes from one link farther on, if there is one.
pub(super) fn look_farther(screen: &mut Screen) {
    let Some(step) = screen.lanes.step() else {
        return;
    };
    let links = screen.lanes.causes(step.recording, step.index).len();
    screen.link = (screen.link + 1).min(links.saturating_sub(1));
}

/// Goes to the event that is the cause of this one.
pub(super) fn to_cause(screen: &mut Screen) {
    let Some(step) = screen.lanes.step() else {
        return;
    };
    let links = screen.lanes.causes(step.recording, step.index);
    let link = links.get(screen.link).or(links.last());
    match link.and_then(|link| screen.lanes.place_after(link.recording, link.index)) {
        Some(cause) => {
            screen.trail.push(screen.lanes.at());
            stop_at(screen, cause);
            screen.notice = Some("The cause. B goes back to where you were.".to_owned());
        }
        None => screen.notice = Some("No event of this recording is its cause.".to_owned()),
    }
}

/// Goes back to the event whose cause was looked for.
pub(super) fn from_cause(screen: &mut Screen) {
    match screen.trail.pop() {
        Some(at) => stop_at(screen, at),
        None => screen.notice = Some("b goes to the cause; B goes back from there.".to_owned()),
    }
}

/// Shows the events of this task only, or those of all again.
pub(super) fn filter(screen: &mut Screen) {
    let task = screen.this_task();
    let recording = screen.lanes.present_number();
    screen.notice = Some(match (screen.lanes.only.take(), task) {
        (Some(_), _) => "All events again.".to_owned(),
        (None, Some(task)) => {
            screen.lanes.only = Some(Only::Task(recording, task));
            format!("Only the events of task {task}, until f or Esc.")
        }
        (None, None) => "This event is of no task. Step to one that is.".to_owned(),
    });
}
