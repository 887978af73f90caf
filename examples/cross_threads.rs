//! A thread of its own that feeds a task.
//!
//! Everything of the runtime lives on one thread, and its channels with it. But programs have
//! other threads too: one that a driver's library calls back on, one that computes, one that reads
//! from a device which knows nothing of async. How does what they have to say reach a task?
//!
//! Two ways lead in. A `Handle` may cross threads, and spawns a task *over there*: what must be
//! `Send` is only the future that is handed over. Or both sides hold the ends of a channel that
//! belongs to no runtime (here `async-channel`): its wait is a future like others, and its wake
//! comes in by the runtime's inbox, as any wake from outside does.
//!
//! What to see in the output:
//!
//! 1. The tasks that the thread has spawned run on the runtime's thread, and find there what is not
//!    `Send`: the sender of a channel of the runtime.
//! 2. The channel has room for two. The thread does not run ahead of the task: it blocks, which a
//!    thread may and a task must not.
//! 3. The way back: an answer goes to the thread by a channel of the standard library, whose `send`
//!    does not block.
#![forbid(unsafe_code)]

use runtime::runtime::Handle;
use runtime::sync::mpsc;
use std::cell::RefCell;
use std::sync::mpsc as std_mpsc;
use std::thread::{self, ThreadId};

thread_local! {
    /// Where the readings go, on the runtime's thread. It never leaves it.
    static READINGS: RefCell<Option<mpsc::Sender<Reading>>> = const { RefCell::new(None) };
}

/// A temperature, and the thread that noted it down.
struct Reading(i32, ThreadId);

/// What a thermometer says.
const DEGREES: [i32; 5] = [19, 20, 22, 21, 18];

#[runtime::main]
async fn main() {
    println!("1. By a handle");
    by_a_handle().await;
    println!("2. By a channel that belongs to no runtime");
    by_a_channel().await;
    println!("3. And back");
    question_and_answer().await;
}

/// The thread spawns a task for each reading.
async fn by_a_handle() {
    let (tx, mut rx) = mpsc::channel(1);
    READINGS.set(Some(tx));
    let handle = Handle::current();
    let thermometer = thread::spawn(move || {
        for degrees in DEGREES {
            // Detached: its end is not awaited.
            drop(handle.spawn(note_down(degrees)));
        }
    });
    for _ in DEGREES {
        let Reading(degrees, at) = rx.recv().await.expect("the sender is kept above");
        let home = at == thread::current().id();
        println!("   {degrees} degrees, noted down on the runtime's thread: {home}");
    }
    READINGS.take();
    join(thermometer);
}

/// Runs on the runtime's thread, though another has spawned it. The future itself holds nothing
/// but a number when it crosses.
async fn note_down(degrees: i32) {
    let reading = Reading(degrees, thread::current().id());
    if let Some(tx) = READINGS.with_borrow(Clone::clone) {
        runtime::spawn(async move { tx.send(reading).await });
    }
}

/// The thread sends, and waits when the channel is full.
async fn by_a_channel() {
    let (tx, rx) = async_channel::bounded(2);
    let thermometer = thread::spawn(move || {
        for degrees in DEGREES {
            tx.send_blocking(degrees).expect("the task listens");
        }
        // Here `tx` is dropped, and the task hears that this was all.
    });
    let mut sum = 0;
    while let Ok(degrees) = rx.recv().await {
        assert!(rx.len() <= 2, "the channel has room for two");
        sum += degrees;
    }
    println!(
        "   {} readings, {} degrees on average",
        DEGREES.len(),
        sum / 5
    );
    join(thermometer);
}

/// A question, and where the answer goes.
type Question = (&'static str, std_mpsc::Sender<String>);

/// The thread asks a task and waits for its answer.
async fn question_and_answer() {
    let (tx, rx) = async_channel::unbounded::<Question>();
    let asks = thread::spawn(move || {
        let (answer, answers) = std_mpsc::channel();
        ["warmest", "coldest"].map(|what| {
            tx.send_blocking((what, answer.clone()))
                .expect("the task listens");
            answers.recv().expect("the task answers")
        })
    });
    while let Ok((what, answer)) = rx.recv().await {
        let degrees = match what {
            "warmest" => DEGREES.iter().max(),
            _ => DEGREES.iter().min(),
        };
        let text = format!("the {what} was {:?}", degrees.copied().unwrap_or_default());
        // The thread may have gone; then the answer is not needed.
        let _ = answer.send(text);
    }
    for answer in join(asks) {
        println!("   the thread heard: {answer}");
    }
}

/// Waits for a thread that is at its end: it has said all it had to say. One that is not would
/// hold up every task.
fn join<T>(thread: thread::JoinHandle<T>) -> T {
    thread.join().expect("the thread ends well")
}
