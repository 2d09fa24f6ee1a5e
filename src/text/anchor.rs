//! Finding the place of a surface text whose stored offsets no longer fit.

use text_size::{TextRange, TextSize};

/// The occurrence of `surface` that starts nearest to `offset`, the earlier of two
/// equally near; `None` where the text does not hold it. O(n).
pub fn nearest_occurrence(text: &str, surface: &str, offset: TextSize) -> Option<TextRange> {
    if surface.is_empty() {
        return None;
    }
    text.match_indices(surface)
        .map(|(at, found)| TextRange::at(TextSize::new(at as u32), TextSize::of(found)))
        .min_by_key(|range| u32::from(range.start()).abs_diff(offset.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_place_wins() {
        let text = "police … police … police";
        let at = |offset| nearest_occurrence(text, "police", TextSize::new(offset));
        assert_eq!(at(9).map(TextRange::start), Some(TextSize::new(11)));
        assert_eq!(at(0).map(TextRange::start), Some(TextSize::new(0)));
        assert_eq!(at(9_000).map(TextRange::start), Some(TextSize::new(22)));
        assert_eq!(nearest_occurrence(text, "army", TextSize::new(0)), None);
    }
}
