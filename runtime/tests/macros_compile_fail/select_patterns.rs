async fn example() {
    runtime::select! {
        () = async {} => {}
        Some(x) = async { 1 } => drop(x), //~ error: mismatched types
    }
    runtime::select! {
        () = async {} => {}
        Sume(x) = async { Some(1) } => drop::<i32>(x), //~ error: `Sume` in this scope
    }
}

fn main() {
    drop(example());
}
