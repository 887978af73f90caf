//! A store of users and a cache before it, each behind an `RwLock`.
//!
//! Reading together does no harm; writing must be alone. A lock that knows the difference lets in
//! many readers or one writer. On one thread one may ask what a lock is for at all: a `RefCell` does
//! for whatever is read or written between two awaits. It is for what has to stay as it is *across*
//! an await: a change that is half made while the disk is waited for, a number that must not go stale
//! while something is computed from it.
//!
//! The cache shows the other half of the art. If a hundred ask for the same thing and it is not
//! there, one of them should fetch it, and the others should wait for that one. So each entry has a
//! place of its own, a `OnceCell`, and the lock around all places is held just long enough to find
//! the place: never across the fetching, or a slow entry would keep all tasks from the other entries.
//!
//! What to see in the output (the clock is paused):
//!
//! 1. Ten readers of the store take as long as one.
//! 2. A writer that has to wait is next: a reader that comes after it waits too, though others are
//!    reading. Otherwise a writer might wait for ever.
//! 3. Two names are exchanged in two steps with a wait in between. No reader sees one done and the
//!    other not.
//! 4. A hundred ask the cache for the same user: the store is asked once. What has become old is
//!    asked for again, and what is not there is not kept.
#![forbid(unsafe_code)]

use runtime::sync::{OnceCell, RwLock};
use runtime::task::{JoinSet, yield_now};
use runtime::time::{Duration, Instant, sleep};
use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

type Id = u32;

/// On a disk, let us say: whatever is asked of it takes a while.
#[derive(Default)]
struct Users {
    names: RwLock<HashMap<Id, String>>,
    asked: Cell<u32>,
}

const A_WHILE: Duration = Duration::from_millis(10);

impl Users {
    async fn name(&self, id: Id) -> Option<String> {
        let names = self.names.read().await;
        self.asked.set(self.asked.get() + 1);
        sleep(A_WHILE).await;
        names.get(&id).cloned()
    }

    async fn rename(&self, id: Id, name: &str) {
        let mut names = self.names.write().await;
        sleep(A_WHILE).await;
        names.insert(id, name.to_owned());
    }

    /// Two changes that belong together. No reader sees the moment between them.
    async fn exchange(&self, one: Id, other: Id) -> Option<()> {
        let mut names = self.names.write().await;
        let (first, second) = (names.get(&one)?.clone(), names.get(&other)?.clone());
        names.insert(one, second);
        sleep(A_WHILE).await;
        names.insert(other, first);
        Some(())
    }
}

/// How many the cache keeps.
const MOST: usize = 1000;

/// A name, and since when it is known.
type Place = Rc<OnceCell<(String, Instant)>>;

/// Keeps names for a time.
struct Cache {
    users: Rc<Users>,
    places: RwLock<HashMap<Id, Place>>,
    keeps: Duration,
}

impl Cache {
    async fn name(&self, id: Id) -> Option<String> {
        let place = self.place(id).await;
        let fetch = || async {
            let name = self.users.name(id).await.ok_or(())?;
            Ok::<_, ()>((name, Instant::now()))
        };
        // The first one fetches. If it fails or is cancelled, the next one does.
        if let Ok((name, _)) = place.get_or_try_init(fetch).await {
            return Some(name.clone());
        }
        let mut places = self.places.write().await;
        if places.get(&id).is_some_and(|it| Rc::ptr_eq(it, &place)) {
            places.remove(&id); // or questions for unknown users would fill the cache
        }
        None
    }

    /// The place of an entry. Most find it while they read; only who does not, writes.
    async fn place(&self, id: Id) -> Place {
        let fresh = |place: &&Place| match place.get() {
            Some((_, since)) => since.elapsed() < self.keeps,
            None => true, // another task is fetching
        };
        if let Some(place) = self.places.read().await.get(&id).filter(fresh) {
            return place.clone();
        }
        let mut places = self.places.write().await;
        // Between the two locks another task may have been here.
        if let Some(place) = places.get(&id).filter(fresh) {
            return place.clone();
        }
        if places.len() == MOST {
            places.clear(); // crude, and enough: it has a bound
        }
        let place = Place::default();
        places.insert(id, place.clone());
        place
    }
}

#[runtime::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let users = Rc::new(Users::default());
    users.rename(1, "Ada").await;
    users.rename(2, "Joseph").await;

    readers_together(&users).await;
    a_writer_is_next(&users).await;
    never_half(&users).await;
    cached(&users).await;
}

async fn readers_together(users: &Rc<Users>) {
    let (mut readers, start) = (JoinSet::new(), Instant::now());
    for _ in 0..10 {
        let users = users.clone();
        readers.spawn(async move { users.name(1).await });
    }
    let names = readers.join_all().await;
    let same = names.iter().all(|it| it.as_deref() == Some("Ada"));
    println!("ten readers: {:?}, all right: {same}", start.elapsed());
}

/// They come in this order: reader, writer, reader.
async fn a_writer_is_next(users: &Rc<Users>) {
    let read = |who: &'static str| {
        let users = users.clone();
        runtime::spawn(async move { println!("  {who}: {:?}", users.name(1).await) })
    };
    println!("a reader, a writer, a reader:");
    let first = read("first reader ");
    yield_now().await; // so that it is in
    let theirs = users.clone();
    let writer = runtime::spawn(async move {
        theirs.rename(1, "Grace").await;
        println!("  writer: done");
    });
    yield_now().await; // so that it waits
    let second = read("second reader");
    runtime::try_join!(first, writer, second).expect("none panics");
}

async fn never_half(users: &Rc<Users>) {
    let theirs = users.clone();
    let exchanging = runtime::spawn(async move {
        for _ in 0..5 {
            theirs.exchange(1, 2).await;
        }
    });
    let (mut looks, mut whole) = (0, 0);
    while !exchanging.is_finished() {
        let names = users.names.read().await;
        looks += 1;
        whole += u32::from(names[&1] != names[&2]);
        drop(names);
        yield_now().await;
    }
    println!("two names are exchanged five times: {whole} of {looks} looks saw two names");
}

async fn cached(users: &Rc<Users>) {
    let cache = Rc::new(Cache {
        users: users.clone(),
        places: RwLock::default(),
        keeps: Duration::from_secs(60),
    });
    let asked = || users.asked.take();
    asked();
    let (mut askers, start) = (JoinSet::new(), Instant::now());
    for _ in 0..100 {
        let cache = cache.clone();
        askers.spawn(async move { cache.name(1).await });
    }
    let names = askers.join_all().await;
    let got = names.iter().flatten().count();
    println!(
        "a hundred askers: {got} names in {:?}, the store was asked {}",
        start.elapsed(),
        asked()
    );
    cache.name(1).await;
    println!("once more: the store was asked {}", asked());
    sleep(Duration::from_secs(60)).await;
    cache.name(1).await;
    println!("a minute later: the store was asked {}", asked());
    let unknown = (cache.name(9).await, cache.name(9).await);
    println!(
        "an unknown user, twice: {unknown:?}, the store was asked {}",
        asked()
    );
}
