//! UDP: datagrams that arrive whole, waits that are given up, peers that are not there.
#![forbid(unsafe_code)]

#[path = "support/machine.rs"]
mod machine;
#[path = "support/net.rs"]
mod net;

use std::future::poll_fn;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd};
use std::rc::Rc;
use std::task::Context;

use bytes::BytesMut;
use machine::{Bell, drop_after, drop_when_woken, panic_of, poll_here, run};
use net::{ANY, is_ready};
use runtime::io::Interest;
use runtime::net::UdpSocket;
use runtime::runtime::Builder;
use runtime::spawn;
use runtime::task::yield_now;

async fn socket() -> UdpSocket {
    UdpSocket::bind(ANY).await.expect("a free port")
}

/// Two sockets that are connected to each other.
async fn pair() -> (UdpSocket, UdpSocket) {
    let (near, far) = (socket().await, socket().await);
    near.connect(far.local_addr().unwrap()).await.unwrap();
    far.connect(near.local_addr().unwrap()).await.unwrap();
    (near, far)
}

#[test]
fn each_send_is_one_receive_in_all_its_forms() {
    run(async {
        let (near, far) = pair().await;
        let from = near.local_addr().unwrap();
        let mut buffer = [0; 16];
        assert_eq!(near.send(b"one").await.unwrap(), 3);
        assert_eq!(near.send(b"").await.unwrap(), 0);
        assert_eq!(poll_fn(|cx| near.poll_send(cx, b"three")).await.unwrap(), 5);
        assert_eq!(near.try_send(b"four").unwrap(), 4);
        assert_eq!(far.recv(&mut buffer).await.unwrap(), 3);
        assert_eq!(&buffer[..3], b"one");
        assert_eq!(far.recv_from(&mut buffer).await.unwrap(), (0, from));
        let polled = poll_fn(|cx| far.poll_recv_from(cx, &mut buffer)).await;
        assert_eq!(polled.unwrap(), (5, from));
        assert_eq!(&buffer[..5], b"three");
        far.readable().await.unwrap();
        assert_eq!(far.try_recv_from(&mut buffer).unwrap(), (4, from));
        let error = far.try_recv(&mut buffer).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    });
}

#[test]
fn one_socket_sends_to_many_and_knows_who_answers() {
    run(async {
        let server = socket().await;
        let addr = server.local_addr().unwrap();
        let clients = (0..10_u8).map(|n| {
            spawn(async move {
                let client = socket().await;
                client.send_to(&[n], addr).await.unwrap();
                let mut answer = [0; 2];
                assert_eq!(client.recv_from(&mut answer).await.unwrap(), (2, addr));
                assert_eq!(answer, [n, n]);
            })
        });
        let clients: Vec<_> = clients.collect();
        for _ in &clients {
            let mut question = [0; 1];
            let (_, from) = server.recv_from(&mut question).await.unwrap();
            let [n] = question;
            let sent = poll_fn(|cx| server.poll_send_to(cx, &[n, n], from)).await;
            assert_eq!(sent.unwrap(), 2);
        }
        for client in clients {
            client.await.unwrap();
        }
    });
}

#[test]
fn a_datagram_that_does_not_fit_loses_its_end_and_the_next_is_whole() {
    run(async {
        let (near, far) = pair().await;
        near.send(b"too long").await.unwrap();
        near.send(b"fits").await.unwrap();
        let mut buffer = [0; 4];
        assert_eq!(far.recv(&mut buffer).await.unwrap(), 4);
        assert_eq!(&buffer, b"too ");
        assert_eq!(far.recv(&mut buffer).await.unwrap(), 4);
        assert_eq!(&buffer, b"fits");
    });
}

#[test]
fn a_growing_buffer_gets_the_datagram_at_its_end() {
    run(async {
        let (near, far) = pair().await;
        let from = near.local_addr().unwrap();
        let mut vec = b"> ".to_vec();
        vec.reserve_exact(100);
        near.send(b"hello").await.unwrap();
        assert_eq!(far.recv_buf(&mut vec).await.unwrap(), 5);
        assert_eq!(vec, b"> hello");
        let mut bytes = BytesMut::with_capacity(100);
        near.send(b"again").await.unwrap();
        assert_eq!(far.recv_buf_from(&mut bytes).await.unwrap(), (5, from));
        near.send(b" and again").await.unwrap();
        far.readable().await.unwrap();
        assert_eq!(far.try_recv_buf_from(&mut bytes).unwrap(), (10, from));
        assert_eq!(bytes, b"again and again"[..]);
        let error = far.try_recv_buf(&mut bytes).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        assert_eq!(bytes.len(), 15, "nothing came, nothing is appended");
        // A slice has the room that it has.
        let mut room = [0; 3];
        near.send(b"long").await.unwrap();
        assert_eq!(far.recv_buf(&mut &mut room[..]).await.unwrap(), 3);
        assert_eq!(&room, b"lon");
    });
}

#[test]
fn to_look_takes_nothing() {
    run(async {
        let (near, far) = pair().await;
        let from = near.local_addr().unwrap();
        let mut buffer = [0; 2];
        assert!(far.try_peek(&mut buffer).is_err());
        near.send(b"hello").await.unwrap();
        assert_eq!(far.peek_sender().await.unwrap(), from);
        assert_eq!(far.peek(&mut buffer).await.unwrap(), 2);
        assert_eq!(far.peek_from(&mut buffer).await.unwrap(), (2, from));
        assert_eq!(&buffer, b"he");
        let polled = poll_fn(|cx| far.poll_peek(cx, &mut buffer)).await;
        assert_eq!(polled.unwrap(), 2);
        let polled = poll_fn(|cx| far.poll_peek_from(cx, &mut buffer)).await;
        assert_eq!(polled.unwrap(), (2, from));
        assert_eq!(poll_fn(|cx| far.poll_peek_sender(cx)).await.unwrap(), from);
        assert_eq!(far.try_peek_from(&mut buffer).unwrap(), (2, from));
        assert_eq!(far.try_peek_sender().unwrap(), from);
        assert_eq!(far.recv(&mut [0; 16]).await.unwrap(), 5);
        assert!(!is_ready(far.peek_sender()).await);
    });
}

#[test]
fn a_connected_socket_hears_only_whom_it_is_connected_to() {
    run(async {
        let (near, far) = pair().await;
        let stranger = socket().await;
        let addr = near.local_addr().unwrap();
        stranger.send_to(b"psst", addr).await.unwrap();
        far.send(b"hello").await.unwrap();
        let mut buffer = [0; 16];
        assert_eq!(near.recv(&mut buffer).await.unwrap(), 5);
        assert!(!is_ready(near.recv(&mut buffer)).await);
        assert_eq!(near.peer_addr().unwrap(), far.local_addr().unwrap());
        // To connect again changes whom it talks to.
        near.connect(stranger.local_addr().unwrap()).await.unwrap();
        stranger.send_to(b"now", addr).await.unwrap();
        assert_eq!(near.recv(&mut buffer).await.unwrap(), 3);
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_peer_that_is_gone_is_told_by_the_next_call_and_the_socket_works_on() {
    run(async {
        let (near, far) = pair().await;
        let addr = far.local_addr().unwrap();
        drop(far);
        near.send(b"question").await.unwrap();
        let error = near.recv(&mut [0; 16]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        let far = UdpSocket::bind(addr).await.unwrap();
        near.send(b"hello").await.unwrap();
        assert_eq!(far.recv(&mut [0; 16]).await.unwrap(), 5);
        assert!(near.take_error().unwrap().is_none());
    });
}

#[test]
fn a_receive_that_is_given_up_loses_no_datagram() {
    run(async {
        for polls in 0..4 {
            let (near, far) = pair().await;
            let sender = spawn(async move {
                for n in 0..20_u8 {
                    near.send(&[n]).await.unwrap();
                    yield_now().await;
                }
            });
            let mut heard = Vec::new();
            while heard.len() < 20 {
                let mut byte = [0];
                if let Some(result) = drop_after(polls, far.recv(&mut byte)).await {
                    assert_eq!(result.unwrap(), 1);
                    heard.extend(byte);
                }
                if polls < 2 {
                    // Such a receive hears nothing by itself.
                    far.readable().await.unwrap();
                    let got = far.try_recv(&mut byte);
                    heard.extend(got.is_ok().then_some(byte).into_iter().flatten());
                }
            }
            assert!(heard.iter().copied().eq(0..20));
            sender.await.unwrap();
        }
    });
}

#[test]
fn a_receive_that_was_woken_and_given_up_leaves_the_datagram_to_the_next() {
    run(async {
        let (near, far) = pair().await;
        let near = Rc::new(near);
        for round in 0..20_u8 {
            let sending = Rc::clone(&near);
            let sender = spawn(async move {
                yield_now().await;
                sending.send(&[round]).await.unwrap();
            });
            match round % 3 {
                0 => drop_when_woken(far.recv(&mut [0; 8])).await,
                1 => drop_when_woken(far.peek_sender()).await,
                _ => drop_when_woken(far.readable()).await,
            }
            let mut byte = [0];
            assert_eq!(far.recv(&mut byte).await.unwrap(), 1);
            assert_eq!(byte, [round]);
            sender.await.unwrap();
        }
    });
}

#[test]
fn of_many_who_receive_each_datagram_goes_to_one() {
    run(async {
        let (near, far) = pair().await;
        let far = Rc::new(far);
        let receivers = (0..10).map(|_| {
            let far = Rc::clone(&far);
            spawn(async move {
                let mut byte = [0];
                far.recv(&mut byte).await.unwrap();
                byte[0]
            })
        });
        let receivers: Vec<_> = receivers.collect();
        yield_now().await;
        for n in 0..10_u8 {
            near.send(&[n]).await.unwrap();
        }
        let mut heard = Vec::new();
        for receiver in receivers {
            heard.push(receiver.await.unwrap());
        }
        heard.sort_unstable();
        assert!(heard.into_iter().eq(0..10));
    });
}

#[test]
fn of_two_who_poll_the_last_is_woken() {
    run(async {
        let (near, far) = pair().await;
        let ((first, first_waker), (second, second_waker)) = (Bell::new(), Bell::new());
        for waker in [&first_waker, &second_waker] {
            let mut cx = Context::from_waker(waker);
            assert!(far.poll_recv_ready(&mut cx).is_pending());
        }
        near.send(b"x").await.unwrap();
        while second.rung() == 0 {
            yield_now().await;
        }
        assert_eq!((first.rung(), second.rung()), (0, 1));
        poll_fn(|cx| near.poll_send_ready(cx)).await.unwrap();
    });
}

#[test]
fn a_socket_that_always_has_datagrams_shares_the_thread() {
    run(async {
        let (near, far) = pair().await;
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
fn an_operation_of_ones_own_waits_until_it_does_not_block() {
    run(async {
        let (near, far) = pair().await;
        assert!(far.try_io(Interest::READABLE, || Ok(())).is_err());
        let mut tries = 0;
        let mut own = Box::pin(far.async_io(Interest::READABLE, || {
            tries += 1;
            match tries {
                1 => Err(ErrorKind::WouldBlock.into()),
                _ => Ok("done"),
            }
        }));
        assert!(poll_here(&mut own).await.is_pending());
        near.send(b"x").await.unwrap();
        far.readable().await.unwrap();
        // The first try says "would block", and it waits for the next event.
        assert!(poll_here(&mut own).await.is_pending());
        near.send(b"y").await.unwrap();
        assert_eq!(own.await.unwrap(), "done");
    });
}

#[test]
fn a_socket_goes_to_the_standard_library_and_back() {
    run(async {
        let socket = socket().await;
        let addr = socket.local_addr().unwrap();
        assert_eq!(socket.as_fd().as_raw_fd(), socket.as_raw_fd());
        let std = socket.into_std().unwrap();
        std.set_nonblocking(false).unwrap();
        let again = std.try_clone().unwrap();
        let error = UdpSocket::from_std(std).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        again.set_nonblocking(true).unwrap();
        let socket = UdpSocket::try_from(again).unwrap();
        assert_eq!(socket.local_addr().unwrap(), addr);
    });
}

#[test]
fn what_cannot_be_bound_connected_or_sent_to_is_an_error() {
    run(async {
        let taken = socket().await;
        let error = UdpSocket::bind(taken.local_addr().unwrap()).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::AddrInUse);
        let none: &[SocketAddr] = &[];
        assert!(UdpSocket::bind(none).await.is_err());
        assert!(taken.connect(none).await.is_err());
        assert!(taken.send_to(b"x", none).await.is_err());
        assert!(taken.send(b"x").await.is_err(), "it is not connected");
        assert!(taken.peer_addr().is_err());
        let too_long = vec![0; 70_000];
        let addr = taken.local_addr().unwrap();
        assert!(taken.send_to(&too_long, addr).await.is_err());
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_group_hears_what_is_sent_to_it_until_it_is_left() {
    run(async {
        let group = Ipv4Addr::new(239, 255, 77, 1);
        let (near, far) = (socket().await, UdpSocket::bind("0.0.0.0:0").await.unwrap());
        let addr = (group, far.local_addr().unwrap().port());
        // Some machines have no multicast on their loop.
        if far.join_multicast_v4(group, Ipv4Addr::LOCALHOST).is_err() {
            return;
        }
        assert!(near.multicast_loop_v4().unwrap());
        near.send_to(b"all", addr).await.unwrap();
        let mut buffer = [0; 16];
        assert_eq!(far.recv(&mut buffer).await.unwrap(), 3);
        far.leave_multicast_v4(group, Ipv4Addr::LOCALHOST).unwrap();
        assert!(far.leave_multicast_v4(group, Ipv4Addr::LOCALHOST).is_err());
    });
}

#[test]
fn without_io_or_without_a_runtime_a_panic_says_what_to_do() {
    let std = || {
        let std = std::net::UdpSocket::bind(ANY).unwrap();
        std.set_nonblocking(true).unwrap();
        std
    };
    let outside = panic_of(|| UdpSocket::from_std(std()));
    assert!(outside.contains("no runtime"), "{outside}");
    let without_io = Builder::new_current_thread().build().unwrap();
    let panic = panic_of(|| without_io.block_on(UdpSocket::bind(ANY)).map(drop));
    assert!(panic.contains("enable_io"), "{panic}");
}
