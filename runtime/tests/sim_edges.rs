//! The edges of a simulation: what is lost for good, what has no length, what waits at a full window, and which
//! addresses go together.

#![cfg(feature = "sim")]

use std::future::pending;
use std::io::{self, ErrorKind};

use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use runtime::sim::{self, Builder, Fault, Sim, Trouble};
use runtime::time::{Duration, Instant, advance, sleep, timeout};

const MILLI: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

fn fault(at: Duration, lasts: Duration, what: Trouble) -> Fault {
    Fault { at, lasts, what }
}

fn apart(one: &str, other: &str) -> Trouble {
    Trouble::Apart(one.into(), other.into())
}

/// Adds the host `server`, which accepts connections and keeps them, and reads nothing.
fn deaf(sim: &mut Sim) {
    sim.host("server", || async {
        let listener = TcpListener::bind("0.0.0.0:80").await?;
        let mut kept = Vec::new();
        loop {
            kept.push(listener.accept().await?);
        }
    });
}

/// Each packet takes one millisecond.
fn even() -> Sim {
    let mut builder = Builder::new();
    builder
        .min_message_latency(MILLI)
        .max_message_latency(MILLI)
        .build()
}

#[test]
fn a_fault_without_length_leaves_nothing() {
    let mut sim = even();
    deaf(&mut sim);
    sim.fault(fault(SECOND, Duration::ZERO, apart("client", "server")));
    sim.fault(fault(
        2 * SECOND,
        Duration::ZERO,
        Trouble::Down("server".into()),
    ));
    sim.client("client", async {
        sleep(3 * SECOND).await;
        TcpStream::connect("server:80").await?;
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn a_connection_whose_answer_is_lost_for_good_times_out() {
    let mut sim = even();
    deaf(&mut sim);
    // The request has arrived, the answer has not.
    sim.fault(fault(
        MILLI + MILLI / 2,
        3600 * SECOND,
        apart("client", "server"),
    ));
    sim.client("client", async {
        let error = TcpStream::connect("server:80").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(
            sim::elapsed().as_secs(),
            127,
            "six times more, and one pause"
        );
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn what_overtakes_the_answer_waits_for_it() {
    let mut sim = even();
    // No whole milliseconds, as timers have: so the two do not come at one moment.
    let latency = Duration::from_micros(1300);
    sim.set_message_latency(latency, latency);
    sim.host("server", || async {
        let listener = TcpListener::bind("0.0.0.0:80").await?;
        let (stream, _) = listener.accept().await?;
        sleep(2 * SECOND).await;
        stream.set_zero_linger()?;
        Ok(())
    });
    // The answer is lost twice, and sent again for the third time when the reset is there already.
    sim.fault(fault(
        MILLI + MILLI / 2,
        2 * SECOND,
        apart("client", "server"),
    ));
    sim.client("client", async {
        let mut stream = TcpStream::connect("server:80").await?;
        assert!(sim::elapsed() > 3 * SECOND);
        assert_eq!(stream.peer_addr()?.port(), 80);
        let error = stream.read(&mut [0; 1]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        Ok(())
    });
    sim.run().unwrap();
}

/// A server that dies while nothing gets through: its reset is lost, and nothing will come of it any more.
async fn dies_unheard(stream: &mut TcpStream) {
    stream.writable().await.unwrap();
    sleep(10 * SECOND).await;
}

fn with_unheard_death(client: impl AsyncFnOnce(TcpStream) -> sim::Result + 'static) {
    let mut sim = even();
    deaf(&mut sim);
    sim.fault(fault(2 * SECOND, 4 * SECOND, apart("client", "server")));
    sim.fault(fault(3 * SECOND, SECOND, Trouble::Down("server".into())));
    sim.client("client", async {
        let stream = TcpStream::connect("server:80").await?;
        client(stream).await
    });
    sim.run().unwrap();
    sim.run_for(600 * SECOND).unwrap();
    assert_eq!(sim.sockets(), 1);
}

#[test]
fn a_writer_that_waits_for_room_hears_that_the_other_side_is_gone() {
    with_unheard_death(async |mut stream| {
        let error = stream.write_all(&[7; 200_000]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        assert!(sim::elapsed() > 6 * SECOND);
        Ok(())
    });
}

#[test]
fn a_side_that_ends_hears_that_the_other_is_gone() {
    with_unheard_death(async |mut stream| {
        dies_unheard(&mut stream).await;
        stream.shutdown().await?;
        let error = stream.read(&mut [0; 1]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        Ok(())
    });
}

#[test]
fn a_reset_does_not_wait_for_what_is_sent_again() {
    let mut sim = even();
    sim.host("server", || async {
        let listener = TcpListener::bind("0.0.0.0:80").await?;
        let (mut stream, _) = listener.accept().await?;
        sleep(SECOND).await;
        sim::partition("server", "client");
        stream
            .write_all(b"lost, and sent again after ever longer pauses")
            .await?;
        sleep(100 * SECOND).await;
        sim::repair("server", "client");
        stream.set_zero_linger()?;
        Ok(())
    });
    sim.client("client", async {
        let mut stream = TcpStream::connect("server:80").await?;
        let error = stream.read(&mut [0; 100]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        assert!(sim::elapsed() < 102 * SECOND, "{:?}", sim::elapsed());
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn after_the_end_a_reset_is_a_broken_pipe() {
    let mut sim = even();
    sim.host("server", || async {
        let listener = TcpListener::bind("0.0.0.0:80").await?;
        drop(listener.accept().await?);
        Ok(())
    });
    sim.client("client", async {
        let mut stream = TcpStream::connect("server:80").await?;
        assert_eq!(stream.read(&mut [0; 1]).await?, 0);
        stream.write_all(b"into nothing").await?;
        sleep(SECOND).await;
        assert_eq!(stream.read(&mut [0; 1]).await?, 0, "it stays the end");
        let error = stream.write(b"x").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        Ok(())
    });
    sim.run().unwrap();
}

#[runtime::sim_test(seeds = 200)]
fn a_window_that_is_filled_exactly_opens_again_for_an_odd_system(sim: &mut Sim) -> sim::Result {
    sim.set_odd_answers(0.1);
    sim.host("server", || async {
        let listener = loop {
            if let Ok(listener) = TcpListener::bind("0.0.0.0:80").await {
                break listener;
            }
        };
        loop {
            let Ok((mut stream, _)) = listener.accept().await else {
                continue;
            };
            sleep(SECOND).await;
            let mut all = Vec::new();
            let _ = stream.read_to_end(&mut all).await;
        }
    });
    sim.client("client", async {
        let whole = async || -> io::Result<()> {
            let mut stream = TcpStream::connect("server:80").await?;
            for _ in 0..16 {
                stream.write_all(&[7; 8 * 1024]).await?;
            }
            Ok(())
        };
        while let Err(error) = whole().await {
            assert_ne!(error.kind(), ErrorKind::TimedOut);
        }
        Ok(())
    });
    sim.run()?;
    Ok(())
}

#[test]
fn a_client_that_was_down_before_its_end_has_not_ended() {
    let mut sim = even();
    let down = || Trouble::Down("client".into());
    sim.fault(fault(SECOND, SECOND, down()));
    sim.client("client", async {
        sleep(5 * SECOND).await;
        Ok(())
    });
    let text = sim.run().unwrap_err().to_string();
    assert!(text.contains("client has not ended"), "{text}");

    let mut sim = even();
    sim.client("client", async { Ok(()) });
    sim.run_for(SECOND).unwrap();
    sim.crash("client");
    sim.run().unwrap();
}

#[test]
fn a_network_that_takes_no_time_does_not_stop_the_clock_for_ever() {
    let mut builder = Builder::new();
    let mut sim = builder.max_message_latency(Duration::ZERO).build();
    for (name, other) in [("a", "b:9"), ("b", "a:9")] {
        sim.client(name, async move {
            let socket = UdpSocket::bind("0.0.0.0:9").await?;
            let mut buffer = [0; 1];
            loop {
                socket.send_to(b"x", other).await?;
                let _ = timeout(SECOND, socket.recv(&mut buffer)).await;
            }
        });
    }
    let text = sim.run().unwrap_err().to_string();
    assert!(text.contains("the network has gone on"), "{text}");
}

#[test]
fn a_slow_time_adds_to_whatever_latency_is_set() {
    let mut sim = even();
    deaf(&mut sim);
    let slow = Trouble::Slow("client".into(), "server".into(), SECOND);
    sim.fault(fault(SECOND, 10 * SECOND, slow));
    sim.client("client", async {
        let mut took = Vec::new();
        for second in [2, 20] {
            sleep((second * SECOND).saturating_sub(sim::elapsed())).await;
            let start = Instant::now();
            TcpStream::connect("server:80").await?;
            took.push(start.elapsed());
        }
        assert_eq!(took, [2 * SECOND + 20 * MILLI, 20 * MILLI]);
        Ok(())
    });
    sim.run_for(SECOND + MILLI).unwrap();
    sim.set_message_latency(10 * MILLI, 10 * MILLI);
    sim.run().unwrap();
}

#[test]
fn a_bound_on_the_bandwidth_is_shared() {
    let mut builder = Builder::new();
    let mut sim = builder.bandwidth(100_000).build();
    sim.host("sink", || async {
        let listener = TcpListener::bind("0.0.0.0:80").await?;
        loop {
            let (mut stream, _) = listener.accept().await?;
            runtime::spawn(async move {
                let mut all = Vec::new();
                let _ = stream.read_to_end(&mut all).await;
            });
        }
    });
    sim.client("client", async {
        let upload = async || -> io::Result<()> {
            let mut stream = TcpStream::connect("sink:80").await?;
            stream.write_all(&[7; 100_000]).await?;
            stream.shutdown().await?;
            stream.read(&mut [0; 1]).await.map(drop)
        };
        let (one, other) = runtime::join!(upload(), upload());
        one.and(other)?;
        assert!(
            (2..3).contains(&sim::elapsed().as_secs()),
            "{:?}",
            sim::elapsed()
        );
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn faults_by_chance_begin_from_now() {
    let mut sim = even();
    deaf(&mut sim);
    sim.client("client", pending());
    sim.run_for(100 * SECOND).unwrap();
    sim.random_faults(20, 10 * SECOND);
    let within = 100 * SECOND..=110 * SECOND;
    assert!(!sim.faults().is_empty());
    assert!(sim.faults().iter().all(|fault| within.contains(&fault.at)));
}

#[test]
fn a_clock_that_its_program_moves_goes_on_from_there() {
    let mut sim = even();
    sim.client("client", async {
        let start = Instant::now();
        advance(60 * SECOND).await;
        sleep(SECOND).await;
        assert_eq!((start.elapsed(), sim::elapsed()), (61 * SECOND, SECOND));
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn addresses_of_one_host() {
    let mut sim = even();
    sim.client("client", async {
        // One port, two addresses; but not one of them and all of them.
        let near = TcpListener::bind("127.0.0.1:80").await?;
        let far = TcpListener::bind("10.0.0.1:80").await?;
        let error = TcpListener::bind("0.0.0.0:80").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        for (listener, addr) in [(&near, "127.0.0.1:80"), (&far, "10.0.0.1:80")] {
            let stream = TcpStream::connect(addr).await?;
            let (accepted, from) = listener.accept().await?;
            assert_eq!(accepted.local_addr()?.to_string(), addr);
            assert_eq!(stream.local_addr()?, from);
        }
        // A port is chosen when the address is bound.
        let socket = TcpSocket::new_v4()?;
        socket.bind("0.0.0.0:0".parse()?)?;
        let bound = socket.local_addr()?;
        assert_ne!(bound.port(), 0);
        let listener = socket.listen(1)?;
        assert_eq!(listener.local_addr()?, bound);
        let error = TcpSocket::new_v4()?.bind(bound).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        // A socket of IPv4 hears nothing of IPv6; one of IPv6 hears both.
        let error = TcpStream::connect(("::1", bound.port())).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        let both = TcpListener::bind("[::]:81").await?;
        TcpStream::connect("[::1]:81").await?;
        TcpStream::connect("10.0.0.1:81").await?;
        both.accept().await?;
        // What goes to "any" address goes to this host.
        let (one, other) = (
            UdpSocket::bind("0.0.0.0:5").await?,
            UdpSocket::bind("0.0.0.0:6").await?,
        );
        one.connect(other.local_addr()?).await?;
        one.send(b"hi").await?;
        let mut buffer = [0; 2];
        let (_, from) = other.recv_from(&mut buffer).await?;
        assert_eq!(
            (from, one.local_addr()?.to_string()),
            (one.local_addr()?, "127.0.0.1:5".into())
        );
        other.send_to(b"ho", from).await?;
        assert_eq!(one.recv(&mut buffer).await?, 2);
        Ok(())
    });
    sim.run().unwrap();
}

/// A name in the file system of the machine is not the host's: what is not modelled refuses.
#[cfg(unix)]
#[test]
fn unix_sockets_and_pipes_with_a_name_are_refused_and_pairs_are_not() {
    use runtime::net::unix::{UnixDatagram, UnixListener, UnixSocket, UnixStream, pipe};

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("socket");
    let far = std::os::unix::net::UnixDatagram::bind(dir.path().join("far")).unwrap();
    let far_path = dir.path().join("far");
    let mut sim = even();
    sim.client("host", async move {
        let refused = |result: io::Result<()>| {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
            assert!(error.to_string().contains("use TCP"), "{error}");
        };
        refused(UnixListener::bind(&path).map(drop));
        refused(UnixStream::connect(&far_path).await.map(drop));
        refused(UnixDatagram::bind(&path).map(drop));
        let unbound = UnixDatagram::unbound()?;
        refused(unbound.connect(&far_path));
        refused(unbound.send_to(b"hi", &far_path).await.map(drop));
        refused(unbound.try_send_to(b"hi", &far_path).map(drop));
        refused(UnixSocket::new_stream()?.bind(&path));
        refused(UnixSocket::new_stream()?.connect(&far_path).await.map(drop));
        let options = pipe::OpenOptions::new();
        refused(options.open_receiver(&far_path).map(drop));
        refused(options.open_sender(&far_path).map(drop));
        assert!(!path.exists());
        let (mut near, mut far) = UnixStream::pair()?;
        near.write_all(b"hello").await?;
        drop(near);
        let mut text = String::new();
        far.read_to_string(&mut text).await?;
        assert_eq!(text, "hello");
        Ok(())
    });
    sim.run().unwrap();
    far.set_nonblocking(true).unwrap();
    let nothing = far.recv(&mut [0; 8]).unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::WouldBlock);
}

/// In the last of its pauses an end has not given up yet: if the link is whole again, what happens then counts.
const LAST_PAUSE: Duration = Duration::from_secs(860);

#[test]
fn a_writer_whose_probes_were_all_lost_but_one_pause_goes_on_when_there_is_room() {
    const ALL: usize = 300_000;
    let mut sim = even();
    sim.host("server", || async {
        let listener = TcpListener::bind("0.0.0.0:80").await?;
        let (mut stream, _) = listener.accept().await?;
        sleep(LAST_PAUSE + 10 * SECOND).await;
        let mut buffer = vec![0; 1 << 16];
        let mut read = stream.read(&mut buffer).await?;
        // The window is full again when the writer would have given up.
        sleep(100 * SECOND).await;
        while read < ALL {
            read += stream.read(&mut buffer).await?;
        }
        stream.write_all(b"!").await?;
        Ok(())
    });
    sim.fault(fault(SECOND, LAST_PAUSE, apart("client", "server")));
    sim.client("client", async {
        let mut stream = TcpStream::connect("server:80").await?;
        stream.write_all(&vec![7; ALL]).await?;
        assert_eq!(stream.read_u8().await?, b'!');
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn a_reset_in_the_last_pause_of_what_was_lost_arrives() {
    let mut sim = even();
    sim.client("server", async {
        let listener = TcpListener::bind("0.0.0.0:80").await?;
        let (mut stream, _) = listener.accept().await?;
        let error = stream.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        Ok(())
    });
    sim.fault(fault(SECOND, LAST_PAUSE, apart("client", "server")));
    sim.client("client", async {
        let mut stream = TcpStream::connect("server:80").await?;
        sleep(2 * SECOND).await;
        stream.write_all(b"lost").await?;
        sleep(LAST_PAUSE).await;
        stream.set_zero_linger()?;
        drop(stream);
        Ok(())
    });
    sim.run().unwrap();
}

/// Runs the same on the machine's own system and in a simulation.
fn as_on_linux(scene: impl AsyncFn(&str) -> sim::Result + Copy + 'static) {
    if cfg!(target_os = "linux") {
        let runtime = runtime::runtime::Runtime::new().unwrap();
        runtime.block_on(async { scene("127.0.0.1").await.unwrap() });
    }
    let mut sim = even();
    sim.client("client", async move { scene("10.0.0.1").await });
    sim.run().unwrap();
}

#[test]
fn two_sockets_have_one_address_if_both_share_it_and_one_of_them_listens() {
    as_on_linux(async |ip| {
        let is_taken = |result: io::Result<()>| {
            result.is_err_and(|error| error.kind() == ErrorKind::AddrInUse)
        };
        let first = TcpSocket::new_v4()?;
        first.bind(format!("{ip}:0").parse()?)?;
        let addr = first.local_addr()?;
        let second = TcpSocket::new_v4()?;
        assert!(is_taken(second.bind(addr)), "not shared");
        second.set_reuseaddr(true)?;
        assert!(is_taken(second.bind(addr)), "shared by one");
        drop(first);
        second.bind(addr)?;
        assert!(second.bind(addr).is_err(), "it has one");
        let third = TcpSocket::new_v4()?;
        third.set_reuseaddr(true)?;
        third.bind(addr)?;
        let listener = third.listen(8)?;
        assert!(is_taken(second.listen(8).map(drop)), "one listens");
        assert!(is_taken(TcpListener::bind(addr).await.map(drop)));
        drop(listener);
        TcpListener::bind(addr).await?;
        Ok(())
    });
}

#[test]
fn a_connection_that_both_sides_have_ended_has_no_other_end() {
    as_on_linux(async |ip| {
        let listener = TcpListener::bind((ip, 0)).await?;
        let addr = listener.local_addr()?;
        let mut near = TcpStream::connect(addr).await?;
        let (mut far, from) = listener.accept().await?;
        near.shutdown().await?;
        assert_eq!(far.read(&mut [0; 1]).await?, 0);
        let both = (near.peer_addr()?, far.peer_addr()?);
        assert_eq!(both, (addr, from), "one direction is open");
        far.shutdown().await?;
        assert_eq!(near.read(&mut [0; 1]).await?, 0);
        for stream in [&mut near, &mut far] {
            let error = stream.peer_addr().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotConnected);
            assert_eq!(stream.read(&mut [0; 1]).await?, 0, "it stays the end");
            stream.shutdown().await?;
        }
        assert_eq!(near.local_addr()?, from);
        Ok(())
    });
}
