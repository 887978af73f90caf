//! Forms in parts: as axum reads them, however their bytes arrive, and what is refused.

mod beside_axum;

use std::cell::Cell;
use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use axum::extract::FromRequest as _;
use beside_axum::{Seen, seen_of_axums, seen_of_ours};
use bytes::Bytes;
use futures_core::Stream;
use proptest::prelude::*;
use runtime::runtime::Runtime;
use server::Body;
use server::extract::{DefaultBodyLimit, FromRequest as _, Multipart};

/// Pieces, one after the other; between them the stream is not ready.
struct Pieces {
    pieces: std::vec::IntoIter<Bytes>,
    is_ready: bool,
    asked: Rc<Cell<usize>>,
}

fn pieces(text: &[u8], cuts: &[usize]) -> Pieces {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (text.len() + 1)).collect();
    cuts.extend([0, text.len()]);
    cuts.sort_unstable();
    let pieces = cuts
        .windows(2)
        .map(|pair| Bytes::copy_from_slice(&text[pair[0]..pair[1]]));
    Pieces {
        pieces: pieces.collect::<Vec<_>>().into_iter(),
        is_ready: false,
        asked: Rc::default(),
    }
}

impl Stream for Pieces {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.is_ready = !self.is_ready;
        if !self.is_ready {
            self.asked.set(self.asked.get() + 1);
            return Poll::Ready(self.pieces.next().map(Ok));
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

fn request<B>(kind: &str, body: B) -> http::Request<B> {
    let request = http::Request::post("/").header("content-type", kind);
    request.body(body).unwrap()
}

const KIND: &str = "multipart/form-data; boundary=X-Y";

async fn ours(body: Body) -> Multipart {
    Multipart::from_request(request(KIND, body), &())
        .await
        .unwrap()
}

/// What is seen of each field, or how the form is refused.
type Read = Result<Vec<String>, Seen>;

async fn read_by_ours(mut form: Multipart) -> Read {
    let mut seen = Vec::new();
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => return Ok(seen),
            Err(error) => return Err(seen_of_ours(error).await),
        };
        let (headers, kind) = (
            field.headers().clone(),
            field.content_type().map(str::to_owned),
        );
        let names = format!("{:?} {:?}", field.name(), field.file_name());
        match field.bytes().await {
            Ok(bytes) => seen.push(format!("{names} {kind:?} {headers:?} {bytes:?}")),
            Err(error) => return Err(seen_of_ours(error).await),
        }
    }
}

async fn read_by_axums(kind: &str, text: &[u8]) -> Read {
    let body = axum::body::Body::from(text.to_vec());
    let form = axum::extract::Multipart::from_request(request(kind, body), &()).await;
    let mut form = match form {
        Ok(form) => form,
        Err(rejection) => return Err(seen_of_axums(rejection).await),
    };
    let mut seen = Vec::new();
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => return Ok(seen),
            Err(error) => return Err(seen_of_axums(error).await),
        };
        let (headers, kind) = (
            field.headers().clone(),
            field.content_type().map(str::to_owned),
        );
        let names = format!("{:?} {:?}", field.name(), field.file_name());
        match field.bytes().await {
            Ok(bytes) => seen.push(format!("{names} {kind:?} {headers:?} {bytes:?}")),
            Err(error) => return Err(seen_of_axums(error).await),
        }
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    Runtime::new().unwrap().block_on(future)
}

const FORM: &str = "a preamble\r\n\
    --X-Y\r\n\
    Content-Disposition: form-data; name=\"text\"\r\n\r\n\
    hello\r\n\
    --X-Y  \t\r\n\
    content-disposition: form-data; name=\"file\"; filename=\"a \\\"b\\\".txt\"\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\
    X-More: 1\r\n\r\n\
    \r\n--X-\r\r\n--\r\n\r\n--X-Y\r\n\
    Content-Disposition: form-data; name=empty\r\n\r\n\
    \r\n--X-Y--\r\nan epilogue --X-Y";

#[test]
fn a_form_is_its_fields() {
    let read = block_on(async { read_by_ours(ours(Body::from(FORM)).await).await }).unwrap();
    let fields = [
        "Some(\"text\") None None {\"content-disposition\": \"form-data; name=\\\"text\\\"\"} \
         b\"hello\"",
        "Some(\"file\") Some(\"a \\\"b\\\".txt\") Some(\"text/plain; charset=utf-8\") \
         {\"content-disposition\": \"form-data; name=\\\"file\\\"; filename=\\\"a \\\\\"b\\\\\".txt\\\"\", \
         \"content-type\": \"text/plain; charset=utf-8\", \"x-more\": \"1\"} \
         b\"\\r\\n--X-\\r\\r\\n--\\r\\n\"",
        "Some(\"empty\") None None {\"content-disposition\": \"form-data; name=empty\"} b\"\"",
    ];
    assert_eq!(read, fields);
    assert_eq!(Ok(read), block_on(read_by_axums(KIND, FORM.as_bytes())));
}

#[test]
fn a_form_that_is_cut_anywhere_is_refused_as_by_axum() {
    // Behind the last boundary all is well.
    let end = FORM.find("--X-Y--").unwrap() + 7;
    for cut in 0..=FORM.len() {
        let text = &FORM.as_bytes()[..cut];
        let read = block_on(async { read_by_ours(ours(Body::from(text.to_vec())).await).await });
        assert_eq!(read.is_ok(), cut >= end, "{cut}");
        assert_eq!(read, block_on(read_by_axums(KIND, text)), "{cut}");
    }
}

#[test]
fn what_is_malformed_is_refused_as_by_axum() {
    let lines = |number| {
        (0..number)
            .map(|at| format!("x{at}: 1\r\n"))
            .collect::<String>()
    };
    let head = "--X-Y\r\nContent-Disposition: form-data; name=\"a\"\r\n";
    let table = [
        "".to_owned(),
        "no form".to_owned(),
        "--X-Y--".to_owned(),
        "--X-Z\r\n".to_owned(),
        format!("{head}no colon\r\n\r\nx\r\n--X-Y--"),
        format!("{head}bad name: 1\r\n\r\nx\r\n--X-Y--"),
        format!("{head}x: a\u{1}b\r\n\r\nx\r\n--X-Y--"),
        format!("{head}{}\r\nx\r\n--X-Y--", lines(31)),
        format!("{head}{}\r\nx\r\n--X-Y--", lines(32)),
        format!("{head}\r\nx\r\n--X-Y-"),
        format!("{head}\r\nx\r\n--X-Y-x"),
        format!("{head}\r\nx\r\n--X-Yx"),
        format!("{head}\r\nx\r\n--X-Y \t x\r\n"),
        format!("{head}\r\nx\n--X-Y--"),
        format!("{head}\r\nx--X-Y--\r\n--X-Y--"),
        format!("--X-Y\r\n{head}\r\nx\r\n--X-Y--"),
        format!("{head}\r\n\r\n--X-Y\n\r\n"),
        "--X-Y\r\nNo-Name: 1\r\n\r\nx\r\n--X-Y--".to_owned(),
        "--X-Y\r\nContent-Disposition: form-data; name=\"\u{fc}\"; filename=\r\n\r\nx\r\n--X-Y--"
            .to_owned(),
    ];
    for text in table {
        let read = block_on(async { read_by_ours(ours(Body::from(text.clone())).await).await });
        assert_eq!(
            read,
            block_on(read_by_axums(KIND, text.as_bytes())),
            "{text:?}"
        );
    }
}

#[test]
fn the_request_must_name_the_boundary() {
    let kinds = [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"X-Y\"",
        "Multipart/Form-Data; charset=utf-8; Boundary=X-Y",
        "multipart/mixed; boundary=X-Y",
        "multipart",
        "text/plain",
    ];
    for kind in kinds {
        let (ours, axums) = block_on(async {
            let ours = match Multipart::from_request(request(kind, Body::from(FORM)), &()).await {
                Ok(form) => read_by_ours(form).await,
                Err(rejection) => Err(seen_of_ours(rejection).await),
            };
            (ours, read_by_axums(kind, FORM.as_bytes()).await)
        });
        assert_eq!(ours, axums, "{kind}");
        let (ours, axums) = block_on(async {
            let ours = request(kind, Body::empty());
            let ours = Option::<Multipart>::from_request(ours, &()).await;
            let axums = request(kind, axum::body::Body::empty());
            let axums = Option::<axum::extract::Multipart>::from_request(axums, &()).await;
            (
                ours.map(|form| form.is_some()).ok(),
                axums.map(|form| form.is_some()).ok(),
            )
        });
        assert_eq!(ours, axums, "{kind}");
    }
}

/// A form with fields of these bytes.
fn form(fields: &[Vec<u8>]) -> Vec<u8> {
    let mut text = Vec::new();
    for field in fields {
        text.extend_from_slice(b"--X-Y\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n");
        text.extend_from_slice(field);
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(b"--X-Y--\r\n");
    text
}

/// Bytes that look like a delimiter.
fn nearly_a_delimiter() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::sample::select(vec![
        "\r", "\n", "-", "--", "X", "X-", "Y", "--X-", "\r\n", "ab",
    ]);
    let words = prop::collection::vec(word, 0..12);
    let words = words.prop_map(|words| words.concat().into_bytes());
    words.prop_filter("it is one", |bytes| {
        !bytes.windows(7).any(|seven| seven == b"\r\n--X-Y")
    })
}

proptest! {
    #[test]
    fn data_comes_out_as_it_went_in_wherever_it_is_cut(
        fields in prop::collection::vec(nearly_a_delimiter(), 0..4),
        cuts in prop::collection::vec(any::<usize>(), 0..20),
    ) {
        let body = Body::from_stream(pieces(&form(&fields), &cuts));
        let read = block_on(async {
            let mut form = ours(body).await;
            let mut read = Vec::new();
            while let Some(field) = form.next_field().await.unwrap() {
                read.push(field.bytes().await.unwrap().to_vec());
            }
            read
        });
        prop_assert_eq!(read, fields);
    }

    #[test]
    fn any_bytes_are_read_or_are_refused_as_by_axum(
        fields in prop::collection::vec(nearly_a_delimiter(), 1..3),
        at in any::<usize>(),
        by in prop::sample::select(vec!["", "\r", "\n", "-", "X", "--X-Y", "\r\n", ":", "\u{0}"]),
        cuts in prop::collection::vec(any::<usize>(), 0..5),
    ) {
        let mut text = form(&fields);
        let mut at = at % text.len();
        // No rule says how a broken `Content-Disposition` is read: that line stays.
        let line = b"Content-Disposition: form-data; name=\"a\"";
        for start in 0..text.len() - line.len() {
            let end = start + line.len();
            if &text[start..end] == line && (start..end).contains(&at) {
                at = end;
            }
        }
        text.splice(at..=at, by.bytes());
        let whole = block_on(async { read_by_ours(ours(Body::from(text.clone())).await).await });
        let split = Body::from_stream(pieces(&text, &cuts));
        let split = block_on(async { read_by_ours(ours(split).await).await });
        prop_assert_eq!(&whole, &split);
        prop_assert_eq!(whole, block_on(read_by_axums(KIND, &text)));
    }
}

#[test]
fn what_a_handler_leaves_of_a_field_is_skipped() {
    let text = form(&[b"first".to_vec(), vec![b'x'; 100_000], b"last".to_vec()]);
    let body = Body::from_stream(pieces(&text, &[10, 100, 1000, 10_000, 50_000, 90_000]));
    block_on(async {
        let mut form = ours(body).await;
        let mut field = form.next_field().await.unwrap().unwrap();
        assert!(field.chunk().await.unwrap().is_some());
        drop(field);
        drop(form.next_field().await.unwrap().unwrap());
        let field = form.next_field().await.unwrap().unwrap();
        assert_eq!(field.text().await.unwrap(), "last");
        assert!(form.next_field().await.unwrap().is_none());
        assert!(form.next_field().await.unwrap().is_none());
    });
}

#[test]
fn a_body_is_asked_for_no_more_than_is_read() {
    let text = form(&[vec![b'x'; 1000], vec![b'y'; 1000]]);
    let cuts: Vec<usize> = (0..text.len()).step_by(100).collect();
    let pieces = pieces(&text, &cuts);
    let asked = pieces.asked.clone();
    block_on(async {
        let mut form = ours(Body::from_stream(pieces)).await;
        assert_eq!(asked.get(), 0);
        let mut field = form.next_field().await.unwrap().unwrap();
        let before = asked.get();
        while field
            .chunk()
            .await
            .unwrap()
            .is_some_and(|data| data[0] == b'x')
        {
            assert!(asked.get() <= before + 12);
        }
    });
}

#[test]
fn limits_answer_413() {
    let too_large = |read: Read| {
        let refusal = read.unwrap_err();
        assert_eq!(refusal.status, 413);
        assert_eq!(refusal.body, "Request payload is too large");
        assert_eq!(refusal.headers["content-type"], "text/plain; charset=utf-8");
    };
    let text = || Body::from(form(&[vec![b'x'; 10], vec![b'y'; 11]]));
    block_on(async {
        too_large(read_by_ours(ours(text()).await.max_fields(1)).await);
        assert_eq!(
            read_by_ours(ours(text()).await.max_fields(2))
                .await
                .unwrap()
                .len(),
            2
        );
        too_large(read_by_ours(ours(text()).await.max_field_size(10)).await);
        assert_eq!(
            read_by_ours(ours(text()).await.max_field_size(11))
                .await
                .unwrap()
                .len(),
            2
        );
        let limited = |limit: usize| async move {
            let mut request = request(KIND, text());
            DefaultBodyLimit::max(limit).apply(&mut request);
            read_by_ours(Multipart::from_request(request, &()).await.unwrap()).await
        };
        too_large(limited(50).await);
        assert_eq!(limited(1000).await.unwrap().len(), 2);
    });
}

#[test]
fn headers_of_a_field_are_bounded() {
    let endless = format!("--X-Y\r\nA: {}", "x".repeat(20_000));
    let long = format!("{endless}\r\n\r\nx\r\n--X-Y--");
    for text in [endless, long] {
        let cuts: Vec<usize> = (0..text.len()).step_by(1000).collect();
        let body = Body::from_stream(pieces(text.as_bytes(), &cuts));
        let refusal = block_on(async { read_by_ours(ours(body).await).await }).unwrap_err();
        assert_eq!(refusal.status, 400);
        assert_eq!(refusal.body, "failed to read field complete headers");
    }
}

#[test]
fn text_is_utf8_with_or_without_a_mark() {
    let fields: [&[u8]; 3] = ["\u{feff}\u{fc}".as_bytes(), b"\xff", b""];
    let text = form(&fields.map(<[u8]>::to_vec));
    block_on(async {
        let mut form = ours(Body::from(text)).await;
        for expected in ["\u{fc}", "\u{fffd}", ""] {
            let field = form.next_field().await.unwrap().unwrap();
            assert_eq!(field.text().await.unwrap(), expected);
        }
    });
}
