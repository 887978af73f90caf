fn main() {
    runtime::select! { () = async {} => {} } //~ error: `await` is only allowed inside `async`
    runtime::join!(async {}); //~ error: `await` is only allowed inside `async`
    let _: Result<(), ()> = runtime::try_join!(); //~ error: `await` is only allowed inside `async`
}
