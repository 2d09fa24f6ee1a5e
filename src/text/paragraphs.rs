//! Paragraphs of a text and what each of them is: headline, heading or body.
//!
//! Articles are plain text; headings are recognised by their shape, so nothing needs
//! to be stored beside the text and a heading is as annotatable as any other line.

use super::unspaced::is_unspaced;
use text_size::{TextRange, TextSize};

/// The longest line, in characters, that can be a heading.
const LONGEST_HEADING: usize = 90;
/// For how many a letter counts where words are not apart: such scripts say more in
/// fewer letters, and Thai paragraphs end as headings do.
const UNSPACED_LETTER: usize = 3;

/// What a paragraph is to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParagraphKind {
    /// The first line, when it is the article's title.
    Headline,
    /// A short line without final punctuation before a longer paragraph.
    Heading,
    /// Everything else.
    Body,
    /// A line without any letter; it keeps its place in the text and takes no room.
    Blank,
}

/// One paragraph: a line of the text without its line ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paragraph {
    /// Where it stands, in bytes, without its line ending.
    pub range: TextRange,
    /// What it is to a reader.
    pub kind: ParagraphKind,
}

/// The paragraphs of a text in order; O(n). Together with one line feed after each
/// but the last they cover the whole text. There is always at least one.
pub fn paragraphs(text: &str, title: &str) -> Vec<Paragraph> {
    let mut paragraphs = Vec::new();
    let mut start = 0usize;
    for line in text.split('\n') {
        let range = TextRange::at(TextSize::new(start as u32), TextSize::of(line));
        paragraphs.push(Paragraph { range, kind: shape_of(line) });
        start += line.len() + 1;
    }
    settle_headings(&mut paragraphs);
    if let Some(first) = paragraphs.iter_mut().find(|p| p.kind != ParagraphKind::Blank) {
        let line = text[first.range].trim();
        first.kind = if line == title.trim() { ParagraphKind::Headline } else { first.kind };
    }
    paragraphs
}

fn shape_of(line: &str) -> ParagraphKind {
    let line = line.trim();
    let weight = |letter: char| if is_unspaced(letter) { UNSPACED_LETTER } else { 1 };
    let length: usize = line.chars().take(LONGEST_HEADING + 1).map(weight).sum();
    let short = length <= LONGEST_HEADING;
    let unquoted = line.trim_end_matches([')', ']', '’', '”', '"', '\'', '」', '』', '）', '»']);
    let ends_open = unquoted.chars().next_back().is_some_and(char::is_alphanumeric);
    let starts_large = line.chars().next().is_some_and(|first| !first.is_lowercase());
    match line {
        "" => ParagraphKind::Blank,
        _ if short && ends_open && starts_large && !line.contains('"') => ParagraphKind::Heading,
        _ => ParagraphKind::Body,
    }
}

/// A heading stands before body text: the last lines of an article and runs of short
/// lines (tables, bylines, lists) are body.
fn settle_headings(paragraphs: &mut [Paragraph]) {
    let mut followed_by_body = false;
    for paragraph in paragraphs.iter_mut().rev() {
        match paragraph.kind {
            ParagraphKind::Blank => {}
            ParagraphKind::Heading if followed_by_body => followed_by_body = false,
            ParagraphKind::Heading => {
                paragraph.kind = ParagraphKind::Body;
                followed_by_body = false;
            }
            ParagraphKind::Body | ParagraphKind::Headline => followed_by_body = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ParagraphKind::{Blank, Body, Heading, Headline};

    #[test]
    fn headline_headings_and_boilerplate_are_told_apart() {
        let text = "Gunmen storm headquarters\nThey came at dusk.\n\nWhat we know\nIt began at seven.\nComments";
        let found = paragraphs(text, "Gunmen storm headquarters");
        let kinds: Vec<_> = found.iter().map(|paragraph| paragraph.kind).collect();
        assert_eq!(kinds, [Headline, Body, Blank, Heading, Body, Body]);
        assert_eq!(&text[found[4].range], "It began at seven.");
    }

    #[test]
    fn a_paragraph_without_a_full_stop_or_with_a_last_quotation_is_no_heading() {
        let thai = "โรงพยาบาลแจ้งว่าผู้บาดเจ็บสามคนอาการสาหัสต้องส่งตัวไปรักษาต่อ";
        let chinese = "枪声持续了将近四十分钟。“我躲在商店里，什么都不敢看！”";
        for line in [thai, chinese, "He said: “It is over.”"] {
            let text = format!("Title\n{line}\nWhat was known at seven.");
            assert_eq!(paragraphs(&text, "Title")[1].kind, Body, "{line}");
        }
        let text = "Title\n医院的情况\n医院发言人表示，六名伤者仍然没有脱离危险。";
        assert_eq!(paragraphs(text, "Title")[1].kind, Heading);
    }

    #[test]
    fn an_empty_text_is_one_blank_paragraph() {
        let found = paragraphs("", "");
        assert_eq!(found.len(), 1);
        assert!(found[0].range.is_empty());
    }
}
