//! The shapes of a project's files: RON on one side, the model on the other.
//!
//! Reading goes through private serde structs that refuse unknown fields, and then
//! through conversions that check what serde cannot. Writing is done by hand
//! ([`render`]), because the layout is part of the format: one annotation a line, texts
//! as they read, fields in one order; ron's own printer would escape combining marks and
//! break lines elsewhere. There are no files here, only text; which file it came from is
//! the caller's to add.

mod article;
mod assignment;
mod conflict;
mod few;
mod letters;
mod met;
mod project;
mod quick;
mod remark;
mod render;
mod schema_change;
mod set;
mod step;

pub(super) use article::{read_article, write_article};
pub(super) use assignment::{read_assignment, write_assignment};
pub(super) use conflict::{Part, Side, conflict_line, conflict_parts, is_conflict_marker, side_of};
pub(super) use letters::{read_letters, write_letters};
pub(super) use project::{ProjectFile, read_project, read_schema, write_project};
pub(super) use schema_change::{read_schema_change, write_schema_change};
pub(super) use set::{
    Mark, SetFile, SetLines, Stored, annotations_in, lines_of_set, read_set, read_set_mark,
    states_in, write_set, write_set_file,
};
pub(super) use step::{
    Head, Line, LineChange, StoredEdit, TextChange, names_step, read_head, read_line, says_nothing,
    step_of, text_change_of, write_correction, write_gap, write_line,
};

use super::error::{Cause, StoreError};
use super::layout;
use ron::Options;
use ron::error::{Error, SpannedError};
use ron::extensions::Extensions;
use ron::value::RawValue;
use serde::Deserialize;
use std::path::Path;

/// The format that this version reads and writes.
pub(super) const FORMAT: u32 = 1;

/// Brackets within brackets; the deepest file that is written has eight.
const DEEPEST: usize = 64;

/// A cause with the line in which it was found.
#[derive(Debug)]
pub(super) struct Fault {
    line: Option<u32>,
    column: Option<u32>,
    cause: Cause,
}

impl Fault {
    fn at(line: Option<u32>, cause: impl Into<Cause>) -> Self {
        Self { line, column: None, cause: cause.into() }
    }

    /// The fault as one of a file; `before` lines stand in front of the text it is about.
    pub(super) fn of(self, file: &Path, before: u32) -> StoreError {
        let Self { line, column, mut cause } = self;
        let line = line.map(|line| line + before);
        if let Cause::Conflict { is_mendable } = &mut cause {
            *is_mendable = layout::is_of_set(file);
        }
        StoreError { file: file.to_owned(), line, column, cause }
    }
}

impl<C: Into<Cause>> From<C> for Fault {
    fn from(cause: C) -> Self {
        Self::at(None, cause)
    }
}

/// The text of a file, without a byte order mark.
pub(super) fn text(bytes: &[u8]) -> Result<&str, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count() as u32;
        Fault::at(Some(line), Cause::NotUtf8)
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Reads a file that starts with its format version. A newer version is named as that,
/// whatever else about it cannot be read.
fn parse_file<'a, T: Deserialize<'a>>(
    text: &'a str,
    format: impl Fn(&T) -> u32,
) -> Result<T, Fault> {
    let parsed = parse(text);
    let found = match &parsed {
        Ok(parsed) => Some((format(parsed), None)),
        Err(_) => format_of(text),
    };
    match found {
        Some((found, line)) if found != FORMAT => Err(Fault::at(line, Cause::Format { found })),
        _ => parsed,
    }
}

/// Reads RON.
fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Fault> {
    options().from_str(text).map_err(|error| fault_of(text, error))
}

fn options() -> Options {
    Options::default()
        .with_default_extension(Extensions::IMPLICIT_SOME)
        .with_recursion_limit(DEEPEST)
}

/// The version that a file names and the line where it does, whatever else it holds.
fn format_of(text: &str) -> Option<(u32, Option<u32>)> {
    #[derive(Deserialize)]
    struct Head<'a> {
        #[serde(borrow)]
        format: &'a RawValue,
    }
    let head: Head<'_> = options().from_str(text).ok()?;
    let found = head.format.trim().get_ron().parse().ok()?;
    Some((found, line_of(text, head.format)))
}

/// The line of a part of a text.
fn line_of(text: &str, part: &RawValue) -> Option<u32> {
    let part = part.trim().get_ron().as_ptr() as usize;
    let before = text.get(..part.checked_sub(text.as_ptr() as usize)?)?;
    Some(1 + before.matches('\n').count() as u32)
}

fn fault_of(text: &str, error: SpannedError) -> Fault {
    if let Some(conflict) = conflict::conflict_fault(text) {
        return conflict;
    }
    let at = error.span.end;
    let cause = match error.code {
        Error::NoSuchStructField { found, .. } => Cause::UnknownField(found),
        _ if is_too_deep(text) => Cause::TooDeep,
        _ if text.lines().nth(at.line - 1).is_some_and(|line| line.contains('\0')) => {
            Cause::Syntax(
                "there are NUL bytes, as a power cut leaves them in a file that was being written"
                    .to_owned(),
            )
        }
        code => Cause::Syntax(in_words(&code)),
    };
    Fault { line: Some(at.line as u32), column: Some(at.col as u32), cause }
}

/// Shapes are checked while reading, so depth is rarely what stops it; but a file of
/// nothing but brackets should be named as that.
fn is_too_deep(text: &str) -> bool {
    matches!(
        RawValue::from_ron(text),
        Err(SpannedError { code: Error::ExceededRecursionLimit, .. })
    )
}

/// The parser's words within a sentence, without the names of our structs.
fn in_words(code: &Error) -> String {
    match code {
        Error::Eof | Error::ExpectedStringEnd => "it ends too early".to_owned(),
        Error::MissingStructField { field, .. } => format!("the field {field:?} is missing"),
        Error::DuplicateStructField { field, .. } => format!("the field {field:?} stands twice"),
        Error::NoSuchEnumVariant { expected, found, .. } => {
            format!("{found:?} stands where one of {} belongs", expected.join(", "))
        }
        Error::ExpectedNamedStructLike(_)
        | Error::ExpectedStructLike
        | Error::ExpectedDifferentStructName { .. } => {
            "a value in round brackets, such as (id: …), belongs here".to_owned()
        }
        code => {
            let words = without_our_names(&code.to_string());
            let mut letters = words.chars();
            let first = letters.next().map(|first| first.to_ascii_lowercase());
            first.into_iter().chain(letters).collect()
        }
    }
}

/// Our structs are called otherwise than anything in a file.
fn without_our_names(words: &str) -> String {
    let ours = |word: &&str| {
        word.trim_matches(|letter: char| !letter.is_alphanumeric()).starts_with("Wire")
    };
    let told: Vec<_> =
        words.split(' ').map(|word| if ours(&word) { "value" } else { word }).collect();
    told.join(" ")
}

fn bad_value(what: impl Into<String>) -> Cause {
    Cause::BadValue(what.into())
}
