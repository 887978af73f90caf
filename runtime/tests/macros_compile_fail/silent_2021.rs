//! The macros in an older edition, under lints that forbid what they could: no complaints.
#![deny(warnings)]
#![forbid(unsafe_code)]

use std::future::{pending, ready};

async fn example(mut text: String) -> Result<usize, std::num::ParseIntError> {
    let number = &7;
    runtime::select! {
        Some(&x) = ready(Some(number)) => assert_eq!(x, 7),
        whole @ Some(_) = ready(Some(String::new())) => drop::<Option<String>>(whole),
        Some(mut x) = pending() => { x += "a"; drop::<String>(x) }
        Some(ref mut x) = ready(Some(String::new())), if text.is_empty() => x.push('a'),
        else => text.push('b'),
    }
    let length = text.len();
    let length = runtime::select! {
        _ = pending::<std::convert::Infallible>() => 0,
        _ = pending::<()>() => text.parse::<usize>()?,
        x = async { length } => x,
    };
    let (a, b) = runtime::join!(biased; async { length }, async { text.len() });
    let sum = runtime::try_join!(async { Ok(a) }, async { text.parse::<usize>() }).map(|(a, b)| a + b);
    let work = async { b };
    runtime::pin!(work);
    Ok(sum? + (&mut work).await)
}

fn main() {
    drop(example(String::new()));
}
