//! What the fuzzer has found so far that is worth a try: each input of each corpus, at each run of the tests.

#![forbid(unsafe_code)]

use fuzz_bodies::corpus::{TARGETS, input};

#[test]
fn what_the_fuzzer_has_learnt_still_holds() {
    for (name, body, corpus) in TARGETS {
        let mut count = 0;
        for (number, line) in (1..).zip(corpus.lines()) {
            let data = input(line).unwrap_or_else(|| panic!("{name}, line {number}: {line}"));
            body(&data);
            count += 1;
        }
        assert!(count >= 10, "{name} has only {count} inputs");
    }
}
