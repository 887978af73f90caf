//! What the engine says of requests, and their accounts.

use runtime::runtime::{Builder, Runtime};
use runtime::trace::{Event, Record};
use story::account::Account;
use story::accounts::Accounts;

/// A runtime with a paused clock that keeps its events.
pub(crate) fn recorded() -> Runtime {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_all().start_paused(true).build().unwrap();
    runtime.trace().start(100_000);
    runtime
}

/// What was said of requests, and of connections.
pub(crate) fn said(records: &[Record]) -> Vec<String> {
    let text = |record: &Record| match &record.event {
        Event::Mark {
            scope,
            id,
            what,
            text,
        } => {
            assert!(record.place.file.ends_with(".rs") && record.task.is_some());
            Some(format!("{scope} {id} {what:?}: {text}"))
        }
        _ => None,
    };
    records.iter().filter_map(text).collect()
}

/// The accounts of what has ended, the first to end first.
pub(crate) fn ended_accounts(records: &[Record]) -> Vec<Account> {
    let mut accounts = Accounts::new(10);
    for record in records {
        accounts.add(record);
    }
    let mut ended: Vec<_> = accounts.ended().cloned().collect();
    ended.reverse();
    ended
}
