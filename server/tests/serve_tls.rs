//! HTTP over TLS: handshakes that succeed, fail, hang and are cut, and how connections end.

#![cfg(unix)]

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use futures_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use futures_rustls::{TlsConnector, client};
use runtime::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex};
use runtime::net::{TcpListener, TcpStream};
use runtime::sync::{Notify, mpsc};
use runtime::task::JoinHandle;
use runtime::time::{Instant, sleep};
use server::extract::{ConnectInfo, DefaultBodyLimit};
use server::serve::Listener;
use server::serve::tls::TlsListener;
use server::{Router, routing::get, routing::post, serve};

const NAME: &str = "loom.test";

/// A certificate that signed itself, and the key that goes with it.
struct Identity(rcgen::CertifiedKey<rcgen::KeyPair>);

impl Identity {
    fn new() -> Self {
        Identity(rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap())
    }

    fn certificate(&self) -> CertificateDer<'static> {
        self.0.cert.der().clone()
    }

    fn server(&self) -> ServerConfig {
        let key = PrivateKeyDer::try_from(self.0.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder().with_no_client_auth();
        config
            .with_single_cert(vec![self.certificate()], key)
            .unwrap()
    }

    /// A client that trusts it.
    fn client(&self) -> TlsConnector {
        trusting(Some(self.certificate()))
    }
}

fn trusting(certificate: Option<CertificateDer<'static>>) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificate);
    let config = ClientConfig::builder().with_root_certificates(roots);
    Arc::new(config.with_no_client_auth()).into()
}

async fn connect<I>(tls: &TlsConnector, io: I) -> io::Result<client::TlsStream<I>>
where
    I: AsyncRead + AsyncWrite + Unpin,
{
    tls.connect(NAME.try_into().unwrap(), io).await
}

/// What comes back until the connection ends, which must be by `close_notify`.
async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, head: &str, body: &[u8]) -> String {
    let head = format!(
        "{head} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n",
        body.len()
    );
    let head = format!("{head}Connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    stream.flush().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn app() -> Router {
    Router::new()
        .route("/", get(|| async { "in private" }))
        .route(
            "/from",
            get(|ConnectInfo(from): ConnectInfo<SocketAddr>| async move { from.to_string() }),
        )
        .route("/echo", post(|body: String| async { body }))
        .layer(DefaultBodyLimit::disable())
}

/// A server on a port of its own.
async fn serve_on_tcp(identity: &Identity) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let listener = TlsListener::new(listener, identity.server());
    assert_eq!(listener.local_addr().unwrap(), address);
    let app = app().into_make_service_with_connect_info::<SocketAddr>();
    drop(runtime::spawn(async move { serve(listener, app).await }));
    address
}

/// Connections in memory.
struct Queue(mpsc::Receiver<DuplexStream>);

impl Listener for Queue {
    type Io = DuplexStream;
    type Addr = ();

    async fn accept(&mut self) -> (DuplexStream, ()) {
        match self.0.recv().await {
            Some(stream) => (stream, ()),
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}

/// A server in memory that stops at a signal.
struct Memory {
    connections: mpsc::Sender<DuplexStream>,
    stop: Rc<Notify>,
    ended: JoinHandle<io::Result<()>>,
}

impl Memory {
    fn serve(identity: &Identity, app: Router) -> Memory {
        let (connections, queue) = mpsc::channel(8);
        let stop = Rc::new(Notify::new());
        let signal = stop.clone();
        let listener = TlsListener::new(Queue(queue), identity.server());
        let server =
            serve(listener, app).with_graceful_shutdown(async move { signal.notified().await });
        let ended = runtime::spawn(server.into_future());
        Memory {
            connections,
            stop,
            ended,
        }
    }

    async fn connect(&self) -> DuplexStream {
        let (near, far) = duplex(1024);
        self.connections.send(far).await.unwrap();
        near
    }
}

#[runtime::test]
async fn requests_are_answered_and_the_peer_is_known() {
    let identity = Identity::new();
    let address = serve_on_tcp(&identity).await;
    let socket = TcpStream::connect(address).await.unwrap();
    let own = socket.local_addr().unwrap().to_string();
    let stream = connect(&identity.client(), socket).await.unwrap();
    let answer = ask(stream, "GET /from", b"").await;
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.ends_with(&own),
        "{answer}"
    );
    let socket = TcpStream::connect(address).await.unwrap();
    let stream = connect(&identity.client(), socket).await.unwrap();
    let answer = ask(stream, "GET https://x/", b"").await;
    assert!(
        answer.ends_with("in private"),
        "an address of https: {answer}"
    );
}

#[runtime::test]
async fn handshakes_that_fail_or_hang_keep_no_other_client_from_being_served() {
    let identity = Identity::new();
    let address = serve_on_tcp(&identity).await;
    let silent = TcpStream::connect(address).await.unwrap();
    for _ in 0..3 {
        let plain = TcpStream::connect(address).await.unwrap();
        let mut plain = plain;
        plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        // An alert, and the end; or a reset, as there are bytes that were not read.
        let _ = plain.read_to_end(&mut Vec::new()).await;
        let stranger = TcpStream::connect(address).await.unwrap();
        assert!(connect(&trusting(None), stranger).await.is_err());
        let good = TcpStream::connect(address).await.unwrap();
        let good = connect(&identity.client(), good).await.unwrap();
        assert!(ask(good, "GET /", b"").await.ends_with("in private"));
    }
    drop(silent);
}

#[runtime::test(start_paused = true)]
async fn a_handshake_has_as_long_as_a_connection_for_its_first_request() {
    let identity = Identity::new();
    let server = Memory::serve(&identity, app());
    for beginning in [&b""[..], b"\x16\x03\x01\x02\x00\x01"] {
        let begun = Instant::now();
        let mut slow = server.connect().await;
        for byte in beginning {
            slow.write_all(&[*byte]).await.unwrap();
            sleep(Duration::from_secs(1)).await;
        }
        assert_eq!(slow.read_to_end(&mut Vec::new()).await.unwrap(), 0);
        assert_eq!(begun.elapsed(), Duration::from_secs(10));
    }
    // A client that shakes hands and then sends nothing.
    let begun = Instant::now();
    let mut idle = connect(&identity.client(), server.connect().await)
        .await
        .unwrap();
    assert_eq!(
        idle.read_to_end(&mut Vec::new()).await.unwrap(),
        0,
        "by close_notify"
    );
    assert_eq!(begun.elapsed(), Duration::from_secs(10));
}

#[runtime::test(start_paused = true)]
async fn a_megabyte_goes_through_a_pipe_of_a_kilobyte_in_both_directions() {
    let identity = Identity::new();
    let server = Memory::serve(&identity, app());
    let stream = connect(&identity.client(), server.connect().await)
        .await
        .unwrap();
    let body = "warp and weft, ".repeat(70_000);
    let answer = ask(stream, "POST /echo", body.as_bytes()).await;
    let (_, echoed) = answer.split_once("\r\n\r\n").unwrap();
    assert!(echoed == body, "{} bytes", echoed.len());
}

/// What rustls holds for it does not look like bytes that it has taken.
#[runtime::test(start_paused = true)]
async fn a_client_that_reads_no_answer_is_cut_off_in_time() {
    let identity = Identity::new();
    let large = || async { "x".repeat(1_000_000) };
    let small = || async { "x".repeat(20_000) };
    let app = Router::new()
        .route("/large", get(large))
        .route("/small", get(small));
    let server = Memory::serve(&identity, app);
    for path in ["/large", "/small"] {
        let mut stream = connect(&identity.client(), server.connect().await)
            .await
            .unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        let begun = Instant::now();
        // It ends although nothing was read: a write finds the other end gone.
        while stream.write_all(b"\r\n").await.is_ok() && stream.flush().await.is_ok() {
            sleep(Duration::from_secs(1)).await;
            assert!(begun.elapsed() < Duration::from_secs(120), "{path}");
        }
    }
}

#[runtime::test(start_paused = true)]
async fn at_a_graceful_shutdown_a_request_is_answered_and_each_connection_ends_properly() {
    let identity = Identity::new();
    let (begun, go_on) = (Rc::new(Notify::new()), Rc::new(Notify::new()));
    let (began, waits) = (begun.clone(), go_on.clone());
    let app = Router::new().route(
        "/",
        get(async move || {
            began.notify_one();
            waits.notified().await;
            "after all"
        }),
    );
    let server = Memory::serve(&identity, app);
    let tls = identity.client();
    let busy = connect(&tls, server.connect().await).await.unwrap();
    let mut idle = connect(&tls, server.connect().await).await.unwrap();
    let mut in_handshake = server.connect().await;
    in_handshake.write_all(b"\x16\x03\x01").await.unwrap();
    let answer = runtime::spawn(ask(busy, "GET /", b""));
    begun.notified().await;
    server.stop.notify_one();
    assert_eq!(
        idle.read_to_end(&mut Vec::new()).await.unwrap(),
        0,
        "by close_notify"
    );
    assert_eq!(in_handshake.read_to_end(&mut Vec::new()).await.unwrap(), 0);
    assert!(!server.ended.is_finished());
    go_on.notify_one();
    assert!(answer.await.unwrap().ends_with("after all"));
    server.ended.await.unwrap().unwrap();
}

#[runtime::test]
async fn curl_is_served() {
    let found = Command::new("curl").arg("--version").output();
    if found.is_err() {
        println!("SKIPPED: there is no curl");
        return;
    }
    let identity = Identity::new();
    let address = serve_on_tcp(&identity).await;
    let folder = tempfile::tempdir().unwrap();
    let pem = folder.path().join("certificate.pem");
    std::fs::write(&pem, identity.0.cert.pem()).unwrap();
    let port = address.port();
    let output = runtime::task::spawn_blocking(move || curl(&pem, port))
        .await
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(
        output.stdout, b"in private1\nin private0\n",
        "one connection for both"
    );
}

/// Two requests, and how many connections each needed.
fn curl(certificate: &Path, port: u16) -> std::process::Output {
    let url = format!("https://{NAME}:{port}/");
    Command::new("curl")
        .args(["--silent", "--show-error", "--max-time", "30", "--cacert"])
        .arg(certificate)
        .args(["--resolve", &format!("{NAME}:{port}:127.0.0.1"), &url, &url])
        .args(["--write-out", "%{num_connects}\\n"])
        .output()
        .unwrap()
}
