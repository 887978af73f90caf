//! Has the wrong solutions in it, and examines one: `wrong 05 "a wake in its own poll is lost"`. `wrong` alone
//! lists them. They are made of the lists in `wrong/` by `build.rs`; the tests of the lab run them all.
#![forbid(unsafe_code)]

#[allow(warnings, clippy::all, reason = "they are wrong on purpose")]
mod wrong {
    include!(concat!(env!("OUT_DIR"), "/wrong.rs"));
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |stage: &str, title: &str| words.is_empty() || words == [stage, title];
    for (stage, title, check) in wrong::CHECKS.iter().filter(|it| wanted(it.0, it.1)) {
        println!("{stage} {title}");
        if !words.is_empty() {
            println!("{}", lab::examiner::examine(String::new(), check));
        }
    }
}
