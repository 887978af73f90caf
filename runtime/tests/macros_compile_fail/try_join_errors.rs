async fn example() {
    let _ = runtime::try_join!(
        async { Ok::<(), String>(()) },
        async { Ok::<(), u32>(()) }, //~ error: mismatched types
    );
    let _ = runtime::try_join!(
        async { Ok::<(), String>(()) },
        async { 5 }, //~ error: to be a future that resolves to `Result<_, _>`
    );
}

fn main() {
    drop(example());
}
