//! The reader guesses: the question, the keys that answer it, and what the answer was worth.

use story::guess::{Choice, Question};

use super::{Screen, paint};
use crate::guessing::Guessing;
use crate::terminal::{Line, Rect};

/// The last row of the page, while something is asked; and in the least window.
pub(super) const BARS: [&str; 2] = [
    "1 2 3 4 answer  → shows it without a guess  ← back  G no more questions  ? help",
    "1 2 3 4 answer  → shows it  ← back  G no more questions  ? help",
];

/// So many rows of the page a question wants at the most: a heading, and two a choice. A text wants as many.
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

/// The question, as rows of this place: two a choice if there is room for all, or else one.
pub(super) fn rows(question: &Question, area: Rect) -> Vec<Line> {
    let width = usize::from(area.width);
    let room = width.saturating_sub(4);
    let choices = question.choices.iter().zip(1..);
    let choices: Vec<_> = choices
        .map(|(it, nth)| choice(nth, &it.text, room))
        .collect();
    let count: usize = choices.iter().map(Vec::len).sum();
    let heading = paint::heading("WHAT HAPPENS NEXT?", "press 1, 2, 3 or 4", width);
    let lines: Vec<Line> = match count < usize::from(area.height) {
        true => choices.into_iter().flatten().collect(),
        false => {
            let one =
                |(it, nth): (&Choice, usize)| format!("{nth}   {}", paint::fit(&it.text, room));
            question
                .choices
                .iter()
                .zip(1..)
                .map(one)
                .map(Line::from)
                .collect()
        }
    };
    [heading].into_iter().chain(lines).collect()
}

/// So many rows of a page of this width it wants.
pub(super) fn height(question: &Question, page: Rect) -> u16 {
    rows(question, page).len() as u16
}

/// A choice in one row or two.
fn choice(number: usize, text: &str, room: usize) -> Vec<Line> {
    let wrapped = story::words::wrap(text, room);
    let mut lines = wrapped.lines();
    let first = lines.next().unwrap_or_default();
    let rest = lines.collect::<Vec<_>>().join(" ");
    let rest = (!rest.is_empty()).then(|| format!("    {}", paint::fit(&rest, room)));
    let first = format!("{number}   {first}");
    [first].into_iter().chain(rest).map(Line::from).collect()
}
