//! The disk of a simulated host answers as the system's does.
//!
//! One program of random calls, which its seed chooses, runs on both. Each answer is written down: what was read, or the
//! kind of the error. The two lists must be the same.

#![cfg(feature = "sim")]

#[path = "support/dir.rs"]
mod dir;

use std::cell::RefCell;
use std::fmt::Debug;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use dir::Dir;
use runtime::fs::{self, DirBuilder, File, OpenOptions};
use runtime::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, SeekFrom};
use runtime::sim::Builder;

/// What a program chooses by.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) % n
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }

    fn bytes(&mut self) -> Vec<u8> {
        let len = [0, 1, 7, 600, 2000][self.below(5) as usize];
        (0..len).map(|_| self.below(256) as u8).collect()
    }

    /// A path of few names, so that many calls meet.
    fn path(&mut self) -> &'static str {
        const PATHS: [&str; 18] = [
            "a", "b", "c", "a/b", "a/c", "b/a", "b/c/", "a/b/c", "a/b/a", "b/a/c", "a/../b", "./c",
            "a/./b", "c/", "b/..", "a/b/../c", "a/.", "b/c/.",
        ];
        PATHS[self.below(PATHS.len() as u64) as usize]
    }

    fn options(&mut self) -> OpenOptions {
        let mut options = OpenOptions::new();
        options.read(self.coin()).write(self.coin());
        options
            .append(self.below(4) == 0)
            .truncate(self.below(4) == 0);
        options.create(self.coin()).create_new(self.below(5) == 0);
        options
    }
}

/// What a call has answered.
fn answer<T: Debug>(result: io::Result<T>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        // Some of these the standard library finds itself, in some of its versions.
        Err(error) if error.kind() == ErrorKind::InvalidInput => "InvalidInput ".to_owned(),
        Err(error) => format!("{:?} {:?}", error.kind(), error.raw_os_error()),
    }
}

/// One call by a name.
async fn by_name(dice: &mut Dice, root: &Path) -> String {
    let (name, other, call) = (dice.path(), dice.path(), dice.below(14));
    let (path, other_path) = (root.join(name), root.join(other));
    let answer = match call {
        0 | 1 => answer(fs::create_dir(path).await),
        2 => answer(fs::create_dir_all(path).await),
        3 => answer(fs::remove_dir(path).await),
        4 => answer(fs::remove_file(path).await),
        5 if dice.below(3) == 0 => answer(fs::remove_dir_all(path).await),
        5 | 6 => answer(fs::rename(path, other_path).await),
        7 => answer(fs::write(path, dice.bytes()).await),
        8 => answer(fs::read(path).await),
        9 => answer(fs::copy(path, other_path).await),
        10 => answer(names(&path).await),
        11 => {
            let metadata = fs::metadata(path).await;
            answer(metadata.map(|it| (it.is_dir(), it.is_file().then_some(it.len()))))
        }
        12 => answer(fs::try_exists(path).await),
        _ => {
            let full = fs::canonicalize(path).await;
            answer(full.map(|full| full.strip_prefix(root).ok().map(Path::to_owned)))
        }
    };
    format!("call {call} of {name} ({other}): {answer}")
}

async fn names(path: &Path) -> io::Result<Vec<(PathBuf, bool)>> {
    let mut entries = fs::read_dir(path).await?;
    let mut names = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        assert_eq!(entry.path(), path.join(entry.file_name()));
        assert_eq!(
            entry.metadata().await?.file_type(),
            entry.file_type().await?
        );
        names.push((entry.file_name().into(), entry.file_type().await?.is_dir()));
    }
    names.sort();
    Ok(names)
}

/// A file is opened, and some calls are made with it.
async fn with_file(dice: &mut Dice, root: &Path, answers: &mut Vec<String>) {
    let (options, name) = (dice.options(), dice.path());
    let opened = options.open(root.join(name)).await;
    let answered = answer(opened.as_ref().map(|_| ()).map_err(same));
    answers.push(format!("open {name} {options:?}: {answered}"));
    let Ok(mut file) = opened else {
        return;
    };
    for _ in 0..dice.below(6) {
        let next = match dice.below(8) {
            0 | 1 => {
                let wrote = file.write_all(&dice.bytes()).await;
                answer(wrote.and(file.flush().await))
            }
            2 => {
                let mut bytes = Vec::new();
                answer(file.read_to_end(&mut bytes).await.map(|_| bytes))
            }
            3 => answer(file.read(&mut [0; 5]).await),
            4 => answer(
                file.seek(SeekFrom::Current(dice.below(50) as i64 - 25))
                    .await,
            ),
            5 if file.metadata().await.is_ok_and(|it| it.is_file()) => {
                answer(file.seek(SeekFrom::End(dice.below(50) as i64 - 25)).await)
            }
            6 => answer(file.set_len(dice.below(3000)).await),
            _ => {
                let clone = file.try_clone().await;
                let metadata = file.metadata().await;
                answer(
                    clone
                        .and(metadata)
                        .map(|it| it.is_file().then_some(it.len())),
                )
            }
        };
        answers.push(next);
    }
    answers.push(answer(file.flush().await));
}

fn same(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(number) => io::Error::from_raw_os_error(number),
        None => error.kind().into(),
    }
}

async fn program(seed: u64, root: PathBuf) -> Vec<String> {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut answers = Vec::new();
    for _ in 0..60 {
        if dice.below(4) == 0 {
            with_file(&mut dice, &root, &mut answers).await;
        } else {
            answers.push(by_name(&mut dice, &root).await);
        }
    }
    answers
}

#[test]
fn a_simulated_disk_answers_as_the_system_does() {
    let runtime = runtime::runtime::Runtime::new().unwrap();
    let mut seen = Vec::new();
    for seed in 1..200 {
        let dir = Dir::new();
        let root = std::fs::canonicalize(dir.path()).unwrap();
        let wanted = runtime.block_on(program(seed, root));
        let got = Rc::new(RefCell::new(Vec::new()));
        let answers = Rc::clone(&got);
        let mut sim = Builder::new().rng_seed(seed).build();
        sim.client("host", async move {
            DirBuilder::new()
                .recursive(true)
                .create("/root/of/all")
                .await?;
            *answers.borrow_mut() = program(seed, "/root/of/all".into()).await;
            Ok(())
        });
        sim.run().unwrap();
        for (number, (got, wanted)) in got.borrow().iter().zip(&wanted).enumerate() {
            assert_eq!(got, wanted, "answer {number} of seed {seed}");
        }
        assert_eq!(got.borrow().len(), wanted.len());
        seen.extend(wanted);
    }
    // Otherwise the programs are too tame.
    for kind in [
        "NotFound",
        "AlreadyExists",
        "NotADirectory",
        "IsADirectory",
        "DirectoryNotEmpty",
        "InvalidInput",
    ] {
        let is_kind = |answer: &String| answer.contains(&format!(": {kind} "));
        assert!(seen.iter().any(is_kind), "{kind} is never answered");
    }
}

#[test]
fn a_file_that_is_open_outlives_its_name_on_both() {
    async fn program(root: PathBuf) -> io::Result<Vec<u8>> {
        let path = root.join("file");
        let mut file = File::create_new(&path).await?;
        file.write_all(b"hello").await?;
        file.flush().await?;
        fs::remove_file(&path).await?;
        fs::write(&path, "another").await?;
        file.rewind().await?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).await?;
        bytes.extend(fs::read(&path).await?);
        Ok(bytes)
    }
    let dir = Dir::new();
    let runtime = runtime::runtime::Runtime::new().unwrap();
    let bytes = runtime.block_on(program(dir.path().to_owned())).unwrap();
    assert_eq!(bytes, b"helloanother");
    let mut sim = Builder::new().build();
    sim.client("host", async move {
        assert_eq!(program("/".into()).await?, bytes);
        Ok(())
    });
    sim.run().unwrap();
}
