//! From the place where a pointer went to the text a person means.
//!
//! A drag hits letters; an annotation wants whole words without the spaces,
//! punctuation and possessive ending at its edges. These are pure functions of the
//! text, so that a snap never depends on how the text is laid out.

use super::segment::{
    ceil_grapheme, floor_grapheme, grapheme_at, is_grapheme_edge, previous_grapheme, word_at,
};
use text_size::{TextRange, TextSize};

/// How often a range is snapped until it stays. Brackets that overlap each other may
/// take a second round; more is unheard of.
const MOST_ROUNDS: usize = 8;

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
/// comes out whole. What was snapped once stays as it is when it is snapped again.
pub fn snap_to_words(text: &str, dragged: TextRange) -> TextRange {
    let mut range = dragged;
    for _ in 0..MOST_ROUNDS {
        let snapped = snap_once(text, range);
        if snapped == range {
            break;
        }
        range = snapped;
    }
    range
}

fn snap_once(text: &str, dragged: TextRange) -> TextRange {
    let dragged = whole_graphemes(text, dragged);
    if dragged.is_empty() {
        return dragged;
    }
    let start = word_at(text, dragged.start()).map_or(dragged.start(), TextRange::start);
    let last = previous_grapheme(text, dragged.end());
    let end = word_at(text, last).map_or(dragged.end(), TextRange::end);
    let trimmed = trim_to_words(text, TextRange::new(start, end));
    close_brackets(text, trimmed)
}

/// Removes spaces, punctuation and a possessive ending from the edges of a range.
pub fn trim_to_words(text: &str, range: TextRange) -> TextRange {
    let range = whole_graphemes(text, range);
    let (mut start, mut end) = (range.start(), range.end());
    while start < end {
        let inside = &text[TextRange::new(start, end)];
        let first = grapheme_at(text, start);
        if !is_edge(&text[first]) || opens_pair_inside(inside, &text[first]) {
            break;
        }
        start = first.end();
    }
    while start < end {
        let inside = &text[TextRange::new(start, end)];
        let last = TextRange::new(previous_grapheme(text, end), end);
        if !is_edge(&text[last]) || closes_pair_inside(inside, &text[last]) {
            break;
        }
        end = last.start();
    }
    let kept = start + TextSize::of(without_possessive(&text[TextRange::new(start, end)]));
    let end = if is_grapheme_edge(text, kept.into()) { kept } else { end };
    TextRange::new(start, end)
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
        (Edge::End, true) => TextRange::new(range.start(), next_word_end(text, range)),
        (Edge::End, false) => {
            let last_word = super::previous_word_start(text, range.end());
            TextRange::new(range.start(), last_word.max(range.start()))
        }
    };
    let trimmed = trim_to_words(text, moved);
    if trimmed.is_empty() { range } else { trimmed }
}

/// The end of the word that the range breaks off in, or of the next one. A possessive
/// ending that was trimmed off is not a word to go on to.
fn next_word_end(text: &str, range: TextRange) -> TextSize {
    let rest = word_at(text, range.end()).map(TextRange::end);
    let grows = |end: &TextSize| {
        trim_to_words(text, TextRange::new(range.start(), *end)).end() > range.end()
    };
    let next = || word_at(text, super::next_word_start(text, range.end())).map(TextRange::end);
    rest.filter(grows).or_else(next).unwrap_or(range.end())
}

fn whole_graphemes(text: &str, range: TextRange) -> TextRange {
    let start = floor_grapheme(text, range.start().into());
    let end = if range.is_empty() { start } else { ceil_grapheme(text, range.end().into()) };
    TextRange::new(TextSize::new(start as u32), TextSize::new(end as u32))
}

fn without_possessive(text: &str) -> &str {
    ["'s", "’s", "'S", "’S"]
        .iter()
        .find_map(|ending| text.strip_suffix(ending))
        .filter(|rest| !rest.is_empty())
        .unwrap_or(text)
}

/// Takes in the closing brackets right after the range whose open partners it holds.
fn close_brackets(text: &str, range: TextRange) -> TextRange {
    let next = grapheme_at(text, range.end());
    let inside = &text[range];
    let closes = opening_of(&text[next])
        .is_some_and(|open| inside.matches(open).count() > inside.matches(&text[next]).count());
    if closes { close_brackets(text, range.cover(next)) } else { range }
}

fn closes_pair_inside(text: &str, close: &str) -> bool {
    opening_of(close).is_some_and(|open| text.matches(open).count() >= text.matches(close).count())
}

fn opens_pair_inside(text: &str, open: &str) -> bool {
    // A range that is one quotation or bracket from end to end is meant without its marks.
    let Some(close) = closing_of(open) else { return false };
    let wraps_all =
        text.trim_end_matches(is_plain_edge).ends_with(close) && text.matches(close).count() == 1;
    !wraps_all && text.matches(close).count() >= text.matches(open).count()
}

const PAIRS: [(char, char); 19] = [
    ('(', ')'),
    ('[', ']'),
    ('{', '}'),
    ('“', '”'),
    ('‘', '’'),
    ('«', '»'),
    ('‹', '›'),
    ('「', '」'),
    ('『', '』'),
    ('《', '》'),
    ('〈', '〉'),
    ('（', '）'),
    ('【', '】'),
    ('〔', '〕'),
    ('〖', '〗'),
    ('［', '］'),
    ('｛', '｝'),
    ('｢', '｣'),
    ('﴿', '﴾'),
];

fn opening_of(close: &str) -> Option<char> {
    PAIRS.iter().find(|pair| is_only(close, pair.1)).map(|pair| pair.0)
}

fn closing_of(open: &str) -> Option<char> {
    PAIRS.iter().find(|pair| is_only(open, pair.0)).map(|pair| pair.1)
}

fn is_only(grapheme: &str, character: char) -> bool {
    grapheme.strip_prefix(character) == Some("")
}

fn is_plain_edge(character: char) -> bool {
    is_edge_character(character) && PAIRS.iter().all(|pair| pair.1 != character)
}

/// A grapheme with a letter, a picture or a mark in it is no edge, whatever its
/// characters are by themselves.
fn is_edge(grapheme: &str) -> bool {
    grapheme.chars().all(is_edge_character)
}

/// White space and punctuation. Signs that belong to a figure or a name (`$`, `%`, `#`,
/// `@`, `&`, `+`, also in Arabic and full width) are part of the word, and so are the
/// signs of abbreviation of Hebrew (geresh) and Thai.
fn is_edge_character(character: char) -> bool {
    if character.is_whitespace() || character.is_control() {
        return true;
    }
    match character {
        '$' | '%' | '#' | '@' | '&' | '+' | '=' => false,
        '＄' | '％' | '＃' | '＠' | '＆' | '＋' => false,
        _ if character.is_ascii_punctuation() => true,
        '¡' | '¿' | '«' | '»' | '·' | '§' | '¶' => true,
        // Hebrew, Arabic and Urdu, Devanagari.
        '\u{5be}' | '\u{5c0}' | '\u{5c3}' | '\u{5f4}' => true,
        '\u{60c}' | '\u{61b}' | '\u{61e}' | '\u{61f}' | '\u{66b}'..='\u{66d}' => true,
        '\u{61c}' | '\u{6d4}' | '\u{fd3e}' | '\u{fd3f}' | '\u{feff}' => true,
        '\u{964}' | '\u{965}' | '\u{970}' => true,
        // Thai, Burmese, Khmer.
        '\u{e4f}' | '\u{e5a}' | '\u{e5b}' | '\u{104a}'..='\u{104f}' => true,
        '\u{17d4}'..='\u{17d6}' | '\u{17d8}'..='\u{17da}' => true,
        // General punctuation, zero-width characters and direction marks included.
        '\u{200b}'..='\u{206f}' => true,
        // Chinese and Japanese, full width and half width.
        '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}' => true,
        '\u{30fb}' | '\u{fe10}'..='\u{fe19}' | '\u{fe30}'..='\u{fe4f}' => true,
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
