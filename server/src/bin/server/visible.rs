//! Characters that a reader does not see, in names that come from strangers.

/// Whether the character is not seen, or changes how those beside it are shown: by such characters,
/// one name looks like another (`exe.txt` like `txt.exe`).
pub(crate) fn is_hidden(sign: char) -> bool {
    sign.is_control()
        || matches!(
            sign,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}
