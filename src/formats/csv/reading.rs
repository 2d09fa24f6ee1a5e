//! Reading tables, ours and others', in any encoding.

use super::held::Held;
use super::quotes::Quotes;
use super::{HEAD, as_written};
use crate::formats::cores::parse_all;
use crate::formats::document::{Annotation, Document, Layer, LayerKind, Relation};
use crate::formats::error::FormatError;
use crate::formats::places::{Found, Places};
use crate::formats::reading::{ReadOptions, Sink, Source, Warning};
use crate::formats::{LARGEST_ARTICLE, OffsetUnit, decode, jsonl, meta};
use crate::model::{ArticleMeta, AttributeValue, Span, State};
use csv::StringRecord;
use std::collections::HashMap;
use std::io::{Cursor, Read, SeekFrom};

/// The most bytes between the starts of two rows. A quotation mark that is never closed
/// makes one row of the rest of a file.
const LONGEST_ROW: u64 = 4 * LARGEST_ARTICLE;
/// The bytes of rows that are made documents of at once.
const BLOCK: usize = 4 << 20;
/// The bytes of a first line by which the sign between cells is told.
const LONGEST_HEAD: u64 = 1 << 16;

/// The names under which tables keep a text.
const TEXT_COLUMNS: [&str; 5] = ["text", "body", "content", "article", "data"];

pub(super) fn read(
    source: &mut dyn Source,
    _: &str,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<(), FormatError> {
    if is_utf8(source).map_err(unreadable)? {
        source.rewind().map_err(unreadable)?;
        return read_table(source, options, sink);
    }
    source.rewind().map_err(unreadable)?;
    let mut bytes = Vec::new();
    source.take(LARGEST_ARTICLE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    let decoded = decode::decode(&bytes, None)?;
    decoded.warnings.into_iter().for_each(|warning| sink.warn(warning));
    read_table(&mut Cursor::new(decoded.text), options, sink)
}

fn unreadable(error: impl std::fmt::Display) -> FormatError {
    FormatError::Unreadable(error.to_string())
}

/// Whether a file is text in UTF-8 from its first to its last byte.
fn is_utf8(source: &mut dyn Source) -> std::io::Result<bool> {
    let mut buffer = vec![0; 1 << 16];
    // The bytes of a character that the last step cut.
    let mut kept = 0;
    loop {
        let read = source.read(buffer.get_mut(kept..).unwrap_or_default())?;
        let filled = buffer.get(..kept + read).unwrap_or_default();
        let valid = match std::str::from_utf8(filled) {
            Ok(_) => filled.len(),
            Err(error) if error.error_len().is_some() || read == 0 => return Ok(false),
            Err(error) => error.valid_up_to(),
        };
        if filled.contains(&0) {
            return Ok(false);
        }
        if read == 0 {
            return Ok(true);
        }
        let end = filled.len();
        buffer.copy_within(valid..end, 0);
        kept = end - valid;
    }
}

/// A source that gives no more than some bytes until it is allowed more, and knows whether
/// what it gave is cut off.
struct Bounded<'a> {
    source: &'a mut dyn Source,
    left: u64,
    quotes: Quotes,
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 {
            return Err(std::io::Error::other("a row is too long"));
        }
        let read = (&mut *self.source).take(self.left).read(buffer)?;
        self.left -= read as u64;
        self.quotes.follow(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

fn read_table(
    source: &mut dyn Source,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<(), FormatError> {
    let delimiter = delimiter(source)?;
    let mut table = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(Bounded { source, left: LONGEST_ROW, quotes: Quotes::new(delimiter) });
    let head = table.headers().map_err(|error| of_row(&error, 1))?.clone();
    let columns = Columns::of(&head, options)?;
    if let Some(what) = columns.unread(&head) {
        sink.warn(Warning::whole_file(what));
    }
    let mut held = Held::default();
    loop {
        let mut row = StringRecord::new();
        let is_row = match table.read_record(&mut row) {
            Ok(is_row) => is_row,
            Err(error) => return Err(of_row(&error, table.position().line())),
        };
        table.get_mut().left = LONGEST_ROW;
        let begins = is_row && columns.begins_article(&row);
        let cut_off = table.get_ref().quotes.open_since().filter(|_| !is_row);
        if cut_off.is_some() {
            // The last row is not whole, and so its article is not.
            held.drop_last(&columns);
        }
        if !is_row && table.get_ref().quotes.is_within_row() {
            held.rows
                .last()
                .and_then(|last| columns.cut_off(last))
                .into_iter()
                .for_each(|it| sink.warn(it));
        }
        if (!is_row || (begins && held.bytes >= BLOCK)) && documents(&held.take(), &columns, sink) {
            return Ok(());
        }
        if let Some(line) = cut_off {
            return Err(FormatError::Malformed {
                line: Some(line),
                what: "the file ends within a cell in quotation marks, which begins here"
                    .to_owned(),
                remedy: "it may be cut off: copy it again, or close the quotation marks",
            });
        }
        if !is_row {
            return Ok(());
        }
        if let Err(error) = held.add(row, begins, &columns) {
            sink.refuse(error);
        }
    }
}

/// What is wrong with a row; `begun` is the line of the row that was begun.
fn of_row(error: &csv::Error, begun: u64) -> FormatError {
    let line = u32::try_from(error.position().map_or(begun, csv::Position::line)).ok();
    match error.kind() {
        csv::ErrorKind::Io(_) => FormatError::Malformed {
            line,
            what: format!("a row is longer than {} MiB, or cannot be read", LONGEST_ROW >> 20),
            remedy: "look for a quotation mark that is not closed",
        },
        _ => FormatError::malformed(line, error.to_string()),
    }
}

/// The sign between the cells: what stands most often in the first line.
fn delimiter(source: &mut dyn Source) -> Result<u8, FormatError> {
    let mut head = Vec::new();
    source.take(LONGEST_HEAD).read_to_end(&mut head).map_err(unreadable)?;
    source.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |sign: u8| line.iter().filter(|byte| **byte == sign).count();
    // Of equals the last wins, so that the comma is meant where there is none of them.
    Ok([b'|', b'\t', b';', b','].into_iter().max_by_key(|sign| count(*sign)).unwrap_or(b','))
}

/// Where the cells of a row are.
pub(super) struct Columns {
    is_ours: bool,
    text: usize,
    /// How many there are.
    count: usize,
    by_name: HashMap<String, usize>,
}

impl Columns {
    fn of(head: &StringRecord, options: &ReadOptions) -> Result<Self, FormatError> {
        let name = |name: &str| name.trim_start_matches('\u{feff}').trim().to_lowercase();
        let mut by_name = HashMap::new();
        for (at, cell) in head.iter().enumerate() {
            by_name.entry(name(cell)).or_insert(at);
        }
        let is_ours = options.text_column.is_none()
            && HEAD.trim_end().split(',').take(9).all(|column| by_name.contains_key(column));
        let text = match &options.text_column {
            Some(column) => by_name.get(&name(column)),
            None => TEXT_COLUMNS.iter().find_map(|column| by_name.get(*column)),
        };
        let Some(text) = text.copied() else {
            let names: Vec<_> = head.iter().take(12).map(str::trim).collect();
            return Err(FormatError::Malformed {
                line: Some(1),
                what: format!("no column holds the text; the columns are {}", names.join(", ")),
                remedy: "name the column that holds it with --text-column",
            });
        };
        Ok(Self { is_ours, text, count: head.len(), by_name })
    }

    /// What is to be said of the columns that are not read.
    fn unread(&self, head: &StringRecord) -> Option<String> {
        const ABOUT: [&str; 6] = ["id", "title", "source", "date", "url", "language"];
        if self.is_ours {
            return None;
        }
        let is_read = |at: usize| {
            at == self.text || ABOUT.iter().any(|name| self.by_name.get(*name) == Some(&at))
        };
        let cells = head.iter().enumerate().filter(|(at, _)| !is_read(*at));
        let names: Vec<_> = cells.map(|(_, name)| name.trim()).take(12).collect();
        (!names.is_empty()).then(|| format!("columns that are not read: {}", names.join(", ")))
    }

    /// What is to be said of cells behind the last column; blank ones say nothing.
    fn surplus(&self, row: &StringRecord) -> Option<Warning> {
        let is_said = row.iter().skip(self.count).any(|cell| !cell.trim().is_empty());
        let (cells, columns) = (row.len(), self.count);
        let what = format!(
            "the row has {cells} cells and the table {columns} columns; left out: what is behind \
             the last column"
        );
        is_said.then(|| Warning { line: line(row), what })
    }

    /// What is to be said of a last row without a line end: ours all have every cell.
    fn cut_off(&self, row: &StringRecord) -> Option<Warning> {
        let (cells, columns) = (row.len(), self.count);
        let what = format!(
            "the last row has {cells} of {columns} cells and no line end; the file may be cut off"
        );
        (self.is_ours && cells < columns).then(|| Warning { line: line(row), what })
    }

    pub(super) fn begins_article(&self, row: &StringRecord) -> bool {
        !self.is_ours || self.cell(row, "row") == "article"
    }

    /// A cell by its column's name; empty where there is none.
    fn cell<'a>(&self, row: &'a StringRecord, name: &str) -> &'a str {
        let cell = self.by_name.get(name).and_then(|at| row.get(*at)).unwrap_or_default();
        if self.is_ours { as_written(cell) } else { cell }
    }
}

/// Gives the sink what some rows say, which end with an article; whether it wants no more.
fn documents(rows: &[StringRecord], columns: &Columns, sink: &mut dyn Sink) -> bool {
    let mut articles: Vec<&[StringRecord]> = Vec::new();
    let mut rest = rows;
    while let Some((_, after)) = rest.split_first() {
        let length = after.iter().position(|row| columns.begins_article(row));
        let (article, more) = rest.split_at(length.map_or(rest.len(), |at| at + 1));
        articles.push(article);
        rest = more;
    }
    let read = parse_all(articles, |rows| document(rows, columns));
    for read in read {
        match read {
            Err(error) => sink.refuse(error),
            Ok((document, warnings)) => {
                warnings.into_iter().for_each(|warning| sink.warn(warning));
                if sink.document(document).is_break() {
                    return true;
                }
            }
        }
    }
    false
}

pub(super) fn line(row: &StringRecord) -> Option<u32> {
    row.position().and_then(|at| u32::try_from(at.line()).ok())
}

type Article = Result<(Document, Vec<Warning>), FormatError>;

/// The article of its row and the rows below it.
fn document(rows: &[StringRecord], columns: &Columns) -> Article {
    let Some((first, below)) = rows.split_first() else { return Err(FormatError::Empty) };
    if !columns.begins_article(first) {
        let what = "the row belongs to no article; an article's rows stand below its own";
        return Err(FormatError::malformed(line(first), what));
    }
    let cell = first.get(columns.text).unwrap_or_default();
    let text = if columns.is_ours { as_written(cell) } else { cell };
    if text.trim().is_empty() {
        return Err(FormatError::malformed(line(first), "the text is empty"));
    }
    if text.len() as u64 > LARGEST_ARTICLE {
        return Err(FormatError::TooLarge);
    }
    let field = |name: &str| meta::one_line(columns.cell(first, name));
    let mut warnings: Vec<Warning> = rows.iter().filter_map(|row| columns.surplus(row)).collect();
    let (date, told) = meta::told_date(&field("date"));
    warnings.extend(told.map(|what| Warning { line: line(first), what }));
    let about = ArticleMeta {
        title: field("title"),
        source: field("source"),
        date,
        url: field("url"),
        language: meta::language_code(&field("language")),
    };
    let name =
        if columns.is_ours { columns.cell(first, "article").to_owned() } else { field("id") };
    let mut document = Document { name, ..Document::bare(about, text) };
    if columns.is_ours {
        let places = Places::new(&document.text, OffsetUnit::CodePoints);
        let (layers, by_name, known) = (Vec::new(), HashMap::new(), HashMap::new());
        let mut below_article = Below { columns, places, layers, by_name, known };
        for row in below {
            if let Err(what) = below_article.add(row, &document.name, &mut warnings) {
                warnings.push(Warning { line: line(row), what: format!("left out: {what}") });
            }
        }
        document.layers = below_article.layers;
    }
    Ok((document, warnings))
}

/// What the rows below an article say.
struct Below<'a> {
    columns: &'a Columns,
    places: Places<'a>,
    layers: Vec<Layer>,
    /// The layer of each annotator.
    by_name: HashMap<String, usize>,
    /// Where each annotation went, by its layer and id.
    known: HashMap<(usize, String), usize>,
}

impl Below<'_> {
    fn add_layer(&mut self, layer: Layer) -> usize {
        let at = self.layers.len();
        self.by_name.insert(layer.annotator.clone(), at);
        self.layers.push(layer);
        at
    }

    fn add(
        &mut self,
        row: &StringRecord,
        article: &str,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), String> {
        let cell = |name| self.columns.cell(row, name);
        if cell("article") != article {
            return Err(format!("the row is of the article {}", cell("article")));
        }
        let at = self.by_name.get(cell("annotator")).copied();
        let annotator = cell("annotator").to_owned();
        match (cell("row"), at) {
            ("annotator", None) => {
                let (kind, state) = (kind(cell("label")), state(cell("state")));
                self.add_layer(Layer { kind, state, ..Layer::of(annotator) });
            }
            ("annotator", Some(_)) => {}
            ("annotation", at) => {
                let id = cell("id").to_owned();
                let (annotation, told) = self.annotation(row)?;
                warnings.extend(told.map(|what| Warning { line: line(row), what }));
                let at = at.unwrap_or_else(|| self.add_layer(Layer::of(annotator)));
                if let Some(layer) = self.layers.get_mut(at) {
                    self.known.insert((at, id), layer.annotations.len());
                    layer.annotations.push(annotation);
                }
            }
            ("relation", Some(at)) => {
                let end = |name| self.known.get(&(at, cell(name).to_owned())).copied();
                let (id, kind) = (cell("id").to_owned(), cell("label").to_owned());
                let ends = end("from").zip(end("to"));
                let (from, to) = ends.ok_or("the relation has an end that is not there")?;
                if let Some(layer) = self.layers.get_mut(at) {
                    layer.relations.push(Relation { id, kind, from, to });
                }
            }
            (other, _) => return Err(format!("the row “{other}”, which is none of ours")),
        }
        Ok(())
    }

    /// The annotation of a row, and what is to be said about it.
    fn annotation(&self, row: &StringRecord) -> Result<(Annotation, Option<String>), String> {
        let cell = |name| self.columns.cell(row, name);
        let (id, label) = (cell("id"), cell("label"));
        let none = |why: &str| format!("the annotation {id} ({label}), {why}");
        let nowhere = || none("whose offsets are not in the text");
        let mut told = None;
        let ranges = if cell("ranges").trim().is_empty() {
            let offset = |name| cell(name).trim().parse::<u64>().ok();
            let ends = offset("start").zip(offset("end"));
            let (start, end) = ends.ok_or_else(|| none("whose offsets are no numbers"))?;
            match self.places.checked(start, end, cell("text")).ok_or_else(nowhere)? {
                Found::Right(range) => vec![range],
                Found::Moved(range, how) => {
                    told = Some(format!("the annotation {id} ({label}): {how}"));
                    vec![range]
                }
            }
        } else {
            let part = |range: &str| -> Option<[u64; 2]> {
                let (start, end) = range.split_once("..")?;
                Some([start.parse().ok()?, end.parse().ok()?])
            };
            let parts: Option<Vec<_>> = cell("ranges").split_whitespace().map(part).collect();
            let found = parts.and_then(|parts| self.places.checked_parts(&parts, cell("text")));
            let (ranges, how) = found.ok_or_else(nowhere)?;
            told = how.map(|how| format!("the annotation {id} ({label}): {how}"));
            ranges
        };
        let span = Span::from_ranges(ranges).map_err(|error| none(&error.to_string()))?;
        let attributes = attributes(cell("attributes"))
            .ok_or_else(|| none("whose attributes are no JSON object"))?;
        let annotation = Annotation {
            id: id.to_owned(),
            attributes,
            note: cell("note").to_owned(),
            ..Annotation::new(label, span)
        };
        Ok((annotation, told))
    }
}

fn attributes(cell: &str) -> Option<Vec<(String, AttributeValue)>> {
    if cell.trim().is_empty() {
        return Some(Vec::new());
    }
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(cell).ok()?;
    let values = object.into_iter();
    Some(values.filter_map(|(name, value)| Some((name, jsonl::read_value(value)?))).collect())
}

fn kind(cell: &str) -> LayerKind {
    match cell {
        "gold" => LayerKind::Gold,
        "predictions" => LayerKind::Predictions,
        _ => LayerKind::Annotator,
    }
}

fn state(cell: &str) -> Option<State> {
    match cell {
        "unseen" => Some(State::Unseen),
        "in_progress" => Some(State::InProgress),
        "done" => Some(State::Done),
        _ => None,
    }
}
