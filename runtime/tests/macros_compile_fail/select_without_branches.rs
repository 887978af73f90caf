async fn example() {
    runtime::select! {} //~ error: select! requires at least one branch
}

async fn biased_example() {
    runtime::select! { biased; } //~ error: select! requires at least one branch
}

fn main() {
    drop(example());
    drop(biased_example());
}
