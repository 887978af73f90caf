async fn example() {
    runtime::join!(
        async {},
        5, //~ error: `{integer}` is not a future
    );
    let _ = runtime::try_join!(
        async { Ok::<_, ()>(()) },
        "five", //~ error: `&str` is not a future
    );
}

fn main() {
    drop(example());
}
