//! `select!`, as it is written: branches and patterns.
//!
//! Conditions and handlers are in `macros_select_handlers.rs`, how the branches are polled
//! and dropped in `macros_select_polling.rs`, what the compiler says about mistakes in
//! `macros_compile_fail.rs`. The whole file refuses
//! warnings, because an expansion that makes the compiler complain is a bug too.
#![deny(warnings)]

use std::future::{IntoFuture, Ready, pending, poll_fn, ready};

use futures_lite::future::{block_on, yield_now};

async fn one() -> usize {
    1
}

async fn never() -> ! {
    pending().await
}

// ---- branches and handlers

#[test]
fn a_disabled_branch_whose_value_has_no_type_of_its_own_compiles() {
    let never = poll_fn(|_| panic!("it is disabled"));
    let number = block_on(async {
        runtime::select! {
            _ = never, if false => 1,
            _ = ready(()) => 2,
        }
    });
    assert_eq!(number, 2);
}

#[test]
fn a_handler_may_end_with_a_comma_or_not_and_a_block_needs_none() {
    block_on(async {
        assert_eq!(runtime::select! { x = one() => x }, 1);
        assert_eq!(runtime::select! { x = one() => x, }, 1);
        assert_eq!(runtime::select! { x = one() => { x } }, 1);
        assert_eq!(runtime::select! { x = one() => { x }, }, 1);
        let mixed = runtime::select! {
            biased;
            x = one() => { x }
            x = one() => { x + 1 },
            x = one() => x + 2,
            x = one() => { x + 3 }
            else => { 9 }
        };
        assert_eq!(mixed, 1);
    });
}

#[test]
fn commas_inside_a_handler_or_a_future_belong_to_it() {
    block_on(async {
        let pair = runtime::select! {
            x = async { usize::min(3, 4) } => (x, Vec::<usize>::from([x, x])),
            x = ready(5) => (x, vec![x]),
        };
        assert!(pair == (3, vec![3, 3]) || pair == (5, vec![5]));
    });
}

#[test]
fn select_is_an_expression_whose_value_is_the_handlers() {
    block_on(async {
        let doubled = 2 * runtime::select! { x = one() => x, _ = pending::<()>() => 7 };
        assert_eq!(doubled, 2);
    });
}

#[test]
fn select_can_stand_inside_a_select() {
    block_on(async {
        let sum = runtime::select! {
            x = async { runtime::select! { y = one() => y + 1 } } => {
                runtime::select! { z = one() => x + z, }
            }
        };
        assert_eq!(sum, 3);
    });
}

#[test]
fn else_alone_is_a_select_too() {
    block_on(async {
        assert_eq!(runtime::select! { else => 1 }, 1);
        assert_eq!(runtime::select! { else => 1, }, 1);
        assert_eq!(runtime::select! { biased; else => { 1 } }, 1);
    });
}

#[test]
fn anything_that_turns_into_a_future_will_do() {
    struct Later(u8);
    impl IntoFuture for Later {
        type Output = u8;
        type IntoFuture = Ready<u8>;
        fn into_future(self) -> Ready<u8> {
            ready(self.0)
        }
    }
    assert_eq!(
        block_on(async {
            runtime::select! { x = Later(7) => x }
        }),
        7
    );
}

#[test]
fn a_temporary_in_a_future_expression_lives_as_long_as_the_futures() {
    block_on(async {
        runtime::select! { () = &mut ready(()) => {} }
    });
}

#[test]
fn sixty_four_branches_need_no_recursion_limit() {
    macro_rules! pick {
        ($wanted:expr; $($number:literal)*) => {
            runtime::select! {
                $( x = async { $number }, if $wanted == $number => x + 100, )*
                else => 0,
            }
        };
    }
    let pick = |wanted| {
        block_on(async move {
            pick!(wanted;
                 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
                32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63)
        })
    };
    for wanted in 0..64 {
        assert_eq!(pick(wanted), wanted + 100);
    }
    assert_eq!(pick(64), 0);
}

#[test]
fn a_macro_of_the_users_may_pass_whole_fragments_on() {
    macro_rules! first {
        ($($pattern:pat = $future:expr, if $condition:expr => $handler:expr);*) => {
            runtime::select! { biased; $($pattern = $future, if $condition => $handler,)* else => 0 }
        };
    }
    let got = block_on(async {
        first!(
            _ = ready(()), if 1 + 1 == 3 => 1;
            (Some(x), _) | (_, x) = ready((Some(2), 3)), if 1 < 2 || 2 < 1 => x
        )
    });
    assert_eq!(got, 2);
}

#[test]
fn an_expression_that_came_as_one_fragment_stays_one() {
    macro_rules! twice {
        ($number:expr, $condition:expr, $function:expr, $pattern:pat) => {
            runtime::select! {
                $pattern = ready($number * 2), if $condition && false => 0,
                n = ready($number * 2), if $condition => { $function(n * $number) }
            }
        };
    }
    let got = block_on(async { twice!(1 + 2, 1 < 2 || 2 < 1, |n: i32| n + 1, 1..=9) });
    assert_eq!(got, 19);
}

#[test]
fn a_branch_that_never_answers_makes_no_warnings() {
    block_on(async {
        let got = runtime::select! {
            _ = never() => 0,
            x = one() => x,
        };
        assert_eq!(got, 1);
    });
}

#[test]
fn the_expansions_names_are_not_the_users() {
    // Every one of these is a local variable of the expansion.
    let (future0, output, disabled, pending, value, matches) = (ready(1), 2, 3, 4, 5, 6);
    let sum = block_on(async {
        runtime::select! {
            biased;
            x = future0, if disabled == 3 => x + output + disabled + pending + value + matches,
            _ = std::future::pending::<()>() => 0,
        }
    });
    assert_eq!(sum, 21);
}

// ---- patterns

#[test]
fn a_pattern_that_does_not_match_disables_its_branch_and_the_others_go_on() {
    block_on(async {
        let got = runtime::select! {
            biased;
            Some(x) = ready(None) => x,
            Ok(x) = ready(Err::<i32, _>(())) => x,
            x = async { yield_now().await; 3 } => x,
        };
        assert_eq!(got, 3);
    });
}

#[test]
fn mut_bindings_own_values_that_are_not_copy() {
    block_on(async {
        let got = runtime::select! {
            Some(mut text) = ready(Some("warp".to_string())) => { text.push_str(" and weft"); text }
            mut text = pending::<String>() => { text.clear(); text }
        };
        assert_eq!(got, "warp and weft");
    });
}

#[test]
fn ref_bindings_borrow_values_that_are_not_copy() {
    block_on(async {
        let length =
            runtime::select! { Some(ref text) = ready(Some("abc".to_string())) => text.len() };
        assert_eq!(length, 3);
        let text = runtime::select! {
            (ref mut text, 7) = ready(("abc".to_string(), 7)) => { text.push('d'); text.clone() }
            else => String::new(),
        };
        assert_eq!(text, "abcd");
    });
}

#[test]
fn a_binding_of_the_whole_with_a_subpattern_moves_the_whole() {
    block_on(async {
        let got = runtime::select! { whole @ Some(_) = ready(Some("abc".to_string())) => whole, else => None };
        assert_eq!(got.as_deref(), Some("abc"));
        let got = runtime::select! { mut whole @ Some(_) = ready(None::<String>) => whole.take(), else => None };
        assert_eq!(got, None);
        let got =
            runtime::select! { ref whole @ (ref a, ref b) = ready((1, 2)) => whole.0 + a + b };
        assert_eq!(got, 4);
    });
}

#[test]
fn reference_patterns_match_what_the_future_gave_not_a_reference_to_it() {
    let (number, mut counter, pair) = (5, 7, (1, "a".to_string()));
    block_on(async {
        assert_eq!(runtime::select! { &x = ready(&number) => x }, 5);
        assert_eq!(
            runtime::select! { Some(&x) = ready(Some(&number)) => x, else => 0 },
            5
        );
        assert_eq!(
            runtime::select! { &(x, ref text) = ready(&pair) => x + text.len() },
            2
        );
        // Through a reference, the bindings of a plain pattern are references.
        assert_eq!(
            runtime::select! { (x, text) = ready(&pair) => *x + text.len() },
            2
        );
        runtime::select! { &mut ref mut x = ready(&mut counter) => *x += 1 }
    });
    assert_eq!(counter, 8);
}

#[test]
fn constants_variants_ranges_slices_and_alternatives_are_patterns_too() {
    const SEVEN: i32 = 7;
    macro_rules! small {
        () => {
            0..=9
        };
    }
    async fn classify(value: i32, name: Option<&str>, list: &[i32]) -> &'static str {
        runtime::select! {
            biased;
            SEVEN = ready(value) => "seven",
            small!() = ready(value) => "small",
            10 | 20 | 30 = ready(value) => "round",
            None = ready(name) => "nameless",
            Some("loom" | "treadle") = ready(name) => "ours",
            [first, .., last] = ready(list) => if first == last { "ring" } else { "line" },
            else => "other",
        }
    }
    block_on(async {
        assert_eq!(classify(7, None, &[]).await, "seven");
        assert_eq!(classify(8, None, &[]).await, "small");
        assert_eq!(classify(20, None, &[]).await, "round");
        assert_eq!(classify(21, None, &[]).await, "nameless");
        assert_eq!(classify(21, Some("loom"), &[]).await, "ours");
        assert_eq!(classify(21, Some("x"), &[1, 2, 1]).await, "ring");
        assert_eq!(classify(21, Some("x"), &[1, 2]).await, "line");
        assert_eq!(classify(21, Some("x"), &[]).await, "other");
    });
}
