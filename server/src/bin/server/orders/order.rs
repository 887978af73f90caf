//! An order: what a client may ask for, and how its status may change.
//!
//! ```text
//! pending ──▶ processing ──▶ shipped ──▶ delivered
//!    └────────────┴──▶ cancelled
//! ```
//!
//! Its number is counted by the database. A random one (a UUID) could be made without asking it, and
//! could not be guessed. But the database is asked anyway, everybody may read the list here, and a
//! counted one is short, says which order came first, and keeps the newest rows together in the index.

use serde::{Deserialize, Serialize};

use super::database::Row;
use super::error::Error;
use crate::visible::is_misleading;

/// Its columns, in the order in which [`Order::of`] reads them.
pub(crate) const COLUMNS: &str =
    "id, customer, product, quantity, status, created_at, updated_at, taken";

/// An order that was accepted. Times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Order {
    pub(crate) id: i64,
    pub(crate) customer: String,
    pub(crate) product: String,
    pub(crate) quantity: i64,
    pub(crate) status: Status,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    /// Whether its quantity has been taken from the stock.
    #[serde(skip)]
    pub(crate) is_taken: bool,
}

/// What a client sends.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrder {
    pub(crate) customer: String,
    pub(crate) product: String,
    pub(crate) quantity: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Pending,
    Processing,
    Shipped,
    Delivered,
    Cancelled,
}

impl Order {
    pub(crate) fn of(row: &Row) -> Result<Self, Error> {
        Ok(Order {
            id: row.int(0)?,
            customer: row.text(1)?.to_owned(),
            product: row.text(2)?.to_owned(),
            quantity: row.int(3)?,
            status: Status::of(row.text(4)?)?,
            created_at: row.int(5)?,
            updated_at: row.int(6)?,
            is_taken: row.int(7)? == 1,
        })
    }

    /// One for tests.
    #[cfg(test)]
    pub(crate) fn example(id: i64, customer: &str) -> Self {
        Order {
            id,
            customer: customer.to_owned(),
            product: "warp".to_owned(),
            quantity: 1,
            status: Status::Pending,
            created_at: 0,
            updated_at: 0,
            is_taken: false,
        }
    }

    /// As it was when it was accepted: the answer to a request that is made again.
    pub(crate) fn into_created(self) -> Self {
        Order {
            status: Status::Pending,
            updated_at: self.created_at,
            ..self
        }
    }

    pub(crate) fn is_of(&self, new: &NewOrder) -> bool {
        (&self.customer, &self.product, self.quantity)
            == (&new.customer, &new.product, new.quantity)
    }
}

impl NewOrder {
    /// The order without blanks around its words, if there is nothing wrong with it.
    pub(crate) fn checked(self) -> Result<Self, Error> {
        const MOST: i64 = 1000;
        if !(1..=MOST).contains(&self.quantity) {
            return Err(Error::unprocessable(format!(
                "The quantity must be 1 to {MOST}."
            )));
        }
        Ok(NewOrder {
            customer: words("customer", &self.customer)?,
            product: words("product", &self.product)?,
            quantity: self.quantity,
        })
    }
}

fn words(name: &str, text: &str) -> Result<String, Error> {
    const MOST: usize = 100;
    let text = text.trim();
    match text.chars().count() {
        0 => Err(Error::unprocessable(format!("The {name} is empty."))),
        1..=MOST if !text.contains(is_misleading) => Ok(text.to_owned()),
        1..=MOST => Err(Error::unprocessable(format!(
            "The {name} has a character in it that cannot be seen."
        ))),
        _ => Err(Error::unprocessable(format!(
            "The {name} is longer than {MOST} characters."
        ))),
    }
}

impl Status {
    const ALL: [Status; 5] = [
        Status::Pending,
        Status::Processing,
        Status::Shipped,
        Status::Delivered,
        Status::Cancelled,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Processing => "processing",
            Status::Shipped => "shipped",
            Status::Delivered => "delivered",
            Status::Cancelled => "cancelled",
        }
    }

    fn of(name: &str) -> Result<Self, Error> {
        let found = Status::ALL.into_iter().find(|it| it.name() == name);
        found.ok_or_else(|| Error::Failed(format!("no status: {name}")))
    }

    pub(crate) fn may_become(self, next: Status) -> bool {
        use Status::{Cancelled, Delivered, Pending, Processing, Shipped};
        matches!(
            (self, next),
            (Pending, Processing | Cancelled)
                | (Processing, Shipped | Cancelled)
                | (Shipped, Delivered)
        )
    }
}
