//! The two directions of a stream: borrowed, owned, reunited and forgotten.

#[path = "support/machine.rs"]
mod machine;
#[path = "support/net.rs"]
mod net;

use std::io::{ErrorKind, Write};
use std::os::fd::AsFd;

use machine::run;
use net::{drain, fill, is_ready, pair, works};
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::spawn;
use runtime::task::yield_now;

#[test]
fn borrowed_halves_read_and_write_at_once() {
    run(async {
        let (mut near, mut far) = pair().await;
        {
            let (mut read, mut write) = near.split();
            let mut buffer = [0; 2];
            let reading = read.read_exact(&mut buffer);
            let writing = async {
                write.write_all(b"hi").await?;
                let mut heard = [0; 2];
                far.read_exact(&mut heard).await?;
                far.write_all(&heard).await
            };
            let (read, written) = futures_lite::future::zip(reading, writing).await;
            read.unwrap();
            written.unwrap();
            assert_eq!(&buffer, b"hi");
        }
        works(&mut near, &mut far).await;
    });
}

#[test]
fn halves_have_the_methods_of_their_direction() {
    run(async {
        let (mut near, far) = pair().await;
        let (local, peer) = (near.local_addr().unwrap(), near.peer_addr().unwrap());
        {
            let (mut read, write) = near.split();
            assert_eq!(
                (read.local_addr().unwrap(), write.peer_addr().unwrap()),
                (local, peer)
            );
            write.writable().await.unwrap();
            assert_eq!(write.try_write(b"x").unwrap(), 1);
            far.try_write(b"y").unwrap();
            read.readable().await.unwrap();
            assert_eq!(read.peek(&mut [0; 8]).await.unwrap(), 1);
            assert_eq!(read.try_read(&mut [0; 8]).unwrap(), 1);
        }
        let (mut read, write) = near.into_split();
        assert_eq!(
            (write.local_addr().unwrap(), read.peer_addr().unwrap()),
            (local, peer)
        );
        write.writable().await.unwrap();
        assert_eq!(write.try_write(b"x").unwrap(), 1);
        far.try_write(b"y").unwrap();
        read.readable().await.unwrap();
        assert_eq!(read.peek(&mut [0; 8]).await.unwrap(), 1);
        assert_eq!(read.try_read(&mut [0; 8]).unwrap(), 1);
    });
}

#[test]
fn owned_halves_wait_in_tasks_of_their_own() {
    run(async {
        let (near, mut far) = pair().await;
        let total = fill(&near).await;
        let (mut read, mut write) = near.into_split();
        let writer = spawn(async move {
            write.write_all(&[0; 100_000]).await.unwrap();
            write
        });
        let reader = spawn(async move {
            let mut byte = [0];
            read.read_exact(&mut byte).await.unwrap();
            read
        });
        yield_now().await;
        // The reader is woken although the writer waits, and the other way round.
        far.write_all(b"x").await.unwrap();
        let read = reader.await.unwrap();
        assert!(!writer.is_finished());
        drain(&mut far, total).await;
        far.read_exact(&mut vec![0; 100_000]).await.unwrap();
        let write = writer.await.unwrap();
        works(&mut read.reunite(write).unwrap(), &mut far).await;
    });
}

#[test]
fn a_dropped_write_half_is_the_end_for_the_peer_while_the_read_half_reads_on() {
    run(async {
        let (near, mut far) = pair().await;
        let (mut read, write) = near.into_split();
        drop(write);
        assert_eq!(far.read(&mut [0; 8]).await.unwrap(), 0);
        far.write_all(b"answer").await.unwrap();
        drop(far);
        let mut all = String::new();
        read.read_to_string(&mut all).await.unwrap();
        assert_eq!(all, "answer");
    });
}

#[test]
fn a_dropped_read_half_tells_the_peer_nothing() {
    run(async {
        let (near, mut far) = pair().await;
        let (read, mut write) = near.into_split();
        drop(read);
        write.write_all(b"on").await.unwrap();
        let mut buffer = [0; 2];
        far.read_exact(&mut buffer).await.unwrap();
        assert!(!is_ready(far.read(&mut buffer)).await);
        drop(write);
        assert_eq!(far.read(&mut buffer).await.unwrap(), 0);
    });
}

#[test]
fn a_forgotten_write_half_tells_the_peer_nothing_until_the_stream_is_closed() {
    run(async {
        let (near, mut far) = pair().await;
        // A second descriptor: had the direction been shut down, it could not write either.
        let copy = near.as_fd().try_clone_to_owned().unwrap();
        let (read, write) = near.into_split();
        write.forget();
        std::net::TcpStream::from(copy).write_all(b"x").unwrap();
        assert_eq!(far.read(&mut [0; 8]).await.unwrap(), 1);
        drop(read);
        assert_eq!(far.read(&mut [0; 8]).await.unwrap(), 0);
    });
}

#[test]
fn reunited_halves_are_the_stream_again_and_the_peer_notices_nothing() {
    run(async {
        let (near, mut far) = pair().await;
        let (read, write) = near.into_split();
        let near = read.reunite(write).unwrap();
        let (read, write) = near.into_split();
        let mut near = write.reunite(read).unwrap();
        works(&mut near, &mut far).await;
    });
}

#[test]
fn halves_of_two_streams_do_not_fit_and_are_given_back() {
    run(async {
        let ((near, mut far), (other, mut other_far)) = (pair().await, pair().await);
        let (read, write) = near.into_split();
        let (other_read, other_write) = other.into_split();
        let error = read.reunite(other_write).unwrap_err();
        assert!(error.to_string().contains("not of one stream"), "{error}");
        let (read, other_write) = (error.0, error.1);
        let error = write.reunite(other_read).unwrap_err();
        let (other_read, write) = (error.0, error.1);
        // Neither peer has been told that anything ended.
        works(&mut read.reunite(write).unwrap(), &mut far).await;
        works(
            &mut other_read.reunite(other_write).unwrap(),
            &mut other_far,
        )
        .await;
    });
}

#[test]
fn shutting_down_a_half_ends_its_direction() {
    run(async {
        let (near, mut far) = pair().await;
        let (_read, mut write) = near.into_split();
        write.shutdown().await.unwrap();
        assert_eq!(far.read(&mut [0; 8]).await.unwrap(), 0);
        let error = write.write(b"more").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        let (mut near, mut far) = pair().await;
        near.split().1.shutdown().await.unwrap();
        assert_eq!(far.read(&mut [0; 8]).await.unwrap(), 0);
    });
}
