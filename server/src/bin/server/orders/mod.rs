//! Orders: the microservice of the guides. It accepts an order, and does what follows from it later.
//!
//! An order is answered with 201 when it and its three jobs are on the disk, in one transaction. Workers
//! do the jobs. A kill at any moment loses no order that was answered, and no job.
//!
//! | file | what is in it |
//! |---|---|
//! | `order`, `job` | the two things, and what may be said of them |
//! | `ledger`, `outbox` | what is asked of the database: orders, jobs |
//! | `database`, `store`, `error` | SQLite and PostgreSQL behind one way to ask |
//! | `connect`, `pool` | connections to PostgreSQL |
//! | `cache` | orders that were asked for lately |
//! | `worker`, `notifications` | how jobs are done |
//! | `service`, `routes`, `figures` | what is offered, by HTTP, and counted |
//!
//! How it can go wrong, and what is done about it, stands at the head of each file. Start with `outbox`.

mod cache;
mod connect;
mod database;
mod error;
mod figures;
mod job;
mod ledger;
mod notifications;
mod options;
mod order;
mod outbox;
mod pool;
mod routes;
mod service;
mod store;
mod worker;

use std::path::Path;

use server::Router;

use crate::background::Background;
use crate::metrics::Metrics;
use service::Orders;

pub(crate) use options::Options;

/// Opens the database, and starts the workers.
pub(crate) async fn open(
    folder: &Path,
    options: &Options,
    background: &Background,
    metrics: &Metrics,
) -> Result<Router, String> {
    let orders = Orders::open(folder, options).await;
    let orders = orders.map_err(|error| format!("cannot open the orders: {error}"))?;
    let counted = orders.clone();
    metrics.register(move |text| counted.write(text));
    worker::start(&orders, background, options.order_workers);
    Ok(routes::routes(orders))
}

#[cfg(test)]
mod tests;
