//! What led to something bad, kept in a file: the last seconds before a request failed or was slow, before a
//! panic, or before events were lost.
//!
//! When the operator hears of it, the film has long forgotten it. So the inspector's thread writes at once what
//! is kept of it. Requests and losses it sees among the events; of a panic the thread says *that* it happened.
//! How it can go wrong: a server that fails at every request fills the disk. So there is a pause after each
//! file, and a bound.

use std::fs::{self, OpenOptions};
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

/// At least so long between two files.
const PAUSE: Duration = Duration::from_secs(10);

/// So many files a process writes.
const MOST: usize = 10;

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
    for number in 1..=MOST {
        let (why, recording) = heard(watched).await;
        let path = folder.join(format!("frozen-{}-{number}.jsonl", std::process::id()));
        let line = match save(recording, folder.clone(), path.clone()).await {
            Ok(()) => format!("what led to it is in {}", path.display()),
            Err(error) => format!("what led to it cannot be written: {error}"),
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
async fn save(recording: Recording, folder: PathBuf, path: PathBuf) -> io::Result<()> {
    let write = move || write_file(&recording, &folder, &path);
    spawn_blocking(write).await.map_err(io::Error::other)?
}

fn write_file(recording: &Recording, folder: &Path, path: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    // Not over what lies there, nor through a link. Paths of requests are in it: for its owner only.
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    recording.write_to(BufWriter::new(options.open(path)?))
}
