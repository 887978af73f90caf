//! Unix datagrams: whole, in order, none lost; and senders that wait for a full queue.
#![forbid(unsafe_code)]
#![cfg(unix)]

#[path = "support/dir.rs"]
mod dir;
#[path = "support/machine.rs"]
mod machine;

use std::future::poll_fn;
use std::io::ErrorKind;
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net as std_net;
use std::rc::Rc;

use dir::Dir;
use machine::{drop_after, drop_when_woken, panic_of, poll_here, run};
use runtime::io::Interest;
use runtime::net::{UnixDatagram, UnixSocket};
use runtime::spawn;
use runtime::task::yield_now;

fn pair() -> (UnixDatagram, UnixDatagram) {
    UnixDatagram::pair().expect("a pair")
}

#[test]
fn each_send_is_one_receive_in_all_its_forms() {
    run(async {
        let (near, far) = pair();
        let mut buffer = [0; 16];
        assert_eq!(near.send(b"one").await.unwrap(), 3);
        assert_eq!(poll_fn(|cx| near.poll_send(cx, b"three")).await.unwrap(), 5);
        assert_eq!(near.try_send(b"four").unwrap(), 4);
        assert_eq!(far.recv(&mut buffer).await.unwrap(), 3);
        let polled = poll_fn(|cx| far.poll_recv(cx, &mut buffer)).await;
        assert_eq!(polled.unwrap(), 5);
        assert_eq!(&buffer[..5], b"three");
        far.readable().await.unwrap();
        let (len, from) = far.try_recv_from(&mut buffer).unwrap();
        assert!(len == 4 && from.is_unnamed());
        let error = far.try_recv(&mut buffer).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        let mut growing = b"> ".to_vec();
        growing.reserve_exact(100);
        near.send(b"hello").await.unwrap();
        near.send(b", again").await.unwrap();
        assert_eq!(far.recv_buf(&mut growing).await.unwrap(), 5);
        let (len, _) = far.recv_buf_from(&mut growing).await.unwrap();
        assert_eq!((len, &growing[..]), (7, &b"> hello, again"[..]));
        assert!(far.try_recv_buf(&mut growing).is_err());
        assert!(far.try_recv_buf_from(&mut growing).is_err());
        assert_eq!(growing.len(), 14);
    });
}

#[test]
fn sockets_under_paths_know_who_sent() {
    run(async {
        let dir = Dir::new();
        let near = UnixDatagram::bind(dir.at("near")).unwrap();
        let far = UnixDatagram::bind(dir.at("far")).unwrap();
        let nameless = UnixDatagram::unbound().unwrap();
        let mut buffer = [0; 16];
        near.send_to(b"question", dir.at("far")).await.unwrap();
        let (len, from) = far.recv_from(&mut buffer).await.unwrap();
        assert_eq!((len, from.as_pathname()), (8, Some(&*dir.at("near"))));
        let to = from.as_pathname().unwrap();
        let sent = poll_fn(|cx| far.poll_send_to(cx, b"answer", to)).await;
        assert_eq!(sent.unwrap(), 6);
        let polled = poll_fn(|cx| near.poll_recv_from(cx, &mut buffer)).await;
        assert_eq!(polled.unwrap().1.as_pathname(), Some(&*dir.at("far")));
        assert_eq!(nameless.try_send_to(b"psst", dir.at("far")).unwrap(), 4);
        assert!(far.recv_from(&mut buffer).await.unwrap().1.is_unnamed());
        // A socket that is connected hears one only.
        near.connect(dir.at("far")).unwrap();
        assert_eq!(
            near.peer_addr().unwrap().as_pathname(),
            Some(&*dir.at("far"))
        );
        let error = nameless.send_to(b"x", dir.at("near")).await;
        assert!(error.is_err());
    });
}

#[test]
fn what_is_not_there_taken_or_of_the_other_kind_is_an_error() {
    run(async {
        let dir = Dir::new();
        let near = UnixDatagram::unbound().unwrap();
        assert!(near.local_addr().unwrap().is_unnamed());
        let error = near.send_to(b"x", dir.at("far")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(near.connect(dir.at("far")).is_err());
        assert!(near.send(b"x").await.is_err(), "it is not connected");
        assert!(near.peer_addr().is_err());
        let _far = UnixDatagram::bind(dir.at("far")).unwrap();
        let error = UnixDatagram::bind(dir.at("far")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        let stream = UnixSocket::new_stream().unwrap();
        stream.bind(dir.at("stream")).unwrap();
        let _listener = stream.listen(1).unwrap();
        assert!(near.send_to(b"x", dir.at("stream")).await.is_err());
        let socket = UnixSocket::new_datagram().unwrap().datagram().unwrap();
        socket.send_to(b"x", dir.at("far")).await.unwrap();
    });
}

#[test]
fn a_full_queue_makes_the_sender_wait_and_nothing_is_lost() {
    run(async {
        let (near, far) = pair();
        let mut sent = 0_u32;
        while near.try_send(&sent.to_le_bytes()).is_ok() {
            sent += 1;
        }
        let first = sent;
        let sender = spawn(async move {
            for n in first..first + 100 {
                near.send(&n.to_le_bytes()).await.unwrap();
            }
        });
        yield_now().await;
        assert!(!sender.is_finished());
        for n in 0..first + 100 {
            let mut buffer = [0; 4];
            assert_eq!(far.recv(&mut buffer).await.unwrap(), 4);
            assert_eq!(u32::from_le_bytes(buffer), n);
        }
        sender.await.unwrap();
    });
}

#[test]
fn a_send_that_is_given_up_has_sent_nothing_and_the_next_goes_on() {
    run(async {
        let (near, far) = pair();
        let mut sent = 0;
        while near.try_send(b"x").is_ok() {
            sent += 1;
        }
        assert!(drop_after(1, near.send(b"given up")).await.is_none());
        let mut waiting = Box::pin(near.send(b"last"));
        assert!(poll_here(&mut waiting).await.is_pending());
        let mut buffer = [0; 16];
        for _ in 0..sent {
            assert_eq!(far.recv(&mut buffer).await.unwrap(), 1);
        }
        assert_eq!(waiting.await.unwrap(), 4);
        assert_eq!(far.recv(&mut buffer).await.unwrap(), 4);
        assert!(far.try_recv(&mut buffer).is_err());
    });
}

#[test]
fn a_receive_that_was_woken_and_given_up_leaves_the_datagram_to_the_next() {
    run(async {
        let (near, far) = pair();
        let near = Rc::new(near);
        for round in 0..20_u8 {
            let sending = Rc::clone(&near);
            let sender = spawn(async move {
                yield_now().await;
                sending.send(&[round]).await.unwrap();
            });
            drop_when_woken(far.recv(&mut [0; 8])).await;
            let mut byte = [0];
            assert_eq!(far.recv(&mut byte).await.unwrap(), 1);
            assert_eq!(byte, [round]);
            sender.await.unwrap();
        }
    });
}

#[test]
fn a_peer_that_goes_away_wakes_who_sends() {
    run(async {
        let (near, far) = pair();
        while near.try_send(b"x").is_ok() {}
        let sender = spawn(async move { near.send(b"more").await });
        yield_now().await;
        assert!(!sender.is_finished());
        drop(far);
        assert!(sender.await.unwrap().is_err());
    });
}

#[test]
fn shutdown_ends_sending_at_both_ends() {
    run(async {
        let (near, far) = pair();
        near.send(b"last").await.unwrap();
        near.shutdown(Shutdown::Write).unwrap();
        assert!(near.send(b"x").await.is_err());
        assert_eq!(far.recv(&mut [0; 8]).await.unwrap(), 4);
        near.shutdown(Shutdown::Read).unwrap();
        assert!(far.send(b"x").await.is_err());
    });
}

#[test]
fn a_socket_that_always_has_datagrams_shares_the_thread() {
    run(async {
        let (near, far) = pair();
        let other = spawn(async {});
        let mut rounds = 0;
        while !other.is_finished() {
            near.send(b"x").await.unwrap();
            far.recv(&mut [0; 1]).await.unwrap();
            rounds += 1;
            assert!(rounds < 1000, "the other task starves");
        }
    });
}

#[test]
fn a_socket_is_waited_for_by_hand_and_goes_to_the_standard_library_and_back() {
    run(async {
        let (near, far) = pair();
        let ready = near.ready(Interest::READABLE | Interest::WRITABLE).await;
        assert!(ready.unwrap().is_writable());
        poll_fn(|cx| near.poll_send_ready(cx)).await.unwrap();
        near.writable().await.unwrap();
        assert_eq!(near.try_io(Interest::WRITABLE, || Ok(7)).unwrap(), 7);
        let done = near.async_io(Interest::WRITABLE, || Ok(8)).await;
        assert_eq!(done.unwrap(), 8);
        near.send(b"x").await.unwrap();
        poll_fn(|cx| far.poll_recv_ready(cx)).await.unwrap();
        assert_eq!(far.as_fd().as_raw_fd(), far.as_raw_fd());
        let far = UnixDatagram::from_std(far.into_std().unwrap()).unwrap();
        assert_eq!(far.recv(&mut [0; 8]).await.unwrap(), 1);
        let (blocking, _) = std_net::UnixDatagram::pair().unwrap();
        let error = UnixDatagram::try_from(blocking).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(near.take_error().unwrap().is_none());
    });
    let outside = panic_of(UnixDatagram::unbound);
    assert!(outside.contains("no runtime"), "{outside}");
}
