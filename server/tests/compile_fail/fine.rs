//! What holds an `Rc` over an await, and is a handler all the same.

use std::cell::RefCell;
use std::rc::Rc;

use server::extract::{Path, State};
use server::routing::get;
use server::{Json, Router};

type Shared = Rc<RefCell<Vec<u8>>>;

async fn add(State(shared): State<Shared>, Path(number): Path<u8>) -> Json<usize> {
    let here = shared.clone();
    std::future::ready(()).await;
    here.borrow_mut().push(number);
    Json(here.borrow().len())
}

fn main() {
    let _: Router = Router::new()
        .route("/{number}", get(add))
        .with_state(Shared::default());
}
