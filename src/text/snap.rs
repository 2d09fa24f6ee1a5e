//! From the place where a pointer went to the text a person means.
//!
//! A drag hits letters; an annotation wants whole words without the spaces,
//! punctuation and possessive ending at its edges. These are pure functions of the
//! text, so that a snap never depends on how the text is laid out.

use super::segment::{floor_char, word_at};
use text_size::{TextRange, TextSize};

/// One end of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Where the range starts.
    Start,
    /// Where the range ends.
    End,
}

/// Widens a dragged range to the words it touches, then trims it as
/// [`trim_to_words`] does. Empty where only spaces or punctuation were touched.
///
/// A bracket or quotation mark stays when its partner lies inside the range, and a
/// closing one that follows directly is taken in, so that `Taliban Pakistan (TTP)`
/// comes out whole.
pub fn snap_to_words(text: &str, dragged: TextRange) -> TextRange {
    if dragged.is_empty() {
        return dragged;
    }
    let start = word_at(text, dragged.start()).map_or(dragged.start(), TextRange::start);
    let last = last_character(text, dragged.end());
    let end = word_at(text, last).map_or(dragged.end(), TextRange::end);
    let trimmed = trim_to_words(text, TextRange::new(start, end));
    close_bracket(text, trimmed)
}

/// Removes spaces, punctuation and a possessive ending from the edges of a range.
pub fn trim_to_words(text: &str, range: TextRange) -> TextRange {
    let mut start = floor_char(text, range.start().into());
    let mut end = floor_char(text, range.end().into());
    while let Some(first) = text[start..end].chars().next() {
        if !is_edge(first) || opens_pair_inside(&text[start..end], first) {
            break;
        }
        start += first.len_utf8();
    }
    while let Some(last) = text[start..end].chars().next_back() {
        if !is_edge(last) || closes_pair_inside(&text[start..end], last) {
            break;
        }
        end -= last.len_utf8();
    }
    end = start + without_possessive(&text[start..end]).len();
    TextRange::new(TextSize::new(start as u32), TextSize::new(end as u32))
}

/// Moves one end of a range outwards or inwards by a word. The range keeps at least
/// one word; at the text's ends it stays as it is.
pub fn move_edge_by_word(text: &str, range: TextRange, edge: Edge, outwards: bool) -> TextRange {
    let moved = match (edge, outwards) {
        (Edge::Start, true) => {
            TextRange::new(super::previous_word_start(text, range.start()), range.end())
        }
        (Edge::Start, false) => {
            let start = super::next_word_start(text, range.start());
            TextRange::new(start.min(range.end()), range.end())
        }
        (Edge::End, true) => {
            let next = word_at(text, range.end())
                .or_else(|| word_at(text, super::next_word_start(text, range.end())));
            TextRange::new(range.start(), next.map_or(range.end(), TextRange::end))
        }
        (Edge::End, false) => {
            let last_word = super::previous_word_start(text, range.end());
            TextRange::new(range.start(), last_word.max(range.start()))
        }
    };
    let trimmed = trim_to_words(text, moved);
    if trimmed.is_empty() { range } else { trimmed }
}

fn last_character(text: &str, end: TextSize) -> TextSize {
    let end = floor_char(text, end.into());
    let last = text[..end].chars().next_back().map_or(0, char::len_utf8);
    TextSize::new((end - last) as u32)
}

fn without_possessive(text: &str) -> &str {
    ["'s", "’s", "'S", "’S"]
        .iter()
        .find_map(|ending| text.strip_suffix(ending))
        .filter(|rest| !rest.is_empty())
        .unwrap_or(text)
}

/// Takes in a closing bracket right after the range when the range holds its open partner.
fn close_bracket(text: &str, range: TextRange) -> TextRange {
    let Some(next) = text[range.end().into()..].chars().next() else { return range };
    let Some(open) = opening_of(next) else { return range };
    let inside = &text[range];
    if inside.matches(open).count() > inside.matches(next).count() {
        return TextRange::new(range.start(), range.end() + TextSize::of(next));
    }
    range
}

fn closes_pair_inside(text: &str, close: char) -> bool {
    opening_of(close).is_some_and(|open| text.matches(open).count() >= text.matches(close).count())
}

fn opens_pair_inside(text: &str, open: char) -> bool {
    // A range that is one quotation or bracket from end to end is meant without its marks.
    let Some(close) = closing_of(open) else { return false };
    let wraps_all =
        text.trim_end_matches(is_plain_edge).ends_with(close) && text.matches(close).count() == 1;
    !wraps_all && text.matches(close).count() >= text.matches(open).count()
}

const PAIRS: [(char, char); 6] =
    [('(', ')'), ('[', ']'), ('{', '}'), ('“', '”'), ('‘', '’'), ('«', '»')];

fn opening_of(close: char) -> Option<char> {
    PAIRS.iter().find(|pair| pair.1 == close).map(|pair| pair.0)
}

fn closing_of(open: char) -> Option<char> {
    PAIRS.iter().find(|pair| pair.0 == open).map(|pair| pair.1)
}

fn is_plain_edge(character: char) -> bool {
    is_edge(character) && opening_of(character).is_none()
}

/// White space and punctuation. Signs that belong to a figure or a name (`$`, `%`, `#`,
/// `@`, `&`, `+`) are part of the word.
fn is_edge(character: char) -> bool {
    if character.is_whitespace() || character.is_control() {
        return true;
    }
    match character {
        '$' | '%' | '#' | '@' | '&' | '+' | '=' => false,
        _ if character.is_ascii_punctuation() => true,
        '¡' | '¿' | '«' | '»' | '·' | '§' | '¶' => true,
        // Hebrew, Arabic and Urdu, Devanagari, Thai.
        '\u{5be}' | '\u{5c0}' | '\u{5c3}' | '\u{5f3}' | '\u{5f4}' => true,
        '\u{60c}' | '\u{61b}' | '\u{61e}' | '\u{61f}' | '\u{66a}'..='\u{66d}' | '\u{6d4}' => true,
        '\u{964}' | '\u{965}' | '\u{970}' | '\u{e2f}' | '\u{e5a}' | '\u{e5b}' => true,
        // General punctuation, zero-width characters and direction marks included.
        '\u{200b}'..='\u{206f}' => true,
        '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}' => true,
        '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' => true,
        '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ff65}' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Drags between the two `|` of a text and gives back what was selected.
    fn drag(marked: &str) -> String {
        let start = marked.find('|').unwrap_or_default();
        let end = marked.rfind('|').unwrap_or_default() - 1;
        let text = marked.replace('|', "");
        let dragged = TextRange::new(TextSize::new(start as u32), TextSize::new(end as u32));
        text[snap_to_words(&text, dragged)].to_owned()
    }

    #[test]
    fn a_drag_takes_whole_words_and_nothing_else() {
        assert_eq!(drag("Sev|eral mili|tants stormed"), "Several militants");
        assert_eq!(drag("he said| “the opera|tion,” is over"), "the operation");
        assert_eq!(drag("in Pak|istan|’s largest city"), "Pakistan");
        assert_eq!(drag("in Pakist|an's| largest city"), "Pakistan");
        assert_eq!(drag("the mili|tants|' base"), "militants");
        assert_eq!(
            drag("Tehrik-e-Tal|iban Pakistan (T|TP), was"),
            "Tehrik-e-Taliban Pakistan (TTP)"
        );
        assert_eq!(
            drag("Tehrik-e-Tal|iban Pakistan (TTP),| was"),
            "Tehrik-e-Taliban Pakistan (TTP)"
        );
        assert_eq!(drag("cost |$5 milli|on."), "$5 million");
        assert_eq!(drag("|(TTP),| was"), "TTP");
        assert_eq!(drag("a |“follow-up” twe|et he"), "“follow-up” tweet");
        assert_eq!(drag("one| , |two"), "");
        assert_eq!(drag("پولیس |ہیڈک|وارٹر۔"), "ہیڈکوارٹر");
    }

    #[test]
    fn an_edge_moves_by_whole_words_and_keeps_one() {
        let text = "At least three police officers, he said";
        let find = |needle: &str| {
            let start = text.find(needle).unwrap_or_default() as u32;
            TextRange::at(TextSize::new(start), TextSize::of(needle))
        };
        let three = find("three");
        let moved = move_edge_by_word(text, three, Edge::Start, true);
        assert_eq!(&text[moved], "least three");
        let moved = move_edge_by_word(text, find("police officers"), Edge::End, true);
        assert_eq!(&text[moved], "police officers, he");
        let moved = move_edge_by_word(text, moved, Edge::End, false);
        assert_eq!(&text[moved], "police officers");
        assert_eq!(move_edge_by_word(text, three, Edge::End, false), three);
        assert_eq!(move_edge_by_word(text, three, Edge::Start, false), three);
        let all = find(text);
        assert_eq!(move_edge_by_word(text, all, Edge::Start, true), all);
        assert_eq!(move_edge_by_word(text, all, Edge::End, true), all);
    }
}
