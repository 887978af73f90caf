//! `TREADLE_RECORD=file.jsonl`: a program is recorded without a change to its source.
//!
//! Each runtime that is built while the variable is set begins a recording at once, as
//! [`Trace::start_writing`] does, and writes it to the file that the variable names. So the loop's first
//! event is in it, and it does not matter which macro or builder made the runtime.
//!
//! Each event is one write, without a buffer: what has happened is in the file, also if the program
//! hangs, or is killed. The second runtime of a process writes to `file-2.jsonl`, and so on; a file that
//! another process is writing to is passed over in the same way. A file that is there already is emptied
//! if it is a recording, and left alone if it is anything else. After a million events a file is full, and
//! after a thousand runtimes none is recorded any more. A program whose recording cannot be written says so on its
//! standard error, and goes on.
//!
//! A program that records itself, through [`Trace`], should do without the variable: the two are one
//! recording, and what the program stops is stopped.

#[cfg(all(feature = "serde", feature = "trace"))]
pub(crate) use on::begin;

use std::path::{Path, PathBuf};

use super::Trace;

/// The name of the variable.
const VARIABLE: &str = "TREADLE_RECORD";

/// Where a process writes the recording of its runtime of this number, if `TREADLE_RECORD` is `first`. The first
/// runtime has the number 1. (Of several processes with one variable each takes the first files that are free.)
///
/// ```
/// use std::path::Path;
/// use runtime::trace::recording_path;
///
/// let first = Path::new("out/run.jsonl");
/// assert_eq!(recording_path(first, 1), first);
/// assert_eq!(recording_path(first, 2), Path::new("out/run-2.jsonl"));
/// ```
pub fn recording_path(first: &Path, number: usize) -> PathBuf {
    if number == 1 {
        return first.to_owned();
    }
    let mut name = first.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(ending) = first.extension() {
        name.push(".");
        name.push(ending);
    }
    first.with_file_name(name)
}

/// Says, once, that nothing can be recorded.
#[cfg(not(all(feature = "serde", feature = "trace")))]
pub(crate) fn begin(_: &Trace) {
    static SAID: std::sync::Once = std::sync::Once::new();
    if std::env::var_os(VARIABLE).is_some_and(|it| !it.is_empty()) {
        SAID.call_once(|| {
            eprintln!(
                "{VARIABLE} is set, but nothing is recorded: this program's `runtime` is built without \
                 the feature `serde` (and `trace`, which is on by default). In Cargo.toml: \
                 runtime = {{ ..., features = [\"serde\"] }}"
            );
        });
    }
}

#[cfg(all(feature = "serde", feature = "trace"))]
mod on {
    use std::env;
    use std::fs::{File, OpenOptions};
    use std::io::{self, Read, Write};
    use std::path::Path;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::{Trace, VARIABLE, recording_path};

    /// How many events a file has at most.
    const MOST: u32 = 1_000_000;

    /// How many files are tried, if others are writing to them.
    const TRIES: usize = 1_000;

    /// How many runtimes of this process are recorded.
    static BEGUN: AtomicUsize = AtomicUsize::new(0);

    /// Begins the recording of a runtime, if it is asked for.
    pub(crate) fn begin(trace: &Trace) {
        let Some(path) = env::var_os(VARIABLE).filter(|path| !path.is_empty()) else {
            return;
        };
        let number = BEGUN.fetch_add(1, Ordering::Relaxed) + 1;
        let path = Path::new(&path);
        match open(path, number) {
            Ok(file) => trace.start_writing(Limited { file, left: MOST }),
            // It is said once.
            Err(_) if number > TRIES + 1 => {}
            Err(error) => complain(&format!("{}: {error}", path.display())),
        }
    }

    fn complain(what: &str) {
        // A standard error that is closed is no reason to end the program.
        let _ = writeln!(
            io::stderr(),
            "{VARIABLE}: nothing is recorded from here on: {what}"
        );
    }

    /// The first file that no other runtime writes to, empty.
    fn open(path: &Path, first: usize) -> io::Result<File> {
        if first > TRIES {
            let why = format!("{TRIES} runtimes of this program are recorded already");
            return Err(io::Error::other(why));
        }
        for number in first..first + TRIES {
            let mut options = File::options();
            // It is emptied when it is known that it is ours.
            options.read(true).write(true).create(true).truncate(false);
            careful(&mut options, number);
            let mut file = options.open(recording_path(path, number))?;
            if is_ours(&file)? {
                empty(&mut file)?;
                return Ok(file);
            }
        }
        Err(io::Error::other(
            "other programs write to all files of this name",
        ))
    }

    /// A pipe whose reader is slow, or is not there, does not hold the program up. A name that was not
    /// given, but made from the one that was, leads through no link.
    #[cfg(unix)]
    fn careful(options: &mut OpenOptions, number: usize) {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        let mut flags = OFlags::NONBLOCK;
        if number > 1 {
            flags |= OFlags::NOFOLLOW;
        }
        options.custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
    }

    #[cfg(not(unix))]
    fn careful(_: &mut OpenOptions, _: usize) {}

    /// Empties an old recording. What is something else is not touched.
    fn empty(file: &mut File) -> io::Result<()> {
        const SIGN: &[u8] = b"{\"treadle\":";
        if !file.metadata()?.is_file() {
            return Ok(());
        }
        let mut begin = Vec::new();
        file.take(SIGN.len() as u64).read_to_end(&mut begin)?;
        if !begin.is_empty() && begin != SIGN {
            let why = "there is a file of this name, and it is no recording";
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
        }
        file.set_len(0)?;
        io::Seek::rewind(file)
    }

    /// Takes the file's lock, which the system gives back when the process ends.
    #[cfg(unix)]
    fn is_ours(file: &File) -> io::Result<bool> {
        use rustix::fs::{FlockOperation, flock};
        match flock(file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(true),
            Err(error) if error == rustix::io::Errno::WOULDBLOCK => Ok(false),
            // A device, or a file system without locks.
            Err(_) => Ok(true),
        }
    }

    #[cfg(not(unix))]
    fn is_ours(_: &File) -> io::Result<bool> {
        Ok(true)
    }

    /// A file that is full after so many writes.
    struct Limited {
        file: File,
        left: u32,
    }

    impl Write for Limited {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let written = match self.left {
                0 => Err(io::Error::other(format!("the file has {MOST} events"))),
                _ => self.file.write(bytes),
            };
            self.left = self.left.saturating_sub(1);
            written.inspect_err(|error| complain(&error.to_string()))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}
