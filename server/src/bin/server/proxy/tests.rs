//! The proxy in memory: its backends are servers of tests, on the paused clock.

use std::cell::RefCell;
use std::rc::Rc;

use clap::Parser;
use server::testing::{TestClient, TestServer};

use super::connect::{Connect, Connecting, Line};
use super::*;
use server::h1::client::Config;

/// A backend that is a server in memory.
struct InMemory(TestServer);

impl Connect for InMemory {
    fn connect(&self, config: Config) -> Connecting {
        let stream = self.0.connect();
        Box::pin(async move { Line::new(stream?, config).await })
    }
}

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    options: Options,
}

/// The options of a command line.
fn options(line: &str) -> Options {
    let words = std::iter::once("server").chain(line.split_whitespace());
    CommandLine::parse_from(words).options
}

/// A proxy with its backends, which are called `a`, `b` and so on.
struct Site {
    client: TestClient,
    backends: Vec<Rc<Backend>>,
    _background: Background,
}

fn site(line: &str, servers: Vec<Box<dyn Connect>>) -> Site {
    let options = Rc::new(options(line));
    let named = servers.into_iter().zip('a'..);
    let backends: Vec<_> = named
        .map(|(server, name)| Rc::new(Backend::new(name.to_string(), server, &options)))
        .collect();
    let (background, metrics) = (Background::new(), Metrics::default());
    let router = to_backends(backends.clone(), options, &background, &metrics)
        .merge(metrics.routes())
        .layer(server::middleware::from_fn(crate::pages::negotiate));
    let app = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
    Site {
        client: TestClient::new(app),
        backends,
        _background: background,
    }
}

fn in_memory(app: Router) -> Box<dyn Connect> {
    Box::new(InMemory(TestServer::new(app)))
}

#[runtime::test(start_paused = true)]
async fn a_request_is_handed_on_and_answered() {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let noted = seen.clone();
    let app = Router::new().fallback(move |request: Request| {
        noted.borrow_mut().push(request);
        async { ([("x-mine", "1")], "hello") }
    });
    let site = site("", vec![in_memory(app)]);
    let response = site.client.get("/proxy/a/b?c=d").await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.header("x-mine"), Some("1"));
    assert_eq!(response.text().await, "hello");
    let request = seen.borrow_mut().pop().unwrap();
    assert_eq!(request.uri(), "/a/b?c=d");
    let said = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(said("forwarded"), "for=10.0.0.1;host=localhost;proto=http");
    assert!(said("via").starts_with("1.1 treadle-"));
}

#[runtime::test(start_paused = true)]
async fn without_backends_it_says_how_to_name_one() {
    let site = site("", vec![]);
    let response = site.client.get("/proxy/a").await;
    assert_eq!(response.status(), 503);
    assert!(response.text().await.contains("--backend"));
    let page = site
        .client
        .get("/proxy")
        .header("accept", "text/html")
        .await;
    assert!(page.text().await.contains("--backend"));
}
