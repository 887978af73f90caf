//! Files in pieces: they are whole, or they break off; and they wait for who reads them.

use std::future::poll_fn;
use std::io::{self, Write};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http_body::Body as _;
use runtime::runtime::Runtime;
use runtime::sync::Semaphore;
use server::Body;

use super::{PIECE, body};

/// The pieces, and the error at their end.
async fn read(body: Body) -> (Vec<usize>, Option<String>) {
    let mut body = pin!(body);
    let mut sizes = Vec::new();
    loop {
        match poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
            Some(Ok(frame)) => sizes.push(frame.into_data().unwrap().len()),
            Some(Err(error)) => return (sizes, Some(error.to_string())),
            None => return (sizes, None),
        }
    }
}

fn made(
    write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
    files: &Arc<Semaphore>,
) -> Body {
    body(write, files.clone().try_acquire_owned().unwrap())
}

#[test]
fn a_file_comes_whole_and_in_small_pieces() {
    Runtime::new().unwrap().block_on(async {
        let files = Arc::new(Semaphore::new(1));
        let write = |out: &mut dyn Write| (0..100_000).try_for_each(|_| out.write_all(b"event\n"));
        let file = made(write, &files);
        assert_eq!(files.available_permits(), 0);
        let (sizes, error) = read(file).await;
        assert_eq!((sizes.iter().sum::<usize>(), error), (600_000, None));
        assert!(sizes.iter().all(|size| *size <= PIECE), "{sizes:?}");
        assert_eq!(files.available_permits(), 1);
        assert_eq!(read(made(|_| Ok(()), &files)).await, (vec![], None));
    });
}

#[test]
fn a_file_that_cannot_be_written_breaks_off() {
    Runtime::new().unwrap().block_on(async {
        let files = Arc::new(Semaphore::new(1));
        let fails = |out: &mut dyn Write| {
            out.write_all(b"half")?;
            Err(io::Error::other("no more"))
        };
        let (sizes, error) = read(made(fails, &files)).await;
        assert!(error.is_some(), "{sizes:?}");
    });
}

/// The writer counts what it has written: it stands still while no piece is taken, and ends when the body is
/// dropped.
#[test]
fn a_client_that_does_not_read_holds_the_writer_up_and_one_that_goes_ends_it() {
    let written = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&written);
    let files = Arc::new(Semaphore::new(1));
    let (ended, has_ended) = std::sync::mpsc::channel();
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let write = move |out: &mut dyn Write| {
            let result = (0..1000).try_for_each(|_| {
                count.fetch_add(1, Ordering::SeqCst);
                out.write_all(&[0; PIECE])
            });
            ended.send(result.is_err()).unwrap();
            result
        };
        let mut file = pin!(made(write, &files));
        for _ in 0..2 {
            let piece = poll_fn(|cx| file.as_mut().poll_frame(cx)).await;
            assert!(piece.is_some_and(|it| it.is_ok()));
        }
        // Two pieces were taken; besides them there is one for the next look, one in the channel, and one
        // that waits for room.
        assert!(written.load(Ordering::SeqCst) <= 5);
    });
    // The body was dropped with the block.
    assert!(has_ended.recv().unwrap(), "the writer hears of it");
    assert!(written.load(Ordering::SeqCst) <= 6);
    assert_eq!(files.available_permits(), 1);
}
