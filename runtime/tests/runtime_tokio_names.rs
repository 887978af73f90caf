//! Small things that programs written for Tokio name.
#![forbid(unsafe_code)]

use runtime::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, BufStream, BufWriter};
use runtime::net::{TcpSocket, TcpStream, UnixStream};
use runtime::runtime::{Builder, Handle, LocalOptions, LocalRuntime, Runtime, RuntimeFlavor};
use runtime::time::error::Error;
use runtime::trace::Event;
use std::collections::HashSet;
use std::panic::catch_unwind;
use std::rc::Rc;

#[test]
fn a_handle_tells_runtimes_apart() {
    let (one, two) = (Runtime::new().unwrap(), Runtime::new().unwrap());
    let current = one.block_on(async { Handle::current().id() });
    assert_eq!(one.handle().id(), current);
    let ids = HashSet::from([one.handle().id(), two.handle().id(), current]);
    assert_eq!(ids.len(), 2);
    assert!(current.to_string().parse::<usize>().unwrap() > 0);
}

#[test]
fn the_flavor_is_always_the_one() {
    let runtime = Runtime::new().unwrap();
    let flavor = runtime.handle().runtime_flavor();
    assert_eq!(flavor, RuntimeFlavor::CurrentThread);
}

#[test]
fn a_local_runtime_is_a_runtime() {
    let mut builder = Builder::new_current_thread();
    let options = LocalOptions::default();
    let runtime: LocalRuntime = builder.enable_all().build_local(options).unwrap();
    let shared = Rc::new(1);
    let theirs = Rc::clone(&shared);
    let task = runtime.spawn_local(async move { *theirs + 1 });
    assert_eq!(runtime.block_on(task).unwrap(), 2);
    runtime.shutdown_background();
}

#[test]
fn no_more_events_are_taken_than_is_said() {
    let mut builder = Builder::new_current_thread();
    let runtime = builder
        .enable_all()
        .max_io_events_per_tick(2)
        .build()
        .unwrap();
    runtime.trace().start(10_000);
    runtime.block_on(async {
        let pairs: Vec<_> = (0..10).map(|_| UnixStream::pair().unwrap()).collect();
        let (near, far): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let reads = near
            .into_iter()
            .map(|mut stream| runtime::spawn(async move { stream.read_u8().await.unwrap() }));
        let reads: Vec<_> = reads.collect();
        runtime::task::yield_now().await;
        for mut stream in far {
            stream.write_u8(7).await.unwrap();
        }
        for read in reads {
            assert_eq!(read.await.unwrap(), 7);
        }
    });
    let records = runtime.trace().take();
    let events = records.iter().filter_map(|record| match record.event {
        Event::Turned { events, .. } => Some(events),
        _ => None,
    });
    assert_eq!(events.max(), Some(2));
    let zero = catch_unwind(|| {
        Builder::new_current_thread().max_io_events_per_tick(0);
    });
    assert!(zero.is_err());
}

#[test]
fn the_error_of_a_timer_has_its_three_kinds() {
    let kinds = |error: &Error| {
        (
            error.is_shutdown(),
            error.is_at_capacity(),
            error.is_invalid(),
        )
    };
    assert_eq!(kinds(&Error::shutdown()), (true, false, false));
    assert_eq!(kinds(&Error::at_capacity()), (false, true, false));
    assert_eq!(kinds(&Error::invalid()), (false, false, true));
    let boxed: Box<dyn std::error::Error + Send + Sync> = Box::new(Error::invalid());
    assert!(!boxed.to_string().is_empty());
}

#[test]
fn outside_of_all_runtimes_the_error_says_which_kind_it_is() {
    let error = Handle::try_current().unwrap_err();
    assert!(error.is_missing_context() && !error.is_thread_local_destroyed());
}

fn copies<T: Copy>(value: &T) -> T {
    *value
}

#[test]
fn the_error_of_a_timer_can_be_copied() {
    assert!(copies(&Error::invalid()).is_invalid());
}

#[test]
fn a_stream_is_a_reference_to_itself_like_its_halves() {
    fn port<S: AsRef<TcpStream>>(stream: &S) -> u16 {
        stream.as_ref().local_addr().unwrap().port()
    }
    fn is_unnamed<S: AsRef<UnixStream>>(stream: &S) -> bool {
        stream.as_ref().local_addr().unwrap().is_unnamed()
    }
    Runtime::new().unwrap().block_on(async {
        let listener = runtime::net::TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap();
        let address = listener.local_addr().unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        let whole = port(&stream);
        let (reader, writer) = stream.into_split();
        assert_eq!((port(&reader), port(&writer)), (whole, whole));
        let (near, _far) = UnixStream::pair().unwrap();
        assert!(is_unnamed(&near));
        assert!(is_unnamed(&near.into_split().0));
    });
}

#[test]
fn what_has_a_descriptor_lends_it() {
    use std::os::fd::{AsFd, AsRawFd};

    fn number<F: AsFd + AsRawFd>(source: &F) -> i32 {
        assert_eq!(source.as_fd().as_raw_fd(), source.as_raw_fd());
        source.as_raw_fd()
    }
    assert_eq!(number(&runtime::io::stdin()), 0);
    assert_eq!(number(&runtime::io::stdout()), 1);
    assert_eq!(number(&runtime::io::stderr()), 2);
    let socket = TcpSocket::new_v4().unwrap();
    assert!(number(&socket) > 2);
    let again = socket.as_fd().try_clone_to_owned().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let again = std::net::TcpListener::from(again);
    assert_eq!(again.local_addr().unwrap(), socket.local_addr().unwrap());
}

#[test]
fn a_writer_around_a_reader_becomes_a_stream_with_what_both_hold() {
    Runtime::new().unwrap().block_on(async {
        let (mut far, near) = runtime::io::duplex(64);
        far.write_all(b"one\ntwo\n").await.unwrap();
        let mut outer = BufWriter::new(BufReader::new(near));
        let mut line = String::new();
        outer.get_mut().read_line(&mut line).await.unwrap(); // `two` has been read ahead
        outer.write_all(b"held ").await.unwrap();
        far.write_all(b"three\n").await.unwrap();

        let mut stream = BufStream::from(outer);
        stream.write_all(b"back").await.unwrap();
        stream.flush().await.unwrap();
        let mut heard = [0; 9];
        far.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"held back");
        for expected in ["two\n", "three\n"] {
            line.clear();
            stream.read_line(&mut line).await.unwrap();
            assert_eq!(line, expected);
        }
    });
}
