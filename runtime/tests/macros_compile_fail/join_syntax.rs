async fn example() {
    runtime::join!(
        async {}
        async {}, //~ error: expected `,`
    );
}

fn main() {
    drop(example());
}
