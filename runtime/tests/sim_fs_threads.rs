//! Files of a simulated host take no thread.
//!
//! The only test of its file: it counts the threads of the process.

#![cfg(all(feature = "sim", target_os = "linux"))]

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use runtime::fs::{self, File};
use runtime::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use runtime::sim::Builder;

/// How many threads of pools the process has.
fn threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")));
    let of_pool = |name: &String| name.starts_with("runtime-block");
    names.filter_map(Result::ok).filter(of_pool).count()
}

/// Begins a future and drops it.
fn give_up<F: Future>(future: F) {
    let polled = pin!(future).poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending(), "it was not to be over so soon");
}

#[test]
fn files_of_a_simulated_host_take_no_thread_also_where_no_one_waits_for_the_answer() {
    let mut sim = Builder::new().build();
    sim.client("host", async {
        fs::create_dir_all("/a/b").await?;
        fs::write("/a/b/file", vec![7; 10_000]).await?;
        let mut file = File::open("/a/b/file").await?;
        file.read_to_end(&mut Vec::new()).await?;
        // Answers that must be dropped, and that are not there yet.
        give_up(fs::read("/a/b/file"));
        give_up(File::open("/a/b/file"));
        give_up(fs::read_dir("/a"));
        file.rewind().await?;
        give_up(file.read(&mut [0; 8]));
        let mut file = File::create("/log").await?;
        file.write_all(b"hello").await?;
        file.sync_all().await?;
        assert_eq!(threads(), 0);
        // They would be seen.
        runtime::task::spawn_blocking(|| assert_eq!(threads(), 1)).await?;
        Ok(())
    });
    sim.run().unwrap();
}
