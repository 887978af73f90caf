//! What answers requests.
//!
//! A connection knows one thing about the program above it: it can be called with a request
//! and gives a future of a response. That is a [`Service`]. Every function of this shape is
//! one, and so is a router.
//!
//! A router holds services of many types in one list. So it keeps them *erased*, behind a
//! pointer ([`Erased`]), and gets their futures behind a pointer too ([`Running`]). The box of
//! such a future is used again for the next request to the same service: a request costs no
//! allocation.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use http::{Request, Response};
use pin_project_lite::pin_project;

use crate::body::Body;

/// A function from a request to a future of a response.
///
/// ```
/// use http::{Request, Response};
/// use server::{Body, Service};
///
/// fn takes_a_service(_: impl Service) {}
///
/// takes_a_service(|request: Request<Body>| async move {
///     Response::new(Body::from(request.uri().to_string()))
/// });
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not answer requests",
    label = "this is no service",
    note = "a `Router` is one as soon as it has its state: `.with_state(state)`",
    note = "a function from a `Request<Body>` to a future of a `Response<Body>` is one too"
)]
pub trait Service: 'static {
    /// The answer under way.
    type Future: Future<Output = Response<Body>> + 'static;

    /// Begins to answer `request`. Nothing happens before the future is polled, and the
    /// connection drops it when the client has gone. Its example is [`Service`]'s.
    fn call(&self, request: Request<Body>) -> Self::Future;

    /// What the author should know before the service is served, a line each.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }
}

#[diagnostic::do_not_recommend]
impl<F, Fut> Service for F
where
    F: Fn(Request<Body>) -> Fut + 'static,
    Fut: Future<Output = Response<Body>> + 'static,
{
    type Future = Fut;

    fn call(&self, request: Request<Body>) -> Fut {
        self(request)
    }
}

/// A service without its type: a function from a request to a future of `T`.
pub(crate) struct Erased<T>(Rc<dyn Call<T>>);

/// What is left of a service's type.
trait Call<T> {
    fn call(&self, request: Request<Body>) -> Running<T>;
}

impl<T: 'static> Erased<T> {
    /// Erases `function`.
    pub(crate) fn new<F, Fut>(function: F) -> Self
    where
        F: Fn(Request<Body>) -> Fut + 'static,
        Fut: Future<Output = T> + 'static,
    {
        Erased(Rc::new(Pooled {
            function,
            pool: Rc::default(),
        }))
    }

    /// Begins to answer `request`.
    pub(crate) fn call(&self, request: Request<Body>) -> Running<T> {
        self.0.call(request)
    }
}

impl<T> Clone for Erased<T> {
    fn clone(&self) -> Self {
        Erased(self.0.clone())
    }
}

impl<T> fmt::Debug for Erased<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Erased").finish_non_exhaustive()
    }
}

/// A function, and boxes for the futures that it makes.
struct Pooled<F, Fut> {
    function: F,
    pool: Rc<Pool<Fut>>,
}

/// Boxes without a future in them.
struct Pool<Fut> {
    free: RefCell<Vec<Pin<Box<Slot<Fut>>>>>,
}

/// Boxes that a pool keeps. A handler that is ready at its first poll needs one; the others
/// are for handlers that wait.
const KEPT: usize = 8;

/// Bytes of the largest future whose box is kept.
const LARGEST: usize = 4096;

impl<Fut> Default for Pool<Fut> {
    fn default() -> Self {
        Pool {
            free: RefCell::new(Vec::new()),
        }
    }
}

pin_project! {
    /// A box's content: a future under way and the pool that the box goes back to; or
    /// neither, in the pool. (A box in the pool that knew the pool would keep it alive.)
    struct Slot<Fut> {
        #[pin]
        future: Option<Fut>,
        pool: Option<Rc<Pool<Fut>>>,
    }
}

impl<F, Fut, T> Call<T> for Pooled<F, Fut>
where
    F: Fn(Request<Body>) -> Fut,
    Fut: Future<Output = T> + 'static,
    T: 'static,
{
    fn call(&self, request: Request<Body>) -> Running<T> {
        let future = (self.function)(request);
        let pool = Some(self.pool.clone());
        let free = self.pool.free.borrow_mut().pop();
        let slot = match free {
            Some(mut slot) => {
                let mut place = slot.as_mut().project();
                place.future.set(Some(future));
                *place.pool = pool;
                slot
            }
            None => Box::pin(Slot {
                future: Some(future),
                pool,
            }),
        };
        Running(Some(slot))
    }
}

/// A boxed future that can give its box back.
trait Recycle<T> {
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T>;

    /// Drops the future and gives the box back to its pool.
    fn recycle(self: Pin<Box<Self>>);
}

impl<Fut, T> Recycle<T> for Slot<Fut>
where
    Fut: Future<Output = T>,
{
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let future = self.project().future.as_pin_mut();
        future
            .expect("a box outside its pool holds a future")
            .poll(cx)
    }

    fn recycle(mut self: Pin<Box<Self>>) {
        let mut place = self.as_mut().project();
        // The future's destructor is the user's code: it runs before the pool is borrowed.
        place.future.set(None);
        let Some(pool) = place.pool.take() else {
            return;
        };
        if size_of::<Fut>() > LARGEST {
            return;
        }
        let mut free = pool.free.borrow_mut();
        if free.len() < KEPT {
            free.push(self);
        }
    }
}

/// The future of an [`Erased`] service. Its box goes back to the service's pool when the
/// future is dropped.
pub(crate) struct Running<T: 'static>(Option<Pin<Box<dyn Recycle<T>>>>);

impl<T: 'static> Running<T> {
    /// A future in a box of its own, which goes back to no pool.
    pub(crate) fn boxed(future: impl Future<Output = T> + 'static) -> Self {
        Running(Some(Box::pin(Slot {
            future: Some(future),
            pool: None,
        })))
    }
}

impl<T> Future for Running<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let slot = self.0.as_mut().expect("taken by drop alone");
        slot.as_mut().poll(cx)
    }
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        if let Some(slot) = self.0.take() {
            slot.recycle();
        }
    }
}

impl<T> fmt::Debug for Running<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::{pending, poll_fn, ready};
    use std::task::Waker;

    use super::*;

    fn request() -> Request<Body> {
        Request::new(Body::empty())
    }

    fn poll<T>(running: &mut Running<T>) -> Poll<T> {
        Pin::new(running).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn the_box_of_a_future_is_used_again() {
        let made = Rc::new(RefCell::new(Vec::new()));
        let seen = made.clone();
        let service = Erased::new(move |_| {
            let seen = seen.clone();
            let mut state = [0_u8; 32];
            poll_fn(move |_| {
                // The state lies in the future, so its address tells the box.
                state[0] += 1;
                seen.borrow_mut().push(std::ptr::from_ref(&state).addr());
                Poll::Ready(())
            })
        });
        for _ in 0..3 {
            assert!(poll(&mut service.call(request())).is_ready());
        }
        let made = made.borrow();
        assert_eq!((made[0], made[0]), (made[1], made[2]));
    }

    #[test]
    fn two_futures_at_once_have_a_box_each() {
        let service = Erased::new(|_| pending::<()>());
        let (mut first, mut second) = (service.call(request()), service.call(request()));
        assert!(poll(&mut first).is_pending() && poll(&mut second).is_pending());
    }

    #[test]
    fn a_future_may_call_its_service_while_it_is_dropped() {
        struct Calls(Rc<RefCell<Option<Erased<()>>>>, Rc<Cell<u32>>);
        impl Drop for Calls {
            fn drop(&mut self) {
                self.1.set(self.1.get() + 1);
                if self.1.get() < 3 {
                    let service = self.0.borrow().clone().unwrap();
                    drop(service.call(request()));
                }
            }
        }
        let (place, drops) = (Rc::new(RefCell::new(None)), Rc::new(Cell::new(0)));
        let (inner, counter) = (place.clone(), drops.clone());
        let service = Erased::new(move |_| {
            let calls = Calls(inner.clone(), counter.clone());
            async move {
                let _calls = calls;
                pending::<()>().await;
            }
        });
        *place.borrow_mut() = Some(service.clone());
        drop(service.call(request()));
        assert_eq!(drops.get(), 3);
        place.take();
    }

    #[test]
    fn a_pool_keeps_a_few_boxes_only() {
        let pool = Rc::new(Pool::default());
        let service = Pooled {
            function: |_| ready(()),
            pool: pool.clone(),
        };
        let many: Vec<Running<()>> = (0..100).map(|_| service.call(request())).collect();
        drop(many);
        assert_eq!(pool.free.borrow().len(), KEPT);
    }

    #[test]
    fn a_service_without_its_type_costs_no_allocation_once_a_future_of_it_had_a_box() {
        let erased = Erased::new(|_: Request<Body>| async {
            runtime::task::yield_now().await;
            5
        });
        let call = || {
            let mut running = erased.call(request());
            while poll(&mut running).is_pending() {}
        };
        call();
        assert_eq!(allocation_counter::measure(call).count_total, 0);
    }
}
