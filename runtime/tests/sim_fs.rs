//! The disk of a simulated host: what a crash leaves of it, what it refuses, and that a seed is a run.
//!
//! That its calls answer as the system's do is shown by `sim_fs_model.rs`.

#![cfg(feature = "sim")]

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::time::SystemTime;

use runtime::fs::{self, File, FileTimes};
use runtime::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use runtime::sim::{self, Builder, Unsynced};
use runtime::time::{Duration, Instant, sleep};

const MILLI: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

fn seeded(seed: u64) -> Builder {
    let mut builder = Builder::new();
    builder.rng_seed(seed);
    builder
}

/// Runs `first` on a host until the host crashes after so long, and then `second`, whose answer is returned.
fn two_lives<T: 'static>(
    builder: &Builder,
    crash: Duration,
    first: impl AsyncFn() -> io::Result<()> + 'static,
    second: impl AsyncFn() -> io::Result<T> + 'static,
) -> T {
    let mut sim = builder.build();
    let (answer, lives) = (Rc::new(RefCell::new(None)), Rc::new(()));
    let (both, given, seen) = (Rc::new((first, second)), Rc::clone(&answer), Cell::new(0));
    sim.host("host", move || {
        let (both, given, life, _alive) = (
            Rc::clone(&both),
            Rc::clone(&given),
            seen.replace(seen.get() + 1),
            Rc::clone(&lives),
        );
        async move {
            if life == 0 {
                both.0().await?;
            } else {
                *given.borrow_mut() = Some(both.1().await?);
            }
            pending().await
        }
    });
    sim.run_for(crash).unwrap();
    sim.crash("host");
    sim.bounce("host");
    sim.run_for(SECOND).unwrap();
    let answer = answer.take();
    answer.expect("the second life has answered")
}

/// What the host reads from `path` after it has written `old`, synced it, and then done `change`.
fn left_of(seed: u64, change: impl AsyncFn() -> io::Result<()> + 'static) -> Vec<u8> {
    let first = async move || {
        let mut file = File::create("/file").await?;
        file.write_all(&OLD).await?;
        file.sync_all().await?;
        change().await
    };
    two_lives(&seeded(seed), SECOND, first, async || {
        fs::read("/file").await
    })
}

const OLD: [u8; 1500] = [b'o'; 1500];
const NEW: [u8; 2500] = [b'n'; 2500];

#[test]
fn what_was_synced_survives_each_crash() {
    const RECORD: usize = 700;
    for seed in 0..200 {
        let synced = Rc::new(Cell::new(0));
        let counted = Rc::clone(&synced);
        let first = async move || {
            fs::create_dir_all("/data/log").await?;
            let mut log = File::create("/data/log/0").await?;
            for record in 0.. {
                log.write_all(&[record as u8; RECORD]).await?;
                match record % 2 {
                    0 => log.sync_all().await?,
                    _ => log.sync_data().await?,
                }
                counted.set(record + 1);
            }
            Ok(())
        };
        let crash = Duration::from_micros(5_000 + seed * 137);
        let read = two_lives(&seeded(seed), crash, first, async || {
            fs::read("/data/log/0")
                .await
                .or_else(|error| match error.kind() {
                    ErrorKind::NotFound => Ok(Vec::new()),
                    _ => Err(error),
                })
        });
        let whole = synced.get() * RECORD;
        assert!(
            read.len() >= whole,
            "seed {seed}: {} of {whole}",
            read.len()
        );
        for (at, byte) in read[..whole].iter().enumerate() {
            assert_eq!(usize::from(*byte), at / RECORD, "seed {seed}, byte {at}");
        }
    }
}

#[test]
fn what_was_not_synced_is_kept_or_lost_or_torn() {
    let (mut kept, mut lost, mut prefix, mut sectors) = (0, 0, 0, 0);
    for seed in 0..200 {
        let read = left_of(seed, async || {
            let mut file = File::options().write(true).open("/file").await?;
            file.write_all(&NEW).await?;
            file.flush().await
        });
        let new = read.iter().take_while(|&&byte| byte == b'n').count();
        let rest = &read[new..];
        match new {
            2500 => kept += 1,
            0 if *rest == OLD => lost += 1,
            _ if rest.iter().all(|&byte| byte == b'o') => prefix += 1,
            _ => sectors += 1,
        }
        // Nothing is there that was not written, but for zeros where the length has grown.
        let mut bytes = read.iter().enumerate();
        assert!(bytes.all(|(at, byte)| b"on".contains(byte) || (*byte == 0 && at >= OLD.len())));
        assert!(read.len() >= OLD.len());
    }
    let all = [kept, lost, prefix, sectors];
    assert!(all.iter().all(|&seeds| seeds >= 10), "{all:?}");
}

#[test]
fn a_length_that_was_not_synced_is_kept_or_lost() {
    for len in [0, 700, 5000] {
        let lengths = (0..100).map(|seed| {
            let change = async move || {
                File::options()
                    .write(true)
                    .open("/file")
                    .await?
                    .set_len(len)
                    .await
            };
            left_of(seed, change).len() as u64
        });
        let changed: Vec<bool> = lengths
            .inspect(|&left| assert!(left == len || left == 1500, "{left}"))
            .map(|left| left == len)
            .collect();
        assert!(changed.contains(&true) && changed.contains(&false));
    }
}

/// Replaces the contents of `/file`, so that a crash finds the old or the new. `synced`: as it should be done.
async fn replace(synced: bool) -> io::Result<()> {
    let mut temporary = File::create("/file.new").await?;
    temporary.write_all(&NEW).await?;
    temporary.flush().await?;
    if synced {
        temporary.sync_all().await?;
    }
    fs::rename("/file.new", "/file").await?;
    if synced {
        File::open("/").await?.sync_all().await?;
    }
    Ok(())
}

/// What seeds leave of `/file` when the host crashes at any moment of a replacement: how many have the old, the
/// new, and something else.
fn replaced(synced: bool) -> (u32, u32, u32) {
    let (mut old, mut new, mut other) = (0, 0, 0);
    for seed in 0..300 {
        let first = async move || {
            let mut file = File::create("/file").await?;
            file.write_all(&OLD).await?;
            file.sync_all().await?;
            sleep((10 * MILLI).saturating_sub(sim::elapsed())).await;
            replace(synced).await
        };
        let crash = 10 * MILLI + Duration::from_micros(seed * 23);
        let read = two_lives(&seeded(seed), crash, first, async || {
            fs::read("/file").await
        });
        match read {
            read if read == OLD => old += 1,
            read if read == NEW => new += 1,
            _ => other += 1,
        }
    }
    (old, new, other)
}

#[test]
fn a_file_that_is_replaced_by_a_synced_one_is_never_half() {
    let (old, new, other) = replaced(true);
    assert_eq!(other, 0);
    assert!(old >= 20 && new >= 20, "{old} {new}");
}

#[test]
fn a_file_that_is_replaced_by_one_that_was_not_synced_is_half_for_some_seed() {
    let (old, new, other) = replaced(false);
    assert!(old >= 20 && new >= 20 && other >= 20, "{old} {new} {other}");
}

#[test]
fn a_rename_that_is_over_and_synced_stays() {
    for seed in 0..50 {
        let read = left_of(seed, async || replace(true).await);
        assert_eq!(read, NEW);
    }
}

/// Which of `names` are there after a crash that comes when `change` is done.
fn names_left(
    seed: u64,
    names: &'static [&'static str],
    change: impl AsyncFn() -> io::Result<()> + 'static,
) -> Vec<bool> {
    two_lives(&seeded(seed), SECOND, change, async move || {
        let mut there = Vec::new();
        for name in names {
            there.push(fs::try_exists(name).await?);
        }
        Ok(there)
    })
}

#[test]
fn names_of_one_directory_reach_the_disk_in_their_order() {
    let mut counts = [0; 4];
    for seed in 0..200 {
        let there = names_left(seed, &["/d/1", "/d/2", "/d/3"], async || {
            fs::create_dir("/d").await?;
            File::open("/d").await?.sync_all().await?;
            for name in ["/d/1", "/d/2", "/d/3"] {
                fs::write(name, "x").await?;
            }
            // A sync of another directory changes nothing of that.
            File::open("/").await?.sync_all().await
        });
        let first_missing = there.iter().take_while(|there| **there).count();
        assert!(!there[first_missing..].contains(&true), "{there:?}");
        counts[first_missing] += 1;
    }
    assert!(counts.iter().all(|&seeds| seeds > 0), "{counts:?}");
}

#[test]
fn names_of_two_directories_do_not_wait_for_each_other() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..200 {
        let there = names_left(seed, &["/a/1", "/b/1"], async || {
            for name in ["/a", "/b"] {
                fs::create_dir(name).await?;
                File::open(name).await?.sync_all().await?;
            }
            fs::write("/a/1", "x").await?;
            fs::write("/b/1", "x").await
        });
        seen.insert(there);
    }
    assert_eq!(seen.len(), 4, "{seen:?}");
}

#[test]
fn a_name_moves_from_one_directory_to_another_or_stays_and_is_never_in_both() {
    let mut moved = 0;
    for seed in 0..100 {
        let there = names_left(seed, &["/a/f", "/b/f"], async || {
            fs::create_dir("/a").await?;
            fs::create_dir("/b").await?;
            File::create("/a/f").await?.sync_all().await?;
            File::open("/b").await?.sync_all().await?;
            fs::rename("/a/f", "/b/f").await
        });
        assert_ne!(there[0], there[1], "seed {seed}");
        moved += u32::from(there[1]);
    }
    assert!((10..90).contains(&moved), "{moved}");
}

#[test]
fn a_sync_of_a_directory_takes_along_what_the_other_one_had_before() {
    for seed in 0..100 {
        let there = names_left(seed, &["/a/f", "/b/f"], async || {
            for name in ["/a", "/b"] {
                fs::create_dir(name).await?;
                File::open(name).await?.sync_all().await?;
            }
            fs::write("/a/f", "x").await?;
            fs::rename("/a/f", "/b/f").await?;
            File::open("/b").await?.sync_all().await
        });
        assert_eq!(there, [false, true], "seed {seed}");
    }
}

#[test]
fn a_synced_file_is_somewhere_however_the_directories_around_it_move() {
    const PLACES: [&str; 3] = ["/q/x/y/file", "/p/y/file", "/p/y/x/y/file"];
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..300 {
        let there = names_left(seed, &PLACES, async || {
            fs::create_dir_all("/q/x/y").await?;
            fs::create_dir("/p").await?;
            File::open("/p").await?.sync_all().await?;
            File::create("/q/x/y/file").await?.sync_all().await?;
            fs::rename("/q/x/y", "/p/y").await?;
            fs::rename("/q/x", "/p/y/x").await
        });
        assert!(there.contains(&true), "seed {seed}");
        seen.insert(there);
    }
    assert_eq!(seen.len(), 2, "{seen:?}");
}

/// Which of `names` are there if all is lost that was not synced, and then for chances.
fn names_left_always(
    names: &'static [&'static str],
    change: impl AsyncFn() -> io::Result<()> + Copy + 'static,
) {
    let fates = (0..200).map(|seed| (seed, Unsynced::ByChance));
    for (seed, fate) in fates.chain([(0, Unsynced::Lost)]) {
        let there = two_lives(
            seeded(seed).unsynced(fate),
            SECOND,
            change,
            async move || {
                let mut there = 0;
                for name in names {
                    there += u32::from(fs::try_exists(name).await?);
                }
                Ok(there)
            },
        );
        assert_eq!(there, 1, "seed {seed}, {fate:?}");
    }
}

#[test]
fn a_synced_file_survives_when_the_directory_that_it_left_is_replaced() {
    names_left_always(&["/e/f", "/g/f"], async || {
        for name in ["/a", "/e", "/g"] {
            fs::create_dir(name).await?;
            File::open(name).await?.sync_all().await?;
        }
        File::create("/e/f").await?.sync_all().await?;
        fs::rename("/e/f", "/g/f").await?;
        fs::rename("/a", "/e").await?;
        File::open("/").await?.sync_all().await
    });
}

#[test]
fn two_moves_that_share_no_directory_make_no_circle_on_the_disk() {
    const PLACES: [&str; 3] = ["/p/x/m/y/z/f", "/p/q/y/z/f", "/p/q/y/z/x/m/y/z/f"];
    names_left_always(&PLACES, async || {
        fs::create_dir_all("/p/x/m/y/z").await?;
        fs::create_dir("/p/q").await?;
        File::open("/p/q").await?.sync_all().await?;
        File::create("/p/x/m/y/z/f").await?.sync_all().await?;
        fs::rename("/p/x/m/y", "/p/q/y").await?;
        fs::rename("/p/x", "/p/q/y/z/x").await?;
        File::open("/p").await?.sync_all().await
    });
}

#[test]
fn what_a_program_left_in_the_system_is_still_not_on_the_disk() {
    let mut sim = seeded(1).unsynced(Unsynced::Kept).build();
    let (seen, first) = (Rc::new(RefCell::new(Vec::new())), Cell::new(true));
    let theirs = Rc::clone(&seen);
    sim.host("host", move || {
        let (seen, is_first) = (Rc::clone(&theirs), first.replace(false));
        async move {
            if is_first {
                File::create("/file").await?.sync_all().await?;
                fs::write("/file", "hello").await?;
            }
            let text = fs::read_to_string("/file").await?;
            seen.borrow_mut().push(text);
            pending().await
        }
    });
    sim.run_for(SECOND).unwrap();
    sim.bounce("host");
    sim.run_for(SECOND).unwrap();
    sim.set_unsynced(Unsynced::Lost);
    sim.bounce("host");
    sim.run_for(SECOND).unwrap();
    assert_eq!(*seen.borrow(), ["hello", "hello", ""]);
}

/// The call is that of the host which makes it; else no host would move it on.
#[test]
fn a_file_of_another_host_or_of_no_host_any_more_can_be_used() {
    let handed = Rc::new(RefCell::new(None));
    let (give, take) = (Rc::clone(&handed), Rc::clone(&handed));
    let mut sim = Builder::new().build();
    sim.client("one", async move {
        *give.borrow_mut() = Some(File::create("/file").await?);
        Ok(())
    });
    sim.client("other", async move {
        sleep(SECOND).await;
        let mut file = take.take().expect("a file");
        file.write_all(b"hello").await?;
        file.sync_all().await?;
        *take.borrow_mut() = Some(file);
        Ok(())
    });
    sim.run().unwrap();
    drop(sim);
    let mut file = handed.take().expect("a file");
    let runtime = runtime::runtime::Runtime::new().unwrap();
    let read = runtime.block_on(async {
        file.rewind().await?;
        file.metadata().await
    });
    assert!(read.is_err() || read.is_ok_and(|it| it.len() == 5));
}

#[test]
fn calls_of_a_host_that_comes_later_take_their_time() {
    let latency = 10 * MILLI;
    let mut builder = seeded(1);
    builder.max_disk_latency(latency).min_disk_latency(latency);
    let mut sim = builder.build();
    sim.run_for(10 * SECOND).unwrap();
    sim.client("late", async move {
        let begun = Instant::now();
        fs::write("/file", "x").await?;
        assert!(begun.elapsed() >= latency, "{:?}", begun.elapsed());
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn files_that_are_replaced_again_and_again_are_not_all_kept() {
    let mut sim = Builder::new().build();
    sim.client("host", async {
        for _ in 0..3_000 {
            fs::write("/new", [0; 1024]).await?;
            fs::rename("/new", "/file").await?;
        }
        Ok(())
    });
    let taken = allocation_counter::measure(|| sim.run().unwrap());
    assert!(
        taken.bytes_max < 3 * 1024 * 1024,
        "{} bytes",
        taken.bytes_max
    );
}

#[test]
fn what_was_removed_comes_back_unless_the_directory_is_synced() {
    let left = |synced: bool| {
        (0..50).map(move |seed| {
            let there = names_left(seed, &["/file", "/d"], async move || {
                fs::create_dir("/d").await?;
                File::create("/file").await?.sync_all().await?;
                File::open("/").await?.sync_all().await?;
                fs::remove_file("/file").await?;
                fs::remove_dir("/d").await?;
                if synced {
                    File::open("/").await?.sync_all().await?;
                }
                Ok(())
            });
            (there[0], there[1])
        })
    };
    assert!(left(true).all(|there| there == (false, false)));
    let seen: std::collections::BTreeSet<_> = left(false).collect();
    assert!(
        seen.contains(&(true, true)) && seen.contains(&(false, false)),
        "{seen:?}"
    );
    assert!(
        !seen.contains(&(true, false)),
        "the second is gone, the first is not"
    );
}

#[test]
fn a_sync_of_a_file_makes_its_name_durable_and_the_names_on_the_way() {
    for seed in 0..50 {
        let there = names_left(seed, &["/a/b/c/file"], async || {
            fs::create_dir_all("/a/b/c").await?;
            File::create("/a/b/c/file").await?.sync_all().await
        });
        assert_eq!(there, [true]);
    }
    let mut seen = [false; 2];
    for seed in 0..50 {
        let there = names_left(seed, &["/file"], async || {
            File::create("/file").await?.sync_data().await
        });
        seen[usize::from(there[0])] = true;
    }
    assert_eq!(seen, [true, true], "sync_data is of the bytes alone");
}

#[test]
fn a_sync_of_a_file_makes_the_new_name_of_its_directory_durable() {
    for seed in 0..50 {
        let there = names_left(seed, &["/old/file", "/new/file"], async || {
            fs::create_dir("/old").await?;
            File::create("/old/file").await?.sync_all().await?;
            fs::rename("/old", "/new").await?;
            File::open("/new/file").await?.sync_all().await
        });
        assert_eq!(there, [false, true], "seed {seed}");
    }
}

#[test]
fn a_directory_whose_move_is_lost_is_in_the_old_one_again() {
    let mut builder = seeded(1);
    builder.unsynced(Unsynced::Lost);
    let first = async || {
        fs::create_dir_all("/old/moved").await?;
        fs::create_dir("/new").await?;
        File::open("/old/moved").await?.sync_all().await?;
        File::open("/new").await?.sync_all().await?;
        fs::rename("/old/moved", "/new/moved").await
    };
    let second = async || {
        fs::write("/old/moved/../beside", "x").await?;
        fs::try_exists("/old/beside").await
    };
    assert!(two_lives(&builder, SECOND, first, second));
}

#[test]
fn it_can_be_said_what_becomes_of_that_which_was_not_synced() {
    for (fate, there) in [(Unsynced::Kept, true), (Unsynced::Lost, false)] {
        for seed in 0..20 {
            let mut builder = seeded(seed);
            builder.unsynced(fate);
            let first = async || {
                fs::create_dir("/d").await?;
                fs::write("/d/file", NEW).await
            };
            let second = async || Ok(fs::read("/d/file").await.ok());
            let read = two_lives(&builder, SECOND, first, second);
            assert_eq!(read, there.then(|| NEW.to_vec()));
        }
    }
}

#[test]
fn a_call_that_is_under_way_at_the_crash_is_not_done() {
    let mut builder = seeded(1);
    builder
        .max_disk_latency(10 * MILLI)
        .min_disk_latency(10 * MILLI);
    builder.unsynced(Unsynced::Kept);
    let first = async || {
        let mut file = File::create("/file").await?;
        file.write_all(b"hello").await?; // in the buffer, and on its way
        file.flush().await?;
        fs::write("/late", "x").await
    };
    let second = async || Ok((fs::read("/file").await?, fs::try_exists("/late").await?));
    let before = two_lives(&builder, 15 * MILLI, first, second);
    assert_eq!(before, (b"".to_vec(), false));
    let between = two_lives(&builder, 25 * MILLI, first, second);
    assert_eq!(between, (b"hello".to_vec(), false));
    let after = two_lives(&builder, 35 * MILLI, first, second);
    assert_eq!(after, (b"hello".to_vec(), true));
}

#[test]
fn hosts_have_disks_of_their_own_and_a_disk_survives() {
    let mut sim = Builder::new().build();
    sim.client("one", async {
        fs::write("here", "one").await?;
        assert_eq!(fs::read_to_string("/here").await?, "one");
        assert_eq!(fs::canonicalize("here").await?.to_str(), Some("/here"));
        Ok(())
    });
    sim.client("two", async {
        sleep(SECOND).await;
        assert!(!fs::try_exists("/here").await?);
        // The machine's files are not there.
        assert!(!fs::try_exists(env!("CARGO_MANIFEST_DIR")).await?);
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn calls_take_simulated_time_and_those_of_two_tasks_overlap() {
    let mut builder = Builder::new();
    let sim = builder
        .min_disk_latency(5 * MILLI)
        .max_disk_latency(5 * MILLI);
    let mut sim = sim.build();
    sim.client("host", async {
        let start = Instant::now();
        let tasks = (0..10).map(|n| runtime::spawn(fs::write(format!("/{n}"), "x")));
        for task in tasks.collect::<Vec<_>>() {
            task.await??;
        }
        assert_eq!(start.elapsed(), 5 * MILLI);
        let mut file = File::open("/1").await?;
        file.read(&mut [0; 8]).await?;
        assert_eq!(start.elapsed(), 15 * MILLI);
        // Work on the pool of threads beside it takes none.
        let write = runtime::spawn(fs::write("/2", "y"));
        assert_eq!(runtime::task::spawn_blocking(|| 7).await?, 7);
        write.await??;
        assert_eq!(start.elapsed(), 20 * MILLI);
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn the_same_seed_gives_the_same_events_with_files_too() {
    let record = |seed| {
        let mut sim = seeded(seed).record(100_000).build();
        sim.host("host", || async {
            let mut count = 0;
            for entry in 0..20 {
                runtime::spawn(fs::write(format!("/{entry}"), vec![7; 1000 * entry]));
            }
            loop {
                let mut entries = fs::read_dir("/").await?;
                while let Some(entry) = entries.next_entry().await? {
                    count += entry.metadata().await?.len();
                    let mut file = File::options().append(true).open(entry.path()).await?;
                    file.write_all(&count.to_le_bytes()).await?;
                    if count % 3 == 0 {
                        file.sync_all().await?;
                    }
                }
            }
        });
        sim.random_faults(5, SECOND / 10);
        sim.run_for(SECOND / 10).unwrap();
        let recordings = sim.recordings().into_values();
        recordings
            .map(|recording| format!("{:?}", recording.records()))
            .collect::<Vec<_>>()
    };
    assert_eq!(record(1), record(1));
    assert_ne!(record(1), record(2));
}

#[test]
fn a_disk_is_full_when_its_capacity_is_reached() {
    let mut sim = Builder::new().build();
    sim.set_disk_capacity(Some(1000));
    sim.client("host", async {
        fs::write("/one", [1; 600]).await?;
        File::open("/one").await?.sync_all().await?;
        let error = fs::write("/two", [2; 600]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
        assert_eq!(
            fs::read("/two").await?,
            [2; 400],
            "as far as there was room"
        );
        let mut file = File::options().append(true).open("/two").await?;
        file.write_all(b"x").await?; // into the buffer
        assert_eq!(
            file.flush().await.unwrap_err().kind(),
            ErrorKind::StorageFull
        );
        assert_eq!(
            file.set_len(401).await.unwrap_err().kind(),
            ErrorKind::StorageFull
        );
        fs::remove_file("/one").await?;
        file.write_all(&[2; 600]).await?;
        file.flush().await?;
        assert_eq!(file.metadata().await?.len(), 1000);
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn a_broken_disk_fails_calls_and_forgets_what_a_sync_did_not_write() {
    let (mut failed, mut lost) = (0, 0);
    for seed in 0..50 {
        let mut sim = seeded(seed).unsynced(Unsynced::Lost).build();
        sim.set_disk_errors(0.3);
        let seen = Rc::new(Cell::new((0, 0)));
        let (told, lives) = (Rc::clone(&seen), Cell::new(0));
        sim.host("host", move || {
            let (told, life) = (Rc::clone(&told), lives.replace(lives.get() + 1));
            async move {
                if life == 0 {
                    let mut file = until_ok(async || File::create("/file").await).await;
                    let first = async |file: &mut File| {
                        file.write_all(b"hello").await?;
                        file.flush().await
                    };
                    let mut failed = 0;
                    while first(&mut file).await.is_err() {}
                    while file.sync_all().await.is_err() {
                        failed += 1;
                    }
                    told.set((failed, 0));
                } else {
                    let read = until_ok(async || fs::read("/file").await).await;
                    assert!(read == b"hello" || read.is_empty());
                    told.set((told.get().0, read.len()));
                }
                pending().await
            }
        });
        sim.run_for(SECOND).unwrap();
        sim.bounce("host");
        sim.run_for(SECOND).unwrap();
        let (failures, len) = seen.get();
        assert_eq!(
            failures > 0,
            len == 0,
            "seed {seed}: a sync that failed has lost it"
        );
        failed += failures;
        lost += u32::from(len == 0);
    }
    assert!(failed >= 10 && lost >= 5, "{failed} {lost}");
}

/// Tries until the disk does it.
async fn until_ok<T>(call: impl AsyncFn() -> io::Result<T>) -> T {
    loop {
        match call().await {
            Ok(value) => return value,
            Err(error) => assert_ne!(error.kind(), ErrorKind::NotFound),
        }
    }
}

#[test]
fn what_is_not_modelled_refuses() {
    let mut sim = Builder::new().build();
    let machine = std::env::temp_dir().join(format!("treadle-sim-fs-{}", std::process::id()));
    let of_machine = std::fs::File::create(&machine).unwrap();
    sim.client("host", async move {
        fs::create_dir("/d").await?;
        fs::write("/file", "hello").await?;
        let unsupported = |result: io::Result<()>, what: &str| {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert!(error.to_string().contains(what), "{error}");
        };
        unsupported(fs::hard_link("/file", "/link").await, "hard links");
        #[cfg(unix)]
        unsupported(fs::symlink("/file", "/link").await, "symbolic links");
        let permissions = fs::metadata("/d").await?.permissions();
        unsupported(
            fs::set_permissions("/d", permissions).await,
            "permissions of directories",
        );
        let mut options = std::fs::File::options();
        let options = fs::OpenOptions::from(options.read(true).clone());
        unsupported(
            options.open("/file").await.map(drop),
            "options of the standard library",
        );
        let error = fs::read_link("/file").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "it is no link");
        #[cfg(target_os = "linux")]
        for (flags, is_known) in [(0o4010000, false), (0o2000000, true)] {
            let mut options = fs::OpenOptions::new();
            let opened = options.write(true).custom_flags(flags).open("/file").await;
            match is_known {
                true => drop(opened?),
                false => unsupported(opened.map(drop), "sync the file instead of O_SYNC"),
            }
        }
        let file = File::open("/file").await?;
        let mut file = file
            .try_into_std()
            .expect_err("the standard library has no such file");
        let mut text = String::new();
        file.read_to_string(&mut text).await?;
        assert_eq!(text, "hello");
        let task = runtime::spawn(file.into_std());
        let error = task.await.unwrap_err();
        assert!(error.to_string().contains("simulated host"), "{error}");
        // A file that the standard library has opened is the machine's.
        let mut file = File::from_std(of_machine);
        file.write_all(b"hello").await?;
        file.flush().await?;
        assert!(file.try_into_std().is_ok());
        Ok(())
    });
    sim.run().unwrap();
    assert_eq!(std::fs::read(&machine).unwrap(), b"hello");
    std::fs::remove_file(machine).unwrap();
}

#[test]
fn a_file_that_is_to_be_read_only_is() {
    let mut sim = Builder::new().build();
    sim.client("host", async {
        fs::write("/file", "hello").await?;
        let mut permissions = fs::metadata("/file").await?.permissions();
        assert!(!permissions.readonly());
        permissions.set_readonly(true);
        fs::set_permissions("/file", permissions.clone()).await?;
        assert!(fs::metadata("/file").await?.permissions().readonly());
        for refused in [
            fs::write("/file", "x").await.map(drop),
            File::options().append(true).open("/file").await.map(drop),
            fs::copy("/file", "/file").await.map(drop),
        ] {
            assert_eq!(refused.unwrap_err().kind(), ErrorKind::PermissionDenied);
        }
        assert_eq!(fs::read("/file").await?, b"hello");
        fs::copy("/file", "/copy").await?;
        assert!(fs::metadata("/copy").await?.permissions().readonly());
        // One that is open can go on.
        let mut file = File::create("/open").await?;
        file.set_permissions(permissions).await?;
        file.write_all(b"x").await?;
        file.flush().await?;
        assert!(file.metadata().await?.permissions().readonly());
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn times_are_simulated_and_can_be_set() {
    let mut sim = Builder::new()
        .simulation_duration(3 * 3600 * SECOND)
        .build();
    sim.client("host", async {
        sleep(3600 * SECOND).await;
        let mut file = File::create("/file").await?;
        let modified = file.metadata().await?.modified()?;
        let now = SystemTime::UNIX_EPOCH + sim::since_epoch().expect("a host");
        assert!(now.duration_since(modified)? < SECOND);
        sleep(3600 * SECOND).await;
        file.write_all(b"x").await?;
        file.flush().await?;
        let later = fs::metadata("/file").await?.modified()?;
        assert!(later.duration_since(modified)? >= 3600 * SECOND);
        file.set_modified(modified).await?;
        assert_eq!(file.metadata().await?.modified()?, modified);
        let times = FileTimes::new().set_accessed(later);
        file.set_times(times).await?;
        let metadata = fs::metadata("/file").await?;
        assert_eq!(
            (metadata.modified()?, metadata.accessed()?),
            (modified, later)
        );
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn a_file_of_a_life_that_is_over_refuses() {
    let kept = Rc::new(RefCell::new(None));
    let file = Rc::clone(&kept);
    let mut sim = Builder::new().build();
    let mut begun = false;
    sim.host("host", move || {
        let (file, first) = (Rc::clone(&file), !std::mem::replace(&mut begun, true));
        async move {
            if first {
                *file.borrow_mut() = Some(File::create("/file").await?);
                return Ok(());
            }
            let mut file = file.take().expect("a file");
            let error = file.rewind().await.unwrap_err();
            assert!(error.to_string().contains("has crashed since"), "{error}");
            assert!(file.sync_all().await.is_err());
            drop(file);
            fs::write("/done", "").await?;
            Ok(())
        }
    });
    sim.run_for(SECOND).unwrap();
    sim.bounce("host");
    sim.run_for(SECOND).unwrap();
    sim.bounce("host");
}

#[cfg(unix)]
#[test]
fn a_descriptor_is_that_of_a_stand_in() {
    use std::os::fd::AsFd;
    let mut sim = Builder::new().build();
    sim.client("host", async {
        fs::write("/file", "hello").await?;
        let file = File::open("/file").await?;
        let stand_in = std::fs::File::from(file.as_fd().try_clone_to_owned()?);
        assert!(stand_in.metadata()?.is_file());
        assert_eq!(file.metadata().await?.len(), 5);
        Ok(())
    });
    sim.run().unwrap();
}
