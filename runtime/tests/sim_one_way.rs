//! Links that break in one direction only, and links with settings of their own.

#![cfg(feature = "sim")]

use std::io::ErrorKind;

use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream, UdpSocket};
use runtime::sim::{self, Builder, Fault, Sim, Trouble};
use runtime::time::{Duration, Instant, interval, sleep, timeout};

const MILLI: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// Each packet takes one millisecond.
fn even() -> Sim {
    let mut builder = Builder::new();
    builder
        .min_message_latency(MILLI)
        .max_message_latency(MILLI)
        .simulation_duration(3000 * SECOND)
        .build()
}

/// The host `server` does this with its first connection, and keeps it.
fn server<F>(sim: &mut Sim, work: impl Fn(TcpStream) -> F + Copy + 'static)
where
    F: Future<Output = sim::Result<TcpStream>> + 'static,
{
    sim.host("server", move || async move {
        let listener = TcpListener::bind("0.0.0.0:80").await?;
        let kept = work(listener.accept().await?.0).await?;
        std::future::pending::<()>().await;
        drop(kept);
        Ok(())
    });
}

async fn deaf(stream: TcpStream) -> sim::Result<TcpStream> {
    Ok(stream)
}

#[test]
fn what_arrives_unheard_is_taken_once_and_its_sender_gives_up() {
    let mut sim = even();
    server(&mut sim, async |mut stream| {
        let mut got = [0; 8];
        stream.read_exact(&mut got).await?;
        assert_eq!((&got, sim::elapsed().as_secs()), (b"one, two", 1));
        let more = timeout(2000 * SECOND, stream.read(&mut got)).await;
        assert!(more.is_err(), "nothing comes twice");
        Ok(stream)
    });
    sim.client("client", async {
        let mut stream = TcpStream::connect("server:80").await?;
        sleep(SECOND).await;
        sim::partition_oneway("server", "client");
        let begin = Instant::now();
        stream.write_all(b"one, ").await?;
        stream.write_all(b"two").await?;
        let error = stream.read(&mut [0; 1]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(begin.elapsed().as_secs(), 924, "as what is lost");
        sleep(1100 * SECOND).await;
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn a_way_back_that_is_whole_again_in_time_is_not_noticed() {
    let mut sim = even();
    server(&mut sim, async |mut stream| {
        let mut got = [0; 4];
        for _ in 0..2 {
            stream.read_exact(&mut got).await?;
            stream.write_all(&got).await?;
        }
        Ok(stream)
    });
    sim.client("client", async {
        let mut stream = TcpStream::connect("server:80").await?;
        let mut got = [0; 4];
        for lasts in [500 * SECOND, 5 * SECOND] {
            sim::partition_oneway("server", "client");
            stream.write_all(b"ping").await?;
            sleep(lasts).await;
            sim::repair_oneway("server", "client");
            stream.read_exact(&mut got).await?;
            assert_eq!(&got, b"ping");
        }
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn a_connection_is_not_made_if_no_answer_comes() {
    for (from, to) in [("server", "client"), ("client", "server")] {
        let mut sim = even();
        server(&mut sim, deaf);
        sim.client("client", async {
            let begin = Instant::now();
            let error = TcpStream::connect("server:80").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TimedOut);
            assert_eq!(begin.elapsed().as_secs(), 127);
            Ok(())
        });
        sim.partition_oneway(from, to);
        sim.run().unwrap();
    }
}

#[test]
fn a_reset_that_is_not_heard_is_asked_for_again() {
    for (repaired, expected) in [
        (true, ErrorKind::ConnectionReset),
        (false, ErrorKind::TimedOut),
    ] {
        let mut sim = even();
        server(&mut sim, deaf);
        sim.client("client", async move {
            let mut stream = TcpStream::connect("server:80").await?;
            sleep(2 * SECOND).await;
            stream.write_all(b"to a host that has crashed").await?;
            let begin = Instant::now();
            let error = stream.read(&mut [0; 1]).await.unwrap_err();
            assert_eq!(error.kind(), expected);
            assert_eq!(begin.elapsed() > 900 * SECOND, !repaired);
            Ok(())
        });
        sim.run_for(SECOND).unwrap();
        sim.partition_oneway("server", "client");
        sim.bounce("server");
        sim.run_for(10 * SECOND).unwrap();
        if repaired {
            sim.repair_oneway("server", "client");
        }
        sim.run().unwrap();
    }
}

#[test]
fn a_writer_that_waits_for_room_gives_up_if_no_answer_comes() {
    let mut sim = even();
    server(&mut sim, async |stream| {
        sleep(2 * SECOND).await;
        Ok(stream)
    });
    sim.client("client", async {
        let mut stream = TcpStream::connect("server:80").await?;
        let fill = timeout(SECOND, stream.write_all(&[1; 1 << 20])).await;
        assert!(fill.is_err(), "it waits for room");
        sim::partition_oneway("server", "client");
        let begin = Instant::now();
        let error = stream.write_all(b"more").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(begin.elapsed().as_secs() / 100, 9);
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn datagrams_go_one_way() {
    let mut sim = even();
    sim.host("server", || async {
        let socket = UdpSocket::bind("0.0.0.0:5").await?;
        let mut got = [0; 8];
        loop {
            let (len, from) = socket.recv_from(&mut got).await?;
            socket.send_to(&got[..len], from).await?;
        }
    });
    sim.client("client", async {
        let socket = UdpSocket::bind("0.0.0.0:6").await?;
        let mut got = [0; 8];
        let mut seconds = interval(SECOND);
        for second in 0..4 {
            seconds.tick().await;
            socket.send_to(b"?", "server:5").await?;
            let answer = timeout(SECOND / 2, socket.recv(&mut got)).await;
            assert_eq!(answer.is_ok(), second != 1 && second != 2, "{second}");
        }
        Ok(())
    });
    for (from, to, at) in [("server", "client", 1), ("client", "server", 2)] {
        let what = Trouble::OneWay(from.into(), to.into());
        let at = at * SECOND;
        let fault = Fault {
            at,
            lasts: SECOND,
            what,
        };
        assert_eq!(
            fault.to_string(),
            format!("from {at:?}, for 1s: nothing gets through from {from} to {to}")
        );
        sim.fault(fault);
    }
    sim.run().unwrap();
}

#[test]
fn a_link_has_settings_of_its_own() {
    let mut sim = even();
    for name in ["near", "far", "lossy"] {
        sim.host(name, || async {
            let socket = UdpSocket::bind("0.0.0.0:5").await?;
            let mut got = [0; 1];
            loop {
                let (len, from) = socket.recv_from(&mut got).await?;
                socket.send_to(&got[..len], from).await?;
            }
        });
    }
    sim.client("client", async {
        let socket = UdpSocket::bind("0.0.0.0:0").await?;
        for (name, expected) in [
            ("near", Some(2 * MILLI)),
            ("far", Some(80 * MILLI)),
            ("lossy", None),
        ] {
            let begin = Instant::now();
            socket.send_to(b"?", (name, 5)).await?;
            let answer = timeout(SECOND, socket.recv(&mut [0; 1])).await;
            assert_eq!(answer.ok().map(|_| begin.elapsed()), expected, "{name}");
        }
        Ok(())
    });
    sim.set_link_latency("client", "far", 90 * MILLI);
    sim.set_link_max_message_latency("far", "client", 40 * MILLI);
    sim.set_link_fail_rate("lossy", "client", 1.0);
    sim.run().unwrap();
}

#[test]
#[should_panic(expected = "the simulation has no host \"nobody\"")]
fn a_host_that_is_not_there_is_named() {
    let mut sim = even();
    server(&mut sim, deaf);
    sim.set_link_latency("server", "nobody", SECOND);
}
