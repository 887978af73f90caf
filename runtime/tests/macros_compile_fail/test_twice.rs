#[runtime::test]
#[test] //~ error: this is a test already
async fn twice() {}

fn main() {}
