//! The bytes of a file: as programs see them, and as the disk has them.
//!
//! Between the two stand the edits since the last sync, in order. After a crash, programs see what the disk has. A disk
//! writes sectors of 512 bytes, in any order, and a file system writes the length at any time. So a file that was not synced is,
//! by chance,
//!
//! - whole: the system had written everything;
//! - as it was synced: nothing;
//! - torn: the edits up to some moment, and of the edit at that moment the bytes up to some place;
//! - torn by sectors: each sector of each write is there or not, and where the length grew without its bytes, there are zeros.
//!
//! How it can go wrong: a sync that fails. The system has then forgotten which bytes it has not written: the program still reads
//! them, the next sync succeeds, and a crash loses them. ([`Content::forget`])

use crate::base::chance::Chance;

/// What a disk writes in one piece.
const SECTOR: usize = 512;

/// See the file's heading.
#[derive(Default)]
pub(super) struct Content {
    bytes: Vec<u8>,
    durable: Vec<u8>,
    edits: Vec<Edit>,
}

enum Edit {
    Write(usize, Vec<u8>),
    Length(usize),
}

impl Content {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn write(&mut self, at: usize, bytes: &[u8]) {
        let edit = Edit::Write(at, bytes.to_vec());
        edit.apply(&mut self.bytes);
        self.edits.push(edit);
    }

    pub(super) fn set_len(&mut self, len: usize) {
        // After a sync that failed the disk may have another length.
        let is_known = match self.edits.is_empty() {
            true => self.durable.len() == len,
            false => true,
        };
        if len != self.bytes.len() || !is_known {
            self.bytes.resize(len, 0);
            self.edits.push(Edit::Length(len));
        }
    }

    /// The disk gets everything.
    pub(super) fn sync(&mut self) {
        for edit in std::mem::take(&mut self.edits) {
            edit.apply(&mut self.durable);
        }
    }

    /// A sync has failed: what was not written will not be.
    pub(super) fn forget(&mut self) {
        self.edits.clear();
    }

    /// The disk gets some of it, and programs see what the disk has.
    pub(super) fn crash(&mut self, is_lost: bool, chance: &mut Chance) {
        let fate = match is_lost {
            true => 1,
            false => chance.below(4),
        };
        let edits = std::mem::take(&mut self.edits);
        match fate {
            0 => edits.iter().for_each(|edit| edit.apply(&mut self.durable)),
            1 => {}
            2 => self.keep_until(&edits, chance),
            _ => edits
                .iter()
                .for_each(|edit| edit.apply_sectors(&mut self.durable, chance)),
        }
        self.bytes.clone_from(&self.durable);
    }

    /// The edits up to some moment are kept, and a part of the one at that moment.
    fn keep_until(&mut self, edits: &[Edit], chance: &mut Chance) {
        let moment = chance.below(edits.len() as u64) as usize;
        let (before, after) = edits.split_at(moment);
        before.iter().for_each(|edit| edit.apply(&mut self.durable));
        if let Some(Edit::Write(at, bytes)) = after.first() {
            let kept = chance.below(bytes.len() as u64 + 1) as usize;
            put(&mut self.durable, *at, &bytes[..kept]);
        }
    }
}

impl Edit {
    fn apply(&self, to: &mut Vec<u8>) {
        match self {
            Edit::Write(at, bytes) => put(to, *at, bytes),
            Edit::Length(len) => to.resize(*len, 0),
        }
    }

    /// Each sector by itself is kept or not, and so is the length.
    fn apply_sectors(&self, to: &mut Vec<u8>, chance: &mut Chance) {
        let Edit::Write(at, bytes) = self else {
            return if chance.one_in(2) {
                self.apply(to);
            };
        };
        let (mut at, mut rest) = (*at, &bytes[..]);
        if chance.one_in(2) && to.len() < at + rest.len() {
            to.resize(at + rest.len(), 0);
        }
        while !rest.is_empty() {
            let (sector, others) = rest.split_at(rest.len().min(SECTOR - at % SECTOR));
            if chance.one_in(2) {
                put(to, at, sector);
            }
            (at, rest) = (at + sector.len(), others);
        }
    }
}

/// Writes bytes at a place, which may lie beyond the end.
fn put(to: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = at + bytes.len();
    if !bytes.is_empty() && to.len() < end {
        to.resize(end, 0);
    }
    if !bytes.is_empty() {
        to[at..end].copy_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The disk still has the old bytes after a sync that failed, and the program begins anew.
    #[test]
    fn a_truncation_after_a_failed_sync_reaches_the_disk() {
        let mut content = Content::default();
        content.write(0, &[1; 1500]);
        content.sync();
        content.set_len(0);
        content.forget();
        content.set_len(0);
        content.write(0, &[2; 100]);
        content.sync();
        content.crash(true, &mut Chance::new(1));
        assert_eq!(content.bytes(), [2; 100]);
    }
}
