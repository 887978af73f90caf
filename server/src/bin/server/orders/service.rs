//! What the requests and the workers share, and what they do with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use runtime::sync::Notify;
use serde_json::{Value, json};

use super::cache::Cache;
use super::database::Db;
use super::error::Error;
use super::figures::Figures;
use super::job::now;
use super::ledger::{self, Wanted};
use super::notifications;
use super::options::Options;
use super::order::{NewOrder, Order, Status};
use super::outbox::{self, Listing, Shown};
use super::store::Store;
use crate::metrics::Text;

/// A clone is another handle to the same.
#[derive(Clone)]
pub(crate) struct Orders(pub(crate) Rc<Shared>);

pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) cache: Cache,
    pub(crate) figures: Figures,
    /// Tells the workers of this process that there may be a job. It is a queue of one place, and
    /// only a hint: the jobs are in the table, and the workers look there in any case, only later.
    pub(crate) hint: Notify,
    pub(crate) lease: Duration,
    pub(crate) notifications: PathBuf,
    most_waiting: i64,
}

impl Orders {
    pub(crate) async fn open(folder: &Path, options: &Options) -> Result<Self, Error> {
        let store = match &options.database_url {
            Some(url) => Store::postgres(url, options.database_connections.get()).await?,
            None => Store::sqlite(&folder.join("orders.sqlite")).await?,
        };
        Ok(Orders(Rc::new(Shared {
            store,
            cache: Cache::default(),
            figures: Figures::default(),
            hint: Notify::new(),
            lease: Duration::from_secs(options.order_lease.into()),
            notifications: notifications::path(folder),
            most_waiting: options.order_queue.into(),
        })))
    }

    pub(crate) async fn create(&self, new: NewOrder, key: Option<String>) -> Result<Order, Error> {
        let most_waiting = self.0.most_waiting;
        let wanted = Wanted {
            new,
            key,
            now: now(),
            most_waiting,
        };
        let create = async move |db: Db<'_>| ledger::create(&db, &wanted).await;
        let (order, is_new) = self.0.store.write(create).await?;
        match is_new {
            true => self.0.figures.created.add(),
            false => self.0.figures.repeated.add(),
        }
        self.0.hint.notify_one();
        Ok(order)
    }

    pub(crate) async fn newest(&self) -> Result<Vec<Order>, Error> {
        self.0
            .store
            .read(async |db: Db<'_>| ledger::newest(&db).await)
            .await
    }

    /// The order, and whether it came from the cache.
    pub(crate) async fn find(&self, id: i64) -> Result<(Order, bool), Error> {
        if let Some(order) = self.0.cache.get(id) {
            self.0.figures.hits.add();
            return Ok((order, true));
        }
        self.0.figures.misses.add();
        let fill = self.0.cache.begin(id);
        let order = self
            .0
            .store
            .read(async move |db: Db<'_>| ledger::find(&db, id).await)
            .await?;
        fill.keep(&order);
        Ok((order, false))
    }

    /// Runs to its end also without its client (the route is detached): a change that is in the database
    /// must reach the cache.
    pub(crate) async fn set_status(&self, id: i64, next: Status) -> Result<Order, Error> {
        let now = now();
        let set = async move |db: Db<'_>| ledger::set_status(&db, id, next, now).await;
        let outcome = self.0.store.write(set).await;
        // Also after an error: the change may have happened, and only its answer been lost.
        self.0.cache.drop_entry(id);
        outcome
    }

    pub(crate) async fn jobs(&self) -> Result<Listing, Error> {
        self.0
            .store
            .read(async |db: Db<'_>| outbox::list(&db).await)
            .await
    }

    pub(crate) async fn retry(&self, id: i64) -> Result<Shown, Error> {
        let now = now();
        let retry = async move |db: Db<'_>| outbox::retry(&db, id, now).await;
        let job = self.0.store.write(retry).await?;
        self.0.hint.notify_one();
        Ok(job)
    }

    /// Whether the database answers.
    pub(crate) async fn ping(&self) -> Result<(), Error> {
        let ask = async |db: Db<'_>| db.ask("SELECT 1 FROM orders LIMIT 0", &[]).await.map(drop);
        self.0.store.read(ask).await
    }

    /// Counts the jobs in the database, for `GET /metrics`.
    pub(crate) async fn look(&self) {
        let counts = self
            .0
            .store
            .read(async |db: Db<'_>| outbox::counts(&db).await)
            .await;
        self.0
            .figures
            .waiting
            .set(counts.inspect_err(Error::log).ok());
    }

    /// For `GET /metrics`.
    pub(crate) fn write(&self, text: &mut Text) {
        self.0.figures.write(text);
        if let Some(usage) = self.0.store.usage() {
            usage.write(text);
        }
    }

    /// Numbers of this process, and of the database.
    pub(crate) async fn metrics(&self) -> Result<Value, Error> {
        let ask = async |db: Db<'_>| Ok((outbox::counts(&db).await?, ledger::stock(&db).await?));
        let (waiting, stock) = self.0.store.read(ask).await?;
        let mut figures = self.0.figures.as_json();
        figures["waiting"] = json!(waiting);
        figures["stock"] = json!(stock.into_iter().collect::<BTreeMap<_, _>>());
        figures["database"] = self.0.store.name().into();
        figures["connections"] = json!(self.0.store.usage());
        figures["cache"]["entries"] = self.0.cache.len().into();
        Ok(figures)
    }
}
