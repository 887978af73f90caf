//! `TcpSocket`: options that must be set before a socket listens or connects.

#[path = "support/machine.rs"]
mod machine;
#[path = "support/net.rs"]
mod net;

use std::io::ErrorKind;
use std::net::SocketAddr;

use machine::{drop_after, run};
use net::{ANY, is_ready, listener, refusing, works};
use runtime::net::{TcpListener, TcpSocket, TcpStream};

fn any() -> SocketAddr {
    ANY.parse().unwrap()
}

#[test]
fn options_are_kept_as_they_are_set() {
    let socket = TcpSocket::new_v4().unwrap();
    for on in [true, false, true] {
        socket.set_reuseaddr(on).unwrap();
        assert_eq!(socket.reuseaddr().unwrap(), on);
        socket.set_reuseport(on).unwrap();
        assert_eq!(socket.reuseport().unwrap(), on);
        socket.set_keepalive(on).unwrap();
        assert_eq!(socket.keepalive().unwrap(), on);
        socket.set_nodelay(on).unwrap();
        assert_eq!(socket.nodelay().unwrap(), on);
    }
}

#[test]
fn buffers_are_at_least_as_large_as_asked_for() {
    let socket = TcpSocket::new_v4().unwrap();
    let default = socket.send_buffer_size().unwrap();
    for size in [8192, 65_536] {
        socket.set_send_buffer_size(size).unwrap();
        socket.set_recv_buffer_size(size).unwrap();
        assert!(socket.send_buffer_size().unwrap() >= size);
        assert!(socket.recv_buffer_size().unwrap() >= size);
    }
    assert_ne!(socket.send_buffer_size().unwrap(), default);
}

#[test]
fn options_go_over_to_the_stream() {
    run(async {
        let listener = listener().await;
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_nodelay(true).unwrap();
        let stream = socket
            .connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        assert!(stream.nodelay().unwrap());
    });
}

#[test]
fn a_bound_socket_connects_from_its_address() {
    run(async {
        let listener = listener().await;
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(any()).unwrap();
        let from = socket.local_addr().unwrap();
        let mut near = socket
            .connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (mut far, peer) = listener.accept().await.unwrap();
        assert_eq!((near.local_addr().unwrap(), peer), (from, from));
        works(&mut near, &mut far).await;
    });
}

#[test]
fn a_bound_socket_listens_whatever_its_backlog() {
    run(async {
        for backlog in [0, 1, 1024, u32::MAX] {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind(any()).unwrap();
            let addr = socket.local_addr().unwrap();
            let listener = socket.listen(backlog).unwrap();
            assert_eq!(listener.local_addr().unwrap(), addr);
            let near = TcpStream::connect(addr).await.unwrap();
            let (_, peer) = listener.accept().await.unwrap();
            assert_eq!(peer, near.local_addr().unwrap());
        }
    });
}

#[test]
fn two_listeners_share_a_port_and_every_connection_reaches_one_of_them() {
    run(async {
        let first = sharing(any());
        let addr = first.local_addr().unwrap();
        let second = sharing(addr);
        let mut near = Vec::new();
        let (mut by_first, mut by_second) = (0, 0);
        for _ in 0..100 {
            near.push(TcpStream::connect(addr).await.unwrap());
            let one = async { first.accept().await.map(|_| by_first += 1) };
            let two = async { second.accept().await.map(|_| by_second += 1) };
            futures_lite::future::or(one, two).await.unwrap();
        }
        assert_eq!(by_first + by_second, 100);
        // The system deals them out by a hash of the addresses; all at one happens less
        // often than any accident of the machine.
        assert!(by_first > 0 && by_second > 0);
        assert!(!is_ready(first.accept()).await && !is_ready(second.accept()).await);
    });
}

fn sharing(addr: SocketAddr) -> TcpListener {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseport(true).unwrap();
    socket.bind(addr).unwrap();
    socket.listen(128).unwrap()
}

#[test]
fn without_reuseport_a_port_belongs_to_one_listener() {
    run(async {
        let first = sharing(any());
        let socket = TcpSocket::new_v4().unwrap();
        let error = socket.bind(first.local_addr().unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
    });
}

#[test]
fn what_the_system_refuses_is_an_error_and_leaves_nothing() {
    run(async {
        let (_held, refused) = refusing();
        let socket = TcpSocket::new_v4().unwrap();
        let error = socket.connect(refused).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        let socket = TcpSocket::new_v4().unwrap();
        let other_family = SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], 9));
        socket.connect(other_family).await.unwrap_err();
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(any()).unwrap();
        assert_eq!(
            socket.bind(any()).unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
    });
}

#[test]
fn a_connect_that_is_given_up_leaves_nothing() {
    run(async {
        let listener = listener().await;
        for polls in 0..3 {
            let socket = TcpSocket::new_v4().unwrap();
            let addr = listener.local_addr().unwrap();
            drop(drop_after(polls, socket.connect(addr)).await);
        }
        let near = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        loop {
            // Those that were given up may have come through before they were closed.
            let (_, peer) = listener.accept().await.unwrap();
            if peer == near.local_addr().unwrap() {
                break;
            }
        }
    });
}

#[test]
fn the_newer_protocol_works_where_the_machine_has_it() {
    run(async {
        let any: SocketAddr = SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], 0));
        let ours = TcpSocket::new_v6().and_then(|socket| {
            socket.bind(any)?;
            socket.listen(8)
        });
        match (std::net::TcpListener::bind(any), ours) {
            (Ok(_), Ok(listener)) => {
                let addr = listener.local_addr().unwrap();
                let socket = TcpSocket::new_v6().unwrap();
                let mut near = socket.connect(addr).await.unwrap();
                let (mut far, _) = listener.accept().await.unwrap();
                works(&mut near, &mut far).await;
            }
            (Err(expected), Err(error)) => assert_eq!(error.kind(), expected.kind()),
            (std, ours) => panic!("the standard library: {std:?}; we: {ours:?}"),
        }
    });
}
