//! TLS by rustls: an encrypted conversation, with a certificate made on the spot.
//!
//! ```text
//! cargo run --example tls_client_and_server
//! ```
//!
//! rustls turns bytes into encrypted bytes and back; it does no input or output itself.
//! futures-rustls lays it around a stream with futures-io's traits, as our `TcpStream` is one, and
//! the result is a stream with the same traits again. So everything that reads and writes goes on
//! as before: `split`, `BufReader`, `read_line`, `write_all`.
//!
//! What to see in the output:
//!
//! 1. A client that trusts the certificate talks to the server: TLS 1.3, and a protocol of the
//!    application's that both agreed on during the handshake.
//! 2. A client that expects another server refuses the same certificate, and so does one that was
//!    never told to trust it. Each side says what it saw: the client tells the server why it goes.
//! 3. A client that speaks plainly to the server gets nowhere.
//! 4. The end of an encrypted stream is a message of its own. A stream that ends without it was cut
//!    off, perhaps by an attacker who wished the rest to be missing, and reading it is an error.
#![forbid(unsafe_code)]

#[path = "support/accept.rs"]
mod accept;

use accept::until_stopped;
use futures_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use futures_rustls::rustls::{self, ClientConfig, RootCertStore, ServerConfig};
use futures_rustls::{TlsAcceptor, TlsConnector, client, server};
use runtime::io::{self, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use runtime::net::{TcpListener, TcpStream};
use runtime::sync::CancellationToken;
use runtime::time::{Duration, timeout};
use std::net::SocketAddr;
use std::sync::Arc;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// The name that the certificate is made out to.
const NAME: &str = "loom.test";
/// What the two speak inside of TLS, as they tell each other during the handshake (ALPN).
const PROTOCOL: &[u8] = b"echo";

#[runtime::main]
async fn main() -> Outcome<()> {
    let identity = Identity::make()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    println!("serving {NAME} on {address}");
    let (stop, acceptor) = (CancellationToken::new(), identity.acceptor()?);
    let connection = move |stream| connection(stream, acceptor.clone());
    let server = runtime::spawn(until_stopped(listener, stop.clone(), connection));

    let trusting = connector([identity.certificate.clone()])?;
    talk(address, &trusting).await?;

    println!("a client that expects another server:");
    refuse(address, &trusting, "spindle.test").await?;
    println!("a client that trusts no certificate:");
    refuse(address, &connector([])?, NAME).await?;
    println!("a client that speaks plainly:");
    plain(address).await?;
    println!("a client that is cut off:");
    cut_off(address, &trusting).await?;

    stop.cancel();
    server.await?;
    println!("the server has ended");
    Ok(())
}

/// A certificate and the key that goes with it.
struct Identity {
    certificate: CertificateDer<'static>,
    key: rcgen::KeyPair,
}

impl Identity {
    /// Signed by itself: who is to trust it has to be given it beforehand, as the client here is.
    fn make() -> Result<Identity, rcgen::Error> {
        let made = rcgen::generate_simple_self_signed([NAME.to_owned()])?;
        Ok(Identity {
            certificate: made.cert.der().clone(),
            key: made.signing_key,
        })
    }

    fn acceptor(&self) -> Outcome<TlsAcceptor> {
        let key = PrivateKeyDer::try_from(self.key.serialize_der())?;
        let mut config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.clone()], key)?;
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(Arc::new(config).into())
    }
}

/// A client's half: it trusts these certificates and no others.
fn connector(trusted: impl IntoIterator<Item = CertificateDer<'static>>) -> Outcome<TlsConnector> {
    let mut roots = RootCertStore::empty();
    for certificate in trusted {
        roots.add(certificate)?;
    }
    let mut config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(Arc::new(config).into())
}

/// The server's side of one connection: every line goes back, until the client is done.
async fn connection(stream: TcpStream, acceptor: TlsAcceptor) {
    let ended = async {
        let handshake = timeout(Duration::from_secs(10), acceptor.accept(stream));
        echo(handshake.await??).await
    };
    if let Err(error) = ended.await {
        println!("  server: {error}");
    }
}

async fn echo(stream: server::TlsStream<TcpStream>) -> io::Result<()> {
    let (reader, mut writer) = io::split(stream);
    let mut lines = BufReader::new(reader).lines();
    while let Some(line) = lines.next_line().await? {
        if line == "hang up" {
            return Ok(()); // without the message that ends a TLS stream
        }
        writer.write_all(format!("{line}\n").as_bytes()).await?;
        writer.flush().await?;
    }
    writer.shutdown().await
}

async fn connect(server: SocketAddr, tls: &TlsConnector) -> Outcome<client::TlsStream<TcpStream>> {
    let stream = TcpStream::connect(server).await?;
    Ok(tls.connect(NAME.try_into()?, stream).await?)
}

async fn talk(server: SocketAddr, tls: &TlsConnector) -> Outcome<()> {
    println!("a client that trusts the certificate:");
    let mut stream = connect(server, tls).await?;
    let (_, session) = stream.get_ref();
    let protocol = session.alpn_protocol().unwrap_or_default();
    println!(
        "  client: {:?}, speaking {:?}",
        session.protocol_version().ok_or("no version")?,
        String::from_utf8_lossy(protocol)
    );
    let long = "warp and weft, ".repeat(10_000);
    for line in ["hello", &long] {
        stream.write_all(format!("{line}\n").as_bytes()).await?;
        stream.flush().await?;
        let mut answer = vec![0; line.len() + 1];
        stream.read_exact(&mut answer).await?;
        println!("  client: {} bytes came back", answer.len());
    }
    stream.shutdown().await?;
    let rest = stream.read_to_end(&mut Vec::new()).await?;
    println!("  client: the end, properly, and {rest} bytes before it");
    Ok(())
}

/// A handshake that fails on the client's side.
async fn refuse(server: SocketAddr, tls: &TlsConnector, name: &'static str) -> Outcome<()> {
    let stream = TcpStream::connect(server).await?;
    let name = ServerName::try_from(name)?;
    if let Err((error, stream)) = tls.connect(name, stream).into_fallible().await {
        println!("  client: {}", why(&error));
        until_closed(stream).await?;
    }
    Ok(())
}

/// No TLS at all.
async fn plain(server: SocketAddr) -> Outcome<()> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await?;
    until_closed(stream).await
}

async fn cut_off(server: SocketAddr, tls: &TlsConnector) -> Outcome<()> {
    let mut stream = connect(server, tls).await?;
    stream.write_all(b"hang up\n").await?;
    stream.flush().await?;
    if let Err(error) = stream.read_to_end(&mut Vec::new()).await {
        println!("  client: {:?}", error.kind());
    }
    Ok(())
}

/// Until the server has done its part: what it has to say about it is printed by then.
async fn until_closed(mut stream: TcpStream) -> Outcome<()> {
    stream.read_to_end(&mut Vec::new()).await?;
    Ok(())
}

/// rustls's own error, without what varies (the certificate's dates and names are in it).
fn why(error: &io::Error) -> String {
    let inner = error.get_ref().and_then(|it| it.downcast_ref());
    match inner {
        Some(rustls::Error::InvalidCertificate(why)) => match why {
            rustls::CertificateError::UnknownIssuer => "no one I trust has signed this".to_owned(),
            _ => "the certificate is made out to another name".to_owned(),
        },
        _ => error.to_string(),
    }
}
