//! The stepper's terminal form, driven in a pseudo-terminal as a person would, and read off its
//! screen as a person would.
//!
//! The program gets a terminal whose other end this test holds. What it writes there is parsed by
//! a terminal emulator (`vt100`), so that what is compared is what stands on the screen, not the
//! bytes that brought it there. A test never sleeps: it waits until the screen shows what it
//! expects, and gives up only after a time that means that it will never do so.
#![forbid(unsafe_code)]

mod support;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};
use support::{root, run};

/// Only a hanging program meets it.
const PATIENCE: Duration = Duration::from_secs(60);

const RIGHT: &str = "\x1b[C";
const LEFT: &str = "\x1b[D";
const END: &str = "\x1b[F";

/// A terminal, and the stepper in it.
struct Terminal {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    /// What has come of a page that is not whole yet.
    half: Vec<u8>,
    screen: vt100::Parser,
}

/// What follows each page that is drawn: the end of a synchronised update.
const WHOLE: &[u8] = b"\x1b[?2026l";

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

impl Terminal {
    fn start(program: &str, cols: u16, rows: u16) -> Terminal {
        let pair = native_pty_system().openpty(size(cols, rows)).unwrap();
        let mut command = CommandBuilder::new(run::binary("stepper").unwrap());
        command.arg(program);
        command.cwd(root());
        command.env("TERM", "xterm-256color");
        let child = pair.slave.spawn_command(command).unwrap();
        let reader = pair.master.try_clone_reader().unwrap();
        Terminal {
            keyboard: pair.master.take_writer().unwrap(),
            master: pair.master,
            child,
            output: pump(reader),
            half: Vec::new(),
            screen: vt100::Parser::new(rows, cols, 0),
        }
    }

    fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    fn resize(&mut self, cols: u16, rows: u16) {
        self.screen.screen_mut().set_size(rows, cols);
        self.master.resize(size(cols, rows)).unwrap();
    }

    fn text(&self) -> String {
        let contents = self.screen.screen().contents();
        let lines = contents.lines().map(str::trim_end);
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Shows whole pages only.
    fn take(&mut self, bytes: &[u8]) {
        self.half.extend_from_slice(bytes);
        let end = self.half.windows(WHOLE.len()).rposition(|it| it == WHOLE);
        if let Some(end) = end {
            let page: Vec<u8> = self.half.drain(..end + WHOLE.len()).collect();
            self.screen.process(&page);
        }
    }

    /// Reads until the screen is as wished.
    fn wait(&mut self, what: &str, wished: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + PATIENCE;
        while !wished(&self.text()) {
            let left = end.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(error) => panic!("no {what} ({error}) on this screen:\n{}", self.text()),
            }
        }
        self.text()
    }

    fn wait_for(&mut self, words: &str) -> String {
        self.wait(words, |text| text.contains(words))
    }

    /// Waits for the end of the program, and sees the terminal given back.
    fn ends_well(mut self) {
        let status = self.child.wait().unwrap();
        drop(self.keyboard);
        drop(self.master);
        self.screen.process(&self.half);
        // The program is gone, so what it has written ends.
        while let Ok(bytes) = self.output.recv_timeout(PATIENCE) {
            self.screen.process(&bytes);
        }
        assert!(status.success(), "{status:?}");
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen(), "the second screen is left");
        assert!(!screen.hide_cursor(), "the cursor is back");
    }
}

/// Reads on a thread: the program may write as much as it likes.
fn pump(mut reader: Box<dyn Read + Send>) -> Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            if send.send(buffer[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    receive
}

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
        "q quit",
    ] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    terminal.press(RIGHT);
    let text = terminal.wait_for("event #0 of #18");
    for part in [
        "is made of a future",
        "RUNTIME",
        "executor.rs",
        "PROGRAM made at",
        "racing.rs",
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
        seen.push(terminal.wait_for(&format!("event #{event} of")));
    }
    for event in (0..16).rev() {
        terminal.press(LEFT);
        let again = terminal.wait_for(&format!("event #{event} of"));
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
        ("t", "event #18 of"),
        ("W", "timer 1 has woken it"),
        ("K", "the thread sleeps"),
        ("P", "The executor takes task 2"),
        ("P", "The executor takes task 1"),
        ("P", "There is no poll before this."),
        ("g24\r", "event #24 of #24"),
        ("g99\r", "There is no event #99"),
        ("?", "Any key goes back."),
        ("x", "event #24 of #24"),
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
    let small = terminal.wait_for("event #5 of");
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
    assert!(told.contains("event #0 of"), "{told}");
    terminal.press(RIGHT);
    let asked = terminal.wait_for("WHAT HAPPENS NEXT?");
    assert!(asked.contains("event #0 of"), "{asked}");
    terminal.press(RIGHT);
    terminal.wait_for("event #1 of");
    terminal.press(LEFT);
    let known = terminal.wait_for("event #0 of");
    assert!(!known.contains("WHAT HAPPENS NEXT?"), "{known}");
    terminal.press("G");
    terminal.wait_for("You guessed 1 of 1 right.");
    terminal.press("q");
    terminal.ends_well();
}
