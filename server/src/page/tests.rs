use std::collections::HashMap;

use super::*;

/// The colours of a scheme, by their names: all `--name: #rrggbb` of one block.
fn colours(block: &str) -> HashMap<&str, [f64; 3]> {
    let block = &block[..block.find('}').expect("an end")];
    block.split(';').filter_map(colour).collect()
}

fn colour(declaration: &str) -> Option<(&str, [f64; 3])> {
    let (name, value) = declaration.trim().strip_prefix("--")?.split_once(": #")?;
    let channel = |at| u8::from_str_radix(&value[at..at + 2], 16).map(f64::from);
    let rgb = [0, 2, 4].map(|at| channel(at).expect("two digits") / 255.0);
    Some((name, rgb))
}

/// Relative luminance, as WCAG 2.2 defines it.
fn luminance(rgb: [f64; 3]) -> f64 {
    let [r, g, b] = rgb.map(|channel| match channel <= 0.04045 {
        true => channel / 12.92,
        false => ((channel + 0.055) / 1.055).powf(2.4),
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// Contrast ratio, as WCAG 2.2 defines it: 1 to 21.
fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn black_on_white_has_the_contrast_that_the_definition_says() {
    assert!((contrast([0.0; 3], [1.0; 3]) - 21.0).abs() < 1e-9);
    let grey = [f64::from(0x76) / 255.0; 3];
    assert!(
        (contrast(grey, [1.0; 3]) - 4.54).abs() < 0.01,
        "a known pair"
    );
}

#[test]
fn text_can_be_read_in_light_and_in_dark() {
    let schemes: Vec<_> = HTML.split(":root {").skip(1).map(colours).collect();
    assert_eq!(schemes.len(), 2, "light and dark");
    for scheme in schemes {
        let text = ["ink", "faint", "warp", "weft"];
        let ground = ["paper", "card", "code"];
        let mut pairs: Vec<_> = text
            .iter()
            .flat_map(|text| ground.iter().map(move |ground| (*text, *ground, 4.5)))
            .collect();
        // The button; and what shows where a field is, which is no text (1.4.11).
        pairs.extend([("paper", "warp", 4.5), ("paper", "weft", 4.5)]);
        pairs.extend(ground.map(|ground| ("edge", ground, 3.0)));
        for (text, ground, least) in pairs {
            let ratio = contrast(scheme[text], scheme[ground]);
            assert!(ratio >= least, "{text} on {ground}: {ratio:.2}");
        }
    }
}

#[test]
fn the_page_names_no_colour_outside_of_its_two_schemes() {
    let style = &HTML[HTML.find("<style>").expect("a style")..];
    let style = &style[..style.find("</style>").expect("its end")];
    for line in style.lines().filter(|line| line.contains('#')) {
        assert!(line.trim().starts_with("--"), "{line}");
    }
}

#[test]
fn the_commands_name_the_address_that_was_asked_at() {
    for addr in [
        "example.org",
        "localhost:8080",
        "[::1]:3000",
        "10.0.0.1:80",
        "a_b-c",
    ] {
        let page = html(addr.as_bytes());
        assert!(
            page.contains(&format!("curl -i 'http://{addr}/api/data'\n")),
            "{addr}"
        );
        assert!(!page.contains(DEFAULT));
        assert_eq!(page.matches(addr).count(), HTML.matches(DEFAULT).count());
    }
}

#[test]
fn an_address_that_could_be_anything_else_is_not_repeated() {
    let long = "a".repeat(256);
    for addr in [
        "",
        "<script>alert(1)</script>",
        "x\"onload=y",
        "x'y",
        "x&lt;",
        "x;reboot",
        "$(reboot)",
        "`reboot`",
        "x%3Cb%3E",
        "x y",
        "x/y",
        "-o",
        "sch\u{f6}n.de",
        &long,
    ] {
        assert_eq!(html(addr.as_bytes()), HTML, "{addr:?}");
    }
    assert_eq!(html(b"\xff\xfe"), HTML);
}

#[test]
fn the_icon_is_one_picture_of_16_by_16() {
    let word = |at: usize| u32::from_le_bytes(ICON[at..at + 4].try_into().expect("four bytes"));
    assert_eq!(ICON[..8], [0, 0, 1, 0, 1, 0, 16, 16]);
    assert_eq!((word(14) + word(18)) as usize, ICON.len());
}
