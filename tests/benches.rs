//! What the benches are asked for and how they say a figure, tried without measuring.
#![forbid(unsafe_code)]

#[path = "../benches/zz_table/digits.rs"]
mod digits;
#[path = "../benches/kit/wishes.rs"]
mod wishes;

use digits::digits;
use wishes::Wishes;

const ROWS: [&str; 3] = ["sync/mutex", "timers/sleep_0", "timers/sleep_growth"];

fn asked(line: &str) -> Wishes {
    Wishes::of(line.split(' ').map(str::to_owned))
}

#[test]
fn a_name_that_no_row_has_is_told_and_is_no_failure() {
    assert_eq!(asked("sleep nosuch --bench").unknown(&ROWS), Some("nosuch"));
    assert_eq!(asked("sleep mutex --bench").unknown(&ROWS), None);
    assert!(asked("nosuch --bench").answer("usage", &ROWS));
}

#[test]
fn the_value_of_a_flag_is_no_name() {
    let asked = asked("--bench --save-baseline main sleep");
    assert_eq!(asked.unknown(&ROWS), None);
    assert!(asked.include("sleep") && !asked.include("main"));
}

#[test]
fn the_name_of_a_test_is_none_of_a_row() {
    assert_eq!(asked("some_test").unknown(&ROWS), None);
    assert!(asked("some_test").smoke());
}

#[test]
fn help_ends_a_bench_before_it_begins() {
    for flag in ["--help", "-h"] {
        assert!(asked(&format!("{flag} --bench")).answer("usage", &ROWS));
    }
    assert!(!asked("--spread --bench").answer("usage", &ROWS));
}

#[test]
fn names_choose_rows_by_a_part() {
    let wishes = asked("--bench sleep");
    assert!(wishes.include("timers/sleep_0") && !wishes.include("sync/mutex"));
    assert!(asked("--bench").include("sync/mutex"));
    assert!(wishes.has("--bench") && !wishes.smoke());
}

#[test]
fn a_figure_beside_its_goal_has_digits_enough_to_tell_the_verdict() {
    assert_eq!(digits(0.604, 2, Some(0.60)), "0.604");
    assert_eq!(digits(0.60004, 2, Some(0.60)), "0.60004");
    assert_eq!(digits(1024.4, 0, Some(1024.0)), "1024.4");
    assert_eq!(digits(0.596, 2, Some(0.60)), "0.60");
    assert_eq!(digits(0.6, 2, Some(0.60)), "0.60");
    assert_eq!(digits(0.604, 2, None), "0.60");
}
