async fn example() {
    runtime::select! {
        () = async {} => {}
        () = async {}, true => {} //~ error: expected `if` and a condition
    }
}

fn main() {
    drop(example());
}
