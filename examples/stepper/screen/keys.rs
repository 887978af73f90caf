//! What the keys do.
//!
//! A small letter goes forwards, the same letter with shift goes back: `p` to the next poll,
//! `P` to the one before.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::seek::{self, Prompt};
use super::{SPEEDS, Screen, asking, hosts};
use crate::lanes::Only;
use crate::player::Goal;

/// The last row of the page, and what is left of it in the least window.
pub(super) const BARS: [&str; 2] = [
    "←→ step  p poll w wake k park t task  b cause  / find  f only  G guess  ? help",
    "←→ step  p poll w wake k park t task  b cause  / find  f only  ? help",
];

/// Two in each line of help.
pub(super) const HELP: [(&str, &str); 19] = [
    ("→ l space", "one event forwards"),
    ("← h", "one event back"),
    ("p  P", "next poll; previous"),
    ("w  W", "next wake; previous"),
    ("k  K", "next park; previous"),
    ("t  T", "next of task; previous"),
    ("b  B", "its cause; back again"),
    ("PgDn PgUp", "farther causes; nearer"),
    ("/  n  N", "find text; next; previous"),
    ("f  o", "only this task, host; all"),
    ("Tab", "the panels stay at a host"),
    ("home end", "the beginning, the end"),
    ("g", "jump to an event's number"),
    ("r", "run by itself, and stop"),
    ("+  -", "faster, slower"),
    ("G", "guess what is next; stop"),
    ("1 2 3 4", "answer (→: no guess)"),
    ("Esc", "leave what was begun"),
    ("q", "quit (or Ctrl-C)"),
];

/// A key was pressed.
pub(super) fn press(screen: &mut Screen, key: KeyEvent) {
    screen.notice = None;
    let is_answered = screen.verdict.take().is_some();
    let is_break = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    if is_break {
        screen.quit = true;
    } else if screen.help {
        screen.help = false;
    } else if let Some(prompt) = screen.prompt.take() {
        seek::type_into(screen, prompt, key.code);
    } else if !(is_answered && is_forwards(key.code)) {
        // After an answer, forwards is to the next question.
        command(screen, key.code);
    }
}

fn is_forwards(code: KeyCode) -> bool {
    matches!(
        code,
        KeyCode::Right | KeyCode::Char(' ' | 'l') | KeyCode::Enter
    )
}

fn command(screen: &mut Screen, code: KeyCode) {
    match code {
        code if is_forwards(code) => step(screen, true),
        KeyCode::Left | KeyCode::Char('h') | KeyCode::Backspace => step(screen, false),
        KeyCode::Home => stop_at(screen, 0),
        KeyCode::End => stop_at(screen, usize::MAX),
        KeyCode::PageDown => seek::look_farther(screen),
        KeyCode::PageUp => screen.link = screen.link.saturating_sub(1),
        KeyCode::Esc => leave(screen),
        KeyCode::Tab => hosts::hold_next(screen),
        KeyCode::Char(digit) if asking::answer(screen, digit) => {}
        KeyCode::Char(letter) => letter_pressed(screen, letter),
        _ => {}
    }
}

fn letter_pressed(screen: &mut Screen, letter: char) {
    match letter {
        'q' => screen.quit = true,
        '?' => screen.help = true,
        'r' => screen.running = !screen.running,
        '+' | '=' => set_speed(screen, (screen.speed + 1).min(SPEEDS.len() - 1)),
        '-' => set_speed(screen, screen.speed.saturating_sub(1)),
        'g' => screen.prompt = Some(Prompt::Number(String::new())),
        'G' => asking::switch(screen),
        'b' => seek::to_cause(screen),
        'B' => seek::from_cause(screen),
        '/' => screen.prompt = Some(Prompt::Words(String::new())),
        'n' | 'N' => seek::find(screen, letter == 'n'),
        'f' => seek::filter(screen),
        'o' => hosts::filter(screen),
        _ => run_to(screen, letter),
    }
}

/// Ends what was begun. It does not quit.
fn leave(screen: &mut Screen) {
    screen.notice = Some(if screen.running {
        screen.running = false;
        "Stopped.".to_owned()
    } else if screen.lanes.only.take().is_some() {
        "All events again.".to_owned()
    } else if screen.lanes.let_go() {
        hosts::FOLLOWING.to_owned()
    } else {
        "q quits.".to_owned()
    });
}

fn set_speed(screen: &mut Screen, speed: usize) {
    screen.speed = speed;
    let then = if screen.running {
        ""
    } else {
        ", when r runs it"
    };
    screen.notice = Some(format!("{}{then}.", screen.pace()));
}

/// One event, of those that are shown.
fn step(screen: &mut Screen, forwards: bool) {
    let at = screen.lanes.at();
    match (screen.lanes.only, forwards) {
        (Some(Only::Task(..)), _) => go(screen, Goal::Any, "event of this task", forwards),
        (Some(Only::Host(_)), _) => go(screen, Goal::Any, "event of this host", forwards),
        (None, true) => stop_at(screen, at + 1),
        (None, false) => stop_at(screen, at.saturating_sub(1)),
    }
}

/// Goes to a place, and stays there.
pub(super) fn stop_at(screen: &mut Screen, at: usize) {
    screen.running = false;
    let last = screen.lanes.len();
    if at > last && screen.lanes.at() == last {
        screen.notice =
            Some("This is the end. Go back with the left arrow, or q quits.".to_owned());
    }
    screen.lanes.go_to(at);
}

fn run_to(screen: &mut Screen, letter: char) {
    let goal = match letter.to_ascii_lowercase() {
        'p' => Some((Goal::Poll, "poll")),
        'w' => Some((Goal::Wake, "wake")),
        'k' => Some((Goal::Park, "park")),
        't' => screen
            .this_task()
            .map(|task| (Goal::Task(task), "event of this task")),
        _ => return,
    };
    match goal {
        None => {
            screen.notice = Some("This event is of no task. Step to one that is.".to_owned());
        }
        Some((goal, name)) => go(screen, goal, name, letter.is_lowercase()),
    }
}

fn go(screen: &mut Screen, goal: Goal, name: &str, forwards: bool) {
    screen.running = false;
    if !screen.lanes.run_to(goal, forwards) {
        let side = if forwards { "after" } else { "before" };
        screen.notice = Some(format!("There is no {name} {side} this."));
    }
}
