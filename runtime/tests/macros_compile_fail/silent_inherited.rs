// The workspace renames the dependency, and the name has a hyphen.
#![deny(warnings)]

#[my_tokio::main]
async fn main() {
    let work = async { 1 };
    my_tokio::pin!(work);
    my_tokio::select! { n = &mut work => assert_eq!(n, 1) }
    let ((), ()) = my_tokio::join!(async {}, async {});
}
