//! A form with files, as a browser sends it: for tests.

/// Its content type.
pub(crate) const KIND: &str = "multipart/form-data; boundary=b";

/// The body of a form that has these files: each a name and its content.
pub(crate) fn form(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut form = Vec::new();
    for (name, content) in files {
        let head = format!(
            "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        );
        form.extend_from_slice(head.as_bytes());
        form.extend_from_slice(content);
        form.extend_from_slice(b"\r\n");
    }
    form.extend_from_slice(b"--b--\r\n");
    form
}
