use std::collections::HashMap;

use super::*;

const STYLE: &str = include_str!("../style.css");

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
    let schemes: Vec<_> = STYLE.split(":root {").skip(1).map(colours).collect();
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
    for line in STYLE.lines().filter(|line| line.contains('#')) {
        assert!(line.trim().starts_with("--"), "{line}");
    }
}

#[test]
fn text_of_a_stranger_stays_text_in_html() {
    let text = "<script>\"&'";
    assert_eq!(escape(text), "&lt;script&gt;&quot;&amp;&#39;");
}
