//! Hashing a password and reading a large file, while the thread goes on with everything else.
//!
//! One thread runs all tasks, so a task that keeps it keeps all others waiting. Two kinds of work keep
//! it. Computing does: a password's hash is made to be slow, so that trying out a million of them
//! takes a year. And the operating system does: a read from a disk cannot be waited for as
//! one waits for a socket, it just takes as long as it takes.
//!
//! Both go to the *blocking pool*: threads apart, which are handed a closure and send its result
//! home through the inbox. For the one who awaits it, it is a future like others.
//!
//! Beside it all, a clock ticks every millisecond. It ticks as long as the thread is free.
//!
//! What to see in the output:
//!
//! 1. A password hashed on the thread itself: the clock does not tick at all.
//! 2. The same by `spawn_blocking`: it ticks on.
//! 3. Six logins at once, and never more than two at work: a `Semaphore` hands out as many permits
//!    as there are processors to spare. The pool would start a thread for each, and all would be
//!    slow together.
//! 4. A file of 32 MiB, read in pieces, with as much memory as one piece takes. The clock ticks on,
//!    and the digest of what was read is that of what was written.
#![forbid(unsafe_code)]

use ring::digest::{Context, SHA256};
use ring::pbkdf2::{self, PBKDF2_HMAC_SHA256};
use runtime::fs::{self, File};
use runtime::io::{self, AsyncReadExt, AsyncWriteExt};
use runtime::sync::Semaphore;
use runtime::task::{JoinSet, spawn_blocking};
use runtime::time::{Duration, sleep};
use std::cell::Cell;
use std::num::NonZeroU32;
use std::path::Path;
use std::rc::Rc;

/// How often the hash is repeated. OWASP recommends 600,000; a build without optimisation would take
/// seconds for that.
const ROUNDS: NonZeroU32 = NonZeroU32::new(20_000).unwrap();
const SALT: &[u8] = b"each user has another one";
const PASSWORD: &str = "correct horse battery staple";

const PIECE: usize = 64 * 1024;
const PIECES: usize = 512;

type Hash = [u8; 32];

#[runtime::main]
async fn main() -> io::Result<()> {
    let clock = Clock::start();

    let stored = hash(PASSWORD);
    println!("hashed on the thread: {} ticks", clock.ticks());

    let right = spawn_blocking(move || is_right(PASSWORD, &stored)).await?;
    println!(
        "hashed on the pool: {}, and right: {right}",
        clock.went_on()
    );

    let (welcome, most) = logins(stored).await;
    println!(
        "six logins: {}, {welcome} are let in, {most} hashed at a time",
        clock.went_on()
    );

    let path = std::env::temp_dir().join(format!("blocking_work-{}", std::process::id()));
    let written = write(&path).await?;
    println!("a large file, written: {}", clock.went_on());
    let (length, read) = read(&path).await?;
    fs::remove_file(&path).await?;
    let right = read == written;
    println!(
        "{length} bytes of it, read: {}, and right: {right}",
        clock.went_on()
    );
    Ok(())
}

/// Slow on purpose. It blocks the thread that it runs on.
fn hash(password: &str) -> Hash {
    let mut hash = Hash::default();
    pbkdf2::derive(
        PBKDF2_HMAC_SHA256,
        ROUNDS,
        SALT,
        password.as_bytes(),
        &mut hash,
    );
    hash
}

/// As slow, and compares in the same time whatever the difference is.
fn is_right(password: &str, stored: &Hash) -> bool {
    pbkdf2::verify(
        PBKDF2_HMAC_SHA256,
        ROUNDS,
        SALT,
        password.as_bytes(),
        stored,
    )
    .is_ok()
}

/// Six people at the door, two of whom know the password: how many are let in, and how many were
/// looked at at the same time.
async fn logins(stored: Hash) -> (usize, usize) {
    let permits = Rc::new(Semaphore::new(2));
    let (at_work, most) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let mut people = JoinSet::new();
    for tried in [PASSWORD, "123456", "qwerty", PASSWORD, "letmein", "dragon"] {
        let (permits, at_work, most) = (permits.clone(), at_work.clone(), most.clone());
        people.spawn(async move {
            let _permit = permits.acquire().await.expect("is never closed");
            at_work.set(at_work.get() + 1);
            most.set(at_work.get().max(most.get()));
            let right = spawn_blocking(move || is_right(tried, &stored)).await;
            at_work.set(at_work.get() - 1);
            right.unwrap_or(false)
        });
    }
    let welcome = people.join_all().await.into_iter().filter(|it| *it);
    (welcome.count(), most.get())
}

/// Each piece goes to the pool when the one before it has been written.
async fn write(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::create(path).await?;
    let mut digest = Context::new(&SHA256);
    for number in 0..PIECES {
        let piece = vec![number as u8; PIECE];
        digest.update(&piece);
        file.write_all(&piece).await?;
    }
    file.flush().await?; // only now all of it is with the operating system
    Ok(digest.finish().as_ref().to_vec())
}

/// The length and the digest. To read the whole file into memory would be `fs::read`.
async fn read(path: &Path) -> io::Result<(usize, Vec<u8>)> {
    let mut file = File::open(path).await?;
    let (mut digest, mut length) = (Context::new(&SHA256), 0);
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece).await? {
            0 => return Ok((length, digest.finish().as_ref().to_vec())),
            came => {
                digest.update(&piece[..came]);
                length += came;
            }
        }
    }
}

/// Counts milliseconds, as far as the thread lets it.
struct Clock(Rc<Cell<u32>>);

impl Clock {
    fn start() -> Clock {
        let ticks = Rc::new(Cell::new(0));
        let counted = ticks.clone();
        drop(runtime::spawn(async move {
            loop {
                sleep(Duration::from_millis(1)).await;
                counted.set(counted.get() + 1);
            }
        }));
        Clock(ticks)
    }

    /// Since it was asked last.
    fn ticks(&self) -> u32 {
        self.0.take()
    }

    /// More than once, for one tick may have been due from before.
    fn went_on(&self) -> &str {
        match self.ticks() > 1 {
            true => "the clock went on",
            false => "the clock stood still",
        }
    }
}
