//! What is in a trace, read back with dial9's own decoder.
#![forbid(unsafe_code)]

use std::fs;
use std::future::poll_fn;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::task::Poll;
use std::time::Duration;

use dial9_trace_format::decoder::Decoder;
use dial9_trace_format::types::FieldValueRef;
use runtime::runtime::{Builder, Runtime};
use runtime::sync::Notify;
use runtime::task;
use runtime::time::sleep;
use runtime::trace::{Cause, Event, Mark, Record, Recording, Snapshot, mark};

/// An event that was read back.
#[derive(Debug, PartialEq)]
struct Found {
    ns: u64,
    name: String,
    fields: Vec<(String, String)>,
}

impl Found {
    fn field(&self, name: &str) -> &str {
        let field = self.fields.iter().find(|field| field.0 == name);
        field.map_or("", |field| &field.1)
    }

    fn number(&self, name: &str) -> u64 {
        self.field(name).parse().unwrap()
    }
}

fn read(trace: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut decoder = Decoder::new(trace).expect("a trace has its header");
    let take = |event: dial9_trace_format::decoder::RawEvent<'_, '_>| {
        let values = event.fields.iter().map(|value| match value {
            FieldValueRef::Varint(number) => number.to_string(),
            FieldValueRef::I64(number) => number.to_string(),
            FieldValueRef::Bool(is) => is.to_string(),
            FieldValueRef::PooledString(id) => event.string_pool.get(*id).unwrap().to_owned(),
            FieldValueRef::None => "none".to_owned(),
            other => panic!("no event has such a field: {other:?}"),
        });
        found.push(Found {
            ns: event.timestamp_ns,
            name: event.name.to_owned(),
            fields: event.field_names().map(str::to_owned).zip(values).collect(),
        });
    };
    decoder.for_each_event(take).expect("each event is whole");
    found
}

fn exported(recording: &Recording) -> Vec<Found> {
    let mut trace = Vec::new();
    let summary = dial9::export(recording, &mut trace).unwrap();
    let found = read(&trace);
    assert_eq!(summary.events, found.len());
    found
}

fn record(runtime: &Runtime, program: impl Future<Output = ()>) -> Recording {
    runtime.trace().start(10_000);
    runtime.block_on(program);
    runtime.trace().recording()
}

fn paused() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(true).build().unwrap()
}

async fn nap(ms: u64) {
    sleep(Duration::from_millis(ms)).await;
}

/// A line each: the time in ms, the name, the fields that tell tasks apart.
fn story(found: &[Found]) -> Vec<String> {
    let line = |event: &Found| {
        let of = ["task_id", "waker_task_id", "woken_task_id", "target_worker"];
        let fields = of.map(|name| event.field(name));
        let fields = fields.iter().filter(|field| !field.is_empty());
        let fields: Vec<_> = fields.copied().collect();
        let name = event.name.trim_end_matches("Event");
        let line = format!("{} {name} {}", event.ns / 1_000_000, fields.join(" "));
        line.trim_end().to_owned()
    };
    found.iter().map(line).collect()
}

#[test]
fn a_parent_and_its_child_are_told_event_by_event() {
    let recording = record(&paused(), async {
        let child = task::spawn(nap(5));
        child.await.unwrap();
    });
    let expected = [
        "0 WorkerUnpark",
        "0 TaskSpawn 1",
        "0 Wake 0 1 0",
        "0 PollStart 1",
        "0 TaskSpawn 2",
        "0 Wake 1 2 0",
        "0 Waiting 1",
        "0 PollEnd",
        "0 PollStart 2",
        "0 Waiting 2",
        "0 PollEnd",
        "0 WorkerPark",
        "5 WorkerUnpark",
        "5 Wake 0 2 0",
        "5 PollStart 2",
        "5 Wake 2 1 0",
        "5 PollEnd",
        "5 TaskTerminate 2",
        "5 PollStart 1",
        "5 PollEnd",
        "5 TaskTerminate 1",
        "5 WorkerPark",
    ];
    assert_eq!(story(&exported(&recording)), expected);
}

/// What a record should have become, if it becomes one of the events that Tokio has, too.
fn counterpart(record: &Record) -> Option<String> {
    let ns = record.time.as_nanos();
    Some(match &record.event {
        Event::Spawned { task, .. } => format!("{ns} TaskSpawnEvent {task}"),
        Event::Ended { task, .. } => format!("{ns} TaskTerminateEvent {task}"),
        Event::PollStart { task } => format!("{ns} PollStartEvent {task}"),
        Event::PollEnd { .. } => format!("{ns} PollEndEvent"),
        Event::Parked { .. } => format!("{ns} WorkerParkEvent"),
        Event::Unparked => format!("{ns} WorkerUnparkEvent"),
        Event::Woken { task, by } => match by {
            Cause::Task(other) => format!("{ns} WakeEventEvent {other} {task} 0"),
            Cause::Outside => format!("{ns} WakeEventEvent 0 {task} 255"),
            _ => format!("{ns} WakeEventEvent 0 {task} 0"),
        },
        _ => return None,
    })
}

fn as_counterpart(event: &Found) -> Option<String> {
    let of: &[&str] = match event.name.as_str() {
        "WaitingEvent" | "StretchEvent" => return None,
        "WakeEventEvent" => &["waker_task_id", "woken_task_id", "target_worker"],
        "PollEndEvent" | "WorkerParkEvent" | "WorkerUnparkEvent" => &[],
        _ => &["task_id"],
    };
    let fields: Vec<&str> = of.iter().map(|name| event.field(name)).collect();
    let line = format!("{} {} {}", event.ns, event.name, fields.join(" "));
    Some(line.trim_end().to_owned())
}

/// On the real clock, with a timer, a wake from another thread, and the thread asleep.
fn busy() -> Recording {
    record(&Runtime::new().unwrap(), async {
        let bell = std::rc::Rc::new(Notify::new());
        let rung = std::rc::Rc::clone(&bell);
        let waiter = task::spawn(async move { rung.notified().await });
        let mut is_first = true;
        poll_fn(move |cx| {
            if !std::mem::take(&mut is_first) {
                return Poll::Ready(());
            }
            let waker = cx.waker().clone();
            std::thread::spawn(move || waker.wake());
            Poll::Pending
        })
        .await;
        nap(50).await;
        bell.notify_one();
        waiter.await.unwrap();
    })
}

#[test]
fn each_poll_park_wake_and_spawn_of_a_recording_is_there_at_its_time() {
    let recording = busy();
    let expected: Vec<String> = recording.records().iter().filter_map(counterpart).collect();
    let found = exported(&recording);
    // The first says that the thread is awake, and the last that the recording ends.
    assert_eq!(found[0].name, "WorkerUnparkEvent");
    assert_eq!(found[found.len() - 1].name, "WorkerParkEvent");
    let inner = &found[1..found.len() - 1];
    let told: Vec<String> = inner.iter().filter_map(as_counterpart).collect();
    assert_eq!(told, expected);
    assert!(
        told.iter().any(|it| it.contains("WorkerUnpark")),
        "{told:?}"
    );
    assert!(told.iter().any(|it| it.ends_with(" 255")), "{told:?}");
}

#[test]
fn a_task_has_the_line_that_spawned_it_and_its_name() {
    let recording = record(&paused(), async {
        let named = task::Builder::new().name("weaver").spawn(nap(1));
        named.unwrap().await.unwrap();
    });
    let line = format!("weaver {}:{}", file!(), line!() - 3);
    let found = exported(&recording);
    for name in ["TaskSpawnEvent", "PollStartEvent"] {
        let of = |it: &&Found| it.name == name && it.field("task_id") == "2";
        let event = found.iter().find(of).unwrap();
        assert_eq!(event.field("spawn_loc"), line);
    }
}

#[test]
fn the_time_awake_stands_for_the_time_on_a_processor() {
    let found = exported(&busy());
    let (mut asleep, mut since, mut parks) = (0, None, 0);
    for event in found.iter().filter(|it| it.name.starts_with("Worker")) {
        match event.name.as_str() {
            "WorkerParkEvent" => (since, parks) = (Some(event.ns), parks + 1),
            _ => asleep += since.take().map_or(0, |since| event.ns - since),
        }
        assert_eq!(event.number("cpu_time_ns"), event.ns - asleep);
    }
    assert!(parks > 1 && asleep > 0);
}

#[test]
fn a_stretch_is_one_event_with_both_its_ends() {
    let recording = record(&paused(), async {
        mark("order", 7, Mark::Begin, || "linen");
        nap(4).await;
        mark("order", 7, Mark::Point, || "woven");
        nap(2).await;
        mark("order", 7, Mark::End, || "sent");
        mark("order", 8, Mark::End, || "its beginning is not recorded");
    });
    let mut found = exported(&recording);
    found.retain(|it| it.name == "StretchEvent");
    assert_eq!(found.len(), 1, "{found:?}");
    let [stretch] = found.try_into().unwrap();
    assert_eq!(stretch.ns - stretch.number("start_ns"), 6_000_000);
    assert_eq!(stretch.field("name"), "order linen");
    assert_eq!([stretch.number("id"), stretch.number("task_id")], [7, 1]);
    assert_eq!(stretch.field("end"), "sent");
}

#[test]
fn tasks_from_before_the_recording_are_spawned_first() {
    let runtime = paused();
    let early = runtime.spawn(nap(3));
    let recording = record(&runtime, async { early.await.unwrap() });
    let told = story(&exported(&recording));
    assert_eq!(told[..2], ["0 TaskSpawn 1", "0 WorkerUnpark"]);
    assert!(told.contains(&"3 TaskTerminate 1".to_owned()), "{told:?}");
}

#[test]
fn a_recording_of_nothing_is_a_trace_without_tasks() {
    let found = exported(&Recording::of(Snapshot::default(), Vec::new()));
    assert_eq!(story(&found), ["0 WorkerUnpark", "0 WorkerPark"]);
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn run(words: &[&std::ffi::OsStr]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_dial9"));
    program.args(words).output().unwrap()
}

/// What it complains about.
fn complaint(words: &[&std::ffi::OsStr]) -> String {
    let output = run(words);
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn the_program_reads_a_recording_and_writes_a_trace() {
    let (from, to) = (file("whole.jsonl"), file("whole.bin"));
    let recording = busy();
    let mut text = Vec::new();
    recording.write_to(&mut text).unwrap();
    text.extend(b"{\"seq\":"); // it was killed while it wrote
    fs::write(&from, text).unwrap();
    let output = run(&[from.as_os_str(), to.as_os_str()]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(said.contains("was cut off"), "{said}");
    assert!(
        said.contains("whole.bin: ") && said.contains(" 2 tasks"),
        "{said}"
    );
    assert_eq!(read(&fs::read(&to).unwrap()), exported(&recording));
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_left_behind() {
    let (bad, to) = (file("bad.jsonl"), file("bad.bin"));
    fs::write(&bad, "{\"treadle\":\"loom\"}\n").unwrap();
    let not_one = complaint(&[bad.as_os_str(), to.as_os_str()]);
    assert!(
        not_one.contains("bad.jsonl: not a recording of Treadle: line 1"),
        "{not_one}"
    );
    let gone = complaint(&[file("gone.jsonl").as_os_str(), to.as_os_str()]);
    assert!(gone.contains("gone.jsonl: No such file"), "{gone}");
    let alone = complaint(&[bad.as_os_str()]);
    assert!(alone.contains("it wants two files"), "{alone}");

    let good = file("good.jsonl");
    busy().write_to(fs::File::create(&good).unwrap()).unwrap();
    let nowhere = file("no/such/folder.bin");
    let nowhere = complaint(&[good.as_os_str(), nowhere.as_os_str()]);
    assert!(nowhere.contains("folder.bin: No such file"), "{nowhere}");
    assert!(!to.exists() && !file("bad.bin.part").exists());
}
