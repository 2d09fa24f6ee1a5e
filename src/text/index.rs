//! The index between bytes, code points, UTF-16 units and lines of one text.

use text_size::{TextLen, TextSize};

/// A position or length counted in Unicode code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodePoints(pub u32);

/// A position or length counted in UTF-16 code units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Utf16Units(pub u32);

/// A line's number, counted from zero; lines end after a line feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line(pub u32);

/// How many bytes lie between two checkpoints of the index. A lookup scans at most
/// this many bytes, and the index costs twelve bytes for each of them.
const STRIDE: usize = 256;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Checkpoint {
    byte: u32,
    code_point: u32,
    utf16: u32,
}

/// Translates positions of one text between units in O(log n).
///
/// The index does not own the text; every call takes it again and must be given
/// the same one the index was made of.
#[derive(Clone, Debug)]
pub struct TextIndex {
    checkpoints: Vec<Checkpoint>,
    line_starts: Vec<TextSize>,
    len: TextSize,
}

impl TextIndex {
    /// Reads the text once; O(n) in time, n / 256 checkpoints in memory.
    pub fn new(text: &str) -> Self {
        let mut checkpoints = Vec::with_capacity(text.len() / STRIDE + 1);
        let mut line_starts = vec![TextSize::new(0)];
        let mut here = Checkpoint { byte: 0, code_point: 0, utf16: 0 };
        for character in text.chars() {
            if checkpoints.len() * STRIDE <= here.byte as usize {
                checkpoints.push(here);
            }
            here.byte += character.len_utf8() as u32;
            here.code_point += 1;
            here.utf16 += character.len_utf16() as u32;
            if character == '\n' {
                line_starts.push(TextSize::new(here.byte));
            }
        }
        if checkpoints.is_empty() {
            checkpoints.push(Checkpoint { byte: 0, code_point: 0, utf16: 0 });
        }
        Self { checkpoints, line_starts, len: text.text_len() }
    }

    /// The text's length in bytes.
    pub fn len(&self) -> TextSize {
        self.len
    }

    /// Whether the text has no characters.
    pub fn is_empty(&self) -> bool {
        self.len == TextSize::new(0)
    }

    /// The number of lines; a text that ends with a line feed has an empty last line.
    pub fn line_count(&self) -> u32 {
        self.line_starts.len() as u32
    }

    /// Code points before a byte offset; `None` past the end or inside a character.
    pub fn code_points(&self, text: &str, offset: TextSize) -> Option<CodePoints> {
        self.counted(text, offset).map(|at| CodePoints(at.code_point))
    }

    /// UTF-16 units before a byte offset; `None` past the end or inside a character.
    pub fn utf16_units(&self, text: &str, offset: TextSize) -> Option<Utf16Units> {
        self.counted(text, offset).map(|at| Utf16Units(at.utf16))
    }

    /// The byte offset of a code point position; `None` past the end.
    pub fn from_code_points(&self, text: &str, position: CodePoints) -> Option<TextSize> {
        self.scan(text, |checkpoint| checkpoint.code_point, position.0)
    }

    /// The byte offset of a UTF-16 position; `None` past the end or between the two
    /// halves of a surrogate pair.
    pub fn from_utf16_units(&self, text: &str, position: Utf16Units) -> Option<TextSize> {
        self.scan(text, |checkpoint| checkpoint.utf16, position.0)
    }

    /// The line that holds a byte offset; offsets past the end belong to the last line.
    pub fn line(&self, offset: TextSize) -> Line {
        let after = self.line_starts.partition_point(|start| *start <= offset);
        Line(after.saturating_sub(1) as u32)
    }

    /// The byte offset at which a line starts; `None` where there is no such line.
    pub fn line_start(&self, line: Line) -> Option<TextSize> {
        self.line_starts.get(line.0 as usize).copied()
    }

    fn counted(&self, text: &str, offset: TextSize) -> Option<Checkpoint> {
        if offset > self.len || !text.is_char_boundary(offset.into()) {
            return None;
        }
        let after = self.checkpoints.partition_point(|at| at.byte <= u32::from(offset));
        let mut here = self.checkpoints[after.saturating_sub(1)];
        for character in text[here.byte as usize..offset.into()].chars() {
            here.code_point += 1;
            here.utf16 += character.len_utf16() as u32;
        }
        here.byte = offset.into();
        Some(here)
    }

    fn scan(
        &self,
        text: &str,
        count: impl Fn(&Checkpoint) -> u32,
        position: u32,
    ) -> Option<TextSize> {
        let after = self.checkpoints.partition_point(|at| count(at) <= position);
        let mut here = self.checkpoints[after.saturating_sub(1)];
        let mut rest = text[here.byte as usize..].chars();
        while count(&here) < position {
            let character = rest.next()?;
            here.byte += character.len_utf8() as u32;
            here.code_point += 1;
            here.utf16 += character.len_utf16() as u32;
        }
        (count(&here) == position).then(|| TextSize::new(here.byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Pieces that shift offsets in other tools: emoji with joiners, combining marks,
    /// CRLF, right-to-left letters, surrogate pairs.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("a"),
            Just(" "),
            Just("é"),
            Just("e\u{301}"),
            Just("\r\n"),
            Just("\n"),
            Just("👩‍👩‍👧"),
            Just("🇵🇰"),
            Just("كراچی"),
            Just("शहर"),
            Just("警察"),
            Just("plain ascii text that makes the text longer than one stride "),
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn agrees_with_counting_from_the_start(text in pieces()) {
            let index = TextIndex::new(&text);
            for byte in 0..=text.len() + 2 {
                let offset = TextSize::new(byte as u32);
                let naive = text.get(..byte);
                let code_points = naive.map(|before| CodePoints(before.chars().count() as u32));
                let utf16 = naive.map(|before| Utf16Units(before.encode_utf16().count() as u32));
                prop_assert_eq!(index.code_points(&text, offset), code_points);
                prop_assert_eq!(index.utf16_units(&text, offset), utf16);
                if let (Some(before), Some(code_points), Some(utf16)) = (naive, code_points, utf16) {
                    prop_assert_eq!(index.from_code_points(&text, code_points), Some(offset));
                    prop_assert_eq!(index.from_utf16_units(&text, utf16), Some(offset));
                    let line = Line(before.matches('\n').count() as u32);
                    prop_assert_eq!(index.line(offset), line);
                }
            }
            prop_assert_eq!(
                index.from_code_points(&text, CodePoints(text.chars().count() as u32 + 1)),
                None
            );
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_no_place() {
        let index = TextIndex::new("a🙂b");
        assert_eq!(index.from_utf16_units("a🙂b", Utf16Units(2)), None);
        assert_eq!(index.from_utf16_units("a🙂b", Utf16Units(3)), Some(TextSize::new(5)));
    }
}
