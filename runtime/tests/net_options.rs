//! The options of sockets: each setter changes what its getter and the operating system say, and
//! nothing else.

#[path = "support/machine.rs"]
mod machine;
#[path = "support/net.rs"]
mod net;

use std::net::{Ipv6Addr, SocketAddr};
use std::time::Duration;

use machine::run;
use net::{ANY, listener, pair};
use runtime::net::{TcpSocket, UdpSocket};
use socket2::SockRef;

/// Sets each value, and asks the socket and the system for it.
macro_rules! kept {
    ($socket:expr; $($get:ident, $set:ident, $of_system:ident: $($value:expr),+;)*) => {$($(
        $socket.$set($value).unwrap();
        assert_eq!($socket.$get().unwrap(), $value, stringify!($get));
        let of_system = SockRef::from(&$socket).$of_system().unwrap();
        assert_eq!(of_system, $value, stringify!($of_system));
    )+)*};
}

#[test]
fn a_stream_and_its_listener_keep_their_options() {
    run(async {
        let (near, _far) = pair().await;
        kept! { near;
            nodelay, set_nodelay, tcp_nodelay: true, false;
            ttl, set_ttl, ttl_v4: 100, 7;
            linger, set_linger, linger: Some(Duration::from_secs(3)), None;
        }
        assert!(
            !near.nodelay().unwrap(),
            "what is set next to it changes nothing"
        );
        near.set_zero_linger().unwrap();
        assert_eq!(near.linger().unwrap(), Some(Duration::ZERO));

        let listener = listener().await;
        kept! { listener; ttl, set_ttl, ttl_v4: 100, 7; }
    });
}

#[test]
#[cfg(any(target_os = "linux", target_os = "android"))]
fn a_stream_acknowledges_at_once_if_it_is_told_to() {
    run(async {
        let (near, _far) = pair().await;
        kept! { near; quickack, set_quickack, tcp_quickack: false, true; }
    });
}

#[test]
fn a_socket_for_datagrams_keeps_its_options() {
    run(async {
        let socket = UdpSocket::bind(ANY).await.unwrap();
        assert!(!socket.broadcast().unwrap() && socket.multicast_loop_v4().unwrap());
        assert_eq!(socket.multicast_ttl_v4().unwrap(), 1);
        kept! { socket;
            broadcast, set_broadcast, broadcast: true, false;
            ttl, set_ttl, ttl_v4: 100, 7;
            tos_v4, set_tos_v4, tos_v4: 0x10, 0;
            multicast_loop_v4, set_multicast_loop_v4, multicast_loop_v4: false, true;
            multicast_ttl_v4, set_multicast_ttl_v4, multicast_ttl_v4: 2, 9;
        }
        assert_eq!(
            socket.ttl().unwrap(),
            7,
            "the hops to a group are counted apart"
        );
    });
}

#[test]
fn an_option_of_one_family_is_an_error_on_the_other() {
    run(async {
        let group = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb);
        let socket = UdpSocket::bind(ANY).await.unwrap();
        assert!(socket.multicast_loop_v6().is_err());
        assert!(socket.set_multicast_loop_v6(false).is_err());
        assert!(socket.leave_multicast_v6(&group, 0).is_err());

        let six = SocketAddr::from((Ipv6Addr::LOCALHOST, 0));
        let Ok(socket) = UdpSocket::bind(six).await else {
            return println!("SKIPPED: no IPv6 on this machine");
        };
        kept! { socket; multicast_loop_v6, set_multicast_loop_v6, multicast_loop_v6: false, true; }
        #[cfg(any(target_os = "linux", target_os = "android", target_os = "macos"))]
        kept! { socket; tclass_v6, set_tclass_v6, tclass_v6: 0x60, 0; }
    });
}

#[test]
#[cfg(any(target_os = "linux", target_os = "android"))]
fn a_socket_that_was_bound_to_no_device_says_so() {
    run(async {
        let datagrams = UdpSocket::bind(ANY).await.unwrap();
        assert_eq!(datagrams.device().unwrap(), None);
        datagrams.bind_device(None).unwrap();

        let socket = TcpSocket::new_v4().unwrap();
        assert_eq!(socket.device().unwrap(), None);
        socket.bind_device(None).unwrap();
        socket.set_zero_linger().unwrap();
        assert_eq!(socket.linger().unwrap(), Some(Duration::ZERO));
        socket.set_tos_v4(0x10).unwrap();
        assert_eq!(socket.tos_v4().unwrap(), 0x10);
    });
}
