#[runtime::main] //~ error: `main` function has wrong type
async fn main(
    arguments: Vec<String>, //~ error: the `main` function cannot take arguments
) {
    drop(arguments);
}
