async fn example() {
    runtime::select! {
        () = async {} => {}
        () = std::future::ready(()) -> {} //~ error: expected `=>`
    }
}

fn main() {
    drop(example());
}
