//! Recordings in files: the lines that are written are the events that happened.

#![cfg(feature = "serde")]
#![forbid(unsafe_code)]

#[path = "support/events.rs"]
mod events;
#[path = "support/tasks.rs"]
mod tasks;

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io::{self, Write};
use std::rc::Rc;
use std::task::Poll;

use allocation_counter::measure;
use events::traced;
use runtime::io::AsyncReadExt;
use runtime::net::{TcpListener, TcpStream};
use runtime::runtime::Runtime;
use runtime::sync::{Notify, broadcast, mpsc};
use runtime::task::yield_now;
use runtime::time::{Duration, sleep, timeout};
use runtime::trace::Recording;
use serde_json::Value;
use tasks::{paused, run_dry};

async fn program() {
    let named = runtime::task::Builder::new().name("said \"quoted\"");
    let task = named.spawn(async { sleep(Duration::from_millis(5)).await });
    runtime::spawn(async { yield_now().await }).await.unwrap();
    task.unwrap().await.unwrap();
}

fn recorded() -> Recording {
    let runtime = traced();
    runtime.block_on(program());
    runtime.trace().recording()
}

fn as_file(recording: &Recording) -> String {
    let mut file = Vec::new();
    recording.write_to(&mut file).unwrap();
    String::from_utf8(file).unwrap()
}

#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_is_written_is_read_back_the_same() {
    let recording = recorded();
    let again = Recording::read_from(as_file(&recording).as_bytes()).unwrap();
    assert_eq!(again, recording);
    let events = recording.records().len();
    assert_eq!(again.state_at(events / 2), recording.state_at(events / 2));
}

#[test]
fn the_same_seed_writes_the_same_file_byte_for_byte() {
    assert_eq!(as_file(&recorded()), as_file(&recorded()));
}

#[test]
fn one_event_is_one_line() {
    let recording = recorded();
    let file = as_file(&recording);
    let lines = file.lines().filter(|line| !line.starts_with("{\"source\""));
    assert_eq!(lines.count(), recording.records().len() + 1);
    let last: Value = serde_json::from_str(file.lines().last().unwrap()).unwrap();
    assert_eq!(last["seq"], recording.records().len() as u64 - 1);
}

#[test]
fn what_is_written_as_it_happens_is_what_is_recorded() {
    let kept = recorded();
    let runtime = paused();
    let file = Shared::default();
    runtime.trace().start_writing(file.clone());
    runtime.block_on(program());
    runtime.trace().finish_writing().unwrap();
    let written = Recording::read_from(&file.0.borrow()[..]).unwrap();
    let events = |recording: &Recording| -> Vec<_> {
        recording
            .records()
            .iter()
            .map(|r| r.event.clone())
            .collect()
    };
    // The line of `block_on` is another.
    assert_eq!(events(&written)[1..], events(&kept)[1..]);
}

#[test]
fn a_writer_that_fails_harms_nobody_and_is_told_of_at_the_end() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let runtime = paused();
    runtime.trace().start_writing(Full);
    runtime.block_on(program());
    let error = runtime.trace().finish_writing().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert!(runtime.trace().finish_writing().is_ok(), "told once");
}

#[test]
fn a_writer_that_panics_harms_nobody_and_is_told_of_at_the_end() {
    struct Bad(usize);
    impl Write for Bad {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(1).expect("on purpose");
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    // One that writes the head and some of the events, as it would in a program's midst.
    let runtime = paused();
    runtime.trace().start_writing(Bad(5));
    let result = runtime.block_on(async { runtime::spawn(program()).await });
    assert!(result.is_ok());
    let error = runtime.trace().finish_writing().unwrap_err();
    assert!(error.to_string().contains("panicked"), "{error}");
    assert!(runtime.snapshot().tasks.is_empty());
}

/// The writer hears of the end of a poll when the task is where it can be woken.
#[test]
fn a_writer_may_wake_and_abort_the_task_of_whose_poll_it_hears() {
    type Deed = Box<dyn FnOnce()>;
    struct Busy(Rc<RefCell<Option<Deed>>>);
    impl Write for Busy {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if String::from_utf8_lossy(bytes).contains("PollEnd") {
                let deed = self.0.take();
                deed.into_iter().for_each(|deed| deed());
            }
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let runtime = paused();
    let deed = Rc::new(RefCell::new(None::<Deed>));
    runtime.trace().start_writing(Busy(Rc::clone(&deed)));
    let (mut polls, theirs) = (0, Rc::clone(&deed));
    let woken = runtime.spawn(poll_fn(move |cx| {
        polls += 1;
        let waker = cx.waker().clone();
        theirs.replace(Some(Box::new(move || waker.wake())));
        match polls {
            2 => Poll::Ready(()),
            _ => Poll::Pending,
        }
    }));
    run_dry(&runtime);
    assert!(woken.is_finished(), "the wake was lost");
    let aborted = runtime.spawn(std::future::pending::<()>());
    let handle = aborted.abort_handle();
    deed.replace(Some(Box::new(move || handle.abort())));
    run_dry(&runtime);
    assert!(aborted.is_finished(), "the abort was lost");
}

/// Where an event is emitted, nothing is borrowed that says which runtime the thread is in.
#[test]
fn a_writer_may_enter_another_runtime_at_every_event() {
    struct Elsewhere(Runtime, Shared);
    impl Write for Elsewhere {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _entered = self.0.enter();
            drop(runtime::spawn(async {}));
            self.1.write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let runtime = Runtime::new().unwrap();
    let written = Shared::default();
    let writer = Elsewhere(paused(), written.clone());
    runtime.trace().start_writing(writer);
    runtime.block_on(everything());
    runtime.trace().finish_writing().unwrap();
    let recording = Recording::read_from(&written.0.borrow()[..]).unwrap();
    let is_there = |kind: &str| {
        let mut events = recording.records().iter();
        events.any(|record| format!("{:?}", record.event).starts_with(kind))
    };
    for kind in [
        "Woken",
        "Waiting",
        "TimerFired",
        "TimerDropped",
        "Ready",
        "SourceDropped",
        "Parked",
        "JobEnded",
    ] {
        assert!(is_there(kind), "no {kind} was written");
    }
}

/// A program in which most kinds of events happen.
async fn everything() {
    program().await;
    let (sender, mut receiver) = mpsc::channel(1);
    let peer = runtime::spawn(async move { receiver.recv().await });
    yield_now().await;
    sender.send(1).await.unwrap();
    assert_eq!(peer.await.unwrap(), Some(1));
    let late = timeout(Duration::from_secs(60), yield_now());
    late.await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let client = runtime::spawn(async move { TcpStream::connect(address).await });
    drop(listener.accept().await.unwrap());
    let mut end = Vec::new();
    let mut client = client.await.unwrap().unwrap();
    client.read_to_end(&mut end).await.unwrap();
    runtime::task::spawn_blocking(|| {}).await.unwrap();
    let aborted = runtime::spawn(sleep(Duration::from_secs(60)));
    yield_now().await;
    aborted.abort();
    assert!(aborted.await.unwrap_err().is_cancelled());
}

#[test]
fn what_is_no_recording_is_refused_with_the_line_and_the_reason() {
    let file = as_file(&recorded());
    let refused = |text: &str| {
        Recording::read_from(text.as_bytes())
            .unwrap_err()
            .to_string()
    };
    assert!(refused("").contains("line 1: the file is empty"));
    assert!(refused("hello\n").contains("line 1"));
    let other = file.replacen("\"version\":2", "\"version\":3", 1);
    assert!(refused(&other).contains("version 3"), "{}", refused(&other));
    let lines = file.lines().count();
    let damaged = format!("{}\n", &file[..file.len() - 9]);
    assert!(refused(&damaged).contains(&format!("line {lines}")));
    let strange = format!("{file}{{\"source\":\"a.rs\",\"hash\":\"wool\"}}\n");
    assert!(refused(&strange).contains(&format!("line {}", lines + 1)));
}

#[test]
fn a_file_whose_last_line_was_cut_off_is_read_up_to_there() {
    let recording = recorded();
    let file = as_file(&recording);
    let lines = file.lines().count();
    let events = recording.records().len();
    let cut = Recording::read_from(&file.as_bytes()[..file.len() - 9]).unwrap();
    assert_eq!(cut.cut_line(), Some(lines));
    assert_eq!(cut.records(), &recording.records()[..events - 1]);
    // The end of a line is all that is missing.
    let whole = Recording::read_from(file.trim_end().as_bytes()).unwrap();
    assert_eq!((whole.cut_line(), whole.records().len()), (None, events));
    // The line before it was cut, and the program went on.
    let twice = format!("{}\n{}", &file[..file.len() - 9], "{");
    assert!(Recording::read_from(twice.as_bytes()).is_err());
}

#[test]
fn a_file_of_the_first_version_is_read_and_has_no_hashes() {
    let mut lines: Vec<String> = as_file(&recorded()).lines().map(str::to_owned).collect();
    lines.retain(|line| !line.starts_with("{\"source\""));
    let old = lines
        .join("\n")
        .replacen("\"version\":2", "\"version\":1", 1);
    let recording = Recording::read_from(old.as_bytes()).unwrap();
    assert_eq!(recording, recorded());
    assert_eq!(recording.source_hash("runtime/tests/trace_file.rs"), None);
}

#[test]
fn each_source_that_is_named_has_its_hash() {
    let read = |file: &str| Recording::read_from(file.as_bytes()).unwrap();
    let recording = recorded();
    let file = as_file(&recording);
    let (own, machine) = (
        "runtime/tests/trace_file.rs",
        recording.records()[0].place.file,
    );
    for name in [own, machine] {
        let text = std::fs::read(std::path::Path::new("..").join(name)).unwrap();
        let hash = Some(runtime::trace::source_hash(&text));
        assert_eq!(recording.source_hash(name), hash, "{name}");
        assert_eq!(read(&file).source_hash(name), hash, "{name}");
        // What is read is written again as it was.
        assert_eq!(as_file(&read(&file)), file);
    }
    for elsewhere in ["../Cargo.toml", "/etc/no/such.rs", "src/no_such.rs", ""] {
        assert_eq!(recording.source_hash(elsewhere), None, "{elsewhere}");
    }
}

#[test]
fn what_is_held_back_is_flushed_before_the_thread_parks() {
    struct Flushed(Shared, Rc<RefCell<Vec<usize>>>);
    impl Write for Flushed {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            self.1.borrow_mut().push(self.0.0.borrow().len());
            Ok(())
        }
    }
    let (written, flushed) = (Shared::default(), Rc::default());
    let runtime = Runtime::new().unwrap();
    let writer = Flushed(written.clone(), Rc::clone(&flushed));
    runtime.trace().start_writing(writer);
    runtime.block_on(async { sleep(Duration::from_millis(1)).await });
    let bytes = written.0.borrow();
    let at = flushed.borrow()[0];
    let last = String::from_utf8_lossy(&bytes[..at]);
    assert!(last.lines().last().unwrap().contains("Parked"), "{last}");
}

#[test]
fn perfetto_gets_a_track_a_task_slices_that_end_and_arrows_that_arrive() {
    let mut file = Vec::new();
    recorded().write_chrome(&mut file).unwrap();
    let trace: Value = serde_json::from_slice(&file).unwrap();
    let marks = trace["traceEvents"].as_array().unwrap();
    let with = |phase: &'static str| marks.iter().filter(move |mark| mark["ph"] == phase);
    // What the format asks of every event.
    for mark in marks {
        assert!(mark["ph"].is_string() && mark["pid"].is_u64() && mark["tid"].is_u64());
        assert!(mark["ph"] == "M" || mark["ts"].is_number(), "{mark}");
    }
    let names: Vec<_> = with("M")
        .map(|mark| mark["args"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["the loop", "task 1", "task 2: said \"quoted\"", "task 3"]
    );
    assert_eq!(with("B").count(), with("E").count());
    assert!(with("B").any(|mark| mark["name"] == "parked" && mark["tid"] == 0));
    // Slices of a track begin and end in turn.
    for track in 0..4_u64 {
        let mut depth = 0;
        for mark in marks.iter().filter(|mark| mark["tid"] == track) {
            depth += i32::from(mark["ph"] == "B") - i32::from(mark["ph"] == "E");
            assert!((0..=1).contains(&depth));
        }
    }
    // Every arrow that ends has begun, and earlier.
    for end in with("f") {
        let begin = with("s").find(|mark| mark["id"] == end["id"]).unwrap();
        assert!(begin["ts"].as_f64() <= end["ts"].as_f64());
    }
    assert!(with("f").count() >= 2, "spawned and joined");
}

#[test]
fn what_is_written_is_handed_over_too_if_that_is_asked_for() {
    let runtime = paused();
    let file = Shared::default();
    runtime.trace().start_writing(file.clone());
    let feed = runtime.trace().feed(1000);
    runtime.block_on(yield_now());
    let fed: Vec<_> = feed.take().blocks.into_iter().collect();
    drop(feed);
    runtime.block_on(yield_now());
    runtime.trace().finish_writing().unwrap();
    let written = Recording::read_from(&file.0.borrow()[..]).unwrap();
    let handed_over = &fed[0].records;
    assert!(handed_over.len() > 4);
    assert_eq!(written.records()[..handed_over.len()], handed_over[..]);
    let more = written.records().len() - handed_over.len();
    assert!(more > 4, "it is written when the other end is gone");
}

/// A writer that does what it must not: it uses the lock of which it is told.
struct Meddler(Rc<runtime::sync::Mutex<()>>);

impl Write for Meddler {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        drop(self.0.try_lock());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn nothing_is_borrowed_while_a_writer_hears_of_a_lock() {
    let runtime = paused();
    let mutex = Rc::new(runtime::sync::Mutex::new(()));
    runtime.trace().start_writing(Meddler(Rc::clone(&mutex)));
    let tasks: Vec<_> = (0..3)
        .map(|_| {
            let mutex = Rc::clone(&mutex);
            runtime.spawn(async move {
                let _guard = mutex.lock().await;
                yield_now().await;
            })
        })
        .collect();
    runtime.block_on(async {
        for task in tasks {
            task.await.unwrap();
        }
    });
    runtime.trace().finish_writing().unwrap();
    assert!(mutex.try_lock().is_ok(), "no permit is lost");
}

/// While an event is written, nothing of what it speaks of is borrowed: the writer may use it.
#[test]
fn a_writer_may_use_the_notify_and_the_channel_of_which_it_hears() {
    struct Meddles {
        notify: Rc<Notify>,
        sender: broadcast::Sender<u32>,
        begun: Rc<Cell<u32>>,
        done: Rc<Cell<u32>>,
    }
    impl Write for Meddles {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let text = String::from_utf8_lossy(bytes);
            let is_meant = |it: &&str| text.contains(*it);
            // What it does is told to it, too: without end, if it went on.
            if self.begun.get() < 20 && ["Notify", "Broadcast"].iter().any(is_meant) {
                self.begun.set(self.begun.get() + 1);
                self.notify.notify_one();
                let _ = self.sender.send(0);
                self.done.set(self.done.get() + 1);
            }
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let runtime = paused();
    let (notify, (sender, mut rx)) = (Rc::new(Notify::new()), broadcast::channel(4));
    let (begun, done) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let (tx, waiting) = (sender.clone(), Rc::clone(&notify));
    runtime.block_on(async {
        for _ in 0..8 {
            let notify = Rc::clone(&waiting);
            drop(runtime::spawn(async move { notify.notified().await }));
        }
        yield_now().await;
    });
    runtime.trace().start_writing(Meddles {
        notify: Rc::clone(&notify),
        sender,
        begun: Rc::clone(&begun),
        done: Rc::clone(&done),
    });
    runtime.block_on(async {
        notify.notify_one();
        tx.send(1).unwrap();
        rx.recv().await.unwrap_or_default();
        while rx.try_recv().is_ok() {}
    });
    assert!(done.get() >= 3);
    assert_eq!(begun.get(), done.get());
}

/// Each mark is written as soon as it is made: the file is never in memory as a whole.
#[test]
fn a_long_recording_is_drawn_for_perfetto_piece_by_piece() {
    let runtime = paused();
    runtime.trace().start(20_000);
    runtime.block_on(async {
        for _ in 0..5_000 {
            yield_now().await;
        }
    });
    let recording = runtime.trace().recording();
    assert!(recording.records().len() >= 15_000);
    let mut all = Vec::new();
    recording.write_chrome(&mut all).unwrap();
    let taken = measure(|| recording.write_chrome(io::sink()).unwrap());
    assert!(all.len() > 1_000_000, "{} bytes", all.len());
    assert!(
        taken.bytes_max < 64 * 1024,
        "{} bytes at once",
        taken.bytes_max
    );
}
