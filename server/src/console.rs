//! Standard output and standard error, without ever waiting for them.
//!
//! A server has little to say, but it says it on a stream that belongs to another program: a
//! terminal, a pipe, a log collector. If that program stops reading, a pipe is full after
//! 64 KiB, and the next write blocks until the program reads again. A server with one thread
//! would then be frozen: no request is answered, and no signal is heard.
//!
//! So the thread that serves never writes. It puts the text into a queue, and a thread that
//! lives only while there is something to write takes it out. Nor does the queue grow without
//! end: a text that would make more than 64 KiB wait is dropped and counted, and the next text
//! that gets through says how many were dropped. One text of any size is always taken when
//! nothing waits.
//!
//! How it can go wrong: a process that ends takes its threads with it, and with them what has
//! not been written yet. A program that ends calls [`flush`](Console::flush), which waits, but
//! not for ever.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// The standard error of the process.
///
/// ```
/// use std::time::Duration;
/// use server::console;
///
/// console::stderr().print("something is odd\n");
/// assert!(console::stderr().flush(Duration::from_secs(5)));
/// ```
pub fn stderr() -> &'static Console {
    static STDERR: Console = Console::new(|text| io::stderr().write_all(text));
    &STDERR
}

/// The standard output of the process.
///
/// ```
/// server::console::stdout().print("listening\n");
/// ```
pub fn stdout() -> &'static Console {
    static STDOUT: Console = Console::new(|text| {
        let mut out = io::stdout().lock();
        out.write_all(text).and_then(|()| out.flush())
    });
    &STDOUT
}

/// A stream to print on; from [`stderr`] and [`stdout`]. Its example is [`stderr`]'s.
///
/// Handlers may use it too, from any thread: it never blocks the thread that prints.
pub struct Console {
    waiting: Mutex<Waiting>,
    /// A text has been written.
    written: Condvar,
    write: fn(&[u8]) -> io::Result<()>,
}

/// What has not been written yet.
struct Waiting {
    texts: VecDeque<String>,
    /// Bytes of these texts, and of the one that is being written.
    bytes: usize,
    /// Texts for which there was no room.
    dropped: u64,
    has_thread: bool,
}

impl Console {
    const fn new(write: fn(&[u8]) -> io::Result<()>) -> Self {
        Console {
            waiting: Mutex::new(Waiting {
                texts: VecDeque::new(),
                bytes: 0,
                dropped: 0,
                has_thread: false,
            }),
            written: Condvar::new(),
            write,
        }
    }

    /// Has `text` printed, in one piece, as soon as the stream takes it.
    ///
    /// Never blocks. A text is dropped if it would make more than 64 KiB wait, or if no thread can
    /// be started to write; a text of any size is taken if nothing waits. The next text that is
    /// written says how many were dropped. A stream that is closed drops everything, silently.
    ///
    /// ```
    /// server::console::stderr().print(format!("{} cups of tea\n", 3));
    /// ```
    pub fn print(&'static self, text: impl Into<String>) {
        let text = text.into();
        if text.is_empty() {
            return;
        }
        let mut waiting = self.lock();
        if !waiting.has_room(&text) || !self.has_thread(&mut waiting) {
            waiting.dropped += 1;
            return;
        }
        waiting.bytes += text.len();
        waiting.texts.push_back(text);
    }

    /// Blocks until all that was printed has been written, `patience` at most. False if
    /// something is left.
    ///
    /// For the end of a program. A task must not call it.
    ///
    /// ```
    /// # use std::time::Duration;
    /// assert!(server::console::stdout().flush(Duration::ZERO), "nothing was printed");
    /// ```
    pub fn flush(&self, patience: Duration) -> bool {
        let is_waiting = |waiting: &mut Waiting| waiting.bytes > 0;
        let ended = self
            .written
            .wait_timeout_while(self.lock(), patience, is_waiting);
        let (_left, timeout) = ended.unwrap_or_else(PoisonError::into_inner);
        !timeout.timed_out()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sees to it that there is a thread that writes; false if there cannot be one.
    fn has_thread(&'static self, waiting: &mut Waiting) -> bool {
        let started = || {
            thread::Builder::new()
                .name("console".to_owned())
                .spawn(|| self.write_all())
        };
        waiting.has_thread = waiting.has_thread || started().is_ok();
        waiting.has_thread
    }

    /// The life of the thread: it writes until nothing waits.
    fn write_all(&self) {
        while let Some(text) = self.next() {
            // A closed stream is no reason to stop serving.
            let _ = (self.write)(text.as_bytes());
            self.lock().bytes -= text.len();
            self.written.notify_all();
        }
    }

    fn next(&self) -> Option<String> {
        let mut waiting = self.lock();
        let Some(mut text) = waiting.texts.pop_front() else {
            waiting.has_thread = false;
            return None;
        };
        if waiting.dropped > 0 {
            let notice = format!("({} messages were dropped before this)\n", waiting.dropped);
            waiting.dropped = 0;
            waiting.bytes += notice.len();
            text.insert_str(0, &notice);
        }
        Some(text)
    }
}

impl Waiting {
    fn has_room(&self, text: &str) -> bool {
        const MOST: usize = 64 * 1024;
        self.bytes == 0 || self.bytes + text.len() <= MOST
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, Sender, channel};

    /// What the stream was given, text by text, and a permit for each.
    struct Stuck {
        texts: Sender<String>,
        permits: Receiver<()>,
    }

    static STREAM: Mutex<Option<Stuck>> = Mutex::new(None);

    fn write(text: &[u8]) -> io::Result<()> {
        let stream = STREAM.lock().unwrap();
        let stream = stream.as_ref().unwrap();
        let text = String::from_utf8(text.to_vec()).unwrap();
        stream.texts.send(text).unwrap();
        stream.permits.recv().map_err(io::Error::other)
    }

    #[test]
    fn a_stream_that_takes_nothing_blocks_nobody_and_fills_no_memory() {
        static CONSOLE: Console = Console::new(write);
        let (texts, written) = channel();
        let (permit, permits) = channel();
        *STREAM.lock().unwrap() = Some(Stuck { texts, permits });
        let long = "x".repeat(100_000);
        CONSOLE.print(long.clone());
        assert_eq!(
            written.recv().unwrap(),
            long,
            "however long, if nothing waits"
        );
        for _ in 0..1_000 {
            CONSOLE.print(long.clone());
            CONSOLE.print("short\n");
        }
        assert_eq!(CONSOLE.lock().bytes, 100_000);
        assert!(!CONSOLE.flush(Duration::ZERO));
        permit.send(()).unwrap();
        assert!(CONSOLE.flush(Duration::from_secs(60)));
        CONSOLE.print("next\n");
        let notice = "(2000 messages were dropped before this)\nnext\n";
        assert_eq!(written.recv().unwrap(), notice);
        permit.send(()).unwrap();
        assert!(CONSOLE.flush(Duration::from_secs(60)));
        assert_eq!(CONSOLE.lock().bytes, 0);
    }
}
