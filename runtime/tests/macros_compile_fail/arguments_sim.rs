#![allow(unused_imports)]
use runtime::sim::{Result, Sim, sim_test};

#[sim_test(
    seeds = 0, //~ error: `seeds` may not be 0
)]
fn no_seeds(_: &mut Sim) -> Result {
    Ok(())
}

#[sim_test(
    seeds = "many", //~ error: expected integer literal
)]
fn seeds_in_words(_: &mut Sim) -> Result {
    Ok(())
}

#[sim_test(
    seeds = 10,
    seeds = 20, //~ error: this argument was given before
)]
fn seeds_twice(_: &mut Sim) -> Result {
    Ok(())
}

#[sim_test(
    seed = 7, //~ error: unknown argument: expected `seeds` or `crate`
)]
fn one_seed(_: &mut Sim) -> Result {
    Ok(())
}

#[sim_test]
async fn inside_a_host(_: &mut Sim) -> Result { //~ error: needs a plain `fn`
    Ok(())
}

#[sim_test]
fn without_a_simulation() -> Result { //~ error: needs a function of one argument, `sim: &mut runtime::sim::Sim`
    Ok(())
}

#[sim_test]
struct NoFunction; //~ error: expected `fn`

fn main() {}
