//! `#[main]` and `#[test]`: what they build, and what is left of the function.
//!
//! Most of it is checked against a builder that only writes down what it is asked for,
//! which is also what `crate = "..."` is good for.
#![deny(warnings)]

use std::fmt::Display;
use std::future::Future;
use std::io;
use std::num::ParseIntError;

/// Stands in for the crate `runtime`: the same paths, but the builder keeps a list.
mod recorded {
    pub(crate) use ::runtime::macros;

    pub(crate) mod runtime {
        use std::cell::RefCell;
        use std::future::Future;
        use std::io;

        thread_local! {
            static CALLS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
        }

        pub(crate) struct Builder(Vec<String>);

        impl Builder {
            pub(crate) fn new_current_thread() -> Self {
                Builder(vec!["new_current_thread".to_string()])
            }

            pub(crate) fn enable_all(mut self) -> Self {
                self.0.push("enable_all".to_string());
                self
            }

            pub(crate) fn start_paused(mut self, paused: bool) -> Self {
                self.0.push(format!("start_paused({paused})"));
                self
            }

            pub(crate) fn build(self) -> io::Result<Runtime> {
                CALLS.set(self.0);
                Ok(Runtime)
            }
        }

        pub(crate) struct Runtime;

        impl Runtime {
            pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
                futures_lite::future::block_on(future)
            }
        }

        /// What the last builder of this thread was asked for.
        pub(crate) fn calls() -> Vec<String> {
            CALLS.take()
        }
    }
}

const PLAIN: [&str; 2] = ["new_current_thread", "enable_all"];

// ---- what is built

#[runtime::main(crate = "recorded")]
async fn without_arguments() -> u32 {
    futures_lite::future::yield_now().await;
    7
}

#[test]
fn without_arguments_everything_is_enabled_and_the_body_is_blocked_on() {
    assert_eq!(without_arguments(), 7);
    assert_eq!(recorded::runtime::calls(), PLAIN);
}

#[runtime::main(
    crate = "self::recorded",
    flavor = "current_thread",
    start_paused = true
)]
async fn paused() {}

#[runtime::main(crate = "crate::recorded", flavor = "local", start_paused = false)]
async fn not_paused() {}

#[runtime::main(crate = "recorded", start_paused = true)]
async fn paused_in_the_default_flavor() {}

#[test]
fn start_paused_is_passed_on() {
    for function in [paused, paused_in_the_default_flavor] {
        function();
        assert_eq!(
            recorded::runtime::calls(),
            [PLAIN[0], PLAIN[1], "start_paused(true)"]
        );
    }
    not_paused();
    assert_eq!(
        recorded::runtime::calls(),
        [PLAIN[0], PLAIN[1], "start_paused(false)"]
    );
}

#[allow(deprecated)]
#[runtime::main(crate = "recorded", flavor = "multi_thread", worker_threads = 4)]
async fn many_threads() -> u8 {
    1
}

#[allow(deprecated)]
#[runtime::main(crate = "recorded", worker_threads = 4)]
async fn many_threads_in_tokios_default_flavor() -> u8 {
    1
}

/// One worker is what there is: nothing to warn about.
#[runtime::main(crate = "recorded", worker_threads = 1)]
async fn one_worker() -> u8 {
    1
}

/// What happens to panics anyway.
#[runtime::main(crate = "recorded", unhandled_panic = "ignore")]
async fn ignores_panics() -> u8 {
    1
}

#[test]
fn arguments_that_change_nothing_are_accepted() {
    for function in [
        many_threads,
        many_threads_in_tokios_default_flavor,
        one_worker,
        ignores_panics,
    ] {
        assert_eq!(function(), 1);
        assert_eq!(recorded::runtime::calls(), PLAIN);
    }
}

// ---- what is left of the function

#[runtime::main(crate = "recorded")]
async fn sum_of<T>(mut numbers: Vec<T>, start: &u64) -> u64
where
    T: Copy + Into<u64>,
{
    let mut sum = *start;
    while let Some(number) = numbers.pop() {
        sum += number.into();
    }
    sum
}

#[test]
fn a_function_other_than_main_may_have_arguments_and_generics() {
    assert_eq!(sum_of(vec![1_u8, 2, 3], &4), 10);
    assert_eq!(sum_of(vec![1_u32], &0), 1);
}

#[runtime::main(crate = "recorded")]
async fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or(text)
}

#[test]
fn a_return_type_may_borrow_from_an_argument() {
    assert_eq!(first_word("warp and weft"), "warp");
}

#[runtime::main(crate = "recorded")]
async fn parsed(text: &str) -> Result<i32, ParseIntError> {
    if text.is_empty() {
        return Ok(0);
    }
    let number = text.parse::<i32>()?;
    Ok(number)
}

#[runtime::main(crate = "recorded")]
async fn boxed() -> Result<(), Box<dyn std::error::Error>> {
    Err("boxed")?
}

#[test]
fn the_return_type_is_respected_in_every_return() {
    assert_eq!(parsed(""), Ok(0));
    assert_eq!(parsed("5"), Ok(5));
    assert!(parsed("x").is_err());
    assert_eq!(boxed().unwrap_err().to_string(), "boxed");
}

#[runtime::main(crate = "recorded")]
async fn displayed(what: u8) -> impl Display {
    if what == 0 {
        return "nothing".to_string();
    }
    format!("{what} threads")
}

#[runtime::main(crate = "recorded")]
async fn futures_of_futures() -> io::Result<impl Future<Output = u8>> {
    Ok(async { 3 })
}

#[runtime::main(crate = "recorded")]
async fn diverges() -> ! {
    panic!("as promised")
}

#[test]
fn types_that_can_only_be_written_in_a_signature_work() {
    assert_eq!(displayed(0).to_string(), "nothing");
    assert_eq!(displayed(2).to_string(), "2 threads");
    let inner = futures_of_futures().unwrap();
    assert_eq!(futures_lite::future::block_on(inner), 3);
    let end = std::panic::catch_unwind(|| diverges());
    assert_eq!(
        end.unwrap_err().downcast_ref::<&str>(),
        Some(&"as promised")
    );
}

struct Loom {
    threads: u32,
}

impl Loom {
    #[runtime::main(crate = "recorded")]
    async fn add(&mut self, threads: u32) -> &mut Self {
        self.threads += threads;
        self
    }

    #[runtime::main(crate = "recorded")]
    pub(crate) async fn into_threads(self) -> u32 {
        self.threads
    }
}

#[test]
fn methods_may_have_it() {
    let mut loom = Loom { threads: 1 };
    assert_eq!(loom.add(2).add(3).threads, 6);
    assert_eq!(loom.into_threads(), 6);
}

/// Documentation and other attributes stay, those inside the body too.
#[runtime::main(crate = "recorded")]
#[must_use]
async fn attributed() -> u8 {
    #![allow(unused_variables)]
    let unused = 1;
    2
}

#[test]
fn inner_attributes_of_the_body_move_to_the_function() {
    assert_eq!(attributed(), 2);
}

macro_rules! entries {
    ($($name:ident => $value:expr, $block:block;)*) => { $(
        #[runtime::main(crate = "recorded")]
        async fn $name() -> i32 $block

        impl Entry<{ $value * 2 }> {
            #[runtime::main(crate = "recorded")]
            async fn $name() -> i32 { $value * 2 }
        }
    )* };
}

struct Entry<const N: i32>;

entries! {
    from_a_macro => 1 + 2, { 5 };
}

#[test]
fn a_macro_may_write_the_function() {
    assert_eq!(from_a_macro(), 5);
    assert_eq!(Entry::<6>::from_a_macro(), 6);
}

// ---- tests

#[runtime::test(crate = "recorded")]
async fn a_test_is_a_test() {
    futures_lite::future::yield_now().await;
    assert_eq!(recorded::runtime::calls(), PLAIN);
}

#[runtime::test(crate = "recorded", start_paused = true)]
#[should_panic(expected = "on purpose")]
async fn a_tests_other_attributes_stay_and_its_panics_get_through() {
    assert_eq!(
        recorded::runtime::calls(),
        [PLAIN[0], PLAIN[1], "start_paused(true)"]
    );
    panic!("on purpose");
}

#[runtime::test(crate = "recorded")]
async fn a_test_may_return_a_result() -> Result<(), Box<dyn std::error::Error>> {
    let number: u8 = "5".parse()?;
    assert_eq!(number, 5);
    Ok(())
}

#[allow(deprecated)]
#[runtime::test(crate = "recorded", flavor = "multi_thread", worker_threads = 2)]
async fn a_test_for_many_threads_runs_on_one() {
    assert_eq!(recorded::runtime::calls(), PLAIN);
}

// ---- with the real runtime

#[runtime::main]
async fn counts_with_tasks() -> io::Result<u32> {
    let handle = runtime::spawn(async { 20 });
    let more = runtime::spawn(async { 22 });
    Ok(handle.await? + more.await?)
}

#[test]
fn main_runs_tasks_and_may_be_called_again() {
    assert_eq!(counts_with_tasks().unwrap(), 42);
    assert_eq!(counts_with_tasks().unwrap(), 42);
}

#[runtime::test(start_paused = true)]
async fn a_paused_test_sleeps_an_hour_in_no_time() {
    let start = runtime::time::Instant::now();
    runtime::time::sleep(runtime::time::Duration::from_secs(3600)).await;
    assert_eq!(start.elapsed().as_secs(), 3600);
}

/// A module of the same name as the crate does not mislead the attribute.
mod in_the_way {
    mod runtime {}

    #[::runtime::test]
    async fn a_module_named_runtime_is_not_the_crate() {
        ::runtime::task::yield_now().await;
    }
}
