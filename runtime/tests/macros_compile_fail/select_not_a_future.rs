async fn example() {
    runtime::select! {
        () = async {} => {}
        x = 5 => drop(x), //~ error: `{integer}` is not a future
    }
}

fn main() {
    drop(example());
}
