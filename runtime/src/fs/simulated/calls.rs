//! The functions that stand in the place of the standard library's.
//!
//! Each is a call of the system, unless the thread runs a host: then it is one of the host's disk.

use std::fs::{Metadata, Permissions};
use std::io;
use std::path::{Path, PathBuf};

use super::disk::{Disk, current};
use super::entries::{self, ReadDir};
use super::error::{Refusal, unsupported};
use super::shown::mode_of;
use super::state::State;

/// A call by a path that the disk may fail, by chance.
fn call<R>(disk: &Disk, call: impl FnOnce(&mut State) -> Result<R, Refusal>) -> io::Result<R> {
    let mut state = disk.state();
    state.may_break()?;
    Ok(call(&mut state)?)
}

/// A function of one path, by the system and by a disk.
macro_rules! by_either {
    ($($name:ident($path:ident) -> $Answer:ty, |$disk:ident| $call:expr;)*) => {$(
        pub(crate) fn $name($path: impl AsRef<Path>) -> io::Result<$Answer> {
            let $path = $path.as_ref();
            match current() {
                None => std::fs::$name($path),
                Some($disk) => $call,
            }
        }
    )*};
}

by_either! {
    read(path) -> Vec<u8>, |disk| disk.read(path);
    read_to_string(path) -> String, |disk| text(disk.read(path)?);
    create_dir(path) -> (), |disk| call(&disk, |state| state.create_dir(path));
    create_dir_all(path) -> (), |disk| call(&disk, |state| state.create_dir_all(path));
    remove_dir(path) -> (), |disk| call(&disk, |state| state.remove_dir(path));
    remove_dir_all(path) -> (), |disk| call(&disk, |state| state.remove_dir_all(path));
    remove_file(path) -> (), |disk| call(&disk, |state| state.remove_file(path));
    canonicalize(path) -> PathBuf, |disk| call(&disk, |state| state.canonical(path));
    metadata(path) -> Metadata, |disk| shown(&disk, path);
    symlink_metadata(path) -> Metadata, |disk| shown(&disk, path);
    // There are no links, so nothing is one.
    read_link(path) -> PathBuf, |disk| call(&disk, |state| state.at(path).and(Err(Refusal::Invalid)));
}

pub(in crate::fs) fn read_dir(path: impl AsRef<Path>) -> io::Result<ReadDir> {
    match current() {
        None => std::fs::read_dir(path).map(ReadDir::System),
        Some(disk) => entries::read_dir(&disk, path.as_ref()),
    }
}

pub(in crate::fs) fn write(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    match current() {
        None => std::fs::write(path, bytes),
        Some(disk) => disk.write(path.as_ref(), bytes.as_ref()),
    }
}

pub(in crate::fs) fn copy(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<u64> {
    match current() {
        None => std::fs::copy(from, to),
        Some(disk) => disk.copy(from.as_ref(), to.as_ref()),
    }
}

pub(in crate::fs) fn rename(from: PathBuf, to: PathBuf) -> io::Result<()> {
    match current() {
        None => std::fs::rename(from, to),
        Some(disk) => call(&disk, |state| state.move_to(&from, &to)),
    }
}

pub(in crate::fs) fn hard_link(original: PathBuf, link: PathBuf) -> io::Result<()> {
    match current() {
        None => std::fs::hard_link(original, link),
        Some(_) => Err(unsupported("hard links: copy or rename the file")),
    }
}

#[cfg(unix)]
pub(in crate::fs) fn symlink(original: PathBuf, link: PathBuf) -> io::Result<()> {
    match current() {
        None => std::os::unix::fs::symlink(original, link),
        Some(_) => Err(unsupported(
            "symbolic links: use the name that the link would lead to",
        )),
    }
}

pub(in crate::fs) fn set_permissions(path: PathBuf, permissions: Permissions) -> io::Result<()> {
    let Some(disk) = current() else {
        return std::fs::set_permissions(path, permissions);
    };
    let mut state = disk.state();
    state.may_break()?;
    let node = state.at(&path)?;
    state.set_mode(node, mode_of(&permissions))
}

pub(in crate::fs) fn try_exists(path: &Path) -> io::Result<bool> {
    let Some(disk) = current() else {
        return path.try_exists();
    };
    match call(&disk, |state| Ok(state.at(path)))? {
        Ok(_) => Ok(true),
        Err(Refusal::Missing) => Ok(false),
        Err(refusal) => Err(refusal.into()),
    }
}

fn shown(disk: &Disk, path: &Path) -> io::Result<Metadata> {
    let shown = call(disk, |state| {
        let node = state.at(path)?;
        state.shown(node)
    });
    shown?.metadata()
}

fn text(bytes: Vec<u8>) -> io::Result<String> {
    let text = String::from_utf8(bytes);
    text.map_err(|_| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            "stream did not contain valid UTF-8",
        )
    })
}
