//! Notifications: lines of a file here, where a shop would send mail.
//!
//! The file stands for the world outside: no transaction of the database reaches it. So a line may be
//! written twice, and each has a key that says what it is about, by which a receiver can tell.

use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};

use runtime::fs::{File, OpenOptions};
use runtime::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use serde_json::json;

use super::error::Error;
use super::order::Order;
use crate::local_error::{is_full, is_shortage};

pub(crate) fn path(folder: &Path) -> PathBuf {
    folder.join("notifications.log")
}

/// Tells the customer that the order was accepted. When this returns, the line is on the disk.
pub(crate) async fn send(path: &Path, order: &Order) -> Result<(), Error> {
    let text = format!(
        "Order {}: {} of {}.",
        order.id, order.quantity, order.product
    );
    let key = format!("order-{}-accepted", order.id);
    let line = json!({ "key": key, "to": order.customer, "text": text });
    let written = append(path, &format!("{line}\n")).await;
    written.map_err(|error| not_written(&error))
}

/// A job that finds no descriptor, or no room on the disk, is not at fault.
fn not_written(error: &io::Error) -> Error {
    let why = format!("the notification could not be written: {error}");
    match error {
        _ if is_full(error) => Error::Full(why),
        _ if is_shortage(error) => Error::Short(why),
        _ => Error::Job(why),
    }
}

async fn append(path: &Path, line: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options
        .create(true)
        .read(true)
        .append(true)
        .open(path)
        .await?;
    // One write for one line, so that lines of several processes do not mix.
    match ends_a_line(&mut file).await? {
        true => file.write_all(line.as_bytes()).await?,
        false => file.write_all(format!("\n{line}").as_bytes()).await?,
    }
    file.flush().await?;
    // All of it: the file's name, too, may be new.
    file.sync_all().await
}

/// Whether what is written next begins a line. A machine that died may have left half of one.
async fn ends_a_line(file: &mut File) -> io::Result<bool> {
    if file.metadata().await?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1)).await?;
    Ok(file.read_u8().await? == b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::io::Errno;

    #[test]
    fn a_job_is_not_at_fault_if_there_is_no_descriptor_or_no_room() {
        for number in [Errno::MFILE, Errno::NOSPC, Errno::DQUOT, Errno::FBIG] {
            assert!(not_written(&number.into()).is_not_the_jobs(), "{number}");
        }
        assert!(!not_written(&Errno::ACCESS.into()).is_not_the_jobs());
    }
}
