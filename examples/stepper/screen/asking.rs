//! The reader guesses: the question, the keys that answer it, and what the answer was worth.

use story::guess::Question;

use super::{Screen, paint};
use crate::guessing::Guessing;
use crate::terminal::Line;

/// The last row of the page, while something is asked; and in the least window.
pub(super) const BARS: [&str; 2] = [
    "1 2 3 4 answer  → shows it without a guess  ← back  G no more questions  ? help",
    "1 2 3 4 answer  → shows it  ← back  G no more questions  ? help",
];

/// So many rows of the page a question wants: a heading, and two a choice.
pub(super) const HEIGHT: u16 = 9;

/// So many, what an answer was worth.
pub(super) const VERDICT: u16 = 3;

/// Begins to guess, or ends it.
pub(super) fn switch(screen: &mut Screen) {
    screen.running = false;
    match screen.guessing.take() {
        Some(guessing) => screen.notice = Some(guessing.ending()),
        None => screen.guessing = Some(Guessing::begin(&screen.lanes)),
    }
}

/// What is asked here, if the reader guesses.
pub(super) fn question(screen: &Screen) -> Option<Question> {
    let is_open = !screen.running && screen.verdict.is_none();
    let guessing = screen.guessing.as_ref().filter(|_| is_open)?;
    guessing.question(&screen.lanes)
}

/// Whether the key was an answer.
pub(super) fn answer(screen: &mut Screen, key: char) -> bool {
    let Some(number @ 1..=4) = key.to_digit(10) else {
        return false;
    };
    let Some(question) = question(screen) else {
        return false;
    };
    let Some(guessing) = &mut screen.guessing else {
        return false;
    };
    let mut verdict = guessing.answer(&question, number as usize - 1);
    screen.lanes.go_to(screen.lanes.at() + 1);
    if screen.lanes.at() == screen.lanes.len() {
        verdict.push_str(" That was the last event.");
    }
    screen.verdict = Some(verdict);
    true
}

/// The question, as rows of this width.
pub(super) fn rows(question: &Question, width: usize) -> Vec<Line> {
    let mut rows = vec![paint::heading(
        "WHAT HAPPENS NEXT?",
        "press 1, 2, 3 or 4",
        width,
    )];
    for (number, choice) in question.choices.iter().enumerate() {
        let text = story::words::wrap(&choice.text, width.saturating_sub(4));
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        rows.push(Line::from(format!("{}   {first}", number + 1)));
        let rest = lines.collect::<Vec<_>>().join(" ");
        if !rest.is_empty() {
            let rest = paint::fit(&rest, width.saturating_sub(4));
            rows.push(Line::from(format!("    {rest}")));
        }
    }
    rows
}
