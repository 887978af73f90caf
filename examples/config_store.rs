//! A configuration that is changed while tasks read it.
//!
//! Two wishes pull in different directions. The handler of a request wants *one* configuration from
//! its first line to its last, not half of the old one and half of the new. And the task that
//! changes it wants all readers to have it soon, without knowing them. Both are granted if a
//! configuration is never changed at all: a new one is made, checked, and put in the place of the
//! old one, whole. Who holds the old one keeps it until the end of its request; who asks next gets
//! the new one.
//!
//! The place is a `watch`, which also wakes those who want to know at once. What is in it is an
//! `Rc`: to take it out is to count one reader more, and borrows nothing.
//!
//! What to see in the output (the clock is paused):
//!
//! 1. A request that began under the first configuration ends under it, though the second came
//!    meanwhile; the next request has the second.
//! 2. The limiter wants to follow at once, and hears of every change: of the last one, where several
//!    came before it looked.
//! 3. A file that cannot be read as a configuration, or makes no sense as one, changes nothing. The
//!    complaint says where and why.
//! 4. The same configuration once more is no change, and wakes no task.
#![forbid(unsafe_code)]

use runtime::fs;
use runtime::sync::watch;
use runtime::task::yield_now;
use runtime::time::{Duration, sleep};
use std::path::PathBuf;
use std::rc::Rc;

#[derive(Debug, PartialEq)]
struct Config {
    greeting: String,
    /// How many requests at a time.
    most: u32,
}

impl Config {
    /// Lines of the form `key = value`; both keys, in any order.
    fn parse(text: &str) -> Result<Config, String> {
        let (mut greeting, mut most) = (None, None);
        for (number, line) in (1..).zip(text.lines()) {
            let wrong = |why: &str| format!("line {number}, {line:?}: {why}");
            let (key, value) = line
                .split_once('=')
                .ok_or_else(|| wrong("is not of the form key = value"))?;
            match (key.trim(), value.trim()) {
                ("greeting", words) => greeting = Some(words.to_owned()),
                ("most", value) => {
                    let parsed = value.parse().map_err(|_| wrong("is not a number"))?;
                    most = Some(parsed);
                }
                _ => return Err(wrong("there is no such key")),
            }
        }
        let greeting = greeting.ok_or("there is no greeting")?;
        let most = most.ok_or("there is no line for most")?;
        Config { greeting, most }.check()
    }

    /// What can be read may still make no sense.
    fn check(self) -> Result<Config, String> {
        match self.most {
            0 => Err("most = 0: then no client would be served".to_owned()),
            _ => Ok(self),
        }
    }
}

/// The configuration that holds now, and the file that it comes from.
struct Store {
    file: PathBuf,
    place: watch::Sender<Rc<Config>>,
}

impl Store {
    /// Here a file that is wrong is an error: there is nothing yet to go on with.
    async fn open(file: PathBuf) -> Result<Store, String> {
        let (place, _) = watch::channel(Rc::new(load(&file).await?));
        Ok(Store { file, place })
    }

    /// To be kept for as long as one thing is being done, and no longer.
    fn current(&self) -> Rc<Config> {
        self.place.borrow().clone()
    }

    fn changes(&self) -> watch::Receiver<Rc<Config>> {
        self.place.subscribe()
    }

    /// Whether there was anything new. If the file is wrong, the old configuration stays.
    async fn reload(&self) -> Result<bool, String> {
        let new = Rc::new(load(&self.file).await?);
        Ok(self.place.send_if_modified(|place| {
            let changed = *place != new;
            *place = new;
            changed
        }))
    }
}

async fn load(file: &PathBuf) -> Result<Config, String> {
    let text = fs::read_to_string(file).await;
    Config::parse(&text.map_err(|error| error.to_string())?)
}

#[runtime::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::temp_dir().join(format!("config-{}", std::process::id()));
    fs::write(&file, "greeting = hello\nmost = 10\n").await?;
    let store = Rc::new(Store::open(file.clone()).await?);
    let limiter = runtime::spawn(limiter(store.changes()));

    let first = runtime::spawn(request(1, store.clone()));
    sleep(Duration::from_millis(50)).await; // it has begun
    for text in [
        "greeting = good day\nmost = 20\n",
        "greeting = good day\nmost = many\n",
        "greeting = good day\nmost\n",
        "most = 20\n",
        "greeting = good day\nmost = 0\n",
        "most = 20\ngreeting = good day\n",
    ] {
        fs::write(&file, text).await?;
        println!("file {text:?}: changed: {:?}", store.reload().await);
        yield_now().await; // so that a task that was woken may look
    }
    let second = runtime::spawn(request(2, store.clone()));
    runtime::try_join!(first, second)?;

    for most in [30, 40, 50] {
        let greeting = "good evening".to_owned();
        store.place.send_replace(Rc::new(Config { greeting, most }));
    }
    println!("three changes at once");
    fs::remove_file(&file).await?;
    println!("the file is gone: {}", store.reload().await.is_err());
    println!("{:?} holds", store.current());
    drop(store); // the last of it: the limiter ends
    Ok(limiter.await?)
}

/// Takes the configuration once, at its beginning.
async fn request(number: u32, store: Rc<Store>) {
    let config = store.current();
    println!("request {number} begins: {}", config.greeting);
    sleep(Duration::from_millis(100)).await;
    let now = store.current();
    println!(
        "request {number} ends:   {} (now it is {})",
        config.greeting, now.greeting
    );
}

/// Follows each change.
async fn limiter(mut changes: watch::Receiver<Rc<Config>>) {
    while changes.changed().await.is_ok() {
        let most = changes.borrow_and_update().most;
        println!("limiter: {most} requests at a time from now on");
    }
    println!("limiter: no more changes");
}
