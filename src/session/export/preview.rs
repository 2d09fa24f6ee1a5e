//! The first records of an export, for somebody to look at before it is written.
//!
//! What is shown is what the writer of the format makes of them, byte by byte and with what
//! stands at the beginning of the file. In JSON two things are done to it, so that what is
//! said of a text is seen below it: there are line breaks, and of long strings and lists
//! the beginning is shown.
//! Of several files that of annotations is shown; of a file that is not text, what our own
//! JSON lines would say. What is written is never made of this.

use super::documents::Reading;
use super::plan::PlannedBatch;
use super::{ExportError, ExportRequest};
use crate::formats::{Batch, Document, Frame, Layout, Piece, by_id};
use std::collections::BTreeMap;

/// The records that are shown.
const RECORDS: usize = 3;
/// The articles that are looked at to find them.
const LOOKED_AT: usize = 50;
/// The characters that are shown.
const SHOWN: usize = 4_000;
/// The lines that are shown: a file with a token on each has hundreds for an article.
const LINES: usize = 60;
/// The characters of a string within a record.
const STRING: usize = 160;
/// The objects of a list within a record.
const LIST: usize = 6;
/// What stands before the records of a file that is not text.
const NOT_TEXT: &str = "The file is not text. In lines of JSON it would say:\n\n";

/// The beginning of what is written; `batches` begin with one that has something in it.
pub(super) fn first_records(
    reading: &Reading<'_>,
    request: &ExportRequest,
    batches: &[PlannedBatch],
) -> Result<String, ExportError> {
    let (Some(writer), Some(first)) = (request.format.writes, batches.first()) else {
        return Ok(String::new());
    };
    // A file for each article shows one of them.
    let is_each = writer.layout == Layout::Files && writer.batch == 1;
    let most = if is_each { 1 } else { RECORDS };
    let (mut documents, mut pieces, mut looked_at) = (Vec::new(), Vec::new(), 0);
    for batch in batches.iter().take_while(|batch| batch.split == first.split) {
        let begin = documents.len();
        for article in &batch.articles {
            // What is noticed and lost is told where the batch itself is made.
            let (mut problems, mut losses) = (Vec::new(), Vec::new());
            if let Some(document) = reading.document(article, &mut problems, &mut losses)? {
                documents.push((writer.fit)(document, reading.options(), &mut losses));
            }
            looked_at += 1;
            if documents.len() == most || looked_at == LOOKED_AT {
                break;
            }
        }
        // Batches are written one by one, because what is written may count them.
        let of_batch = documents.get(begin..).unwrap_or_default();
        if !of_batch.is_empty() {
            pieces.extend((writer.write)(&as_planned(batch, of_batch, reading))?);
        }
        if documents.len() == most || looked_at == LOOKED_AT {
            break;
        }
    }
    let is_text = pieces.iter().all(|piece| std::str::from_utf8(&piece.bytes).is_ok());
    Ok(match is_text {
        true => shown(&pieces, writer.frame),
        false => as_lines(&as_planned(first, &documents, reading)),
    })
}

fn as_planned<'a>(
    batch: &'a PlannedBatch,
    documents: &'a [Document],
    reading: &'a Reading<'_>,
) -> Batch<'a> {
    let (split, options) = (batch.name.as_str(), reading.options());
    Batch { documents, split, number: batch.number, options }
}

/// The file of annotations out of those that pieces become.
fn shown(pieces: &[Piece], frame: Frame) -> String {
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    for piece in pieces {
        let file = files.entry(&piece.path).or_default();
        file.push_str(if file.is_empty() { frame.head } else { frame.between });
        file.push_str(&String::from_utf8_lossy(&piece.bytes));
    }
    let main = files.into_iter().max_by_key(|(path, text)| (is_of_annotations(path), text.len()));
    let (path, text) = main.unwrap_or_default();
    beginning(if is_json(path) { Json::new(&text).laid_out() } else { text })
}

/// What our own JSON lines would say.
fn as_lines(batch: &Batch<'_>) -> String {
    let writer = by_id("jsonl").and_then(|format| format.writes);
    let pieces = writer.and_then(|writer| (writer.write)(batch).ok()).unwrap_or_default();
    format!("{NOT_TEXT}{}", shown(&pieces, Frame::NONE))
}

fn beginning(text: String) -> String {
    let by_characters = text.char_indices().nth(SHOWN).map(|(end, _)| end);
    let by_lines = text.match_indices('\n').nth(LINES - 1).map(|(end, _)| end + 1);
    match by_characters.into_iter().chain(by_lines).min() {
        Some(end) if end < text.len() => format!("{}…", text.get(..end).unwrap_or_default()),
        _ => text,
    }
}

fn ending(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, ending)| ending)
}

/// Whether a file holds annotations, and not the text alone that they are of.
fn is_of_annotations(path: &str) -> bool {
    !matches!(ending(path), "txt" | "conf" | "md" | "xml" | "cfg")
}

fn is_json(path: &str) -> bool {
    matches!(ending(path), "json" | "jsonl" | "jsonld")
}

/// JSON on its way to be shown: its characters stay in their order, and none but the ends of
/// long strings and lists are left out.
struct Json<'a> {
    left: std::str::Chars<'a>,
    shown: String,
    open: Vec<Open>,
    /// How many lists the records are in.
    outside: usize,
    records: usize,
}

/// A list or an object whose end has not come yet.
#[derive(Clone, Copy)]
struct Open {
    bracket: char,
    /// Whether each of its parts has a line of its own.
    is_divided: bool,
    /// The parts that are over.
    parts: usize,
}

impl<'a> Json<'a> {
    fn new(text: &'a str) -> Self {
        let outside = usize::from(text.trim_start().starts_with('['));
        Self { left: text.chars(), shown: String::new(), open: Vec::new(), outside, records: 0 }
    }

    /// The first records, a field on a line, and an object in a list on a line.
    fn laid_out(mut self) -> String {
        while self.shown.len() < 4 * SHOWN && self.records < RECORDS {
            let Some(character) = self.left.next() else { break };
            match character {
                '"' => self.string(),
                '{' | '[' => self.opens(character),
                '}' | ']' => self.closes(character),
                ',' => self.part_ends(),
                '\n' if self.open.len() == self.outside && self.records > 0 => {
                    self.shown.push_str("\n\n");
                }
                other => self.shown.push(other),
            }
        }
        self.shown.truncate(self.shown.trim_end().len());
        self.shown
    }

    fn opens(&mut self, bracket: char) {
        let next = self.left.as_str().chars().next();
        let is_divided = match bracket {
            '{' => self.open.len() == self.outside && next != Some('}'),
            _ => self.open.len() >= self.outside && next == Some('{'),
        };
        self.shown.push(bracket);
        self.open.push(Open { bracket, is_divided, parts: 0 });
        if is_divided {
            self.line_after();
        }
    }

    fn closes(&mut self, bracket: char) {
        let is_divided = self.open.pop().is_some_and(|open| open.is_divided);
        if is_divided && !self.shown.ends_with(char::is_whitespace) {
            self.line();
        }
        self.shown.push(bracket);
        self.records += usize::from(bracket == '}' && self.open.len() == self.outside);
    }

    fn part_ends(&mut self) {
        self.shown.push(',');
        let Some(open) = self.open.last_mut().filter(|open| open.is_divided) else { return };
        open.parts += 1;
        if open.bracket == '[' && open.parts == LIST {
            self.line();
            self.shown.push('…');
            self.skip_list();
        } else {
            self.line_after();
        }
    }

    /// Goes on with the end of the list.
    fn skip_list(&mut self) {
        let mut inside = 0;
        while let Some(character) = self.left.next() {
            match character {
                '"' => while self.next_of_string().is_some() {},
                '[' | '{' => inside += 1,
                ']' if inside == 0 => return self.closes(character),
                ']' | '}' => inside -= 1,
                _ => {}
            }
        }
    }

    /// Begins a line, unless the file does so itself.
    fn line_after(&mut self) {
        if !self.left.as_str().starts_with(char::is_whitespace) {
            self.line();
        }
    }

    fn line(&mut self) {
        self.shown.push('\n');
        let depth = self.open.iter().filter(|open| open.is_divided).count();
        (0..depth).for_each(|_| self.shown.push_str("  "));
    }

    fn string(&mut self) {
        self.shown.push('"');
        let mut length = 0;
        while let Some((character, escaped)) = self.next_of_string() {
            length += 1;
            if length <= STRING {
                self.shown.push(character);
                self.shown.extend(escaped);
            } else if length == STRING + 1 {
                self.shown.push('…');
            }
        }
        self.shown.push('"');
    }

    /// The next character of a string, with the one that it escapes; none at the end.
    fn next_of_string(&mut self) -> Option<(char, Option<char>)> {
        let character = self.left.next().filter(|character| *character != '"')?;
        Some((character, if character == '\\' { self.left.next() } else { None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid_out(text: &str) -> String {
        Json::new(text).laid_out()
    }

    /// Without the line breaks that were added.
    fn in_a_line(shown: &str) -> String {
        shown.lines().map(str::trim_start).collect()
    }

    #[test]
    fn json_stays_as_it_is_written_and_in_its_order() {
        let line = r#"{"z":"a \"b\" \\","a":[[1,2],[3,4]],"m":[{"y":[],"b":{}},{"c":[{"d":1}]}]}"#;
        let shown = laid_out(line);
        assert_eq!(in_a_line(&shown), line);
        let expected = r#"{
  "z":"a \"b\" \\",
  "a":[[1,2],[3,4]],
  "m":[
    {"y":[],"b":{}},
    {"c":[
      {"d":1}
    ]}
  ]
}"#;
        assert_eq!(shown, expected);
        // What has line breaks gets no others.
        assert_eq!(laid_out(expected), expected);
        assert_eq!(laid_out("{}\n{}\n"), "{}\n\n{}");
    }

    #[test]
    fn annotations_are_seen_behind_a_long_text() {
        let text = "wörd\\n".repeat(1_000);
        let line = format!(r#"{{"text":"{text}","spans":[{{"label":"actor"}}]}}"#);
        let lines = [line.as_str(); 5].join("\n");
        let list = format!("[\n{},\n{line}\n]\n", [line.as_str(); 4].join(",\n"));
        for (shown, begins) in [(laid_out(&lines), "{\n"), (laid_out(&list), "[\n{\n")] {
            assert!(shown.starts_with(begins), "{shown}");
            assert_eq!(shown.matches(r#""label":"actor""#).count(), RECORDS);
            assert_eq!(shown.matches("wörd\\n…\"").count(), RECORDS, "{shown}");
            assert!(shown.chars().count() < 1_000, "{shown}");
        }
    }

    #[test]
    fn of_a_long_list_the_beginning_is_shown() {
        let token = r#"{"text":"]","parts":[{"a":1}]}"#;
        let tokens = |count: usize| vec![token; count].join(",");
        let line = |count| format!(r#"{{"tokens":[{}],"spans":[1]}}"#, tokens(count));
        assert_eq!(in_a_line(&laid_out(&line(LIST))), line(LIST));
        let shown = format!(r#"{{"tokens":[{},…],"spans":[1]}}"#, tokens(LIST));
        assert_eq!(in_a_line(&laid_out(&line(400))), shown);
    }

    #[test]
    fn a_file_is_shown_with_its_beginning_and_of_several_that_of_annotations() {
        let piece = |path: &str, text: &str| {
            let (path, bytes) = (path.to_owned(), text.as_bytes().to_vec());
            Piece { path, bytes }
        };
        let frame = Frame { head: "id,text\n", between: "", tail: "" };
        let rows = [piece("all.csv", "1,a\n"), piece("all.csv", "2,b\n")];
        assert_eq!(shown(&rows, frame), "id,text\n1,a\n2,b\n");
        let pair = [piece("a.txt", "A long text."), piece("a.ann", "T1\tactor 0 1\tA\n")];
        assert_eq!(shown(&pair, Frame::NONE), "T1\tactor 0 1\tA\n");
        let long = [piece("a.ann", &"é".repeat(2 * SHOWN))];
        assert_eq!(shown(&long, Frame::NONE), "é".repeat(SHOWN) + "…");
        let lines = [piece("a.conll", &"a O\n".repeat(2 * LINES))];
        assert_eq!(shown(&lines, Frame::NONE), "a O\n".repeat(LINES) + "…");
        let few = [piece("a.conll", &"a O\n".repeat(LINES))];
        assert_eq!(shown(&few, Frame::NONE), "a O\n".repeat(LINES));
    }
}
