//! A file, as a thread of the pool has it: each method is one blocking call of the standard library, or of a
//! simulated disk.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use crate::base::pool::Pool;
use crate::blocking::Device;
use crate::fs::system;
use crate::machine::turn::Machine;

/// See the file's heading.
#[derive(Clone, Debug)]
pub(super) struct OnDisk(pub(super) Arc<system::File>);

impl Device for OnDisk {
    const BUFFERS: bool = false;

    fn read(&self, into: &mut [u8]) -> io::Result<usize> {
        (&*self.0).read(into)
    }

    fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
        (&*self.0).write_all(bytes)
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }

    fn seek(&self, to: SeekFrom) -> io::Result<u64> {
        (&*self.0).seek(to)
    }

    fn with_pool<R>(&self, machine: &Machine, give: impl FnOnce(&Pool) -> R) -> R {
        system::with_pool_of(&self.0, machine, give)
    }
}
