//! Signals: every listener hears every signal, once for however many came; and what a signal
//! does to a process that does not listen.
#![cfg(unix)]

#[path = "support/machine.rs"]
mod machine;

use std::io::{BufRead, BufReader, ErrorKind};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, mpsc};
use std::task::Context;

use machine::{
    Bell, Ledger, block_on, drop_after, drop_when_woken, live, panic_of, run, run_paused,
};
use runtime::runtime::Builder;
use runtime::signal::ctrl_c;
use runtime::signal::unix::{Signal, SignalKind, signal};
use runtime::spawn;
use runtime::task::yield_now;
use runtime::time::{Duration, Instant, sleep};
use signal_hook::consts::{SIGFPE, SIGILL, SIGKILL, SIGSEGV, SIGSTOP};

/// A signal reaches the whole process, and so every test of this file that listens to it.
/// They take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn raise(kind: SignalKind) {
    signal_hook::low_level::raise(kind.as_raw_value()).unwrap();
}

/// Whether there is nothing to hear, even after the reactor has looked many times.
async fn is_silent(listening: &mut Signal) -> bool {
    for _ in 0..200 {
        yield_now().await;
    }
    drop_after(1, listening.recv()).await.is_none()
}

const KIND: SignalKind = SignalKind::user_defined1();

#[test]
fn several_listeners_each_hear_every_signal() {
    let _turn = turn();
    run(async {
        let mut all: Vec<_> = (0..10).map(|_| signal(KIND).unwrap()).collect();
        for _ in 0..3 {
            raise(KIND);
            for listening in &mut all {
                assert_eq!(listening.recv().await, Some(()));
            }
        }
        // One who has gone takes nothing from the others.
        all.truncate(1);
        raise(KIND);
        assert_eq!(all[0].recv().await, Some(()));
        assert!(is_silent(&mut all[0]).await);
    });
}

#[test]
fn signals_that_come_faster_than_they_are_received_are_received_once() {
    let _turn = turn();
    run(async {
        let mut listening = signal(KIND).unwrap();
        for count in [1, 2, 63, 64, 65, 1000] {
            for _ in 0..count {
                raise(KIND);
            }
            assert_eq!(listening.recv().await, Some(()));
            assert!(is_silent(&mut listening).await, "{count}");
        }
    });
}

#[test]
fn a_storm_of_signals_that_nobody_receives_blocks_nobody() {
    let _turn = turn();
    run(async {
        let mut listening = signal(KIND).unwrap();
        // Far more than the pipe holds.
        for _ in 0..200_000 {
            raise(KIND);
        }
        assert_eq!(listening.recv().await, Some(()));
        assert!(is_silent(&mut listening).await);
        raise(KIND);
        assert_eq!(listening.recv().await, Some(()));
    });
}

#[test]
fn one_signal_is_not_another() {
    let _turn = turn();
    run(async {
        let mut first = signal(KIND).unwrap();
        let mut second = signal(SignalKind::user_defined2()).unwrap();
        raise(SignalKind::user_defined2());
        assert_eq!(second.recv().await, Some(()));
        assert!(is_silent(&mut first).await);
    });
}

#[test]
fn a_listener_hears_what_comes_between_two_calls_and_nothing_from_before() {
    let _turn = turn();
    run(async {
        let mut early = signal(KIND).unwrap();
        raise(KIND);
        let mut late = signal(KIND).unwrap();
        assert_eq!(early.recv().await, Some(()));
        assert!(is_silent(&mut late).await);
        raise(KIND);
        yield_now().await;
        assert_eq!(late.recv().await, Some(()));
    });
}

#[test]
fn a_recv_that_is_dropped_loses_no_signal() {
    let _turn = turn();
    run(async {
        let mut listening = signal(KIND).unwrap();
        for polls in 0..3 {
            raise(KIND);
            if drop_after(polls, listening.recv()).await.is_none() {
                assert_eq!(listening.recv().await, Some(()));
            }
            assert!(is_silent(&mut listening).await);
        }
        // Woken by the signal, and dropped before it looked.
        let other = spawn(async {
            yield_now().await;
            raise(KIND);
        });
        drop_when_woken(listening.recv()).await;
        other.await.unwrap();
        assert_eq!(listening.recv().await, Some(()));
    });
}

#[test]
fn of_two_who_poll_in_turn_the_last_is_woken() {
    let _turn = turn();
    run(async {
        let ((first, first_waker), (second, second_waker)) = (Bell::new(), Bell::new());
        let mut listening = signal(KIND).unwrap();
        for waker in [&first_waker, &second_waker] {
            assert!(
                listening
                    .poll_recv(&mut Context::from_waker(waker))
                    .is_pending()
            );
        }
        raise(KIND);
        while second.rung() == 0 {
            yield_now().await;
        }
        assert_eq!((first.rung(), second.rung()), (0, 1));
    });
}

#[test]
fn a_paused_clock_does_not_jump_over_what_is_ready() {
    let _turn = turn();
    run_paused(async {
        let start = Instant::now();
        let mut listening = signal(KIND).unwrap();
        for _ in 0..10 {
            let hour = sleep(Duration::from_secs(3600));
            let heard = async { listening.recv().await.is_some() };
            let late = async {
                hour.await;
                false
            };
            // The byte lies in the pipe; the reactor has not looked yet.
            raise(KIND);
            assert!(futures_lite::future::or(heard, late).await);
            assert_eq!(start.elapsed(), Duration::ZERO);
        }
    });
}

#[test]
fn a_signal_raised_on_another_thread_unparks_this_one() {
    let _turn = turn();
    run(async {
        let mut listening = signal(KIND).unwrap();
        let thread = std::thread::spawn(|| raise(KIND));
        assert_eq!(listening.recv().await, Some(()));
        thread.join().unwrap();
    });
}

#[test]
fn every_runtime_of_the_process_hears_the_signal() {
    let _turn = turn();
    let (ready, listening) = mpsc::channel();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let ready = ready.clone();
            std::thread::spawn(move || {
                run(async {
                    let mut listening = signal(KIND).unwrap();
                    ready.send(()).unwrap();
                    listening.recv().await
                })
            })
        })
        .collect();
    for _ in &threads {
        listening.recv().unwrap();
    }
    raise(KIND);
    for thread in threads {
        assert_eq!(thread.join().unwrap(), Some(()));
    }
}

#[test]
fn two_runtimes_of_one_thread_hear_the_signal() {
    let _turn = turn();
    let (first, second) = (live(), live());
    let listen = || async { signal(KIND).unwrap() };
    let mut by_first = block_on(&first, listen());
    let mut by_second = block_on(&second, listen());
    raise(KIND);
    assert_eq!(block_on(&second, by_second.recv()), Some(()));
    assert_eq!(block_on(&first, by_first.recv()), Some(()));
    drop((by_first, by_second));
    Ledger::of(&first).assert_empty();
    Ledger::of(&second).assert_empty();
}

#[test]
fn the_end_of_a_child_process_is_heard() {
    let _turn = turn();
    run(async {
        let mut listening = signal(SignalKind::child()).unwrap();
        let mut child = Command::new("sh").args(["-c", "exit 3"]).spawn().unwrap();
        listening.recv().await;
        assert_eq!(child.wait().unwrap().code(), Some(3));
    });
}

#[test]
fn a_listener_that_is_dropped_gives_its_descriptors_back() {
    let _turn = turn();
    // Other tests of this program open and close a few meanwhile.
    let open = || std::fs::read_dir("/dev/fd").unwrap().count();
    run(async {
        let before = open();
        for _ in 0..500 {
            signal(KIND).unwrap();
        }
        assert!(open() < before + 250);
    });
}

#[test]
fn what_cannot_be_listened_to_is_an_error_and_leaves_nothing() {
    run(async {
        let forbidden = [SIGKILL, SIGSTOP, SIGSEGV, SIGILL, SIGFPE];
        let no_signals = [0, -1, 1000, i32::MAX];
        for number in forbidden.into_iter().chain(no_signals) {
            let error = signal(SignalKind::from_raw(number)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Other, "{number}: {error}");
        }
        if cfg!(all(target_os = "linux", target_env = "gnu")) {
            let kept_by_libc = signal(SignalKind::from_raw(32)).unwrap_err();
            assert_eq!(kept_by_libc.kind(), ErrorKind::InvalidInput);
            assert!(kept_by_libc.to_string().starts_with("signal 32 cannot be"));
        }
    });
}

#[test]
fn without_io_or_without_a_runtime_a_panic_says_what_to_do() {
    let text = panic_of(|| signal(KIND));
    assert!(text.contains("no runtime on this thread"), "{text}");
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let text = panic_of(|| runtime.block_on(async { signal(KIND) }));
    assert!(text.contains("enable_io"), "{text}");
}

/// This test program again, as another process, which runs only the test `name`. There the
/// test finds itself to be the child and does what the child does.
fn child(name: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env(IS_CHILD, name)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

const IS_CHILD: &str = "TREADLE_SIGNAL_TEST_CHILD";

fn is_child() -> bool {
    std::env::var_os(IS_CHILD).is_some()
}

/// Sends a signal from outside, as a terminal or a supervisor does, once the child says that
/// it is ready. Returns what it says after that, and how it ended.
fn strike(mut child: Child, signals: &[&str]) -> (String, ExitStatus) {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = String::new();
    for signal in signals {
        said = lines
            .find_map(|line| said_by_child(&line.unwrap()))
            .unwrap();
        let kill = format!("kill -{signal} {}", child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &kill])
                .status()
                .unwrap()
                .success()
        );
    }
    if let Some(last) = lines.find_map(|line| said_by_child(&line.unwrap())) {
        said = last;
    }
    (said, child.wait().unwrap())
}

/// The test harness talks too; what the child says is marked.
fn said_by_child(line: &str) -> Option<String> {
    line.split_once("child: ").map(|(_, said)| said.to_owned())
}

#[test]
fn ctrl_c_is_heard_instead_of_ending_the_process() {
    if !is_child() {
        let name = "ctrl_c_is_heard_instead_of_ending_the_process";
        let (said, status) = strike(child(name), &["INT", "INT"]);
        assert_eq!((said.as_str(), status.code()), ("heard twice", Some(0)));
        return;
    }
    run(async {
        // It listens from the call on, before it is polled.
        let (first, second) = (ctrl_c(), ctrl_c());
        println!("child: ready");
        first.await.unwrap();
        // Another that listened all the time has heard the same signal.
        second.await.unwrap();
        let next = ctrl_c();
        println!("child: ready again");
        next.await.unwrap();
        println!("child: heard twice");
    });
}

#[test]
fn a_process_that_does_not_listen_is_ended_by_the_signal() {
    if !is_child() {
        let name = "a_process_that_does_not_listen_is_ended_by_the_signal";
        let (said, status) = strike(child(name), &["USR1"]);
        assert_eq!(
            (said.as_str(), status.signal()),
            ("ready", Some(KIND.as_raw_value()))
        );
        return;
    }
    run(async {
        // It listens to another signal.
        let _listening = signal(SignalKind::user_defined2()).unwrap();
        println!("child: ready");
        std::future::pending::<()>().await;
    });
}

#[test]
fn once_listened_to_a_signal_never_ends_the_process_again() {
    if !is_child() {
        let name = "once_listened_to_a_signal_never_ends_the_process_again";
        let (said, status) = strike(child(name), &["USR1", "USR2"]);
        assert_eq!((said.as_str(), status.code()), ("still here", Some(0)));
        return;
    }
    run(async {
        drop(signal(KIND).unwrap());
        let mut other = signal(SignalKind::user_defined2()).unwrap();
        println!("child: ready");
        println!("child: ready for another");
        other.recv().await;
        println!("child: still here");
    });
}

#[test]
fn a_second_runtime_listens_after_the_first_is_gone() {
    let _turn = turn();
    for _ in 0..20 {
        run(async {
            let mut listening = signal(KIND).unwrap();
            raise(KIND);
            assert_eq!(listening.recv().await, Some(()));
        });
    }
}
