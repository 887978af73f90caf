//! Items in SQLite.
//!
//! A change with a condition ([`Store::change`]) reads and writes in one transaction. There is one
//! writer, so between the two nothing can come: of two clients that change the same version, one
//! wins, and the other is told that its version is old.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params, params};

use super::item::{Item, NewItem};
use crate::sqlite::{Error, Sqlite};

/// The scripts that made the file what it is. See [`Sqlite::open`].
const MIGRATIONS: &[&str] = &["CREATE TABLE items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    description TEXT,
    quantity INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    changed_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
)"];

/// All items. A clone is another handle to the same ones.
#[derive(Clone)]
pub(crate) struct Store(Sqlite);

/// Some of the items, and how many there are.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) items: Vec<Item>,
    pub(crate) total: u64,
}

/// What has become of a change.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Changed<E> {
    Done(Item),
    /// There is no such item.
    Missing,
    /// The item is not as the client thinks, or the change is not possible.
    Refused(E),
}

impl Store {
    pub(crate) async fn open(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("items.sqlite");
        Sqlite::open(&path, MIGRATIONS).await.map(Store)
    }

    /// `count` items from the one at `first` on (0 is the first), in the order of their ids. With
    /// `words`, only those whose name or description contains them.
    pub(crate) async fn list(
        &self,
        first: u64,
        count: u32,
        words: Option<String>,
    ) -> Result<Listed, Error> {
        self.0
            .read(move |it| {
                let words = words.as_deref().map(pattern);
                // One statement, so that the list and the total are of one moment.
                let mut ask = it.prepare_cached(
                    "SELECT id, name, description, quantity, version, created_at, changed_at,
                            count(*) OVER () AS total
                     FROM items
                     WHERE :words IS NULL OR name LIKE :words ESCAPE '\\'
                           OR description LIKE :words ESCAPE '\\'
                     ORDER BY id LIMIT :count OFFSET :first",
                )?;
                let bound = named_params! {":words": words, ":count": count, ":first": first};
                let rows = ask.query_map(bound, |row| Ok((item(row)?, row.get("total")?)))?;
                let rows = rows.collect::<rusqlite::Result<Vec<(Item, u64)>>>()?;
                let total = match rows.first() {
                    Some((_, total)) => *total,
                    None => total(it, words.as_deref())?,
                };
                let items = rows.into_iter().map(|(item, _)| item).collect();
                Ok(Listed { items, total })
            })
            .await
    }

    pub(crate) async fn get(&self, id: i64) -> Result<Option<Item>, Error> {
        self.0.read(move |it| get(it, id)).await
    }

    pub(crate) async fn create(&self, new: NewItem) -> Result<Item, Error> {
        self.0
            .write(move |it| {
                it.execute(
                    "INSERT INTO items (name, description, quantity) VALUES (?, ?, ?)",
                    params![new.name, new.description, new.quantity],
                )?;
                let made = get(it, it.last_insert_rowid())?;
                made.ok_or(rusqlite::Error::QueryReturnedNoRows)
            })
            .await
    }

    /// Replaces an item by what `decide` makes of it.
    pub(crate) async fn change<E: Send + 'static>(
        &self,
        id: i64,
        decide: impl FnOnce(&Item) -> Result<NewItem, E> + Send + 'static,
    ) -> Result<Changed<E>, Error> {
        self.with(id, decide, move |it, _, new| {
            it.execute(
                "UPDATE items SET name = ?, description = ?, quantity = ?, version = version + 1,
                    changed_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE id = ?",
                params![new.name, new.description, new.quantity, id],
            )?;
            get(it, id)?.ok_or(rusqlite::Error::QueryReturnedNoRows)
        })
        .await
    }

    /// Takes an item away, if `decide` agrees. An id is never given again.
    pub(crate) async fn delete<E: Send + 'static>(
        &self,
        id: i64,
        decide: impl FnOnce(&Item) -> Result<(), E> + Send + 'static,
    ) -> Result<Changed<E>, Error> {
        self.with(id, decide, move |it, item, ()| {
            it.execute("DELETE FROM items WHERE id = ?", [id])?;
            Ok(item)
        })
        .await
    }

    /// In one transaction: reads the item, asks `decide`, and acts.
    async fn with<D, E: Send + 'static>(
        &self,
        id: i64,
        decide: impl FnOnce(&Item) -> Result<D, E> + Send + 'static,
        act: impl FnOnce(&Transaction<'_>, Item, D) -> rusqlite::Result<Item> + Send + 'static,
    ) -> Result<Changed<E>, Error> {
        self.0
            .write(move |it| {
                let Some(item) = get(it, id)? else {
                    return Ok(Changed::Missing);
                };
                match decide(&item) {
                    Ok(decision) => act(it, item, decision).map(Changed::Done),
                    Err(refusal) => Ok(Changed::Refused(refusal)),
                }
            })
            .await
    }
}

fn get(connection: &Connection, id: i64) -> rusqlite::Result<Option<Item>> {
    let mut ask = connection.prepare_cached("SELECT * FROM items WHERE id = ?")?;
    ask.query_row([id], item).optional()
}

/// For a page behind the last one: there the rows do not tell.
fn total(connection: &Connection, words: Option<&str>) -> rusqlite::Result<u64> {
    connection.query_row(
        "SELECT count(*) FROM items WHERE ?1 IS NULL OR name LIKE ?1 ESCAPE '\\'
            OR description LIKE ?1 ESCAPE '\\'",
        [words],
        |row| row.get(0),
    )
}

fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    Ok(Item {
        id: row.get("id")?,
        name: row.get("name")?,
        description: row.get("description")?,
        quantity: row.get("quantity")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        changed_at: row.get("changed_at")?,
    })
}

/// A pattern for LIKE in which the words stand for themselves.
fn pattern(words: &str) -> String {
    let mut pattern = String::from("%");
    for sign in words.chars() {
        if matches!(sign, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(sign);
    }
    pattern.push('%');
    pattern
}
