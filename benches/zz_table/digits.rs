//! How many digits a figure needs.

/// `value` with `least` digits behind the point; with more if so few would hide on which side of `most` it
/// lies. (A ratio of 0.604 is not "0.60" beside a goal of 0.60 that it misses.)
pub(super) fn digits(value: f64, least: usize, most: Option<f64>) -> String {
    let tells = |text: &String| {
        let shown: f64 = text.parse().unwrap_or(value);
        most.is_none_or(|most| (shown <= most) == (value <= most))
    };
    (least..least + 6)
        .map(|count| format!("{value:.count$}"))
        .find(tells)
        .unwrap_or_else(|| value.to_string())
}
