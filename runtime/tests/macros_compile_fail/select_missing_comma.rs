async fn example() {
    runtime::select! {
        () = async {} => drop(1)
        () = async {} => {} //~ error: expected `,`
    }
}

fn main() {
    drop(example());
}
