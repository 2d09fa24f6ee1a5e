//! Whether a table is cut off within a cell in quotation marks.
//!
//! The csv crate takes the end of a file for the end of such a cell. So the bytes that it
//! is given are followed here by its own rules: a quotation mark that begins a cell opens
//! it, two within it are one, and anywhere else they are signs like others.

/// Follows the bytes of a table from its first to its last.
pub(super) struct Quotes {
    delimiter: u8,
    place: Place,
    /// Line feeds so far.
    lines: u32,
    /// The line in which the last cell in quotation marks began, counted from one.
    began: u32,
    /// The last byte.
    last: u8,
    /// How many bytes of a byte order mark have been passed; they belong to no cell.
    mark: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the first byte.
    Start,
    /// At the beginning of a cell.
    CellStart,
    /// In a cell without quotation marks, or behind the ones that close it.
    Cell,
    /// Within quotation marks.
    Quoted,
    /// Behind a quotation mark that closes the cell unless another one follows.
    QuoteInQuoted,
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl Quotes {
    pub(super) fn new(delimiter: u8) -> Self {
        Self { delimiter, place: Place::Start, lines: 0, began: 1, last: b'\n', mark: 0 }
    }

    /// Goes on with more bytes; O(n).
    pub(super) fn follow(&mut self, bytes: &[u8]) {
        self.last = bytes.last().copied().unwrap_or(self.last);
        let mut at = 0;
        while let Some(byte) = bytes.get(at).copied() {
            // Most bytes are within cells, where only a few signs matter.
            let rest = bytes.get(at..).unwrap_or_default();
            let skipped = match self.place {
                Place::Quoted => self.skip(rest, |byte| byte == b'"'),
                Place::Cell => {
                    let delimiter = self.delimiter;
                    self.skip(rest, |byte| byte == delimiter || matches!(byte, b'\n' | b'\r'))
                }
                _ => 0,
            };
            if skipped > 0 {
                at += skipped;
                continue;
            }
            self.step(byte);
            at += 1;
        }
    }

    /// How many bytes stand before the first that matters.
    fn skip(&mut self, bytes: &[u8], matters: impl Fn(u8) -> bool) -> usize {
        let end = bytes.iter().position(|byte| matters(*byte)).unwrap_or(bytes.len());
        let skipped = bytes.get(..end).unwrap_or_default();
        let feeds = skipped.iter().filter(|byte| **byte == b'\n').count();
        self.lines = self.lines.saturating_add(u32::try_from(feeds).unwrap_or(u32::MAX));
        end
    }

    fn step(&mut self, byte: u8) {
        self.lines = self.lines.saturating_add(u32::from(byte == b'\n'));
        let is_end = byte == self.delimiter || matches!(byte, b'\n' | b'\r');
        self.place = match self.place {
            Place::Start if BYTE_ORDER_MARK.get(self.mark) == Some(&byte) => {
                self.mark += 1;
                Place::Start
            }
            Place::Start | Place::CellStart if byte == b'"' => {
                self.began = self.lines.saturating_add(1);
                Place::Quoted
            }
            Place::Quoted if byte == b'"' => Place::QuoteInQuoted,
            Place::QuoteInQuoted if byte == b'"' => Place::Quoted,
            Place::Quoted => Place::Quoted,
            _ if is_end => Place::CellStart,
            _ => Place::Cell,
        };
    }

    /// Whether the last row has no line end behind it.
    pub(super) fn is_within_row(&self) -> bool {
        !matches!(self.last, b'\n' | b'\r')
    }

    /// The line in which a cell began that is still open, counted from one.
    pub(super) fn open_since(&self) -> Option<u32> {
        (self.place == Place::Quoted).then_some(self.began)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn open_since(table: &[u8], step: usize) -> Option<u32> {
        let mut quotes = Quotes::new(b',');
        table.chunks(step).for_each(|bytes| quotes.follow(bytes));
        quotes.open_since()
    }

    #[test]
    fn a_cell_that_is_never_closed_is_found_by_its_line() {
        let cases: [(&str, Option<u32>); 9] = [
            ("a,b\n1,\"two", Some(2)),
            ("a,\"b\nc\nd\"\n\"e\n", Some(4)),
            ("\u{feff}\"a\nb", Some(1)),
            ("\"a\"\"", Some(1)),
            ("a,\"b\"", None),
            ("a\"b,c", None),
            ("\"a\" \"b,c", None),
            ("\"a\"\"b\"", None),
            ("", None),
        ];
        for (table, line) in cases {
            for step in [1, 2, 3, 100] {
                assert_eq!(open_since(table.as_bytes(), step), line, "{table:?} by {step}");
            }
        }
    }

    proptest! {
        /// What the csv crate writes is never open, and without its last mark it is.
        #[test]
        fn tables_as_they_are_written_are_closed(cells in proptest::collection::vec("[a\",\n\r ]{0,5}", 1..6)) {
            let mut writer = csv::WriterBuilder::new()
                .quote_style(csv::QuoteStyle::Always)
                .from_writer(Vec::new());
            writer.write_record(&cells).unwrap();
            let table = writer.into_inner().unwrap();
            prop_assert_eq!(open_since(&table, 7), None);
            prop_assert!(open_since(&table[..table.len() - 2], 7).is_some());
        }
    }
}
