//! A file system in memory that is soon full.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// Mounted until it is dropped, also if the test fails.
pub(crate) struct Tmpfs(TempDir);

impl Tmpfs {
    /// A file system of `size`, as `mount` reads it (`8m`). If this process may not mount, a line says
    /// what was not tested.
    pub(crate) fn mount(size: &str) -> Option<Self> {
        let folder = TempDir::new().expect("a folder");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]);
        let output = mount.arg(folder.path()).output();
        if !output.is_ok_and(|output| output.status.success()) {
            println!("SKIPPED: this process may not mount a tmpfs, so no disk was filled");
            return None;
        }
        Some(Tmpfs(folder))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        // Lazily: the program may be ending still.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}
