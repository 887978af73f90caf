//! Timers, beside an ordered map.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

use runtime::runtime::Builder;
use runtime::time::{Duration, Instant, Sleep, advance, sleep_until};

use crate::choices::Choices;

const MOST_STEPS: usize = 200;

/// The bytes are a program: it sets timers, moves them, drops them and advances the clock.
///
/// A timer fires when the clock has reached its millisecond, not before; timers of one
/// millisecond fire in the order in which they were set; one that was dropped never fires.
///
/// # Panics
///
/// If one of this does not hold.
pub fn timers(data: &[u8]) {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let mut both = Both::new();
        let mut choices = Choices::new(data);
        for _ in 0..MOST_STEPS {
            if choices.is_empty() {
                break;
            }
            both.step(&mut choices).await;
        }
        both.compare();
    });
}

/// Who was woken.
type Log = Arc<Mutex<Vec<usize>>>;

struct Bell {
    number: usize,
    log: Log,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.log.lock().expect("no panic").push(self.number);
    }
}

struct Timer {
    number: usize,
    sleep: Pin<Box<Sleep>>,
    /// Where it stands in the map, until it fires.
    place: Option<(u64, usize)>,
}

/// The machine and the map, side by side. Times are milliseconds since the start.
struct Both {
    start: Instant,
    now: u64,
    made: usize,
    set: usize,
    timers: Vec<Timer>,
    map: BTreeMap<(u64, usize), usize>,
    log: Log,
    expected: Vec<usize>,
}

impl Both {
    fn new() -> Self {
        Both {
            start: Instant::now(),
            now: 0,
            made: 0,
            set: 0,
            timers: Vec::new(),
            map: BTreeMap::new(),
            log: Log::default(),
            expected: Vec::new(),
        }
    }

    async fn step(&mut self, choices: &mut Choices<'_>) {
        match choices.below(6) {
            0 | 1 => self.set(choices),
            2 if !self.timers.is_empty() => self.reset(choices),
            3 if !self.timers.is_empty() => self.drop(choices),
            _ => self.advance(distance(choices)).await,
        }
    }

    fn set(&mut self, choices: &mut Choices<'_>) {
        let tick = self.now + distance(choices);
        let sleep = Box::pin(sleep_until(self.at(tick)));
        let number = self.made;
        self.made += 1;
        self.timers.push(Timer {
            number,
            sleep,
            place: None,
        });
        self.wait(self.timers.len() - 1, tick);
    }

    fn reset(&mut self, choices: &mut Choices<'_>) {
        let which = choices.below(self.timers.len().min(256));
        let tick = self.now + distance(choices);
        let deadline = self.at(tick);
        let timer = &mut self.timers[which];
        timer.sleep.as_mut().reset(deadline);
        if let Some(place) = timer.place.take() {
            self.map.remove(&place);
        }
        self.wait(which, tick);
    }

    /// Polls the timer, which so gets its place and its waker.
    fn wait(&mut self, which: usize, tick: u64) {
        let timer = &mut self.timers[which];
        let waker = Waker::from(Arc::new(Bell {
            number: timer.number,
            log: self.log.clone(),
        }));
        let poll = timer.sleep.as_mut().poll(&mut Context::from_waker(&waker));
        assert_eq!(poll.is_ready(), tick <= self.now, "polled at {}", self.now);
        if poll.is_pending() {
            let place = (tick, self.set);
            self.set += 1;
            timer.place = Some(place);
            self.map.insert(place, timer.number);
        }
    }

    fn drop(&mut self, choices: &mut Choices<'_>) {
        let which = choices.below(self.timers.len().min(256));
        let gone = self.timers.swap_remove(which);
        if let Some(place) = gone.place {
            self.map.remove(&place);
        }
    }

    async fn advance(&mut self, by: u64) {
        advance(Duration::from_millis(by)).await;
        self.now += by;
        let later = self.map.split_off(&(self.now + 1, 0));
        let due = std::mem::replace(&mut self.map, later);
        self.expected.extend(due.into_values());
        for timer in &mut self.timers {
            timer.place = timer.place.filter(|place| place.0 > self.now);
        }
        self.compare();
    }

    fn at(&self, tick: u64) -> Instant {
        self.start + Duration::from_millis(tick)
    }

    /// After each advance and at the end: only the clock makes a timer fire.
    fn compare(&self) {
        assert_eq!(*self.log.lock().expect("no panic"), self.expected);
        for timer in &self.timers {
            let fired = timer.sleep.is_elapsed();
            assert_eq!(fired, timer.place.is_none(), "timer {}", timer.number);
        }
    }
}

/// Milliseconds: of every size, many of them where a level of the wheel ends.
fn distance(choices: &mut Choices<'_>) -> u64 {
    let level = choices.below(6);
    let any = u64::from(choices.byte()) << (6 * level) >> 2;
    match choices.below(4) {
        0 => any,
        1 => (1 << (6 * level)) - 1,
        2 => 1 << (6 * level),
        _ => u64::from(choices.byte()),
    }
}
