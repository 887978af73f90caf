//! The server and its clients on several simulated hosts, while links break, packets are late and hosts die.
//!
//! What must hold under each seed:
//!
//! * no answer goes to another request than its own, and no part of a body passes for the whole;
//! * what was answered was done, once; what may be sent again by the client's own word was not done;
//! * a server that drains gives each answer that it has begun, and ends;
//! * when all is over, no socket is left.
//!
//! `TREADLE_SEEDS=10000 cargo test -p server --test sim` runs more of them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use http::{Request, StatusCode};
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::sim::{self, Sim};
use runtime::task::JoinSet;
use runtime::time::{sleep, timeout};
use server::body::to_bytes;
use server::extract::Path;
use server::h1::client::{Error, Retry, SendRequest, handshake};
use server::routing::{any, get, post};
use server::ws::{Message, WebSocketConfig, WebSocketUpgrade, connect};
use server::{Body, Router, serve};

const MILLI: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// Adds the host `server`, which serves what `app` makes each time it starts.
fn serves(sim: &mut Sim, app: impl Fn() -> Router + 'static) {
    sim.host("server", move || {
        let app = app();
        async move {
            let listener = TcpListener::bind("0.0.0.0:80").await?;
            serve(listener, app).await?;
            Ok(())
        }
    });
}

/// Runs the clients to their end under some faults, every other seed with systems that answer oddly, and lets all connections come to theirs.
fn runs(sim: &mut Sim) -> sim::Result {
    sim.random_faults(6, 10 * SECOND);
    if sim.seed() % 2 == 1 {
        sim.set_odd_answers(0.02);
    }
    sim.run()?;
    sim.set_odd_answers(0.0);
    sim.run_for(2 * 3600 * SECOND)?;
    assert_eq!(sim.sockets(), 1, "the listener, and nothing else");
    Ok(())
}

/// A connection to the server, and a task that does its work.
async fn connected() -> sim::Result<SendRequest> {
    let stream = timeout(5 * SECOND, TcpStream::connect("server:80")).await??;
    let (sender, connection) = handshake(stream).await?;
    runtime::spawn(connection);
    Ok(sender)
}

/// Tries `attempt` on a new connection each time, until it has an answer.
async fn insists<F: Future<Output = sim::Result>>(attempt: impl Fn() -> F) -> sim::Result {
    for _ in 0..1000 {
        if let Ok(Ok(())) = timeout(30 * SECOND, attempt()).await {
            return Ok(());
        }
        sleep(50 * MILLI).await;
    }
    Err("a thousand attempts have failed".into())
}

/// What became of the orders: how often each was done, what was answered, and what the client cannot know.
#[derive(Default)]
struct Book {
    done: BTreeMap<u64, u32>,
    answered: BTreeSet<u64>,
}

/// A connection that takes a request: the one that is kept, or a new one, if there can be one.
async fn ready(kept: &mut Option<SendRequest>) -> Option<&mut SendRequest> {
    let is_ready = match kept {
        Some(connection) => connection.ready().await.is_ok(),
        None => false,
    };
    if !is_ready {
        *kept = connected().await.ok();
    }
    kept.as_mut()
}

/// One order, until it is known to be done or cannot be known.
async fn order(id: u64, sender: &mut Option<SendRequest>, book: &RefCell<Book>) -> sim::Result {
    loop {
        let Some(connection) = ready(sender).await else {
            sleep(50 * MILLI).await;
            continue;
        };
        let request = Request::post(format!("/orders/{id}")).body(Body::empty())?;
        let sent = timeout(10 * SECOND, connection.try_send_request(request)).await;
        let retry = |error: &Error| error.retry() == Retry::Safe;
        match sent {
            Ok(Ok(response)) => {
                let status = response.status();
                if let Ok(body) = to_bytes(response.into_body(), 100).await {
                    assert_eq!(
                        (status, &body[..]),
                        (StatusCode::OK, id.to_string().as_bytes())
                    );
                    book.borrow_mut().answered.insert(id);
                }
                return Ok(());
            }
            Ok(Err(failed)) if retry(failed.error()) => {
                let was_done = book.borrow().done.contains_key(&id);
                assert!(!was_done, "order {id} was said to be safe to send again");
                *sender = None;
            }
            // It may have been done, or not.
            Ok(Err(_)) | Err(_) => {
                *sender = None;
                return Ok(());
            }
        }
    }
}

#[runtime::sim_test(seeds = 200)]
fn an_order_that_was_answered_was_done_once(sim: &mut Sim) -> sim::Result {
    let book = Rc::new(RefCell::new(Book::default()));
    let kept = Rc::clone(&book);
    serves(sim, move || {
        let book = Rc::clone(&kept);
        let take = move |Path(id): Path<u64>| {
            let book = Rc::clone(&book);
            async move {
                sleep(id as u32 % 7 * 20 * MILLI).await;
                *book.borrow_mut().done.entry(id).or_default() += 1;
                id.to_string()
            }
        };
        Router::new().route("/orders/{id}", post(take))
    });
    for client in 0..3 {
        let book = Rc::clone(&book);
        sim.client(&format!("client-{client}"), async move {
            let mut sender = None;
            for number in 0..20 {
                order(client * 100 + number, &mut sender, &book).await?;
                sleep(number as u32 % 3 * 200 * MILLI).await;
            }
            Ok(())
        });
    }
    runs(sim)?;
    let book = book.borrow();
    for id in &book.answered {
        assert_eq!(book.done.get(id), Some(&1), "order {id} was answered");
    }
    assert!(
        book.done.values().all(|&times| times == 1),
        "{:?}",
        book.done
    );
    assert!(!book.answered.is_empty());
    Ok(())
}

/// The numbers in the bodies of the responses that came, in their order.
fn answered(text: &str) -> Vec<usize> {
    let bodies = text.split("\r\n\r\n").skip(1);
    let numbers = bodies.map_while(|body| body.split_once(';').map(|(number, _)| number));
    numbers
        .map(|number| number.parse().expect("a number"))
        .collect()
}

#[runtime::sim_test(seeds = 200)]
fn pipelined_requests_are_answered_in_their_order(sim: &mut Sim) -> sim::Result {
    serves(sim, || {
        let number = |Path(number): Path<u32>| async move {
            sleep(number % 5 * 3 * MILLI).await;
            format!("{number};")
        };
        Router::new().route("/{number}", get(number))
    });
    for client in 0..2 {
        sim.client(&format!("client-{client}"), async {
            insists(|| async {
                let mut stream = TcpStream::connect("server:80").await?;
                let (mut requests, last) = (String::new(), 29);
                for number in 0..=last {
                    let close = if number == last {
                        "Connection: close\r\n"
                    } else {
                        ""
                    };
                    requests.push_str(&format!("GET /{number} HTTP/1.1\r\nHost: x\r\n{close}\r\n"));
                }
                stream.write_all(requests.as_bytes()).await?;
                let mut bytes = Vec::new();
                let read = stream.read_to_end(&mut bytes).await;
                let numbers = answered(&String::from_utf8(bytes)?);
                assert!(numbers.iter().copied().eq(0..numbers.len()), "{numbers:?}");
                read?;
                match numbers.len() > last {
                    true => Ok(()),
                    false => Err("the connection ended early".into()),
                }
            })
            .await
        });
    }
    runs(sim)
}

#[runtime::sim_test(seeds = 200)]
fn a_body_comes_whole_or_with_an_error(sim: &mut Sim) -> sim::Result {
    serves(sim, || {
        let echo = |body: Body| async { body };
        Router::new().route("/echo", post(echo))
    });
    for client in 0..2 {
        sim.client(&format!("client-{client}"), async move {
            insists(|| async move {
                let mut sender = connected().await?;
                for len in [0, 1, 5_000, 150_000] {
                    let sent: Vec<u8> = (0..len).map(|byte: u32| (byte ^ client) as u8).collect();
                    let pieces: Vec<_> = sent.chunks(7_000).map(<[u8]>::to_vec).collect();
                    let pieces = pieces.into_iter().map(Ok::<_, std::io::Error>);
                    let body = Body::from_stream(futures_lite::stream::iter(pieces));
                    sender.ready().await?;
                    let response = sender
                        .send_request(Request::post("/echo").body(body)?)
                        .await?;
                    let back = to_bytes(response.into_body(), 1_000_000).await?;
                    assert!(back == sent, "{} of {len} bytes came back", back.len());
                }
                Ok(())
            })
            .await
        });
    }
    runs(sim)
}

#[runtime::sim_test(seeds = 200)]
fn messages_of_a_websocket_come_back_in_their_order(sim: &mut Sim) -> sim::Result {
    serves(sim, || {
        let echo = |upgrade: WebSocketUpgrade| async {
            upgrade.on_upgrade(async |mut socket| {
                while let Some(Ok(message)) = socket.recv().await {
                    if matches!(message, Message::Close(_)) || socket.send(message).await.is_err() {
                        return;
                    }
                }
            })
        };
        Router::new().route("/ws", any(echo))
    });
    sim.client("client", async {
        insists(|| async {
            let stream = TcpStream::connect("server:80").await?;
            let request = Request::get("ws://server/ws").body(())?;
            let config = WebSocketConfig::default();
            let (mut socket, _) = connect(stream, request, config).await?;
            for number in 0..30_usize {
                let sent = Message::binary(vec![number as u8; number * number * 20]);
                socket.send(sent.clone()).await?;
                let back = socket.recv().await.ok_or("the end")??;
                assert_eq!(back, sent);
            }
            socket.send(Message::Close(None)).await?;
            Ok(())
        })
        .await
    });
    runs(sim)
}

#[runtime::sim_test(seeds = 200)]
fn a_server_that_drains_gives_the_answers_that_it_has_begun(sim: &mut Sim) -> sim::Result {
    let begun = Rc::new(RefCell::new((0, 0)));
    let counts = Rc::clone(&begun);
    sim.host("server", move || {
        let counts = Rc::clone(&counts);
        async move {
            let listener = TcpListener::bind("0.0.0.0:80").await?;
            let slow = move || {
                let counts = Rc::clone(&counts);
                async move {
                    counts.borrow_mut().0 += 1;
                    sleep(700 * MILLI).await;
                    "x".repeat(20_000)
                }
            };
            let app = Router::new().route("/", get(slow));
            let stop = sleep(2 * SECOND);
            serve(listener, app).with_graceful_shutdown(stop).await?;
            Ok(())
        }
    });
    let counts = Rc::clone(&begun);
    sim.client("client", async move {
        let mut attempts = JoinSet::new();
        for number in 0..30 {
            let counts = Rc::clone(&counts);
            attempts.spawn(async move {
                sleep(number * 100 * MILLI).await;
                let Ok(mut sender) = connected().await else {
                    return;
                };
                let request = Request::get("/").body(Body::empty()).expect("a request");
                if let Ok(response) = sender.send_request(request).await {
                    let body = to_bytes(response.into_body(), 1_000_000).await;
                    assert_eq!(body.expect("a whole body").len(), 20_000);
                    counts.borrow_mut().1 += 1;
                }
            });
        }
        while let Some(ended) = attempts.join_next().await {
            ended?;
        }
        Ok(())
    });
    sim.run()?;
    sim.run_for(600 * SECOND)?;
    let (begun, answered) = *begun.borrow();
    assert_eq!(begun, answered);
    assert!(
        (15..30).contains(&answered),
        "{answered} of 30 came before the end"
    );
    assert_eq!(sim.sockets(), 0);
    Ok(())
}
