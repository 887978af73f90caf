//! The stepper's keys that look for something, and what its pictures say of it.
#![forbid(unsafe_code)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use terminal::{LEFT, RIGHT, Terminal};

#[test]
fn the_reader_goes_to_a_cause_finds_words_and_looks_at_one_task() {
    let mut terminal = Terminal::start("joining", 80, 24);
    terminal.wait_for("before the first");
    for (key, seen) in [
        ("g18\r", "event #18 ("),
        ("b", "event #17 ("),
        ("b", "event #16 ("),
        ("b", "event #8 ("),
        ("b", "event #4 ("),
        ("BBBB", "event #18 ("),
        ("B", "b goes to the cause"),
        ("\x1b[6~", "BECAUSE  (1 before) ← timer 1 fired #16"),
        ("\x1b[5~", "BECAUSE  timer 1 woke task 2 #17"),
        (RIGHT, "event #19 ("),
        ("/timer 1\r", "No event after this one says \"timer 1\"."),
        ("N", "event #17 ("),
        ("g5\r/TIMER 1\r", "event #8 ("),
        ("n", "event #9 ("),
        ("g5\r/timerset\r", "event #8 ("),
        ("g9\r/zz", "Find: zz_"),
        ("\x1b", "f only"),
        ("f", "ONLY TASK 2"),
        (RIGHT, "event #10 ("),
        (RIGHT, "event #17 ("),
        (LEFT, "event #10 ("),
        ("\x1b", "All events again."),
        (RIGHT, "event #11 ("),
        ("\x1b", "q quits."),
        ("+", "8 events a second, when r runs it."),
        ("-", "4 events a second, when r runs it."),
    ] {
        terminal.press(key);
        terminal.wait_for(seen);
    }
    terminal.press("q");
    terminal.ends_well();
}

const FARTHER: &str = "\x1b[6~";
const NEARER: &str = "\x1b[5~";

#[test]
fn each_event_shows_its_nearest_cause_first_however_the_reader_came_to_it() {
    let mut terminal = Terminal::start("joining", 80, 24);
    terminal.wait_for("before the first");
    terminal.press("g18\r");
    terminal.wait_for("event #18 (");
    for (key, seen) in [
        (FARTHER, "BECAUSE  (1 before) ← "),
        (&FARTHER.repeat(9), "BECAUSE  (2 before) ← "),
        // It has not gone farther than to the last.
        (NEARER, "BECAUSE  (1 before) ← "),
    ] {
        terminal.press(key);
        terminal.wait_for(seen);
    }
    // By itself, and by a guess.
    for key in ["r", "G1"] {
        terminal.press("g17\r");
        terminal.wait_for("event #17 (");
        terminal.press("g18\r");
        terminal.wait_for("event #18 (");
        terminal.press(FARTHER);
        terminal.wait_for("BECAUSE  (1 before) ← ");
        terminal.press(key);
        let text = terminal.wait_for("event #19 (");
        assert!(text.contains("BECAUSE  timer 1 woke task 2 #17"), "{text}");
    }
    terminal.press("q");
    terminal.ends_well();
}

#[test]
fn the_loop_marks_the_step_in_which_an_event_happens() {
    let mut terminal = Terminal::start("foreign", 80, 24);
    terminal.wait_for("before the first");
    for (key, seen) in [
        ("p", "▶2 poll_one"),
        ("k", "▶park"),
        ("/inbox is emptied\r", "▶1 take_inbox"),
    ] {
        terminal.press(key);
        let text = terminal.wait_for(seen);
        let row = text.lines().find(|line| line.starts_with("LOOP")).unwrap();
        assert_eq!(row.matches('▶').count(), 1, "{row}");
    }
    terminal.press("q");
    terminal.ends_well();
    let mut terminal = Terminal::start("racing", 80, 24);
    terminal.wait_for("before the first");
    terminal.press("/its time has come\r");
    terminal.wait_for("▶4 fire");
    terminal.press("q");
    terminal.ends_well();
}

#[test]
fn a_circle_of_locks_is_seen_in_the_tasks_and_a_wide_window_has_more() {
    let mut terminal = Terminal::start("deadlock", 80, 24);
    terminal.wait_for("before the first");
    terminal.press("g34\r");
    terminal.wait_for("held by task 2\n");
    terminal.wait_for(r#"└ which waits for mutex 1, held by task 1 "there": deadlock"#);
    terminal.resize(200, 60);
    let wide = terminal.wait_for("BEFORE THIS");
    for part in [
        "WHAT TO WATCH",
        r#"└ which waits for mutex 2, held by task 2 "back": deadlock"#,
        "  #33 Task 2",
    ] {
        assert!(wide.contains(part), "{part}:\n{wide}");
    }
    terminal.press("q");
    terminal.ends_well();
}
