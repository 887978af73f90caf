// What a handler uses after the others were dropped is checked as always.
async fn example(text: String) {
    runtime::select! {
        () = async { drop(text) } => {}
        () = async {} => {
            println!("{text}"); //~ error: borrow of moved value
        }
    }
}

fn main() {
    drop(example(String::new()));
}
