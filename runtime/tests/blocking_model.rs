//! The pool against a plain model: which jobs run, which wait, and what each handle hears.
//!
//! Every job says that it has begun, waits to be let go, and returns its number. So the test knows
//! at every moment which jobs the pool must be running: the first so many, in the order in which
//! they were given, of those that have neither ended nor been taken back. At the end of the runtime
//! the rest begins too.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::mpsc::{self, Receiver, Sender};

use proptest::prelude::*;
use runtime::runtime::{Builder, Runtime, Step};
use runtime::task::JoinHandle;
use runtime::trace::{End, Event};

#[derive(Clone, Debug)]
enum Move {
    /// A job is given to the pool.
    Give,
    /// One that runs is let go; the number picks which.
    Release(usize),
    /// One of any kind is aborted.
    Abort(usize),
    /// Its handle is dropped.
    Detach(usize),
}

fn any_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        3 => Just(Move::Give),
        2 => any::<usize>().prop_map(Move::Release),
        1 => any::<usize>().prop_map(Move::Abort),
        1 => any::<usize>().prop_map(Move::Detach),
    ]
}

/// The pool as it should be.
#[derive(Default)]
struct Model {
    threads: usize,
    given: usize,
    waiting: VecDeque<usize>,
    running: BTreeSet<usize>,
    ended: BTreeMap<usize, End>,
}

impl Model {
    fn give(&mut self) -> usize {
        self.given += 1;
        self.waiting.push_back(self.given);
        self.given
    }

    /// The jobs that begin now.
    fn begin(&mut self) -> BTreeSet<usize> {
        let room = (self.threads - self.running.len()).min(self.waiting.len());
        let begun: BTreeSet<_> = self.waiting.drain(..room).collect();
        self.running.extend(&begun);
        begun
    }

    fn release(&mut self, job: usize) {
        self.running.remove(&job);
        self.ended.insert(job, End::Finished);
    }

    /// Whether it has not begun.
    fn abort(&mut self, job: usize) -> bool {
        let place = self.waiting.iter().position(|&waiting| waiting == job);
        let waiting = place.and_then(|place| self.waiting.remove(place));
        waiting.is_some_and(|job| self.ended.insert(job, End::Cancelled).is_none())
    }
}

/// The pool as it is.
struct Real {
    /// Before the runtime: should the test fail, no thread may be held up.
    gates: BTreeMap<usize, Sender<()>>,
    runtime: Runtime,
    begin: Sender<usize>,
    begun: Receiver<usize>,
    handles: BTreeMap<usize, JoinHandle<usize>>,
}

impl Real {
    fn new(threads: usize) -> Real {
        let mut builder = Builder::new_current_thread();
        let runtime = builder.max_blocking_threads(threads).build().unwrap();
        runtime.trace().start(10_000);
        let (begin, begun) = mpsc::channel();
        Real {
            runtime,
            gates: BTreeMap::new(),
            begin,
            begun,
            handles: BTreeMap::new(),
        }
    }

    fn give(&mut self, job: usize) {
        let (release, released) = mpsc::channel();
        let begin = self.begin.clone();
        let work = move || {
            begin.send(job).unwrap();
            let _ = released.recv();
            job
        };
        let handle = self.runtime.spawn_blocking(work);
        assert_eq!(handle.id().as_u64(), job as u64);
        self.gates.insert(job, release);
        self.handles.insert(job, handle);
    }

    /// Runs the loop until it has heard of a job's end.
    fn hear_of(&self, job: usize) -> End {
        loop {
            // Whatever was asked for is done before the thread parks.
            let step = self.runtime.step();
            let records = self.runtime.trace().take().into_iter();
            let mut ends = records.filter_map(|record| match record.event {
                Event::JobEnded { job: ended, how } if ended == job as u64 => Some(how),
                _ => None,
            });
            if let Some(how) = ends.next() {
                return how;
            }
            if let Step::WouldPark { until } = step {
                self.runtime.park(until);
            }
        }
    }

    /// The numbers that the jobs which begin now say; `count` of them.
    fn begun(&self, count: usize) -> BTreeSet<usize> {
        self.begun.iter().take(count).collect()
    }
}

fn pick(jobs: impl IntoIterator<Item = usize>, number: usize) -> Option<usize> {
    let jobs: Vec<_> = jobs.into_iter().collect();
    (!jobs.is_empty()).then(|| jobs[number % jobs.len()])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn jobs_begin_in_their_order_and_every_handle_hears_one_end(
        threads in 1..4_usize,
        moves in prop::collection::vec(any_move(), 0..40),
    ) {
        let mut model = Model { threads, ..Model::default() };
        let mut real = Real::new(threads);
        for step in moves {
            match step {
                Move::Give => real.give(model.give()),
                Move::Release(number) => {
                    if let Some(job) = pick(model.running.iter().copied(), number) {
                        model.release(job);
                        drop(real.gates.remove(&job));
                        prop_assert_eq!(real.hear_of(job), End::Finished);
                    }
                }
                Move::Abort(number) => {
                    if let Some(job) = pick(real.handles.keys().copied(), number) {
                        real.handles[&job].abort();
                        if model.abort(job) {
                            prop_assert_eq!(real.hear_of(job), End::Cancelled);
                        }
                    }
                }
                Move::Detach(number) => {
                    if let Some(job) = pick(real.handles.keys().copied(), number) {
                        real.handles.remove(&job);
                    }
                }
            }
            let begun = model.begin();
            prop_assert_eq!(real.begun(begun.len()), begun);
            for (job, handle) in &real.handles {
                prop_assert_eq!(handle.is_finished(), model.ended.contains_key(job));
            }
        }
        // What has not ended by now is done, but no handle hears of it.
        real.runtime.shutdown_background();
        drop(real.gates);
        for (job, handle) in real.handles {
            let heard = futures_lite::future::block_on(handle);
            match model.ended.get(&job) {
                Some(End::Finished) => prop_assert_eq!(heard.unwrap(), job),
                _ => prop_assert!(heard.unwrap_err().is_cancelled()),
            }
        }
        drop(real.begin);
        let late: BTreeSet<_> = real.begun.iter().collect();
        prop_assert_eq!(late, model.waiting.into_iter().collect(), "all that was not aborted");
    }
}
