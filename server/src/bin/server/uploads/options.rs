//! The limits of uploads, on the command line.

/// How many files a form may have.
pub(super) const FILES: usize = 20;

/// What may be uploaded, and how much of it is kept.
#[derive(clap::Args, Clone, Debug)]
#[group(skip)]
pub(crate) struct Options {
    /// How many bytes a form with files may have.
    #[arg(long, env = "SERVER_MAX_UPLOAD", value_name = "BYTES", default_value_t = 256 << 20)]
    pub(crate) max_upload: u64,

    /// How many bytes each file of a form may have.
    #[arg(long, env = "SERVER_MAX_UPLOAD_FILE", value_name = "BYTES", default_value_t = 128 << 20)]
    pub(crate) max_upload_file: u64,

    /// How many bytes of uploaded files are kept. What would be too much is refused with 507.
    #[arg(long, env = "SERVER_MAX_UPLOADS", value_name = "BYTES", default_value_t = 2 << 30)]
    pub(crate) max_uploads: u64,

    /// How many uploaded files are kept.
    #[arg(
        long,
        env = "SERVER_MAX_UPLOADED_FILES",
        value_name = "NUMBER",
        default_value_t = 1000
    )]
    pub(crate) max_uploaded_files: u64,
}
