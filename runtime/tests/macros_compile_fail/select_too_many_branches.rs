async fn example() {
    runtime::select! {
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {}
        () = async {} => {} //~ error: room for 64 branches
    }
}

fn main() {
    drop(example());
}
