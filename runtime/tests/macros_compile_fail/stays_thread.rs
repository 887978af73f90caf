// What stays on its thread says what to do instead, by the name of a type.
use runtime::sync::{Mutex, mpsc};
use std::thread;

fn handle(task: runtime::task::JoinHandle<()>) {
    thread::spawn(move || task.abort()); //~ error: Use_Handle_spawn_with //~ error: `Rc<
}

fn abort(task: runtime::task::AbortHandle) {
    thread::spawn(move || task.abort()); //~ error: Use_Handle_spawn_with //~ error: `Rc<
}

fn sender(tx: mpsc::Sender<u8>) {
    thread::spawn(move || drop(tx.try_send(1))); //~ error: Use_Handle_spawn_with //~ error: `Rc<
}

fn unbounded(tx: mpsc::UnboundedSender<u8>) {
    thread::spawn(move || drop(tx.send(1))); //~ error: Use_Handle_spawn_with //~ error: `Rc<
}

static TOTAL: Mutex<u8> = Mutex::const_new(1); //~ error: or_thread_local //~ error: cannot be shared

fn main() {
    let _: [fn(_); 1] = [handle];
    let _: [fn(_); 1] = [abort];
    let _: [fn(_); 1] = [sender];
    let _: [fn(_); 1] = [unbounded];
    let _ = &TOTAL;
}
