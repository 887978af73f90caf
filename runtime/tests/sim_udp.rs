//! What UDP says of an address at which nothing listens.

#![cfg(feature = "sim")]

use std::io::ErrorKind;

use runtime::net::UdpSocket;
use runtime::sim::{self, Builder};
use runtime::time::{Duration, sleep, timeout};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_connected_socket_hears_once_that_no_socket_is_at_its_peer_s_address() {
    let mut sim = Builder::new().build();
    sim.host("server", || async {
        sleep(10 * SECOND).await;
        let socket = UdpSocket::bind("0.0.0.0:9").await?;
        loop {
            let (len, from) = socket.recv_from(&mut [0; 9]).await?;
            socket.send_to(&[len as u8], from).await?;
        }
    });
    sim.client("client", async {
        let connected = UdpSocket::bind("0.0.0.0:0").await?;
        connected.connect("server:9").await?;
        let free = UdpSocket::bind("0.0.0.0:0").await?;
        // The receiver is told.
        connected.send(b"one").await?;
        let error = connected.recv(&mut [0; 9]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        // Or the next sender, and then no one.
        connected.send(b"two").await?;
        sleep(SECOND).await;
        let error = connected.send(b"three").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        connected.send(b"four").await?;
        sleep(SECOND).await;
        let error = connected.take_error()?.map(|error| error.kind());
        assert_eq!(error, Some(ErrorKind::ConnectionRefused));
        assert!(connected.take_error()?.is_none());
        // What goes to many addresses hears nothing of one.
        free.send_to(b"one", "server:9").await?;
        assert!(timeout(SECOND, free.recv(&mut [0; 9])).await.is_err());
        free.send_to(b"two", "server:9").await?;
        // While nothing gets through, no answer comes either.
        sim::partition("client", "server");
        connected.send(b"five").await?;
        assert!(timeout(SECOND, connected.recv(&mut [0; 9])).await.is_err());
        sim::repair("client", "server");
        sleep(10 * SECOND).await;
        connected.send(b"six").await?;
        let mut answer = [0; 9];
        assert_eq!(connected.recv(&mut answer).await?, 1);
        assert_eq!(answer[0], 3);
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn where_there_is_no_host_the_error_says_so() {
    let mut sim = Builder::new().build();
    sim.client("client", async {
        let socket = UdpSocket::bind("0.0.0.0:0").await?;
        let error = socket.send_to(b"x", "255.255.255.255:9").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        socket.set_broadcast(true)?;
        for (to, said) in [
            (
                "10.0.0.99:9",
                "no host of this simulation has the address 10.0.0.99",
            ),
            ("255.255.255.255:9", "this simulation has no broadcast"),
            ("239.1.2.3:9", "this simulation has no multicast"),
        ] {
            let error = socket.send_to(b"x", to).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NetworkUnreachable);
            assert!(error.to_string().contains(said), "{error}");
        }
        let error = socket.connect("10.0.0.99:9").await.unwrap_err();
        assert!(error.to_string().contains("10.0.0.99"), "{error}");
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn the_bandwidth_can_be_set_while_the_simulation_stands() {
    let took = |bytes_a_second: Option<u64>| {
        let mut sim = Builder::new().build();
        sim.set_bandwidth(bytes_a_second);
        sim.host("server", || async {
            let socket = UdpSocket::bind("0.0.0.0:9").await?;
            loop {
                let (len, from) = socket.recv_from(&mut [0; 2000]).await?;
                socket.send_to(&[u8::from(len == 1000)], from).await?;
            }
        });
        sim.client("client", async {
            let socket = UdpSocket::bind("0.0.0.0:0").await?;
            socket.connect("server:9").await?;
            socket.send(&[7; 1000]).await?;
            socket.recv(&mut [0; 9]).await?;
            Ok(())
        });
        sim.run().unwrap();
        sim.elapsed()
    };
    assert!(took(None) < SECOND / 100);
    assert!(took(Some(1000)) > SECOND);
}
