//! The place of an event is the line of the runtime that does what the event tells, and not one that
//! only reports it.

#[path = "support/machine.rs"]
mod machine;
#[path = "support/net.rs"]
mod net;

use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, thread};

use machine::{block_on, live, paused};
use net::ANY;
use runtime::io::{AsyncReadExt, AsyncWriteExt, duplex};
use runtime::net::{TcpListener, TcpStream};
use runtime::runtime::Runtime;
use runtime::sync::{
    Barrier, CancellationToken, Mutex, Notify, RwLock, Semaphore, broadcast, mpsc, oneshot, watch,
};
use runtime::task::{JoinSet, spawn, spawn_blocking, yield_now};
use runtime::time::{Instant, sleep, timeout};
use runtime::trace::Record;
use runtime::{join, select};

const MS: Duration = Duration::from_millis(1);

/// The methods that report what the line below their caller is about to do.
const COME_FIRST: [&str; 5] = [
    "report_start(",
    "report_advance(",
    "report_removal(",
    "report_dropped(",
    "report_all_stranded(",
];

/// Whether a line of source does something: no comment, no blank or closing line, and nothing that
/// reports.
fn does_something(line: &str) -> bool {
    let line = line.trim();
    let reports = ["emit", "report", "waiting("];
    line.chars().any(char::is_alphabetic)
        && !line.starts_with("//")
        && !line.starts_with("#[")
        && !reports.iter().any(|word| line.contains(word))
}

fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    text.lines().map(str::to_owned).collect()
}

/// Each place must be a line of this crate that does something. Returns the kinds of events that were
/// looked at.
fn look(records: &[Record]) -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut kinds = BTreeSet::new();
    for Record { event, place, .. } in records {
        assert!(place.file.contains("runtime/src/"), "{event:?} at {place}");
        let file = files.entry(place.file);
        let file = file.or_insert_with(|| lines(&root.join(place.file)));
        let line = &file[place.line as usize - 1];
        assert!(does_something(line), "{event:?} at {place}: {line}");
        let name = format!("{event:?}");
        let end = name.find(|sign: char| !sign.is_alphanumeric());
        kinds.insert(name[..end.unwrap_or(name.len())].to_owned());
    }
    kinds
}

fn kinds(runtime: &Runtime, names: &[&str]) {
    let seen = look(&runtime.trace().take());
    for name in names {
        assert!(seen.contains(*name), "no {name} in {seen:?}");
    }
}

#[test]
fn what_tasks_and_timers_do_is_told_at_its_line() {
    let runtime = paused();
    runtime.trace().start(10_000);
    runtime.block_on(async {
        spawn(yield_now()).await.unwrap();
        spawn(async { panic!("as it should") }).await.unwrap_err();
        let sleeper = spawn(sleep(MS));
        yield_now().await;
        sleeper.abort();
        sleeper.await.unwrap_err();
        let mut nap = Box::pin(sleep(5 * MS));
        timeout(MS, &mut nap).await.unwrap_err();
        nap.as_mut().reset(Instant::now() + 3 * MS);
        nap.await;
        select! {
            () = sleep(MS) => {}
            () = sleep(5 * MS) => {}
        }
        spawn_blocking(|| ()).await.unwrap();
        let mut set: JoinSet<()> = (0..2).map(|_| yield_now()).collect();
        while set.join_next().await.is_some() {}
        // It spends its budget.
        spawn(async {
            let lock = Mutex::new(());
            for _ in 0..1000 {
                drop(lock.lock().await);
            }
        })
        .await
        .unwrap();
        drop(spawn(pending::<()>()));
        sleep(MS).await;
    });
    let names = [
        "Spawned",
        "Woken",
        "PollStart",
        "PollEnd",
        "Waiting",
        "Stranded",
        "Ended",
        "AbortRequested",
        "Aborted",
        "BudgetSpent",
        "InboxTaken",
        "JobQueued",
        "JobEnded",
        "Parked",
        "Unparked",
        "Turned",
        "ClockAdvanced",
        "WheelAdvanced",
        "TimerSet",
        "TimerReset",
        "TimerFired",
        "TimerDropped",
    ];
    kinds(&runtime, &names);
}

#[test]
fn what_locks_and_channels_do_is_told_at_its_line() {
    let runtime = paused();
    runtime.trace().start(10_000);
    runtime.block_on(async {
        let (lock, doors, rows) = (Mutex::new(()), Semaphore::new(2), RwLock::new(()));
        let hold = async || {
            let _held = (lock.lock().await, rows.write().await);
            let permit = doors.acquire_many(2).await;
            sleep(5 * MS).await;
            drop(permit);
        };
        join!(hold(), hold(), hold(), async {
            timeout(MS, lock.lock()).await.unwrap_err();
        });
        doors.try_acquire().unwrap().forget();

        let (tx, mut rx) = mpsc::channel(1);
        let send = async {
            tx.send(1).await.unwrap();
            tx.send(2).await.unwrap();
            tx.closed().await;
        };
        let receive = async {
            sleep(MS).await;
            rx.recv().await;
            rx.recv().await;
            timeout(MS, rx.recv()).await.unwrap_err();
            drop(rx);
        };
        join!(send, receive);
        let (tx, mut rx) = mpsc::channel(1);
        let reserve = async {
            tx.try_reserve().unwrap().send(1);
            tx.reserve().await.unwrap().send(2);
            timeout(MS, tx.clone().reserve_owned()).await.unwrap_err();
            let _full = tx.try_reserve().unwrap_err();
        };
        join!(reserve, async { rx.recv().await });
        rx.recv().await;
        drop(tx.try_reserve_owned().unwrap());
        let (tx, mut rx) = mpsc::unbounded_channel();
        tx.send(1).unwrap();
        rx.recv_many(&mut Vec::new(), 3).await;
        tx.send(2).unwrap();
        drop(rx);

        let (tx, rx) = oneshot::channel();
        join!(rx, async { tx.send(()) }).0.unwrap();
        let (mut tx, rx) = oneshot::channel::<()>();
        join!(tx.closed(), async { drop(rx) });
        let (tx, mut rx) = watch::channel(1);
        join!(rx.changed(), async { tx.send(2) }).0.unwrap();
        join!(tx.closed(), async { drop(rx) });
        let (tx, mut rx) = mpsc::channel::<()>(1);
        assert_eq!(join!(rx.recv(), async { drop(tx) }).0, None);
        let (tx, mut rx) = broadcast::channel(2);
        join!(rx.recv(), async { tx.send(2) }).0.unwrap();
        let (notify, token, barrier) = (Notify::new(), CancellationToken::new(), Barrier::new(2));
        join!(notify.notified(), async { notify.notify_one() });
        notify.notify_one();
        notify.notified().await;
        join!(token.cancelled(), async { token.cancel() });
        join!(barrier.wait(), barrier.wait());
        let (mut near, mut far) = duplex(1);
        let mut byte = [0];
        let (read, written) = join!(far.read(&mut byte), near.write_all(b"ab"));
        read.unwrap();
        written.unwrap();
    });
    let names = [
        "Taken",
        "GivenBack",
        "HandedOver",
        "LineLeft",
        "Forgotten",
        "Sent",
        "Received",
        "ReceiverGone",
        "SendersGone",
        "Waiting",
    ];
    kinds(&runtime, &names);
}

#[test]
fn what_sources_do_is_told_at_its_line() {
    let runtime = live();
    runtime.trace().start(10_000);
    block_on(&runtime, async {
        let listener = TcpListener::bind(ANY).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (near, far) = join!(TcpStream::connect(addr), listener.accept());
        let (mut near, (mut far, _)) = (near.unwrap(), far.unwrap());
        let mut buffer = [0; 3];
        let (read, ()) = join!(near.read(&mut buffer), async {
            sleep(MS).await;
            far.write_all(b"abc").await.unwrap();
        });
        read.unwrap();
        let handle = runtime::runtime::Handle::current();
        let other = thread::spawn(move || drop(handle.spawn(async {})));
        timeout(MS, near.read(&mut buffer)).await.unwrap_err();
        timeout(MS, near.readable()).await.unwrap_err();
        drop(listener);
        TcpStream::connect(addr).await.unwrap_err();
        other.join().unwrap();
        sleep(MS).await;
    });
    let names = [
        "SourceRegistered",
        "SourceDropped",
        "Ready",
        "ReadinessCleared",
        "WaiterAdded",
        "WaiterRemoved",
        "IoDone",
        "IoFailed",
        "WouldBlock",
        "InboxTaken",
    ];
    kinds(&runtime, &names);
}

#[test]
fn beside_each_emit_stands_a_deed() {
    let mut wrong = Vec::new();
    for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let lines = lines(&path);
        for (at, line) in lines.iter().enumerate() {
            let line = line.trim_start();
            let is_next = line.contains("emit_next!(");
            // What an observer is told besides is no event.
            if !(is_next || line.starts_with("emit!(")) || line.contains("observer()") {
                continue;
            }
            let is_next = is_next || COME_FIRST.iter().any(|name| line.contains(name));
            let deed = &lines[if is_next { at + 1 } else { at - 1 }];
            if !does_something(deed) || is_next && !line.ends_with([';', '}']) {
                wrong.push(format!("{}:{}: {line} of {deed}", path.display(), at + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| match path.is_dir() {
        true => sources(&path),
        false => vec![path],
    });
    let is_source = |path: &PathBuf| path.extension().is_some_and(|it| it == "rs");
    found.filter(is_source).collect()
}
