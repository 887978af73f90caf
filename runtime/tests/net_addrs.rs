//! What can be given as an address, what cannot, and looking up a name.

#[path = "support/machine.rs"]
mod machine;
#[path = "support/net.rs"]
mod net;

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};

use machine::{drop_after, live, poll_here, run};
use net::listener;
use runtime::net::{TcpListener, TcpStream, ToSocketAddrs};
use runtime::spawn;
use runtime::task::yield_now;

/// The address that a connection to `addr` reaches.
async fn reached(addr: impl ToSocketAddrs) -> SocketAddr {
    let stream = TcpStream::connect(addr).await.expect("to connect");
    stream.peer_addr().expect("an address")
}

#[test]
fn every_form_of_an_address_leads_to_the_same_place() {
    run(async {
        let listener = listener().await;
        let addr = listener.local_addr().unwrap();
        let (port, home) = (addr.port(), Ipv4Addr::LOCALHOST);
        let text = addr.to_string();
        let ip = home.to_string();
        let all = [
            reached(addr).await,
            reached(&addr).await,
            reached(SocketAddrV4::new(home, port)).await,
            reached((home, port)).await,
            reached((IpAddr::V4(home), port)).await,
            reached(text.as_str()).await,
            reached(text.clone()).await,
            reached(&text).await,
            reached((ip.as_str(), port)).await,
            reached((ip.clone(), port)).await,
            reached(&[addr][..]).await,
            reached(vec![addr]).await,
        ];
        assert!(all.iter().all(|reached| *reached == addr), "{all:?}");
    });
}

#[test]
fn text_that_is_no_address_is_an_error_that_shows_it_and_says_why() {
    run(async {
        let wrong = [
            ("", "port is missing"),
            ("127.0.0.1", "port is missing"),
            ("localhost", "port is missing"),
            ("127.0.0.1:", "not a number"),
            ("127.0.0.1:http", "not a number"),
            ("127.0.0.1:-1", "not a number"),
            ("127.0.0.1:65536", "not a number"),
            ("[::1]", "not a number"),
            ("127.0.0.1:80/path", "not a number"),
        ];
        for (text, why) in wrong {
            let errors = [
                TcpStream::connect(text).await.map(drop).unwrap_err(),
                TcpListener::bind(text).await.map(drop).unwrap_err(),
            ];
            for error in errors {
                assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
                let says = error.to_string();
                assert!(
                    says.contains(&format!("{text:?}")) && says.contains(why),
                    "{says}"
                );
            }
        }
    });
}

#[test]
fn a_name_that_no_resolver_can_know_is_an_error() {
    run(async {
        let error = TcpStream::connect(("a\0b", 80)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    });
}

#[test]
fn localhost_is_looked_up_while_other_tasks_run() {
    run(async {
        let listener = TcpListener::bind("localhost:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        assert!(addr.ip().is_loopback());
        let mut connect = Box::pin(TcpStream::connect(("localhost", addr.port())));
        // The first poll sends the question and does not wait for the answer.
        assert!(poll_here(&mut connect).await.is_pending());
        let other = spawn(async { 7 });
        yield_now().await;
        assert_eq!(other.await.unwrap(), 7);
        assert_eq!(connect.await.unwrap().peer_addr().unwrap(), addr);
    });
}

#[test]
fn a_look_up_that_is_given_up_harms_nobody() {
    run(async {
        for _ in 0..20 {
            let gone = drop_after(1, TcpStream::connect("localhost:1")).await;
            assert!(gone.is_none());
        }
        TcpListener::bind("localhost:0").await.unwrap();
    });
}

#[test]
fn a_look_up_may_outlive_its_runtime() {
    let runtime = live();
    let mut connect = Box::pin(TcpStream::connect("localhost:1"));
    runtime.block_on(async {
        assert!(poll_here(&mut connect).await.is_pending());
    });
    // The answer reaches no task; the waker that it calls belongs to a task that is gone.
    drop(runtime);
    drop(connect);
}
