#[tokio::main]
async fn main() -> Result<(), std::io::Error> {
    7 //~ error: mismatched types
}
