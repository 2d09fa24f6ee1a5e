//! What is laid out at once: a paragraph, or a part of one that is very long.
//!
//! The cost of a layout grows with its text, so a paragraph of a million characters is
//! cut. The cuts depend on the text alone, at the ends of sentences where there are any:
//! cutting at the ends of rows would need the rows of everything before, and would move
//! with the window's width. Lines of white space take no room and make no piece. How a
//! piece is set is not known here.

use crate::text::{Paragraph, ParagraphKind, TextRange, TextSize, grapheme_at};

/// Paragraphs up to this many bytes stay whole.
const WHOLE: usize = 6144;
/// A cut is looked for from this many bytes of a piece on, up to twice as many.
const SHORTEST: usize = 3072;

/// What ends a sentence before a space.
const STOPS: [char; 6] = ['.', '!', '?', '۔', '؟', '।'];
/// What ends a sentence without one.
const WIDE_STOPS: [char; 3] = ['。', '！', '？'];

/// A part of the text that is laid out at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Its bytes, without the line feed after it.
    pub(super) range: TextRange,
    /// What its paragraph is to a reader.
    pub(super) kind: ParagraphKind,
    /// Whether its paragraph starts with it.
    pub(super) is_first: bool,
    /// Whether its paragraph ends with it.
    pub(super) is_last: bool,
}

/// The pieces of a text in order, at least one; O(paragraphs + cuts).
pub(super) fn pieces(text: &str, paragraphs: &[Paragraph]) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(paragraphs.len());
    for paragraph in paragraphs.iter().filter(|found| found.kind != ParagraphKind::Blank) {
        let mut start = usize::from(paragraph.range.start());
        let end = usize::from(paragraph.range.end());
        while start < end {
            let stop = if end - start > WHOLE { cut(text, start, end) } else { end };
            pieces.push(Piece {
                range: range(start, stop),
                kind: paragraph.kind,
                is_first: start == usize::from(paragraph.range.start()),
                is_last: stop == end,
            });
            start = stop;
        }
    }
    if pieces.is_empty() {
        let kind = ParagraphKind::Body;
        pieces.push(Piece { range: range(0, 0), kind, is_first: true, is_last: true });
    }
    pieces
}

fn range(start: usize, end: usize) -> TextRange {
    TextRange::new(TextSize::new(start as u32), TextSize::new(end as u32))
}

/// Where to cut what starts at `start` and is longer than a piece: after a sentence,
/// else after a space, else between two characters.
fn cut(text: &str, start: usize, end: usize) -> usize {
    let from = text.floor_char_boundary(start + SHORTEST);
    let to = text.floor_char_boundary((from + SHORTEST).min(end));
    let window = &text[from..to];
    let sentence = window
        .rmatch_indices(STOPS)
        .map(|(at, stop)| at + stop.len())
        .find(|after| window[*after..].starts_with(' '))
        .map(|after| after + 1);
    let wide = || window.rmatch_indices(WIDE_STOPS).next().map(|(at, stop)| at + stop.len());
    let space = || window.rfind(' ').map(|at| at + 1);
    let found = sentence.or_else(wide).or_else(space).map(|at| from + at);
    let letter = || usize::from(grapheme_at(text, TextSize::new(to as u32)).start()).max(from);
    found.unwrap_or_else(letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::paragraphs;

    fn check(text: &str) -> Vec<Piece> {
        let pieces = pieces(text, &paragraphs(text, ""));
        let shown: String = pieces.iter().map(|piece| &text[piece.range]).collect();
        let letters = |text: &str| text.replace(char::is_whitespace, "");
        assert_eq!(letters(&shown), letters(text));
        assert!(pieces.iter().all(|piece| piece.range.len() <= TextSize::new(WHOLE as u32)));
        pieces
    }

    #[test]
    fn a_long_paragraph_is_cut_after_sentences() {
        let text = "Officials said that the market was open again. ".repeat(2000);
        let text = format!("A headline\n{text}\nThe last words.");
        let pieces = check(&text);
        assert!(pieces.len() > 15, "{}", pieces.len());
        for piece in &pieces[1..pieces.len() - 2] {
            assert!(text[piece.range].ends_with(". "), "{:?}", &text[piece.range]);
        }
        assert!(pieces[0].is_first && pieces[0].is_last);
        assert!(pieces[1].is_first && !pieces[1].is_last);
    }

    #[test]
    fn text_without_spaces_is_cut_between_characters() {
        check(&"警察说有三人在爆炸中受伤".repeat(1000));
        check(&"👩‍👩‍👧".repeat(1000));
        check(&"a".repeat(100_000));
        check("");
        check("\n\n");
    }
}
