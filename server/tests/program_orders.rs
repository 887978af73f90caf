//! Orders, from outside: nothing that was accepted is lost, and nothing happens twice, whatever dies.

#![cfg(all(unix, feature = "program"))]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::orders::{ask, post_order};
use support::postgres::Postgres;
use support::program::{Program, complaint};
use tempfile::TempDir;

const KILLS: usize = 100;
const STOCK: i64 = 1_000_000;

/// The program, with its data in `folder`.
fn start(folder: &Path, more: &[&str]) -> Program {
    start_with(folder, more, Stdio::null())
}

/// The same, with its standard error somewhere.
fn start_with(folder: &Path, more: &[&str], stderr: Stdio) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    let data = folder.to_str().expect("a plain name");
    command.args([
        "--addr",
        "127.0.0.1:0",
        "--data",
        data,
        "--order-lease",
        "2",
    ]);
    command.args(more);
    Program::run_with(command, stderr)
}

fn get(addr: SocketAddr, path: &str) -> Value {
    let answer = ask(addr, &format!("GET {path} HTTP/1.1\r\n"), "");
    answer.expect("it answers").1
}

/// Waits until no job is left to do. Dead letters are brought back: on a busy machine a job may have
/// been too slow five times.
fn all_done(addr: SocketAddr) {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let jobs = get(addr, "/orders/jobs");
        for dead in jobs["dead"].as_array().expect("a list") {
            let head = format!("POST /orders/jobs/{}/retry HTTP/1.1\r\n", dead["id"]);
            ask(addr, &head, "");
        }
        if jobs["counts"] == json!({"queued": 0, "running": 0, "dead": 0}) {
            return;
        }
        assert!(Instant::now() < until, "jobs are left: {jobs}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// What the clients know.
#[derive(Default)]
struct Known {
    /// Where the program is now, if it is.
    addr: Mutex<Option<SocketAddr>>,
    is_over: AtomicBool,
    /// Orders that were answered with 201: their numbers, with key and quantity.
    accepted: Mutex<BTreeMap<i64, (String, i64)>>,
}

/// Ends the clients, also when the test fails.
struct Over<'a>(&'a Known);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::SeqCst);
        *lock(&self.0.addr) = None;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Posts one order after the other, each again and again until it is answered.
fn client(number: usize, known: &Known) {
    for turn in 0.. {
        let (key, quantity) = (format!("client-{number}-{turn}"), 1 + turn % 3);
        let is_over = || known.is_over.load(Ordering::SeqCst);
        loop {
            let addr = *lock(&known.addr);
            if addr.is_none() && is_over() {
                return;
            }
            match addr.and_then(|addr| post_order(addr, &key, quantity)) {
                Some((201, order)) => {
                    let id = order["id"].as_i64().expect("a number");
                    let before = lock(&known.accepted).insert(id, (key, quantity));
                    assert_eq!(before, None, "a number was given twice");
                    break;
                }
                // Not ready yet, or killed: again in a moment.
                Some((503, _)) | None => thread::sleep(Duration::from_millis(2)),
                Some(other) => panic!("{other:?}"),
            }
        }
        if is_over() {
            return;
        }
    }
}

#[test]
fn a_hundred_kills_lose_no_order_and_no_job_and_repeat_no_effect() {
    let folder = TempDir::new().expect("a folder");
    let known = Known::default();
    let mut chance = u64::from(std::process::id());
    println!("seed {chance}");
    thread::scope(|scope| {
        let over = Over(&known);
        let clients = [0, 1, 2].map(|number| {
            let known = &known;
            scope.spawn(move || client(number, known))
        });
        for _ in 0..KILLS {
            let mut program = start(folder.path(), &[]);
            *lock(&known.addr) = Some(program.addr);
            chance = chance
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            // Not a wait for anything: the kill shall come at any moment.
            thread::sleep(Duration::from_micros((chance >> 33) % 150_000));
            program.child.kill().expect("SIGKILL");
            program.child.wait().expect("it is dead");
        }
        // The last orders are answered by a program that lives.
        let mut program = start(folder.path(), &[]);
        *lock(&known.addr) = Some(program.addr);
        known.is_over.store(true, Ordering::SeqCst);
        let _ = clients.map(|client| client.join().expect("no wrong answer"));
        drop(over);
        all_done(program.addr);
        program.signal("TERM");
        assert_eq!(program.ended_within(Duration::from_secs(20)), Some(0));
    });
    check(folder.path(), &lock(&known.accepted));
}

/// Compares what the clients were told with what is on the disk.
fn check(folder: &Path, accepted: &BTreeMap<i64, (String, i64)>) {
    let database = rusqlite::Connection::open(folder.join("orders.sqlite")).expect("a database");
    let mut orders = database
        .prepare("SELECT id, idempotency_key, quantity FROM orders")
        .expect("a table");
    let orders: BTreeMap<i64, (String, i64)> = orders
        .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))
        .and_then(Iterator::collect)
        .expect("orders");
    assert_eq!(
        &orders, accepted,
        "each was answered, and each answer is true"
    );
    println!("{} orders", orders.len());

    let number = |sql: &str| -> i64 {
        let number = database.query_row(sql, [], |row| row.get(0));
        number.expect("a number")
    };
    let ordered: i64 = orders.values().map(|(_, quantity)| quantity).sum();
    let jobs = i64::try_from(orders.len()).expect("few") * 3;
    assert_eq!(number("SELECT count(*) FROM jobs"), jobs);
    assert_eq!(
        number("SELECT count(*) FROM jobs WHERE state = 'done'"),
        jobs
    );
    assert_eq!(
        number("SELECT count(*) FROM orders WHERE status = 'processing'"),
        jobs / 3
    );
    let stock = number("SELECT stock FROM inventory WHERE product = 'warp'");
    assert_eq!(STOCK - stock, ordered, "each was taken from the stock once");

    let told = std::fs::read_to_string(folder.join("notifications.log")).expect("a file");
    let keys = told.lines().map(|line| {
        let line: Value = serde_json::from_str(line).expect("a whole line");
        line["key"].as_str().expect("a key").to_owned()
    });
    let told: BTreeSet<String> = keys.collect();
    let expected = orders.keys().map(|id| format!("order-{id}-accepted"));
    assert_eq!(told, expected.collect(), "each customer was told");
}

/// Two processes at once, on one database. `more` says which.
fn two_processes_share_the_jobs(folder: &Path, more: &[&str]) {
    const ORDERS: i64 = 60;
    // At the same moment: both find that there is no table yet.
    let programs = thread::scope(|scope| {
        let starts = [0, 1].map(|_| scope.spawn(|| start(folder, more)));
        starts.map(|program| program.join().expect("it starts"))
    });
    let addrs = programs.each_ref().map(|program| program.addr);
    thread::scope(|scope| {
        for addr in addrs {
            scope.spawn(move || {
                for turn in 0..ORDERS {
                    // Both ask for the same orders: a key makes one order, wherever it is sent.
                    let answer = post_order(addr, &format!("key-{turn}"), 2);
                    assert_eq!(answer.expect("an answer").0, 201);
                }
            });
        }
    });
    all_done(addrs[0]);
    let numbers = addrs.map(|addr| get(addr, "/orders/metrics"));
    let sum = |path: &str| -> i64 {
        let count = |it: &Value| it.pointer(path).and_then(Value::as_i64).expect("a count");
        numbers.iter().map(count).sum()
    };
    assert_eq!(sum("/orders/created"), ORDERS);
    assert_eq!(sum("/orders/repeated"), ORDERS);
    for kind in ["process", "inventory", "notify"] {
        assert_eq!(sum(&format!("/jobs/done/{kind}")), ORDERS, "{kind}");
    }
    assert_eq!(numbers[0]["stock"]["warp"], STOCK - 2 * ORDERS);
}

#[test]
fn two_processes_on_one_file_do_each_job_once() {
    let folder = TempDir::new().expect("a folder");
    two_processes_share_the_jobs(folder.path(), &[]);
}

#[test]
fn two_processes_on_one_postgres_do_each_job_once() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let url = postgres.url();
    two_processes_share_the_jobs(folder.path(), &["--database-url", &url]);
}

#[test]
fn a_postgres_that_is_restarted_is_a_503_for_a_while_and_nothing_is_lost() {
    let Some(mut postgres) = Postgres::start() else {
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let url = postgres.url();
    let mut program = start_with(folder.path(), &["--database-url", &url], Stdio::piped());
    for turn in 0..10 {
        let answer = post_order(program.addr, &format!("before-{turn}"), 1);
        assert_eq!(answer.expect("an answer").0, 201);
    }
    postgres.stop();
    // The workers say it, without a request.
    program.read_errors_until("server: orders: the database cannot be reached: ");
    let refused =
        program.ask("GET /orders/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    assert!(refused.contains("\r\nretry-after: 3\r\n"), "{refused}");
    assert_eq!(
        post_order(program.addr, "meanwhile", 1)
            .expect("an answer")
            .0,
        503
    );
    assert!(
        program.get("/health").starts_with("HTTP/1.1 200 "),
        "the rest is served"
    );
    postgres.start_again();
    for key in ["meanwhile", "after"] {
        let answer = post_order(program.addr, key, 1);
        assert_eq!(answer.expect("an answer").0, 201, "{key}");
    }
    all_done(program.addr);
    let numbers = get(program.addr, "/orders/metrics");
    assert_eq!(numbers["stock"]["warp"], STOCK - 12);
    assert_eq!(numbers["database"], "postgres");
}

#[test]
fn a_postgres_that_crashes_under_load_loses_no_order_and_no_job_and_repeats_no_effect() {
    let Some(mut postgres) = Postgres::start() else {
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let url = postgres.url();
    let program = start(folder.path(), &["--database-url", &url]);
    let known = Known::default();
    *lock(&known.addr) = Some(program.addr);
    thread::scope(|scope| {
        let over = Over(&known);
        let clients = [0, 1, 2].map(|number| {
            let known = &known;
            scope.spawn(move || client(number, known))
        });
        for crashes in 1..=5 {
            let until = Instant::now() + Duration::from_secs(20);
            while lock(&known.accepted).len() < 20 * crashes {
                assert!(Instant::now() < until, "no orders are accepted");
                thread::sleep(Duration::from_millis(2));
            }
            postgres.crash();
            postgres.start_again();
        }
        known.is_over.store(true, Ordering::SeqCst);
        let _ = clients.map(|client| client.join().expect("no wrong answer"));
        drop(over);
    });
    all_done(program.addr);
    let accepted = lock(&known.accepted);
    let ordered: i64 = accepted.values().map(|(_, quantity)| quantity).sum();
    let stock = get(program.addr, "/orders/metrics")["stock"]["warp"].clone();
    assert_eq!(stock, STOCK - ordered, "each was taken from the stock once");
    for (id, (key, quantity)) in accepted.iter() {
        let order = get(program.addr, &format!("/orders/{id}"));
        assert_eq!(order["customer"], *key);
        assert_eq!(order["quantity"], *quantity);
        assert_eq!(order["status"], "processing");
    }
}

#[test]
fn a_file_of_a_newer_version_is_refused_at_the_start() {
    for name in ["items.sqlite", "orders.sqlite"] {
        let folder = TempDir::new().expect("a folder");
        let file = rusqlite::Connection::open(folder.path().join(name)).expect("a file");
        file.pragma_update(None, "user_version", 99)
            .expect("it is written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
        command
            .args(["--addr", "127.0.0.1:0", "--data"])
            .arg(folder.path());
        let said = complaint(command);
        let why = format!("/{name}: a newer version of this program has made this file; ");
        assert!(said.contains(&why), "{said}");
    }
}

#[test]
fn a_database_of_a_newer_version_is_refused_at_the_start() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let url = postgres.url();
    drop(start(folder.path(), &["--database-url", &url]));
    postgres.sql("INSERT INTO orders_migrations VALUES (99)");
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command.args(["--addr", "127.0.0.1:0", "--database-url", &url]);
    let said = complaint(command);
    assert!(
        said.contains("a newer version of this program has made its tables"),
        "{said}"
    );
}

#[test]
fn a_database_that_is_not_there_is_one_line_and_an_exit_code() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command.args(["--addr", "127.0.0.1:0"]);
    command.args(["--database-url", "postgres://a:secret@127.0.0.1:1/b"]);
    let complaint = complaint(command);
    assert!(
        complaint.starts_with(
            "server: cannot open the orders: the database cannot be reached: 127.0.0.1:1: "
        ),
        "{complaint}"
    );
    assert!(!complaint.contains("secret"), "{complaint}");
}

#[test]
fn a_url_that_is_none_of_a_postgres_is_refused_with_its_form() {
    for url in ["foo", "mysql://a:secret@b/c?d=e", "postgres://", "user=a"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
        command.args(["--addr", "127.0.0.1:0", "--database-url", url]);
        let said = complaint(command);
        let form = "--database-url (or DATABASE_URL) as postgres://USER:PASSWORD@HOST/DATABASE\n";
        assert!(said.ends_with(form) && !said.contains("secret"), "{said}");
    }
}
