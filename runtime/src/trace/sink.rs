//! A recording that goes out as it is made.
//!
//! The ring forgets; a file does not. With a sink, each event is written in the moment in which
//! it happens, and the memory holds nothing. The first error (or panic) ends the writing: it is kept and
//! handed to the caller that ends the recording, because the program that is observed has nothing to do
//! with it.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Record, Snapshot, file};
use crate::machine::foreign::drop_quietly;

/// See the file's heading.
pub(super) struct Sink {
    out: Box<dyn Write>,
    error: Option<io::Error>,
}

impl Sink {
    pub(super) fn new(mut out: Box<dyn Write>, base: &Snapshot) -> Sink {
        let error = file::write_head(&mut out, base).err();
        Sink { out, error }
    }

    pub(super) fn write(&mut self, record: &Record) {
        if self.error.is_none() {
            let write = AssertUnwindSafe(|| file::write_record(&mut self.out, record));
            self.error = match catch_unwind(write) {
                Ok(written) => written.err(),
                Err(payload) => {
                    drop_quietly(payload);
                    Some(io::Error::other("the recording's writer panicked"))
                }
            };
        }
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        match self.error {
            Some(error) => Err(error),
            None => self.out.flush(),
        }
    }
}
