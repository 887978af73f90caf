//! Unix streams: names, who is at the other end, halves, waits that are given up, peers that go.
#![forbid(unsafe_code)]
#![cfg(unix)]

#[path = "support/dir.rs"]
mod dir;
#[path = "support/machine.rs"]
mod machine;
#[path = "support/net.rs"]
mod net;

use std::future::poll_fn;
use std::io::{ErrorKind, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net as std_net;
use std::task::Context;

use dir::Dir;
use machine::{Bell, drop_after, drop_when_woken, panic_of, poll_here, run};
use net::{give_up_reads_when_woken, works};
use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
use runtime::net::{UnixListener, UnixSocket, UnixStream};
use runtime::runtime::Builder;
use runtime::spawn;
use runtime::task::yield_now;

fn pair() -> (UnixStream, UnixStream) {
    UnixStream::pair().expect("a pair")
}

/// Writes until there is no room left. Returns how many bytes that were.
fn fill(stream: &UnixStream) -> usize {
    let mut total = 0;
    while let Ok(count) = stream.try_write(&[7; 10_000]) {
        total += count;
    }
    total
}

#[test]
fn a_path_is_listened_under_and_connected_to() {
    run(async {
        let dir = Dir::new();
        let path = dir.at("socket");
        let listener = UnixListener::bind(&path).unwrap();
        let (near, accepted) = runtime::join!(UnixStream::connect(&path), listener.accept());
        let ((mut near, (mut far, peer)), addr) =
            ((near.unwrap(), accepted.unwrap()), listener.local_addr());
        assert_eq!(addr.unwrap().as_pathname(), Some(path.as_path()));
        assert!(peer.is_unnamed());
        assert_eq!(near.peer_addr().unwrap().as_pathname(), Some(&*path));
        assert_eq!(far.local_addr().unwrap().as_pathname(), Some(&*path));
        works(&mut near, &mut far).await;
    });
}

#[cfg(target_os = "linux")]
#[test]
fn an_abstract_name_is_in_no_file_system() {
    run(async {
        let name = format!("\0treadle-test-{}", std::process::id());
        let listener = UnixListener::bind(&name).unwrap();
        let addr = listener.local_addr().unwrap();
        assert_eq!(addr.as_abstract_name(), Some(&name.as_bytes()[1..]));
        let mut near = UnixStream::connect(&name).await.unwrap();
        let (mut far, _) = listener.accept().await.unwrap();
        works(&mut near, &mut far).await;
        let mut near = UnixStream::connect_addr(&addr).await.unwrap();
        let (mut far, _) = listener.accept().await.unwrap();
        works(&mut near, &mut far).await;
        // The name is free as soon as the socket is gone.
        drop(listener);
        UnixListener::bind_addr(&addr).unwrap();
    });
}

#[test]
fn what_is_not_there_is_taken_or_too_long_is_an_error() {
    run(async {
        let dir = Dir::new();
        let path = dir.at("socket");
        let error = UnixStream::connect(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        let listener = UnixListener::bind(&path).unwrap();
        let error = UnixListener::bind(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        drop(listener);
        // The file is left, and no socket listens.
        let error = UnixStream::connect(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        assert!(UnixListener::bind(dir.at(&"long".repeat(100))).is_err());
        assert!(UnixListener::bind("a zero \0 within").is_err());
    });
}

#[cfg(target_os = "linux")]
#[test]
fn more_than_may_wait_to_be_accepted_are_refused_at_once_and_then_accepted() {
    run(async {
        let dir = Dir::new();
        let socket = UnixSocket::new_stream().unwrap();
        socket.bind(dir.at("socket")).unwrap();
        let listener = socket.listen(0).unwrap();
        let _first = UnixStream::connect(dir.at("socket")).await.unwrap();
        let error = UnixStream::connect(dir.at("socket")).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::WouldBlock);
        listener.accept().await.unwrap();
        UnixStream::connect(dir.at("socket")).await.unwrap();
    });
}

#[test]
fn a_socket_may_have_a_name_before_it_connects_and_is_of_one_kind() {
    run(async {
        let dir = Dir::new();
        let listener = UnixListener::bind(dir.at("far")).unwrap();
        let socket = UnixSocket::new_stream().unwrap();
        socket.bind(dir.at("near")).unwrap();
        let _near = socket.connect(dir.at("far")).await.unwrap();
        let (_, peer) = listener.accept().await.unwrap();
        assert_eq!(peer.as_pathname(), Some(&*dir.at("near")));
        let datagrams = || UnixSocket::new_datagram().unwrap();
        let error = datagrams().connect(dir.at("far")).await.unwrap_err();
        assert!(error.to_string().contains("datagram"), "{error}");
        assert!(datagrams().listen(1).is_err());
        assert!(UnixSocket::new_stream().unwrap().datagram().is_err());
    });
}

#[cfg(target_os = "linux")]
#[test]
fn each_end_knows_who_is_at_the_other() {
    run(async {
        let (near, far) = pair();
        let (me, you) = (near.peer_cred().unwrap(), far.peer_cred().unwrap());
        assert_eq!(me, you);
        assert_eq!(me.pid(), Some(std::process::id() as i32));
        let dir = Dir::new();
        let file = std::fs::File::create(dir.at("mine")).unwrap();
        let owner = std::os::unix::fs::MetadataExt::uid(&file.metadata().unwrap());
        assert_eq!(me.uid(), owner);
    });
}

#[test]
fn megabytes_go_both_ways_at_once_by_owned_halves() {
    run(async {
        let total = 2_000_000;
        let (near, far) = pair();
        let ends = [near, far].map(|end| {
            spawn(async move {
                let (mut read, mut write) = end.into_split();
                let writer = spawn(async move { write.write_all(&vec![5; total]).await });
                let mut all = Vec::new();
                // The writer's end of the stream is the drop of its half.
                read.read_to_end(&mut all).await.unwrap();
                writer.await.unwrap().unwrap();
                assert!(all == vec![5; total]);
            })
        });
        for end in ends {
            end.await.unwrap();
        }
    });
}

#[test]
fn halves_are_reunited_forgotten_and_told_apart() {
    run(async {
        let (near, mut far) = pair();
        let (other, _peer) = pair();
        let (read, write) = near.into_split();
        let (other_read, other_write) = other.into_split();
        let error = read.reunite(other_write).unwrap_err();
        assert!(error.to_string().contains("not of one stream"));
        let mut near = error.0.reunite(write).unwrap();
        drop((other_read, error.1));
        works(&mut near, &mut far).await;
        {
            let (read, mut write) = near.split();
            write.write_all(b"by half").await.unwrap();
            write.writable().await.unwrap();
            assert!(read.as_ref().local_addr().unwrap().is_unnamed());
            assert!(write.peer_addr().unwrap().is_unnamed());
            far.read_exact(&mut [0; 7]).await.unwrap();
            far.write_all(b"back").await.unwrap();
            read.readable().await.unwrap();
            let mut buffer = Vec::with_capacity(16);
            assert_eq!(read.try_read_buf(&mut buffer).unwrap(), 4);
        }
        works(&mut near, &mut far).await;
        let (mut read, write) = near.into_split();
        write.forget();
        far.write_all(b"x").await.unwrap();
        assert_eq!(read.read(&mut [0; 8]).await.unwrap(), 1);
        let mut byte = [0];
        let mut end = Box::pin(far.read(&mut byte));
        assert!(poll_here(&mut end).await.is_pending(), "no end was told");
        drop(read);
        assert_eq!(end.await.unwrap(), 0);
    });
}

#[test]
fn shutdown_ends_one_direction_and_leaves_the_other() {
    run(async {
        let (mut near, mut far) = pair();
        near.write_all(b"last").await.unwrap();
        near.shutdown().await.unwrap();
        near.shutdown().await.unwrap();
        assert!(near.write(b"x").await.is_err());
        let mut all = String::new();
        far.read_to_string(&mut all).await.unwrap();
        assert_eq!(all, "last");
        far.write_all(b"answer").await.unwrap();
        drop(far);
        near.read_to_string(&mut all).await.unwrap();
        assert_eq!(all, "lastanswer");
    });
}

#[test]
fn a_peer_that_goes_away_wakes_who_reads_and_who_writes() {
    run(async {
        let (near, far) = pair();
        fill(&near);
        let (mut read, mut write) = near.into_split();
        let reader = spawn(async move { read.read(&mut [0; 8]).await });
        let writer = spawn(async move { write.write_all(b"more").await });
        yield_now().await;
        assert!(!reader.is_finished() && !writer.is_finished());
        drop(far);
        // What was sent and not read makes it a reset; otherwise it is the end.
        let read = reader.await.unwrap();
        assert!(read.is_err() || read.is_ok_and(|count| count == 0));
        let error = writer.await.unwrap().unwrap_err();
        assert!(matches!(
            error.kind(),
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset
        ));
    });
}

#[test]
fn an_accept_that_is_given_up_loses_no_connection() {
    run(async {
        let dir = Dir::new();
        let path = dir.at("socket");
        let listener = UnixListener::bind(&path).unwrap();
        for polls in 0..4 {
            let (mut near, mut accepted) = (Vec::new(), 0);
            for _ in 0..20 {
                let connect = spawn(UnixStream::connect(path.clone()));
                accepted += usize::from(drop_after(polls, listener.accept()).await.is_some());
                near.push(connect.await.unwrap().unwrap());
            }
            while accepted < 20 {
                listener.accept().await.unwrap();
                accepted += 1;
            }
        }
        let connect = spawn(UnixStream::connect(path.clone()));
        drop_when_woken(listener.accept()).await;
        let _near = connect.await.unwrap().unwrap();
        poll_fn(|cx| listener.poll_accept(cx)).await.unwrap();
    });
}

#[test]
fn a_read_or_write_that_is_given_up_loses_no_byte() {
    run(async {
        let (mut near, mut far) = pair();
        let mut all = 0;
        far = give_up_reads_when_woken(&mut near, far).await;
        all += fill(&near);
        drop(drop_after(1, near.write(b"given up")).await);
        near.shutdown().await.unwrap();
        let mut rest = Vec::new();
        assert_eq!(far.read_to_end(&mut rest).await.unwrap(), all);
    });
}

#[test]
fn a_stream_is_tried_by_hand_in_all_its_forms() {
    run(async {
        let (near, far) = pair();
        let hello = [IoSlice::new(b"hel"), IoSlice::new(b"lo")];
        assert_eq!(near.try_write_vectored(&hello).unwrap(), 5);
        let ready = far.ready(Interest::READABLE | Interest::WRITABLE).await;
        assert!(ready.unwrap().is_writable());
        far.readable().await.unwrap();
        let (mut a, mut b) = ([0; 2], [0; 8]);
        let mut buffers = [IoSliceMut::new(&mut a), IoSliceMut::new(&mut b)];
        assert_eq!(far.try_read_vectored(&mut buffers).unwrap(), 5);
        assert_eq!((&a, &b[..3]), (b"he", &b"llo"[..]));
        let error = far.try_read(&mut b).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        let done = far.async_io(Interest::WRITABLE, || Ok(7)).await;
        assert_eq!(done.unwrap(), 7);
        let (bell, waker) = Bell::new();
        let mut cx = Context::from_waker(&waker);
        assert!(far.poll_read_ready(&mut cx).is_pending());
        drop(near);
        while bell.rung() == 0 {
            yield_now().await;
        }
        assert!(
            far.ready(Interest::READABLE)
                .await
                .unwrap()
                .is_read_closed()
        );
    });
}

#[test]
fn streams_and_listeners_go_to_the_standard_library_and_back() {
    run(async {
        let dir = Dir::new();
        let path = dir.at("socket");
        let std = std_net::UnixListener::bind(&path).unwrap();
        let again = std.try_clone().unwrap();
        let error = UnixListener::from_std(std).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        again.set_nonblocking(true).unwrap();
        let listener = UnixListener::try_from(again).unwrap();
        assert_eq!(listener.as_fd().as_raw_fd(), listener.as_raw_fd());
        let near = UnixStream::connect(&path).await.unwrap();
        let std = near.into_std().unwrap();
        let mut near = UnixStream::from_std(std).unwrap();
        let (mut far, _) = listener.accept().await.unwrap();
        works(&mut near, &mut far).await;
        assert!(near.take_error().unwrap().is_none());
        listener.into_std().unwrap();
    });
}

#[test]
fn without_io_or_without_a_runtime_a_panic_says_what_to_do() {
    let outside = panic_of(UnixStream::pair);
    assert!(outside.contains("no runtime"), "{outside}");
    let without_io = Builder::new_current_thread().build().unwrap();
    let panic = panic_of(|| without_io.block_on(async { UnixStream::pair() }));
    assert!(panic.contains("enable_io"), "{panic}");
}
