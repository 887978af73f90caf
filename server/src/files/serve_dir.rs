//! A folder as a service.

use std::convert::Infallible;
use std::fmt;
use std::path::Path;
use std::rc::Rc;
use std::task::{Context, Poll};

use http::header::{ALLOW, LOCATION, RETRY_AFTER};
use http::{HeaderValue, Method, StatusCode, Uri};
use runtime::task::spawn_blocking;
use tower_service::Service;

use super::conditions;
use super::encoding::{Encoding, Encodings, accepted};
use super::find::{Found, Search, find};
use super::path::below;
use super::respond::{Manner, respond};
use crate::message::{Request, Response};
use crate::response::IntoResponse;
use crate::routing::route::{Route, RouteFuture};
use crate::shortage::is_shortage;

/// Bytes of a file in memory at a time, unless told otherwise.
const PIECE: usize = 64 * 1024;

/// The files of a folder and of those in it.
///
/// A path that leads to no file is answered with 404, or by the
/// [fallback](Self::fallback); so is one that leads out of the folder, be it by `..` or through
/// a link. Methods other than GET and HEAD get 405. Ranges, conditional requests, `ETag` and
/// `Last-Modified` are what RFC 9110 says.
///
/// ```
/// use server::Router;
/// use server::files::ServeDir;
/// use server::testing::TestClient;
///
/// # let public = tempfile::tempdir().unwrap();
/// # let public = public.path();
/// # std::fs::write(public.join("index.html"), "<h1>home</h1>").unwrap();
/// let app: Router = Router::new().fallback_service(ServeDir::new(public));
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// let client = TestClient::new(app);
/// assert_eq!(client.get("/").await.text().await, "<h1>home</h1>");
/// let part = client.get("/index.html").header("range", "bytes=4-7").await;
/// assert_eq!((part.status().as_u16(), part.text().await), (206, "home".to_owned()));
/// assert_eq!(client.get("/../secret").await.status(), 404);
/// # }
/// # test(app);
///
/// let with_options = ServeDir::new("public")
///     .precompressed_br()
///     .precompressed_gzip()
///     .html_as_default_extension(true)
///     .append_index_html_on_directories(true)
///     .redirect_to_trailing_slash(true)
///     .follow_links_out(false)
///     .with_buf_chunk_size(16 * 1024)
///     .ignore_multi_range_requests(true)
///     .call_fallback_on_method_not_allowed(true)
///     .not_found_service(Router::new().fallback(|| async { "there is no such page" }));
/// # let _ = with_options.precompressed_deflate().precompressed_zstd().fallback(Router::new());
/// ```
#[derive(Clone)]
pub struct ServeDir {
    root: Rc<Path>,
    /// The only file that is served, whatever the URL.
    only: Option<Rc<Path>>,
    encodings: Encodings,
    manner: Manner,
    index_html: bool,
    html_extension: bool,
    redirect: bool,
    follow_links: bool,
    on_method: bool,
    fallback: Option<Route>,
}

impl ServeDir {
    /// The folder `path`. It need not be there yet. Its example is [`ServeDir`]'s.
    #[must_use]
    pub fn new(path: impl AsRef<Path>) -> Self {
        ServeDir {
            root: path.as_ref().into(),
            only: None,
            encodings: Encodings::default(),
            manner: Manner {
                kind: None,
                piece: PIECE,
                ignore_multi_range: false,
                varies: false,
            },
            index_html: true,
            html_extension: false,
            redirect: true,
            follow_links: false,
            on_method: false,
            fallback: None,
        }
    }

    /// The one file `path`, which may be a link.
    pub(super) fn of_file(path: &Path) -> Self {
        let folder = path.parent().unwrap_or(Path::new(""));
        ServeDir {
            only: Some(Path::new(path.file_name().unwrap_or_default()).into()),
            index_html: false,
            follow_links: true,
            ..ServeDir::new(folder)
        }
    }

    /// The files have this type, whatever their names.
    pub(super) fn of_type(mut self, kind: HeaderValue) -> Self {
        self.manner.kind = Some(kind);
        self
    }

    /// Whether a folder is answered with its `index.html`. Default yes.
    /// Its example is [`ServeDir`]'s.
    #[must_use]
    pub fn append_index_html_on_directories(mut self, append: bool) -> Self {
        self.index_html = append;
        self
    }

    /// Whether a folder whose URL lacks the slash at its end is answered with a redirect to
    /// the one that has it (307). Without it, the index page's own links would lead elsewhere.
    /// Default yes. Its example is [`ServeDir`]'s.
    #[must_use]
    pub fn redirect_to_trailing_slash(mut self, redirect: bool) -> Self {
        self.redirect = redirect;
        self
    }

    /// Whether `/page` may mean the file `page.html`. Default no. Its example is [`ServeDir`]'s.
    #[must_use]
    pub fn html_as_default_extension(mut self, html: bool) -> Self {
        self.html_extension = html;
        self
    }

    /// Whether links may lead out of the folder. Default no. Its example is [`ServeDir`]'s.
    #[must_use]
    pub fn follow_links_out(mut self, follow: bool) -> Self {
        self.follow_links = follow;
        self
    }

    /// Sends `name.br` in the place of `name` to clients that take it.
    /// Its example is [`ServeDir`]'s.
    #[must_use]
    pub fn precompressed_br(self) -> Self {
        self.precompressed(Encoding::Brotli)
    }

    /// Sends `name.gz` in the place of `name` to clients that take it.
    /// Its example is [`ServeDir`]'s.
    #[must_use]
    pub fn precompressed_gzip(self) -> Self {
        self.precompressed(Encoding::Gzip)
    }

    /// Sends `name.zz` in the place of `name` to clients that take it.
    /// Its example is [`ServeDir`]'s.
    #[must_use]
    pub fn precompressed_deflate(self) -> Self {
        self.precompressed(Encoding::Deflate)
    }

    /// Sends `name.zst` in the place of `name` to clients that take it.
    /// Its example is [`ServeDir`]'s.
    #[must_use]
    pub fn precompressed_zstd(self) -> Self {
        self.precompressed(Encoding::Zstd)
    }

    fn precompressed(mut self, encoding: Encoding) -> Self {
        self.encodings.add(encoding);
        self.manner.varies = true;
        self
    }

    /// How many bytes of a file are in memory at a time. Default 64 KiB; at least one byte.
    /// Its example is [`ServeDir`]'s.
    #[must_use]
    pub fn with_buf_chunk_size(mut self, bytes: usize) -> Self {
        self.manner.piece = bytes.max(1);
        self
    }

    /// Whether a request for more than one range gets the whole file, and not 416.
    /// Default no. Its example is [`ServeDir`]'s.
    #[must_use]
    pub fn ignore_multi_range_requests(mut self, ignore: bool) -> Self {
        self.manner.ignore_multi_range = ignore;
        self
    }

    /// What answers when there is no such file. Its example is [`ServeDir`]'s.
    #[must_use]
    pub fn fallback<T>(mut self, service: T) -> Self
    where
        T: Service<Request, Error = Infallible> + Clone + 'static,
        T::Response: IntoResponse + 'static,
        T::Future: 'static,
    {
        self.fallback = Some(Route::new(service));
        self
    }

    /// What answers when there is no such file; the status is 404, whatever it says. It gets a
    /// request without conditions and ranges, so a client that has the page of a 404 gets it again.
    /// Its example is [`ServeDir`]'s.
    #[must_use]
    pub fn not_found_service<T>(self, service: T) -> Self
    where
        T: Service<Request, Error = Infallible> + Clone + 'static,
        T::Response: IntoResponse + 'static,
        T::Future: 'static,
    {
        let route = Route::new(service);
        self.fallback(Route::from_fn(move |mut request: Request| {
            conditions::take_out(request.headers_mut());
            let answer = route.call_inner(request);
            async move {
                let mut response = answer.await?;
                *response.status_mut() = StatusCode::NOT_FOUND;
                Ok(response)
            }
        }))
    }

    /// Whether the fallback answers methods other than GET and HEAD too. Default no: 405.
    /// Its example is [`ServeDir`]'s.
    #[must_use]
    pub fn call_fallback_on_method_not_allowed(mut self, call: bool) -> Self {
        self.on_method = call;
        self
    }

    fn search(&self, request: &Request) -> Option<Search> {
        let path = request.uri().path();
        let (below, slash) = match &self.only {
            Some(name) => (name.to_path_buf(), false),
            None => (below(path)?, path.ends_with('/')),
        };
        Some(Search {
            root: self.root.to_path_buf(),
            below,
            slash,
            encodings: match self.encodings.is_empty() {
                true => Vec::new(),
                false => accepted(request.headers(), self.encodings),
            },
            index_html: self.index_html,
            html_extension: self.html_extension,
            follow_links: self.follow_links,
        })
    }

    /// Answers `request`.
    async fn answer(self, request: Request) -> Response {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return match &self.fallback {
                Some(fallback) if self.on_method => fallen(fallback, request).await,
                _ => method_not_allowed(),
            };
        }
        let found = match self.search(&request) {
            Some(search) => spawn_blocking(move || find(&search)).await,
            None => Ok(Ok(Found::Nothing)),
        };
        match found {
            Ok(Ok(Found::File(opened))) => {
                let asked = (request.method(), request.headers());
                respond(*opened, asked, self.manner).await
            }
            Ok(Ok(Found::Folder)) if self.redirect => to_slash(request.uri()),
            Ok(Ok(Found::Folder | Found::Nothing)) => match &self.fallback {
                Some(fallback) => fallen(fallback, request).await,
                None => StatusCode::NOT_FOUND.into_response(),
            },
            Ok(Err(error)) if is_shortage(&error) => {
                (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")]).into_response()
            }
            Ok(Err(_)) | Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

/// What the fallback answers.
async fn fallen(fallback: &Route, request: Request) -> Response {
    fallback.call_inner(request).infallible().await
}

fn method_not_allowed() -> Response {
    let mut response = StatusCode::METHOD_NOT_ALLOWED.into_response();
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static("GET,HEAD"));
    response
}

/// A redirect to the same URL with a slash at the end of its path.
///
/// Only the last segment is written: the service may be nested, and does not know the prefix;
/// and a path that begins with two slashes would name another host.
fn to_slash(uri: &Uri) -> Response {
    let name = uri.path().rsplit('/').next().unwrap_or_default();
    let query = uri.query().map(|query| format!("?{query}"));
    let location = format!("./{name}/{}", query.unwrap_or_default());
    let mut response = StatusCode::TEMPORARY_REDIRECT.into_response();
    let headers = response.headers_mut();
    headers.extend(
        HeaderValue::from_str(&location)
            .map(|it| (LOCATION, it))
            .ok(),
    );
    response
}

impl Service<Request> for ServeDir {
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

impl fmt::Debug for ServeDir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServeDir")
            .field("root", &self.root)
            .field("only", &self.only)
            .finish_non_exhaustive()
    }
}
