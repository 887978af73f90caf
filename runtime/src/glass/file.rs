//! Recordings in files.
//!
//! A file is text, one JSON value a line, so that it can be searched, cut and compared with the
//! tools at hand:
//!
//! ```text
//! {"treadle":"recording","version":2,"base":{...}}       the state before the first event, and, of a host of
//!                                                        a simulation, its lane
//! {"source":"runtime/src/machine/executor/mod.rs","hash":"5c2f..."}
//! {"seq":0,"time":{...},"task":null,"place":["runtime/src/machine/executor/mod.rs",210],"event":{...}}
//! {"seq":1,...}
//! ```
//!
//! The first line says what it is and in which version; the rest is one [`Record`] a line, as
//! serde writes it. A place is a pair of file and line. Before the line that is the first to name a file
//! stands the [hash](super::sources) of that file, if it is known. (Version 1 had no hashes.) What this
//! version does not know it refuses, with the number of the line. A last line that was cut off (a
//! program was killed while it wrote) is left out, and [`Recording::cut_line`] says so.
//!
//! A recording can also go out as it is made, through a sink. The ring forgets; a file does not. With
//! a sink, each event is written in the moment in which it happens, and the memory holds nothing. Before
//! the thread goes to sleep, what the writer holds back is flushed. The first error (or panic) ends the
//! writing: it is kept and handed to the caller that ends the recording, because the program that is
//! observed has nothing to do with it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

use super::recording::FromFile;
use super::sources;
use super::{Lane, Recording};
use crate::base::foreign::drop_quietly;
use crate::machine::inspect::snapshot::Snapshot;
use crate::trace::{Event, Record};

/// The version of the format that is written. Those before it are read, too.
const VERSION: u32 = 2;

#[derive(Serialize, Deserialize)]
struct Head<'a> {
    treadle: Cow<'a, str>,
    version: u32,
    base: Cow<'a, Snapshot>,
    /// Older versions of this reader pass over it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lane: Option<Cow<'a, Lane>>,
}

/// The line that has the hash of a file, as 16 hexadecimal digits.
#[derive(Serialize, Deserialize)]
struct Source {
    source: String,
    hash: String,
}

/// How such a line begins.
const SOURCE: &[u8] = b"{\"source\":";

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
        let mut named = Named::default();
        let hash = |file: &str| self.source_hash(file);
        write_line(&mut out, &head(self.base(), self.lane()), &mut named, hash)?;
        for record in self.records() {
            write_line(&mut out, record, &mut named, hash)?;
        }
        out.flush()
    }

    /// Reads what [`write_to`](Recording::write_to) and
    /// [`Trace::start_writing`](super::Trace::start_writing) write.
    ///
    /// A last line that was cut off is left out; see [`cut_line`](Recording::cut_line).
    ///
    /// # Errors
    ///
    /// Those of `from`; and [`InvalidData`](io::ErrorKind::InvalidData) if it is no recording,
    /// or one of a version that is not known, with the number of the line and what is wrong there.
    ///
    /// ```
    /// use runtime::trace::Recording;
    ///
    /// let error = Recording::read_from(&b"{}"[..]).unwrap_err();
    /// assert!(error.to_string().contains("line 1"));
    /// ```
    pub fn read_from(mut from: impl BufRead) -> io::Result<Recording> {
        let mut line = Vec::new();
        if from.read_until(b'\n', &mut line)? == 0 {
            return Err(invalid(1, "the file is empty"));
        }
        let head: Head<'_> = parse(1, &line)?;
        if head.treadle != "recording" || !(1..=VERSION).contains(&head.version) {
            let (what, version) = (head.treadle, head.version);
            let found = format!("a {what} of version {version}; this reads version 1 to {VERSION}");
            return Err(invalid(1, found));
        }
        let (mut records, mut file) = (Vec::new(), FromFile::default());
        for number in 2.. {
            line.clear();
            if from.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            match take(number, &line, &mut records, &mut file) {
                Err(_) if !line.ends_with(b"\n") => file.cut = Some(number),
                taken => taken?,
            }
        }
        let lane = head.lane.map(Cow::into_owned);
        let base = head.base.into_owned();
        Ok(Recording::from_file(base, records, lane, file))
    }
}

/// Takes in a line after the first.
fn take(
    number: usize,
    line: &[u8],
    records: &mut Vec<Record>,
    file: &mut FromFile,
) -> io::Result<()> {
    if !line.starts_with(SOURCE) {
        records.push(parse(number, line)?);
        return Ok(());
    }
    let Source { source, hash } = parse(number, line)?;
    let hash = u64::from_str_radix(&hash, 16).map_err(|error| invalid(number, error))?;
    file.sources.insert(source, hash);
    Ok(())
}

fn head<'a>(base: &'a Snapshot, lane: Option<&'a Lane>) -> Head<'a> {
    Head {
        treadle: "recording".into(),
        version: VERSION,
        base: Cow::Borrowed(base),
        lane: lane.map(Cow::Borrowed),
    }
}

/// The files that the lines so far have named.
type Named = BTreeSet<String>;

/// Writes a line with the hashes of the files that it is the first to name: before the line, but after the
/// head, which must be the first. It is one write, so that a program that is killed leaves whole lines.
fn write_line(
    out: &mut dyn Write,
    value: &impl Serialize,
    named: &mut Named,
    hash: impl Fn(&str) -> Option<u64>,
) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    let mut sources = Vec::new();
    for file in files(&line) {
        if !named.contains(&file) {
            if let Some(hash) = hash(&file) {
                let (source, hash) = (file.clone(), format!("{hash:016x}"));
                serde_json::to_writer(&mut sources, &Source { source, hash })?;
                sources.push(b'\n');
            }
            named.insert(file);
        }
    }
    // The head must be the first line.
    match line.starts_with(SIGN) {
        true => line.append(&mut sources),
        false => drop(line.splice(..0, sources)),
    }
    out.write_all(&line)
}

/// How the head begins.
const SIGN: &[u8] = b"{\"treadle\":";

/// The files of the places in a line. A place is written as `["file",line]`. So is a thing that tasks share,
/// `["Mutex",1]`: only a name that ends in `.rs` is a file's.
fn files(line: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(line);
    let mut found = Vec::new();
    for (at, _) in text.match_indices("[\"") {
        let mut values = serde_json::Deserializer::from_str(&text[at + 1..]).into_iter::<String>();
        let Some(Ok(file)) = values.next() else {
            continue;
        };
        let mut rest = text[at + 1 + values.byte_offset()..].chars();
        let is_place =
            rest.next() == Some(',') && rest.next().is_some_and(|it| it.is_ascii_digit());
        if is_place && file.ends_with(".rs") && !found.contains(&file) {
            found.push(file);
        }
    }
    found
}

fn parse<T: for<'de> Deserialize<'de>>(number: usize, line: &[u8]) -> io::Result<T> {
    serde_json::from_slice(line).map_err(|error| invalid(number, error))
}

fn invalid(line: usize, what: impl fmt::Display) -> io::Error {
    // It may have words of the file, and a terminal would take some signs for a command.
    let what = what.to_string().replace(char::is_control, "\u{fffd}");
    let message = format!("not a recording of Treadle: line {line}: {what}");
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// A writer that gets each event as it happens.
pub(super) struct Sink {
    out: Box<dyn Write>,
    named: Named,
    error: Option<io::Error>,
}

impl Sink {
    pub(super) fn new(out: Box<dyn Write>, base: &Snapshot) -> Sink {
        let mut sink = Sink {
            out,
            named: Named::new(),
            error: None,
        };
        let hash = sources::of_this_program;
        sink.error = write_line(&mut sink.out, &head(base, None), &mut sink.named, hash).err();
        sink
    }

    pub(super) fn write(&mut self, record: &Record) {
        if self.error.is_none() {
            self.error = match catch_unwind(AssertUnwindSafe(|| self.put(record))) {
                Ok(written) => written.err(),
                Err(payload) => {
                    drop_quietly(payload);
                    Some(io::Error::other("the recording's writer panicked"))
                }
            };
        }
    }

    fn put(&mut self, record: &Record) -> io::Result<()> {
        let hash = sources::of_this_program;
        write_line(&mut self.out, record, &mut self.named, hash)?;
        match record.event {
            Event::Parked { .. } => self.out.flush(),
            _ => Ok(()),
        }
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        match self.error {
            Some(error) => Err(error),
            None => self.out.flush(),
        }
    }
}
