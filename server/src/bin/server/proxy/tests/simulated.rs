//! The proxy on a host of a simulation, between clients and backends that die, are slow, or cannot be reached.
//!
//! (`TREADLE_SEEDS=10000 cargo test --release -p server --bin server simulated` runs more seeds.)
//! What must hold under each: an answer is that of its own request, whole or with an error; an order
//! that is asked for once is done once at most, and once if it was answered; when all is well again, the proxy
//! answers again.

use std::cell::RefCell;
use std::collections::BTreeMap;

use http::Request;
use runtime::net::{TcpListener, TcpStream};
use runtime::sim::{self, Sim};
use runtime::time::sleep;
use server::body::to_bytes;
use server::extract::Path;
use server::h1::client::handshake;
use server::routing::{get, post};
use server::{Body, serve};

use super::*;

const MILLI: Duration = Duration::from_millis(1);

/// How often each order was done, on whichever backend.
type Book = Rc<RefCell<BTreeMap<u32, u32>>>;

/// What a backend does: an order takes up to 120 ms, and a file is 60 kB of one byte.
fn backend(book: &Book) -> Router {
    let book = Rc::clone(book);
    let order = move |Path(id): Path<u32>| {
        let book = Rc::clone(&book);
        async move {
            sleep(id % 7 * 20 * MILLI).await;
            *book.borrow_mut().entry(id).or_default() += 1;
            id.to_string()
        }
    };
    let file = |Path(id): Path<u32>| async move { vec![id as u8; 60_000] };
    Router::new()
        .route("/health", get(|| async { "well" }))
        .route("/orders/{id}", post(order))
        .route("/files/{id}", get(file))
}

fn hosts(sim: &mut Sim, book: &Book) {
    for name in ["a", "b"] {
        let book = Rc::clone(book);
        sim.host(name, move || {
            let app = backend(&book);
            async {
                serve(TcpListener::bind("0.0.0.0:80").await?, app).await?;
                Ok(())
            }
        });
    }
    sim.host("proxy", || async {
        let line = "server --backend a:80 --backend b:80 --backend-head-timeout 2 --backend-body-timeout 2";
        let options = CommandLine::parse_from(line.split(' ')).options;
        // It ends its tasks, the health checks, when it is dropped.
        let background = Background::new();
        let app = routes(&options, &background, &Metrics::default());
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        serve(TcpListener::bind("0.0.0.0:80").await?, app).await?;
        Ok(())
    });
}

/// One request on a connection of its own: the status and the whole body.
async fn ask(request: Request<Body>) -> sim::Result<(u16, Vec<u8>)> {
    let attempt = async {
        let stream = TcpStream::connect("proxy:80").await?;
        let (mut sender, connection) = handshake(stream).await?;
        runtime::spawn(connection);
        let response = sender.send_request(request).await?;
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 1_000_000).await?;
        Ok((status, body.to_vec()))
    };
    timeout(Duration::from_secs(10), attempt).await?
}

async fn orders(first: u32, book: Book) {
    for id in first..first + 15 {
        let request = Request::post(format!("/proxy/orders/{id}")).body(Body::empty());
        // Whether an order that was not answered was done, cannot be known; it is not sent again.
        if let Ok((200, body)) = ask(request.expect("a request")).await {
            assert_eq!(body, id.to_string().as_bytes());
            assert_eq!(book.borrow().get(&id), Some(&1), "order {id} was answered");
        }
        sleep(id % 5 * 50 * MILLI).await;
    }
}

async fn files() {
    for id in 0..15_u32 {
        let request = Request::get(format!("/proxy/files/{id}")).body(Body::empty());
        if let Ok((200, body)) = ask(request.expect("a request")).await {
            assert!(body.len() == 60_000 && body.iter().all(|&byte| u32::from(byte) == id));
        }
        sleep(100 * MILLI).await;
    }
}

#[runtime::sim_test(seeds = 50)]
fn a_proxy_between_hosts_that_fail_gives_each_request_its_own_answer(sim: &mut Sim) -> sim::Result {
    let book = Book::default();
    hosts(sim, &book);
    for client in 0..2 {
        let book = Rc::clone(&book);
        sim.client(&format!("orders-{client}"), async move {
            orders(client * 100, book).await;
            Ok(())
        });
    }
    sim.client("files", async {
        files().await;
        Ok(())
    });
    sim.random_faults(6, Duration::from_secs(6));
    if sim.seed() % 2 == 1 {
        sim.set_odd_answers(0.02);
    }
    sim.run()?;
    let done = book.borrow();
    assert!(done.values().all(|&times| times == 1), "{done:?}");
    drop(done);
    sim.set_odd_answers(0.0);
    sim.run_for(Duration::from_secs(60))?;
    sim.client("afterwards", async {
        let (status, body) = ask(Request::get("/proxy/files/7").body(Body::empty())?).await?;
        assert_eq!((status, body.len()), (200, 60_000));
        Ok(())
    });
    sim.run()
        .map_err(|failure| format!("the proxy does not come back: {failure}"))?;
    Ok(())
}
