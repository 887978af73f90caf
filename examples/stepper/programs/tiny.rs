//! The runtime of `examples/tiny_runtime.rs`, stepped with the same pictures.
//!
//! That file is included here as it is, and is run. It tells its deeds (`told`), and here they become the
//! events of a recording. Each event has the line of the deed, so the stepper's pane RUNTIME shows
//! `tiny_runtime.rs`, and no line of the crate `runtime`.
//!
//! The clock of the recording stands still while the program runs. When a timer fires, it moves to that
//! timer's deadline: so the times are the same in each recording.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use runtime::trace::{
    Cause, Direction, End, Event, Interests, Place, Record, Recording, Snapshot, SourceKind, Wait,
};

use super::notes::Note;
use told::{Deed, Line};

/// What the program prints goes to the notes.
macro_rules! println {
    ($($text:tt)*) => {
        $crate::programs::tiny::prints(format!($($text)*))
    };
}

#[path = "../../tiny_runtime.rs"]
mod tiny_runtime;
use tiny_runtime::told;

pub(crate) const WATCH: &str = "RUNTIME: the lines of examples/tiny_runtime.rs, a whole runtime in some 200. \
    STATE: what the program prints. Each wake writes to an eventfd, so the first sleep after a wake ends at \
    once, with an event that is no source's; the real runtime writes only if the thread sleeps. A task that \
    waits for a source is woken by any change of it. LOOP and WHEEL are pictures of the real runtime: here the \
    loop is part (7), and the timers lie in a heap. The clock moves only when a timer fires.";

/// The one file that does and asks for everything.
const FILE: &str = "examples/tiny_runtime.rs";

const BOTH: [Direction; 2] = [Direction::Read, Direction::Write];

thread_local!(static HEARD: RefCell<Heard> = RefCell::default());

/// Runs it to its end, and listens.
pub(crate) fn record() -> io::Result<(Recording, Vec<Note>)> {
    HEARD.take();
    told::EAR.set(Some(|deed, number, line| {
        HEARD.with_borrow_mut(|heard| heard.hear(deed, number, line));
    }));
    let done = tiny_runtime::main();
    told::EAR.set(None);
    let heard = HEARD.take();
    done?;
    let recording = Recording::of(Snapshot::default(), heard.records);
    Ok((recording, heard.notes))
}

/// The program prints a line.
fn prints(text: String) {
    HEARD.with_borrow_mut(|heard| {
        let events = heard.records.len();
        heard.notes.push(Note::new(events, "prints", text));
    });
}

/// What has been told so far. The keys of `tiny_runtime`'s slabs are used again; the numbers of events are not.
#[derive(Default)]
struct Heard {
    records: Vec<Record>,
    notes: Vec<Note>,
    now: Duration,
    /// The task that is being polled.
    running: Option<u64>,
    tasks: Numbers,
    timers: Numbers,
    sources: Numbers,
    /// In which millisecond each timer fires.
    deadlines: BTreeMap<u64, u64>,
    /// For what each task waits.
    waits: BTreeMap<u64, Vec<Wait>>,
    /// What has ended since the thread came back: a timer, or a wait for a source.
    over: Vec<Wait>,
    /// The events since the thread came back begin here.
    back: usize,
}

/// The numbers of what lies in a slab.
#[derive(Default)]
struct Numbers {
    last: u64,
    of: BTreeMap<usize, u64>,
}

impl Numbers {
    fn new_one(&mut self, key: usize) -> u64 {
        self.last += 1;
        self.of.insert(key, self.last);
        self.last
    }

    fn get(&self, key: usize) -> Option<u64> {
        self.of.get(&key).copied()
    }
}

impl Heard {
    fn hear(&mut self, deed: Deed, key: usize, line: Line) {
        let at = line_of(deed, line);
        // What is told of a task or source that is gone changes nothing.
        let _ = match deed {
            Deed::Spawns(..) | Deed::Queues | Deed::Polls | Deed::PutsBack | Deed::Ends => {
                self.of_task(deed, key, at)
            }
            Deed::Joins | Deed::Sleeps(..) | Deed::Fires => self.of_waits(deed, key, at),
            Deed::Registers(..) | Deed::Blocks(_) | Deed::Ready(..) | Deed::Closes => {
                self.of_source(deed, key, at)
            }
            Deed::Parks | Deed::Unparks => self.of_thread(deed, key, at),
        };
    }

    fn event(&mut self, place: Place, event: Event) {
        self.records.push(Record {
            seq: self.records.len() as u64,
            time: self.now,
            task: self.running,
            place,
            event,
        });
    }

    fn of_task(&mut self, deed: Deed, key: usize, place: Place) -> Option<()> {
        if let Deed::Spawns(line) = deed {
            let (task, at) = (self.tasks.new_one(key), here(line));
            let name = None;
            self.event(place, Event::Spawned { task, name, at });
            return Some(());
        }
        let task = self.tasks.get(key)?;
        match deed {
            Deed::Queues => {
                let by = self.cause(task);
                self.event(place, Event::Woken { task, by });
            }
            Deed::Polls => {
                self.running = Some(task);
                self.waits.remove(&task);
                self.event(place, Event::PollStart { task });
            }
            _ => self.poll_ends(task, key, matches!(deed, Deed::Ends), place),
        }
        Some(())
    }

    fn poll_ends(&mut self, task: u64, key: usize, ready: bool, place: Place) {
        let spent = 0;
        self.event(place, Event::PollEnd { task, ready, spent });
        if ready {
            let how = End::Finished;
            self.event(place, Event::Ended { task, how });
            self.tasks.of.remove(&key);
        }
        self.running = None;
    }

    /// Who wakes the task. Wakers are called after all that has ended is told; so it is that for which the
    /// task waits.
    fn cause(&self, task: u64) -> Cause {
        if let Some(running) = self.running {
            return Cause::Task(running);
        }
        let waits = self.waits.get(&task).into_iter().flatten();
        match waits.into_iter().find(|wait| self.over.contains(wait)) {
            Some(Wait::Timer(timer)) => Cause::Timer(*timer),
            Some(Wait::Source(source, direction)) => Cause::Source(*source, *direction),
            _ => Cause::Owner,
        }
    }

    fn of_waits(&mut self, deed: Deed, key: usize, place: Place) -> Option<()> {
        match deed {
            Deed::Joins => {
                let task = self.tasks.get(key)?;
                self.wait(place, Wait::Task(task), None);
            }
            Deed::Sleeps(line, ms) => {
                let (timer, at) = (self.timers.new_one(key), here(line));
                let tick = self.now.as_millis() as u64 + ms;
                self.deadlines.insert(timer, tick);
                self.event(place, Event::TimerSet { timer, tick, at });
                self.wait(place, Wait::Timer(timer), Some(at));
            }
            _ => {
                let timer = self.timers.get(key)?;
                self.now = Duration::from_millis(self.deadlines.remove(&timer)?);
                for record in &mut self.records[self.back..] {
                    record.time = self.now;
                }
                self.over.push(Wait::Timer(timer));
                self.event(place, Event::TimerFired { timer });
            }
        }
        Some(())
    }

    /// The task that is being polled waits. (`block_on` polls the handle of its main task outside of any.)
    fn wait(&mut self, place: Place, on: Wait, at: Option<Place>) {
        if let Some(task) = self.running {
            self.waits.entry(task).or_default().push(on);
            self.event(place, Event::Waiting { on, at });
        }
    }

    fn of_source(&mut self, deed: Deed, key: usize, place: Place) -> Option<()> {
        if let Deed::Registers(line, name) = deed {
            let (source, at) = (self.sources.new_one(key), here(line));
            let kind = match name.ends_with("Listener") {
                true => SourceKind::TcpListener,
                false => SourceKind::TcpStream,
            };
            let interest = Interests::new(true, true);
            let event = Event::SourceRegistered {
                source,
                kind,
                interest,
                at,
            };
            self.event(place, event);
            return Some(());
        }
        let source = self.sources.get(key)?; // the eventfd is none
        match deed {
            Deed::Blocks(line) => {
                for direction in BOTH {
                    self.wait(place, Wait::Source(source, direction), Some(here(line)));
                }
            }
            Deed::Ready(readable, writable) => {
                for (direction, ready) in BOTH.into_iter().zip([readable, writable]) {
                    if ready {
                        self.over.push(Wait::Source(source, direction));
                        self.event(place, Event::Ready { source, direction });
                    }
                }
            }
            _ => self.event(place, Event::SourceDropped { source }),
        }
        Some(())
    }

    fn of_thread(&mut self, deed: Deed, events: usize, place: Place) -> Option<()> {
        if let Deed::Parks = deed {
            let next = self.deadlines.values().min();
            let until = next.copied().map(Duration::from_millis);
            self.event(place, Event::Parked { until });
            return Some(());
        }
        self.over.clear();
        self.back = self.records.len();
        self.event(place, Event::Unparked);
        let inbox = false;
        self.event(place, Event::Turned { events, inbox });
        Some(())
    }
}

/// The line of the deed: the one that tells it, if the call is a part of it, or else the next one. Two are
/// told when they are done.
fn line_of(deed: Deed, line: Line) -> Place {
    let told = here(line);
    let line = match deed {
        Deed::Queues | Deed::Sleeps(..) | Deed::Blocks(_) | Deed::Ready(..) | Deed::Parks => {
            told.line + 1
        }
        Deed::Joins | Deed::Unparks => told.line - 1,
        _ => told.line,
    };
    Place { line, ..told }
}

/// The compiler names the file by the way on which it is included.
fn here(line: Line) -> Place {
    Place {
        file: FILE,
        line: line.line(),
    }
}
