//! Files by their names, and directories.

#[path = "support/dir.rs"]
mod dir;
#[path = "support/machine.rs"]
mod machine;

use std::collections::BTreeSet;
use std::future::Future;
use std::io::ErrorKind;
use std::pin::pin;
use std::task::{Context, Waker};

use dir::Dir;
use machine::run;
use runtime::fs;

#[test]
fn a_file_is_written_read_and_copied_whole() {
    let dir = Dir::new();
    run(async {
        let (one, two) = (dir.at("one"), dir.at("two"));
        fs::write(&one, "grüße").await.unwrap();
        assert_eq!(fs::read(&one).await.unwrap(), "grüße".as_bytes());
        assert_eq!(fs::read_to_string(&one).await.unwrap(), "grüße");
        assert_eq!(fs::copy(&one, &two).await.unwrap(), 7);
        assert_eq!(std::fs::read_to_string(&two).unwrap(), "grüße");
        fs::write(&one, [0xff]).await.unwrap();
        let error = fs::read_to_string(&one).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        let missing = fs::copy(dir.at("none"), &two).await.unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
    });
}

#[test]
fn directories_are_made_and_removed_one_by_one_or_in_depth() {
    let dir = Dir::new();
    run(async {
        let deep = dir.at("a/b/c");
        assert_eq!(
            fs::create_dir(&deep).await.unwrap_err().kind(),
            ErrorKind::NotFound
        );
        fs::create_dir_all(&deep).await.unwrap();
        fs::create_dir_all(&deep).await.unwrap();
        let again = fs::create_dir(&deep).await.unwrap_err();
        assert_eq!(again.kind(), ErrorKind::AlreadyExists);
        assert!(fs::metadata(&deep).await.unwrap().is_dir());
        let full = fs::remove_dir(dir.at("a")).await.unwrap_err();
        assert_eq!(full.kind(), ErrorKind::DirectoryNotEmpty);
        fs::remove_dir(&deep).await.unwrap();
        assert!(!fs::try_exists(&deep).await.unwrap());
        fs::remove_dir_all(dir.at("a")).await.unwrap();
        assert!(!dir.at("a").exists());
    });
}

#[test]
fn every_entry_of_a_directory_is_seen_once_however_many_there_are() {
    let dir = Dir::new();
    let names: BTreeSet<_> = (0..150).map(|n| format!("file-{n}")).collect();
    names.iter().for_each(|name| drop(dir.file(name, name)));
    run(async {
        let mut entries = fs::read_dir(dir.path()).await.unwrap();
        let mut seen = BTreeSet::new();
        while let Some(entry) = entries.next_entry().await.unwrap() {
            let name = entry.file_name().into_string().unwrap();
            assert_eq!(entry.path(), dir.at(&name));
            assert!(entry.file_type().await.unwrap().is_file());
            assert_eq!(entry.metadata().await.unwrap().len(), name.len() as u64);
            assert!(seen.insert(name));
        }
        assert!(entries.next_entry().await.unwrap().is_none());
        assert_eq!(seen, names);
        let missing = fs::read_dir(dir.at("none")).await.unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
    });
}

#[test]
fn an_entry_that_nobody_came_for_is_the_next() {
    let dir = Dir::new();
    (0..100).for_each(|n| drop(dir.file(&n.to_string(), "")));
    run(async {
        let mut entries = fs::read_dir(dir.path()).await.unwrap();
        let (mut seen, mut given_up) = (0, 0);
        loop {
            let polled = pin!(entries.next_entry()).poll(&mut Context::from_waker(Waker::noop()));
            given_up += usize::from(polled.is_pending());
            let next = match polled {
                std::task::Poll::Ready(next) => next,
                std::task::Poll::Pending => entries.next_entry().await,
            };
            if next.unwrap().is_none() {
                break;
            }
            seen += 1;
        }
        assert_eq!(seen, 100);
        assert!(given_up >= 3, "one a journey after the first");
    });
}

#[test]
fn names_are_changed_removed_and_given_twice() {
    let dir = Dir::new();
    run(async {
        let (one, two) = (dir.file("one", "1"), dir.at("two"));
        fs::rename(&one, &two).await.unwrap();
        assert!(!one.exists());
        fs::hard_link(&two, &one).await.unwrap();
        fs::remove_file(&two).await.unwrap();
        assert_eq!(fs::read(&one).await.unwrap(), b"1");
        let missing = fs::remove_file(&two).await.unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
    });
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_or_looked_at() {
    let dir = Dir::new();
    run(async {
        dir.file("one", "1");
        let link = dir.at("link");
        fs::symlink("one", &link).await.unwrap();
        assert_eq!(fs::read_link(&link).await.unwrap().to_str(), Some("one"));
        assert!(fs::metadata(&link).await.unwrap().is_file());
        assert!(fs::symlink_metadata(&link).await.unwrap().is_symlink());
        let full = fs::canonicalize(&link).await.unwrap();
        assert_eq!(full, fs::canonicalize(dir.at("one")).await.unwrap());
        fs::remove_file(dir.at("one")).await.unwrap();
        assert!(!fs::try_exists(&link).await.unwrap());
        assert!(fs::read_link(dir.at("none")).await.is_err());
    });
}

#[cfg(unix)]
#[test]
fn permissions_are_as_they_were_said() {
    use std::os::unix::fs::PermissionsExt;
    let dir = Dir::new();
    run(async {
        let path = dir.file("file", "");
        let mut permissions = fs::metadata(&path).await.unwrap().permissions();
        permissions.set_mode(0o600);
        fs::set_permissions(&path, permissions).await.unwrap();
        let mode = fs::metadata(&path).await.unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    });
}

#[test]
fn nothing_happens_before_the_future_is_polled_and_the_path_need_not_live_on() {
    let dir = Dir::new();
    run(async {
        let made = {
            let path = dir.at("new");
            fs::create_dir(path.to_str().unwrap().to_owned())
        };
        assert!(!dir.at("new").exists());
        made.await.unwrap();
        assert!(dir.at("new").exists());
    });
}
