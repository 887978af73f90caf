//! A whole runtime in some 200 lines, demonstration included: tasks, wakers, timers, TCP.
//!
//! This is the shape of the crate `runtime`, and nothing but the shape. Read (1) to (7) from top to
//! bottom; NOTES.md then sets the real files beside these parts. `told` only names a deed, and gives back
//! the number that it is given: the stepper listens to that (`cargo run --example stepper -- tiny`).
//!
//! What to see: two tasks sleep at the same time on one thread, then a server and its client talk. A task
//! that has to wait leaves its waker and returns `Pending`; the thread waits only in `mio.poll` in (6).
#![forbid(unsafe_code)]

use futures_task::{ArcWake, waker_ref};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Token, event::Source};
use slab::Slab;
use std::future::poll_fn;
use std::io::{ErrorKind::*, Read, Result as Io, Write};
use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering::AcqRel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use std::{cell::RefCell, cmp::Reverse, collections::BinaryHeap, pin::Pin, rc::Rc};
#[path = "support/told.rs"]
pub(crate) mod told;
use told::{Deed::*, told};

// (1) A task is a boxed future in a slab (None while it is being polled) and a header, for its
// wakers to hold. The future never leaves its thread; any thread may keep the header and wake.
type BoxFuture = Pin<Box<dyn Future<Output = ()>>>;
struct Header {
    key: usize,         // where the future lies in the slab
    queued: AtomicBool, // on the queue already: ten wakes make one poll
    inbox: Arc<Inbox>,
}
thread_local!(static TASKS: RefCell<Slab<Option<BoxFuture>>> = RefCell::default());

// (2) To wake a task is to put it on the queue, and to see to it that the thread does not sleep on.
struct Inbox {
    queue: Mutex<Vec<Arc<Header>>>,
    unpark: mio::Waker,
}
impl ArcWake for Header {
    fn wake_by_ref(header: &Arc<Self>) {
        if !header.queued.swap(true, AcqRel) {
            told(Queues, header.key);
            header.inbox.queue.lock().unwrap().push(header.clone());
            header.inbox.unpark.wake().unwrap();
        }
    }
}

// (3) To spawn is to put a future into the slab and to wake it for the first time. The join
// handle that comes back is a future as well: it waits for the cell which the task will fill.
#[track_caller]
fn spawn<T: 'static>(future: impl Future<Output = T> + 'static) -> impl Future<Output = T> {
    let cell = Rc::new(RefCell::new((None, None::<Waker>)));
    let filled = cell.clone();
    let future: BoxFuture = Box::pin(async move {
        let value = future.await;
        let (_, waiter) = filled.replace((Some(value), None));
        waiter.inspect(Waker::wake_by_ref);
    });
    let line = Location::caller();
    let key = TASKS.with_borrow_mut(|it| told(Spawns(line), it.insert(Some(future))));
    let (queued, inbox) = (AtomicBool::new(false), INBOX.with(Arc::clone));
    ArcWake::wake(Arc::new(Header { key, queued, inbox }));
    poll_fn(move |cx| {
        let mut cell = cell.borrow_mut();
        cell.1 = Some(cx.waker().clone());
        let value = cell.0.take().ok_or_else(|| told(Joins, key));
        value.map_or(Poll::Pending, Poll::Ready)
    })
}
// To poll a task, take its future out of the slab, so that it is free to spawn. A header that
// outlived its task finds the place empty, or polls the next task there in vain, which is allowed.
fn poll_task(header: &Arc<Header>) {
    header.queued.swap(false, AcqRel); // first of all: the poll may wake its own task
    let taken = TASKS.with_borrow_mut(|it| it.get_mut(told(Polls, header.key))?.take());
    let Some(mut future) = taken else { return };
    let waker = waker_ref(header);
    match future.as_mut().poll(&mut Context::from_waker(&waker)) {
        Poll::Pending => TASKS.with_borrow_mut(|it| it[told(PutsBack, header.key)] = Some(future)),
        Poll::Ready(()) => TASKS.with_borrow_mut(|it| drop(it.remove(told(Ends, header.key)))),
    }
}

// (4) Time: a heap of deadlines with the next one on top, each with the key of its waker.
thread_local!(static TIMERS: RefCell<BinaryHeap<Reverse<(Instant, usize)>>> = RefCell::default());
thread_local!(static SLEEPERS: RefCell<Slab<Waker>> = RefCell::default());
#[track_caller]
fn sleep(duration: Duration) -> impl Future<Output = ()> {
    let (deadline, line) = (Instant::now() + duration, Location::caller());
    poll_fn(move |cx| {
        if Instant::now() >= deadline {
            return Poll::Ready(());
        }
        let key = SLEEPERS.with_borrow_mut(|it| it.insert(cx.waker().clone()));
        told(Sleeps(line, duration.as_millis() as u64), key);
        TIMERS.with_borrow_mut(|it| it.push(Reverse((deadline, key))));
        Poll::Pending
    })
}

// (5) Sockets, edge-triggered: the reactor tells when something changes. So try first, and only
// if that would block leave a waker. (No event slips in between: this thread takes them, in 6.)
thread_local!(static REACTOR: RefCell<mio::Poll> = RefCell::new(mio::Poll::new().unwrap()));
thread_local!(static WAITING: RefCell<Slab<Vec<Waker>>> = RefCell::default()); // key = token
struct Async<S: Source>(S, usize);
impl<S: Source> Async<S> {
    #[track_caller]
    fn new(mut source: S) -> Io<Async<S>> {
        let deed = Registers(Location::caller(), std::any::type_name::<S>());
        let key = WAITING.with_borrow_mut(|it| told(deed, it.insert(Vec::new())));
        let (token, both) = (Token(key), Interest::READABLE | Interest::WRITABLE);
        REACTOR.with_borrow(|mio| mio.registry().register(&mut source, token, both))?;
        Ok(Async(source, key))
    }
    #[track_caller]
    fn io<T>(&mut self, mut attempt: impl FnMut(&mut S) -> Io<T>) -> impl Future<Output = Io<T>> {
        let line = Location::caller();
        poll_fn(move |cx| match attempt(&mut self.0) {
            Err(error) if matches!(error.kind(), WouldBlock | NotConnected) => {
                let key = told(Blocks(line), self.1);
                WAITING.with_borrow_mut(|it| it[key].push(cx.waker().clone()));
                Poll::Pending
            }
            done => Poll::Ready(done),
        })
    }
}
impl<S: Source> Drop for Async<S> {
    fn drop(&mut self) {
        let _wakers = WAITING.with_borrow_mut(|it| it.remove(told(Closes, self.1)));
    }
}

// (6) A turn of the driver: sleep until an event, the next deadline or a wake from outside.
// Then wake those concerned, once nothing is borrowed: a waker is code that we do not know.
thread_local!(static INBOX: Arc<Inbox> = REACTOR.with_borrow(|mio| {
    let unpark = mio::Waker::new(mio.registry(), Token(usize::MAX)).unwrap();
    Arc::new(Inbox { queue: Mutex::default(), unpark })
}));
fn turn() {
    let next = TIMERS.with_borrow(|it| it.peek().map(|next| next.0.0));
    let left = next.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    let mut events = Events::with_capacity(256);
    told(Parks, 0);
    let _interrupted = REACTOR.with_borrow_mut(|mio| mio.poll(&mut events, left));
    told(Unparks, events.iter().count());
    let mut woken = Vec::new();
    for event in &events {
        let key = event.token().0;
        told(Ready(event.is_readable(), event.is_writable()), key);
        let who = WAITING.with_borrow_mut(|it| it.get_mut(key).map(std::mem::take));
        woken.extend(who.into_iter().flatten());
    }
    TIMERS.with_borrow_mut(|it| {
        while it.peek().is_some_and(|next| next.0.0 <= Instant::now()) {
            let key = told(Fires, it.pop().unwrap().0.1);
            woken.push(SLEEPERS.with_borrow_mut(|it| it.remove(key)));
        }
    });
    woken.into_iter().for_each(Waker::wake);
}

// (7) The loop: poll what is queued, take a turn, and again, until the main future is ready.
fn block_on<T: 'static>(future: impl Future<Output = T> + 'static) -> T {
    let mut main = Box::pin(spawn(future));
    loop {
        let queued = INBOX.with(|it| std::mem::take(&mut *it.queue.lock().unwrap()));
        queued.iter().for_each(poll_task);
        if let Poll::Ready(value) = main.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            drop(TASKS.take()); // the tasks that are left end here
            return value;
        }
        turn();
    }
}

async fn nap(name: &str, ms: u64) {
    println!("{name}: sleeps for {ms} ms");
    sleep(Duration::from_millis(ms)).await;
    println!("{name}: is awake");
}
pub(crate) fn main() -> Io<()> {
    block_on(async {
        let start = Instant::now();
        let (slow, quick) = (spawn(nap("slow", 300)), spawn(nap("quick", 100)));
        println!("main: has spawned both, and neither has run yet");
        slow.await;
        quick.await;
        println!("main: has joined both after {:?}", start.elapsed());

        let mut listener = Async::new(TcpListener::bind(([127, 0, 0, 1], 0).into())?)?;
        let address = listener.0.local_addr()?;
        let server = spawn(async move {
            let (stream, _) = listener.io(|it| it.accept()).await?;
            let (mut stream, mut bytes) = (Async::new(stream)?, [0; 64]);
            while let n @ 1.. = stream.io(|it| it.read(&mut bytes)).await? {
                println!("server: {n} bytes came, back they go");
                stream.io(|it| it.write(&bytes[..n])).await?;
            }
            println!("server: the client has gone");
            Io::Ok(())
        });
        let (mut client, mut bytes) = (Async::new(TcpStream::connect(address)?)?, [0; 64]);
        client.io(|it| it.write(b"warp and weft")).await?;
        let n = client.io(|it| it.read(&mut bytes)).await?;
        println!("client: got {:?}", String::from_utf8_lossy(&bytes[..n]));
        drop(client);
        server.await
    })
}
