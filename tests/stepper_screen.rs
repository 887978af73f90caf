//! The stepper's terminal form, driven in a pseudo-terminal (`tests/support/terminal.rs`): the parts of its
//! page, and the ways through a recording.
#![forbid(unsafe_code)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use terminal::{END, LEFT, RIGHT, Terminal};

#[test]
fn every_part_of_the_machine_has_its_place_on_a_small_screen() {
    let mut terminal = Terminal::start("racing", 80, 24);
    let text = terminal.wait_for("before the first of 19 events");
    for part in [
        "RUN QUEUE",
        "INBOX",
        "TASKS",
        "WHEEL",
        "SOURCES",
        "WHAT TO WATCH",
        "q quits",
    ] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    terminal.press(RIGHT);
    let text = terminal.wait_for("event #0 (");
    for part in [
        "is made of a future",
        "RUNTIME",
        "executor.rs",
        "PROGRAM made at",
        "racing.rs",
        "BECAUSE  the program does this, outside of any task.",
    ] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    terminal.press("q");
    terminal.ends_well();
}

#[test]
fn going_back_shows_the_same_screen_again() {
    let mut terminal = Terminal::start("joining", 80, 24);
    terminal.wait_for("before the first");
    let mut seen = Vec::new();
    for event in 0..=16 {
        terminal.press(RIGHT);
        seen.push(terminal.wait_for(&format!("event #{event} (")));
    }
    for event in (0..16).rev() {
        terminal.press(LEFT);
        let again = terminal.wait_for(&format!("event #{event} ("));
        assert_eq!(again, seen[event]);
    }
    terminal.press("q");
    terminal.ends_well();
}

#[test]
fn the_keys_run_to_the_next_poll_wake_park_and_event_of_a_task_and_back() {
    let mut terminal = Terminal::start("joining", 80, 24);
    terminal.wait_for("before the first");
    for (key, seen) in [
        ("p", "The executor takes task 1"),
        ("p", "The executor takes task 2"),
        ("k", "the thread sleeps"),
        ("w", "timer 1 has woken it"),
        ("t", "event #18 ("),
        ("W", "timer 1 has woken it"),
        ("K", "the thread sleeps"),
        ("P", "The executor takes task 2"),
        ("P", "The executor takes task 1"),
        ("P", "There is no poll before this."),
        ("g24\r", "event #24 ("),
        ("g99\r", "There is no event #99"),
        ("?", "Any key goes back."),
        ("x", "event #24 ("),
        (RIGHT, "This is the end."),
    ] {
        terminal.press(key);
        terminal.wait_for(seen);
    }
    terminal.press("\x03");
    terminal.ends_well();
}

#[test]
fn the_chain_of_causes_leads_back_to_the_timer() {
    let mut terminal = Terminal::start("joining", 120, 40);
    terminal.wait_for("before the first");
    terminal.press(END);
    terminal.press("P");
    let text = terminal.wait_for("The executor takes task 1");
    let chain = [
        "task 2 woke task 1",
        "timer 1 woke task 2",
        "timer 1 fired",
        "it was set at",
    ];
    let places: Vec<_> = chain
        .iter()
        .map(|link| text.find(link).expect(&text))
        .collect();
    assert!(places.is_sorted(), "{text}");
    terminal.press("q");
    terminal.ends_well();
}

#[test]
fn a_larger_window_shows_more_and_one_too_small_says_so() {
    let mut terminal = Terminal::start("racing", 80, 24);
    terminal.wait_for("before the first");
    terminal.press("g5\r");
    let small = terminal.wait_for("event #5 (");
    terminal.resize(140, 45);
    let large = terminal.wait("wide wheel", |text| text.contains("· a slot"));
    assert!(large.lines().count() > small.lines().count(), "{large}");
    terminal.resize(60, 12);
    terminal.wait_for("too small");
    terminal.resize(80, 24);
    terminal.wait("the same screen again", |text| text == small);
    terminal.press("q");
    terminal.ends_well();
}

#[test]
fn it_runs_by_itself_to_the_end() {
    let mut terminal = Terminal::start("yielding", 80, 24);
    terminal.wait_for("before the first");
    terminal.press("+++++r");
    let last = terminal.wait("the last event", |text| text.contains("is gone"));
    assert!(last.contains("event #"), "{last}");
    terminal.press("q");
    terminal.ends_well();
}

#[test]
fn the_reader_guesses_what_comes_next_and_the_screen_keeps_the_score() {
    let mut terminal = Terminal::start("joining", 80, 24);
    terminal.wait_for("before the first");
    terminal.press("G");
    let asked = terminal.wait_for("WHAT HAPPENS NEXT?");
    let truth = "Task 1 \"parent\" is made of a future";
    let line = asked.lines().find(|line| line.contains(truth)).unwrap();
    terminal.press(&line[..1]);
    let told = terminal.wait_for("RIGHT (1 of 1)");
    assert!(told.contains("event #0 ("), "{told}");
    terminal.press(RIGHT);
    let asked = terminal.wait_for("WHAT HAPPENS NEXT?");
    assert!(asked.contains("event #0 ("), "{asked}");
    terminal.press(RIGHT);
    terminal.wait_for("event #1 (");
    terminal.press(LEFT);
    let known = terminal.wait_for("event #0 (");
    assert!(!known.contains("WHAT HAPPENS NEXT?"), "{known}");
    terminal.press("G");
    terminal.wait_for("You guessed 1 of 1 right.");
    terminal.press("q");
    terminal.ends_well();
}

#[test]
fn rows_that_the_wheel_does_not_need_are_for_the_tasks_and_for_what_they_share() {
    let mut terminal = Terminal::start("deadlock", 80, 24);
    terminal.wait_for("before the first");
    terminal.press(END);
    let text = terminal.wait_for("event #44 (");
    for part in [
        r#"└ which waits for mutex 1, held by task 1 "there": deadlock"#,
        r#"└ which waits for mutex 2, held by task 2 "back": deadlock"#,
        r#"mutex 1: held by task 1 "there""#,
        r#"mutex 2: held by task 2 "back""#,
        "empty: no task waits for the clock",
    ] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    terminal.press("?");
    let help = terminal.wait_for("Any key goes back.");
    assert!(help.contains("only this task, host; all\n"), "{help}");
    assert!(help.contains("  INBOX "), "{help}");
    terminal.press("qq");
    terminal.ends_well();
}

#[test]
fn the_least_window_has_all_of_the_help_and_of_the_keys() {
    for (cols, rows) in [(72, 20), (80, 24)] {
        let mut terminal = Terminal::start("racing", cols, rows);
        let text = terminal.wait_for("before the first");
        assert!(text.ends_with("? help"), "{text}");
        terminal.press("?");
        let help = terminal.wait_for("Any key goes back.");
        for part in [
            "one event back\n",
            "farther causes; nearer\n",
            "only this task, host; all\n",
            "answer (→: no guess) ",
            "quit (or Ctrl-C)\n",
            "in which of them this is.\n",
            "The first is polled next.\n",
            "when the loop takes it.\n",
            "who holds that.\n",
            "a dot for none.\n",
            "one task waits\n",
            "the first cause.\n",
            "A call queues the task.\n",
        ] {
            assert!(help.contains(part), "{part}:\n{help}");
        }
        terminal.press("xG");
        let asked = terminal.wait_for("WHAT HAPPENS NEXT?");
        assert!(asked.ends_with("? help"), "{asked}");
        terminal.press("q");
        terminal.ends_well();
    }
}

#[test]
fn what_tasks_share_is_shown_where_two_rows_are_all_there_is() {
    for (cols, rows) in [(72, 20), (80, 24)] {
        let mut terminal = Terminal::start("deadlock", cols, rows);
        terminal.wait_for("before the first");
        terminal.press("g25\r");
        let text = terminal.wait_for("event #25 (");
        let first = "SHARED   mutex 1: held by task 1 \"there\"";
        let second = "\n         mutex 2: held by task 2 \"back\"";
        assert!(text.contains(first) && text.contains(second), "{text}");
        terminal.press("q");
        terminal.ends_well();
    }
}

#[test]
fn a_poll_that_was_written_by_hand_begins_at_its_top_and_in_the_arm_of_its_state() {
    let mut terminal = Terminal::start("by_hand", 80, 24);
    let text = terminal.wait_for("before the first");
    assert!(text.contains("? all keys, q quits.\n"), "{text}");
    terminal.press("g25\r");
    let text = terminal.wait_for("event #25 (");
    let entered = text.contains("PROGRAM enters poll at ") && text.contains("▶ ByHand::First { ");
    assert!(entered, "{text}");
    // An `async fn` goes on after its wait, and so does a poll after a wait that it has just made.
    for number in ["21", "28"] {
        terminal.press(&format!("g{number}\r"));
        let text = terminal.wait_for(&format!("event #{number} ("));
        assert!(!text.contains("enters poll"), "{text}");
    }
    terminal.press("q");
    terminal.ends_well();
    // A file has no notes of the state: then it is the top.
    let file = format!("{}/by_hand.jsonl", env!("CARGO_TARGET_TMPDIR"));
    support::run::example("stepper", &["by_hand", "--save", &file]).unwrap();
    let told = support::run::example("stepper", &[&file]).unwrap();
    let top =
        |line: &&str| line.starts_with("    enters ") && line.ends_with("| match &mut *self {");
    assert_eq!(told.lines().filter(top).count(), 2, "{told}");
}

#[test]
fn the_row_of_the_causes_says_that_the_thread_wakes_up_for_a_cascade() {
    for (cols, rows) in [(72, 20), (80, 24)] {
        let mut terminal = Terminal::start("turning", cols, rows);
        terminal.wait_for("before the first");
        terminal.press("k");
        let text = terminal.wait_for("the thread sleeps, until ");
        let because = text.lines().find(|line| line.starts_with("BECAUSE  slot "));
        let because = because.expect(&text);
        let says = because.contains(" of L1 cascades then; timer 1 fires later, at ");
        assert!(says && because.ends_with(" ms."), "{text}");
        terminal.press("/cascades:\r");
        terminal.wait_for("▶4 fire");
        terminal.press("q");
        terminal.ends_well();
    }
}

#[test]
fn the_least_window_has_the_text_of_a_program_and_a_line_of_source() {
    let mut terminal = Terminal::start("cascade", 72, 20);
    let text = terminal.wait_for("before the first");
    assert!(text.contains("see turning.)\n"), "{text}");
    terminal.press("q");
    terminal.ends_well();
    // Of several hosts there is less room: a text that is cut says so.
    let mut terminal = Terminal::start("hosts", 72, 20);
    let text = terminal.wait_for("before the first");
    let watch = text.lines().rev().nth(1).unwrap();
    assert!(watch.ends_with(" …"), "{text}");
    terminal.press(RIGHT);
    let text = terminal.wait_for("event #0 (");
    let source = text.lines().rev().nth(1).unwrap();
    assert!(
        text.contains("\nRUNTIME ") && source.contains('▶'),
        "{text}"
    );
    terminal.press("q");
    terminal.ends_well();
}

#[test]
fn all_four_choices_are_seen_in_a_small_window_also_of_several_hosts() {
    for (program, cols, rows) in [("hosts", 72, 20), ("hosts", 80, 24), ("deadlock", 72, 20)] {
        let mut terminal = Terminal::start(program, cols, rows);
        terminal.wait_for("before the first");
        terminal.press("g5\rG");
        let text = terminal.wait_for("WHAT HAPPENS NEXT?");
        for choice in 1..=4 {
            let is_it = |line: &&str| line.starts_with(&format!("{choice}   "));
            assert_eq!(text.lines().filter(is_it).count(), 1, "{choice}: {text}");
        }
        terminal.press("q");
        terminal.ends_well();
    }
}
