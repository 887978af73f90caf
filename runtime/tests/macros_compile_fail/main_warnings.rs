#[runtime::main(
    flavor = "multi_thread", //~ warning: this runtime has one thread
    worker_threads = 4, //~ warning: this runtime has one thread
)]
async fn main() {}

#[runtime::main(
    worker_threads = 1,
)]
pub async fn one_worker_is_true() {}

#[allow(deprecated)]
#[runtime::main(flavor = "multi_thread")]
pub async fn silenced() {}
