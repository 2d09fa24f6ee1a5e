//! Files of one record a line, larger than the memory.
//!
//! Lines are read in blocks, parsed on all cores, and given to the sink in the order of
//! the file. A line that is none is refused, and the next one read.

use super::cores::parse_all;
use super::document::Document;
use super::error::FormatError;
use super::reading::{Sink, Source, Warning};
use std::io::{BufRead, Read as _};

/// The most bytes of one record. An article may have a quarter of it; the rest is what
/// escapes and annotations take.
const LONGEST_LINE: u64 = 4 * super::LARGEST_ARTICLE;
/// The bytes of lines that are parsed at once.
const BLOCK: usize = 4 << 20;

/// What a line gave: a document, or nothing where the line has none.
pub(super) type Parsed = Result<(Option<Document>, Vec<Warning>), FormatError>;

/// Reads every line that is not blank; `parse` gets its number, counted from one, and the
/// line without its end.
///
/// # Errors
/// When the source cannot be read.
pub(super) fn lines(
    source: &mut dyn Source,
    sink: &mut dyn Sink,
    parse: impl Fn(u32, &str) -> Parsed + Sync,
) -> Result<(), FormatError> {
    let mut number = 0;
    loop {
        let (block, is_last) = block(source, &mut number)?;
        let parse = |(number, line): Line| line.and_then(|line| parse_bytes(number, &line, &parse));
        let parsed = parse_all(block, parse);
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

type Line = (u32, Result<Vec<u8>, FormatError>);

/// The next lines, and whether they are the last.
fn block(source: &mut dyn Source, number: &mut u32) -> Result<(Vec<Line>, bool), FormatError> {
    let (mut lines, mut bytes) = (Vec::new(), 0);
    while bytes < BLOCK {
        let mut line = Vec::new();
        let unreadable = |error: std::io::Error| FormatError::Unreadable(error.to_string());
        source.take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(unreadable)?;
        if line.is_empty() {
            return Ok((lines, true));
        }
        *number = number.saturating_add(1);
        bytes += line.len();
        if line.len() as u64 == LONGEST_LINE && !line.ends_with(b"\n") {
            // What is left of it is read and forgotten, in small steps.
            skip_line(source).map_err(unreadable)?;
            let what = format!("the line is longer than {} MiB", LONGEST_LINE >> 20);
            lines.push((*number, Err(FormatError::malformed(*number, what))));
            continue;
        }
        while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            line.pop();
        }
        lines.push((*number, Ok(line)));
    }
    Ok((lines, false))
}

fn skip_line(source: &mut dyn Source) -> std::io::Result<()> {
    loop {
        let buffer = source.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let read = end.map_or(buffer.len(), |end| end + 1);
        source.consume(read);
        if end.is_some() {
            return Ok(());
        }
    }
}

fn parse_bytes(number: u32, line: &[u8], parse: &(impl Fn(u32, &str) -> Parsed + Sync)) -> Parsed {
    let line = if number == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
    let Ok(line) = std::str::from_utf8(line) else {
        return Err(FormatError::Undecodable { encoding: "UTF-8", line: Some(number) });
    };
    if line.trim().is_empty() {
        return Ok((None, Vec::new()));
    }
    parse(number, line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Read;
    use std::io::Cursor;

    #[test]
    fn bad_lines_are_refused_by_number_and_the_rest_is_read() {
        let bytes = b"\xef\xbb\xbfone\r\n\n\xff\nthree\nbad\nlast";
        let mut read = Read::default();
        lines(&mut Cursor::new(&bytes[..]), &mut read, |number, line| {
            if line == "bad" {
                return Err(FormatError::malformed(number, "bad"));
            }
            Ok((Some(Document::bare(Default::default(), line)), vec![Warning::at(number, "x")]))
        })
        .unwrap();
        let texts: Vec<_> = read.documents.iter().map(|found| &*found.text).collect();
        assert_eq!(texts, ["one", "three", "last"]);
        assert_eq!(
            read.refused.iter().map(FormatError::line).collect::<Vec<_>>(),
            [Some(3), Some(5)]
        );
        assert_eq!(
            read.warnings.iter().map(|found| found.line).collect::<Vec<_>>(),
            [Some(1), Some(4), Some(6)]
        );
    }
}
