//! Characters that a reader does not see, in names that come from strangers.

/// Whether the character is not seen, looks like a blank, or changes how those beside it are shown: by such characters,
/// one name looks like another (`exe.txt` like `txt.exe`).
pub(crate) fn is_hidden(sign: char) -> bool {
    sign.is_control()
        || matches!(
            sign,
            '\u{a0}' | '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{115f}' | '\u{1160}'
                | '\u{1680}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}'
                | '\u{2800}' | '\u{3000}' | '\u{3164}' | '\u{e000}'..='\u{f8ff}'
                | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffc}'
                | '\u{13430}'..='\u{1345f}' | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Whether the character changes how those beside it are shown, or shows nothing and means nothing. Words that name no
/// file and no person to others may have all else: a joiner is a part of Persian and of many signs, and a blank that does
/// not break stands in a French name.
pub(crate) fn is_misleading(sign: char) -> bool {
    sign.is_control()
        || matches!(
            sign,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_may_have_what_a_script_needs_and_nothing_that_turns_others_around() {
        let misleading = "\n\u{7f}\u{61c}\u{200b}\u{200e}\u{202e}\u{2066}\u{feff}";
        assert!(misleading.chars().all(is_misleading));
        let needed = "aZ \u{a0}\u{200c}\u{200d}\u{3000}\u{fe0f}\u{301}\u{5d0}\u{1f600}";
        assert!(!needed.chars().any(is_misleading));
    }

    #[test]
    fn what_is_not_seen_is_told_from_letters_of_all_scripts() {
        for sign in
            "\u{ad}\u{34f}\u{61c}\u{180e}\u{200b}\u{202e}\u{2800}\u{3164}\u{fe0f}\u{e0041}\u{a0}\u{2003}\u{17b4}\u{1d173}\u{fffc}\u{e000}".chars()
        {
            assert!(is_hidden(sign), "{sign:?}");
        }
        for sign in "aZ9-_.\u{e9}\u{301}\u{5d0}\u{627}\u{915}\u{4e2d}\u{1f600} ".chars() {
            assert!(!is_hidden(sign), "{sign:?}");
        }
    }
}
