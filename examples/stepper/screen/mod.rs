//! The terminal: the same story, one event at a time, at the reader's pace.
//!
//! A program that takes over the terminal must give it back, however it ends; `terminal/` does both.
//! Ctrl-C arrives as a key like any other here, because raw mode keeps the terminal from making a
//! signal of it; it ends the program in good order.
//!
//! The loop is the usual one: draw, wait for a key (or, while the recording runs, for the time of
//! its next event), change the state, draw again.

mod asking;
mod bars;
mod code;
mod help;
mod hosts;
mod keys;
mod page;
mod paint;
mod seek;
mod view;

use std::io::{self, Write};
use std::time::Duration;

use crossterm::event::{self, Event, KeyEventKind};

use crate::guessing::Guessing;
use crate::lanes::Lanes;
use crate::mine::Mine;
use crate::{LOOK, Piece, terminal};
use seek::Prompt;
use story::words;

/// Events per second, for the speeds of the run.
const SPEEDS: [u32; 7] = [1, 2, 4, 8, 16, 32, 64];

/// Waiting for a key, while nothing moves by itself.
const IDLE: Duration = Duration::from_secs(3600);

/// All that the reader can see and change.
#[derive(Debug)]
struct Screen {
    lanes: Lanes,
    title: String,
    watch: String,
    /// The recording runs by itself.
    running: bool,
    /// Which of the speeds.
    speed: usize,
    /// What is being typed, to go there.
    prompt: Option<Prompt>,
    /// The words that were looked for.
    found: String,
    /// From which link on the causes of this event are shown.
    link: usize,
    /// From where the reader has gone to a cause: places among the events of all hosts.
    trail: Vec<usize>,
    help: bool,
    /// The program that is built and run again when it was edited.
    mine: Option<Mine>,
    /// The reader guesses what comes next.
    guessing: Option<Guessing>,
    /// What the last guess was worth.
    verdict: Option<String>,
    /// What the last key did, or could not do.
    notice: Option<String>,
    quit: bool,
}

/// Shows the recording until the reader has seen enough.
pub(crate) fn show(piece: Piece, mine: Option<Mine>, guess: bool) -> io::Result<()> {
    let mut screen = Screen {
        title: piece.title.clone(),
        watch: piece.watch.clone(),
        lanes: piece.lanes(),
        mine,
        running: false,
        speed: 2,
        prompt: None,
        found: String::new(),
        link: 0,
        trail: Vec::new(),
        help: false,
        guessing: None,
        verdict: None,
        notice: None,
        quit: false,
    };
    if guess {
        asking::switch(&mut screen);
    }
    let shown = terminal::take_over().and_then(|()| screen.run());
    let given_back = terminal::give_back();
    if let Some(guessing) = screen.guessing {
        writeln!(io::stdout(), "{}", guessing.ending())?;
    }
    shown.and(given_back)
}

impl Screen {
    fn run(&mut self) -> io::Result<()> {
        while !self.quit {
            self.draw()?;
            match event::poll(self.patience())? {
                true => self.take(&event::read()?),
                false => self.tick(),
            }
            if self.mine.as_mut().is_some_and(Mine::has_changed) {
                self.notice = Some("It was edited, and is built and run again...".to_owned());
                self.draw()?;
                self.step_again();
            }
        }
        Ok(())
    }

    fn draw(&self) -> io::Result<()> {
        terminal::draw(|frame| view::draw(self, frame))
    }

    /// Records the program anew, and shows the same place in what it does now. If that fails, the old
    /// recording stays.
    fn step_again(&mut self) {
        let Some(mine) = &self.mine else {
            return;
        };
        self.notice = Some(match mine.record(true) {
            Err(error) => error.to_string(),
            Ok(piece) => {
                let at = self.lanes.at();
                self.watch = piece.watch.clone();
                self.lanes = piece.lanes();
                self.lanes.go_to(at);
                let events = self.lanes.len();
                format!("It was built and run again: {events} events.")
            }
        });
    }

    /// How long to wait for a key.
    fn patience(&self) -> Duration {
        match self.running {
            true => Duration::from_secs(1) / SPEEDS[self.speed],
            false if self.mine.is_some() => LOOK,
            false => IDLE,
        }
    }

    fn take(&mut self, event: &Event) {
        if let Event::Key(key) = event
            && key.kind != KeyEventKind::Release
        {
            let before = self.lanes.at();
            keys::press(self, *key);
            self.see(before);
        }
    }

    /// The time of the next event has come.
    fn tick(&mut self) {
        if self.running {
            let before = self.lanes.at();
            self.lanes.go_to(before + 1);
            self.running = self.lanes.at() < self.lanes.len();
            self.see(before);
        }
    }

    /// The reader has come from there. What is shown now is not asked any more, and of another event the
    /// nearest cause is shown first.
    fn see(&mut self, before: usize) {
        if self.lanes.at() != before {
            self.link = 0;
        }
        if let Some(guessing) = &mut self.guessing {
            guessing.see(&self.lanes);
        }
    }

    /// How fast it runs by itself.
    fn pace(&self) -> String {
        let events = SPEEDS[self.speed] as usize;
        format!("{} a second", words::count(events, "event"))
    }

    /// The task that the reader is looking at: the one that runs, or of which the event speaks.
    fn this_task(&self) -> Option<u64> {
        let record = self.lanes.present().record()?;
        record.task.or(story::task_of(&record.event))
    }
}
