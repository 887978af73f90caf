//! `tower_http`, with our services for files: its own ask for bodies that are `Send`
//! (server/DIFFERENCES.md, "Not there yet").

#![forbid(unsafe_code)]

pub use tower_http::*;

/// Services.
pub mod services {
    pub use server::files::{ServeDir, ServeFile};
    pub use tower_http::services::*;

    /// Files.
    pub mod fs {
        pub use server::files::{ServeDir, ServeFile};
    }
}
