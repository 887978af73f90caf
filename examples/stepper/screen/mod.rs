//! The terminal: the same story, one event at a time, at the reader's pace.
//!
//! A program that takes over the terminal must give it back, however it ends. Raw mode and the
//! second screen are switched on by `ratatui`, which also sets a hook so that they are switched
//! off before the message of a panic is printed. Ctrl-C arrives as a key like any other here,
//! because raw mode keeps the terminal from making a signal of it; it ends the program in good
//! order.
//!
//! The loop is the usual one: draw, wait for a key (or, while the recording runs, for the time of
//! its next event), change the state, draw again. Each page is drawn as one update, so that a terminal
//! that knows of these never shows half of one.

mod help;
mod keys;
mod paint;
mod view;

use std::io;
use std::time::Duration;

use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyEventKind};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};

use crate::player::Player;
use crate::source::Sources;

/// Events per second, for the speeds of the run.
const SPEEDS: [u32; 7] = [1, 2, 4, 8, 16, 32, 64];

/// Waiting for a key, while nothing moves by itself.
const IDLE: Duration = Duration::from_secs(3600);

/// All that the reader can see and change.
#[derive(Debug)]
struct Screen {
    player: Player,
    sources: Sources,
    title: String,
    watch: String,
    /// The recording runs by itself.
    running: bool,
    /// Which of the speeds.
    speed: usize,
    /// The number that is being typed, to jump there.
    jump: Option<String>,
    help: bool,
    /// What the last key could not do.
    notice: Option<String>,
    quit: bool,
}

/// Shows the recording until the reader has seen enough.
pub(crate) fn show(player: Player, title: String, watch: String) -> io::Result<()> {
    let mut screen = Screen {
        player,
        sources: Sources::default(),
        title,
        watch,
        running: false,
        speed: 2,
        jump: None,
        help: false,
        notice: None,
        quit: false,
    };
    let mut terminal = ratatui::try_init()?;
    let shown = screen.run(&mut terminal);
    let restored = ratatui::try_restore();
    shown.and(restored)
}

impl Screen {
    fn run(&mut self, terminal: &mut DefaultTerminal) -> io::Result<()> {
        while !self.quit {
            execute!(io::stdout(), BeginSynchronizedUpdate)?;
            terminal.draw(|frame| view::draw(self, frame))?;
            execute!(io::stdout(), EndSynchronizedUpdate)?;
            match event::poll(self.patience())? {
                true => self.take(&event::read()?),
                false => self.tick(),
            }
        }
        Ok(())
    }

    /// How long to wait for a key.
    fn patience(&self) -> Duration {
        match self.running {
            true => Duration::from_secs(1) / SPEEDS[self.speed],
            false => IDLE,
        }
    }

    fn take(&mut self, event: &Event) {
        if let Event::Key(key) = event
            && key.kind != KeyEventKind::Release
        {
            keys::press(self, *key);
        }
    }

    /// The time of the next event has come.
    fn tick(&mut self) {
        if self.running {
            self.player.go_to(self.player.at() + 1);
            self.running = self.player.at() < self.player.records().len();
        }
    }

    /// The task that the reader is looking at: the one that runs, or of which the event speaks.
    fn this_task(&self) -> Option<u64> {
        let record = self.player.record()?;
        record.task.or(story::task_of(&record.event))
    }
}
