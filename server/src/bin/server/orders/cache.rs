//! Orders that were asked for lately: so many at most, and each for a few seconds.
//!
//! How it can go wrong: an order changes while it is being read. The old state was read, the entry is
//! dropped, and then the reader puts the old state in. So a reader begins with a [`Fill`], and a
//! change spoils all fills of that order: what they read is answered, but not kept.
//!
//! Another process on the same database does not know of this cache. What it changes is seen here when
//! the entry is too old. That is the price of a cache in memory, and why [`LIFE`] is short.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::time::Duration;

use runtime::time::Instant;

use super::order::Order;

/// How many orders are kept.
const MOST: usize = 1000;

/// How long one is kept.
pub(crate) const LIFE: Duration = Duration::from_secs(5);

#[derive(Default)]
pub(crate) struct Cache {
    kept: RefCell<Kept>,
    /// Orders that are being read now, and whether they have changed since.
    fills: RefCell<HashMap<i64, Rc<Cell<bool>>>>,
}

#[derive(Default)]
struct Kept {
    orders: HashMap<i64, Entry>,
    /// The orders' numbers in the order in which they came, which is that in which they become old.
    ages: BTreeMap<u64, i64>,
    next: u64,
}

struct Entry {
    order: Order,
    since: Instant,
    age: u64,
}

/// An order is being read.
pub(crate) struct Fill<'a> {
    cache: &'a Cache,
    id: i64,
    is_spoilt: Rc<Cell<bool>>,
}

impl Cache {
    pub(crate) fn get(&self, id: i64) -> Option<Order> {
        let mut kept = self.kept.borrow_mut();
        let entry = kept.orders.get(&id)?;
        if entry.since.elapsed() >= LIFE {
            kept.remove(id);
            return None;
        }
        Some(entry.order.clone())
    }

    /// Call it before the database is asked.
    pub(crate) fn begin(&self, id: i64) -> Fill<'_> {
        let is_spoilt = self.fills.borrow_mut().entry(id).or_default().clone();
        Fill {
            cache: self,
            id,
            is_spoilt,
        }
    }

    /// The order has changed. Call it when the change is in the database.
    pub(crate) fn drop_entry(&self, id: i64) {
        self.kept.borrow_mut().remove(id);
        if let Some(is_spoilt) = self.fills.borrow_mut().remove(&id) {
            is_spoilt.set(true);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.kept.borrow().orders.len()
    }
}

impl Fill<'_> {
    /// Keeps what was read, unless the order has changed meanwhile.
    pub(crate) fn keep(self, order: &Order) {
        if !self.is_spoilt.get() {
            self.cache.kept.borrow_mut().insert(order.clone());
        }
    }
}

impl Drop for Fill<'_> {
    fn drop(&mut self) {
        let mut fills = self.cache.fills.borrow_mut();
        // The map's handle and this one: nothing else reads this order.
        let is_last =
            |it: &Rc<Cell<bool>>| Rc::ptr_eq(it, &self.is_spoilt) && Rc::strong_count(it) == 2;
        if fills.get(&self.id).is_some_and(is_last) {
            fills.remove(&self.id);
        }
    }
}

impl Kept {
    fn insert(&mut self, order: Order) {
        let id = order.id;
        self.remove(id);
        let (age, since) = (self.next, Instant::now());
        self.next += 1;
        self.ages.insert(age, id);
        self.orders.insert(id, Entry { order, since, age });
        if self.orders.len() > MOST {
            let oldest = self.ages.values().next().copied();
            oldest.into_iter().for_each(|id| self.remove(id));
        }
    }

    fn remove(&mut self, id: i64) {
        if let Some(entry) = self.orders.remove(&id) {
            self.ages.remove(&entry.age);
        }
    }
}

#[cfg(test)]
mod tests {
    use runtime::time::sleep;

    use super::*;

    fn order(id: i64) -> Order {
        Order::example(id, "Ada")
    }

    #[runtime::test(start_paused = true)]
    async fn an_order_is_kept_for_five_seconds_and_a_thousand_at_most() {
        let cache = Cache::default();
        for id in 0..1001 {
            cache.begin(id).keep(&order(id));
        }
        assert_eq!(cache.len(), MOST);
        assert_eq!(cache.get(0), None, "the oldest one made room");
        assert_eq!(cache.get(1), Some(order(1)));
        sleep(LIFE - Duration::from_millis(1)).await;
        assert_eq!(cache.get(1000), Some(order(1000)));
        sleep(Duration::from_millis(1)).await;
        assert_eq!(cache.get(1000), None);
        assert_eq!(cache.len(), MOST - 1);
    }

    #[runtime::test(start_paused = true)]
    async fn what_was_read_before_a_change_is_not_kept_after_it() {
        let cache = Cache::default();
        let (early, also_early) = (cache.begin(1), cache.begin(1));
        cache.drop_entry(1);
        let late = cache.begin(1);
        early.keep(&order(1));
        assert_eq!(cache.get(1), None);
        late.keep(&order(1));
        assert!(cache.get(1).is_some());
        cache.drop_entry(1);
        also_early.keep(&order(1));
        assert_eq!(cache.get(1), None);
    }

    #[runtime::test(start_paused = true)]
    async fn a_reader_that_leaves_leaves_nothing_behind() {
        let cache = Cache::default();
        let (one, other) = (cache.begin(1), cache.begin(1));
        drop(one);
        assert_eq!(cache.fills.borrow().len(), 1);
        cache.drop_entry(1);
        drop(other);
        drop(cache.begin(2));
        assert!(cache.fills.borrow().is_empty());
        assert_eq!(cache.kept.borrow().ages.len(), 0);
    }
}
