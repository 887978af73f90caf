//! TCP from bind to shutdown: every method, and the errors of what the network refuses.

#[path = "support/machine.rs"]
mod machine;
#[path = "support/net.rs"]
mod net;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd};
use std::task::Context;

use machine::{Bell, panic_of, run};
use net::{ANY, fill, listener, pair, pattern, refusing, works};
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::runtime::Builder;
use runtime::spawn;
use runtime::task::yield_now;
use runtime::time::Duration;

#[test]
fn both_ends_know_both_addresses() {
    run(async {
        let listener = listener().await;
        let addr = listener.local_addr().unwrap();
        assert_ne!(addr.port(), 0);
        let near = TcpStream::connect(addr).await.unwrap();
        let (far, peer) = listener.accept().await.unwrap();
        assert_eq!(near.peer_addr().unwrap(), addr);
        assert_eq!(far.local_addr().unwrap(), addr);
        assert_eq!(near.local_addr().unwrap(), peer);
        assert_eq!(far.peer_addr().unwrap(), peer);
        assert_eq!(near.as_fd().as_raw_fd(), near.as_raw_fd());
    });
}

#[test]
fn megabytes_go_both_ways_at_once_unchanged() {
    run(async {
        let (near, far) = pair().await;
        let total = 3_000_000;
        let ends = [near, far].map(|end| {
            spawn(async move {
                let (mut read, mut write) = end.into_split();
                let writer = spawn(async move {
                    for at in (0..total).step_by(50_000) {
                        write.write_all(&pattern(at, 50_000)).await.unwrap();
                    }
                });
                let mut all = Vec::new();
                read.read_to_end(&mut all).await.unwrap();
                writer.await.unwrap();
                assert!(all == pattern(0, total));
            })
        });
        for end in ends {
            end.await.unwrap();
        }
    });
}

#[test]
fn connections_are_accepted_in_the_order_in_which_they_came() {
    run(async {
        let listener = listener().await;
        let addr = listener.local_addr().unwrap();
        let mut near = Vec::new();
        for _ in 0..50 {
            near.push(TcpStream::connect(addr).await.unwrap());
        }
        for stream in &near {
            let (_, peer) = listener.accept().await.unwrap();
            assert_eq!(peer, stream.local_addr().unwrap());
        }
    });
}

#[test]
fn a_connection_that_was_closed_before_it_was_accepted_still_gives_its_bytes() {
    run(async {
        let listener = listener().await;
        let mut near = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        near.write_all(b"last words").await.unwrap();
        drop(near);
        let (mut far, _) = listener.accept().await.unwrap();
        let mut words = String::new();
        far.read_to_string(&mut words).await.unwrap();
        assert_eq!(words, "last words");
    });
}

#[test]
fn of_two_who_poll_accept_in_turn_the_last_is_woken() {
    run(async {
        let listener = listener().await;
        let ((first, first_waker), (second, second_waker)) = (Bell::new(), Bell::new());
        for waker in [&first_waker, &second_waker] {
            let mut cx = Context::from_waker(waker);
            assert!(listener.poll_accept(&mut cx).is_pending());
        }
        let _near = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        while second.rung() == 0 {
            yield_now().await;
        }
        assert_eq!((first.rung(), second.rung()), (0, 1));
    });
}

#[test]
fn every_address_is_tried_in_turn_until_one_connects() {
    run(async {
        let listener = listener().await;
        let good = listener.local_addr().unwrap();
        let ((_a, first), (_b, second)) = (refusing(), refusing());
        for addrs in [
            vec![first, good],
            vec![first, second, good],
            vec![good, first],
        ] {
            let stream = TcpStream::connect(&addrs[..]).await.unwrap();
            assert_eq!(stream.peer_addr().unwrap(), good);
        }
    });
}

#[test]
fn a_refused_connection_is_an_error_and_leaves_nothing() {
    run(async {
        let ((_a, first), (_b, second)) = (refusing(), refusing());
        for addrs in [vec![first], vec![first, second]] {
            let error = TcpStream::connect(addrs).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        }
    });
}

#[test]
fn the_error_of_the_last_address_is_reported() {
    run(async {
        let (_socket, refused) = refusing();
        let hopeless = hopeless();
        let error = TcpStream::connect(&[hopeless, refused][..])
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        let expected = std::net::TcpStream::connect(hopeless).unwrap_err();
        let error = TcpStream::connect(&[refused, hopeless][..])
            .await
            .unwrap_err();
        assert_eq!(error.kind(), expected.kind());
    });
}

/// An address that no TCP connection reaches: the broadcast address.
fn hopeless() -> SocketAddr {
    SocketAddr::from(([255, 255, 255, 255], 9))
}

#[test]
fn an_address_that_cannot_be_reached_is_the_error_that_the_system_gives() {
    run(async {
        let expected = std::net::TcpStream::connect(hopeless()).unwrap_err();
        let error = TcpStream::connect(hopeless()).await.unwrap_err();
        assert_eq!(error.raw_os_error(), expected.raw_os_error());
    });
}

#[test]
fn no_address_at_all_is_an_error_that_says_so() {
    run(async {
        let none: &[SocketAddr] = &[];
        let errors = [
            TcpStream::connect(none).await.map(drop).unwrap_err(),
            TcpListener::bind(none).await.map(drop).unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains("any address"), "{error}");
        }
    });
}

#[test]
fn a_port_that_is_in_use_is_refused_and_the_next_address_is_bound() {
    run(async {
        let first = listener().await;
        let used = first.local_addr().unwrap();
        let error = TcpListener::bind(used).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        let any: SocketAddr = ANY.parse().unwrap();
        let second = TcpListener::bind(&[used, any][..]).await.unwrap();
        assert_ne!(second.local_addr().unwrap(), used);
    });
}

#[test]
fn a_port_is_free_again_as_soon_as_its_listener_is_dropped() {
    run(async {
        let first = listener().await;
        let addr = first.local_addr().unwrap();
        // Even though a connection of it lingers in the system.
        let near = TcpStream::connect(addr).await.unwrap();
        drop(first.accept().await.unwrap());
        drop((first, near));
        TcpListener::bind(addr).await.unwrap();
    });
}

#[test]
fn an_address_of_another_machine_cannot_be_bound() {
    run(async {
        // Reserved for documentation (RFC 5737): no machine has it.
        let error = TcpListener::bind("203.0.113.1:0").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrNotAvailable);
    });
}

#[test]
fn nobody_answers_where_a_listener_was() {
    run(async {
        let listener = listener().await;
        let addr = listener.local_addr().unwrap();
        let mut waiting = TcpStream::connect(addr).await.unwrap();
        drop(listener);
        // Who was not accepted yet is told, too.
        let end = waiting.read(&mut [0; 8]).await;
        assert!(
            matches!(end, Err(ref error) if error.kind() == ErrorKind::ConnectionReset),
            "{end:?}"
        );
        let error = TcpStream::connect(addr).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    });
}

#[test]
fn options_are_kept_as_they_are_set() {
    run(async {
        let (near, _far) = pair().await;
        for nodelay in [true, false] {
            near.set_nodelay(nodelay).unwrap();
            assert_eq!(near.nodelay().unwrap(), nodelay);
        }
        near.set_ttl(42).unwrap();
        assert_eq!(near.ttl().unwrap(), 42);
        for linger in [Some(Duration::from_secs(3)), Some(Duration::ZERO), None] {
            near.set_linger(linger).unwrap();
            assert_eq!(near.linger().unwrap(), linger);
        }
        assert!(near.take_error().unwrap().is_none());
        let listener = listener().await;
        listener.set_ttl(43).unwrap();
        assert_eq!(listener.ttl().unwrap(), 43);
    });
}

#[test]
fn shutdown_ends_one_direction_and_may_be_repeated() {
    run(async {
        let (mut near, mut far) = pair().await;
        near.write_all(b"all").await.unwrap();
        near.shutdown().await.unwrap();
        near.shutdown().await.unwrap();
        let mut all = Vec::new();
        far.read_to_end(&mut all).await.unwrap();
        assert_eq!(all, b"all");
        // The other direction goes on.
        far.write_all(b"answer").await.unwrap();
        drop(far);
        all.clear();
        near.read_to_end(&mut all).await.unwrap();
        assert_eq!(all, b"answer");
        near.shutdown().await.unwrap();
        let error = near.write(b"more").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    });
}

#[test]
fn a_peer_that_resets_is_an_error_for_readers_and_then_for_writers() {
    run(async {
        let (mut near, far) = pair().await;
        far.set_linger(Some(Duration::ZERO)).unwrap();
        drop(far);
        let error = near.read(&mut [0; 8]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        let error = near.write(b"more").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    });
}

#[test]
fn a_writer_that_waits_for_room_is_told_when_the_peer_resets() {
    run(async {
        let (mut near, far) = pair().await;
        fill(&near).await;
        let writer = spawn(async move {
            loop {
                if let Err(error) = near.write(&[0; 64 * 1024]).await {
                    return error.kind();
                }
            }
        });
        yield_now().await;
        far.set_linger(Some(Duration::ZERO)).unwrap();
        drop(far);
        let kind = writer.await.unwrap();
        assert!(
            matches!(kind, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe),
            "{kind:?}"
        );
    });
}

#[test]
fn streams_come_from_the_standard_library_and_go_back_with_what_they_hold() {
    run(async {
        let (mut near, mut far) = pair().await;
        works(&mut near, &mut far).await;
        far.write_all(b"unread").await.unwrap();
        near.readable().await.unwrap();
        let std = near.into_std().unwrap();
        let mut near = TcpStream::from_std(std).unwrap();
        let mut buffer = [0; 6];
        near.read_exact(&mut buffer).await.unwrap();
        assert_eq!(&buffer, b"unread");
        works(&mut near, &mut far).await;
    });
}

#[test]
fn listeners_come_from_the_standard_library_and_go_back_with_who_waits_there() {
    run(async {
        let std = std::net::TcpListener::bind(ANY).unwrap();
        std.set_nonblocking(true).unwrap();
        let listener = TcpListener::from_std(std).unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let std = listener.into_std().unwrap();
        let listener = TcpListener::from_std(std).unwrap();
        let (_, peer) = listener.accept().await.unwrap();
        assert_eq!(peer, near.local_addr().unwrap());
    });
}

#[test]
fn a_socket_in_blocking_mode_is_refused_because_it_would_stop_the_thread() {
    run(async {
        let listener = std::net::TcpListener::bind(ANY).unwrap();
        let stream = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let errors = [
            TcpListener::from_std(listener).map(drop).unwrap_err(),
            TcpStream::from_std(stream).map(drop).unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains("set_nonblocking"), "{error}");
        }
    });
}

#[test]
fn without_io_or_without_a_runtime_a_panic_says_what_to_do() {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let text = panic_of(|| runtime.block_on(TcpListener::bind(ANY)));
    assert!(text.contains("enable_io"), "{text}");
    let text = panic_of(|| futures_lite::future::block_on(TcpListener::bind(ANY)));
    assert!(text.contains("no runtime on this thread"), "{text}");
}
