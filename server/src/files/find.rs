//! Which file a path means. All of it blocks, so it runs on the pool.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::encoding::Encoding;

/// What a folder's service looks for.
#[derive(Debug, Clone)]
pub(super) struct Search {
    pub(super) root: PathBuf,
    pub(super) below: PathBuf,
    /// The URL ends in a slash: it means a folder.
    pub(super) slash: bool,
    /// Compressed variants that the client takes, the best first.
    pub(super) encodings: Vec<Encoding>,
    pub(super) index_html: bool,
    /// A path without an extension may mean a `.html`.
    pub(super) html_extension: bool,
    /// Links may lead out of the folder.
    pub(super) follow_links: bool,
}

/// What was found.
#[derive(Debug)]
pub(super) enum Found {
    File(Box<Opened>),
    /// A folder whose URL lacks the slash at its end.
    Folder,
    Nothing,
}

/// A file that is open.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) file: File,
    pub(super) metadata: Metadata,
    /// The name that says what is in it: without the extension of the encoding.
    pub(super) path: PathBuf,
    pub(super) encoding: Option<Encoding>,
}

/// Finds and opens a file.
///
/// # Errors
///
/// Of the disk. That there is no such file is none, nor that it may not be read.
pub(super) fn find(search: &Search) -> io::Result<Found> {
    match look(search) {
        Err(error) if is_absence(&error) => Ok(Found::Nothing),
        found => found,
    }
}

fn look(search: &Search) -> io::Result<Found> {
    let path = search.root.join(&search.below);
    let is_folder = match fs::metadata(&path) {
        Ok(metadata) => metadata.is_dir(),
        Err(error) if is_absence(&error) => false,
        Err(error) => return Err(error),
    };
    if !is_folder {
        // A file is no folder: `/page.html/` means nothing.
        return match search.slash {
            true => Ok(Found::Nothing),
            false => open_best(search, &path),
        };
    }
    match (search.index_html, search.slash) {
        (false, _) => Ok(Found::Nothing),
        (true, false) if search.below.as_os_str().is_empty() => {
            open_best(search, &path.join("index.html"))
        }
        (true, false) => Ok(Found::Folder),
        (true, true) => open_best(search, &path.join("index.html")),
    }
}

/// Opens the best variant of the file at `path`.
fn open_best(search: &Search, path: &Path) -> io::Result<Found> {
    let with_html = search.html_extension && path.extension().is_none();
    let candidates = [
        Some(path.to_owned()),
        with_html.then(|| path.with_extension("html")),
    ];
    for path in candidates.into_iter().flatten() {
        let encodings = search.encodings.iter().copied().map(Some);
        for encoding in encodings.chain([None]) {
            match open(search, &path, encoding) {
                Ok(Some(opened)) => return Ok(Found::File(Box::new(opened))),
                Ok(None) => {}
                Err(error) if is_absence(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(Found::Nothing)
}

/// Opens one variant; `None` if it is no plain file, or lies outside the folder.
fn open(search: &Search, path: &Path, encoding: Option<Encoding>) -> io::Result<Option<Opened>> {
    let mut name = path.as_os_str().to_owned();
    name.push(encoding.map_or("", Encoding::extension));
    let name = PathBuf::from(name);
    if !search.follow_links && !is_inside(&search.root, &name)? {
        return Ok(None);
    }
    // What is no plain file is not opened: a pipe would wait for a writer.
    if !fs::metadata(&name)?.is_file() {
        return Ok(None);
    }
    let file = File::open(&name)?;
    let metadata = file.metadata()?;
    Ok(metadata.is_file().then(|| Opened {
        file,
        metadata,
        path: path.to_owned(),
        encoding,
    }))
}

/// Whether the file that `path` leads to, through all links, lies in the folder.
fn is_inside(root: &Path, path: &Path) -> io::Result<bool> {
    Ok(path.canonicalize()?.starts_with(root.canonicalize()?))
}

/// Whether an error means that there is nothing for this client: a path that is none, a file
/// that may not be read, links in a circle (which have no kind yet).
fn is_absence(error: &io::Error) -> bool {
    let is_circle = error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
    is_circle || is_absent(error.kind())
}

fn is_absent(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NotFound
            | ErrorKind::NotADirectory
            | ErrorKind::PermissionDenied
            | ErrorKind::InvalidInput
            | ErrorKind::InvalidFilename
    )
}
