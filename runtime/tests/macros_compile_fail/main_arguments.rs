#[runtime::main(
    flavor = "many_threads", //~ error: there is no runtime flavor `many_threads`
)]
async fn wrong_flavor() {}

#[runtime::main(
    flavor = current_thread, //~ error: expected string literal
)]
async fn flavor_without_quotes() {}

#[runtime::main(
    flavor = "current_thread",
    flavor = "current_thread", //~ error: this argument was given before
)]
async fn flavor_twice() {}

#[runtime::main(
    flavor, //~ error: expected `=`
)]
async fn flavor_without_value() {}

#[runtime::main(
    current_thread, //~ error: a flavor is chosen with `#[runtime::main(flavor = "current_thread")]`
)]
async fn flavor_alone() {}

#[runtime::main(
    worker_threads = 0, //~ error: `worker_threads` may not be 0
)]
async fn no_workers() {}

#[runtime::main(
    core_threads = 2, //~ error: `core_threads` is called `worker_threads`
)]
async fn old_name() {}

#[runtime::main(
    start_paused = "true", //~ error: expected boolean literal
)]
async fn paused_in_words() {}

#[runtime::main(
    crate = 5, //~ error: expected string literal
)]
async fn crate_is_a_number() {}

#[runtime::main(
    name = "loom", //~ error: has no name
)]
async fn named() {}

#[runtime::main(
    unhandled_panic = "shutdown_runtime", //~ error: `shutdown_runtime` is not supported
)]
async fn shuts_down() {}

#[runtime::main(
    start_pause = true, //~ error: unknown argument: expected one of `flavor`, `worker_threads`,
)]
async fn misspelt() {}

fn main() {}
