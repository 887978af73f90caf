//! How a file is to be opened, and how directories are made.
//!
//! The standard library does not tell what its options say. So these keep beside them what was said.

use std::io;
#[cfg(unix)]
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use super::calls;
use super::disk::current;
#[cfg(unix)]
use rustix::fs::OFlags;

use super::error::unsupported;
use super::file::File;
use super::said::{MASK, Said};

/// Options of the standard library's, and what they say.
#[derive(Clone, Debug)]
pub(in crate::fs) struct OpenOptions {
    std: std::fs::OpenOptions,
    /// `None`: they come from the standard library.
    said: Option<Said>,
}

/// Options that the standard library has.
pub(in crate::fs) fn options_from_std(std: std::fs::OpenOptions) -> OpenOptions {
    OpenOptions { std, said: None }
}

impl OpenOptions {
    pub(in crate::fs) fn new() -> OpenOptions {
        OpenOptions {
            std: std::fs::OpenOptions::new(),
            said: Some(Said::NOTHING),
        }
    }

    fn say(&mut self, say: impl FnOnce(&mut Said)) -> &mut OpenOptions {
        self.said.as_mut().map(say);
        self
    }

    pub(in crate::fs) fn read(&mut self, read: bool) -> &mut OpenOptions {
        self.std.read(read);
        self.say(|said| said.read = read)
    }

    pub(in crate::fs) fn write(&mut self, write: bool) -> &mut OpenOptions {
        self.std.write(write);
        self.say(|said| said.write = write)
    }

    pub(in crate::fs) fn append(&mut self, append: bool) -> &mut OpenOptions {
        self.std.append(append);
        self.say(|said| said.append = append)
    }

    pub(in crate::fs) fn truncate(&mut self, truncate: bool) -> &mut OpenOptions {
        self.std.truncate(truncate);
        self.say(|said| said.truncate = truncate)
    }

    pub(in crate::fs) fn create(&mut self, create: bool) -> &mut OpenOptions {
        self.std.create(create);
        self.say(|said| said.create = create)
    }

    pub(in crate::fs) fn create_new(&mut self, create_new: bool) -> &mut OpenOptions {
        self.std.create_new(create_new);
        self.say(|said| said.create_new = create_new)
    }

    pub(in crate::fs) fn open(&self, path: impl AsRef<Path>) -> io::Result<File> {
        let Some(disk) = current() else {
            return self.std.open(path).map(File::System);
        };
        let said = self.said.ok_or_else(|| {
            unsupported("use for options of the standard library: set those of runtime::fs")
        })?;
        if said.flags != 0 {
            return Err(unsupported(
                "custom flags: sync the file instead of O_SYNC, and use the methods of OpenOptions",
            ));
        }
        let handle = disk.open(path.as_ref(), &said)?;
        Ok(File::Simulated(handle))
    }
}

#[cfg(unix)]
impl OpenOptionsExt for OpenOptions {
    fn mode(&mut self, mode: u32) -> &mut OpenOptions {
        self.std.mode(mode);
        self.say(|said| said.mode = mode & 0o7777 & !MASK)
    }

    /// A simulated disk knows those that change nothing on it.
    fn custom_flags(&mut self, flags: i32) -> &mut OpenOptions {
        self.std.custom_flags(flags);
        let harmless = OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        self.say(|said| said.flags = flags & !(harmless.bits() as i32))
    }
}

/// How directories are made. On a simulated disk all may do everything with them.
#[derive(Debug)]
pub(in crate::fs) struct DirBuilder {
    std: std::fs::DirBuilder,
    recursive: bool,
}

impl DirBuilder {
    pub(in crate::fs) fn new() -> DirBuilder {
        DirBuilder {
            std: std::fs::DirBuilder::new(),
            recursive: false,
        }
    }

    pub(in crate::fs) fn recursive(&mut self, recursive: bool) -> &mut DirBuilder {
        self.std.recursive(recursive);
        self.recursive = recursive;
        self
    }

    pub(in crate::fs) fn create(&self, path: impl AsRef<Path>) -> io::Result<()> {
        match current() {
            None => self.std.create(path),
            Some(_) if self.recursive => calls::create_dir_all(path.as_ref()),
            Some(_) => calls::create_dir(path.as_ref()),
        }
    }
}

#[cfg(unix)]
impl DirBuilderExt for DirBuilder {
    fn mode(&mut self, mode: u32) -> &mut DirBuilder {
        self.std.mode(mode);
        self
    }
}
