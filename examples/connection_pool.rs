//! A pool of connections: so many and no more, used again, and no task waits for ever.
//!
//! To open a connection takes longer than to ask a question on it, and a server lets each client
//! have only so many. A *pool* answers both. Two things make one: a `Semaphore` with as many
//! permits as there may be connections, and a list of those that are idle. A task with a permit takes
//! an idle connection, or opens one when there is none; and since no task opens one without a
//! permit, the limit holds.
//!
//! What is handed out is a *guard*. Dropped, it gives the connection back and then the permit, in
//! that order, so that who gets the permit finds the connection. It happens however the holder
//! ends: by returning, by an error, by a panic, or because its future was dropped. The same
//! holds for a task that waits: when it is dropped, its place in the queue goes, and nothing else.
//!
//! What can go wrong with a connection: it broke while it was used (then it is not kept); its user
//! left between question and answer (neither is it kept, for the next one would read an answer that
//! is not its own); it has been idle for so long that the other side will have closed it (so it is not
//! used again); and there is none to be had (so the wait has a limit, and ends in an error that
//! says so).
//!
//! What to see in the output (the clock is paused; opening takes 100 ms, a question 50 ms):
//!
//! 1. Five ask, and there are two connections: two are opened, and all five use them.
//! 2. Two keep theirs for a second; the third gives up after 300 ms, and the fourth, who comes
//!    later, gets one in time.
//! 3. A holder is aborted, and another one panics; both connections come back.
//! 4. A connection breaks, and one is left in the midst of a question; others take their place.
//! 5. After a minute the idle ones are too old.
#![forbid(unsafe_code)]

use runtime::sync::{OwnedSemaphorePermit, Semaphore};
use runtime::task::JoinSet;
use runtime::time::{Duration, Instant, sleep, timeout};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

const LIMIT: usize = 2;
const PATIENCE: Duration = Duration::from_millis(300);
const TOO_OLD: Duration = Duration::from_secs(30);

struct Connection {
    number: u32,
    broken: bool,
}

impl Connection {
    async fn ask(&mut self, question: &str) -> Result<String, String> {
        self.broken = true; // a task that ends here leaves an answer behind that was not read
        sleep(Duration::from_millis(50)).await;
        self.broken = question == "trip over the cable";
        match self.broken {
            true => Err(format!("connection {} broke", self.number)),
            false => Ok(format!("{question}, on connection {}", self.number)),
        }
    }
}

/// All are in use, and none came back in time.
#[derive(Debug)]
struct Busy;

#[derive(Clone)]
struct Pool(Rc<Shared>);

struct Shared {
    /// One for each connection that may be in use. An `Arc`, for that is what its permits hold.
    permits: Arc<Semaphore>,
    /// Each with the time since which it has been idle; the last came last.
    idle: RefCell<Vec<(Connection, Instant)>>,
    opened: Cell<u32>,
}

impl Pool {
    fn new(limit: usize) -> Pool {
        Pool(Rc::new(Shared {
            permits: Arc::new(Semaphore::new(limit)),
            idle: RefCell::default(),
            opened: Cell::new(0),
        }))
    }

    /// A connection: one that is idle, or a new one.
    async fn get(&self) -> Result<Pooled, Busy> {
        let permit = timeout(PATIENCE, self.0.permits.clone().acquire_owned()).await;
        let permit = permit.map_err(|_| Busy)?.expect("is never closed");
        // From here on the permit comes back by itself, whatever happens.
        let connection = match self.0.take_idle() {
            Some(connection) => connection,
            None => self.0.open().await,
        };
        Ok(Pooled {
            connection: Some(connection),
            pool: self.0.clone(),
            _permit: permit,
        })
    }
}

impl Shared {
    /// The one that was used last, for it is the most likely to be well. Those too old are dropped.
    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle.borrow_mut();
        let before = idle.len();
        idle.retain(|(_, since)| since.elapsed() < TOO_OLD);
        if idle.len() < before {
            println!("          too old: {}", before - idle.len());
        }
        idle.pop().map(|(connection, _)| connection)
    }

    async fn open(&self) -> Connection {
        sleep(Duration::from_millis(100)).await;
        self.opened.set(self.opened.get() + 1);
        Connection {
            number: self.opened.get(),
            broken: false,
        }
    }
}

/// A connection on loan.
struct Pooled {
    /// Is there until it is given back.
    connection: Option<Connection>,
    pool: Rc<Shared>,
    /// Dropped after `drop` has run: the connection is back before the next one may come.
    _permit: OwnedSemaphorePermit,
}

impl Pooled {
    async fn ask(&mut self, question: &str) -> Result<String, String> {
        let connection = self.connection.as_mut().expect("is on loan");
        connection.ask(question).await
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        let connection = self.connection.take().filter(|it| !it.broken);
        if let Some(connection) = connection {
            let idle = (connection, Instant::now());
            self.pool.idle.borrow_mut().push(idle);
        }
    }
}

#[runtime::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let pool = Pool::new(LIMIT);
    println!("1. five, and two connections");
    all((1..=5).map(|it| visit(pool.clone(), format!("visitor {it}"), 0, 0))).await;
    report(&pool);

    println!("2. no patience");
    let visits = [("keeps it", 0, 1000), ("keeps it", 0, 1000)];
    let late = [("comes early", 100, 0), ("comes late", 800, 0)];
    let visits = visits.into_iter().chain(late);
    all(visits.map(|(who, comes, keeps)| visit(pool.clone(), who.to_owned(), comes, keeps))).await;

    println!("3. an abort, and a panic");
    abort_and_panic(&pool).await;
    report(&pool);

    println!("4. it breaks");
    all([visit(pool.clone(), "trip over the cable".to_owned(), 0, 0)]).await;
    let leaves = visit(pool.clone(), "leaves early".to_owned(), 0, 0);
    let left = timeout(Duration::from_millis(20), leaves).await.is_err();
    println!("          left in the midst of it: {left}");
    report(&pool);
    let both = ["first", "second"].map(|who| visit(pool.clone(), who.to_owned(), 0, 0));
    all(both).await;

    println!("5. after a minute");
    sleep(Duration::from_secs(60)).await;
    all([visit(pool.clone(), "zoe".to_owned(), 0, 0)]).await;
    report(&pool);
}

/// Comes after a while, asks, and keeps the connection for a while; all in milliseconds.
async fn visit(pool: Pool, who: String, comes: u64, keeps: u64) {
    let start = Instant::now();
    sleep(Duration::from_millis(comes)).await;
    let answer = match pool.get().await {
        Ok(mut connection) => {
            let answer = connection.ask(&who).await;
            sleep(Duration::from_millis(keeps)).await;
            answer
        }
        Err(Busy) => Err(format!("{who}: none was free within {PATIENCE:?}")),
    };
    println!("{:5} ms  {answer:?}", start.elapsed().as_millis());
}

async fn abort_and_panic(pool: &Pool) {
    let theirs = pool.clone();
    let hangs = runtime::spawn(async move {
        let _mine = theirs.get().await;
        std::future::pending::<()>().await;
    });
    let theirs = pool.clone();
    let panics = runtime::spawn(async move {
        let _mine = theirs.get().await;
        panic!("and it still has a connection");
    });
    let panicked = panics.await.is_err_and(|error| error.is_panic());
    hangs.abort();
    let aborted = hangs.await.is_err_and(|error| error.is_cancelled());
    println!("          panicked: {panicked}, aborted: {aborted}");
}

async fn all<F: Future<Output = ()> + 'static>(visits: impl IntoIterator<Item = F>) {
    visits.into_iter().collect::<JoinSet<_>>().join_all().await;
}

fn report(pool: &Pool) {
    let (idle, opened) = (pool.0.idle.borrow().len(), pool.0.opened.get());
    let free = pool.0.permits.available_permits();
    println!("          opened so far: {opened}, idle: {idle}, permits: {free}");
}
