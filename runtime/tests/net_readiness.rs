//! Readiness: what is remembered of a socket, what clears it, and who is woken.
//!
//! The system speaks of changes only, so a readiness that is cleared by mistake is a task
//! that waits for ever, and one that is kept by mistake is a task that runs in vain.

#[path = "support/machine.rs"]
mod machine;
#[path = "support/net.rs"]
mod net;

use std::future::poll_fn;
use std::io::{ErrorKind, IoSlice, IoSliceMut};
use std::pin::Pin;

use futures_io::{AsyncRead, AsyncWrite};
use machine::{block_on, count, live, run};
use net::{drain, fill, is_ready, pair, works};
use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
use runtime::net::TcpStream;
use runtime::runtime::{Runtime, Step};
use runtime::spawn;
use runtime::task::yield_now;
use runtime::time::Duration;
use runtime::trace::{Direction, Event};

/// How often readiness was cleared since the last look.
fn cleared(runtime: &Runtime, direction: Direction) -> usize {
    let cleared = |event: &Event| matches!(event, Event::ReadinessCleared { direction: d, .. } if *d == direction);
    count(&runtime.trace().take(), cleared)
}

/// Waits until so many bytes can be read at once.
async fn arrived(stream: &TcpStream, bytes: usize) {
    let mut buffer = vec![0; bytes];
    while stream.peek(&mut buffer).await.unwrap() < bytes {
        yield_now().await;
    }
}

fn would_block<T>(result: &std::io::Result<T>) -> bool {
    matches!(result, Err(error) if error.kind() == ErrorKind::WouldBlock)
}

#[test]
fn a_short_read_clears_the_readiness_and_a_full_one_does_not() {
    let runtime = live();
    block_on(&runtime, async {
        let (near, mut far) = pair().await;
        far.write_all(b"12345678").await.unwrap();
        arrived(&near, 8).await;
        cleared(&runtime, Direction::Read);
        let mut buffer = [0; 4];
        for _ in 0..2 {
            assert_eq!(near.try_read(&mut buffer).unwrap(), 4);
        }
        assert_eq!(cleared(&runtime, Direction::Read), 0);
        // It is not known yet that the socket is drained: the next read finds out.
        assert!(would_block(&near.try_read(&mut buffer)));
        assert_eq!(cleared(&runtime, Direction::Read), 1);
        far.write_all(b"123").await.unwrap();
        arrived(&near, 3).await;
        assert_eq!(near.try_read(&mut buffer).unwrap(), 3);
        assert_eq!(cleared(&runtime, Direction::Read), 1);
        assert!(would_block(&near.try_read(&mut buffer)));
        assert_eq!(
            cleared(&runtime, Direction::Read),
            0,
            "it was cleared already"
        );
    });
}

#[test]
fn every_way_to_read_takes_a_short_read_for_the_end_of_what_is_there() {
    let runtime = live();
    block_on(&runtime, async {
        let (mut near, mut far) = pair().await;
        for way in 0..4 {
            far.write_all(b"123").await.unwrap();
            arrived(&near, 3).await;
            cleared(&runtime, Direction::Read);
            let mut buffer = [0; 8];
            let mut slices = [IoSliceMut::new(&mut buffer)];
            let read = match way {
                0 => near.try_read_vectored(&mut slices).unwrap(),
                1 => poll_fn(|cx| Pin::new(&mut near).poll_read_vectored(cx, &mut slices))
                    .await
                    .unwrap(),
                2 => near.split().0.read(&mut buffer).await.unwrap(),
                _ => near.read(&mut buffer).await.unwrap(),
            };
            assert_eq!((read, cleared(&runtime, Direction::Read)), (3, 1), "{way}");
        }
    });
}

#[test]
fn a_write_that_finds_no_room_clears_the_readiness_until_the_peer_reads() {
    run(async {
        let (near, mut far) = pair().await;
        assert!(is_ready(near.writable()).await, "a new stream has room");
        let total = fill(&near).await;
        assert!(would_block(&near.try_write(b"x")));
        assert!(!is_ready(near.writable()).await);
        drain(&mut far, total).await;
        near.writable().await.unwrap();
        assert_eq!(near.try_write(b"x").unwrap(), 1);
    });
}

#[test]
fn nothing_can_be_tried_before_it_is_ready() {
    run(async {
        let (near, mut far) = pair().await;
        let mut buffer = [0; 8];
        assert!(would_block(&near.try_read(&mut buffer)));
        assert!(would_block(
            &near.try_read_vectored(&mut [IoSliceMut::new(&mut buffer)])
        ));
        let mut calls = 0;
        let tried = near.try_io(Interest::READABLE, || {
            calls += 1;
            Ok(())
        });
        assert!(would_block(&tried) && calls == 0);
        far.write_all(b"data").await.unwrap();
        near.readable().await.unwrap();
        near.try_io(Interest::READABLE, || {
            calls += 1;
            Ok(())
        })
        .unwrap();
        assert_eq!(calls, 1);
        assert_eq!(near.try_read(&mut buffer).unwrap(), 4);
    });
}

#[test]
fn an_operation_for_either_direction_is_tried_in_the_one_that_is_ready() {
    run(async {
        let (near, mut far) = pair().await;
        let both = Interest::READABLE | Interest::WRITABLE;
        assert_eq!(near.try_io(both, || Ok("written")).unwrap(), "written");
        let total = fill(&near).await;
        assert!(would_block(&near.try_io(both, || Ok(()))));
        far.write_all(b"x").await.unwrap();
        near.readable().await.unwrap();
        assert_eq!(near.try_io(both, || Ok("read")).unwrap(), "read");
        drain(&mut far, total).await;
    });
}

#[test]
fn a_reset_closes_both_directions() {
    run(async {
        let (near, far) = pair().await;
        far.set_linger(Some(Duration::ZERO)).unwrap();
        drop(far);
        for interest in [Interest::READABLE, Interest::WRITABLE] {
            loop {
                let ready = near.ready(interest).await.unwrap();
                if ready.is_read_closed() || ready.is_write_closed() {
                    assert_eq!(ready.is_readable(), interest.is_readable());
                    assert_eq!(ready.is_writable(), interest.is_writable());
                    break;
                }
                yield_now().await;
            }
        }
    });
}

#[test]
fn a_readiness_that_arrives_during_an_operation_is_not_cleared_by_it() {
    let runtime = live();
    let (near, far) = block_on(&runtime, async {
        let (near, far) = pair().await;
        far.try_write(b"1").unwrap();
        near.readable().await.unwrap();
        (near, far)
    });
    let entered = runtime.enter();
    let result = near.try_io(Interest::READABLE, || {
        // The operation takes all there is; then, before it says so, there is more, and
        // the reactor hears of it.
        let mut buffer = [0; 8];
        let taken = std::io::Read::read(&mut socket(&near), &mut buffer);
        assert_eq!(taken.unwrap(), 1);
        far.try_write(b"2").unwrap();
        turn_until_ready(&runtime, Direction::Read);
        Err::<(), _>(ErrorKind::WouldBlock.into())
    });
    assert!(would_block(&result));
    drop(entered);
    block_on(&runtime, async {
        assert!(
            is_ready(near.readable()).await,
            "the second byte would never be read"
        );
        let mut buffer = [0; 8];
        assert_eq!(near.try_read(&mut buffer).unwrap(), 1);
        assert_eq!(buffer[0], b'2');
    });
}

/// The socket, for an operation of our own.
fn socket(stream: &TcpStream) -> std::net::TcpStream {
    use std::os::fd::AsFd;
    stream.as_fd().try_clone_to_owned().unwrap().into()
}

/// Steps until the reactor has noted an event of that direction.
fn turn_until_ready(runtime: &Runtime, wanted: Direction) {
    runtime.trace().take();
    loop {
        if let Step::WouldPark { until } = runtime.step() {
            runtime.park(until);
        }
        let ready =
            |event: &Event| matches!(event, Event::Ready { direction, .. } if *direction == wanted);
        if count(&runtime.trace().take(), ready) > 0 {
            return;
        }
    }
}

#[test]
fn the_end_is_found_even_if_it_comes_together_with_the_last_bytes() {
    run(async {
        for size in [3, 4, 64] {
            let (mut near, mut far) = pair().await;
            far.write_all(b"1234").await.unwrap();
            drop(far);
            // By now both are there: one event speaks of the bytes and of the end.
            while !near
                .ready(Interest::READABLE)
                .await
                .unwrap()
                .is_read_closed()
            {
                yield_now().await;
            }
            let mut all = Vec::new();
            let mut buffer = vec![0; size];
            loop {
                match near.read(&mut buffer).await.unwrap() {
                    0 => break,
                    count => all.extend_from_slice(&buffer[..count]),
                }
            }
            assert_eq!(all, b"1234");
            for _ in 0..3 {
                assert_eq!(
                    near.read(&mut buffer).await.unwrap(),
                    0,
                    "an end stays an end"
                );
            }
            assert_eq!(near.try_read(&mut buffer).unwrap(), 0);
            assert!(
                near.ready(Interest::READABLE)
                    .await
                    .unwrap()
                    .is_read_closed()
            );
        }
    });
}

#[test]
fn a_reader_that_waits_is_woken_by_the_end_alone() {
    run(async {
        let (mut near, mut far) = pair().await;
        let reader = spawn(async move { near.read(&mut [0; 8]).await });
        yield_now().await;
        far.shutdown().await.unwrap();
        assert_eq!(reader.await.unwrap().unwrap(), 0);
    });
}

#[test]
fn a_half_closed_stream_is_still_writable_at_one_end_and_readable_at_the_other() {
    run(async {
        let (mut near, mut far) = pair().await;
        near.shutdown().await.unwrap();
        assert_eq!(far.read(&mut [0; 8]).await.unwrap(), 0);
        let ready = far.ready(Interest::WRITABLE).await.unwrap();
        assert!(ready.is_writable() && !ready.is_write_closed());
        for _ in 0..3 {
            far.write_all(b"still here").await.unwrap();
            let mut buffer = [0; 10];
            near.read_exact(&mut buffer).await.unwrap();
            assert_eq!(&buffer, b"still here");
        }
    });
}

#[test]
fn peeking_leaves_the_bytes_and_the_readiness() {
    run(async {
        let (mut near, mut far) = pair().await;
        far.write_all(b"1234").await.unwrap();
        arrived(&near, 4).await;
        let mut buffer = [0; 16];
        for size in [1, 2, 4, 16] {
            let peeked = near.peek(&mut buffer[..size]).await.unwrap();
            assert_eq!(&buffer[..peeked], &b"1234"[..size.min(4)]);
        }
        assert_eq!(near.read(&mut buffer).await.unwrap(), 4);
        assert!(!is_ready(near.peek(&mut buffer)).await);
        far.shutdown().await.unwrap();
        assert_eq!(near.peek(&mut buffer).await.unwrap(), 0);
    });
}

#[test]
fn more_buffers_than_the_system_takes_at_once_do_not_look_like_a_full_socket() {
    // Linux takes 1024 of them in one call. What is left over was once taken for a proof that
    // the socket was full (or drained), and the next call waited for ever.
    run(async {
        let (mut near, mut far) = pair().await;
        let byte = [IoSlice::new(b"x")].repeat(3000);
        let mut written = 0;
        for _ in 0..3 {
            written += poll_fn(|cx| Pin::new(&mut near).poll_write_vectored(cx, &byte))
                .await
                .unwrap();
        }
        assert_eq!(near.try_write_vectored(&byte).unwrap(), written / 3);
        written += written / 3;
        arrived(&far, written).await;
        let mut places = [[0; 1]; 3000];
        let mut read = 0;
        while read < written {
            let mut buffers: Vec<_> = places.iter_mut().map(|p| IoSliceMut::new(p)).collect();
            read += poll_fn(|cx| Pin::new(&mut far).poll_read_vectored(cx, &mut buffers))
                .await
                .unwrap();
        }
        assert_eq!(read, written);
        works(&mut near, &mut far).await;
    });
}

#[test]
fn vectored_reads_and_writes_fill_the_buffers_in_order() {
    run(async {
        let (near, far) = pair().await;
        let parts = [IoSlice::new(b"12"), IoSlice::new(b""), IoSlice::new(b"345")];
        assert_eq!(near.try_write_vectored(&parts).unwrap(), 5);
        arrived(&far, 5).await;
        let (mut a, mut b) = ([0; 1], [0; 8]);
        let mut buffers = [IoSliceMut::new(&mut a), IoSliceMut::new(&mut b)];
        assert_eq!(far.try_read_vectored(&mut buffers).unwrap(), 5);
        assert_eq!((&a, &b[..4]), (b"1", &b"2345"[..]));
    });
}
