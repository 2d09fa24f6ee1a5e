//! Graphemes, words and sentences around a place in a text.
//!
//! Boundaries are those of Unicode Standard Annex 29, found in a window around the
//! place, so that the cost does not grow with the text. Words joined by hyphens count
//! as one (`Tehrik-e-Taliban`), and a sentence does not end after a title (`Dr. Syed`).

use text_size::{TextRange, TextSize};
use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

/// The bytes looked at on either side of a place before giving up on a natural edge.
const WINDOW: usize = 2048;

/// Titles and ranks after which a full stop does not end a sentence.
const TITLES: [&str; 22] = [
    "Mr.", "Mrs.", "Ms.", "Dr.", "Prof.", "Gen.", "Col.", "Lt.", "Sgt.", "Capt.", "Maj.", "Brig.",
    "Cpl.", "Insp.", "Supt.", "Sen.", "Rep.", "Gov.", "Rev.", "St.", "Mt.", "No.",
];

/// The grapheme that holds the offset, or an empty range at the end of the text.
pub fn grapheme_at(text: &str, offset: TextSize) -> TextRange {
    let offset = floor_char(text, offset.into());
    let mut cursor = GraphemeCursor::new(offset, text.len(), true);
    let at_edge = cursor.is_boundary(text, 0).unwrap_or(true);
    let start = if at_edge { offset } else { previous_grapheme_from(text, offset) };
    range(start, next_grapheme_from(text, start))
}

/// The start of the grapheme after the one that holds the offset; the text's end at the end.
pub fn next_grapheme(text: &str, offset: TextSize) -> TextSize {
    size(next_grapheme_from(text, floor_char(text, offset.into())))
}

/// The start of the grapheme that ends at or holds the offset; zero at the start.
pub fn previous_grapheme(text: &str, offset: TextSize) -> TextSize {
    size(previous_grapheme_from(text, floor_char(text, offset.into())))
}

/// The word that holds the offset, hyphenated parts included; `None` on spaces,
/// punctuation and at the end.
pub fn word_at(text: &str, offset: TextSize) -> Option<TextRange> {
    let offset = floor_char(text, offset.into());
    let piece = piece_at(text, offset)?;
    if !is_word(&text[piece.clone()]) {
        return None;
    }
    let mut start = piece.start;
    while let Some(joined) = joined_before(text, start) {
        start = joined;
    }
    let mut end = piece.end;
    while let Some(joined) = joined_after(text, end) {
        end = joined;
    }
    Some(range(start, end))
}

/// The start of the first word that begins after the offset; the text's end if there is none.
pub fn next_word_start(text: &str, offset: TextSize) -> TextSize {
    let offset = floor_char(text, offset.into());
    let mut from = word_at(text, size(offset)).map_or(offset, |word| word.end().into());
    while let Some(character) = text[from..].chars().next() {
        if word_at(text, size(from)).is_some() {
            break;
        }
        from += character.len_utf8();
    }
    size(from)
}

/// The start of the last word that begins before the offset; zero if there is none.
pub fn previous_word_start(text: &str, offset: TextSize) -> TextSize {
    let mut from = floor_char(text, offset.into());
    while let Some(character) = text[..from].chars().next_back() {
        from -= character.len_utf8();
        if let Some(word) = word_at(text, size(from)) {
            return word.start();
        }
    }
    size(0)
}

/// The sentence that holds the offset, without the spaces after it; never more than
/// its paragraph.
pub fn sentence_at(text: &str, offset: TextSize) -> TextRange {
    let offset = floor_char(text, offset.into());
    let line_start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[offset..].find('\n').map_or(text.len(), |at| offset + at);
    let from = floor_char(text, line_start.max(offset.saturating_sub(WINDOW)));
    let to = floor_char(text, line_end.min(offset + WINDOW));
    let mut found = from..from;
    for (at, sentence) in text[from..to].split_sentence_bound_indices() {
        let end = from + at + sentence.len();
        let goes_on = TITLES.iter().any(|title| text[found.clone()].trim_end().ends_with(title));
        if !goes_on && found.end > offset {
            break;
        }
        if !goes_on {
            found.start = from + at;
        }
        found.end = end;
    }
    let trimmed = text[found.clone()].trim_end().len();
    range(found.start, found.start + trimmed)
}

/// The piece of Unicode word segmentation that holds the offset.
fn piece_at(text: &str, offset: usize) -> Option<std::ops::Range<usize>> {
    if offset >= text.len() {
        return None;
    }
    let from = window_start(text, offset);
    let to = floor_char(text, (offset + WINDOW).min(text.len()));
    text[from..to]
        .split_word_bound_indices()
        .map(|(at, piece)| from + at..from + at + piece.len())
        .find(|piece| piece.contains(&offset))
}

/// The last white space before the offset, at which word segmentation can safely start.
fn window_start(text: &str, offset: usize) -> usize {
    let from = floor_char(text, offset.saturating_sub(WINDOW));
    text[from..offset].rfind([' ', '\n', '\t']).map_or(from, |at| from + at)
}

fn joined_before(text: &str, start: usize) -> Option<usize> {
    let hyphen = text[..start].chars().next_back().filter(|c| is_hyphen(*c))?;
    let before = start - hyphen.len_utf8();
    let last = text[..before].chars().next_back()?;
    let piece = piece_at(text, before - last.len_utf8())?;
    is_word(&text[piece.clone()]).then_some(piece.start)
}

fn joined_after(text: &str, end: usize) -> Option<usize> {
    let hyphen = text[end..].chars().next().filter(|c| is_hyphen(*c))?;
    let piece = piece_at(text, end + hyphen.len_utf8())?;
    is_word(&text[piece.clone()]).then_some(piece.end)
}

fn is_word(piece: &str) -> bool {
    piece.chars().any(char::is_alphanumeric)
}

fn is_hyphen(character: char) -> bool {
    matches!(character, '-' | '\u{2010}' | '\u{2011}' | '\u{5be}')
}

fn next_grapheme_from(text: &str, offset: usize) -> usize {
    let mut cursor = GraphemeCursor::new(offset, text.len(), true);
    cursor.next_boundary(text, 0).ok().flatten().unwrap_or(text.len())
}

fn previous_grapheme_from(text: &str, offset: usize) -> usize {
    let mut cursor = GraphemeCursor::new(offset, text.len(), true);
    cursor.prev_boundary(text, 0).ok().flatten().unwrap_or(0)
}

/// The nearest character boundary at or before a byte position.
pub(super) fn floor_char(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at)
}

fn size(at: usize) -> TextSize {
    TextSize::new(at as u32)
}

fn range(start: usize, end: usize) -> TextRange {
    TextRange::new(size(start), size(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, needle: &str) -> TextSize {
        size(text.find(needle).unwrap_or_default())
    }

    #[test]
    fn a_grapheme_is_what_a_reader_calls_a_character() {
        let text = "e\u{301}👩‍👩‍👧x";
        assert_eq!(&text[grapheme_at(text, size(1))], "e\u{301}");
        assert_eq!(&text[grapheme_at(text, size(7))], "👩‍👩‍👧");
        assert_eq!(next_grapheme(text, size(0)), size(3));
        assert_eq!(previous_grapheme(text, size(text.len())), size(text.len() - 1));
        assert!(grapheme_at(text, size(text.len())).is_empty());
    }

    #[test]
    fn hyphens_join_words_and_spaces_do_not() {
        let text = "the Tehrik-e-Taliban Pakistan";
        assert_eq!(word_at(text, at(text, "-e-")), None);
        let word = word_at(text, at(text, "e-Tal")).map(|word| &text[word]);
        assert_eq!(word, Some("Tehrik-e-Taliban"));
        assert_eq!(word_at(text, at(text, " Tehrik")), None);
    }

    #[test]
    fn word_starts_step_over_punctuation() {
        let text = "one, (two) three";
        assert_eq!(next_word_start(text, size(0)), at(text, "two"));
        assert_eq!(next_word_start(text, at(text, "three")), size(text.len()));
        assert_eq!(previous_word_start(text, at(text, "three")), at(text, "two"));
        assert_eq!(previous_word_start(text, size(0)), size(0));
    }

    #[test]
    fn a_title_does_not_end_a_sentence() {
        let text = "Eight were hurt. Dr. Syed said so. He left.\nNext paragraph";
        let sentence = sentence_at(text, at(text, "Syed"));
        assert_eq!(&text[sentence], "Dr. Syed said so.");
        assert_eq!(&text[sentence_at(text, at(text, "left"))], "He left.");
        assert_eq!(&text[sentence_at(text, at(text, "paragraph"))], "Next paragraph");
    }
}
