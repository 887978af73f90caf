//! How a connection to a backend is made.
//!
//! The pool asks [`Connect`] for a connection and does not know what is behind it: a socket, or, in
//! tests, a server in memory. What it gets is a [`Line`]: the end that takes requests, and
//! the task that moves the bytes. Both end together: dropping a line closes the connection at
//! once, in the middle of an answer too.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::str::FromStr;

use futures_io::{AsyncRead, AsyncWrite};
use runtime::net::{TcpSocket, TcpStream, UnixStream, lookup_host};
use runtime::task::AbortHandle;
use server::h1::client::{Config, SendRequest, handshake_with_config};

use crate::local_error::{is_local, is_shortage};

/// A connection in the making.
pub(crate) type Connecting = Pin<Box<dyn Future<Output = io::Result<Line>>>>;

/// Makes connections to one backend.
pub(crate) trait Connect {
    /// Dropping the future drops what there is of the connection.
    fn connect(&self, config: Config) -> Connecting;
}

/// A connection to a backend, and the task that drives it.
pub(crate) struct Line {
    pub(crate) sender: SendRequest,
    task: AbortHandle,
}

impl Line {
    /// Begins to speak HTTP on a stream.
    pub(crate) async fn new<I>(stream: I, config: Config) -> io::Result<Self>
    where
        I: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let made = handshake_with_config(stream, config).await;
        let (sender, connection) = made.map_err(io::Error::other)?;
        let task = runtime::spawn(connection).abort_handle();
        Ok(Line { sender, task })
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Where a backend listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// HOST:PORT. The name is looked up for each connection.
    Tcp(String),
    /// A socket in the file system.
    Unix(PathBuf),
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("unix:").filter(|path| !path.is_empty()) {
            return Ok(Address::Unix(path.into()));
        }
        let (host, port) = text.rsplit_once(':').unwrap_or_default();
        let is_host = !host.is_empty() && !host.contains(['/', ' ', '@']);
        match port.parse::<u16>() {
            Ok(port) if port > 0 && is_host => Ok(Address::Tcp(text.to_owned())),
            _ => Err("give HOST:PORT, for example 127.0.0.1:8080, or unix:PATH".to_owned()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Tcp(text) => f.write_str(text),
            Address::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl Connect for Address {
    fn connect(&self, config: Config) -> Connecting {
        let address = self.clone();
        Box::pin(async move {
            match address {
                Address::Tcp(text) => Line::new(tcp(text).await?, config).await,
                Address::Unix(path) => Line::new(UnixStream::connect(path).await?, config).await,
            }
        })
    }
}

/// A connection to one of the addresses that `text` stands for; else the error that says most.
async fn tcp(text: String) -> io::Result<TcpStream> {
    let mut why = (0, io::Error::from(io::ErrorKind::AddrNotAvailable));
    for address in addresses(&text).await? {
        match TcpStream::connect(address).await {
            Ok(stream) => return stream.set_nodelay(true).map(|()| stream),
            Err(error) if weight(address, &error) >= why.0 => {
                why = (weight(address, &error), error);
            }
            Err(_) => {}
        }
    }
    Err(why.1)
}

/// The addresses. A resolver that finds no descriptor says that the name is not known. So a descriptor is asked for. If
/// there is one, it may have come free since, and the name is looked up once more.
async fn addresses(text: &str) -> io::Result<Vec<SocketAddr>> {
    if let Ok(found) = lookup_host(text).await {
        return Ok(found.collect());
    }
    drop(TcpSocket::new_v4()?);
    Ok(lookup_host(text).await?.collect())
}

/// How much an error says. That this machine lacks something (also ports, where it has the family of addresses for sure) says
/// that nothing is known of the other side. Then comes what the other side says. Least is said by an address that this
/// machine cannot use: `localhost` is `::1` as well, and there may be no IPv6.
fn weight(address: SocketAddr, error: &io::Error) -> u8 {
    let has_no_port = address.is_ipv4() && error.kind() == io::ErrorKind::AddrNotAvailable;
    match is_local(error) {
        true if is_shortage(error) || has_no_port => 2,
        false => 1,
        true => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_with_a_port_or_a_path() {
        for text in [
            "127.0.0.1:80",
            "localhost:8080",
            "[::1]:1",
            "unix:/run/app.sock",
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
        }
        for text in [
            "",
            "localhost",
            ":80",
            "a:0",
            "a:65536",
            "http://a:80",
            "unix:",
            "a b:80",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
    #[test]
    fn a_lack_of_this_machine_outweighs_the_other_side_and_that_a_family_that_is_not_there() {
        use rustix::io::Errno as E;
        let of = |address: &str, error: E| weight(address.parse().unwrap(), &error.into());
        let [four, six] = ["127.0.0.1:80", "[::1]:80"];
        for (address, error, expected) in [
            (four, E::MFILE, 2),
            (six, E::MFILE, 2),
            (four, E::ADDRNOTAVAIL, 2),
            (four, E::CONNREFUSED, 1),
            (six, E::CONNREFUSED, 1),
            (six, E::ADDRNOTAVAIL, 0),
            (six, E::ACCESS, 0),
        ] {
            assert_eq!(of(address, error), expected, "{address} {error}");
        }
    }
}
