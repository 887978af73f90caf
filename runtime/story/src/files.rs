//! Recordings in files: one, several, or all of a folder.

use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use runtime::trace::Recording;

/// The files that a name means: the file of this name, or all recordings in the folder of this name.
///
/// # Errors
///
/// Those of the file system; and a folder without recordings.
///
/// ```
/// assert_eq!(story::files::of("a.jsonl")?, [std::path::Path::new("a.jsonl")]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn of(name: impl AsRef<Path>) -> io::Result<Vec<PathBuf>> {
    let path = name.as_ref();
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = path.read_dir()?.map(|entry| Ok(entry?.path()));
    let mut files = entries.collect::<io::Result<Vec<_>>>()?;
    files.retain(|file| is_recording(file));
    files.sort();
    match files.is_empty() {
        true => Err(io::Error::other(format!(
            "the folder {} has no recordings (files that end in .jsonl)",
            path.display()
        ))),
        false => Ok(files),
    }
}

/// Whether the name of a file is that of a recording.
///
/// ```
/// use std::path::Path;
///
/// assert!(story::files::is_recording(Path::new("a.jsonl")));
/// assert!(!story::files::is_recording(Path::new("a.json")));
/// ```
pub fn is_recording(file: &Path) -> bool {
    file.extension().is_some_and(|it| it == "jsonl")
}

/// A recording from a file, with the name of its host, or of the file if it is of no simulation.
///
/// # Errors
///
/// Those of [`Recording::read_from`], with the name of the file.
///
/// ```
/// use std::path::Path;
///
/// let error = story::files::read(Path::new("a.jsonl"), &b"{}"[..]).unwrap_err();
/// assert!(error.to_string().starts_with("a.jsonl: not a recording"), "{error}");
/// ```
pub fn read(file: &Path, from: impl BufRead) -> io::Result<(String, Recording)> {
    let named =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", file.display()));
    let recording = Recording::read_from(from).map_err(named)?;
    let lane = recording.lane().map(|lane| lane.host.clone());
    let stem = || {
        file.file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    Ok((lane.unwrap_or_else(stem), recording))
}

/// That the last line of a recording was cut off, if it was. `whose` is what the sentence says of the file.
///
/// ```
/// let runtime = runtime::runtime::Runtime::new()?;
/// assert_eq!(story::files::cut("Its", &runtime.trace().recording()), None);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn cut(whose: &str, recording: &Recording) -> Option<String> {
    let line = recording.cut_line()?;
    Some(format!(
        "{whose} line {line} was cut off, as if the program was killed while it wrote it: what came before it is here."
    ))
}
