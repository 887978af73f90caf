//! Fan-out: one question to many at once, and what to do with those who fail.
//!
//! To ask six shops for a price, one after the other, takes as long as all of them together. Asked
//! at once, it takes as long as the slowest. A `JoinSet` holds the tasks and gives their results in
//! the order in which they end; dropped, it drops what is still under way.
//!
//! What is left to decide is what a failure means, and there are two good answers. *Take what
//! comes*: each error is put beside the results, and a reader sees both. *All or
//! nothing*: the first error makes the rest pointless, so the rest is aborted. A bad answer is to
//! return at the first error from a function that has detached its tasks: they go on, and no
//! code knows of them.
//!
//! A task can fail in two ways: by an error that it returns, and by a panic. The panic stays in its
//! task and comes out as a `JoinError`, which knows the task's id and not its name; so the names
//! are kept beside the set.
//!
//! What to see in the output (the clock is paused):
//!
//! 1. Six shops are asked at once. Answers come in the order of their time, among them two errors,
//!    one limit of time, and one panic (whose own message is on standard error); the whole takes as
//!    long as the limit.
//! 2. All or nothing: the first error ends it, after 120 ms, and the rest are dropped.
//! 3. All or nothing, with shops that answer: the prices, in the order of the shops.
#![forbid(unsafe_code)]

use runtime::task::{Id, JoinError, JoinSet};
use runtime::time::{Duration, Instant, sleep, timeout};
use std::cell::Cell;
use std::collections::HashMap;

/// No shop is given longer than that.
const LIMIT: Duration = Duration::from_millis(500);

type Price = Result<u32, String>;

/// What a shop does when it is asked, after how many milliseconds.
#[derive(Clone, Copy)]
enum Shop {
    Sells(u64, u32),
    Fails(u64, &'static str),
    Panics(u64),
}

const SHOPS: [(&str, Shop); 6] = [
    ("the corner", Shop::Sells(200, 31)),
    ("the market", Shop::Fails(120, "closed on Sundays")),
    ("the mill", Shop::Sells(80, 29)),
    ("the cellar", Shop::Panics(160)),
    ("the island", Shop::Sells(9000, 12)),
    ("the tower", Shop::Fails(240, "no such thing")),
];

#[runtime::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    println!("1. take what comes");
    let start = Instant::now();
    let (prices, errors) = take_what_comes(&SHOPS).await;
    println!("{:4} ms all have ended", start.elapsed().as_millis());
    println!("        cheapest: {:?}", prices.iter().min());
    println!("        errors: {}", errors.len());

    println!("2. all or nothing");
    report_all(&SHOPS).await;

    println!("3. all or nothing, without the bad ones");
    report_all(&[SHOPS[0], SHOPS[2]]).await;
}

/// Asks them all. Answers with prices and with errors, each in the order in which they came.
async fn take_what_comes(
    shops: &[(&'static str, Shop)],
) -> (Vec<(u32, &'static str)>, Vec<String>) {
    let start = Instant::now();
    let (mut asked, names) = ask_at_once(shops);
    let (mut prices, mut errors) = (Vec::new(), Vec::new());
    while let Some(ended) = asked.join_next_with_id().await {
        let (id, price) = flatten(ended);
        let name = names[&id];
        println!("{:4} ms {name}: {price:?}", start.elapsed().as_millis());
        match price {
            Ok(price) => prices.push((price, name)),
            Err(why) => errors.push(format!("{name}: {why}")),
        }
    }
    (prices, errors)
}

/// Asks them all. Answers with the prices in the order of the shops, or with the first error.
async fn all_or_nothing(shops: &[(&'static str, Shop)]) -> Result<Vec<u32>, String> {
    let (mut asked, names) = ask_at_once(shops);
    let mut prices = HashMap::new();
    while let Some(ended) = asked.join_next_with_id().await {
        let (id, price) = flatten(ended);
        let name = names[&id];
        // To return drops the set, and with it who has not answered.
        let price = price.map_err(|why| format!("{name}: {why}"))?;
        prices.insert(name, price);
    }
    Ok(shops.iter().map(|(name, _)| prices[name]).collect())
}

/// One task for each shop, and which is whose.
fn ask_at_once(shops: &[(&'static str, Shop)]) -> (JoinSet<Price>, HashMap<Id, &'static str>) {
    let mut asked = JoinSet::new();
    let names = shops.iter().map(|&(name, shop)| {
        let task = asked.spawn(async move {
            let _asked = Asked::new();
            let answer = timeout(LIMIT, ask(shop)).await;
            answer.unwrap_or_else(|_| Err(format!("no answer in {LIMIT:?}")))
        });
        (task.id(), name)
    });
    let names = names.collect();
    (asked, names)
}

async fn ask(shop: Shop) -> Price {
    let after = |millis| sleep(Duration::from_millis(millis));
    match shop {
        Shop::Sells(millis, price) => {
            after(millis).await;
            Ok(price)
        }
        Shop::Fails(millis, why) => {
            after(millis).await;
            Err(why.to_owned())
        }
        Shop::Panics(millis) => {
            after(millis).await;
            panic!("the scales fell over");
        }
    }
}

/// The two ways to fail become one.
fn flatten(ended: Result<(Id, Price), JoinError>) -> (Id, Price) {
    match ended {
        Ok(ended) => ended,
        Err(error) => (error.id(), Err(reason(error))),
    }
}

/// What a panic said.
fn reason(error: JoinError) -> String {
    match error.try_into_panic() {
        Ok(payload) => match payload.downcast_ref::<&str>() {
            Some(words) => format!("panic: {words}"),
            None => "panic".to_owned(),
        },
        Err(error) => error.to_string(),
    }
}

async fn report_all(shops: &[(&'static str, Shop)]) {
    let start = Instant::now();
    let prices = all_or_nothing(shops).await;
    println!("{:4} ms {prices:?}", start.elapsed().as_millis());
    // Who was aborted is dropped at the next step of the machine.
    sleep(Duration::from_millis(1)).await;
    println!("        still asked: {}", ASKED.get());
}

thread_local! {
    static ASKED: Cell<usize> = const { Cell::new(0) };
}

/// Counts those who are being asked.
struct Asked;

impl Asked {
    fn new() -> Asked {
        ASKED.set(ASKED.get() + 1);
        Asked
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        ASKED.set(ASKED.get() - 1);
    }
}
