async fn example() {
    runtime::select! {
        () = async {} => {}
        else => {}
        () = async {} => {} //~ error: `else` must be the last branch
    }
}

fn main() {
    drop(example());
}
