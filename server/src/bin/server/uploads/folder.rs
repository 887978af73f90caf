//! The folder: what is in it, how much may be, and how a file comes into it or leaves it.
//!
//! Two kinds of files count: those that are whole, and the parts of this process, byte by byte as they
//! grow. So a hundred uploads at once cannot fill the disk beyond the limit. What is whole is measured
//! anew at the beginning of each form, as others may have changed it. (With several workers, the limit does
//! not see the parts of the others.)

use std::cell::Cell;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::UNIX_EPOCH;

use http::StatusCode;
use runtime::task::spawn_blocking;
use serde::Serialize;

use super::durable::{Named, link_all, unlink};
use super::kind;
use super::name::FileName;
use super::options::Options;
use super::part::{Part, sweep};
use crate::local_error::{is_full, is_shortage};
use crate::pages::Problem;

/// The folder. A clone is another handle to the same one.
#[derive(Clone)]
pub(super) struct Folder(Rc<Shared>);

pub(super) struct Shared {
    pub(super) path: PathBuf,
    pub(super) options: Options,
    pub(super) whole: Cell<Usage>,
    pub(super) parts: Cell<Usage>,
    pub(super) saved: Cell<Usage>,
    /// Refused forms, by status.
    pub(super) refused: RefCell<BTreeMap<u16, u64>>,
}

impl std::ops::Deref for Folder {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// How many files, and how many bytes they have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) files: u64,
    pub(super) bytes: u64,
}

/// A file, as a listing shows it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) r#type: &'static str,
    /// When it came, in milliseconds since 1970.
    pub(super) at: u64,
    pub(super) url: String,
}

/// What a part counts in the folder. It is given back with this value.
pub(super) struct Charge {
    folder: Folder,
    bytes: u64,
}

/// A file that has arrived whole and is still a part.
pub(super) struct Arrived {
    pub(super) name: FileName,
    pub(super) part: Part,
    pub(super) file: File,
    pub(super) charge: Charge,
}

impl Folder {
    /// Makes the folder if there is none, and removes what a process that was killed has left.
    pub(super) async fn open(path: PathBuf, options: Options) -> io::Result<Self> {
        let made = path.clone();
        let opened = move || fs::create_dir_all(&made).and_then(|()| sweep(&made));
        on_pool(opened).await?;
        let folder = Folder(Rc::new(Shared {
            path,
            options,
            whole: Cell::default(),
            parts: Cell::default(),
            saved: Cell::default(),
            refused: RefCell::default(),
        }));
        folder.measure().await?;
        Ok(folder)
    }

    /// The files, the newest first.
    pub(super) async fn list(&self) -> io::Result<Vec<Listed>> {
        let path = self.path.clone();
        let mut files = on_pool(move || list(&path)).await?;
        files.sort_by(|one, two| two.at.cmp(&one.at).then_with(|| one.name.cmp(&two.name)));
        Ok(files)
    }

    /// Counts the files that are whole.
    pub(super) async fn measure(&self) -> io::Result<()> {
        let files = self.list().await?;
        self.whole.set(Usage {
            files: files.len() as u64,
            bytes: files.iter().map(|file| file.size).sum(),
        });
        Ok(())
    }

    /// Whether there is a file of this name.
    pub(super) async fn has(&self, name: &FileName) -> io::Result<bool> {
        let path = self.path_of(name);
        on_pool(move || fs::exists(path)).await
    }

    /// What is answered when the disk does not do what it should. Standard error has the reason.
    pub(super) fn disk_failed(&self, error: &io::Error) -> Problem {
        let why = format!("{}: {error}", self.path.display());
        match error {
            _ if is_full(error) => Problem::disk_full("uploads", why),
            _ if is_shortage(error) => Problem::short("uploads", why),
            _ => Problem::internal("uploads", why),
        }
    }

    pub(super) fn path_of(&self, name: &FileName) -> PathBuf {
        self.path.join(name.as_str())
    }

    /// Begins a part.
    pub(super) async fn begin(&self) -> Result<(Part, File, Charge), Problem> {
        let charge = Charge::begin(self)?;
        let path = self.path.clone();
        let created = on_pool(move || Part::create(&path)).await;
        let (part, file) = created.map_err(|error| self.disk_failed(&error))?;
        Ok((part, file, charge))
    }

    /// Gives these files their names: all of them, or none. When this returns their names, they are on the disk.
    ///
    /// The work is done on the pool and goes on if this future is dropped. (If the process is killed in the
    /// middle of it, the names that were given by then stay.)
    pub(super) async fn keep(&self, arrived: Vec<Arrived>) -> Result<Vec<FileName>, Problem> {
        let (mut parts, mut charges, mut names) = (Vec::new(), Vec::new(), Vec::new());
        for Arrived {
            name,
            part,
            file,
            charge,
        } in arrived
        {
            let path = self.path_of(&name);
            parts.push(Named { part, file, path });
            charges.push(charge);
            names.push(name);
        }
        let folder = self.path.clone();
        match on_pool(move || Ok(link_all(&folder, &parts))).await {
            Ok(Ok(())) => {}
            Ok(Err((at, error))) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(taken(&names[at]));
            }
            Ok(Err((_, error))) | Err(error) => return Err(self.disk_failed(&error)),
        }
        charges.into_iter().for_each(Charge::keep);
        Ok(names)
    }

    /// Removes a file. Whether there was one. When this returns, it does not come back.
    pub(super) async fn remove(&self, name: &FileName) -> io::Result<bool> {
        let (folder, path) = (self.path.clone(), self.path_of(name));
        let removed = on_pool(move || unlink(&folder, &path)).await;
        // What has happened has happened, though it cannot be measured now. The next form measures anew.
        drop(self.measure().await);
        match removed {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Charge {
    /// One more file.
    fn begin(folder: &Folder) -> Result<Self, Problem> {
        let (whole, mut parts) = (folder.whole.get(), folder.parts.get());
        let most = folder.options.max_uploaded_files;
        if whole.files + parts.files >= most {
            let detail = format!("There are {most} files, which is the limit. Delete one first.");
            return Err(Problem::new(StatusCode::INSUFFICIENT_STORAGE, detail));
        }
        parts.files += 1;
        folder.parts.set(parts);
        Ok(Charge {
            folder: folder.clone(),
            bytes: 0,
        })
    }

    /// So many bytes more.
    pub(super) fn add(&mut self, bytes: u64) -> Result<(), Problem> {
        let (whole, mut parts) = (self.folder.whole.get(), self.folder.parts.get());
        let most = self.folder.options.max_uploads;
        if whole.bytes + parts.bytes + bytes > most {
            let detail = format!("All files together may have {most} bytes. Delete one first.");
            return Err(Problem::new(StatusCode::INSUFFICIENT_STORAGE, detail));
        }
        parts.bytes += bytes;
        self.folder.parts.set(parts);
        self.bytes += bytes;
        Ok(())
    }

    /// The part has become a file.
    fn keep(self) {
        for cell in [&self.folder.whole, &self.folder.saved] {
            let Usage { files, bytes } = cell.get();
            cell.set(Usage {
                files: files + 1,
                bytes: bytes + self.bytes,
            });
        }
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        let Usage { files, bytes } = self.folder.parts.get();
        self.folder.parts.set(Usage {
            files: files - 1,
            bytes: bytes - self.bytes,
        });
    }
}

/// All files that are whole. Blocks.
fn list(folder: &Path) -> io::Result<Vec<Listed>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry
            .file_name()
            .to_str()
            .and_then(|name| FileName::new(name).ok());
        // A file may be removed while the folder is read.
        let (Some(name), Ok(metadata)) = (name, entry.metadata()) else {
            continue;
        };
        if metadata.is_file() {
            let modified = metadata.modified().ok();
            let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            files.push(Listed {
                size: metadata.len(),
                r#type: kind::by_name(name.as_str()).unwrap_or("application/octet-stream"),
                at: since.map_or(0, |since| since.as_millis() as u64),
                url: name.url(),
                name: name.to_string(),
            });
        }
    }
    Ok(files)
}

/// The name is taken.
pub(super) fn taken(name: &FileName) -> Problem {
    let detail = format!(
        "There is a file {:?} already. Rename yours, or delete that one first.",
        name.as_str()
    );
    Problem::new(StatusCode::CONFLICT, detail)
}

/// Runs what blocks.
async fn on_pool<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await?
}
