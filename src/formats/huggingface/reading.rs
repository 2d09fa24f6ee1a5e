//! Reading Parquet: our own configurations, and datasets of others with a column of texts
//! or with lists of tokens and tags.

use super::bounds::rows_at_once;
use super::layers::{Layers, column_of, list};
use super::{OURS, SPANS};
use crate::formats::document::{Document, Layer};
use crate::formats::error::FormatError;
use crate::formats::places::Places;
use crate::formats::reading::{Outline, OutlineLabel, ReadOptions, Sink, Source, Warning};
use crate::formats::{LARGEST_ARTICLE, OffsetUnit, meta, tags};
use crate::model::ArticleMeta;
use crate::text::{TextRange, TextSize};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    Date32Type, Date64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{Array, Int64Array, ListArray, StructArray};
use arrow_schema::{DataType, FieldRef, Schema, TimeUnit};
use bytes::Bytes;
use jiff::civil::Date;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rayon::prelude::*;
use serde_json::Value;
use std::io::{Read as _, SeekFrom};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The most bytes of one file. Datasets are written in files of a few hundred MiB.
const LARGEST_FILE: u64 = 1 << 30;
/// The most bytes that a file may say its content has, unpacked.
const LARGEST_UNPACKED: i64 = 8 << 30;
/// The names under which datasets keep a text.
const TEXT_COLUMNS: [&str; 6] = ["text", "body", "content", "article", "document", "sentence"];
/// The names under which datasets keep the tags of tokens.
const TAG_COLUMNS: [&str; 4] = ["ner_tags", "tags", "labels", "ner"];

/// The columns with what is known about an article.
const ABOUT: [&str; 6] = ["id", "title", "source", "date", "url", "language"];

pub(super) fn read(
    source: &mut dyn Source,
    path: &str,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<(), FormatError> {
    let unreadable = |error: std::io::Error| FormatError::Unreadable(error.to_string());
    // Asked for beforehand, so that what is refused is never in memory.
    let told = source.seek(SeekFrom::End(0)).map_err(unreadable)?;
    let mut bytes = Vec::new();
    if told <= LARGEST_FILE {
        source.rewind().map_err(unreadable)?;
        source.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    if told.max(bytes.len() as u64) > LARGEST_FILE {
        return Err(FormatError::Malformed {
            line: None,
            what: format!("the file is larger than {} MiB", LARGEST_FILE >> 20),
            remedy: "write it as several files",
        });
    }
    let bytes = Bytes::from(bytes);
    // The reader of Parquet gives up on some damaged files instead of saying so.
    let read = AssertUnwindSafe(|| read_rows(&bytes, path, options, sink));
    catch_unwind(read).unwrap_or_else(|_| Err(damaged("its content makes no sense")))
}

pub(super) fn damaged(error: impl std::fmt::Display) -> FormatError {
    FormatError::malformed(None, format!("it is no Parquet file that can be read: {error}"))
}

fn read_rows(
    bytes: &Bytes,
    path: &str,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<(), FormatError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes.clone()).map_err(damaged)?;
    let sizes = builder.metadata().row_groups().iter().map(|group| group.total_byte_size());
    if sizes.fold(0_i64, i64::saturating_add) > LARGEST_UNPACKED {
        return Err(damaged("it says that its content fills the memory"));
    }
    let schema = builder.schema().clone();
    let ours = schema.metadata().get(OURS).map(String::as_str);
    if let Some(config) = ours.filter(|config| *config != SPANS && path.contains('/')) {
        let what = format!("left out: {config} is another form of what is in {SPANS}");
        sink.warn(Warning::whole_file(what));
        return Ok(());
    }
    let kind = Kind::of(&schema, options)?;
    if let Kind::Tags { names, .. } = &kind {
        sink.outline(outline(names));
        let what = "the text is made of the tokens, with a blank between them";
        sink.warn(Warning::whole_file(what));
    }
    if let Some(what) = kind.unread(&schema) {
        sink.warn(Warning::whole_file(what));
    }
    let mut row = 0;
    let at_once = rows_at_once(bytes)?;
    for rows in builder.with_batch_size(at_once).build().map_err(damaged)? {
        let rows = StructArray::from(rows.map_err(damaged)?);
        let read: Vec<_> =
            (0..rows.len()).into_par_iter().map(|at| kind.document(&rows, at)).collect();
        for read in read {
            row += 1;
            match read {
                Err(what) => {
                    sink.refuse(FormatError::malformed(None, format!("row {row}: {what}")));
                }
                Ok((document, told)) => {
                    let told = told.into_iter().map(|what| format!("row {row}: {what}"));
                    told.for_each(|what| sink.warn(Warning::whole_file(what)));
                    if sink.document(document).is_break() {
                        return Ok(());
                    }
                }
            }
        }
    }
    Ok(())
}

/// How the rows of a file are read.
enum Kind {
    /// Our own: a row for each article and annotator, or for each article.
    Spans,
    Annotators,
    /// Lists of tokens and of their tags; numbers stand for names.
    Tags {
        column: String,
        names: Vec<String>,
    },
    /// A column with texts.
    Texts(String),
}

/// A document and what is to be said about it, or why there is none.
type Row = Result<(Document, Vec<String>), String>;

impl Kind {
    fn of(schema: &Schema, options: &ReadOptions) -> Result<Self, FormatError> {
        let has = |name: &str| schema.field_with_name(name).is_ok();
        if let Some(column) = &options.text_column {
            return if has(column) {
                Ok(Self::Texts(column.clone()))
            } else {
                Err(no_text(schema))
            };
        }
        // By the columns, because other programs write our files anew without our key.
        let has_all = |names: &[&str]| names.iter().all(|name| has(name));
        if has_all(&["text", "annotator", "kind", "state", "spans", "relations"]) {
            return Ok(Self::Spans);
        }
        if has_all(&["text", "annotators"]) {
            return Ok(Self::Annotators);
        }
        let tags = TAG_COLUMNS.into_iter().find(|name| has(name));
        if let Some(column) = tags.filter(|_| has("tokens")) {
            let names = class_names(schema, column).unwrap_or_default();
            return Ok(Self::Tags { column: column.to_owned(), names });
        }
        let text = TEXT_COLUMNS.into_iter().find(|name| has(name));
        text.map(|name| Self::Texts(name.to_owned())).ok_or_else(|| no_text(schema))
    }

    /// What is to be said of columns that are not read.
    fn unread(&self, schema: &Schema) -> Option<String> {
        let read: &[&str] = match self {
            Self::Spans => &["text", "annotator", "kind", "state", "spans", "relations"],
            Self::Annotators => &["text", "annotators"],
            Self::Tags { column, .. } => &["tokens", "annotator", column],
            Self::Texts(column) => &[column],
        };
        let is_read = |field: &&FieldRef| {
            let name = field.name().as_str();
            read.contains(&name) || (ABOUT.contains(&name) && has_words(name, field.data_type()))
        };
        let fields = schema.fields().iter().filter(|field| !is_read(field));
        let names: Vec<_> = fields.map(|field| field.name().as_str()).take(12).collect();
        (!names.is_empty()).then(|| format!("columns that are not read: {}", names.join(", ")))
    }

    fn document(&self, rows: &StructArray, at: usize) -> Row {
        match self {
            Self::Spans => spans(rows, at),
            Self::Annotators => annotators(rows, at),
            Self::Tags { column, names } => tagged(rows, at, column, names),
            Self::Texts(column) => {
                let text = text(rows, column, at).unwrap_or_default();
                bare(rows, at, text)
            }
        }
    }
}

fn no_text(schema: &Schema) -> FormatError {
    let names: Vec<_> =
        schema.fields().iter().take(12).map(|field| field.name().as_str()).collect();
    FormatError::Malformed {
        line: None,
        what: format!("no column holds the text; the columns are {}", names.join(", ")),
        remedy: "name the column that holds it with --text-column",
    }
}

/// The names of a column of ClassLabels, from the metadata that `datasets` writes.
fn class_names(schema: &Schema, column: &str) -> Option<Vec<String>> {
    let metadata = schema.metadata().get("huggingface")?;
    let info: Value = serde_json::from_str(metadata).ok()?;
    let feature = info.get("info")?.get("features")?.get(column)?;
    let class = feature.get("feature").or_else(|| feature.get(0))?;
    let names = class.get("names")?.as_array()?.iter();
    names.map(|name| name.as_str().map(str::to_owned)).collect()
}

fn outline(tags: &[String]) -> Outline {
    let mut outline = Outline::default();
    for tag in tags {
        let label = tag.split_once('-').map_or("", |(_, label)| label).to_owned();
        let labels = vec![OutlineLabel { label: label.clone(), ..OutlineLabel::default() }];
        if !label.is_empty() {
            outline.add(Outline { labels, ..Outline::default() });
        }
    }
    outline
}

/// What a column has as text in a row; numbers as they are written.
fn text(rows: &StructArray, column: &str, at: usize) -> Option<String> {
    let array = rows.column_by_name(column).filter(|array| array.is_valid(at))?;
    Some(match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(at).to_owned(),
        DataType::LargeUtf8 => array.as_string::<i64>().value(at).to_owned(),
        DataType::Utf8View => array.as_string_view().value(at).to_owned(),
        DataType::Int64 => column_of::<Int64Array>(rows, column)?.value(at).to_string(),
        _ => return None,
    })
}

/// Whether what is known about an article can be read from a column of a type.
fn has_words(name: &str, kind: &DataType) -> bool {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Int64 => true,
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => name == "date",
        // A column without any value.
        DataType::Null => true,
        _ => false,
    }
}

/// The day that a column of days or points in time has in a row, in UTC; `None` where it is
/// a column of something else.
fn day(rows: &StructArray, column: &str, at: usize) -> Option<Date> {
    const DAY: i64 = 24 * 60 * 60;
    let array = rows.column_by_name(column).filter(|array| array.is_valid(at))?;
    let days = match array.data_type() {
        DataType::Date32 => i64::from(array.as_primitive::<Date32Type>().value(at)),
        DataType::Date64 => array.as_primitive::<Date64Type>().value(at).div_euclid(DAY * 1000),
        DataType::Timestamp(unit, _) => match unit {
            TimeUnit::Second => {
                array.as_primitive::<TimestampSecondType>().value(at).div_euclid(DAY)
            }
            TimeUnit::Millisecond => {
                array.as_primitive::<TimestampMillisecondType>().value(at).div_euclid(DAY * 1000)
            }
            TimeUnit::Microsecond => array
                .as_primitive::<TimestampMicrosecondType>()
                .value(at)
                .div_euclid(DAY * 1_000_000),
            TimeUnit::Nanosecond => array
                .as_primitive::<TimestampNanosecondType>()
                .value(at)
                .div_euclid(DAY * 1_000_000_000),
        },
        _ => return None,
    };
    Date::new(1970, 1, 1).ok()?.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// The article of a row without annotations.
fn bare(rows: &StructArray, at: usize, text_of: String) -> Row {
    if text_of.trim().is_empty() {
        return Err("the text is empty".to_owned());
    }
    if text_of.len() as u64 > LARGEST_ARTICLE {
        return Err(FormatError::TooLarge.to_string());
    }
    let field = |name: &str| meta::one_line(&text(rows, name, at).unwrap_or_default());
    let (date, no_date) = match day(rows, "date", at) {
        Some(day) => (Some(day), None),
        None => meta::told_date(&field("date")),
    };
    let about = ArticleMeta {
        title: field("title"),
        source: field("source"),
        date,
        url: field("url"),
        language: meta::language_code(&field("language")),
    };
    let name = text(rows, "id", at).unwrap_or_default();
    Ok((Document { name, ..Document::bare(about, text_of) }, no_date.into_iter().collect()))
}

const OTHER_COLUMNS: &str = "the columns are not those that Copydesk writes";

fn spans(rows: &StructArray, at: usize) -> Row {
    let layers = Layers::of(rows).ok_or(OTHER_COLUMNS)?;
    with_layers(rows, at, &layers, at..at + 1)
}

fn annotators(rows: &StructArray, at: usize) -> Row {
    let lists: &ListArray = column_of(rows, "annotators").ok_or(OTHER_COLUMNS)?;
    let layers = lists.values().as_struct_opt().and_then(Layers::of).ok_or(OTHER_COLUMNS)?;
    with_layers(rows, at, &layers, list(lists, at))
}

fn with_layers(rows: &StructArray, at: usize, layers: &Layers<'_>, range: Range<usize>) -> Row {
    let (mut document, mut told) = bare(rows, at, text(rows, "text", at).unwrap_or_default())?;
    let places = Places::new(&document.text, OffsetUnit::CodePoints);
    let found = range.filter_map(|at| layers.layer(at, &places, &mut told)).collect();
    document.layers = found;
    Ok((document, told))
}

/// A row of tokens and tags.
fn tagged(rows: &StructArray, at: usize, column: &str, names: &[String]) -> Row {
    let words: &ListArray =
        column_of(rows, "tokens").ok_or("the column tokens is none of lists")?;
    let words = words.value(at);
    let words = words.as_string_opt::<i32>().ok_or("the column tokens is none of texts")?;
    let (mut text_of, mut tokens) = (String::new(), Vec::with_capacity(words.len()));
    for word in words.iter().flatten() {
        if !text_of.is_empty() {
            text_of.push(' ');
        }
        let start = text_of.len();
        text_of.push_str(word);
        if !word.is_empty() {
            tokens.push(TextRange::new(size(start), size(text_of.len())));
        }
    }
    if tokens.len() != words.len() {
        return Err("one of the tokens is empty".to_owned());
    }
    let tags = tag_texts(rows, at, column, names)?;
    if tags.len() != tokens.len() {
        return Err(format!("there are {} tags for {} tokens", tags.len(), tokens.len()));
    }
    let (mut document, told) = bare(rows, at, text_of)?;
    let mut layer = Layer::of(text(rows, "annotator", at).unwrap_or_default());
    layer.annotations = tags::annotations(tags.iter().map(String::as_str), &tokens, &[]);
    document.layers = vec![layer];
    document.tokens = tokens;
    Ok((document, told))
}

fn size(bytes: usize) -> TextSize {
    TextSize::new(u32::try_from(bytes).unwrap_or(u32::MAX))
}

/// The tags of a row by their names.
fn tag_texts(
    rows: &StructArray,
    at: usize,
    column: &str,
    names: &[String],
) -> Result<Vec<String>, String> {
    let lists: &ListArray =
        column_of(rows, column).ok_or_else(|| format!("the column {column} is none of lists"))?;
    let tags = lists.value(at);
    if let Some(tags) = tags.as_string_opt::<i32>() {
        return Ok(tags.iter().map(|tag| tag.unwrap_or(tags::OUTSIDE).to_owned()).collect());
    }
    let numbers: &Int64Array = tags
        .as_any()
        .downcast_ref()
        .ok_or_else(|| format!("the column {column} has neither names nor numbers of tags"))?;
    let name = |number: Option<i64>| match number {
        None | Some(-1 | -100) => Ok(tags::OUTSIDE.to_owned()),
        Some(number) => usize::try_from(number)
            .ok()
            .and_then(|number| names.get(number).cloned())
            .ok_or_else(|| format!("the tag {number} has no name in the file")),
    };
    numbers.iter().map(name).collect()
}
