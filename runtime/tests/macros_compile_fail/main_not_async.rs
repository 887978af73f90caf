#[runtime::main]
fn main() {} //~ error: the `async` is missing
