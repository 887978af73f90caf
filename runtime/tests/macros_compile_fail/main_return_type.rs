#[runtime::main]
async fn main() -> Result<(), String> {
    if std::env::args().count() > 9 {
        return Err(5); //~ error: mismatched types
    }
    let done = true;
    done //~ error: mismatched types
}

#[runtime::main]
pub async fn nothing() {
    7 //~ error: mismatched types
}

#[runtime::main]
pub async fn lacking() -> u8 {
    unknown() //~ error: cannot find function `unknown`
}
