//! Values of one request that belong to this thread.
//!
//! The extensions of a request, a map from types to values, are the `http` crate's, and it asks
//! for values that are `Send + Sync`. An `Rc` is neither, and neither is a connection that is
//! handed over. So the extensions hold a *ticket*, which is a number, and the values lie in a
//! slab of this thread under that number.
//!
//! ```text
//!   request.extensions ──▶ Ticket(7) ─ ─ ─ ▶ slab[7]: TypeId ──▶ Rc<dyn Any>
//!                          Send + Sync         this thread's
//! ```
//!
//! The ticket is made when the first value comes, so a request without one costs nothing. Clones
//! of a request's parts share the ticket. When the last clone is dropped, so are the values.
//!
//! How it can go wrong: the last clone is dropped on another thread, which must not touch the
//! values. It notes the number in a list, and the owner drops the values when it makes its next
//! ticket.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::Extensions;
use slab::Slab;

/// What lies under one number.
type Values = Vec<(TypeId, Rc<dyn Any>)>;

thread_local! {
    static SLAB: Owner = Owner::default();
}

/// The values of this thread's requests.
#[derive(Default)]
struct Owner {
    home: Arc<Home>,
    slab: RefCell<Slab<Values>>,
}

/// Where a ticket comes from, as far as other threads may see it.
#[derive(Default)]
struct Home {
    /// Numbers of tickets that other threads have dropped.
    dropped: Mutex<Vec<usize>>,
    has_dropped: AtomicBool,
}

/// What a request's extensions hold.
#[derive(Clone)]
struct Ticket(Arc<Stub>);

struct Stub {
    key: usize,
    home: Arc<Home>,
}

impl Drop for Stub {
    fn drop(&mut self) {
        // A thread that ends may have lost its slab; then the values are gone as well.
        let owned = SLAB.try_with(|owner| {
            let is_home = Arc::ptr_eq(&owner.home, &self.home);
            is_home.then(|| owner.slab.borrow_mut().try_remove(self.key))
        });
        match owned {
            // The values are dropped here, with nothing borrowed.
            Ok(Some(values)) => drop(values),
            Ok(None) | Err(_) => self.home.note(self.key),
        }
    }
}

impl Home {
    fn note(&self, key: usize) {
        let mut dropped = self.dropped.lock().unwrap_or_else(PoisonError::into_inner);
        dropped.push(key);
        self.has_dropped.store(true, Ordering::Release);
    }

    fn take_dropped(&self) -> Vec<usize> {
        if !self.has_dropped.swap(false, Ordering::Acquire) {
            return Vec::new();
        }
        let mut dropped = self.dropped.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut dropped)
    }
}

impl Owner {
    /// A new ticket, without values.
    fn ticket(&self) -> Ticket {
        let dropped = self.home.take_dropped();
        let mut slab = self.slab.borrow_mut();
        let old: Vec<_> = dropped
            .into_iter()
            .filter_map(|key| slab.try_remove(key))
            .collect();
        let key = slab.insert(Values::new());
        drop(slab);
        drop(old);
        let home = self.home.clone();
        Ticket(Arc::new(Stub { key, home }))
    }

    fn with_values<R>(&self, ticket: &Ticket, look: impl FnOnce(&mut Values) -> R) -> Option<R> {
        if !Arc::ptr_eq(&self.home, &ticket.0.home) {
            return None;
        }
        self.slab.borrow_mut().get_mut(ticket.0.key).map(look)
    }
}

/// Puts a value beside the request; the one of the same type that was there is returned.
pub(crate) fn insert<T: 'static>(extensions: &mut Extensions, value: T) -> Option<Rc<T>> {
    let (kind, value) = (TypeId::of::<T>(), Rc::new(value) as Rc<dyn Any>);
    let old = SLAB.with(|owner| {
        let ticket = match extensions.get::<Ticket>() {
            Some(ticket) if Arc::ptr_eq(&ticket.0.home, &owner.home) => ticket.clone(),
            _ => {
                let ticket = owner.ticket();
                extensions.insert(ticket.clone());
                ticket
            }
        };
        owner.with_values(&ticket, |values| {
            let old = take(values, kind);
            values.push((kind, value));
            old
        })
    });
    old.flatten().and_then(|old| old.downcast().ok())
}

/// The value of this type beside the request.
pub(crate) fn get<T: 'static>(extensions: &Extensions) -> Option<Rc<T>> {
    let ticket = extensions.get::<Ticket>()?;
    let found = SLAB.with(|owner| {
        owner.with_values(ticket, |values| {
            let mut all = values.iter();
            let found = all.find(|(kind, _)| *kind == TypeId::of::<T>());
            found.map(|(_, value)| value.clone())
        })
    });
    found.flatten()?.downcast().ok()
}

/// Takes the value of this type away.
pub(crate) fn remove<T: 'static>(extensions: &Extensions) -> Option<Rc<T>> {
    let ticket = extensions.get::<Ticket>()?;
    let taken =
        SLAB.with(|owner| owner.with_values(ticket, |values| take(values, TypeId::of::<T>())));
    taken.flatten()?.downcast().ok()
}

fn take(values: &mut Values, kind: TypeId) -> Option<Rc<dyn Any>> {
    let at = values.iter().position(|(other, _)| *other == kind)?;
    Some(values.swap_remove(at).1)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::thread;

    use super::*;

    fn kept() -> usize {
        SLAB.with(|owner| owner.slab.borrow().len())
    }

    #[test]
    fn a_value_lives_as_long_as_the_last_clone_of_its_request() {
        let value = Rc::new(7);
        let mut first = Extensions::new();
        assert!(insert(&mut first, value.clone()).is_none());
        let second = first.clone();
        drop(first);
        assert_eq!(get::<Rc<i32>>(&second).as_deref(), Some(&value));
        assert_eq!(Rc::strong_count(&value), 2);
        drop(second);
        assert_eq!((Rc::strong_count(&value), kept()), (1, 0));
    }

    #[test]
    fn there_is_one_value_of_each_type() {
        let mut extensions = Extensions::new();
        insert(&mut extensions, 1_u8);
        insert(&mut extensions, 'x');
        assert_eq!(insert(&mut extensions, 2_u8).as_deref(), Some(&1));
        assert_eq!(get::<u8>(&extensions).as_deref(), Some(&2));
        assert_eq!(remove::<u8>(&extensions).as_deref(), Some(&2));
        assert!(get::<u8>(&extensions).is_none());
        assert_eq!(get::<char>(&extensions).as_deref(), Some(&'x'));
    }

    #[test]
    fn another_thread_sees_no_value_and_its_drop_is_made_up_for() {
        let value = Rc::new(());
        let mut extensions = Extensions::new();
        insert(&mut extensions, value.clone());
        let seen = thread::spawn(move || get::<Rc<()>>(&extensions).is_some());
        assert!(!seen.join().unwrap());
        assert_eq!(Rc::strong_count(&value), 2, "not dropped over there");
        insert(&mut Extensions::new(), ());
        assert_eq!(Rc::strong_count(&value), 1);
    }

    #[test]
    fn a_value_may_use_the_slab_while_it_is_dropped() {
        struct Uses(Rc<Cell<bool>>);
        impl Drop for Uses {
            fn drop(&mut self) {
                insert(&mut Extensions::new(), 1_u8);
                self.0.set(true);
            }
        }
        let dropped = Rc::new(Cell::new(false));
        let mut extensions = Extensions::new();
        insert(&mut extensions, Uses(dropped.clone()));
        insert(&mut extensions, Uses(dropped.clone()));
        assert!(dropped.take(), "replaced");
        drop(extensions);
        assert!(dropped.get());
    }
}
