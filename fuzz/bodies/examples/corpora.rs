//! Moves corpora between the folders in which the fuzzer keeps them and `fuzz/bodies/corpora/`: see `fuzz/run.sh`.
//!
//! ```text
//! corpora unpack FOLDER     a file for each line, in FOLDER/TARGET
//! corpora pack FOLDER       a line for each file
//! ```

#![forbid(unsafe_code)]

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use fuzz_bodies::corpus::{TARGETS, input, line};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [what, folder] = &words[..] else {
        return Err("usage: corpora unpack|pack FOLDER".into());
    };
    for (name, _, corpus) in TARGETS {
        let folder = Path::new(folder).join(name);
        match &**what {
            "unpack" => unpack(corpus, &folder)?,
            "pack" => pack(name, &folder)?,
            other => return Err(format!("unpack or pack, not {other:?}").into()),
        }
    }
    Ok(())
}

fn unpack(corpus: &str, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (number, data) in corpus.lines().filter_map(input).enumerate() {
        fs::write(folder.join(format!("known-{number:04}")), data)?;
    }
    Ok(())
}

fn pack(name: &str, folder: &Path) -> io::Result<()> {
    let mut lines = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let line = line(&fs::read(entry?.path())?);
        lines.insert((line.len(), line));
    }
    let text: String = lines.iter().map(|(_, line)| format!("{line}\n")).collect();
    let at = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora");
    println!("{name}: {} inputs, {} bytes", lines.len(), text.len());
    fs::write(at.join(format!("{name}.txt")), text)
}
