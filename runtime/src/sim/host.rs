//! A host: its program, and the runtime in which that runs.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::failure::{Reason, Result};
use super::lane::Noted;
use crate::base::present::During;
use crate::base::wall::Wall;
use crate::fs::simulated::{Disk, Settings};
use crate::machine::coop;
use crate::net::simulated::{self, HostId, Network};
use crate::runtime::{Builder, Runtime, Step};
#[cfg(unix)]
use crate::signal::simulated::Ears;
use crate::task::JoinHandle;
use crate::trace::{self, Mark, Recording};

/// A host may make so many steps before the time goes on.
const STEPS: u32 = 200_000;

/// So many lives of a host are recorded before the present one.
const PAST: usize = 16;

/// Makes the seed of the disk another one than the runtime's.
const DISK: u64 = 0xD15C;

/// What a host runs.
pub(super) type Program = Pin<Box<dyn Future<Output = Result>>>;

/// What makes it, whenever the host starts; `None`: it has run already, and runs once only.
pub(super) type Make = Box<dyn FnMut() -> Option<Program>>;

/// See the file's heading.
pub(super) struct Host {
    pub(super) name: String,
    pub(super) place: simulated::Host,
    /// It outlives the program.
    pub(super) disk: Disk,
    pub(super) wall: Wall,
    /// What its program listens to.
    #[cfg(unix)]
    pub(super) ears: Ears,
    /// The simulation runs until the programs of all clients have ended.
    pub(super) is_client: bool,
    make: Make,
    /// The line of the test that added it.
    at: &'static Location<'static>,
    running: Option<Running>,
    /// How often it was started.
    lives: u32,
    /// What was recorded of the lives before the last crash, the last ones.
    past: VecDeque<Recording>,
    seed: u64,
    /// The seed of the whole simulation.
    all_chance: u64,
    /// The program has ended, and has not failed.
    has_ended: bool,
    /// How many faults have the host down.
    pub(super) downs: u32,
}

/// While it lives, what this thread makes belongs to one host.
struct Here {
    _network: During<simulated::Host>,
    _disk: During<Disk>,
    _wall: During<Wall>,
    #[cfg(unix)]
    _ears: During<Ears>,
}

/// A program while its host is up.
struct Running {
    runtime: Runtime,
    /// The simulated time at which the runtime was built.
    since: Duration,
    /// How far its clock is ahead of the simulated time.
    ahead: Duration,
    program: Option<JoinHandle<Result>>,
    /// When it wants to run again.
    until: Option<Duration>,
    /// What is recorded besides its events, if they are.
    noted: Option<Noted>,
}

impl Host {
    #[track_caller]
    pub(super) fn new(
        network: &Rc<Network>,
        (seed, disk): (u64, &Settings),
        name: &str,
        is_client: bool,
        make: Make,
    ) -> Host {
        let all_chance = seed;
        let id = network.add_host(name);
        let network = Rc::clone(network);
        let seed = network.below(u64::MAX);
        let disk = Disk::new(seed ^ DISK, disk.clone());
        disk.advance(network.now());
        Host {
            name: name.to_owned(),
            place: simulated::Host { network, id },
            disk,
            wall: Wall::default(),
            #[cfg(unix)]
            ears: Ears::default(),
            is_client,
            make,
            at: Location::caller(),
            running: None,
            lives: 0,
            past: VecDeque::new(),
            seed,
            all_chance,
            has_ended: false,
            downs: 0,
        }
    }

    pub(super) fn id(&self) -> HostId {
        self.place.id
    }

    /// What this thread makes belongs to this host, for as long as the returned value lives.
    fn enter(&self) -> Here {
        Here {
            _network: self.place.run(),
            _disk: self.disk.run(),
            _wall: self.wall.run(),
            #[cfg(unix)]
            _ears: self.ears.run(),
        }
    }

    /// Starts the program, in a new runtime, if it is not running.
    pub(super) fn start(&mut self, record: Option<usize>) -> io::Result<()> {
        if self.running.is_some() {
            return Ok(());
        }
        self.seed = self.seed.wrapping_add(1);
        let mut builder = Builder::new_current_thread();
        let builder = builder.enable_all().start_paused(true).rng_seed(self.seed);
        // Its network answers oddly, if it is asked to, and not the machine.
        builder.odd_answers(0.0);
        let runtime = builder.build()?;
        let (name, network) = ((&*self.name, self.id()), &self.place.network);
        let life = (self.all_chance, self.lives);
        let noted = record.map(|capacity| Noted::begin(name, life, network, &runtime, capacity));
        self.lives += 1;
        self.wall.start(self.place.network.now(), runtime.clock());
        let _here = self.enter();
        let mut running = Running {
            runtime,
            since: self.place.network.now(),
            ahead: Duration::ZERO,
            program: None,
            until: None,
            noted,
        };
        running.note_run(&self.place);
        let program = (self.make)().map(|program| running.runtime.spawn_at(program, self.at));
        running.program = program;
        self.running = Some(running);
        Ok(())
    }

    /// The program dies where it is. Its connections are reset, and the disk loses what was not synced.
    pub(super) fn crash(&mut self) {
        self.place.network.crash(self.id());
        let _here = self.enter();
        let Some(mut running) = self.running.take() else {
            return;
        };
        if let Some(noted) = running.noted.take() {
            self.past.truncate(PAST - 1);
            self.past
                .push_front(noted.crashed(&self.place.network, &running.runtime));
        }
        drop(running);
        self.disk.crash();
    }

    /// What was recorded of each life, the last one first.
    pub(super) fn recordings(&self) -> impl Iterator<Item = Recording> {
        let running = self.running.as_ref();
        let present = running.and_then(|it| Some(it.noted.as_ref()?.recording(&it.runtime)));
        present.into_iter().chain(self.past.iter().cloned())
    }

    /// Runs until nothing is left to do at this moment. Returns whether anything was done.
    pub(super) fn run(&mut self) -> std::result::Result<bool, Reason> {
        let _here = self.enter();
        let Some(running) = &mut self.running else {
            return Ok(false);
        };
        running.note_run(&self.place);
        running
            .runtime
            .tell(self.place.network.take_news(self.place.id));
        for steps in 0..STEPS {
            if let Step::WouldPark { until } = running.runtime.step() {
                running.note_clock(self.place.network.now());
                let until = until.map(|until| running.runtime.since_start(until));
                running.until =
                    until.map(|until| running.since + until.saturating_sub(running.ahead));
                return Ok(steps > 0);
            }
        }
        Err(Reason::Busy(self.name.clone()))
    }

    /// Whether the program has ended; an error if it has failed. A client that was down before its end has not.
    pub(super) fn ended(&mut self) -> std::result::Result<bool, Reason> {
        let program = self
            .running
            .as_mut()
            .and_then(|running| running.program.as_mut());
        let Some(program) = program else {
            return Ok(self.has_ended);
        };
        let mut cx = Context::from_waker(Waker::noop());
        let Poll::Ready(result) = coop::unconstrained(|| Pin::new(program).poll(&mut cx)) else {
            return Ok(false);
        };
        if let Some(running) = &mut self.running {
            running.program = None;
        }
        match result {
            Ok(Ok(())) => self.has_ended = true,
            Ok(Err(error)) => return Err(Reason::Error(self.name.clone(), error)),
            Err(error) => {
                let text = error.message().unwrap_or_else(|| error.to_string());
                return Err(Reason::Panic(self.name.clone(), text));
            }
        }
        Ok(true)
    }

    /// When the host wants to run again.
    pub(super) fn until(&self) -> Option<Duration> {
        self.running.as_ref().and_then(|running| running.until)
    }

    /// Moves the host's clock to this simulated time.
    pub(super) fn move_clock(&mut self, now: Duration) {
        if let Some(running) = &mut self.running {
            running.note_run(&self.place);
            let time = now.saturating_sub(running.since) + running.ahead;
            running.runtime.move_clock(time);
        }
    }

    /// The host's clock jumps ahead.
    pub(super) fn jump(&mut self, by: Duration) {
        if let Some(running) = &mut self.running {
            running.ahead += by;
        }
        self.move_clock(self.place.network.now());
    }

    /// Tells in the recording, if there is one, that a fault begins or ends.
    pub(super) fn mark_fault(&self, number: u64, what: Mark, text: impl FnOnce() -> String) {
        if let Some(running) = &self.running {
            let _here = self.enter();
            let _inside = running.runtime.enter();
            trace::mark("fault", number, what, text);
        }
    }

    /// Whether it has work on another thread.
    pub(super) fn has_jobs(&self) -> bool {
        let has_jobs = |it: &Running| it.runtime.jobs() > self.disk.calls();
        self.running.as_ref().is_some_and(has_jobs)
    }

    /// Waits for its work on another thread.
    pub(super) fn wait_for_jobs(&self) {
        if let Some(running) = &self.running {
            running.runtime.park(None);
        }
    }

    pub(super) fn runtime(&self) -> Option<&Runtime> {
        self.running.as_ref().map(|running| &running.runtime)
    }
}

impl Running {
    /// The simulation runs it, or moves its clock.
    fn note_run(&mut self, place: &simulated::Host) {
        if let Some(noted) = &mut self.noted {
            noted.run(place.id, &place.network, &self.runtime);
        }
    }

    /// The program may have moved its clock (`time::advance`): then the clock is ahead.
    fn note_clock(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.since);
        let ahead = self.runtime.elapsed().saturating_sub(passed);
        self.ahead = self.ahead.max(ahead);
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // What is dropped closes its sockets, as part of this host. The calls that are on their way to the disk hold it.
        let _here = self.enter();
        drop(self.running.take());
        self.disk.crash();
    }
}
