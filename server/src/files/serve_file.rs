//! One file as a service.

use std::convert::Infallible;
use std::path::Path;
use std::rc::Rc;
use std::task::{Context, Poll};

use http::{Method, StatusCode};
use runtime::task::spawn_blocking;
use tower_service::Service;

use super::encoding::{Encoding, Encodings, accepted};
use super::find::{Found, Search, find};
use super::respond::{Manner, respond};
use super::serve_dir::{PIECE, method_not_allowed};
use crate::message::{Request, Response};
use crate::response::IntoResponse;
use crate::routing::route::RouteFuture;

/// One file, whatever the path.
///
/// It is answered as [`ServeDir`](super::ServeDir) answers a file; 404 while it is not there.
///
/// ```
/// use server::Router;
/// use server::files::ServeFile;
///
/// let app: Router = Router::new().route_service("/", ServeFile::new("public/index.html"));
/// # let _ = app;
/// ```
#[derive(Debug, Clone)]
pub struct ServeFile {
    path: Rc<Path>,
    encodings: Encodings,
    manner: Manner,
}

impl ServeFile {
    /// The file `path`. It need not be there yet. It may be a link.
    #[must_use]
    pub fn new(path: impl AsRef<Path>) -> Self {
        ServeFile {
            path: path.as_ref().into(),
            encodings: Encodings::default(),
            manner: Manner {
                piece: PIECE,
                ignore_multi_range: false,
                varies: false,
            },
        }
    }

    /// Sends `name.br` in the place of `name` to clients that take it.
    #[must_use]
    pub fn precompressed_br(self) -> Self {
        self.precompressed(Encoding::Brotli)
    }

    /// Sends `name.gz` in the place of `name` to clients that take it.
    #[must_use]
    pub fn precompressed_gzip(self) -> Self {
        self.precompressed(Encoding::Gzip)
    }

    /// Sends `name.zz` in the place of `name` to clients that take it.
    #[must_use]
    pub fn precompressed_deflate(self) -> Self {
        self.precompressed(Encoding::Deflate)
    }

    /// Sends `name.zst` in the place of `name` to clients that take it.
    #[must_use]
    pub fn precompressed_zstd(self) -> Self {
        self.precompressed(Encoding::Zstd)
    }

    fn precompressed(mut self, encoding: Encoding) -> Self {
        self.encodings.add(encoding);
        self.manner.varies = true;
        self
    }

    /// How many bytes of the file are in memory at a time. Default 64 KiB; at least one byte.
    #[must_use]
    pub fn with_buf_chunk_size(mut self, bytes: usize) -> Self {
        self.manner.piece = bytes.max(1);
        self
    }

    async fn answer(self, request: Request) -> Response {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return method_not_allowed();
        }
        let search = Search {
            root: self.path.parent().unwrap_or(Path::new("")).to_owned(),
            below: self.path.file_name().unwrap_or_default().into(),
            slash: false,
            encodings: accepted(request.headers(), self.encodings),
            index_html: false,
            html_extension: false,
            follow_links: true,
        };
        match spawn_blocking(move || find(&search)).await {
            Ok(Ok(Found::File(opened))) => respond(*opened, request.headers(), self.manner).await,
            Ok(Ok(Found::Folder | Found::Nothing)) => StatusCode::NOT_FOUND.into_response(),
            Ok(Err(_)) | Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

impl Service<Request> for ServeFile {
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> RouteFuture<Infallible> {
        let this = self.clone();
        RouteFuture::boxed(async move { Ok(this.answer(request).await) })
    }
}
