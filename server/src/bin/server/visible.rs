//! Characters that a reader does not see, in names that come from strangers.

/// Whether the character is not seen, or changes how those beside it are shown: by such characters,
/// one name looks like another (`exe.txt` like `txt.exe`).
pub(crate) fn is_hidden(sign: char) -> bool {
    sign.is_control()
        || matches!(
            sign,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_told_from_letters_of_all_scripts() {
        for sign in
            "\u{ad}\u{34f}\u{61c}\u{180e}\u{200b}\u{202e}\u{2800}\u{3164}\u{fe0f}\u{e0041}".chars()
        {
            assert!(is_hidden(sign), "{sign:?}");
        }
        for sign in "aZ9-_.\u{e9}\u{301}\u{5d0}\u{627}\u{915}\u{4e2d}\u{1f600} ".chars() {
            assert!(!is_hidden(sign), "{sign:?}");
        }
    }
}
