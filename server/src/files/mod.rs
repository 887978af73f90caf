//! Files: a folder, or a single one, as a service.
//!
//! ```
//! use server::Router;
//! use server::files::{ServeDir, ServeFile};
//!
//! let app: Router = Router::new()
//!     .nest_service("/assets", ServeDir::new("assets").precompressed_gzip())
//!     .route_service("/robots.txt", ServeFile::new("assets/robots.txt"));
//! # let _ = app;
//! ```
//!
//! The names are those of the crate tower-http. The file is opened, and read piece by piece,
//! on the pool of threads for work that blocks; a client that reads slowly makes the reading
//! slow, and one piece at a time is in memory.
//!
//! | file | what it is about |
//! |---|---|
//! | `path` | from a URL to a path below the folder, and no other |
//! | `find` | which file it is: index pages, compressed variants, links |
//! | `conditions` | `If-Match` and its like: whether the client needs the file at all |
//! | `range` | which part of it the client wants |
//! | `encoding` | which compressed variants the client takes |
//! | `body` | the pieces, as they are sent |
//! | `respond` | all of it together |

mod body;
mod conditions;
mod encoding;
mod find;
mod http_date;
mod path;
mod range;
mod respond;
mod serve_dir;
mod serve_file;

pub use serve_dir::ServeDir;
pub use serve_file::ServeFile;
