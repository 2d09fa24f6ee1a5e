//! `history/<annotator>/<article>.ron` and `history/project.ron`: one line for each time
//! that a step was done, undone or done again.

use super::article::read_hash;
use super::few::{All, Wire};
use super::met::Met;
use super::project::{WireSchema, schema, schema_of_line};
use super::remark::{WireRemark, remark};
use super::render::{Layout, Parts, string};
use super::set::{
    Stored, WireAnnotation, WireRelation, WireState, annotation, relation, state, state_of, time,
};
use super::{Fault, bad_value, parse};
use crate::edit::{Change, Edit, Step, StepKind, Transaction};
use crate::model::{AnnotatorName, Article, Schema, StepId, TextHash};
use crate::store::error::Cause;
use crate::text::TextRange;
use jiff::Timestamp;
use serde::Deserialize;
use std::sync::Arc;

/// One line of a history.
#[derive(Clone, Debug)]
pub(in crate::store) struct Line {
    pub(in crate::store) step: StepId,
    /// When the step was done, undone or done again.
    pub(in crate::store) at: Timestamp,
    pub(in crate::store) by: AnnotatorName,
    pub(in crate::store) what: String,
    pub(in crate::store) kind: StepKind,
    /// What was applied at that time: for an undo the way back.
    pub(in crate::store) change: LineChange,
    /// For a correction of the article: the texts between which the change leads.
    pub(in crate::store) text: Option<TextChange>,
    /// Whether the step is known to have changed the schema and no set.
    pub(in crate::store) is_alone: bool,
}

/// From which text of an article to which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct TextChange {
    pub(in crate::store) before: TextHash,
    pub(in crate::store) after: TextHash,
}

/// What a line changed, without saying whose: that is the file's name.
#[derive(Clone, Debug)]
pub(in crate::store) enum LineChange {
    Set { edits: Vec<StoredEdit>, inverse: Vec<StoredEdit> },
    Schema { after: Arc<Schema>, before: Arc<Schema> },
}

/// An edit with the text that the ranges of its annotation covered, as [`Stored`] has it.
/// It takes 32 bytes and what is large about it: `state(done),` takes 12 in a file.
#[derive(Clone, Debug)]
pub(in crate::store) struct StoredEdit {
    pub(in crate::store) edit: Edit,
    pub(in crate::store) ranges: Box<[(TextRange, String)]>,
}

impl From<Edit> for StoredEdit {
    fn from(edit: Edit) -> Self {
        Self { edit, ranges: Box::default() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireLine {
    step: String,
    at: String,
    by: String,
    what: String,
    #[serde(default)]
    kind: WireStepKind,
    edits: All<WireEdit>,
    inverse: All<WireEdit>,
    text: Option<WireText>,
    #[serde(default)]
    alone: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireText {
    before: String,
    after: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum WireStepKind {
    #[default]
    Do,
    Undo,
    Redo,
}

impl From<WireStepKind> for StepKind {
    fn from(kind: WireStepKind) -> Self {
        match kind {
            WireStepKind::Do => Self::Do,
            WireStepKind::Undo => Self::Undo,
            WireStepKind::Redo => Self::Redo,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireEdit {
    Add(WireAnnotation),
    Remove(String),
    Replace(WireAnnotation),
    Relate(WireRelation),
    Unrelate(String),
    Remark(WireRemark),
    Unremark(String),
    State(WireState),
    Schema(WireSchema),
}

/// Tells the lines of a step from others, without reading the rest of them.
pub(in crate::store) fn names_step(step: StepId) -> impl Fn(&[u8]) -> bool {
    let beginning = format!("(step: \"{step}\",");
    move |line| line.starts_with(beginning.as_bytes())
}

/// The step that a line tells of, where it stands as [`write_line`] writes it.
pub(in crate::store) fn step_of(line: &[u8]) -> Option<StepId> {
    let rest = line.strip_prefix(b"(step: \"")?;
    let end = rest.iter().position(|byte| *byte == b'"')?;
    std::str::from_utf8(&rest[..end]).ok()?.parse().ok()
}

/// Between which texts a line leads that corrected one, where it stands as
/// [`write_correction`] writes it. O(1): only its end is looked at.
pub(in crate::store) fn text_change_of(line: &[u8]) -> Option<TextChange> {
    const HASH: usize = 64;
    let (before, after): (&[u8], &[u8]) = (b"text: (before: \"", b"\", after: \"");
    let rest = line.strip_suffix(b"\"))")?;
    let hash = |hex: &[u8]| read_hash(std::str::from_utf8(hex).ok()?).ok();
    let (rest, second) = rest.split_at_checked(rest.len().checked_sub(HASH)?)?;
    let rest = rest.strip_suffix(after)?;
    let (rest, first) = rest.split_at_checked(rest.len().checked_sub(HASH)?)?;
    rest.ends_with(before).then_some(TextChange { before: hash(first)?, after: hash(second)? })
}

/// Whether a line tells of a step that changed nothing, where it stands as [`write_line`]
/// writes it. O(1): only its end is looked at.
pub(in crate::store) fn says_nothing(line: &[u8]) -> bool {
    line.ends_with(b", edits: [], inverse: [])")
}

/// What a line is called that stands where one could not be read.
pub(in crate::store) const GAP: &str = "A line that could not be read is missing here";

/// The line that stands in the place of one that could not be read: of its step, where that
/// is known.
pub(in crate::store) fn write_gap(
    step: StepId,
    kind: StepKind,
    (at, by): (Timestamp, &AnnotatorName),
) -> String {
    let (by, what) = (by.clone(), GAP.to_owned());
    let step = Step { id: step, at, by, what, changes: Vec::new() };
    let mut out = String::with_capacity(160);
    let mut parts = begin_line(&mut out, kind, at, &step);
    for side in ["edits", "inverse"] {
        edits(parts.field(side), &Transaction::default(), "");
    }
    parts.close();
    out.push('\n');
    out
}

impl Line {
    /// Whether it stands where one could not be read.
    pub(in crate::store) fn is_gap(&self) -> bool {
        let LineChange::Set { edits, inverse } = &self.change else { return false };
        self.what == GAP && edits.is_empty() && inverse.is_empty()
    }
}

impl Head {
    /// Whether it is that of a line that stands where one could not be read.
    pub(in crate::store) fn is_of_gap(&self, line: &[u8]) -> bool {
        self.what == GAP && says_nothing(line)
    }
}

/// What stands at the beginning of a line, before its edits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Head {
    pub(in crate::store) step: StepId,
    pub(in crate::store) at: Timestamp,
    pub(in crate::store) by: AnnotatorName,
    pub(in crate::store) what: String,
    pub(in crate::store) kind: StepKind,
}

/// Reads the head of a line that stands as [`write_line`] writes it, without looking at
/// its edits; `None` for every other line, which may be RON all the same.
pub(in crate::store) fn read_head(text: &str) -> Option<Head> {
    let rest = text.strip_prefix("(step: \"")?;
    let (step, rest) = rest.split_once("\", at: \"")?;
    let (at, rest) = rest.split_once("\", by: \"")?;
    let (by, rest) = rest.split_once("\", what: ")?;
    let what = &rest[..end_of_string(rest)?];
    let rest = rest[what.len()..].strip_prefix(", ")?;
    let kinds = [("edits: ", StepKind::Do), ("kind: undo, ", StepKind::Undo)];
    let mut kinds = kinds.into_iter().chain([("kind: redo, ", StepKind::Redo)]);
    let (_, kind) = kinds.find(|(start, _)| rest.starts_with(start))?;
    if !rest.trim_end().ends_with(')') {
        return None;
    }
    let what =
        if what.contains('\\') { parse(what).ok()? } else { what[1..what.len() - 1].to_owned() };
    let by = AnnotatorName::of_set(by).ok()?;
    Some(Head { step: step.parse().ok()?, at: time(at).ok()?, by, what, kind })
}

/// How long the string is that a text begins with, its quotation marks included.
fn end_of_string(text: &str) -> Option<usize> {
    let mut letters = text.bytes().enumerate();
    letters.next().filter(|(_, first)| *first == b'"')?;
    while let Some((at, letter)) = letters.next() {
        match letter {
            b'"' => return Some(at + 1),
            b'\\' => drop(letters.next()?),
            _ => {}
        }
    }
    None
}

/// Reads one line.
pub(in crate::store) fn read_line(text: &str) -> Result<Line, Fault> {
    let wire: WireLine = parse(text)?;
    let kind = StepKind::from(wire.kind);
    let change = change_of(wire.edits, wire.inverse).map_err(|cause| Fault::at(Some(1), cause))?;
    let text = wire.text.as_ref().map(text_change).transpose();
    let text = text.map_err(|cause| Fault::at(Some(1), cause))?;
    let line = || -> Result<Line, Cause> {
        let (step, at) = (wire.step.parse()?, time(&wire.at)?);
        let by = AnnotatorName::of_set(&wire.by)?;
        Ok(Line { step, at, by, what: wire.what, kind, change, text, is_alone: wire.alone })
    };
    line().map_err(|cause| Fault::at(Some(1), cause))
}

fn text_change(wire: &WireText) -> Result<TextChange, Cause> {
    Ok(TextChange { before: read_hash(&wire.before)?, after: read_hash(&wire.after)? })
}

/// An edit, or the schema that stands in its place in the history of the schema.
enum Entry {
    Edit(StoredEdit),
    Schema(Box<Schema>),
}

fn change_of(edits: All<WireEdit>, inverse: All<WireEdit>) -> Result<LineChange, Cause> {
    let entries = |all: All<WireEdit>| all.items().map_err(|(_, cause)| cause);
    let (edits, inverse) = (entries(edits)?, entries(inverse)?);
    let is_schema = |entry: &Entry| matches!(entry, Entry::Schema(_));
    if !edits.iter().chain(&inverse).any(is_schema) {
        return Ok(LineChange::Set { edits: only_edits(edits), inverse: only_edits(inverse) });
    }
    let after = Arc::new(only_schema(edits)?);
    Ok(LineChange::Schema { after, before: Arc::new(only_schema(inverse)?) })
}

/// The edits of a line without a schema; in place, since both are as large.
fn only_edits(entries: Vec<Entry>) -> Vec<StoredEdit> {
    let edits = entries.into_iter().filter_map(|entry| match entry {
        Entry::Edit(edit) => Some(edit),
        Entry::Schema(_) => None,
    });
    edits.collect()
}

const ALONE: &str = "a change of the schema stands alone on both sides of a line";

fn only_schema(entries: Vec<Entry>) -> Result<Schema, Cause> {
    match <[Entry; 1]>::try_from(entries) {
        Ok([Entry::Schema(schema)]) => Ok(*schema),
        _ => Err(bad_value(ALONE)),
    }
}

impl Wire for WireEdit {
    type Read = Entry;

    fn read(self, met: &mut Met) -> Result<Entry, Cause> {
        let stored = |Stored { annotation, ranges }, edit: fn(_) -> Edit| StoredEdit {
            edit: edit(annotation),
            ranges: ranges.into(),
        };
        Ok(Entry::Edit(match self {
            Self::Add(wire) => stored(wire.read(met)?, Edit::add),
            Self::Replace(wire) => stored(wire.read(met)?, Edit::replace),
            Self::Remove(id) => Edit::Remove(id.parse()?).into(),
            Self::Relate(wire) => Edit::relate(wire.read(met)?).into(),
            Self::Unrelate(id) => Edit::Unrelate(id.parse()?).into(),
            Self::Remark(wire) => Edit::remark(wire.read(met)?).into(),
            Self::Unremark(id) => Edit::Unremark(id.parse()?).into(),
            Self::State(wire) => Edit::State(state_of(wire)).into(),
            Self::Schema(_) if !met.is_first_schema() => return Err(bad_value(ALONE)),
            Self::Schema(wire) => return Ok(Entry::Schema(Box::new(schema_of_line(wire)?))),
        }))
    }
}

/// One line, with its line feed, for a change as it was applied: the inverse of the
/// step's own for an undo. `text` is the article's, empty for a change of the schema. Where the
/// schema is all that the step changes, its line says so.
pub(in crate::store) fn write_line(
    kind: StepKind,
    at: Timestamp,
    step: &Step,
    applied: &Change,
    text: &str,
) -> String {
    let mut out = String::with_capacity(512);
    let mut parts = begin_line(&mut out, kind, at, step);
    match applied {
        Change::Set { forward, backward, .. } => {
            edits(parts.field("edits"), forward, text);
            edits(parts.field("inverse"), backward, text);
        }
        Change::Schema { before, after } => {
            schema_edit(parts.field("edits"), after);
            schema_edit(parts.field("inverse"), before);
        }
    }
    if matches!(step.changes.as_slice(), [Change::Schema { .. }]) {
        parts.plain("alone", true);
    }
    parts.close();
    out.push('\n');
    out
}

/// One line, with its line feed, for a correction of an article: what it did to one set,
/// whose edits are made on the one text and lead back to the other.
pub(in crate::store) fn write_correction(
    kind: StepKind,
    step: &Step,
    (forward, after): (&Transaction, &Article),
    (backward, before): (&Transaction, &Article),
) -> String {
    let mut out = String::with_capacity(512);
    let mut parts = begin_line(&mut out, kind, step.at, step);
    edits(parts.field("edits"), forward, after.text());
    edits(parts.field("inverse"), backward, before.text());
    // At the end, where whoever reads only the head of a line passes over it.
    let mut text = Parts::of_struct(parts.field("text"), Layout::Line);
    text.string("before", &before.hash().to_string());
    text.string("after", &after.hash().to_string());
    text.close();
    parts.close();
    out.push('\n');
    out
}

fn begin_line<'a>(out: &'a mut String, kind: StepKind, at: Timestamp, step: &Step) -> Parts<'a> {
    let mut parts = Parts::of_struct(out, Layout::Line);
    parts.string("step", &step.id.to_string());
    parts.string("at", &to_the_millisecond(at));
    parts.string("by", step.by.as_str());
    string(parts.field("what"), &step.what);
    step_kind(&mut parts, kind);
    parts
}

/// How a step came to be written down; that somebody did it is left out.
pub(super) fn step_kind(parts: &mut Parts<'_>, kind: StepKind) {
    match kind {
        StepKind::Do => {}
        StepKind::Undo => parts.plain("kind", "undo"),
        StepKind::Redo => parts.plain("kind", "redo"),
    }
}

/// Times line up in a file, and a finer one is not cut.
pub(super) fn to_the_millisecond(at: Timestamp) -> String {
    if at.subsec_nanosecond() % 1_000_000 == 0 { format!("{at:.3}") } else { at.to_string() }
}

fn schema_edit(out: &mut String, changed: &Schema) {
    out.push_str("[schema(");
    schema(out, changed, Layout::Line);
    out.push_str(")]");
}

fn edits(out: &mut String, transaction: &Transaction, text: &str) {
    let mut list = Parts::of_list(out, Layout::Line);
    for found in &transaction.edits {
        edit(list.part(), found, text);
    }
    list.close();
}

fn edit(out: &mut String, edit: &Edit, text: &str) {
    out.push_str(match edit {
        Edit::Add(_) => "add(",
        Edit::Remove(_) => "remove(",
        Edit::Replace(_) => "replace(",
        Edit::Relate(_) => "relate(",
        Edit::Unrelate(_) => "unrelate(",
        Edit::Remark(_) => "remark(",
        Edit::Unremark(_) => "unremark(",
        Edit::State(_) => "state(",
    });
    match edit {
        Edit::Add(found) | Edit::Replace(found) => annotation(out, found, text),
        Edit::Remove(id) => string(out, &id.to_string()),
        Edit::Relate(found) => relation(out, found),
        Edit::Unrelate(id) => string(out, &id.to_string()),
        Edit::Remark(found) => remark(out, found),
        Edit::Unremark(id) => string(out, &id.to_string()),
        Edit::State(found) => state(out, *found),
    }
    out.push(')');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing;
    use proptest::prelude::*;

    fn plain(stored: Vec<StoredEdit>) -> Transaction {
        stored.into_iter().map(|stored| stored.edit).collect::<Vec<_>>().into()
    }

    proptest! {
        #[test]
        fn read_after_write_is_the_identity(edits in testing::edits(), what: String, kind in 0..3u8) {
            let mut set = testing::set_of(&[]);
            let edits: Vec<_> = edits
                .into_iter()
                .filter(|edit| Transaction::from(vec![edit.clone()]).apply(&mut set).is_ok())
                .collect();
            let mut set = testing::set_of(&[]);
            let step = Step { what, ..testing::step(7, &mut set, edits) };
            let kind = [StepKind::Do, StepKind::Undo, StepKind::Redo][usize::from(kind)];
            let text = write_line(kind, step.at, &step, &step.changes[0], testing::TEXT);
            prop_assert_eq!(text.matches('\n').count(), 1);
            prop_assert!(names_step(step.id)(text.as_bytes()));
            prop_assert_eq!(step_of(text.as_bytes()), Some(step.id));
            let line = read_line(&text).unwrap();
            prop_assert_eq!((line.step, line.at, line.kind), (step.id, step.at, kind));
            prop_assert_eq!((&line.by, &line.what), (&step.by, &step.what));
            let Line { step: id, at, by, what, kind, .. } = line.clone();
            prop_assert_eq!(read_head(&text), Some(Head { step: id, at, by, what, kind }));
            let LineChange::Set { edits, inverse } = line.change else { panic!("no set") };
            let Change::Set { forward, backward, .. } = &step.changes[0] else { panic!("no set") };
            prop_assert_eq!(&plain(edits), forward);
            prop_assert_eq!(&plain(inverse), backward);
        }
    }

    #[test]
    fn the_documented_example_is_written_as_it_was_read() {
        let mut set = testing::set_of(&[]);
        let mut step = testing::step(7, &mut set, vec![Edit::add(testing::mark(9, 7))]);
        "Label as Actor".clone_into(&mut step.what);
        let line =
            write_line(StepKind::Undo, step.at, &step, &step.changes[0].inverse(), testing::TEXT);
        assert_eq!(
            line,
            "(step: \"000007\", at: \"1970-01-01T00:00:07.000Z\", by: \"annotator-1\", what: \
             \"Label as Actor\", kind: undo, edits: [remove(\"000009\")], inverse: [add((id: \
             \"000009\", label: \"actor\", span: [(0, 7, \"Several\")], origin: manual, created: \
             \"1970-01-01T00:00:00Z\"))])\n"
        );
    }
}
