//! Offsets in the units of other programs, to bytes and back.
//!
//! A file that says what stands at an offset is believed only if it does stand there.
//! Where another unit makes it true, that unit is used; where none does, the words are
//! looked for near the place. Each of these is said, nothing is dropped in silence.

use super::OffsetUnit;
use crate::model::Span;
use crate::text::{CodePoints, TextIndex, TextRange, TextSize, Utf16Units, nearest_occurrence};
use std::sync::atomic::{AtomicU64, Ordering};

/// A text whose places are translated.
pub(super) struct Places<'a> {
    text: &'a str,
    index: TextIndex,
    unit: OffsetUnit,
    is_ascii: bool,
    /// The bytes that were gone through in search of words.
    searched: AtomicU64,
}

/// The most bytes that are gone through in search of words that a file puts elsewhere: a
/// text with a thousand times that many wrong offsets would take hours.
const MOST_SEARCHED: u64 = 1 << 32;

/// What offsets may count, with its name.
const UNITS: [(OffsetUnit, &str); 3] = [
    (OffsetUnit::CodePoints, "code points"),
    (OffsetUnit::Utf16Units, "UTF-16 units"),
    (OffsetUnit::None, "bytes"),
];

/// What a file's offsets turned out to mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// They are right.
    Right(TextRange),
    /// They are not what they should be; the range is where the words are, and the
    /// sentence says how it was found.
    Moved(TextRange, String),
}

impl<'a> Places<'a> {
    /// Prepares a text; O(n).
    pub(super) fn new(text: &'a str, unit: OffsetUnit) -> Self {
        Self {
            text,
            index: TextIndex::new(text),
            unit,
            is_ascii: text.is_ascii(),
            searched: AtomicU64::new(0),
        }
    }

    /// The byte at an offset of the format's unit; `None` past the end or in a character.
    pub(super) fn byte(&self, offset: u64) -> Option<TextSize> {
        self.byte_by(self.unit, offset)
    }

    fn byte_by(&self, unit: OffsetUnit, offset: u64) -> Option<TextSize> {
        let offset = u32::try_from(offset).ok()?;
        if self.is_ascii {
            return (offset as usize <= self.text.len()).then(|| offset.into());
        }
        match unit {
            OffsetUnit::CodePoints => self.index.from_code_points(self.text, CodePoints(offset)),
            OffsetUnit::Utf16Units => self.index.from_utf16_units(self.text, Utf16Units(offset)),
            OffsetUnit::None => self.text.is_char_boundary(offset as usize).then(|| offset.into()),
        }
    }

    /// The offset of a byte in the format's unit; the byte must begin a character.
    pub(super) fn offset(&self, byte: TextSize) -> u32 {
        if self.is_ascii {
            return byte.into();
        }
        let offset = match self.unit {
            OffsetUnit::CodePoints => self.index.code_points(self.text, byte).map(|found| found.0),
            OffsetUnit::Utf16Units => self.index.utf16_units(self.text, byte).map(|found| found.0),
            OffsetUnit::None => Some(byte.into()),
        };
        offset.unwrap_or_else(|| byte.into())
    }

    /// The range between two offsets of the format's unit, end exclusive; `None` where
    /// they are no places of the text, or empty.
    pub(super) fn range(&self, start: u64, end: u64) -> Option<TextRange> {
        self.range_by(self.unit, start, end)
    }

    fn range_by(&self, unit: OffsetUnit, start: u64, end: u64) -> Option<TextRange> {
        let (start, end) = (self.byte_by(unit, start)?, self.byte_by(unit, end)?);
        (start < end).then(|| TextRange::new(start, end))
    }

    /// The range of a record that says what words stand there; `None` where neither the
    /// offsets nor the words lead anywhere.
    pub(super) fn checked(&self, start: u64, end: u64, words: &str) -> Option<Found> {
        let stated = self.range(start, end);
        if let Some(range) = stated.filter(|range| self.text[*range] == *words) {
            return Some(Found::Right(range));
        }
        for (unit, name) in UNITS {
            let range = self.range_by(unit, start, end).filter(|range| self.text[*range] == *words);
            if let Some(range) = range {
                return Some(Found::Moved(range, format!("the offsets count {name}")));
            }
        }
        let near = self.byte(start).unwrap_or(TextSize::of(self.text));
        if self.may_search()
            && let Some(range) = nearest_occurrence(self.text, words, near)
        {
            let what = format!("the words “{}” stand elsewhere than it says", short(words));
            return Some(Found::Moved(range, what));
        }
        Some(Found::Moved(stated?, not_said(words)))
    }

    /// The ranges of a record that says what words stand there, all of them together as
    /// [`Span::surface`] has it or with a space between; no words are believed. With what is
    /// to be said about them. `None` where the offsets lead nowhere.
    pub(super) fn checked_parts(
        &self,
        parts: &[[u64; 2]],
        words: &str,
    ) -> Option<(Vec<TextRange>, Option<String>)> {
        let ranges_by = |unit| -> Option<Vec<TextRange>> {
            parts.iter().map(|[start, end]| self.range_by(unit, *start, *end)).collect()
        };
        let stated = ranges_by(self.unit);
        if let Some(ranges) = stated.as_ref().filter(|it| words.is_empty() || self.says(it, words))
        {
            return Some((ranges.clone(), None));
        }
        for (unit, name) in UNITS {
            if let Some(ranges) = ranges_by(unit).filter(|ranges| self.says(ranges, words)) {
                return Some((ranges, Some(format!("the offsets count {name}"))));
            }
        }
        Some((stated?, Some(not_said(words))))
    }

    fn says(&self, ranges: &[TextRange], words: &str) -> bool {
        let parts = || ranges.iter().map(|range| &self.text[*range]).collect::<Vec<_>>();
        Span::from_ranges(ranges.to_vec()).is_ok_and(|span| span.surface(self.text) == words)
            || parts().join(" ") == words
    }

    /// Whether the text may be gone through once more in search of words.
    pub(super) fn may_search(&self) -> bool {
        let searched = self.searched.fetch_add(self.text.len() as u64, Ordering::Relaxed);
        searched < MOST_SEARCHED
    }
}

fn not_said(words: &str) -> String {
    format!("the words are not “{}” as it says; the offsets are kept", short(words))
}

/// Enough of some words to know them by.
pub(super) fn short(words: &str) -> String {
    const MOST: usize = 40;
    let mut cut: String = words.chars().take(MOST).collect();
    if cut.len() < words.len() {
        cut.push('…');
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_that_count_something_else_are_found_out() {
        let text = "🙂 Karachi, Karachi";
        let places = Places::new(text, OffsetUnit::CodePoints);
        let range = |start: u32, end: u32| TextRange::new(start.into(), end.into());
        assert_eq!(places.checked(2, 9, "Karachi"), Some(Found::Right(range(5, 12))));
        let moved = |start, end| match places.checked(start, end, "Karachi") {
            Some(Found::Moved(range, what)) => (range, what),
            other => panic!("{other:?}"),
        };
        assert_eq!(moved(3, 10).0, range(5, 12));
        assert!(moved(3, 10).1.contains("UTF-16"));
        assert!(moved(5, 12).1.contains("bytes"));
        assert_eq!(moved(12, 19).0, range(14, 21));
        assert_eq!(places.checked(900, 907, "Quetta"), None);
        assert_eq!(places.offset(5.into()), 2);
    }

    #[test]
    fn words_of_several_ranges_tell_the_unit_too() {
        let text = "🙂 Ali and Ben";
        let places = Places::new(text, OffsetUnit::CodePoints);
        let range = |start: u32, end: u32| TextRange::new(start.into(), end.into());
        let right = vec![range(5, 8), range(13, 16)];
        for (parts, words, is_told) in [
            ([[2, 5], [10, 13]], "Ali … Ben", false),
            ([[2, 5], [10, 13]], "Ali Ben", false),
            ([[2, 5], [10, 13]], "", false),
            ([[3, 6], [11, 14]], "Ali … Ben", true),
            ([[5, 8], [13, 16]], "Ali … Ben", true),
            ([[2, 5], [10, 13]], "Somebody … else", true),
        ] {
            let (found, told) = places.checked_parts(&parts, words).unwrap();
            assert_eq!((&found, told.is_some()), (&right, is_told), "{parts:?} {words}: {told:?}");
        }
        assert_eq!(places.checked_parts(&[[2, 5], [90, 93]], "Ali … Ben"), None);
    }
}
