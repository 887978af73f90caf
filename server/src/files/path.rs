//! From a URL to a path below the folder.

use std::path::{Component, Path, PathBuf};

use percent_encoding::percent_decode_str;

/// The path that the path of a URL means, below the folder; nothing if it means one elsewhere,
/// or none at all.
///
/// It is decoded once. A segment that is `..`, is absolute, has a null character or is not
/// UTF-8 leads nowhere; so nothing that a client writes leaves the folder. (What links in the
/// folder do is `find`'s concern.)
pub(super) fn below(url_path: &str) -> Option<PathBuf> {
    let decoded = percent_decode_str(url_path.trim_start_matches('/'));
    let decoded = decoded.decode_utf8().ok()?;
    if decoded.contains(['\0', '\\']) {
        return None;
    }
    let mut below = PathBuf::new();
    for component in Path::new(&*decoded).components() {
        match component {
            Component::Normal(segment) => below.push(segment),
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::ParentDir => return None,
        }
    }
    Some(below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_leads_below_the_folder_or_nowhere() {
        for (url, expected) in [
            ("/", Some("")),
            ("/a/b.txt", Some("a/b.txt")),
            ("/a//b/./c", Some("a/b/c")),
            ("/a%20b", Some("a b")),
            ("//etc/passwd", Some("etc/passwd")),
            ("/..", None),
            ("/a/../../etc/passwd", None),
            ("/%2e%2e/x", None),
            ("/a%2f..%2f..%2fx", None),
            ("/%2Fetc/passwd", None),
            ("/a%00", None),
            ("/..%5cx", None),
            ("/%FF", None),
            ("/%252e%252e/x", Some("%2e%2e/x")),
        ] {
            assert_eq!(below(url).as_deref(), expected.map(Path::new), "{url}");
        }
    }
}
