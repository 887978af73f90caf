//! Connections to PostgreSQL: so many and no more, used again, and no request waits for ever.
//!
//! `examples/connection_pool.rs` is the same in small. A permit of a semaphore allows one connection; a
//! list keeps those that are idle. What is handed out is a [`Loan`], and its drop decides whether
//! the connection is used again.
//!
//! How it can go wrong:
//!
//! - The database was restarted. Its connections are closed: an idle one that is closed is not handed out, and
//!   one that breaks in use is not taken back. The request that had it gets an error ([`Error::Down`]).
//! - The request is gone in the middle of a transaction. Its connection would go on with it: it is
//!   closed, and PostgreSQL rolls back.
//! - The database is frozen, and says nothing. Each transaction has a deadline.
//! - The database is gone between `COMMIT` and its answer. Then it is not known what happened, and the
//!   client is told that nothing is sure: 503. With an `Idempotency-Key` it may ask again.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use runtime::sync::{OwnedSemaphorePermit, Semaphore};
use runtime::time::{Instant, timeout};
use serde::Serialize;
use tokio_postgres::{Client, Config};

use super::connect::connect;
use super::database::Db;
use super::error::Error;

/// How long a request waits for a connection.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long a transaction may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// A connection that was idle so long is closed: firewalls forget such ones.
const TOO_OLD: Duration = Duration::from_secs(300);

/// The connections to one database. A clone is another handle to the same ones.
#[derive(Clone)]
pub(crate) struct Pool(Rc<Shared>);

struct Shared {
    config: Config,
    permits: Arc<Semaphore>,
    limit: usize,
    /// Each with the time since which it has been idle; the last came last.
    idle: RefCell<Vec<(Client, Instant)>>,
    opened: Cell<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Usage {
    pub(crate) limit: usize,
    pub(crate) in_use: usize,
    pub(crate) idle: usize,
    pub(crate) opened: u64,
}

impl Pool {
    pub(crate) fn new(config: Config, limit: usize) -> Self {
        Pool(Rc::new(Shared {
            config,
            permits: Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS))),
            limit,
            idle: RefCell::default(),
            opened: Cell::new(0),
        }))
    }

    /// Runs a transaction. It is committed if `act` returns `Ok`, else nothing of it happens.
    ///
    /// Cancel safe: what is dropped before its commit has not happened.
    pub(crate) async fn transaction<T>(
        &self,
        act: impl AsyncFnOnce(Db<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut loan = self.get().await?;
        let all = async {
            loan.client().batch_execute("BEGIN").await?;
            let outcome = act(Db::Postgres(loan.client())).await;
            let end = if outcome.is_ok() {
                "COMMIT"
            } else {
                "ROLLBACK"
            };
            let ended = loan.client().batch_execute(end).await;
            loan.is_clean = ended.is_ok();
            match (outcome, ended) {
                (Ok(_), Err(error)) => Err(error.into()),
                (outcome, _) => outcome,
            }
        };
        let late = |_| Error::down(format!("no answer within {DEADLINE:?}"));
        timeout(DEADLINE, all).await.map_err(late)?
    }

    /// A connection: one that is idle, or a new one.
    async fn get(&self) -> Result<Loan, Error> {
        let permit = timeout(PATIENCE, self.0.permits.clone().acquire_owned()).await;
        let busy = |_| Error::Busy(format!("no connection was free within {PATIENCE:?}"));
        let permit = permit.map_err(busy)?.map_err(Error::down)?;
        // From here on the permit comes back by itself, whatever happens.
        let client = match self.0.take_idle() {
            Some(client) => client,
            None => self.0.open().await?,
        };
        Ok(Loan {
            client: Some(client),
            is_clean: false,
            pool: self.0.clone(),
            _permit: permit,
        })
    }

    pub(crate) fn usage(&self) -> Usage {
        Usage {
            limit: self.0.limit,
            in_use: self.0.limit - self.0.permits.available_permits(),
            idle: self.0.idle.borrow().len(),
            opened: self.0.opened.get(),
        }
    }
}

impl Shared {
    /// The one that was used last, for it is the most likely to be well.
    fn take_idle(&self) -> Option<Client> {
        let idle = self.idle.take();
        let is_well =
            |(client, since): &(Client, Instant)| since.elapsed() < TOO_OLD && !client.is_closed();
        let (mut well, rest): (Vec<_>, Vec<_>) = idle.into_iter().partition(is_well);
        let client = well.pop();
        *self.idle.borrow_mut() = well;
        drop(rest);
        client.map(|(client, _)| client)
    }

    async fn open(&self) -> Result<Client, Error> {
        let late = |_| Error::down(format!("no connection within {PATIENCE:?}"));
        let client = timeout(PATIENCE, connect(&self.config))
            .await
            .map_err(late)??;
        self.opened.set(self.opened.get() + 1);
        Ok(client)
    }
}

/// A connection on loan.
struct Loan {
    /// Is there until it is given back.
    client: Option<Client>,
    /// Whether its last transaction has ended, in whatever way.
    is_clean: bool,
    pool: Rc<Shared>,
    /// Dropped after `drop` has run: the connection is back before the next one may come.
    _permit: OwnedSemaphorePermit,
}

impl Loan {
    fn client(&self) -> &Client {
        self.client.as_ref().expect("is on loan")
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        let client = self.client.take();
        if let Some(client) = client.filter(|it| self.is_clean && !it.is_closed()) {
            self.pool.idle.borrow_mut().push((client, Instant::now()));
        }
    }
}
