//! Uploads: a form with files, written to the disk while it arrives.
//!
//! ```text
//! cargo run --example uploads -- 127.0.0.1:3000 FOLDER      serves until it is interrupted; FOLDER must exist
//! curl -F file=@small.txt 127.0.0.1:3000/files              (64 KiB a file at most: see `MOST`)
//! cargo run --example uploads                               uploads to itself, in memory
//! ```
//!
//! A file may be larger than the memory, so it is never in the memory as a whole: piece after piece
//! goes from the connection to the disk, and the client waits when the disk is slower. While it
//! arrives, the file has another name; only when it is whole, it gets its own. So a reader of the folder
//! never finds half a file, and an upload that breaks off leaves nothing.
//!
//! What to see in the output:
//!
//! 1. Two files in one form: 201, with their sizes.
//! 2. A file above the limit: 413. A body that is no form: 400. A name with a path in it: only its last
//!    part counts.
//! 3. A client that leaves in the middle: the handler is dropped, and with it the part.
//! 4. The folder at the end: whole files, and no parts.
#![forbid(unsafe_code)]

use futures_lite::{StreamExt, stream};
use runtime::fs::{self, File};
use runtime::io::AsyncWriteExt;
use runtime::net::TcpListener;
use runtime::time::{Duration, sleep};
use server::extract::{DefaultBodyLimit, Multipart, State, multipart::Field};
use server::http::StatusCode;
use server::response::{IntoResponse, Response, Result};
use server::testing::TestServer;
use server::{Body, Router, routing::post};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// How many bytes a whole form may have, and each file in it. Little, to show the refusal: raise them.
const MOST: (usize, u64) = (256 * 1024, 64 * 1024);

/// A file that is not whole yet. It goes away with this value.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

/// Writes one file of the form to the folder. Returns a line with its name and its size.
async fn save(folder: &Path, mut field: Field<'_>) -> Result<String> {
    let name = Path::new(field.file_name().unwrap_or_default()).file_name();
    let Some(name) = name.map(OsStr::to_owned) else {
        return Err((StatusCode::BAD_REQUEST, "a file needs a name").into());
    };
    // A name of its own for each upload: two of one name do not write into each other.
    let number = PARTS.fetch_add(1, Ordering::Relaxed);
    let part = Part(folder.join(format!("{number}.part")));
    let mut file = File::create_new(&part.0).await.map_err(broken)?;
    let mut size = 0;
    while let Some(piece) = field.chunk().await? {
        file.write_all(&piece).await.map_err(broken)?;
        size += piece.len();
    }
    file.sync_all().await.map_err(broken)?;
    let done = fs::rename(&part.0, folder.join(&name)).await;
    done.map_err(broken)?;
    Ok(format!("{}: {size} bytes\n", name.display()))
}

static PARTS: AtomicU64 = AtomicU64::new(0);

/// The answer when the disk fails, or the folder does not exist.
fn broken(error: impl Into<server::BoxError>) -> Response {
    eprintln!("uploads: {}", error.into());
    StatusCode::INSUFFICIENT_STORAGE.into_response()
}

async fn upload(State(folder): State<PathBuf>, form: Multipart) -> Result<impl IntoResponse> {
    let mut form = form.max_field_size(MOST.1);
    let mut saved = String::new();
    while let Some(field) = form.next_field().await? {
        saved += &save(&folder, field).await?;
    }
    Ok((StatusCode::CREATED, saved))
}

fn app(folder: PathBuf) -> Router {
    Router::new()
        .route("/files", post(upload))
        .layer(DefaultBodyLimit::max(MOST.0))
        .with_state(folder)
}

#[runtime::main]
async fn main() -> std::io::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [address, folder] = &arguments[..] else {
        let folder = std::env::temp_dir().join(format!("uploads-{}", std::process::id()));
        fs::create_dir(&folder).await?;
        demonstrate(&folder).await?;
        return fs::remove_dir_all(folder).await;
    };
    server::serve(TcpListener::bind(address).await?, app(folder.into())).await
}

async fn demonstrate(folder: &Path) -> std::io::Result<()> {
    runtime::time::pause();
    let server = TestServer::new(app(folder.to_owned()));
    let client = server.client();
    let ask = async |form: String| {
        let request = client.post("/files").header("content-type", KIND);
        let response = request.body(form).await;
        println!("{}: {:?}", response.status(), response.text().await);
    };
    ask(form(&[("a.txt", "wool"), ("b.txt", &"x".repeat(50_000))])).await;
    ask(form(&[("large.txt", &"x".repeat(65_537))])).await;
    ask("no form".to_owned()).await;
    ask(form(&[("../../c.txt", "stays in the folder")])).await;

    let half = form(&[("lost.txt", &"x".repeat(60_000))])[..30_000].to_owned();
    let half = stream::once(Ok::<_, Infallible>(half)).chain(stream::pending());
    let request = client.post("/files").header("content-type", KIND);
    let request = runtime::spawn(request.body(Body::from_stream(half)).send());
    sleep(Duration::from_secs(1)).await;
    println!("in the middle: {:?}", names(folder)?);
    request.abort();
    server.shutdown().await;
    println!("at the end: {:?}", names(folder)?);
    Ok(())
}

const KIND: &str = "multipart/form-data; boundary=b";

/// A form with these files.
fn form(files: &[(&str, &str)]) -> String {
    let field = |(name, text): &(&str, &str)| {
        format!(
            "--b\r\ncontent-disposition: form-data; name=file; filename=\"{name}\"\r\n\r\n{text}\r\n"
        )
    };
    files.iter().map(field).collect::<String>() + "--b--\r\n"
}

/// What is in the folder.
fn names(folder: &Path) -> std::io::Result<BTreeSet<OsString>> {
    let entries = std::fs::read_dir(folder)?;
    entries.map(|entry| Ok(entry?.file_name())).collect()
}
