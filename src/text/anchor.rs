//! Finding the place of a surface text whose stored offsets no longer fit, or one near it.

use super::segment::word_at;
use text_size::{TextRange, TextSize};
use unicode_segmentation::UnicodeSegmentation;

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

/// The word that is nearest to an offset, the earlier of two equally near; in a text of
/// signs alone its first one, and `None` where the text is empty. O(k) for the k bytes up
/// to the word.
pub fn nearest_word(text: &str, offset: TextSize) -> Option<TextRange> {
    let inside = usize::from(offset).min(text.len());
    let at = (0..=inside).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    if let Some(word) = word_at(text, TextSize::new(at as u32)) {
        return Some(word);
    }
    let range =
        |start: usize, word: &str| TextRange::at(TextSize::new(start as u32), TextSize::of(word));
    let after = text[at..].unicode_word_indices().next();
    let after = after.map(|(start, word)| range(at + start, word));
    let before = text[..at].unicode_word_indices().next_back();
    let before = before.map(|(start, word)| range(start, word));
    let at = TextSize::new(at as u32);
    let distance = |word: &TextRange| {
        u32::from(if word.start() >= at { word.start() - at } else { at - word.end() })
    };
    let word = before.into_iter().chain(after).min_by_key(distance);
    word.or_else(|| text.graphemes(true).next().map(|sign| range(0, sign)))
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

    #[test]
    fn the_nearest_word_is_on_either_side() {
        let near = |text: &str, at| {
            nearest_word(text, TextSize::new(at)).map(|word| text[word].to_owned())
        };
        assert_eq!(near("one … two", 9).as_deref(), Some("two"));
        assert_eq!(near("one … two", 4).as_deref(), Some("one"));
        assert_eq!(near("…!", 900).as_deref(), Some("…"));
        assert_eq!(near("", 3), None);
    }
}
