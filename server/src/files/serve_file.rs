//! One file as a service.

use std::convert::Infallible;
use std::path::Path;
use std::task::{Context, Poll};

use http::HeaderValue;
use mime::Mime;
use tower_service::Service;

use super::serve_dir::ServeDir;
use crate::message::{Request, Response};
use crate::routing::route::RouteFuture;

/// One file, whatever the path.
///
/// It is answered as [`ServeDir`] answers a file; 404 while it is not there.
///
/// ```
/// use server::Router;
/// use server::files::ServeFile;
///
/// let app: Router = Router::new().route_service("/", ServeFile::new("public/index.html"));
/// # let _ = app;
/// ```
#[derive(Debug, Clone)]
pub struct ServeFile(ServeDir);

impl ServeFile {
    /// The file `path`. It need not be there yet. It may be a link. Its example is [`ServeFile`]'s.
    #[must_use]
    pub fn new(path: impl AsRef<Path>) -> Self {
        ServeFile(ServeDir::of_file(path.as_ref()))
    }

    /// The file `path`, which has this type whatever its name.
    ///
    /// # Panics
    ///
    /// If the type cannot be the value of a header: it holds a line end.
    ///
    /// ```
    /// use server::files::ServeFile;
    ///
    /// let licence = ServeFile::new_with_mime("LICENCE", &mime::TEXT_PLAIN);
    /// # let _ = licence;
    /// ```
    #[must_use]
    #[track_caller]
    pub fn new_with_mime(path: impl AsRef<Path>, mime: &Mime) -> Self {
        let kind = HeaderValue::from_str(mime.as_ref()).expect("a type is the value of a header");
        ServeFile(ServeDir::of_file(path.as_ref()).of_type(kind))
    }

    /// Sends `name.br` in the place of `name` to clients that take it.
    /// Its example is [`ServeDir`]'s.
    #[must_use]
    pub fn precompressed_br(self) -> Self {
        ServeFile(self.0.precompressed_br())
    }

    /// Sends `name.gz` in the place of `name` to clients that take it.
    /// Its example is [`ServeDir`]'s.
    #[must_use]
    pub fn precompressed_gzip(self) -> Self {
        ServeFile(self.0.precompressed_gzip())
    }

    /// Sends `name.zz` in the place of `name` to clients that take it.
    /// Its example is [`ServeDir`]'s.
    #[must_use]
    pub fn precompressed_deflate(self) -> Self {
        ServeFile(self.0.precompressed_deflate())
    }

    /// Sends `name.zst` in the place of `name` to clients that take it.
    /// Its example is [`ServeDir`]'s.
    #[must_use]
    pub fn precompressed_zstd(self) -> Self {
        ServeFile(self.0.precompressed_zstd())
    }

    /// How many bytes of the file are in memory at a time. Default 64 KiB; at least one byte.
    /// Its example is [`ServeDir`]'s.
    #[must_use]
    pub fn with_buf_chunk_size(self, bytes: usize) -> Self {
        ServeFile(self.0.with_buf_chunk_size(bytes))
    }

    /// Whether a request for more than one range gets the whole file, and not 416.
    /// Default no. Its example is [`ServeDir`]'s.
    #[must_use]
    pub fn ignore_multi_range_requests(self, ignore: bool) -> Self {
        ServeFile(self.0.ignore_multi_range_requests(ignore))
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
        self.0.call(request)
    }
}
