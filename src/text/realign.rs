//! Where the places of a text are after the text was corrected.
//!
//! Two texts are compared by words, and what was replaced is compared again letter by
//! letter where it is short, so that a corrected typo moves nothing. A range whose text
//! is still there moves exactly; one that was changed inside keeps its ends as long as
//! most of it is there; what is gone has only a nearest place, and somebody has to look.
//! Nothing is known here of annotations.

use super::anchor::nearest_word;
use super::segment::grapheme_at;
use super::snap::snap_to_words;
use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};
use text_size::{TextRange, TextSize};
use unicode_segmentation::UnicodeSegmentation;

/// Texts that have little in common are not compared for longer; what is found by then
/// is right, and only less than could be found.
const DEADLINE: Duration = Duration::from_secs(3);
/// The longest replaced text, in bytes, that is compared by letters.
const BY_LETTERS: usize = 2_000;
/// Most of a text is there when this many of ten bytes are.
const MOST: usize = 6;
/// The bytes around a range by which it is known again where it was moved to.
const CONTEXT: usize = 24;

/// Where a range is in the new text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Realigned {
    /// Here, with the same text.
    Same(TextRange),
    /// Here, and its text was changed but for the greater part.
    Changed(TextRange),
    /// Its text is gone; this is the nearest place, and never empty.
    Gone(TextRange),
}

impl Realigned {
    /// The place, whatever it is worth.
    pub fn range(self) -> TextRange {
        match self {
            Self::Same(range) | Self::Changed(range) | Self::Gone(range) => range,
        }
    }
}

/// Two texts laid side by side.
#[derive(Clone, Debug)]
pub struct Realignment {
    old: Arc<str>,
    new: Arc<str>,
    /// What both have, in the order of both.
    equal: Vec<Piece>,
}

/// A text that stands in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    old: usize,
    new: usize,
    len: usize,
}

impl Realignment {
    /// Compares two texts. O(n) where they have much in common, and never longer than a
    /// few seconds.
    pub fn new(old: impl Into<Arc<str>>, new: impl Into<Arc<str>>) -> Self {
        let (old, new) = (old.into(), new.into());
        let deadline = Instant::now() + DEADLINE;

        let mut equal = Vec::new();
        for block in blocks(&old, &new, words_of, deadline) {
            match block {
                Block::Equal(piece) => join(&mut equal, piece),
                Block::Replaced(old_at, new_at) => {
                    let (from, to) = (&old[old_at.clone()], &new[new_at.clone()]);
                    if from.len().max(to.len()) > BY_LETTERS {
                        continue;
                    }
                    for inner in blocks(from, to, letters_of, deadline) {
                        if let Block::Equal(Piece { old, new, len }) = inner {
                            let (old, new) = (old_at.start + old, new_at.start + new);
                            join(&mut equal, Piece { old, new, len });
                        }
                    }
                }
            }
        }
        Self { old, new, equal }
    }

    /// Where a range of the old text is in the new one; `None` where the new text is empty
    /// or the range is no place of the old one. O(log n), and O(n) for what is gone.
    pub fn range(&self, range: TextRange) -> Option<Realigned> {
        let (start, end) = (usize::from(range.start()), usize::from(range.end()));
        let surface = self.old.get(start..end).filter(|surface| !surface.is_empty())?;
        let first = self.equal.partition_point(|piece| piece.old + piece.len <= start);
        let inside = self.equal[first..].iter().take_while(|piece| piece.old < end);
        let kept: usize =
            inside.map(|piece| (piece.old + piece.len).min(end) - piece.old.max(start)).sum();
        let (from, to) = (self.start(start), self.end(end));
        if from < to {
            if &self.new[from..to] == surface {
                return Some(Realigned::Same(text_range(from, to)));
            }
            // Letters are compared one by one, but an accent that came is not cut off.
            let (from, to) = self.whole_graphemes(from, to);
            let len = to - from;
            if kept * 10 >= surface.len().max(len) * MOST {
                return Some(Realigned::Changed(text_range(from, to)));
            }
        }
        if let Some(moved) = self.moved(start, end) {
            return Some(Realigned::Same(moved));
        }
        if from < to {
            let (from, to) = self.whole_graphemes(from, to);
            return Some(Realigned::Gone(self.whole_words(text_range(from, to))));
        }
        nearest_word(&self.new, TextSize::new(from as u32)).map(Realigned::Gone)
    }

    /// Where a start is: what was put in right before it does not belong to it.
    fn start(&self, at: usize) -> usize {
        let next = self.equal.partition_point(|piece| piece.old + piece.len <= at);
        match self.equal.get(next) {
            Some(piece) if piece.old <= at => piece.new + (at - piece.old),
            // In a replaced text: its beginning keeps it, a place inside has none.
            Some(piece) if at > self.end_of_piece_before(next).0 => piece.new,
            None if at > self.end_of_piece_before(next).0 => self.new.len(),
            _ => self.end_of_piece_before(next).1,
        }
    }

    /// Where an end is: what was put in right behind it does not belong to it.
    fn end(&self, at: usize) -> usize {
        let next = self.equal.partition_point(|piece| piece.old + piece.len < at);
        match self.equal.get(next) {
            Some(piece) if piece.old < at => piece.new + (at - piece.old),
            Some(piece) if piece.old == at => piece.new,
            None if at == self.old.len() => self.new.len(),
            _ => self.end_of_piece_before(next).1,
        }
    }

    fn whole_graphemes(&self, from: usize, to: usize) -> (usize, usize) {
        let at = |at: usize| grapheme_at(&self.new, TextSize::new(at as u32));
        let (first, last) = (at(from), at(to));
        let is_edge = usize::from(last.start()) == to;
        (first.start().into(), if is_edge { to } else { last.end().into() })
    }

    /// A place that was put in the stead of something, as words that could be marked.
    fn whole_words(&self, range: TextRange) -> TextRange {
        let snapped = snap_to_words(&self.new, range);
        // Punctuation alone is a place too.
        if snapped.is_empty() { range } else { snapped }
    }

    /// Where the piece before this one ends in both texts.
    fn end_of_piece_before(&self, piece: usize) -> (usize, usize) {
        let before = piece.checked_sub(1).map(|before| self.equal[before]);
        before.map_or((0, 0), |Piece { old, new, len }| (old + len, new + len))
    }

    /// Where a text went that was moved as a whole, known by what stands around it or on
    /// one of its sides.
    fn moved(&self, start: usize, end: usize) -> Option<TextRange> {
        let before = floor(&self.old, start.saturating_sub(CONTEXT));
        let after = ceil(&self.old, (end + CONTEXT).min(self.old.len()));
        let around = [(before, after), (start, after), (before, end), (start, end)];
        around.into_iter().filter(|(from, until)| until - from >= CONTEXT).find_map(
            |(from, until)| {
                let known = &self.old[from..until];
                let only = |text: &str| {
                    let mut found = text.match_indices(known);
                    found.next().filter(|_| found.next().is_none()).map(|(at, _)| at)
                };
                only(&self.old)?;
                let at = only(&self.new)? + (start - from);
                Some(text_range(at, at + (end - start)))
            },
        )
    }
}

/// What two lists have in common and what stands in its stead, in bytes.
enum Block {
    Equal(Piece),
    Replaced(Range<usize>, Range<usize>),
}

fn blocks(old: &str, new: &str, divide: fn(&str) -> Vec<&str>, deadline: Instant) -> Vec<Block> {
    let (old, new) = (divide(old), divide(new));
    let (olds, news) = (offsets(&old), offsets(&new));
    let ops = capture_diff_slices_deadline(Algorithm::Histogram, &old, &new, Some(deadline));
    let blocks = ops.into_iter().filter_map(|op| match op {
        DiffOp::Equal { old_index, new_index, len } => {
            let (at, until) = (olds[old_index], olds[old_index + len]);
            Some(Block::Equal(Piece { old: at, new: news[new_index], len: until - at }))
        }
        DiffOp::Replace { old_index, old_len, new_index, new_len } => Some(Block::Replaced(
            olds[old_index]..olds[old_index + old_len],
            news[new_index]..news[new_index + new_len],
        )),
        DiffOp::Delete { .. } | DiffOp::Insert { .. } => None,
    });
    blocks.collect()
}

fn words_of(text: &str) -> Vec<&str> {
    text.split_word_bounds().collect()
}

fn letters_of(text: &str) -> Vec<&str> {
    text.split("").filter(|letter| !letter.is_empty()).collect()
}

/// Where each piece starts, and where the last one ends.
fn offsets(pieces: &[&str]) -> Vec<usize> {
    let ends = pieces.iter().scan(0, |at, piece| {
        *at += piece.len();
        Some(*at)
    });
    std::iter::once(0).chain(ends).collect()
}

fn join(pieces: &mut Vec<Piece>, piece: Piece) {
    match pieces.last_mut() {
        Some(last) if last.old + last.len == piece.old && last.new + last.len == piece.new => {
            last.len += piece.len;
        }
        _ => pieces.push(piece),
    }
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn ceil(text: &str, at: usize) -> usize {
    (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

fn text_range(start: usize, end: usize) -> TextRange {
    TextRange::new(TextSize::new(start as u32), TextSize::new(end as u32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OLD: &str = "Gunmen raid police office\nSeveral militans stormed the headquarters on \
        Friday, officials said.\nThree officers were killed.";

    /// What became of some words: how, and what the place holds now.
    fn became(old: &str, new: &str, words: &str) -> (char, String) {
        let at = old.find(words).unwrap();
        let moved = Realignment::new(old, new).range(text_range(at, at + words.len())).unwrap();
        let kind = match moved {
            Realigned::Same(_) => '=',
            Realigned::Changed(_) => '~',
            Realigned::Gone(_) => '!',
        };
        (kind, new[Range::<usize>::from(moved.range())].to_owned())
    }

    fn check(old: &str, new: &str, words: &str, kind: char, expected: &str) {
        assert_eq!(became(old, new, words), (kind, expected.to_owned()));
    }

    #[test]
    fn what_is_still_there_moves_exactly() {
        let new = OLD.replace("Gunmen raid", "BREAKING: At least five gunmen raid");
        for words in ["police", "Several militans", "Three officers were killed."] {
            check(OLD, &new, words, '=', words);
        }
        check(OLD, &OLD.replace("Three", "At least three of the"), "officers", '=', "officers");
    }

    #[test]
    fn a_corrected_typo_keeps_its_ends() {
        let new = OLD.replace("militans", "militants").replace("Gunmen", "Armed men");
        check(OLD, &new, "Several militans", '~', "Several militants");
        check(OLD, &new, "militans", '~', "militants");
        check(OLD, &new, "stormed the headquarters", '=', "stormed the headquarters");
        check("kot Karachi kot", "kot karachi kot", "Karachi", '~', "karachi");
        check("क्वेटा में", "क्वेट्टा में", "क्वेटा", '~', "क्वेट्टा");
    }

    #[test]
    fn what_is_gone_has_a_nearest_place() {
        let new = OLD.replace("Several militans", "A dozen").replace(" on Friday", "");
        let (kind, at) = became(OLD, &new, "Several militans");
        assert_eq!((kind, at.as_str()), ('!', "A dozen"));
        assert_eq!(became(OLD, &new, "Friday").0, '!');
        assert!(!became(OLD, "said", "Gunmen raid").1.is_empty());
        assert!(!became(OLD, "…", "Gunmen raid").1.is_empty());
        assert_eq!(Realignment::new(OLD, "").range(text_range(0, 6)), None);
    }

    #[test]
    fn words_are_anchors_and_spaces_are_not() {
        let old = "Lamp\nThe lamp was out on Monday, the keeper said.";
        let new = "Lamp\nThe lamp was out, the keeper of the light said.";
        check(old, new, "the keeper", '=', "the keeper");
        let (kind, at) = became(old, new, "Monday");
        assert!(kind == '!' && at.chars().count() > 1, "{at}");
    }

    #[test]
    fn what_was_moved_with_its_sentence_is_found_again() {
        let first = "Several militans stormed the headquarters on Friday, officials said.";
        let new = format!("{}\n{first}", OLD.replace(&format!("{first}\n"), ""));
        check(OLD, &new, "officials", '=', "officials");
        check(OLD, &new, "Three officers", '=', "Three officers");
    }

    #[test]
    fn ten_megabytes_take_seconds_at_most() {
        let old = OLD.repeat(2_000);
        let new = old.replacen("Friday", "Sunday", 900);
        let start = Instant::now();
        let moved = Realignment::new(&*old, &*new);
        let end = text_range(old.len() - 27, old.len());
        assert!(matches!(moved.range(end), Some(Realigned::Same(_))));
        // Far above the deadline, for a busy machine.
        assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    }

    proptest! {
        /// Whatever the texts are, a place is one of the new text, and never empty.
        #[test]
        fn every_range_has_a_place(
            old in "[a-c éक्ا\n]{1,30}", new in "[a-c éक्ا\n]{1,30}", a in 0..40usize, b in 0..40usize,
        ) {
            let (a, b) = (floor(&old, a.min(old.len())), floor(&old, b.min(old.len())));
            prop_assume!(a != b);
            let range = text_range(a.min(b), a.max(b));
            let moved = Realignment::new(&*old, &*new).range(range).unwrap();
            let place = new.get(Range::<usize>::from(moved.range()));
            prop_assert!(place.is_some_and(|place| !place.is_empty()), "{:?}", moved);
            if let Realigned::Same(_) = moved {
                prop_assert_eq!(place, old.get(Range::<usize>::from(range)));
            }
            prop_assert_eq!(
                Realignment::new(&*old, &*old).range(range), Some(Realigned::Same(range))
            );
        }
    }
}
