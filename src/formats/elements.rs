//! Files of one JSON array, larger than the memory.
//!
//! The array is cut into its elements without being parsed, by its brackets and strings;
//! the elements of a block are then parsed on all cores and given to the sink in the order
//! of the file. A file of one object is an array of it. An element that is none is refused,
//! and the next one read.

use super::cores::parse_all;
use super::document::Document;
use super::error::FormatError;
use super::reading::{Sink, Source, Warning};

/// The most bytes of one element. An article may have a quarter of it; the rest is what
/// escapes and annotations take.
const LONGEST: usize = 4 * super::LARGEST_ARTICLE as usize;
/// The bytes of elements that are parsed at once.
const BLOCK: usize = 4 << 20;
/// The deepest that elements are nested.
const DEEPEST: u32 = 128;

/// An element, or why it is none, with the line that it begins in.
type Element = (u32, Result<Vec<u8>, FormatError>);

/// What an element gave.
pub(super) type Parsed = Result<(Option<Document>, Vec<Warning>), FormatError>;

/// Reads every element; `parse` gets the line that it begins in, counted from one.
///
/// # Errors
/// When the source cannot be read, or is no array of JSON.
pub(super) fn read(
    source: &mut dyn Source,
    sink: &mut dyn Sink,
    parse: impl Fn(u32, &str) -> Parsed + Sync,
) -> Result<(), FormatError> {
    let mut cutter = Cutter::default();
    loop {
        let (block, is_last) = block(source, &mut cutter)?;
        let parsed = parse_all(block, |(line, element)| {
            let element = element?;
            let element = std::str::from_utf8(&element)
                .map_err(|_| FormatError::Undecodable { encoding: "UTF-8", line: Some(line) })?;
            parse(line, element)
        });
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
            return cutter.end();
        }
    }
}

/// The next elements, and whether they are the last.
fn block(
    source: &mut dyn Source,
    cutter: &mut Cutter,
) -> Result<(Vec<Element>, bool), FormatError> {
    let (mut elements, mut bytes) = (Vec::new(), 0);
    while bytes < BLOCK {
        let buffer =
            source.fill_buf().map_err(|error| FormatError::Unreadable(error.to_string()))?;
        if buffer.is_empty() {
            return Ok((elements, true));
        }
        let read = buffer.len();
        bytes += read;
        cutter.cut(buffer, &mut elements)?;
        source.consume(read);
    }
    Ok((elements, false))
}

/// Cuts bytes into elements, however they come in pieces.
#[derive(Default)]
struct Cutter {
    /// The bytes of the element that has begun, and the line where.
    open: Vec<u8>,
    began: u32,
    is_too_long: bool,
    /// Line feeds so far.
    lines: u32,
    /// How many brackets are open in the element.
    depth: u32,
    is_in_string: bool,
    is_escaped: bool,
    has_begun: bool,
    is_in_array: bool,
    has_ended: bool,
}

impl Cutter {
    fn cut(&mut self, bytes: &[u8], elements: &mut Vec<Element>) -> Result<(), FormatError> {
        let mut at = 0;
        while let Some(byte) = bytes.get(at).copied() {
            if self.depth == 0 {
                self.between(byte)?;
                if self.depth == 0 {
                    at += 1;
                    continue;
                }
                // The bracket that begins an element is a part of it.
                self.depth = 0;
            }
            let end = self.run(bytes.get(at..).unwrap_or_default())?;
            let part = bytes.get(at..at + end).unwrap_or_default();
            if self.open.len() + part.len() > LONGEST {
                self.is_too_long = true;
                self.open.clear();
            }
            if !self.is_too_long {
                self.open.extend_from_slice(part);
            }
            at += end;
            if self.depth == 0 {
                elements.push((self.began, self.close()));
            }
        }
        Ok(())
    }

    /// A byte between two elements. A bracket that opens one sets the depth.
    fn between(&mut self, byte: u8) -> Result<(), FormatError> {
        match byte {
            b'\n' => self.lines = self.lines.saturating_add(1),
            b' ' | b'\t' | b'\r' => {}
            // The three bytes of a byte order mark.
            0xef | 0xbb | 0xbf if !self.has_begun => {}
            b',' if self.is_in_array => {}
            b'[' if !self.has_begun => (self.has_begun, self.is_in_array) = (true, true),
            b']' if self.is_in_array => (self.is_in_array, self.has_ended) = (false, true),
            b'{' if self.is_in_array || !self.has_begun => {
                (self.has_begun, self.depth) = (true, 1);
                self.has_ended = !self.is_in_array;
                self.began = self.line();
            }
            _ => {
                let what = "it is no array of objects in JSON";
                return Err(FormatError::malformed(self.line(), what));
            }
        }
        Ok(())
    }

    /// Goes on to the end of the element, or of the bytes; gives how many they are.
    fn run(&mut self, bytes: &[u8]) -> Result<usize, FormatError> {
        let mut at = 0;
        while let Some(byte) = bytes.get(at).copied() {
            at += 1;
            if self.is_in_string {
                match byte {
                    _ if self.is_escaped => self.is_escaped = false,
                    b'\\' => self.is_escaped = true,
                    b'"' => self.is_in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.is_in_string = true,
                b'\n' => self.lines = self.lines.saturating_add(1),
                b'{' | b'[' => {
                    self.depth += 1;
                    if self.depth > DEEPEST {
                        let what = format!("brackets are nested more than {DEEPEST} deep");
                        return Err(FormatError::malformed(self.line(), what));
                    }
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Ok(at);
                    }
                }
                _ => {}
            }
        }
        Ok(at)
    }

    fn close(&mut self) -> Result<Vec<u8>, FormatError> {
        if std::mem::take(&mut self.is_too_long) {
            let what = format!("an element is longer than {} MiB", LONGEST >> 20);
            return Err(FormatError::malformed(self.began, what));
        }
        Ok(std::mem::take(&mut self.open))
    }

    fn line(&self) -> u32 {
        self.lines.saturating_add(1)
    }

    /// Whether the file came to its end.
    fn end(&self) -> Result<(), FormatError> {
        if self.has_ended && self.depth == 0 {
            return Ok(());
        }
        let what = if self.has_begun { "the file is cut off" } else { "there is nothing in it" };
        Err(FormatError::malformed(self.line(), what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Read;
    use std::io::{BufReader, Cursor};

    fn elements(content: &str, buffer: usize) -> (Vec<(u32, String)>, Result<(), FormatError>) {
        let mut source = BufReader::with_capacity(buffer, Cursor::new(content.as_bytes().to_vec()));
        let mut read = Read::default();
        let found = std::sync::Mutex::new(Vec::new());
        let end = super::read(&mut source, &mut read, |line, element| {
            found.lock().unwrap().push((line, element.to_owned()));
            Ok((None, Vec::new()))
        });
        let mut found = found.into_inner().unwrap();
        found.sort();
        (found, end)
    }

    #[test]
    fn an_array_is_cut_into_its_elements() {
        let content = "\u{feff}[\n{\"a\": \"}]\\\"{\"}, {\"b\": [{}]}\n,{}]\n";
        for buffer in [1, 2, 7, 100] {
            let (found, end) = elements(content, buffer);
            let own = |line, element: &str| (line, element.to_owned());
            assert_eq!(
                found,
                [own(2, "{\"a\": \"}]\\\"{\"}"), own(2, "{\"b\": [{}]}"), own(3, "{}")]
            );
            assert_eq!(end, Ok(()));
        }
        assert_eq!(elements(" {\"a\":\n1} ", 3).0, [(1, "{\"a\":\n1}".to_owned())]);
        assert_eq!(elements("[]", 3), (Vec::new(), Ok(())));
    }

    #[test]
    fn what_is_no_array_is_refused_by_line() {
        let deep = format!("[\n{{\"a\":{}", "[".repeat(100_000));
        for (content, line) in
            [("", 1), ("[\n{}\n,", 3), ("[\n{\"a\": \"b", 2), ("\n[1]", 2), ("text", 1), (&deep, 2)]
        {
            let (_, end) = elements(content, 64);
            assert_eq!(end.unwrap_err().line(), Some(line), "{content:.20}");
        }
    }
}
