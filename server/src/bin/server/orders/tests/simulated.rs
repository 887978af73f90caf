//! Orders on two hosts of a simulation, which share a database, while links break, hosts die, disks fail and clocks go back.
//!
//! (`TREADLE_SEEDS=10000 cargo test --release -p server --bin server orders::tests::simulated` runs more seeds.)
//! What must hold under each: an order that was answered is there, once, whatever was sent again; when all is well,
//! each job is done; the stock is less by just what was ordered; each customer was told at least once, on a disk that
//! loses what was not synced.
//!
//! The database is SQLite, on the machine's disk (in memory, if the machine has a folder there: SQLite's syncs take most
//! of the time, and prove nothing here). What it keeps of a transaction when a machine dies is its own
//! affair. A host dies between transactions here, before or after the answer to one is sent; SIGKILL within one is
//! `server/tests/program_orders.rs`.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use http::{Request, StatusCode};
use runtime::fs;
use runtime::net::{TcpListener, TcpStream};
use runtime::sim::{self, Fault, Sim, Trouble};
use runtime::time::{sleep, timeout};
use serde_json::{Value, json};
use server::body::to_bytes;
use server::h1::client::handshake;
use server::routing::get;
use server::{Body, serve};
use tempfile::TempDir;

use super::super::notifications;
use super::super::open;
use super::super::options::Options;
use super::super::order::Order;
use super::shop::options;
use crate::background::Background;
use crate::metrics::Metrics;

const MILLI: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const HOSTS: [&str; 2] = ["one", "two"];
const CLIENTS: usize = 3;
const EACH: usize = 5;

/// The orders that were answered: the number, by the key.
type Book = Rc<RefCell<BTreeMap<String, i64>>>;

/// The service as the program starts it, in a folder of that name, and what its customers were told.
async fn shop(folder: PathBuf, options: Options) -> sim::Result {
    fs::create_dir_all(&folder).await?;
    let background = Background::new();
    let orders = open(&folder, &options, &background, &Metrics::default()).await?;
    let told = folder.join("notifications.log");
    let told = move || {
        let told = told.clone();
        async move { fs::read_to_string(told).await.unwrap_or_default() }
    };
    let app = orders.route("/told", get(told));
    serve(TcpListener::bind("0.0.0.0:80").await?, app).await?;
    Ok(())
}

fn hosts(sim: &mut Sim, folder: &Path) {
    let options = Options {
        database_url: None,
        ..options(&["--order-lease", "4", "--order-workers", "2"])
    };
    for name in HOSTS {
        let (folder, options) = (folder.to_owned(), options.clone());
        sim.host(name, move || {
            let (folder, options) = (folder.clone(), options.clone());
            async move {
                // A host whose disk fails as it starts tries again, as what starts programs does.
                while shop(folder.clone(), options.clone()).await.is_err() {
                    sleep(SECOND).await;
                }
                Ok(())
            }
        });
    }
}

/// One request on a connection of its own: the status and the body.
async fn ask(host: &str, request: Request<String>) -> sim::Result<(StatusCode, String)> {
    let attempt = async {
        let stream = TcpStream::connect(format!("{host}:80")).await?;
        let (mut sender, connection) = handshake(stream).await?;
        runtime::spawn(connection);
        let response = sender.send_request(request.map(Body::from)).await?;
        let status = response.status();
        let body = to_bytes(response.into_body(), 1_000_000).await?;
        Ok((status, String::from_utf8(body.to_vec())?))
    };
    timeout(5 * SECOND, attempt).await?
}

async fn value(host: &str, path: &str) -> sim::Result<Value> {
    let (status, body) = ask(host, Request::get(path).body(String::new())?).await?;
    match status {
        StatusCode::OK => Ok(serde_json::from_str(&body)?),
        _ => Err(format!("{path}: {status}, {body}").into()),
    }
}

/// Orders, from either host, until each order was answered.
async fn customer(client: usize, book: Book) -> sim::Result {
    for number in 0..EACH {
        let key = format!("{client}-{number}");
        let product = ["warp", "flaky"][number % 2];
        let new = json!({"customer": key, "product": product, "quantity": number + 1});
        for attempt in 0.. {
            let request = Request::post("/orders")
                .header("host", "shop")
                .header("content-type", "application/json")
                .header("idempotency-key", &key)
                .body(new.to_string())?;
            let host = HOSTS[(client + attempt) % HOSTS.len()];
            match ask(host, request).await {
                Ok((StatusCode::CREATED, body)) => {
                    let order: Value = serde_json::from_str(&body)?;
                    assert_eq!(order["customer"], key, "the answer is that of this order");
                    let id = order["id"].as_i64().expect("a number");
                    book.borrow_mut().insert(key.clone(), id);
                    break;
                }
                Ok((status, body)) if !status.is_server_error() => {
                    return Err(format!("{status}, {body}").into());
                }
                _ => sleep(200 * MILLI).await,
            }
        }
    }
    Ok(())
}

/// Waits until no job is left to do; dead letters are brought back.
async fn all_done() -> sim::Result {
    loop {
        let jobs = value("one", "/orders/jobs").await?;
        for dead in jobs["dead"].as_array().expect("a list") {
            let path = format!("/orders/jobs/{}/retry", dead["id"]);
            ask("one", Request::post(path).body(String::new())?).await?;
        }
        if jobs["counts"] == json!({"queued": 0, "running": 0, "dead": 0}) {
            return Ok(());
        }
        sleep(SECOND).await;
    }
}

/// What must hold when all is over.
async fn checked(book: Book) -> sim::Result {
    all_done().await?;
    let book = book.borrow().clone();
    let orders = value("two", "/orders").await?;
    let orders = orders.as_array().expect("a list");
    assert_eq!(book.len(), CLIENTS * EACH, "each order was answered");
    assert_eq!(orders.len(), book.len(), "and made once: {orders:?}");
    let mut ordered = BTreeMap::new();
    for order in orders {
        let customer = order["customer"].as_str().expect("a text");
        assert_eq!(book.get(customer), order["id"].as_i64().as_ref());
        assert_eq!(order["status"], "processing");
        let product = order["product"].as_str().expect("a text");
        *ordered.entry(product).or_insert(0) += order["quantity"].as_i64().expect("a number");
    }
    let metrics = value("two", "/orders/metrics").await?;
    for (product, quantity) in ordered {
        assert_eq!(metrics["stock"][product], 1_000_000 - quantity, "{product}");
    }
    let mut told = BTreeSet::new();
    for host in HOSTS {
        let (_, lines) = ask(host, Request::get("/told").body(String::new())?).await?;
        let lines = lines
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        told.extend(lines.filter_map(|line: Value| Some(line["to"].as_str()?.to_owned())));
    }
    assert_eq!(told, book.keys().cloned().collect(), "each was told");
    Ok(())
}

/// A folder for a database; in memory, if there is such a place.
fn folder() -> io::Result<TempDir> {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new())
}

#[runtime::sim_test(seeds = 200)]
fn orders_between_hosts_and_disks_that_fail_are_accepted_once_and_done(
    sim: &mut Sim,
) -> sim::Result {
    let folder = folder()?;
    hosts(sim, folder.path());
    let book = Book::default();
    for client in 0..CLIENTS {
        let book = Rc::clone(&book);
        sim.client(&format!("customer-{client}"), customer(client, book));
    }
    sim.random_faults(6, 10 * SECOND);
    sim.random_disk_faults(4, 10 * SECOND);
    sim.fault(Fault {
        at: (sim.seed() % 10) as u32 * SECOND,
        lasts: 5 * SECOND,
        what: Trouble::Behind(HOSTS[sim.seed() as usize % 2].to_owned(), 10 * SECOND),
    });
    if sim.seed() % 2 == 1 {
        sim.set_odd_answers(0.02);
    }
    sim.run()?;
    sim.set_odd_answers(0.0);
    sim.run_for(60 * SECOND)?;
    sim.client("afterwards", checked(book));
    Ok(sim.run()?)
}

/// Tells one customer after the other, from the first who was not told.
async fn tell(told: Rc<Cell<i64>>) -> sim::Result {
    let path = notifications::path(Path::new("/"));
    loop {
        let id = told.get();
        let order = Order::example(id, &id.to_string());
        let sent = notifications::send(&path, &order).await;
        sent.map_err(|error| error.to_string())?;
        told.set(id + 1);
    }
}

#[runtime::sim_test(seeds = 200)]
fn what_a_customer_was_told_can_be_read_whenever_the_host_dies(sim: &mut Sim) -> sim::Result {
    let told = Rc::new(Cell::new(0));
    // The file as a life found it, and how many were told before.
    let found = Rc::new(RefCell::new((String::new(), 0)));
    let finding = Rc::clone(&found);
    sim.host("shop", move || {
        let (told, found) = (Rc::clone(&told), Rc::clone(&finding));
        async move {
            let path = notifications::path(Path::new("/"));
            let text = fs::read_to_string(path).await.unwrap_or_default();
            found.replace((text, told.get()));
            tell(told).await
        }
    });
    for life in 0..30 {
        // Another part of a call each time.
        sim.run_for(5 * MILLI + life * MILLI / 9)?;
        sim.bounce("shop");
    }
    sim.run_for(5 * MILLI)?;
    let (text, told) = &*found.borrow();
    let lines = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let customers = lines.filter_map(|line: Value| line["to"].as_str()?.parse().ok());
    let customers: BTreeSet<i64> = customers.collect();
    let missing: Vec<i64> = (0..*told).filter(|it| !customers.contains(it)).collect();
    assert!(missing.is_empty(), "{missing:?} of {told} are not told");
    Ok(())
}
