//! Values beside a request that are not `Send`.

mod support;

use std::cell::Cell;
use std::rc::Rc;

use server::h1::Endpoint;
use server::{LocalExtension, Router, routing::get};
use support::{ROOM, connect_with};

async fn count(LocalExtension(count): LocalExtension<Rc<Cell<u32>>>) -> String {
    count.set(count.get() + 1);
    count.get().to_string()
}

async fn perhaps(count: Option<LocalExtension<Rc<Cell<u32>>>>) -> String {
    count.is_some().to_string()
}

#[runtime::test(start_paused = true)]
async fn a_layer_gives_an_rc_to_its_handlers_and_to_no_others() {
    let counter = Rc::new(Cell::new(0_u32));
    let app = Router::new()
        .route("/count", get(count))
        .route("/perhaps", get(perhaps))
        .layer(LocalExtension(counter.clone()))
        .route("/without", get(count))
        .route("/perhaps-not", get(perhaps));
    let mut peer = connect_with(&Endpoint::new(app), ROOM);
    for expected in ["1", "2"] {
        assert_eq!(peer.get("/count").await.text(), expected);
    }
    assert_eq!(peer.get("/perhaps").await.text(), "true");
    assert_eq!(peer.get("/perhaps-not").await.text(), "false");
    let refused = peer.get("/without").await;
    assert_eq!(refused.status, 500);
    let text = refused.text();
    assert!(
        text.contains("LocalExtension of type") && text.contains("Cell<u32>"),
        "{text}"
    );
    drop(peer);
    assert_eq!(counter.get(), 2);
}
