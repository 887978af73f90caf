//! Where the program listens.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

use runtime::net::TcpListener;

/// Binds the first of the addresses behind what was typed that can be bound.
pub(crate) async fn tcp(addr: &str) -> Result<TcpListener, String> {
    let addrs = resolve(addr)?;
    TcpListener::bind(&addrs[..])
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => format!(
                "cannot listen on {addr}: another program does already; stop it or choose another \
             port with --addr"
            ),
            _ => format!("cannot listen on {addr}: {error}"),
        })
}

fn resolve(addr: &str) -> Result<Vec<SocketAddr>, String> {
    let hint = "give HOST:PORT, for example --addr 127.0.0.1:3000";
    let addrs = addr
        .to_socket_addrs()
        .map_err(|error| format!("bad address {addr:?}: {error}; {hint}"))?;
    Ok(addrs.collect())
}
