//! Recordings in files.
//!
//! A file is text, one JSON value a line, so that it can be searched, cut and compared with the
//! tools at hand:
//!
//! ```text
//! {"treadle":"recording","version":1,"base":{...}}       the state before the first event
//! {"seq":0,"time":{...},"task":null,"place":["runtime/src/machine/executor.rs",210],"event":{...}}
//! {"seq":1,...}
//! ```
//!
//! The first line says what it is and in which version; the rest is one [`Record`] a line, as
//! serde writes it. A place is a pair of file and line. What this version does not know it
//! refuses, with the number of the line. A last line that was cut off (a program that was killed
//! while it wrote) is an error as well: [`Recording::read_from`] says so, and what came before
//! can be had by cutting the line off.
//!
//! A recording can also go out as it is made, through a sink. The ring forgets; a file does not. With
//! a sink, each event is written in the moment in which it happens, and the memory holds nothing. The
//! first error (or panic) ends the writing: it is kept and handed to the caller that ends the
//! recording, because the program that is observed has nothing to do with it.

use std::fmt;
use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

use super::Recording;
use crate::machine::foreign::drop_quietly;
use crate::machine::snapshot::Snapshot;
use crate::trace::Record;

/// The version of the format that is written, and the only one that is read.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Head<'a> {
    treadle: std::borrow::Cow<'a, str>,
    version: u32,
    base: std::borrow::Cow<'a, Snapshot>,
}

impl Recording {
    /// Writes the recording as lines of JSON.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    ///
    /// ```
    /// use runtime::trace::Recording;
    ///
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// runtime.trace().start(100);
    /// runtime.block_on(async {});
    /// let recording = runtime.trace().recording();
    /// let mut file = Vec::new();
    /// recording.write_to(&mut file)?;
    /// assert_eq!(Recording::read_from(&file[..])?, recording);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn write_to(&self, mut out: impl Write) -> io::Result<()> {
        write_head(&mut out, self.base())?;
        for record in self.records() {
            write_record(&mut out, record)?;
        }
        out.flush()
    }

    /// Reads what [`write_to`](Recording::write_to) and
    /// [`Trace::start_writing`](super::Trace::start_writing) write.
    ///
    /// # Errors
    ///
    /// Those of `from`; and [`InvalidData`](io::ErrorKind::InvalidData) if it is no recording,
    /// or one of another version, with the number of the line and what is wrong there.
    ///
    /// ```
    /// use runtime::trace::Recording;
    ///
    /// let error = Recording::read_from(&b"{}"[..]).unwrap_err();
    /// assert!(error.to_string().contains("line 1"));
    /// ```
    pub fn read_from(from: impl BufRead) -> io::Result<Recording> {
        let mut lines = from.lines();
        let head: Head<'_> = match lines.next() {
            Some(line) => parse(1, &line?)?,
            None => return Err(invalid(1, "the file is empty")),
        };
        if head.treadle != "recording" || head.version != VERSION {
            let (what, version) = (head.treadle, head.version);
            let found = format!("a {what} of version {version}; this reads version {VERSION}");
            return Err(invalid(1, found));
        }
        let records = (2..).zip(lines).map(|(number, line)| parse(number, &line?));
        let records = records.collect::<io::Result<Vec<Record>>>()?;
        Ok(Recording::new(head.base.into_owned(), records))
    }
}

fn write_head(out: &mut dyn Write, base: &Snapshot) -> io::Result<()> {
    let head = Head {
        treadle: "recording".into(),
        version: VERSION,
        base: std::borrow::Cow::Borrowed(base),
    };
    write_line(out, &head)
}

fn write_record(out: &mut dyn Write, record: &Record) -> io::Result<()> {
    write_line(out, record)
}

fn write_line(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    out.write_all(&line)
}

fn parse<T: for<'de> Deserialize<'de>>(number: usize, line: &str) -> io::Result<T> {
    serde_json::from_str(line).map_err(|error| invalid(number, error))
}

fn invalid(line: usize, what: impl fmt::Display) -> io::Error {
    let message = format!("not a recording of Treadle: line {line}: {what}");
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// A writer that gets each event as it happens.
pub(super) struct Sink {
    out: Box<dyn Write>,
    error: Option<io::Error>,
}

impl Sink {
    pub(super) fn new(mut out: Box<dyn Write>, base: &Snapshot) -> Sink {
        let error = write_head(&mut out, base).err();
        Sink { out, error }
    }

    pub(super) fn write(&mut self, record: &Record) {
        if self.error.is_none() {
            let write = AssertUnwindSafe(|| write_record(&mut self.out, record));
            self.error = match catch_unwind(write) {
                Ok(written) => written.err(),
                Err(payload) => {
                    drop_quietly(payload);
                    Some(io::Error::other("the recording's writer panicked"))
                }
            };
        }
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        match self.error {
            Some(error) => Err(error),
            None => self.out.flush(),
        }
    }
}
