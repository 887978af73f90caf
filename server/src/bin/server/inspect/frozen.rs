//! What led to something bad, kept in a file: the last seconds before a request failed or was slow, before a
//! panic, or before events were lost.
//!
//! When the operator hears of it, the film has long forgotten it. So the inspector's thread writes at once what
//! is kept of it. Requests and losses it sees among the events; of a panic the thread says *that* it happened.
//!
//! How it can go wrong: a server that fails at every request fills the disk. So there is a pause after each
//! file, and a process writes ten at most. A server that is started again and again fills it, too. So the folder keeps
//! the newest twenty of all processes. And in a container each process may have the same number. So the name of a file
//! has the time and a number of chance in it.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use runtime::task::spawn_blocking;
use runtime::time::sleep;
use runtime::trace::Recording;
use server::console;

use super::watched::Watched;
use crate::wall_clock;

/// At least so long between two files.
const PAUSE: Duration = Duration::from_secs(10);

/// So many files a process writes.
const MOST: usize = 10;

/// So many files the folder has, of all processes.
const KEPT: usize = 20;

/// How the names of the files begin.
const PREFIX: &str = "frozen-";

/// How often the inspector's thread looks whether something happened.
const EACH: Duration = Duration::from_millis(100);

/// Whether the inspector's thread looks.
static IS_HEARD: AtomicBool = AtomicBool::new(false);

/// What has happened outside of the events, until it is written down.
static REASON: Mutex<Option<String>> = Mutex::new(None);

/// Something bad has happened. Without an inspector nothing is done.
pub(crate) fn tell(why: &str) {
    if IS_HEARD.load(Ordering::Relaxed) {
        let mut reason = REASON.lock().unwrap_or_else(PoisonError::into_inner);
        reason.get_or_insert_with(|| why.to_owned());
    }
}

/// Writes a file in `folder` each time, until the bound is reached.
pub(super) async fn write(watched: &Watched, folder: PathBuf) {
    IS_HEARD.store(true, Ordering::Relaxed);
    watched.keeps_losses.set(true);
    let (mut written, mut failed) = (0, 0);
    while written < MOST && failed < MOST {
        let (why, recording) = heard(watched).await;
        let line = match save(recording, folder.clone()).await {
            Ok(path) => {
                written += 1;
                format!("what led to it is in {}", path.display())
            }
            Err(error) => {
                failed += 1;
                let folder = folder.display();
                format!("what led to it cannot be written in {folder}: {error}")
            }
        };
        console::stderr().print(format!("server: {why}; {line}\n"));
        sleep(PAUSE).await;
    }
    IS_HEARD.store(false, Ordering::Relaxed);
    watched.keeps_losses.set(false);
}

/// Waits until something has happened. What led to it goes with it.
async fn heard(watched: &Watched) -> (String, Recording) {
    loop {
        sleep(EACH).await;
        if let Some(recording) = watched.before_loss() {
            let why =
                "events were lost, because the server made more than the inspector could take";
            return (why.to_owned(), recording);
        }
        let panicked = REASON.lock().unwrap_or_else(PoisonError::into_inner).take();
        let why = panicked.or_else(|| watched.trouble());
        if let Some(why) = why {
            return (why, watched.past());
        }
    }
}

/// Writes the file on a thread that may wait for the disk.
pub(super) async fn save(recording: Recording, folder: PathBuf) -> io::Result<PathBuf> {
    let write = move || write_file(&recording, &folder);
    spawn_blocking(write).await.map_err(io::Error::other)?
}

/// Makes room in the folder, and writes one more file there.
fn write_file(recording: &Recording, folder: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    remove_all_but(KEPT - 1, folder)?;
    let (path, file) = create(folder)?;
    match recording.write_to(BufWriter::new(file)) {
        Ok(()) => Ok(path),
        // Half of one takes room, and tells nothing.
        Err(error) => {
            drop(fs::remove_file(&path));
            Err(error)
        }
    }
}

/// A new file. Not over what lies there, nor through a link. Paths of requests are in it: for its owner only.
fn create(folder: &Path) -> io::Result<(PathBuf, File)> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    loop {
        let (now, chance) = (wall_clock::millis(), fastrand::u32(..));
        let path = folder.join(format!("{PREFIX}{now}-{chance:08x}.jsonl"));
        match options.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return Ok((path, opened?)),
        }
    }
}

/// Removes the oldest files, until so many are left. Another process may do the same, and be quicker.
fn remove_all_but(count: usize, folder: &Path) -> io::Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (name, Ok(metadata)) = (entry.file_name(), entry.metadata()) else {
            continue;
        };
        if let (true, Ok(modified)) = (metadata.is_file() && is_ours(&name), metadata.modified()) {
            files.push((modified, entry.path()));
        }
    }
    files.sort();
    let too_many = files.len().saturating_sub(count);
    for (_, path) in &files[..too_many] {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Whether a file has such a name as the inspector gives: two numbers. (Earlier ones were the process's and a
/// count.)
fn is_ours(name: &OsStr) -> bool {
    let name = name.to_str();
    let numbers = name.and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(".jsonl"));
    let numbers = numbers.and_then(|numbers| numbers.split_once('-'));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    numbers.is_some_and(|(first, second)| is_number(first) && is_number(second))
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;
    use std::time::SystemTime;

    use runtime::runtime::Runtime;

    use super::*;

    fn recording() -> Recording {
        let runtime = Runtime::new().unwrap();
        runtime.trace().start(100);
        runtime.block_on(async {});
        runtime.trace().recording()
    }

    #[test]
    fn each_file_has_a_name_of_its_own_and_the_newest_twenty_stay() {
        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join("frozen-mine.jsonl.gz");
        fs::write(&other, "").unwrap();
        fs::create_dir(folder.path().join("frozen-1-2.jsonl")).unwrap();
        let recording = recording();
        let mut paths = Vec::new();
        for number in 0..KEPT as u64 + 5 {
            let path = write_file(&recording, folder.path()).unwrap();
            // The dates of files that are written at once may be equal.
            let date = SystemTime::UNIX_EPOCH + Duration::from_secs(number);
            let file = File::options().write(true).open(&path).unwrap();
            file.set_modified(date).unwrap();
            paths.push(path);
        }
        let is_there: Vec<_> = paths.iter().map(|path| path.exists()).collect();
        assert_eq!(is_there, [vec![false; 5], vec![true; KEPT]].concat());
        assert!(other.exists(), "it is no file of the inspector's");
        let last = File::open(paths.last().unwrap()).unwrap();
        let read = Recording::read_from(BufReader::new(last)).unwrap();
        assert_eq!(read, recording);
    }
}
