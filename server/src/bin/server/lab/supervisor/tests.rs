use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;

use super::*;
use runtime::time::timeout;

const SECOND: Duration = Duration::from_secs(1);

fn limit(max: usize) -> RefCell<RestartLimit> {
    RefCell::new(RestartLimit::new(max, SECOND * 10, SECOND))
}

/// What is reported, and when, in seconds.
#[derive(Clone)]
struct Log(Rc<RefCell<Vec<(u64, usize, Report)>>>, Instant);

impl Log {
    fn new() -> Self {
        Log(Rc::default(), Instant::now())
    }

    fn report(&self) -> impl Fn(usize, Report) + Clone + 'static {
        let log = self.clone();
        move |worker, report| {
            let entry = (log.1.elapsed().as_secs(), worker, report);
            log.0.borrow_mut().push(entry);
        }
    }
}

#[runtime::test(start_paused = true)]
async fn a_worker_that_fails_starts_again_and_the_others_do_not_notice() {
    let (limit, log, lives) = (limit(3), Log::new(), Rc::new(Cell::new(0)));
    let start = move |worker| {
        let lives = lives.clone();
        async move {
            if worker == 1 {
                lives.set(lives.get() + 1);
                match lives.get() {
                    1 => return Err("it broke".to_owned()),
                    2 => panic!("it broke badly"),
                    _ => return Ok(()),
                }
            }
            sleep(SECOND * 30).await;
            Ok(())
        }
    };
    assert_eq!(supervise(2, &limit, start, log.report()).await, Ok(()));
    let expected = [
        (0, 0, Report::Started),
        (0, 1, Report::Started),
        (0, 1, Report::Failed(SECOND)),
        (1, 1, Report::Started),
        (1, 1, Report::Failed(SECOND * 2)),
        (3, 1, Report::Started),
        (3, 1, Report::Done),
        (30, 0, Report::Done),
    ];
    assert_eq!(*log.0.borrow(), expected);
}

/// Says that it was dropped.
struct Dropped(Rc<Cell<usize>>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[runtime::test(start_paused = true)]
async fn it_gives_up_after_so_many_restarts_and_drops_all_workers() {
    let (limit, log, dropped) = (limit(2), Log::new(), Rc::new(Cell::new(0)));
    let ours = dropped.clone();
    let start = move |worker| {
        let dropped = Dropped(ours.clone());
        async move {
            let _dropped = dropped;
            match worker {
                0 => pending().await,
                _ => Err("always".to_owned()),
            }
        }
    };
    let ended = supervise(2, &limit, start, log.report()).await;
    assert_eq!(ended, Err(GaveUp(1)));
    assert_eq!(log.0.borrow().last(), Some(&(3, 1, Report::GivenUp)));
    assert_eq!(dropped.get(), 4, "three lives of the one, one of the other");
}

#[runtime::test(start_paused = true)]
async fn restarts_that_lie_further_apart_than_the_window_never_reach_the_limit() {
    let (limit, log) = (limit(1), Log::new());
    let start = |_| async {
        sleep(SECOND * 10).await;
        Err("at times".to_owned())
    };
    let ended = timeout(SECOND * 1000, supervise(1, &limit, start, log.report())).await;
    assert!(ended.is_err(), "it has not given up");
    assert!(log.0.borrow().len() > 100);
    assert_eq!(limit.borrow().restarts.len(), 1, "the past is forgotten");
}

#[runtime::test(start_paused = true)]
async fn a_supervisor_that_is_dropped_leaves_no_worker_behind() {
    let (limit, log, dropped) = (limit(1), Log::new(), Rc::new(Cell::new(0)));
    let ours = dropped.clone();
    let start = move |_| {
        let dropped = Dropped(ours.clone());
        async move {
            let _dropped = dropped;
            pending().await
        }
    };
    let ended = timeout(SECOND, supervise(3, &limit, start, log.report())).await;
    assert!(ended.is_err());
    // A task that is aborted is dropped in its own turn.
    runtime::task::yield_now().await;
    assert_eq!(dropped.get(), 3);
}
