//! Graphemes, words and sentences around a place in a text.
//!
//! Boundaries are those of Unicode Standard Annex 29, found in a window around the
//! place, so that the cost does not grow with the text. Words joined by hyphens count
//! as one (`Tehrik-e-Taliban`), scripts without spaces are divided by `unspaced`, and
//! no word begins or ends inside a grapheme. A sentence does not end after a title
//! (`Dr. Syed`), and never leaves an opening quotation mark behind. Thai and Lao mark
//! no end of a sentence: what stands between two of their spaces is taken for one.

use super::unspaced::{is_unspaced, word_of_run};
use std::ops::Range;
use text_size::{TextRange, TextSize};
use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

/// The bytes looked at on either side of a place before giving up on a natural edge.
const WINDOW: usize = 2048;

/// The bytes on either side of a place that say where a grapheme begins and ends. A run
/// of flags is divided from a multiple of it, so that what is a flag depends little on
/// the place asked for.
const GRAPHEME: usize = 256;

/// The parts on either side that hyphens join to a word; nobody writes as many.
const JOINED: usize = 16;

/// The bytes of a run of letters without spaces that are looked at on either side of a
/// place: some 250 letters, many times what stands between two punctuation marks.
const REACH: usize = 768;

/// Titles and ranks after which a full stop does not end a sentence.
const TITLES: [&str; 25] = [
    "Mr.", "Mrs.", "Ms.", "Dr.", "Prof.", "Gen.", "Col.", "Lt.", "Sgt.", "Capt.", "Maj.", "Brig.",
    "Cpl.", "Insp.", "Supt.", "Sen.", "Rep.", "Gov.", "Rev.", "St.", "Mt.", "No.", "د.", "डॉ.",
    "पं.",
];

/// The grapheme that holds the offset, or an empty range at the end of the text.
pub fn grapheme_at(text: &str, offset: TextSize) -> TextRange {
    let start = floor_grapheme(text, offset.into());
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
/// punctuation and at the end. Every place in a word gives the same word, unless it is
/// longer than what is looked at or joined from more parts than anybody writes.
pub fn word_at(text: &str, offset: TextSize) -> Option<TextRange> {
    let piece = piece_at(text, offset.into()).filter(|piece| is_word(&text[piece.clone()]))?;
    Some(joined(text, piece))
}

/// A piece that is a word, with the words that hyphens join to it.
fn joined(text: &str, piece: Range<usize>) -> TextRange {
    if starts_unspaced(text, piece.start) {
        return range(piece.start, piece.end);
    }
    let before = |start: &usize| joined_before(text, *start);
    let after = |end: &usize| joined_after(text, *end);
    let start = std::iter::successors(Some(piece.start), before).take(JOINED).last();
    let end = std::iter::successors(Some(piece.end), after).take(JOINED).last();
    range(start.unwrap_or(piece.start), end.unwrap_or(piece.end))
}

/// The start of the first word that begins after the offset; the text's end if there is
/// none. O(distance).
pub fn next_word_start(text: &str, offset: TextSize) -> TextSize {
    let offset = floor_char(text, offset.into());
    let mut from = word_at(text, size(offset)).map_or(offset, |word| word.end().into());
    while let Some(first) = text[from..].chars().next() {
        if first.is_whitespace() {
            from += first.len_utf8();
            continue;
        }
        let pieces = pieces_around(text, from);
        let after = pieces.iter().filter(|piece| piece.start >= from);
        if let Some(word) = after.clone().find(|piece| is_word(&text[(*piece).clone()])) {
            return size(word.start);
        }
        let end = pieces.last().map_or(from, |piece| piece.end);
        from = end.max(from + first.len_utf8());
    }
    size(from)
}

/// The start of the last word that begins before the offset; zero if there is none.
/// O(distance).
pub fn previous_word_start(text: &str, offset: TextSize) -> TextSize {
    let mut from = floor_char(text, offset.into());
    while let Some(last) = text[..from].chars().next_back() {
        let before = from - last.len_utf8();
        if last.is_whitespace() {
            from = before;
            continue;
        }
        let pieces = pieces_around(text, before);
        let mut earlier = pieces.iter().rev().filter(|piece| piece.start < from);
        if let Some(word) = earlier.find(|piece| is_word(&text[(*piece).clone()])) {
            return joined(text, word.clone()).start();
        }
        from = pieces.first().map_or(before, |piece| piece.start).min(before);
    }
    size(0)
}

/// Where the words of a text start, as [`word_at`] has them; O(n).
pub fn word_starts(text: &str) -> Vec<TextSize> {
    let mut starts = Vec::new();
    let mut word_end = None;
    let mut at = 0;
    while at < text.len() {
        let pieces = pieces_around(text, at);
        // The piece that is begun in is one that an earlier turn has been through.
        let next = pieces.first().map_or(text.len(), |piece| piece.end);
        let from = std::mem::replace(&mut at, next);
        for piece in pieces.into_iter().filter(|piece| piece.start >= from) {
            at = piece.end;
            if !is_word(&text[piece.clone()]) {
                continue;
            }
            let hyphen = text[..piece.start].chars().next_back().filter(|c| is_hyphen(*c));
            let before = hyphen.map(|hyphen| piece.start - hyphen.len_utf8());
            let goes_on = before.is_some() && before == word_end && is_joined(text, &piece);
            if !goes_on {
                starts.push(size(piece.start));
            }
            word_end = (!starts_unspaced(text, piece.start)).then_some(piece.end);
        }
    }
    starts
}

/// The sentence that holds the offset, without the spaces after it; never more than
/// its paragraph.
pub fn sentence_at(text: &str, offset: TextSize) -> TextRange {
    let offset = floor_char(text, offset.into());
    let line_start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[offset..].find('\n').map_or(text.len(), |at| offset + at);
    let mut from = floor_char(text, line_start.max(offset.saturating_sub(WINDOW)));
    let mut to = floor_char(text, line_end.min(offset + WINDOW));
    // What is longer than the window is cut between words where it has any.
    if from > line_start {
        from = text[from..offset].find(' ').map_or(from, |space| from + space + 1);
    }
    if to < line_end {
        to = text[offset..to].rfind(' ').map_or(to, |space| offset + space);
    }
    let line = &text[from..to];
    let sentence = phrase_of(line, sentence_of(line, offset - from), offset - from);
    let trimmed = line[sentence.clone()].trim_end().len();
    range(from + sentence.start, from + sentence.start + trimmed)
}

fn sentence_of(line: &str, at: usize) -> Range<usize> {
    let mut start = 0;
    for (piece_at, piece) in line.split_sentence_bound_indices() {
        let end = without_opening(line, start, piece_at + piece.len());
        if sentence_goes_on(&line[start..end], &line[end..]) {
            continue;
        }
        if end > at {
            return start..end;
        }
        start = end;
    }
    start..line.len()
}

/// The end of a sentence before the quotation marks and brackets that follow it
/// without a space and open the next one: `他走了。「我看见了。」`
fn without_opening(line: &str, start: usize, end: usize) -> usize {
    if end == line.len() {
        return end;
    }
    let kept = line[start..end].trim_end_matches(opens_sentence).len();
    if kept == 0 { end } else { start + kept }
}

fn opens_sentence(character: char) -> bool {
    matches!(
        character,
        '「' | '『' | '《' | '〈' | '（' | '【' | '〔' | '“' | '‘' | '«' | '(' | '['
    )
}

/// After a title, after a full stop in Thai or Lao (an abbreviation there), and where
/// Japanese goes on after a quotation: `「見た。」と話した。`
fn sentence_goes_on(sentence: &str, rest: &str) -> bool {
    let sentence = sentence.trim_end();
    let is_title = |title: &str| {
        let before = sentence.strip_suffix(title);
        before.is_some_and(|before| !before.ends_with(char::is_alphanumeric))
    };
    let is_abbreviation =
        || sentence.strip_suffix('.').is_some_and(|before| before.ends_with(is_thai_or_lao));
    let is_quoted =
        || sentence.ends_with(['」', '』']) && (rest.starts_with('と') || rest.starts_with("って"));
    TITLES.iter().any(|title| is_title(title)) || is_abbreviation() || is_quoted()
}

/// Of a sentence, what stands between two spaces that have Thai or Lao letters on both
/// sides; all of it in other scripts. Spaces beside a figure or a name in Latin letters
/// and before the sign of repetition divide nothing.
fn phrase_of(line: &str, sentence: Range<usize>, at: usize) -> Range<usize> {
    let divides = |space: usize| {
        let before = line[..space].chars().next_back();
        let after = line[space + 1..].chars().next();
        let is_letter = |c: char| is_thai_or_lao(c) && !matches!(c, 'ๆ' | 'ໆ');
        before.is_some_and(is_letter) && after.is_some_and(is_letter)
    };
    let spaces = line[sentence.clone()].match_indices(' ').map(|(space, _)| sentence.start + space);
    let (mut start, mut end) = (sentence.start, sentence.end);
    for space in spaces.filter(|space| divides(*space)) {
        if space >= at {
            end = space;
            break;
        }
        start = space + 1;
    }
    start..end
}

fn is_thai_or_lao(character: char) -> bool {
    matches!(character, '\u{e01}'..='\u{eff}') && is_unspaced(character)
}

/// The piece of word segmentation that holds the offset; pieces cover the text without
/// overlapping and hold whole graphemes.
fn piece_at(text: &str, offset: usize) -> Option<Range<usize>> {
    let at = floor_grapheme(text, offset);
    pieces_around(text, at).into_iter().find(|piece| piece.contains(&at))
}

/// The piece that holds the offset, with its neighbours as far as they can be told from
/// the text around them; none at the text's end.
fn pieces_around(text: &str, offset: usize) -> Vec<Range<usize>> {
    let at = floor_grapheme(text, offset);
    let Some(first) = text[at..].chars().next() else { return Vec::new() };
    if is_unspaced(first) {
        let run = run_at(text, at);
        let word = word_of_run(&text[run.clone()], at - run.start);
        return std::iter::once(run.start + word.start..run.start + word.end).collect();
    }
    if first.is_whitespace() {
        return std::iter::once(at..next_grapheme_from(text, at)).collect();
    }
    let stretch = stretch_at(text, at);
    let mut pieces = Vec::new();
    let mut start = stretch.start;
    for (found, piece) in text[stretch.clone()].split_word_bound_indices() {
        let end = stretch.start + found + piece.len();
        if is_grapheme_edge(text, end) {
            pieces.push(start..end);
            start = end;
        }
    }
    if start < stretch.end {
        pieces.push(start..stretch.end);
    }
    pieces
}

/// The run of letters without spaces around one of them, with the marks on them. One
/// that is longer than anybody writes is cut where its bytes are a multiple of
/// [`REACH`], so that the cut depends little on the place asked for.
fn run_at(text: &str, at: usize) -> Range<usize> {
    let block = at - at % REACH;
    let lowest = floor_grapheme(text, at.saturating_sub(REACH));
    let mut start = at;
    while let Some(before) = text[lowest..start].chars().next_back() {
        let is_letter = is_unspaced(before);
        let letter =
            if is_letter { start - before.len_utf8() } else { previous_grapheme_from(text, start) };
        if !is_letter && !starts_unspaced(text, letter) {
            break;
        }
        start = letter;
    }
    let is_cut = start <= lowest && lowest > 0;
    let start = if is_cut { floor_grapheme(text, block) } else { ceil_grapheme(text, start) };
    let mut end = at;
    while end < block + 2 * REACH {
        match text[end..].chars().next() {
            Some(letter) if is_unspaced(letter) => end += letter.len_utf8(),
            Some(_) if !is_grapheme_edge(text, end) => end = next_grapheme_from(text, end),
            _ => break,
        }
    }
    start..ceil_grapheme(text, end)
}

/// The text around a place that can be divided by itself: from the space or letter
/// without spaces before it to the one after it.
fn stretch_at(text: &str, at: usize) -> Range<usize> {
    let divides = |character: char| character.is_whitespace() || is_unspaced(character);
    let lowest = floor_grapheme(text, at.saturating_sub(WINDOW));
    let before = text[lowest..at].char_indices().rev().find_map(|(found, character)| {
        let found = lowest + found;
        (divides(character) && is_grapheme_edge(text, found))
            .then(|| next_grapheme_from(text, found))
    });
    let highest = ceil_grapheme(text, (at + WINDOW).min(text.len()));
    let after = text[at..highest].char_indices().find_map(|(found, character)| {
        let found = at + found;
        (divides(character) && is_grapheme_edge(text, found)).then_some(found)
    });
    before.unwrap_or(lowest)..after.unwrap_or(highest)
}

fn joined_before(text: &str, start: usize) -> Option<usize> {
    let hyphen = text[..start].chars().next_back().filter(|c| is_hyphen(*c))?;
    let before = start - hyphen.len_utf8();
    let piece = piece_at(text, before.checked_sub(1)?)?;
    (piece.end == before && is_joined(text, &piece)).then_some(piece.start)
}

fn joined_after(text: &str, end: usize) -> Option<usize> {
    let hyphen = text[end..].chars().next().filter(|c| is_hyphen(*c))?;
    let after = end + hyphen.len_utf8();
    let piece = piece_at(text, after)?;
    (piece.start == after && is_joined(text, &piece)).then_some(piece.end)
}

/// Whether a piece is a word that a hyphen joins to another.
fn is_joined(text: &str, piece: &Range<usize>) -> bool {
    is_word(&text[piece.clone()]) && !starts_unspaced(text, piece.start)
}

fn is_word(piece: &str) -> bool {
    piece.chars().any(char::is_alphanumeric)
}

fn is_hyphen(character: char) -> bool {
    matches!(character, '-' | '\u{2010}' | '\u{2011}' | '\u{5be}')
}

fn starts_unspaced(text: &str, at: usize) -> bool {
    text[at..].chars().next().is_some_and(is_unspaced)
}

/// Whether a grapheme begins or ends at a byte position.
pub(super) fn is_grapheme_edge(text: &str, at: usize) -> bool {
    let (near, start) = near(text, at);
    GraphemeCursor::new(at - start, near.len(), true).is_boundary(near, 0).unwrap_or(true)
}

/// The text around a place, and where it starts.
fn near(text: &str, at: usize) -> (&str, usize) {
    let block = at - at % GRAPHEME;
    let start = floor_char(text, block.saturating_sub(GRAPHEME));
    let end = floor_char(text, (block + 2 * GRAPHEME).min(text.len()));
    (&text[start..end.max(at)], start)
}

/// The grapheme boundary at or before a byte position.
pub(super) fn floor_grapheme(text: &str, at: usize) -> usize {
    let at = floor_char(text, at);
    if is_grapheme_edge(text, at) { at } else { previous_grapheme_from(text, at) }
}

/// The grapheme boundary at or after a byte position.
pub(super) fn ceil_grapheme(text: &str, at: usize) -> usize {
    let floor = floor_grapheme(text, at);
    if floor < at { next_grapheme_from(text, floor).min(text.len()) } else { floor }
}

fn next_grapheme_from(text: &str, offset: usize) -> usize {
    let (near, start) = near(text, offset);
    let mut cursor = GraphemeCursor::new(offset - start, near.len(), true);
    cursor.next_boundary(near, 0).ok().flatten().map_or(text.len(), |found| start + found)
}

fn previous_grapheme_from(text: &str, offset: usize) -> usize {
    let (near, start) = near(text, offset);
    let mut cursor = GraphemeCursor::new(offset - start, near.len(), true);
    cursor.prev_boundary(near, 0).ok().flatten().map_or(0, |found| start + found)
}

/// The nearest character boundary at or before a byte position.
fn floor_char(text: &str, at: usize) -> usize {
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

    /// What no news article holds and a scraper may hand in all the same.
    #[test]
    fn endless_runs_cost_no_more_than_their_window() {
        let began = std::time::Instant::now();
        for unit in ["a-", ".", "=", "🇵🇰", "AA-", "e\u{301}", "\u{301}", "👩‍", "ก", "警", "a"]
        {
            let text = unit.repeat(1_000_000 / unit.len());
            for place in [0, text.len() / 2, text.len() - 1] {
                let place = size(place);
                word_at(&text, place);
                sentence_at(&text, place);
                grapheme_at(&text, place);
                next_grapheme(&text, place);
            }
            if unit == "." || unit == "=" {
                assert_eq!(next_word_start(&text, size(0)), size(text.len()));
                assert_eq!(previous_word_start(&text, size(text.len())), size(0));
            }
        }
        // Minutes, if anything walked the whole of a run for each of its letters.
        assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
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
    fn all_word_starts_are_those_that_are_stepped_to() {
        let texts = [
            "one, (two) three — Tehrik-e-Taliban’s e\u{301}tat",
            "警察说有三人在爆炸中受伤。他走了",
            "คนร้ายยิงตลาดกลางเมือง",
            "می‌خواهم (کراچی) 12:30",
            "",
        ];
        for text in texts {
            let mut stepped: Vec<TextSize> = Vec::new();
            let mut at = size(0);
            stepped.extend(word_at(text, at).map(|word| word.start()));
            while usize::from(at) < text.len() {
                at = next_word_start(text, at);
                stepped.extend(word_at(text, at).map(|word| word.start()));
            }
            assert_eq!(word_starts(text), stepped, "{text}");
        }
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
