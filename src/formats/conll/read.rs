//! Reads articles one after the other; those of a block on all cores.

use super::super::cores::parse_all;
use super::super::document::{Document, Layer};
use super::super::error::FormatError;
use super::super::reading::{ReadOptions, Sink, Source, Warning, stem};
use super::super::records::Parsed;
use super::super::{LARGEST_ARTICLE, tags};
use super::DOCSTART;
use crate::text::{TextRange, TextSize};
use std::io::{BufRead as _, Read as _};

/// The most bytes that the lines of one article may have: tags and columns take more
/// than the text does.
const LONGEST: u64 = 4 * LARGEST_ARTICLE;
/// The bytes of articles that are parsed at once.
const BLOCK: usize = 4 << 20;
/// What stands in columns that hold nothing.
const PLACEHOLDERS: [&str; 4] = ["_", "-", "-X-", "O"];

/// The lines of one article.
struct Lines {
    /// The number of the first one, counted from one.
    first: u32,
    name: String,
    bytes: Vec<u8>,
}

pub(super) fn read(
    source: &mut dyn Source,
    path: &str,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<(), FormatError> {
    let (name, annotator) = stem(path).split_once('@').unwrap_or((stem(path), ""));
    let mut number = 0;
    let mut current = Lines { first: 1, name: name.to_owned(), bytes: Vec::new() };
    loop {
        let (block, is_last) = block(source, &mut current, &mut number)?;
        let parsed = parse_all(block, |lines| parse(&lines, annotator, options));
        for parsed in parsed {
            match parsed {
                Err(error) => sink.refuse(error),
                Ok((document, warnings)) => {
                    warnings.into_iter().for_each(|warning| sink.warn(warning));
                    if document.is_some_and(|document| sink.document(document).is_break()) {
                        return Ok(());
                    }
                }
            }
        }
        if is_last {
            return Ok(());
        }
    }
}

/// The next articles, and whether they are the last.
fn block(
    source: &mut dyn Source,
    current: &mut Lines,
    number: &mut u32,
) -> Result<(Vec<Lines>, bool), FormatError> {
    let (mut block, mut bytes) = (Vec::new(), 0);
    while bytes < BLOCK {
        let before = current.bytes.len();
        let read = source
            .take(LONGEST + 1)
            .read_until(b'\n', &mut current.bytes)
            .map_err(|error| FormatError::Unreadable(error.to_string()))?;
        *number = number.saturating_add(1);
        let next =
            Lines { first: number.saturating_add(1), name: String::new(), bytes: Vec::new() };
        if read == 0 {
            block.push(std::mem::replace(current, next));
            return Ok((block, true));
        }
        if current.bytes.len() as u64 > LONGEST {
            let what = format!("an article ends after more than {} MiB here", LONGEST >> 20);
            return Err(FormatError::malformed(*number, what));
        }
        let line = current.bytes.get(before..).unwrap_or_default();
        if let Some(rest) = line.strip_prefix(DOCSTART.as_bytes()) {
            let rest = String::from_utf8_lossy(rest);
            let name = rest.split([' ', '\t', '\r', '\n']).next().unwrap_or_default().to_owned();
            current.bytes.truncate(before);
            bytes += before;
            block.push(std::mem::replace(current, Lines { name, ..next }));
        }
    }
    Ok((block, false))
}

/// The article of its lines; none where there are no tokens.
fn parse(lines: &Lines, annotator: &str, options: &ReadOptions) -> Parsed {
    let bytes = lines.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&lines.bytes);
    let content = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let ends = before.iter().filter(|byte| **byte == b'\n').count();
        let line = lines.first.saturating_add(u32::try_from(ends).unwrap_or(u32::MAX));
        FormatError::Undecodable { encoding: "UTF-8", line: Some(line) }
    })?;
    let mut text = String::with_capacity(content.len());
    let (mut tokens, mut tags) = (Vec::<TextRange>::new(), Vec::<&str>::new());
    let (mut starts, mut sentences) = (Vec::new(), Vec::<TextRange>::new());
    let mut short = Short::default();
    let (mut is_start, mut has_more) = (true, None);
    for (number, line) in (lines.first..).zip(content.lines()) {
        let fields = match fields(line, options) {
            Line::Token(fields) => fields,
            Line::NoToken => {
                short.no_token.add(number);
                continue;
            }
            Line::End => {
                is_start = true;
                continue;
            }
        };
        if fields.tag.is_none() {
            short.no_tag.add(number);
        }
        has_more = has_more.or(fields.has_more.then_some(number));
        if !text.is_empty() {
            text.push(if is_start { '\n' } else { ' ' });
        }
        if text.len() + fields.form.len() > LARGEST_ARTICLE as usize {
            return Err(FormatError::TooLarge);
        }
        let token = TextRange::at(TextSize::of(text.as_str()), TextSize::of(fields.form));
        text.push_str(fields.form);
        match sentences.last_mut() {
            Some(last) if !is_start => *last = last.cover(token),
            _ => {
                starts.push(tokens.len());
                sentences.push(token);
            }
        }
        tokens.push(token);
        tags.push(fields.tag.unwrap_or(tags::OUTSIDE));
        is_start = false;
    }
    let mut warnings = short.warnings(options);
    if let Some(number) = has_more {
        let what = "left out: the columns that are neither the token's nor the tag's";
        warnings.push(Warning::at(number, what));
    }
    if tokens.is_empty() {
        return Ok((None, warnings));
    }
    let layer =
        Layer { annotations: tags::annotations(tags, &tokens, &starts), ..Layer::of(annotator) };
    let name = lines.name.clone();
    let text = text.into();
    let document =
        Document { name, text, layers: vec![layer], tokens, sentences, ..Document::default() };
    Ok((Some(document), warnings))
}

/// A line's token and tag.
struct Fields<'a> {
    form: &'a str,
    tag: Option<&'a str>,
    /// Whether it says more than that.
    has_more: bool,
}

/// What a line is.
enum Line<'a> {
    Token(Fields<'a>),
    /// It has other columns than the token's.
    NoToken,
    /// It ends a sentence.
    End,
}

/// Lines that are too short: the first of them, and how many there are.
#[derive(Default)]
struct Lacking {
    first: Option<u32>,
    count: usize,
}

impl Lacking {
    fn add(&mut self, line: u32) {
        self.first.get_or_insert(line);
        self.count += 1;
    }
}

/// The lines of an article that have not the columns that are read. There may be as many
/// as lines, so that each lack is told once.
#[derive(Default)]
struct Short {
    no_token: Lacking,
    no_tag: Lacking,
}

impl Short {
    fn warnings(self, options: &ReadOptions) -> Vec<Warning> {
        let named = |at: Option<usize>| match at {
            Some(at) => format!("column {at}, counted from zero, for the"),
            None => "column for the".to_owned(),
        };
        let tell = |lacking: Lacking, at: Option<usize>, what: &str, done: &str| {
            let Lacking { first, count } = lacking;
            let lines =
                if count == 1 { "the line has".to_owned() } else { format!("{count} lines have") };
            let what = format!("{lines} no {} {what}; {done}", named(at));
            first.map(|first| Warning::at(first, what))
        };
        let columns = options.columns;
        let token = columns.map(|(token, _)| token);
        let tag = columns.map(|(_, tag)| tag);
        let told = [
            tell(self.no_token, token, "token", "left out"),
            tell(self.no_tag, tag, "tag", "read as outside of annotations"),
        ];
        told.into_iter().flatten().collect()
    }
}

/// What a line says.
fn fields<'a>(line: &'a str, options: &ReadOptions) -> Line<'a> {
    if line.trim().is_empty() {
        return Line::End;
    }
    let between = if line.contains('\t') { '\t' } else { ' ' };
    let cells = || {
        let is_cell = move |cell: &&str| between == '\t' || !cell.is_empty();
        line.split(between).map(str::trim).filter(is_cell)
    };
    let is_more = |cell: &str| !cell.is_empty() && !PLACEHOLDERS.contains(&cell);
    let (form, tag, has_more) = match options.columns {
        None => {
            let mut cells = cells();
            let Some(form) = cells.next() else { return Line::End };
            (form, cells.next_back(), cells.any(is_more))
        }
        Some((form, tag)) => {
            let mut others = cells().enumerate().filter(|(at, _)| *at != form && *at != tag);
            let has_more = others.any(|(_, cell)| is_more(cell));
            let Some(token) = cells().nth(form) else { return Line::NoToken };
            (token, cells().nth(tag).filter(|_| tag != form), has_more)
        }
    };
    if form.is_empty() {
        return Line::End;
    }
    Line::Token(Fields { form, tag, has_more })
}
