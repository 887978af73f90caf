async fn example() {
    runtime::select! {
        () = async {} => {}
        () = async {}, if 1 => {} //~ error: mismatched types
        () = async {}, if unknown => {} //~ error: cannot find value `unknown`
    }
}

fn main() {
    drop(example());
}
