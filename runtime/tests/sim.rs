//! Several hosts in one simulation: what the network does, and that a seed is a run.

#![cfg(feature = "sim")]

use std::cell::{Cell, RefCell};
use std::io::ErrorKind;
use std::rc::Rc;

use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use runtime::sim::{self, Builder, Fault, Sim, Trouble};
use runtime::time::{Duration, Instant, sleep, timeout};

const MILLI: Duration = Duration::from_millis(1);

/// Adds a host that sends back what it receives, whatever its system answers.
fn echo(sim: &mut Sim) {
    sim.host("echo", || async {
        let listener = loop {
            if let Ok(listener) = TcpListener::bind("0.0.0.0:7").await {
                break listener;
            }
        };
        loop {
            let Ok((mut stream, _)) = listener.accept().await else {
                sleep(MILLI).await;
                continue;
            };
            runtime::spawn(async move {
                let (mut read, mut write) = stream.split();
                let _ = runtime::io::copy(&mut read, &mut write).await;
                let _ = write.shutdown().await;
            });
        }
    });
}

/// Sends `len` bytes there and back, and returns whether they came back.
async fn round_trip(len: usize) -> std::io::Result<bool> {
    let sent: Vec<u8> = (0..len).map(|byte| byte as u8).collect();
    let stream = TcpStream::connect("echo:7").await?;
    let (mut read, mut write) = stream.into_split();
    let data = sent.clone();
    let writer = runtime::spawn(async move {
        write.write_all(&data).await?;
        write.shutdown().await
    });
    let mut back = Vec::new();
    read.read_to_end(&mut back).await?;
    writer.await.unwrap()?;
    Ok(back == sent)
}

#[test]
fn what_is_sent_comes_back_whole_and_in_order_under_any_seed() {
    for seed in 0..50 {
        let mut sim = Builder::new().rng_seed(seed).message_loss(0.05).build();
        echo(&mut sim);
        sim.client("client", async {
            assert!(round_trip(300_000).await?);
            Ok(())
        });
        sim.run().unwrap();
        sim.run_for(Duration::from_secs(600)).unwrap();
        assert_eq!(
            sim.sockets(),
            1,
            "the listener, and nothing else (seed {seed})"
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_events_and_another_seed_gives_others() {
    let record = |seed| {
        let mut sim = Builder::new()
            .rng_seed(seed)
            .message_loss(0.1)
            .record(100_000)
            .build();
        echo(&mut sim);
        sim.client("client", async {
            assert!(round_trip(100_000).await?);
            Ok(())
        });
        sim.run().unwrap();
        let recordings = sim.recordings().into_iter();
        let events =
            recordings.map(|(host, recording)| (host, format!("{:?}", recording.records())));
        (sim.elapsed(), events.collect::<Vec<_>>())
    };
    assert_eq!(record(1), record(1));
    assert_ne!(record(1).0, record(2).0);
}

#[test]
fn nobody_listens_there() {
    let mut sim = Builder::new().build();
    sim.host("silent", || async { Ok(()) });
    sim.client("client", async {
        let error = TcpStream::connect("silent:80").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        let error = TcpStream::connect("nowhere:80").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains("nowhere"), "{error}");
        let error = TcpStream::connect("192.0.2.1:80").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NetworkUnreachable);
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn addresses_are_those_of_the_hosts() {
    let mut sim = Builder::new().build();
    sim.host("server", || async {
        let listener = TcpListener::bind("0.0.0.0:80").await?;
        let (stream, from) = listener.accept().await?;
        assert_eq!(stream.peer_addr()?, from);
        assert_eq!(stream.local_addr()?.to_string(), "10.0.0.1:80");
        assert_eq!(from.ip().to_string(), "10.0.0.2");
        Ok(())
    });
    sim.client("client", async {
        let stream = TcpStream::connect("server:80").await?;
        assert_eq!(stream.peer_addr()?, (sim::lookup("server")?, 80).into());
        stream.set_nodelay(true)?;
        assert!(stream.nodelay()?, "an option is kept");
        assert!(stream.into_std().is_err());
        // Within a host.
        let socket = TcpSocket::new_v4()?;
        socket.bind("127.0.0.1:80".parse()?)?;
        let listener = socket.listen(1)?;
        let error = TcpListener::bind("127.0.0.1:80").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        let error = TcpListener::bind("10.0.0.1:80").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrNotAvailable);
        let near = TcpStream::connect("localhost:80").await?;
        let (far, addr) = listener.accept().await?;
        assert_eq!(
            (near.local_addr()?, near.peer_addr()?),
            (addr, far.local_addr()?)
        );
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn a_full_backlog_leaves_a_client_waiting_until_there_is_room() {
    let mut sim = Builder::new().build();
    sim.host("server", || async {
        let socket = TcpSocket::new_v4()?;
        socket.bind("0.0.0.0:80".parse()?)?;
        let listener = socket.listen(1)?;
        sleep(Duration::from_millis(2500)).await;
        let _first = listener.accept().await?;
        let _second = listener.accept().await?;
        std::future::pending().await
    });
    sim.client("client", async {
        let _first = TcpStream::connect("server:80").await?;
        let start = Instant::now();
        let _second = TcpStream::connect("server:80").await?;
        // Asked again after one second, and after two more.
        assert_eq!(start.elapsed().as_secs(), 3);
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn a_writer_waits_for_a_reader_that_is_slow() {
    let mut sim = Builder::new().build();
    sim.host("slow", || async {
        let listener = TcpListener::bind("0.0.0.0:80").await?;
        let (mut stream, _) = listener.accept().await?;
        sleep(Duration::from_secs(60)).await;
        let mut all = Vec::new();
        stream.read_to_end(&mut all).await?;
        assert_eq!(all.len(), 100_000);
        Ok(())
    });
    sim.client("client", async {
        let mut stream = TcpStream::connect("slow:80").await?;
        stream.write_all(&[7; 100_000]).await?;
        assert!(sim::elapsed() >= Duration::from_secs(60));
        Ok(())
    });
    sim.run().unwrap();
    sim.run_for(Duration::from_secs(1)).unwrap();
}

#[test]
fn each_direction_ends_by_itself_and_a_reset_ends_both() {
    let mut sim = Builder::new().build();
    sim.host("server", || async {
        let listener = TcpListener::bind("0.0.0.0:80").await?;
        let (mut stream, _) = listener.accept().await?;
        let mut all = String::new();
        stream.read_to_string(&mut all).await?;
        stream.write_all(b"you said ").await?;
        stream.write_all(all.as_bytes()).await?;
        drop(stream);
        let (stream, _) = listener.accept().await?;
        stream.set_zero_linger()?;
        drop(stream);
        // The third is dropped with what it has not read.
        let (stream, _) = listener.accept().await?;
        stream.peek(&mut [0; 1]).await?;
        drop(stream);
        Ok(())
    });
    sim.client("client", async {
        let mut stream = TcpStream::connect("server:80").await?;
        stream.write_all(b"hello").await?;
        stream.shutdown().await?;
        let error = stream.write_all(b"more").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        let mut all = String::new();
        stream.read_to_string(&mut all).await?;
        assert_eq!(all, "you said hello");
        for unread in [&b""[..], b"unread"] {
            let mut stream = TcpStream::connect("server:80").await?;
            stream.write_all(unread).await?;
            let error = stream.read(&mut [0; 1]).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
            let error = stream.write(b"x").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        }
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn what_is_sent_while_nothing_gets_through_arrives_afterwards() {
    let mut sim = Builder::new().build();
    echo(&mut sim);
    sim.client("client", async {
        let mut stream = TcpStream::connect("echo:7").await?;
        sim::partition("echo", "client");
        stream.write_all(b"hello").await?;
        let mut buffer = [0; 5];
        let read = timeout(Duration::from_secs(10), stream.read_exact(&mut buffer)).await;
        assert!(read.is_err(), "nothing gets through");
        sim::repair("echo", "client");
        stream.read_exact(&mut buffer).await?;
        assert_eq!(&buffer, b"hello");
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn a_connection_is_given_up_when_nothing_gets_through_for_long() {
    let mut sim = Builder::new().build();
    echo(&mut sim);
    sim.client("client", async {
        let mut stream = TcpStream::connect("echo:7").await?;
        sim::partition("echo", "client");
        stream.write_all(b"hello").await?;
        let error = stream.read(&mut [0; 1]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        // As Linux: fifteen times, with pauses of 0.2 s to 2 minutes, and one pause more.
        assert_eq!(sim::elapsed().as_secs(), 924);
        let start = Instant::now();
        let error = TcpStream::connect("echo:7").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(start.elapsed().as_secs(), 127);
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn datagrams_overtake_one_another_and_are_lost() {
    let arrived = |loss| {
        let order = Rc::new(RefCell::new(Vec::new()));
        let seen = Rc::clone(&order);
        let mut sim = Builder::new().message_loss(loss).build();
        sim.host("sink", move || {
            let order = Rc::clone(&order);
            async move {
                let socket = UdpSocket::bind("0.0.0.0:9").await?;
                let mut buffer = [0; 16];
                loop {
                    let (len, from) = socket.recv_from(&mut buffer).await?;
                    assert_eq!((len, from.port()), (1, 5000));
                    order.borrow_mut().push(buffer[0]);
                }
            }
        });
        sim.client("source", async {
            let socket = UdpSocket::bind("0.0.0.0:5000").await?;
            socket.connect("sink:9").await?;
            for number in 0..100 {
                socket.send(&[number]).await?;
            }
            sleep(Duration::from_secs(1)).await;
            Ok(())
        });
        sim.run().unwrap();
        seen.take()
    };
    let all = arrived(0.0);
    assert_eq!(all.len(), 100);
    assert!(!all.is_sorted());
    assert!((40..95).contains(&arrived(0.3).len()));
    assert!(arrived(1.0).is_empty());
}

#[test]
fn a_host_that_crashes_resets_its_connections_and_comes_back_empty() {
    let lives = Rc::new(Cell::new(0));
    let dropped = Rc::new(Cell::new(0));
    struct Counts(Rc<Cell<u32>>);
    impl Drop for Counts {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }
    let mut sim = Builder::new().build();
    let (counted, counts) = (Rc::clone(&lives), Rc::clone(&dropped));
    sim.host("server", move || {
        counted.set(counted.get() + 1);
        let counts = Counts(Rc::clone(&counts));
        async move {
            let _counts = counts;
            let listener = TcpListener::bind("0.0.0.0:80").await?;
            let _open = listener.accept().await?;
            std::future::pending().await
        }
    });
    sim.client("client", async {
        let mut stream = TcpStream::connect("server:80").await?;
        let error = stream.read(&mut [0; 1]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        assert!(sim::elapsed() >= Duration::from_secs(5));
        let refused = TcpStream::connect("server:80").await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        sleep(Duration::from_secs(10)).await;
        TcpStream::connect("server:80").await?;
        Ok(())
    });
    sim.run_for(Duration::from_secs(5)).unwrap();
    sim.crash("server");
    assert_eq!((lives.get(), dropped.get()), (1, 1));
    sim.run_for(Duration::from_secs(5)).unwrap();
    sim.bounce("server");
    sim.run().unwrap();
    assert_eq!((lives.get(), dropped.get()), (2, 1));
}

#[test]
fn a_plan_of_faults_is_followed() {
    let mut sim = Builder::new().build();
    echo(&mut sim);
    let apart = Trouble::Apart("echo".into(), "client".into());
    sim.fault(Fault {
        at: Duration::from_secs(10),
        lasts: Duration::from_secs(5),
        what: apart,
    });
    sim.fault(Fault {
        at: Duration::from_secs(30),
        lasts: Duration::from_secs(5),
        what: Trouble::Slow("client".into(), "echo".into(), Duration::from_millis(400)),
    });
    sim.client("client", async {
        let mut stream = TcpStream::connect("echo:7").await?;
        let mut took = Vec::new();
        for second in [1, 11, 31, 41] {
            sleep(Duration::from_secs(second).saturating_sub(sim::elapsed())).await;
            let start = Instant::now();
            stream.write_all(b"x").await?;
            stream.read_exact(&mut [0; 1]).await?;
            took.push(start.elapsed());
        }
        assert!(took[0] < 10 * MILLI && took[3] < 10 * MILLI, "{took:?}");
        assert!(took[1] >= Duration::from_secs(4), "{took:?}");
        assert!((800 * MILLI..900 * MILLI).contains(&took[2]), "{took:?}");
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn what_is_down_by_two_faults_comes_back_when_both_are_over() {
    let mut sim = Builder::new().build();
    echo(&mut sim);
    let fault = |at, lasts, what| Fault {
        at: Duration::from_secs(at),
        lasts: Duration::from_secs(lasts),
        what,
    };
    sim.fault(fault(1, 10, Trouble::Down("echo".into())));
    sim.fault(fault(5, 20, Trouble::Down("echo".into())));
    let apart = || Trouble::Apart("client".into(), "echo".into());
    sim.fault(fault(100, 10, apart()));
    sim.fault(fault(105, 20, apart()));
    sim.client("client", async {
        let at = |second| sleep(Duration::from_secs(second).saturating_sub(sim::elapsed()));
        at(12).await;
        let error = TcpStream::connect("echo:7").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        at(26).await;
        let mut stream = TcpStream::connect("echo:7").await?;
        at(112).await;
        stream.write_all(b"x").await?;
        stream.read_exact(&mut [0; 1]).await?;
        assert!(sim::elapsed() >= Duration::from_secs(125));
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn a_clock_that_jumps_ahead_stays_ahead() {
    let mut sim = Builder::new().build();
    sim.fault(Fault {
        at: Duration::from_secs(5),
        lasts: Duration::ZERO,
        what: Trouble::Ahead("client".into(), Duration::from_secs(100)),
    });
    sim.client("client", async {
        let start = Instant::now();
        sleep(Duration::from_secs(60)).await;
        assert_eq!(
            (sim::elapsed().as_secs(), start.elapsed().as_secs()),
            (5, 105)
        );
        sleep(Duration::from_secs(1)).await;
        assert_eq!(
            (sim::elapsed().as_secs(), start.elapsed().as_secs()),
            (6, 106)
        );
        Ok(())
    });
    sim.run().unwrap();
}

#[runtime::sim_test(seeds = 50)]
fn a_system_that_answers_oddly_loses_nothing(sim: &mut Sim) -> sim::Result {
    sim.set_odd_answers(0.1);
    echo(sim);
    sim.client("client", async {
        let mut kinds = std::collections::BTreeSet::new();
        for _ in 0..20 {
            match round_trip(50_000).await {
                Ok(same) => assert!(same),
                Err(error) => drop(kinds.insert(format!("{:?}", error.kind()))),
            }
        }
        // The connection was refused to one side or given up on by the other; it was not cut.
        let expected = ["ConnectionReset", "Uncategorized"];
        assert!(
            kinds.iter().all(|kind| expected.contains(&&**kind)),
            "{kinds:?}"
        );
        Ok(())
    });
    sim.run()?;
    sim.run_for(Duration::from_secs(60))?;
    assert_eq!(sim.sockets(), 1);
    Ok(())
}

#[test]
fn a_bound_on_the_bandwidth_takes_its_time() {
    let mut sim = Builder::new().bandwidth(100_000).build();
    echo(&mut sim);
    sim.client("client", async {
        assert!(round_trip(200_000).await?);
        assert!(
            (2..4).contains(&sim::elapsed().as_secs()),
            "{:?}",
            sim::elapsed()
        );
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn work_on_other_threads_takes_no_simulated_time() {
    let mut sim = Builder::new().build();
    sim.client("client", async {
        let job = runtime::task::spawn_blocking(|| 7);
        let nap = sleep(Duration::from_secs(1));
        assert_eq!(timeout(MILLI, job).await??, 7);
        nap.await;
        assert_eq!(sim::elapsed(), Duration::from_secs(1));
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn a_failure_says_what_where_and_when() {
    let fails = |program: fn(&mut Sim)| {
        let mut sim = Builder::new()
            .rng_seed(7)
            .simulation_duration(Duration::from_secs(100))
            .record(1000)
            .build();
        program(&mut sim);
        sim.run().unwrap_err().to_string()
    };
    let text = fails(|sim| {
        sim.client("one", async {
            sleep(Duration::from_secs(3)).await;
            Err("broken".into())
        });
    });
    assert_eq!(text, "seed 7, after 3s: one failed: broken");
    let text = fails(|sim| {
        sim.host("two", || async { panic!("oh no") });
        sim.client("one", std::future::pending());
    });
    assert_eq!(text, "seed 7, after 0ns: two panicked: oh no");
    let text = fails(|sim| {
        sim.client("one", async {
            let (_sender, mut receiver) = runtime::sync::mpsc::channel::<()>(1);
            receiver.recv().await;
            Ok(())
        });
    });
    assert!(
        text.contains("nothing will happen any more, and one has not ended"),
        "{text}"
    );
    assert!(text.contains("task 1"), "{text}");
    let text = fails(|sim| {
        sim.client("one", async {
            loop {
                sleep(Duration::from_secs(1)).await;
            }
        });
    });
    assert!(
        text.contains("after 100s: the limit of 100s is reached"),
        "{text}"
    );
    let text = fails(|sim| {
        sim.client("busy", async {
            loop {
                runtime::task::yield_now().await;
            }
        });
    });
    assert!(
        text.contains("busy has gone on for 100,000 rounds and more"),
        "{text}"
    );
}

/// A client that does not try again when an answer is late; some seeds show it.
fn careless(sim: &mut Sim) -> sim::Result {
    sim.host("server", || async {
        let listener = TcpListener::bind("0.0.0.0:80").await?;
        loop {
            let (mut stream, _) = listener.accept().await?;
            stream.write_all(b"hello").await?;
        }
    });
    sim.random_faults(6, Duration::from_secs(1));
    sim.client("client", async {
        let mut stream = TcpStream::connect("server:80").await?;
        let read = timeout(100 * MILLI, stream.read(&mut [0; 16])).await;
        let len = read.map_err(|_| "no answer in time")??;
        assert_eq!(len, 5);
        Ok(())
    });
    sim.run()?;
    Ok(())
}

#[cfg(feature = "serde")]
fn its_recordings_can_be_read(text: &str) {
    let files = text
        .lines()
        .filter_map(|line| line.strip_prefix("  recording "));
    let files: Vec<_> = files.map(std::path::PathBuf::from).collect();
    assert!(files.len() >= 2, "one a life of a host: {text}");
    let folder = files[0].parent().unwrap();
    let command = format!("cargo run --example stepper -- \"{}\"", folder.display());
    assert!(text.contains(&command), "{text}");
    for file in &files {
        let read = std::io::BufReader::new(std::fs::File::open(file).unwrap());
        let recording = runtime::trace::Recording::read_from(read).unwrap();
        assert!(!recording.records().is_empty());
        let host = &recording.lane().unwrap().host;
        let name = file.file_name().unwrap().to_string_lossy();
        assert!(name.starts_with(host), "{name}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_seed_that_fails_is_named_with_the_faults_that_it_needs() {
    let failed = std::panic::catch_unwind(|| sim::seeds(0..1000, careless)).unwrap_err();
    let text = failed.downcast::<String>().unwrap();
    #[cfg(feature = "serde")]
    {
        its_recordings_can_be_read(&text);
        assert!(text.contains("\nOn a page: cargo run -p server -- --show \""));
    }
    assert!(text.contains(" fails after "), "{text}");
    assert!(
        text.contains("To run this seed only: TREADLE_SEED="),
        "{text}"
    );
    assert!(!text.contains("does not fail again"), "{text}");
    assert!(
        text.matches("\n  fault ").count() <= 1,
        "one fault is enough: {text}"
    );
}

#[runtime::sim_test(seeds = 20)]
fn a_host_that_comes_and_goes_loses_no_answer_that_was_given(sim: &mut Sim) -> sim::Result {
    echo(sim);
    sim.client("client", async {
        let mut done = 0;
        while done < 20 {
            // An attempt may be lost; an answer is never wrong.
            if let Ok(Ok(same)) = timeout(Duration::from_secs(2), round_trip(1000)).await {
                assert!(same);
                done += 1;
            }
            sleep(10 * MILLI).await;
        }
        Ok(())
    });
    sim.random_faults(10, Duration::from_secs(2));
    sim.run()?;
    sim.run_for(Duration::from_secs(3600))?;
    assert_eq!(sim.sockets(), 1, "the listener, and nothing else");
    Ok(())
}
