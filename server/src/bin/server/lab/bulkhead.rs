//! A bulkhead of two priorities: calls that can wait never take all the places.
//!
//! A ship has walls inside, so that one leak does not sink it. A service has a limit for each kind of
//! call, so that one kind does not take all there is. Here both kinds share the places, but calls of
//! low priority first need a place among their own kind, of which there are fewer. So some places
//! are always left for high priority, and when that is quiet, low priority still gets on.
//!
//! How it can go wrong: low priority that gets *all* that is free. Then a call of high priority waits
//! until a slow call of low priority ends. The share of low priority is smaller than the whole.

use super::count::{Count, Counted};
use super::slots::{Slot, Slots};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Priority {
    High,
    Low,
}

/// Places, and how many of them low priority may have.
pub(crate) struct Bulkhead {
    places: Slots,
    low_share: Slots,
    high: Lane,
    low: Lane,
    max_waiting: usize,
}

/// Who is where, of one priority.
#[derive(Default)]
struct Lane {
    waiting: Count,
    running: Count,
}

/// The queue of this priority is full.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// A place in use. Dropping it makes it free.
pub(crate) struct Place<'a> {
    _running: Counted<'a>,
    _place: Slot<'a>,
    _share: Option<Slot<'a>>,
}

impl Bulkhead {
    /// `low` places at most are for low priority, fewer than `places`. So many of each priority may
    /// wait.
    pub(crate) fn new(places: usize, low: usize, max_waiting: usize) -> Self {
        Bulkhead {
            places: Slots::new(places),
            low_share: Slots::new(low.min(places - 1)),
            high: Lane::default(),
            low: Lane::default(),
            max_waiting,
        }
    }

    /// A place. Low priority waits among its own first: so the common queue holds no more of
    /// it than its share. Cancel safe.
    pub(crate) async fn enter(&self, priority: Priority) -> Result<Place<'_>, Full> {
        let lane = self.lane(priority);
        if lane.waiting.get() >= self.max_waiting {
            return Err(Full);
        }
        let _waits = lane.waiting.begin();
        let share = match priority {
            Priority::Low => Some(self.low_share.acquire().await),
            Priority::High => None,
        };
        let place = self.places.acquire().await;
        Ok(Place {
            _running: lane.running.begin(),
            _place: place,
            _share: share,
        })
    }

    /// Changes the share of low priority.
    pub(crate) fn set_low(&self, low: usize) {
        self.low_share.resize(low.min(self.places() - 1));
    }

    pub(crate) fn places(&self) -> usize {
        self.places.size()
    }

    pub(crate) fn low(&self) -> usize {
        self.low_share.size()
    }

    pub(crate) fn running(&self, priority: Priority) -> usize {
        self.lane(priority).running.get()
    }

    pub(crate) fn waiting(&self, priority: Priority) -> usize {
        self.lane(priority).waiting.get()
    }

    fn lane(&self, priority: Priority) -> &Lane {
        match priority {
            Priority::High => &self.high,
            Priority::Low => &self.low,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use futures_lite::future::poll_once;
    use runtime::task::JoinSet;
    use runtime::time::{Duration, Instant, sleep};

    #[runtime::test(start_paused = true)]
    async fn a_crowd_of_low_priority_does_not_keep_high_priority_waiting() {
        let bulkhead = Rc::new(Bulkhead::new(3, 2, 20));
        let mut crowd = JoinSet::new();
        for _ in 0..20 {
            let bulkhead = bulkhead.clone();
            crowd.spawn(async move {
                let _place = bulkhead.enter(Priority::Low).await.expect("20 may wait");
                sleep(Duration::from_secs(1)).await;
            });
        }
        sleep(Duration::from_millis(250)).await;
        for _ in 0..5 {
            sleep(Duration::from_millis(500)).await;
            assert_eq!(bulkhead.running(Priority::Low), 2);
            let begun = Instant::now();
            drop(bulkhead.enter(Priority::High).await.expect("none waits"));
            assert_eq!(begun.elapsed(), Duration::ZERO);
        }
        crowd.join_all().await;
        assert_eq!(bulkhead.running(Priority::Low), 0);
    }

    #[runtime::test]
    async fn low_priority_gets_on_when_high_priority_takes_what_is_left() {
        let bulkhead = Bulkhead::new(2, 1, 2);
        let high = bulkhead.enter(Priority::High).await.unwrap();
        let _second = bulkhead.enter(Priority::High).await.unwrap();
        let mut low = Box::pin(bulkhead.enter(Priority::Low));
        let mut third = Box::pin(bulkhead.enter(Priority::High));
        assert!(poll_once(&mut low).await.is_none());
        assert!(poll_once(&mut third).await.is_none());
        drop(high);
        assert!(poll_once(&mut third).await.is_none(), "it came later");
        assert!(poll_once(&mut low).await.is_some());
    }

    #[runtime::test]
    async fn each_priority_has_a_queue_that_ends_and_a_dropped_caller_leaves_nothing() {
        let bulkhead = Bulkhead::new(2, 1, 1);
        let first = bulkhead.enter(Priority::Low).await.unwrap();
        {
            let mut waits = Box::pin(bulkhead.enter(Priority::Low));
            assert!(poll_once(&mut waits).await.is_none());
            assert!(bulkhead.enter(Priority::Low).await.is_err());
            assert!(bulkhead.enter(Priority::High).await.is_ok());
        }
        assert_eq!(bulkhead.waiting(Priority::Low), 0);
        drop(first);
        assert!(bulkhead.enter(Priority::Low).await.is_ok());
        assert_eq!(bulkhead.running(Priority::Low), 0);
    }

    #[runtime::test]
    async fn low_priority_can_never_be_given_the_last_place() {
        let bulkhead = Bulkhead::new(3, 9, 9);
        assert_eq!(bulkhead.low(), 2);
        bulkhead.set_low(3);
        assert_eq!(bulkhead.low(), 2);
        bulkhead.set_low(1);
        let _one = bulkhead.enter(Priority::Low).await.unwrap();
        let mut two = Box::pin(bulkhead.enter(Priority::Low));
        assert!(poll_once(&mut two).await.is_none());
        bulkhead.set_low(2);
        assert!(poll_once(&mut two).await.is_some());
    }
}
