//! Markdown, reduced to the text as it reads.
//!
//! Headings, paragraphs, list items and table rows become lines of their own; marks for
//! emphasis and the addresses of links go, their words stay. YAML front matter gives
//! what is known about the article, one `key: value` a line. There is deliberately no
//! way back: markup in an article's text would be annotated along with it.

use super::lines::{Lines, with_headline};
use super::{
    Document, Format, FormatError, Input, OffsetUnit, Read, Reader, Warning, decode, meta,
};
use crate::model::ArticleMeta;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

pub(super) const FORMAT: Format = Format {
    id: "markdown",
    name: "Markdown",
    extensions: &["md", "markdown", "mdown", "mkd"],
    offsets: OffsetUnit::None,
    companions: &[],
    reads: Some(Reader::Whole(read)),
    asks: &[],
    writes: None,
    holds: "the text as it reads; title, source, date, url and language of YAML front matter",
    loses: "emphasis, addresses of links, images, raw HTML, other front matter",
};

fn read(input: &Input<'_>) -> Result<Read, FormatError> {
    let decoded = decode::decode(input.bytes, None)?;
    let mut warnings = decoded.warnings;
    let (front, body) = split_front_matter(&decoded.text);
    let mut meta = front_meta(front, &mut warnings);
    let first_line = count_lines(front) + 1;
    let reduced = reduce(body, first_line, &mut warnings);
    if reduced.text.is_empty() {
        return Err(FormatError::Empty);
    }
    if meta.title.is_empty() {
        meta.title = reduced.title;
    }
    let (title, text) = with_headline(&meta.title, reduced.text);
    meta.title = title;
    if meta.title.is_empty() {
        return Err(FormatError::Empty);
    }
    if meta.language.is_empty() {
        meta.language = meta::language_of(&text);
    }
    Ok(Read::one(Document::bare(meta, text), warnings))
}

/// The front matter with its fences, and the rest. A text that merely begins with a
/// rule has no front matter.
fn split_front_matter(text: &str) -> (&str, &str) {
    let mut lines = text.split_inclusive('\n');
    let mut end = match lines.next() {
        Some(fence) if fence.trim_end() == "---" => fence.len(),
        _ => return ("", text),
    };
    let mut has_keys = false;
    for line in lines {
        end += line.len();
        match line.trim_end() {
            "---" | "..." if has_keys => return text.split_at(end),
            "---" | "..." => return ("", text),
            line => has_keys |= key_and_value(line).is_some(),
        }
    }
    ("", text)
}

fn key_and_value(line: &str) -> Option<(String, &str)> {
    let (key, value) = line.split_once(':')?;
    let is_key = !key.is_empty()
        && !key.starts_with(char::is_whitespace)
        && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    is_key.then(|| (key.to_lowercase(), unquoted(value.trim())))
}

fn unquoted(value: &str) -> &str {
    let inside = |quote| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inside('"').or_else(|| inside('\'')).unwrap_or(value)
}

fn front_meta(front: &str, warnings: &mut Vec<Warning>) -> ArticleMeta {
    let mut meta = ArticleMeta::default();
    let mut left_out = Vec::new();
    for (key, value) in front.lines().filter_map(key_and_value) {
        let value = meta::one_line(value);
        match key.as_str() {
            "title" => meta.title = value,
            "source" | "site" | "publisher" => meta.source = value,
            "url" | "link" => meta.url = value,
            "language" | "lang" => meta.language = meta::language_code(&value),
            "date" => match meta::date(&value) {
                Some(date) => meta.date = Some(date),
                None if value.is_empty() => {}
                None => left_out.push(key),
            },
            _ => left_out.push(key),
        }
    }
    if !left_out.is_empty() {
        let what = format!("left out of the front matter: {}", left_out.join(", "));
        warnings.push(Warning { line: Some(1), what });
    }
    meta
}

fn count_lines(text: &str) -> u32 {
    u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX)
}

struct Reduced {
    title: String,
    text: String,
}

/// Walks over the body; `first_line` is its line in the file, counted from one.
fn reduce(body: &str, first_line: u32, warnings: &mut Vec<Warning>) -> Reduced {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut walk = Walk::default();
    for (event, range) in Parser::new_ext(body, options).into_offset_iter() {
        if let Event::Html(html) = &event
            && walk.left_out_at.is_none()
            && !html.trim_start().starts_with("<!--")
        {
            walk.left_out_at = Some(range.start);
        }
        walk.event(&event);
    }
    if let Some(at) = walk.left_out_at {
        let line = Some(first_line.saturating_add(count_lines(&body[..at])));
        let what = "raw HTML from here on is left out; import the file as HTML to keep its text";
        warnings.push(Warning { line, what: what.to_owned() });
    }
    Reduced { title: meta::one_line(&walk.title), text: walk.lines.finish() }
}

#[derive(Default)]
struct Walk {
    lines: Lines,
    title: String,
    in_title: bool,
    images: u32,
    left_out_at: Option<usize>,
}

impl Walk {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Code(text) => self.text(text),
            Event::SoftBreak => self.text(" "),
            Event::HardBreak | Event::Rule => self.lines.end_line(),
            Event::InlineHtml(tag) if tag.starts_with("<br") => self.lines.end_line(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        // What stands in an image's brackets is read out where the picture is not seen.
        if self.images > 0 {
            return;
        }
        self.lines.text(text);
        if self.in_title {
            self.title.push_str(text);
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Image { .. } => self.images += 1,
            Tag::TableCell => self.lines.next_cell(),
            Tag::CodeBlock(_) => self.lines.begin_preformatted(),
            Tag::Heading { level: HeadingLevel::H1, .. } => {
                self.lines.end_line();
                self.in_title = self.title.is_empty();
            }
            _ if is_inline(&tag.to_end()) => {}
            _ => self.lines.end_line(),
        }
    }

    fn end(&mut self, tag: &TagEnd) {
        match tag {
            TagEnd::Image => self.images = self.images.saturating_sub(1),
            TagEnd::TableCell => {}
            TagEnd::CodeBlock => self.lines.end_preformatted(),
            tag if is_inline(tag) => {}
            _ => {
                self.in_title = false;
                self.lines.end_line();
            }
        }
    }
}

fn is_inline(tag: &TagEnd) -> bool {
    matches!(tag, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_reads_as_text() {
        let cases = [
            (
                "# Title\n\nA *soft*\nbreak, a [link](http://x.org) and `code`.",
                "Title\nA soft break, a link and code.",
            ),
            (
                "T\n=\n\n- one\n- two\n  - three\n\n1. four\n\n   five",
                "T\none\ntwo\nthree\nfour\nfive",
            ),
            ("# T\n\n> quoted\n> on\n\n***\n\nhard  \nbreak", "T\nquoted on\nhard\nbreak"),
            ("# T\n\n| a | b |\n|---|---|\n| 1 | |\n| 3 | 4 |", "T\na | b\n1\n3 | 4"),
            ("# T\n\n```\nx = 1\n  y\n```\nafter ![alt](p.png) text", "T\nx = 1\n  y\nafter text"),
            ("First line\n\n## Section\n\nAT&amp;T &lt;3 \\*", "First line\nSection\nAT&T <3 *"),
            ("By Someone\n\n# The title\n\nBody", "The title\nBy Someone\nBody"),
            ("# T\n\none<br>two <!-- no -->", "T\none\ntwo"),
            ("---\nnot front matter", "not front matter"),
        ];
        for (source, expected) in cases {
            let read = read(&Input::alone(source.as_bytes(), "")).unwrap();
            assert_eq!(&*read.documents[0].text, expected);
            assert_eq!(read.documents[0].meta.title, expected.lines().next().unwrap());
            assert_eq!(read.warnings, [], "{source}");
        }
    }

    #[test]
    fn front_matter_is_what_is_known() {
        let source = "---\ntitle: \"Gunmen: storm HQ\"\ndate: 2023-02-17T20:00:00Z\nsite: Wire\n\
                      link: https://example.org/a\nlang: en-GB\ntags:\n  - a\n---\n\nBody.\n\n<div>lost</div>\n";
        let read = read(&Input::alone(source.as_bytes(), "")).unwrap();
        let article = &read.documents[0];
        assert_eq!(&*article.text, "Gunmen: storm HQ\nBody.");
        assert_eq!(article.meta.title, "Gunmen: storm HQ");
        assert_eq!(article.meta.date.unwrap().to_string(), "2023-02-17");
        assert_eq!(article.meta.source, "Wire");
        assert_eq!(article.meta.url, "https://example.org/a");
        assert_eq!(article.meta.language, "en");
        let warnings: Vec<_> = read.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(warnings[0], "line 1: left out of the front matter: tags");
        assert!(warnings[1].starts_with("line 13: raw HTML"), "{warnings:?}");
    }

    #[test]
    fn nothing_to_read_is_an_error() {
        for empty in ["---\ntitle: x\n---\n", "![only](a.png)", "<div>html</div>", "***"] {
            assert_eq!(
                read(&Input::alone(empty.as_bytes(), "")),
                Err(FormatError::Empty),
                "{empty}"
            );
        }
    }

    #[test]
    fn deep_nesting_comes_to_an_end() {
        for part in ["> ", "- ", "[", "*a ", "![", "`", "<a>", "1. ", "|", "&", "_a**"] {
            let _ = read(&Input::alone(format!("word\n\n{}", part.repeat(50_000)).as_bytes(), ""));
        }
    }
}
