//! The text of a file, put together from its sentences, and where its rows stand in it.
//!
//! The offsets of the rows say how much lies between sentences. They are believed only
//! if every token then stands where they say; where none of the units that other tools
//! count in makes that true, the tokens are looked for one after the other.

use super::rows::{Block, Row};
use crate::formats::error::FormatError;
use crate::formats::places::{Places, short};
use crate::formats::reading::Warning;
use crate::formats::{LARGEST_ARTICLE, OffsetUnit};
use crate::text::{TextRange, TextSize};

/// A text and the ranges of all rows in it, empty ones too.
pub(super) struct Assembled {
    pub(super) text: String,
    pub(super) ranges: Vec<TextRange>,
    pub(super) warning: Option<Warning>,
}

/// The most that may lie between two sentences, in units of the file.
const WIDEST_GAP: u64 = 1 << 20;

pub(super) fn assemble(blocks: &[Block<'_>]) -> Result<Assembled, FormatError> {
    let units = [
        (OffsetUnit::Utf16Units, None),
        (OffsetUnit::CodePoints, Some("the offsets count code points")),
        (OffsetUnit::None, Some("the offsets count bytes")),
    ];
    for (unit, told) in units {
        for is_escaped in [true, false] {
            if let Some((text, ranges)) = by_offsets(blocks, unit, is_escaped) {
                let warning = told.map(Warning::whole_file);
                return Ok(Assembled { text, ranges, warning });
            }
        }
    }
    by_words(blocks)
}

/// The sentence's text.
fn text_of(block: &Block<'_>, is_escaped: bool) -> String {
    if !is_escaped {
        return block.texts.join("\n");
    }
    let mut text = String::new();
    for (at, line) in block.texts.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        unescape_text(line, &mut text);
    }
    text
}

/// A text knows fewer escapes than a value, and a backslash before anything else is one.
fn unescape_text(line: &str, text: &mut String) {
    let mut rest = line;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let meant = match rest.as_bytes().get(at + 1) {
            Some(b't') => "\t",
            Some(b'n') => "\n",
            Some(b'r') => "\r",
            Some(b'b') => "\u{8}",
            Some(b'f') => "\u{c}",
            Some(b'\\') => "\\",
            _ => {
                text.push('\\');
                rest = &rest[at + 1..];
                continue;
            }
        };
        text.push_str(meant);
        rest = &rest[at + 2..];
    }
    text.push_str(rest);
}

/// Writes a text so that it stands on one line; line feeds begin a new `#Text=`.
pub(super) fn escape_text(text: &str, into: &mut String) {
    for character in text.chars() {
        match character {
            '\t' => into.push_str("\\t"),
            '\r' => into.push_str("\\r"),
            '\u{8}' => into.push_str("\\b"),
            '\u{c}' => into.push_str("\\f"),
            '\\' => into.push_str("\\\\"),
            '\n' => {
                into.push('\n');
                into.push_str(super::TEXT);
            }
            character => into.push(character),
        }
    }
}

fn by_offsets(
    blocks: &[Block<'_>],
    unit: OffsetUnit,
    is_escaped: bool,
) -> Option<(String, Vec<TextRange>)> {
    let mut text = String::new();
    let mut len = 0;
    for block in blocks {
        let sentence = text_of(block, is_escaped);
        if let Some(first) = block.rows.first() {
            let begin = first.begin.checked_sub(before(&sentence, first, unit))?;
            let gap = begin.checked_sub(len).filter(|gap| *gap <= WIDEST_GAP)?;
            // Before the first sentence there may be white space; between two there is a
            // line's end.
            let filler = if text.is_empty() { ' ' } else { '\n' };
            text.extend(std::iter::repeat_n(filler, usize::try_from(gap).ok()?));
            len = begin;
        }
        len += count(&sentence, unit);
        text.push_str(&sentence);
        if text.len() as u64 > LARGEST_ARTICLE {
            return None;
        }
    }
    let places = Places::new(&text, unit);
    let range = |row: &Row<'_>| {
        let range = TextRange::new(places.byte(row.begin)?, places.byte(row.end)?);
        (text[range] == *row.words).then_some(range)
    };
    let ranges: Option<Vec<_>> = blocks.iter().flat_map(|block| &block.rows).map(range).collect();
    ranges.map(|ranges| (text, ranges))
}

/// How much of a sentence's text stands before its first token: white space, or nothing.
fn before(sentence: &str, first: &Row<'_>, unit: OffsetUnit) -> u64 {
    let white = sentence.find(|character: char| !character.is_whitespace()).unwrap_or(0);
    let is_there = sentence.get(white..).is_some_and(|rest| rest.starts_with(first.words));
    let is_space = is_there && !first.words.starts_with(char::is_whitespace);
    if is_space { count(&sentence[..white], unit) } else { 0 }
}

fn count(text: &str, unit: OffsetUnit) -> u64 {
    let count = match unit {
        OffsetUnit::Utf16Units if text.is_ascii() => text.len(),
        OffsetUnit::Utf16Units => text.chars().map(char::len_utf16).sum(),
        OffsetUnit::CodePoints => text.chars().count(),
        OffsetUnit::None => text.len(),
    };
    count as u64
}

/// Sentences one after the other, and the tokens where their words come next.
fn by_words(blocks: &[Block<'_>]) -> Result<Assembled, FormatError> {
    let (mut text, mut ranges) = (String::new(), Vec::new());
    for block in blocks {
        if !text.is_empty() {
            text.push('\n');
        }
        let from = text.len();
        text.push_str(&text_of(block, true));
        if text.len() as u64 > LARGEST_ARTICLE {
            return Err(FormatError::TooLarge);
        }
        // Parts of a token are looked for within it.
        let (mut token, mut token_begin) = (from..from, 0);
        for row in &block.rows {
            let is_part = row.unit.contains('.');
            let (start, limit) =
                if is_part { (token.start, token.end) } else { (token.end, text.len()) };
            let inner = if is_part { row.begin.saturating_sub(token_begin) } else { 0 };
            let start = (start + usize::try_from(inner).unwrap_or(usize::MAX)).min(limit);
            let start = (start..=limit).find(|at| text.is_char_boundary(*at)).unwrap_or(limit);
            let at = text[start..limit].find(row.words).map(|at| start + at).ok_or_else(|| {
                let words = short(row.words);
                let what = format!("“{words}” is not in the text of its sentence");
                FormatError::malformed(row.line, what)
            })?;
            if !is_part {
                (token, token_begin) = (at..at + row.words.len(), row.begin);
            }
            ranges.push(TextRange::at(size(at), size(row.words.len())));
        }
    }
    let line = blocks.first().map(|block| block.line);
    let what = "the offsets do not fit the text; the tokens stand where their words come next";
    Ok(Assembled { text, ranges, warning: Some(Warning { line, what: what.to_owned() }) })
}

fn size(bytes: usize) -> TextSize {
    TextSize::new(u32::try_from(bytes).unwrap_or(u32::MAX))
}
