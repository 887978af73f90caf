//! The standard streams. A process has one of each, so every test here is two processes: the
//! test starts its own program once more, as a child that plays a part, and holds the other ends
//! of its streams.

use std::io::{BufRead, BufReader as StdReader, Read, Write};
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::task::{Context, Poll, Waker};

use futures_io::AsyncWrite;
use runtime::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, stderr, stdin, stdout};
use runtime::runtime::{Builder, Runtime};
use runtime::task::yield_now;

/// What begins the child's own output: before it, the test harness speaks.
const BEGIN: &str = "-- begin --\n";

/// The variable that tells a child its part.
const PART: &str = "TREADLE_STDIO_PART";

fn start(part: &str) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "play_a_part", "--nocapture", "--quiet"]);
    child.env(PART, part);
    child.stdin(Stdio::piped()).stdout(Stdio::piped());
    child.stderr(Stdio::piped()).spawn().unwrap()
}

/// What a child says that hears `input`: on its output, and on its error stream.
fn converse(part: &str, input: &[u8]) -> (String, String) {
    let mut child = start(part);
    child.stdin.take().unwrap().write_all(input).unwrap();
    let said = child.wait_with_output().unwrap();
    assert!(said.status.success(), "{said:?}");
    let out = String::from_utf8(said.stdout).unwrap();
    let (_, out) = out.split_once(BEGIN).expect("the child has begun");
    (out.to_owned(), String::from_utf8(said.stderr).unwrap())
}

/// What a child does; without a part to play it is over at once.
#[test]
fn play_a_part() {
    let Ok(part) = std::env::var(PART) else {
        return;
    };
    print!("{BEGIN}");
    std::io::stdout().flush().unwrap();
    let runtime = Runtime::new().unwrap();
    match part.as_str() {
        "echo" => runtime.block_on(echo()),
        "lines" => runtime.block_on(lines()),
        "large" => runtime.block_on(large()),
        "errors" => runtime.block_on(errors()),
        "unflushed" => runtime.block_on(unflushed()),
        "flush twice" => runtime.block_on(flush_twice()),
        "wait" => runtime.block_on(wait()),
        "give up" => runtime.block_on(give_up()),
        "leave" => {
            runtime.block_on(begin_to_read());
            runtime.shutdown_background();
        }
        part => panic!("there is no part {part:?}"),
    }
    // Without another word of the harness.
    std::process::exit(0);
}

async fn echo() {
    let mut text = String::new();
    stdin().read_to_string(&mut text).await.unwrap();
    let mut out = stdout();
    out.write_all(text.as_bytes()).await.unwrap();
    out.flush().await.unwrap();
}

#[test]
fn input_is_read_to_its_end_and_output_written() {
    let text = "grüße\nno end of line";
    assert_eq!(converse("echo", text.as_bytes()).0, text);
    assert_eq!(converse("echo", b"").0, "");
}

async fn lines() {
    let mut lines = BufReader::new(stdin()).lines();
    let mut out = stdout();
    while let Some(line) = lines.next_line().await.unwrap() {
        out.write_all(format!("<{line}>").as_bytes()).await.unwrap();
    }
    out.shutdown().await.unwrap();
}

#[test]
fn input_is_read_by_lines() {
    assert_eq!(
        converse("lines", b"one\ntwo\n\nthree").0,
        "<one><two><><three>"
    );
}

async fn large() {
    let mut out = stdout();
    for n in 0..1000 {
        out.write_all(format!("{n}\n").as_bytes()).await.unwrap();
    }
    out.flush().await.unwrap();
}

#[test]
fn many_writes_arrive_in_their_order() {
    let all: String = (0..1000).map(|n| format!("{n}\n")).collect();
    assert!(converse("large", b"").0 == all);
}

async fn errors() {
    let mut errors = stderr();
    errors.write_all(b"odd").await.unwrap();
    errors.write_all(b", very odd").await.unwrap();
    errors.flush().await.unwrap();
}

#[test]
fn errors_have_a_stream_of_their_own() {
    let (out, errors) = converse("errors", b"");
    assert_eq!((out.as_str(), errors.as_str()), ("", "odd, very odd"));
}

/// A write for whose end no task waits, and the runtime is dropped.
async fn unflushed() {
    let inner = Runtime::new().unwrap();
    let _inside = inner.enter();
    let mut out = stdout();
    out.write_all(b"a whole line\n").await.unwrap();
    drop(out);
    drop(_inside);
    drop(inner);
}

#[test]
fn a_runtime_that_is_dropped_waits_for_what_was_written() {
    assert_eq!(converse("unflushed", b"").0, "a whole line\n");
}

/// A flush for which there was no thread, then one that has one, and an end that flushes nothing.
async fn flush_twice() {
    let mut out = stdout();
    out.write_all(b"no end of line").await.unwrap();
    let poor = Builder::new_current_thread()
        .thread_stack_size(1 << 60)
        .build()
        .unwrap();
    // The write is completed in its own runtime.
    assert_eq!(out.write(b"").await.unwrap(), 0);
    let no_thread = {
        let _inside = poor.enter();
        Pin::new(&mut out).poll_flush(&mut Context::from_waker(Waker::noop()))
    };
    assert!(matches!(no_thread, Poll::Ready(Err(_))));
    out.flush().await.unwrap();
    std::process::abort();
}

#[test]
fn a_flush_that_found_no_thread_is_made_by_the_next() {
    let said = start("flush twice").wait_with_output().unwrap();
    let out = String::from_utf8(said.stdout).unwrap();
    assert!(out.ends_with(&format!("{BEGIN}no end of line")), "{out}");
}

/// Reads a line while another task goes on, and says so.
async fn wait() {
    let reader = runtime::spawn(async {
        let mut line = String::new();
        BufReader::new(stdin()).read_line(&mut line).await.unwrap();
        line
    });
    for _ in 0..1000 {
        yield_now().await;
    }
    assert!(!reader.is_finished());
    let mut out = stdout();
    out.write_all(b"I am still here\n").await.unwrap();
    out.flush().await.unwrap();
    let line = reader.await.unwrap();
    out.write_all(line.as_bytes()).await.unwrap();
    out.flush().await.unwrap();
}

/// The child's lines after its beginning.
fn lines_of(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let out = StdReader::new(child.stdout.take().unwrap());
    let lines = out.lines().map(Result::unwrap);
    lines.skip_while(|line| line != BEGIN.trim_end()).skip(1)
}

#[test]
fn other_tasks_run_while_one_waits_for_input() {
    let mut child = start("wait");
    let mut lines = lines_of(&mut child);
    assert_eq!(lines.next().as_deref(), Some("I am still here"));
    child.stdin.take().unwrap().write_all(b"go on\n").unwrap();
    assert_eq!(lines.next().as_deref(), Some("go on"));
    assert!(child.wait().unwrap().success());
}

/// Gives up a read, asks for its input, and reads it.
async fn give_up() {
    let mut input = stdin();
    let mut word = [0; 5];
    runtime::select! {
        biased;
        _ = input.read(&mut word) => unreachable!("nothing was said"),
        () = yield_now() => {}
    }
    let mut out = stdout();
    out.write_all(b"now\n").await.unwrap();
    out.flush().await.unwrap();
    input.read_exact(&mut word).await.unwrap();
    out.write_all(&word).await.unwrap();
    out.flush().await.unwrap();
}

#[test]
fn what_a_read_that_was_given_up_has_heard_is_read_next() {
    let mut child = start("give up");
    let mut lines = lines_of(&mut child);
    assert_eq!(lines.next().as_deref(), Some("now"));
    child.stdin.take().unwrap().write_all(b"hello").unwrap();
    assert_eq!(lines.next().as_deref(), Some("hello"));
    assert!(child.wait().unwrap().success());
}

async fn begin_to_read() {
    let reader = runtime::spawn(async { stdin().read(&mut [0; 8]).await });
    yield_now().await;
    assert!(!reader.is_finished());
}

#[test]
fn a_read_that_never_ends_does_not_hold_up_a_shutdown_in_the_background() {
    let mut child = start("leave");
    let input = child.stdin.take().unwrap();
    assert!(child.wait().unwrap().success());
    drop(input);
    let mut errors = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut errors)
        .unwrap();
    assert_eq!(errors, "");
}
