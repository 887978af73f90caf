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

    /// How many bytes each file of a form may have. By default 128 MiB, or --max-upload if that is less.
    #[arg(long, env = "SERVER_MAX_UPLOAD_FILE", value_name = "BYTES")]
    pub(crate) max_upload_file: Option<u64>,

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

impl Options {
    /// How many bytes each file of a form may have.
    pub(crate) fn largest_file(&self) -> u64 {
        const USUAL: u64 = 128 << 20;
        let usual = USUAL.min(self.max_upload);
        self.max_upload_file.unwrap_or(usual)
    }

    /// Refuses limits of which one makes the other mean nothing.
    pub(crate) fn check(&self) -> Result<(), String> {
        let (file, form) = (self.largest_file(), self.max_upload);
        match file > form {
            false => Ok(()),
            true => Err(format!(
                "--max-upload-file {file} is more than --max-upload {form}: a form with such a file would be \
                 refused; lower the one or raise the other"
            )),
        }
    }
}
