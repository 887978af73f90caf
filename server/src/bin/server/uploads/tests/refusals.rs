//! What is refused: types, names, too much.

use super::*;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06";

#[runtime::test(start_paused = true)]
async fn the_type_is_one_of_a_list_and_name_and_content_agree() {
    let site = Site::new().await;
    let text = "wool".as_bytes();
    let cut = "\u{7e54}".repeat(3000);
    for (name, content, expected) in [
        ("a.png", PNG, 201),
        ("b.PNG", PNG, 201),
        ("c.jpg", PNG, 415),
        ("d.txt", PNG, 415),
        ("e.png", text, 415),
        ("f.png", b"", 415),
        ("g.txt", b"", 201),
        ("h.txt", cut.as_bytes(), 201),
        ("i.txt", b"<!DOCTYPE html><script>alert(1)</script>", 415),
        ("j.txt", b"a\0b", 415),
        ("k.txt", b"\xff\xfe", 415),
        ("l.txt", &cut.as_bytes()[..5], 415),
        ("m.html", b"<p>x</p>", 415),
        ("n.svg", b"<svg/>", 415),
        ("o.exe", b"MZ", 415),
        ("p", text, 415),
        ("q.txt.exe", text, 415),
        ("r.csv", b"a,b\n", 201),
        ("s.pdf", b"%PDF-1.7\n", 415),
    ] {
        let status = site.upload(name, content).await;
        if name == "s.pdf" {
            // The folder is full by now, which comes later than the type.
            assert_eq!(status, 507);
            continue;
        }
        assert_eq!(status, expected, "{name}");
    }
}

#[runtime::test(start_paused = true)]
async fn a_name_is_nothing_but_a_name() {
    let site = Site::new().await;
    let long = format!("{}.txt", "x".repeat(97));
    for name in [
        "../a.txt",
        "/etc/a.txt",
        "a/b.txt",
        "..\\\\a.txt",
        "C:a.txt",
        ".a.txt",
        "..",
        ".",
        "-a.txt",
        "a.txt ",
        " a.txt",
        "a.txt.",
        "a\tb.txt",
        "a\u{202e}txt.png",
        "a*.txt",
        "nul.txt",
        "COM1",
        "Aux .txt",
        ".part-1-1",
        &long,
    ] {
        assert_eq!(site.upload(name, b"x").await, 400, "{name}");
    }
    for (name, why) in [
        (" a.txt", "begins"),
        ("a.txt ", "ends with a blank"),
        ("a.", "ends with a dot"),
    ] {
        let refused = site.post(form(&[(name, b"x")])).await.text().await;
        assert!(refused.contains(why), "{refused}");
    }
    assert_eq!(site.names(), set(&[]));
    std::fs::write(site.data.path().join("secret.txt"), "x").unwrap();
    for path in [
        "..%2fsecret.txt",
        "%2e%2e%2fsecret.txt",
        "..%5csecret.txt",
        ".part-1-1",
        "%00",
    ] {
        let path = format!("/uploads/{path}");
        assert_eq!(site.client.get(&path).await.status(), 404, "{path}");
        assert_eq!(site.client.delete(&path).await.status(), 404, "{path}");
    }
    for name in ["\u{7e54}\u{308a}.txt", "a & b's.txt", "nullable.txt"] {
        assert_eq!(site.upload(name, b"x").await, 201, "{name}");
    }
    let url = "/uploads/%E7%B9%94%E3%82%8A.txt";
    let response = site.client.get(url).await;
    let disposition = response.header("content-disposition").unwrap();
    assert!(
        disposition.starts_with("attachment; filename=\"__.txt\";"),
        "{disposition}"
    );
}

/// A form is kept as a whole, or not: what looks like a file is not passed over.
#[runtime::test(start_paused = true)]
async fn a_name_that_is_not_utf_8_is_refused_as_every_other_that_cannot_be_used() {
    let site = Site::new().await;
    let mut body = form(&[("ok.txt", b"x"), ("caf?.txt", b"y")]);
    let at = body.iter().position(|byte| *byte == b'?').unwrap();
    body[at] = 0xe9;
    let refused = site.post(body.clone()).await;
    assert_eq!(refused.status(), 400);
    let said: Value = refused.json().await;
    let why = "The name of a file cannot be used: it is not UTF-8. Rename the file.";
    assert_eq!(said["detail"], why);
    assert_eq!(site.names(), set(&[]));
    // A field that only speaks of one is none.
    let text = b"--b\r\ncontent-disposition: form-data; name=\"filename=\"\r\n\r\nx\r\n";
    let mut body = form(&[("ok.txt", b"x")]);
    body.splice(0..0, text.iter().copied());
    assert_eq!(site.post(body).await.status(), 201);
}

#[runtime::test(start_paused = true)]
async fn a_form_may_have_so_many_other_fields() {
    let site = Site::new().await;
    let text = b"--b\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\nx\r\n";
    let mut body = text.repeat(options::FILES + 20);
    body.extend(form(&[("ok.txt", b"x")]));
    let refused = site.post(body).await;
    assert_eq!(refused.status(), 413);
    let said = refused.text().await;
    assert!(said.contains("20 fields that are no files"), "{said}");
}

#[runtime::test(start_paused = true)]
async fn a_form_has_limits_and_so_has_each_file_of_it() {
    let site = Site::new().await;
    let most = LIMITS.largest_file() as usize;
    let (fits, long) = (vec![b'x'; most], vec![b'x'; most + 1]);
    assert_eq!(site.upload("fits.txt", &fits).await, 201);
    assert_eq!(site.upload("long.txt", &long).await, 413);
    let three: [(&str, &[u8]); 3] = [("a.txt", &fits), ("b.txt", &fits), ("c.txt", &fits)];
    assert_eq!(site.post(form(&three)).await.status(), 413);
    assert_eq!(site.post(form(&[])).await.status(), 400);
    assert_eq!(site.upload("", b"").await, 400);
    let plain = site.client.post("/upload").body("x").await;
    assert_eq!(plain.status(), 400);
    assert_eq!(site.names(), set(&["fits.txt"]));
}

#[runtime::test(start_paused = true)]
async fn a_form_may_have_so_many_files() {
    let limits = Options {
        max_uploaded_files: 100,
        ..LIMITS
    };
    let site = Site::at(TempDir::new().unwrap(), &limits).await;
    let names: Vec<_> = (0..=options::FILES)
        .map(|number| format!("{number}.txt"))
        .collect();
    let files: Vec<_> = names.iter().map(|name| (&**name, &b"x"[..])).collect();
    assert_eq!(site.post(form(&files)).await.status(), 413);
    assert_eq!(site.names(), set(&[]));
    assert_eq!(site.post(form(&files[1..])).await.status(), 201);
    assert_eq!(site.names().len(), options::FILES);
}

#[runtime::test(start_paused = true)]
async fn the_folder_has_limits_and_what_is_deleted_makes_room() {
    let site = Site::new().await;
    let large = vec![b'x'; LIMITS.largest_file() as usize];
    for number in 0..4 {
        assert_eq!(site.upload(&format!("{number}.txt"), &large).await, 201);
    }
    assert_eq!(site.upload("more.txt", &large).await, 507);
    assert_eq!(site.upload("small.txt", b"x").await, 201);
    assert_eq!(site.upload("sixth.txt", b"x").await, 507);
    assert_eq!(site.client.delete("/uploads/0.txt").await.status(), 204);
    assert_eq!(site.upload("more.txt", &large).await, 201);
    assert!(site.number("uploads_stored 5").await);
    assert!(site.number("uploads_refused_total{status=\"507\"} 2").await);
}
