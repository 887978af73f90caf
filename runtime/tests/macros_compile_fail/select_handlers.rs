async fn example() {
    let _ = runtime::select! {
        () = async {} => 1,
        () = async {} => "two", //~ error: incompatible types
    };
    let _: u8 = runtime::select! {
        () = async {} => {
            let three = "three";
            three //~ error: mismatched types
        }
        else => {
            unknown() //~ error: cannot find function `unknown`
        }
    };
}

fn main() {
    drop(example());
}
