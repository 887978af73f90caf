//! What the keys do.
//!
//! A small letter goes forwards, the same letter with shift goes back: `p` to the next poll,
//! `P` to the one before.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{SPEEDS, Screen, asking};
use crate::player::Goal;

/// Two in each line of help.
pub(super) const HELP: [(&str, &str); 12] = [
    ("→ l space", "one event forwards"),
    ("← h", "one event back"),
    ("p  P", "next poll; the one before"),
    ("w  W", "next wake; the one before"),
    ("k  K", "next park; the one before"),
    ("t  T", "next event of this task; back"),
    ("home end", "the beginning, the end"),
    ("g", "jump to an event's number"),
    ("r  + -", "run or stop; faster, slower"),
    ("G", "guess what comes next"),
    ("1 2 3 4", "answer; → shows it unguessed"),
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
    } else if screen.jump.is_some() {
        type_number(screen, key.code);
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
    let at = screen.player.at();
    match code {
        code if is_forwards(code) => stop_at(screen, at + 1),
        KeyCode::Left | KeyCode::Char('h') | KeyCode::Backspace => {
            stop_at(screen, at.saturating_sub(1));
        }
        KeyCode::Home => stop_at(screen, 0),
        KeyCode::End => stop_at(screen, usize::MAX),
        KeyCode::Char('q') | KeyCode::Esc => screen.quit = true,
        KeyCode::Char('?') => screen.help = true,
        KeyCode::Char('r') => screen.running = !screen.running,
        KeyCode::Char('+' | '=') => screen.speed = (screen.speed + 1).min(SPEEDS.len() - 1),
        KeyCode::Char('-') => screen.speed = screen.speed.saturating_sub(1),
        KeyCode::Char('G') => asking::switch(screen),
        KeyCode::Char(digit) if asking::answer(screen, digit) => {}
        KeyCode::Char('g') => screen.jump = Some(String::new()),
        KeyCode::Char(letter) => run_to(screen, letter),
        _ => {}
    }
}

fn stop_at(screen: &mut Screen, at: usize) {
    screen.running = false;
    let last = screen.player.records().len();
    if at > last && screen.player.at() == last {
        screen.notice =
            Some("This is the end. Go back with the left arrow, or q quits.".to_owned());
    }
    screen.player.go_to(at);
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
    let forwards = letter.is_lowercase();
    screen.running = false;
    screen.notice = match goal {
        None => Some("This event is of no task. Step to one that is.".to_owned()),
        Some((goal, _)) if screen.player.run_to(goal, forwards) => None,
        Some((_, name)) if forwards => Some(format!("There is no {name} after this.")),
        Some((_, name)) => Some(format!("There is no {name} before this.")),
    };
}

/// The number of the event to jump to.
fn type_number(screen: &mut Screen, code: KeyCode) {
    let typed = screen.jump.take().unwrap_or_default();
    screen.jump = match code {
        KeyCode::Char(digit) if digit.is_ascii_digit() && typed.len() < 9 => {
            Some(format!("{typed}{digit}"))
        }
        KeyCode::Backspace => Some(typed[..typed.len().saturating_sub(1)].to_owned()),
        KeyCode::Enter => {
            jump_to(screen, &typed);
            None
        }
        KeyCode::Esc => None,
        _ => Some(typed),
    };
}

fn jump_to(screen: &mut Screen, typed: &str) {
    let Ok(wanted) = typed.parse::<u64>() else {
        return;
    };
    let records = screen.player.records();
    let found = records.iter().position(|record| record.seq == wanted);
    match found {
        Some(index) => stop_at(screen, index + 1),
        None => screen.notice = Some(format!("There is no event #{wanted} in this recording.")),
    }
}
