//! The orders: what is asked of the database for a request.
//!
//! A new order and its jobs are written in one transaction. That is the whole *outbox* pattern: there is no
//! moment at which the order is there and its jobs are not, so nothing is left to be told to a queue
//! elsewhere, and nothing to be lost on the way.
//!
//! How it can go wrong: the order is accepted and the answer does not arrive, for the client's network or
//! for a kill. The client cannot know, and asks again. With an `Idempotency-Key` it gets the order that it has.

use super::database::{Db, Value};
use super::error::Error;
use super::order::{COLUMNS, NewOrder, Order, Status};

/// How many orders the list shows.
const NEWEST: i64 = 100;

/// An order that was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) new: NewOrder,
    /// The client's name for this request.
    pub(crate) key: Option<String>,
    pub(crate) now: i64,
    /// How many jobs may wait. Beyond that no order is accepted.
    pub(crate) most_waiting: i64,
}

/// Accepts an order, with its jobs. Says whether it is new.
pub(crate) async fn create(db: &Db<'_>, wanted: &Wanted) -> Result<(Order, bool), Error> {
    if let Some(known) = by_key(db, wanted).await? {
        return Ok((known, false));
    }
    check_product(db, &wanted.new.product).await?;
    check_queue(db, wanted.most_waiting).await?;
    let sql = format!(
        "INSERT INTO orders (customer, product, quantity, status, created_at, updated_at, idempotency_key)
         VALUES ($1, $2, $3, 'pending', $4, $4, $5)
         ON CONFLICT (idempotency_key) DO NOTHING RETURNING {COLUMNS}"
    );
    let new = &wanted.new;
    let values = [
        Value::from(new.customer.as_str()),
        new.product.as_str().into(),
        new.quantity.into(),
        wanted.now.into(),
        wanted.key.as_deref().into(),
    ];
    let Some(row) = db.ask(&sql, &values).await?.pop() else {
        // The same request came twice at once, and the other one was first.
        let known = by_key(db, wanted).await?;
        let why = || Error::Busy("the same order is being made".to_owned());
        return known.map(|it| (it, false)).ok_or_else(why);
    };
    let order = Order::of(&row)?;
    db.ask(
        "INSERT INTO jobs (order_id, kind, state, due_at)
         VALUES ($1, 'process', 'queued', $2), ($1, 'inventory', 'queued', $2), ($1, 'notify', 'queued', $2)",
        &[order.id.into(), wanted.now.into()],
    )
    .await?;
    Ok((order, true))
}

/// The order that this key has made, if it is the same one.
async fn by_key(db: &Db<'_>, wanted: &Wanted) -> Result<Option<Order>, Error> {
    let Some(key) = &wanted.key else {
        return Ok(None);
    };
    let sql = format!("SELECT {COLUMNS} FROM orders WHERE idempotency_key = $1");
    let Some(row) = db.ask(&sql, &[key.as_str().into()]).await?.pop() else {
        return Ok(None);
    };
    let known = Order::of(&row)?;
    if !known.is_of(&wanted.new) {
        let text = "this Idempotency-Key was used for another order; take a new one";
        return Err(Error::unprocessable(text.to_owned()));
    }
    Ok(Some(known.into_created()))
}

async fn check_product(db: &Db<'_>, product: &str) -> Result<(), Error> {
    let products = stock(db).await?;
    if products.iter().any(|(name, _)| name == product) {
        return Ok(());
    }
    let names: Vec<_> = products.into_iter().map(|(name, _)| name).collect();
    let text = format!("there is no such product; there are: {}", names.join(", "));
    Err(Error::unprocessable(text))
}

async fn check_queue(db: &Db<'_>, most: i64) -> Result<(), Error> {
    let sql = "SELECT count(*) FROM
         (SELECT 1 FROM jobs WHERE state IN ('queued', 'running') LIMIT $1) AS waiting";
    let rows = db.ask(sql, &[most.into()]).await?;
    match rows.first().map(|row| row.int(0)).transpose()? {
        Some(waiting) if waiting >= most => Err(Error::Busy(format!("{waiting} jobs wait"))),
        _ => Ok(()),
    }
}

/// All products, and how many there are of each.
pub(crate) async fn stock(db: &Db<'_>) -> Result<Vec<(String, i64)>, Error> {
    let sql = "SELECT product, stock FROM inventory ORDER BY product";
    let rows = db.ask(sql, &[]).await?;
    let pair = rows
        .iter()
        .map(|row| Ok((row.text(0)?.to_owned(), row.int(1)?)));
    pair.collect()
}

/// The last hundred, the newest first.
pub(crate) async fn newest(db: &Db<'_>) -> Result<Vec<Order>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM orders ORDER BY id DESC LIMIT {NEWEST}");
    db.ask(&sql, &[]).await?.iter().map(Order::of).collect()
}

pub(crate) async fn find(db: &Db<'_>, id: i64) -> Result<Order, Error> {
    one(db, id, "").await
}

/// The order, for this transaction alone.
pub(crate) async fn locked(db: &Db<'_>, id: i64) -> Result<Order, Error> {
    one(db, id, db.for_update()).await
}

async fn one(db: &Db<'_>, id: i64, lock: &str) -> Result<Order, Error> {
    let sql = format!("SELECT {COLUMNS} FROM orders WHERE id = $1 {lock}");
    match db.ask(&sql, &[id.into()]).await?.first() {
        Some(row) => Order::of(row),
        None => Err(Error::not_found(format!(
            "There is no order {id}. GET /orders lists the last hundred."
        ))),
    }
}

/// Gives an order its next status. To have it already is no error: a request may be made again.
pub(crate) async fn set_status(
    db: &Db<'_>,
    id: i64,
    next: Status,
    now: i64,
) -> Result<Order, Error> {
    let order = locked(db, id).await?;
    if order.status == next {
        return Ok(order);
    }
    if !order.status.may_become(next) {
        let (from, to) = (order.status.name(), next.name());
        let text = format!("an order that is {from} cannot become {to}");
        return Err(Error::conflict(text));
    }
    if next == Status::Cancelled && order.is_taken {
        change_stock(db, &order, order.quantity).await?;
    }
    write_status(db, id, next, now).await
}

/// A cancelled order keeps nothing of the stock.
async fn write_status(db: &Db<'_>, id: i64, status: Status, now: i64) -> Result<Order, Error> {
    let sql = format!(
        "UPDATE orders SET status = $1, updated_at = $2,
         taken = CASE WHEN $1 = 'cancelled' THEN 0 ELSE taken END
         WHERE id = $3 RETURNING {COLUMNS}"
    );
    let rows = db
        .ask(&sql, &[status.name().into(), now.into(), id.into()])
        .await?;
    let row = rows
        .first()
        .ok_or_else(|| Error::Failed(format!("order {id} is gone")))?;
    Order::of(row)
}

/// Takes the order's quantity from the stock, unless the order is cancelled.
pub(crate) async fn take(db: &Db<'_>, order: &Order) -> Result<(), Error> {
    if order.status == Status::Cancelled {
        return Ok(());
    }
    change_stock(db, order, -order.quantity).await?;
    let sql = "UPDATE orders SET taken = 1 WHERE id = $1";
    db.ask(sql, &[order.id.into()]).await.map(drop)
}

async fn change_stock(db: &Db<'_>, order: &Order, by: i64) -> Result<(), Error> {
    let sql = "UPDATE inventory SET stock = stock + $1 WHERE product = $2 AND stock + $1 >= 0
         RETURNING stock";
    let rows = db
        .ask(sql, &[by.into(), order.product.as_str().into()])
        .await?;
    match rows.is_empty() {
        true => Err(Error::Job(format!(
            "there is not enough of {}",
            order.product
        ))),
        false => Ok(()),
    }
}
