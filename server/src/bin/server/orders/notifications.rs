//! Notifications: lines of a file here, where a shop would send mail.
//!
//! The file stands for the world outside: no transaction of the database reaches it. So a line may be
//! written twice, and each has a key that says what it is about, by which a receiver can tell.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use runtime::task::spawn_blocking;
use serde_json::json;

use super::error::Error;
use super::order::Order;

pub(crate) fn path(folder: &Path) -> PathBuf {
    folder.join("notifications.log")
}

/// Tells the customer that the order was accepted. When this returns, the line is on the disk.
pub(crate) async fn send(path: PathBuf, order: &Order) -> Result<(), Error> {
    let text = format!(
        "Order {}: {} of {}.",
        order.id, order.quantity, order.product
    );
    let key = format!("order-{}-accepted", order.id);
    // One write for one line, so that lines of several processes do not mix.
    let line = format!(
        "{}\n",
        json!({ "key": key, "to": order.customer, "text": text })
    );
    let written = spawn_blocking(move || {
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        file.write_all(line.as_bytes())?;
        file.sync_data()
    });
    let outcome = written
        .await
        .map_err(|error| Error::Job(error.to_string()))?;
    outcome.map_err(|error| Error::Job(format!("the notification could not be written: {error}")))
}
