use std::sync::mpsc;

use super::*;
use runtime::task::JoinSet;
use runtime::time::sleep;
use server::response::IntoResponse;

const SCRIPTS: &[&str] = &["CREATE TABLE words (word TEXT NOT NULL)"];

fn count(connection: &Connection) -> rusqlite::Result<u64> {
    connection.query_row("SELECT count(*) FROM words", [], |row| row.get(0))
}

fn add(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction
        .execute("INSERT INTO words VALUES ('warp')", [])
        .map(drop)
}

#[runtime::test]
async fn a_script_runs_once_and_a_new_one_when_the_file_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let database = Sqlite::open(&path, SCRIPTS).await.unwrap();
    database.write(add).await.unwrap();
    drop(database);
    const MORE: &[&str] = &[SCRIPTS[0], "INSERT INTO words VALUES ('weft')"];
    for _ in 0..2 {
        let database = Sqlite::open(&path, MORE).await.unwrap();
        assert_eq!(database.read(count).await.unwrap(), 2);
    }
}

#[runtime::test]
async fn writers_take_turns_and_a_failed_one_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let database = Sqlite::open(&folder.path().join("a.sqlite"), SCRIPTS)
        .await
        .unwrap();
    let mut writers = JoinSet::new();
    for _ in 0..50 {
        let database = database.clone();
        writers.spawn(async move { database.write(add).await });
    }
    for outcome in writers.join_all().await {
        outcome.unwrap();
    }
    let failed = database.write(|it| {
        add(it)?;
        it.execute("INSERT INTO nowhere VALUES (1)", [])
    });
    assert!(matches!(failed.await.unwrap_err().why, Why::Sqlite(_)));
    assert_eq!(database.read(count).await.unwrap(), 50);
}

#[runtime::test]
async fn a_write_that_has_begun_is_finished_though_its_request_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let database = Sqlite::open(&folder.path().join("a.sqlite"), SCRIPTS)
        .await
        .unwrap();
    let (begin, begun) = mpsc::channel();
    let (go, may_go) = mpsc::channel::<()>();
    let one = database.clone();
    let request = runtime::spawn(async move {
        one.write(move |it| {
            let _ = begin.send(());
            let _ = may_go.recv();
            add(it)
        })
        .await
    });
    while begun.try_recv().is_err() {
        sleep(Duration::from_millis(1)).await;
    }
    request.abort();
    drop(request.await);
    drop(go);
    database.write(add).await.unwrap();
    assert_eq!(database.read(count).await.unwrap(), 2);
}

#[runtime::test]
async fn a_closure_that_panics_is_an_error_and_the_next_one_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let database = Sqlite::open(&folder.path().join("a.sqlite"), SCRIPTS)
        .await
        .unwrap();
    let panicked = database.write(|it| -> rusqlite::Result<()> {
        add(it)?;
        panic!("as asked")
    });
    assert!(matches!(panicked.await.unwrap_err().why, Why::Lost(_)));
    assert_eq!(database.read(count).await.unwrap(), 0);
}

/// As a process that starts at the same moment, and is the first to write.
#[runtime::test]
async fn a_new_file_that_another_process_has_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE other (n)").unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (database, ()) = runtime::join!(Sqlite::open(&path, SCRIPTS), async {
        sleep(10 * PAUSE).await;
        other.execute_batch("COMMIT").unwrap();
    });
    let database = database.unwrap();
    database.write(add).await.unwrap();
    assert_eq!(database.read(count).await.unwrap(), 1);
}

/// As it is when the process has no descriptor left.
#[runtime::test]
async fn a_file_that_cannot_be_opened_for_the_moment_may_be_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let database = Sqlite::open(&path, SCRIPTS).await.unwrap();
    std::fs::rename(&path, folder.path().join("away")).unwrap();
    std::fs::create_dir(&path).unwrap();
    let error = database.read(count).await.unwrap_err();
    let answer = crate::pages::Problem::from(error).into_response();
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));
}

#[runtime::test]
async fn a_file_that_a_newer_version_has_made_is_not_opened() {
    const MORE: &[&str] = &[SCRIPTS[0], "CREATE TABLE others (word TEXT NOT NULL)"];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    drop(Sqlite::open(&path, MORE).await.unwrap());
    let said = Sqlite::open(&path, SCRIPTS).await.err().unwrap();
    assert_eq!(
        said.to_string(),
        format!(
            "{}: a newer version of this program has made this file; start that one, or give another folder with --data",
            path.display()
        )
    );
    Sqlite::open(&path, MORE).await.unwrap();
}

#[runtime::test]
async fn an_error_is_one_line_that_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let database = Sqlite::open(&path, SCRIPTS).await.unwrap();
    let failed = database.write(|it| it.execute("DELETE\nFROM nowhere", []));
    let said = failed.await.unwrap_err().to_string();
    assert_eq!(said, format!("{}: no such table: nowhere", path.display()));

    let path = folder.path().join("other");
    std::fs::write(&path, [b'x'; 1024]).unwrap();
    let said = Sqlite::open(&path, SCRIPTS).await.err().unwrap();
    let begin = format!("{}: file is not a database; move it ", path.display());
    assert!(said.to_string().starts_with(&begin), "{said}");
}

#[runtime::test]
async fn a_file_that_is_gone_is_not_made_again_and_the_system_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let database = Sqlite::open(&path, SCRIPTS).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    let error = database.read(count).await.unwrap_err();
    let said = error.to_string();
    assert!(said.contains("a.sqlite: No such file"), "{said}");
    assert!(!error.is_short(), "it will not be there in a moment");
    assert!(!path.exists());
}

#[test]
fn a_file_that_another_program_has_may_be_asked_again_and_a_line_says_why() {
    let locked = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
    let why = Why::Sqlite(rusqlite::Error::SqliteFailure(locked, None));
    let error = Error::new(Path::new("/a.sqlite"), why);
    assert!(error.is_short() && !error.is_busy());
    let said = error.to_string();
    assert!(
        said.ends_with("another process has it: wait, or end that one"),
        "{said}"
    );
}
