//! A terminal in which the stepper runs, driven as a person would drive it, and read off its screen as a
//! person would.
//!
//! The program gets a terminal whose other end this holds. What it writes there is parsed by a terminal
//! emulator (`vt100`), so that what is compared is what stands on the screen, not the bytes that brought
//! it there. A test never sleeps: it waits until the screen shows what it expects, and gives up only after
//! a time that means that it will never do so.

#![allow(dead_code, reason = "each test binary uses its own half")]

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use crate::support::{root, run};

/// Only a hanging program meets it.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const RIGHT: &str = "\x1b[C";
pub(crate) const LEFT: &str = "\x1b[D";
pub(crate) const END: &str = "\x1b[F";

/// A terminal, and the stepper in it.
pub(crate) struct Terminal {
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
    pub(crate) fn start(program: &str, cols: u16, rows: u16) -> Terminal {
        Terminal::start_with(&[program], cols, rows)
    }

    /// With these words after the stepper's name.
    pub(crate) fn start_with(words: &[&str], cols: u16, rows: u16) -> Terminal {
        let pair = native_pty_system().openpty(size(cols, rows)).unwrap();
        let mut command = CommandBuilder::new(run::binary("stepper").unwrap());
        command.args(words);
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

    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    pub(crate) fn resize(&mut self, cols: u16, rows: u16) {
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
    pub(crate) fn wait(&mut self, what: &str, wished: impl Fn(&str) -> bool) -> String {
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

    pub(crate) fn wait_for(&mut self, words: &str) -> String {
        self.wait(words, |text| text.contains(words))
    }

    /// Waits for the end of the program, and sees the terminal given back.
    pub(crate) fn ends_well(mut self) {
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
