//! Looking up host names: what is asked of the system's resolver and what is not, where it is
//! asked, and what is left of a question that is given up.
//!
//! The names are `localhost`, which every machine knows without a network, and one that is too
//! long for any resolver to send.
#![forbid(unsafe_code)]
#![cfg(feature = "trace")]

#[path = "support/machine.rs"]
mod machine;
#[path = "support/net.rs"]
mod net;

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::sync::mpsc;
use std::task::Poll;

use machine::{Ledger, count, drop_after, live, poll_here, run};
use net::{ANY, listener, pair, works};
use runtime::join;
use runtime::net::{TcpListener, TcpStream, ToSocketAddrs, UdpSocket, lookup_host};
use runtime::runtime::{Builder, Runtime};
use runtime::task::{spawn_blocking, yield_now};
use runtime::time::{Duration, sleep};
use runtime::trace::Event;

const PORT: u16 = 4711;

/// What a look-up gives.
async fn addresses(host: impl ToSocketAddrs) -> io::Result<Vec<SocketAddr>> {
    Ok(lookup_host(host).await?.collect())
}

/// What a look-up gives at its first poll, when no other thread can have answered yet.
async fn at_once(host: impl ToSocketAddrs) -> Vec<SocketAddr> {
    match poll_here(&mut Box::pin(addresses(host))).await {
        Poll::Ready(addrs) => addrs.expect("it is an address"),
        Poll::Pending => panic!("a resolver was asked"),
    }
}

/// A text of host and port whose host no resolver takes: a name has 253 bytes at most (RFC 1035,
/// section 2.3.4, less what its coding takes).
fn too_long() -> String {
    format!("{}:{PORT}", ["name"; 80].join("."))
}

/// A runtime that records, with one thread in its pool, and that one busy until the sender sends.
fn without_a_thread() -> (Runtime, mpsc::Sender<()>) {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_all().max_blocking_threads(1).build();
    let runtime = runtime.expect("a runtime");
    runtime.trace().start(100_000);
    let (open, gate) = mpsc::channel();
    runtime.block_on(async {
        drop(spawn_blocking(move || gate.recv()));
    });
    (runtime, open)
}

#[test]
fn a_name_gives_its_addresses_each_with_the_port() {
    run(async {
        let text = format!("localhost:{PORT}");
        let found = [
            addresses(text.as_str()).await.unwrap(),
            addresses(&text).await.unwrap(),
            addresses(("localhost", PORT)).await.unwrap(),
            addresses((String::from("localhost"), PORT)).await.unwrap(),
        ];
        for addrs in &found {
            assert_eq!(addrs, &found[0]);
            assert!(!addrs.is_empty());
            for addr in addrs {
                assert!(addr.ip().is_loopback() && addr.port() == PORT, "{addr}");
            }
        }
    });
}

#[test]
fn what_is_numeric_is_its_own_answer_and_nobody_is_asked() {
    let runtime = live();
    runtime.block_on(async {
        let (four, six) = (Ipv4Addr::LOCALHOST, Ipv6Addr::LOCALHOST);
        let v4 = SocketAddr::from((four, PORT));
        let v6 = SocketAddr::from((six, PORT));
        assert_eq!(at_once("127.0.0.1:4711").await, [v4]);
        assert_eq!(at_once("[::1]:4711").await, [v6]);
        assert_eq!(at_once(("127.0.0.1", PORT)).await, [v4]);
        assert_eq!(at_once((String::from("::1"), PORT)).await, [v6]);
        assert_eq!(at_once((IpAddr::V6(six), PORT)).await, [v6]);
        assert_eq!(at_once((four, PORT)).await, [v4]);
        assert_eq!(at_once(SocketAddrV4::new(four, PORT)).await, [v4]);
        assert_eq!(at_once(SocketAddrV6::new(six, PORT, 0, 0)).await, [v6]);
        assert_eq!(at_once(&[v6, v4][..]).await, [v6, v4]);
        let text = listener().await.local_addr().unwrap().to_string();
        drop(TcpStream::connect(&text).await);
        drop(TcpListener::bind(&text).await);
        let socket = UdpSocket::bind(ANY).await.unwrap();
        socket.send_to(b"?", &text).await.unwrap();
        socket.connect(&text).await.unwrap();
    });
    let asked = |event: &Event| matches!(event, Event::JobQueued { .. });
    assert_eq!(count(&runtime.trace().take(), asked), 0);
}

#[test]
fn a_name_that_cannot_be_resolved_is_an_error_for_whoever_asks() {
    run(async {
        let name = too_long();
        assert!(addresses(&name).await.is_err());
        assert!(TcpStream::connect(&name).await.is_err());
        assert!(TcpListener::bind(&name).await.is_err());
        assert!(UdpSocket::bind(&name).await.is_err());
        let socket = UdpSocket::bind(ANY).await.unwrap();
        assert!(socket.connect(&name).await.is_err());
        assert!(socket.send_to(b"?", &name).await.is_err());
        // The socket is none the worse for it.
        let addr = socket.local_addr().unwrap();
        assert_eq!(socket.send_to(b"!", addr).await.unwrap(), 1);
        assert_eq!(socket.recv(&mut [0; 8]).await.unwrap(), 1);
    });
}

#[test]
fn a_connection_by_name_tries_all_addresses_of_the_name() {
    run(async {
        // It listens at one of them only.
        let listener = listener().await;
        let addr = listener.local_addr().unwrap();
        let name = format!("localhost:{}", addr.port());
        if !addresses(&name).await.unwrap().contains(&addr) {
            return; // A machine without IPv4.
        }
        let (near, far) = join!(TcpStream::connect(&name), listener.accept());
        let (mut near, mut far) = (near.unwrap(), far.unwrap().0);
        assert_eq!(near.peer_addr().unwrap(), addr);
        works(&mut near, &mut far).await;
    });
}

#[test]
fn datagrams_go_to_names_too() {
    run(async {
        let far = UdpSocket::bind("localhost:0").await.unwrap();
        let near = UdpSocket::bind((far.local_addr().unwrap().ip(), 0));
        let near = near.await.unwrap();
        let name = format!("localhost:{}", far.local_addr().unwrap().port());
        let known = addresses(&name).await.unwrap();
        // `send_to` goes to the first address and tries no other, as in Tokio.
        if known.first() == far.local_addr().ok().as_ref() {
            near.send_to(b"one", &name).await.unwrap();
            assert_eq!(far.recv(&mut [0; 8]).await.unwrap(), 3);
        }
        near.connect(&name).await.unwrap();
        near.send(b"two!").await.unwrap();
        assert_eq!(far.recv(&mut [0; 8]).await.unwrap(), 4);
    });
}

#[test]
fn the_loop_turns_while_a_name_is_looked_up() {
    let (runtime, open) = without_a_thread();
    runtime.block_on(async {
        let mut asking = Box::pin(addresses(("localhost", PORT)));
        assert!(poll_here(&mut asking).await.is_pending());
        // The resolver cannot even have begun. Tasks, timers and sockets go on.
        runtime::spawn(yield_now()).await.unwrap();
        sleep(Duration::from_millis(2)).await;
        let (mut near, mut far) = pair().await;
        works(&mut near, &mut far).await;
        assert!(poll_here(&mut asking).await.is_pending());
        open.send(()).unwrap();
        assert!(!asking.await.unwrap().is_empty());
    });
}

#[test]
fn a_look_up_that_is_given_up_leaves_nothing_behind() {
    let (runtime, open) = without_a_thread();
    runtime.block_on(async {
        for polls in 0..3 {
            // Some have asked; no answer can have come.
            let gone = drop_after(polls.min(1), addresses("localhost:80")).await;
            assert!(gone.is_none());
            let gone = drop_after(polls.min(1), TcpStream::connect("localhost:80")).await;
            assert!(gone.is_none());
        }
        let task = runtime::spawn(addresses("localhost:80"));
        yield_now().await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        open.send(()).unwrap();
        // Who asks after them is answered.
        assert!(!addresses("localhost:80").await.unwrap().is_empty());
    });
    let records = runtime.trace().take();
    let (mut away, mut asked) = (BTreeSet::new(), 0);
    for record in &records {
        match record.event {
            Event::JobQueued { job, .. } => {
                asked += 1;
                assert!(away.insert(job));
            }
            Event::JobEnded { job, .. } => assert!(away.remove(&job)),
            _ => {}
        }
    }
    // The one that kept the thread, four that were given up, one aborted, and the last.
    assert_eq!(asked, 7);
    assert!(away.is_empty(), "{away:?}");
    let mut ledger = Ledger::default();
    ledger.read(&records);
    ledger.assert_empty();
}

#[test]
fn a_runtime_does_not_wait_for_a_look_up_that_has_not_begun_and_its_asker_hears_of_it() {
    let (runtime, _open) = without_a_thread();
    let mut asking = Box::pin(addresses("localhost:80"));
    runtime.block_on(async {
        assert!(poll_here(&mut asking).await.is_pending());
    });
    runtime.shutdown_background();
    assert!(live().block_on(asking).is_err());
}
