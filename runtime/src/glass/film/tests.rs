use super::*;
use crate::runtime::{Builder, Runtime};
use crate::task::yield_now;

fn paused() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(true).build().unwrap()
}

async fn busy(times: usize) {
    for _ in 0..times {
        yield_now().await;
    }
}

#[test]
fn each_state_of_a_film_is_that_of_the_recording() {
    let runtime = paused();
    let feed = runtime.trace().feed(1 << 20);
    runtime.block_on(busy(3000));
    let mut film = Film::new(1 << 20);
    film.add(feed.take());
    assert!(film.pieces.len() > 2, "several pieces");
    let whole = film.recording(0);
    for event in film.range().step_by(997) {
        let state = film.state_before(event).unwrap();
        assert_eq!(state, whole.state_at(event as usize), "{event}");
    }
    assert_eq!(
        film.state_before(film.range().end).unwrap(),
        *film.present()
    );
    assert_eq!(*film.present(), runtime.snapshot());
}

#[test]
fn the_oldest_pieces_are_given_up_and_what_is_left_is_right() {
    let runtime = paused();
    let feed = runtime.trace().feed(1 << 20);
    runtime.block_on(busy(10_000));
    let fed = feed.take();
    let mut short = Film::new(PIECE);
    short.add(fed);
    assert!(short.pieces.len() <= 3, "{}", short.pieces.len());
    let range = short.range();
    assert!(range.start > 0 && short.state_before(range.start - 1).is_none());
    let seqs = short.records(0..u64::MAX).map(|record| record.seq);
    assert!(seqs.eq(range));
}

#[test]
fn a_large_state_counts_as_much_as_the_events() {
    let runtime = paused();
    let feed = runtime.trace().feed(1 << 20);
    let mut film = Film::new(PIECE);
    let many: Vec<_> = (0..3 * PIECE)
        .map(|_| runtime.spawn(std::future::pending::<()>()))
        .collect();
    for _ in 0..20 {
        runtime.block_on(busy(PIECE));
        film.add(feed.take());
    }
    let sizes: usize = film.pieces.iter().map(Piece::size).sum();
    assert!(sizes < 20 * PIECE, "{sizes}");
    assert_eq!(*film.present(), runtime.snapshot());
    drop(many);
}

#[test]
fn after_a_loss_the_film_goes_on_at_the_next_state_and_says_what_is_missing() {
    let runtime = paused();
    let feed = runtime.trace().feed(1);
    runtime.block_on(busy(3000));
    let mut film = Film::new(1 << 20);
    film.add(feed.take());
    assert!(film.is_cut());
    let all = film.lost();
    assert!(all > 6000, "{all}");
    runtime.trace().feed_state();
    film.add(feed.take());
    let recording = film.recording(0);
    assert_eq!(recording.base(), film.present(), "it begins behind the gap");
    assert!(recording.records().is_empty());
    runtime.block_on(busy(10));
    film.add(feed.take());
    assert!(!film.is_cut());
    assert_eq!(film.lost(), all, "no more than before");
    assert_eq!(film.range().start, all);
    assert_eq!(*film.present(), runtime.snapshot());
}
