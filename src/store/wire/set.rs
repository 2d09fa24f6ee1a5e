//! `annotations/<annotator>/<article>.ron`: one annotator, one article; and the single
//! annotation, relation and state, which the lines of a history hold too.
//!
//! What comes out of here is not yet an annotation set: surface texts stand beside the
//! offsets, and nothing was compared with the article. `load` does that.

use super::article::read_hash;
use super::few::{All, Few, Wire, items_of, push, too_many};
use super::met::Met;
use super::quick;
use super::remark::{WireRemark, remark};
use super::render::{Layout, Parts, string, strings};
use super::{FORMAT, Fault, bad_value, line_of, options, parse, parse_file};
use crate::model::{
    Annotation, AnnotationSet, AnnotatorName, AttributeValue, Attributes, MOST_ATTRIBUTES, Origin,
    Relation, RelationTypeId, Remark, Span, State, StepId, TextHash,
};
use crate::store::error::Cause;
use crate::text::{TextRange, TextSize};
use jiff::Timestamp;
use ron::value::RawValue;
use serde::Deserialize;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use std::collections::HashSet;
use std::fmt;

/// The line of a history up to which a file holds what was done.
///
/// A step is written down again each time it is undone or redone, so its id alone does
/// not name a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Mark {
    /// The step.
    pub(in crate::store) step: StepId,
    /// Which of the step's lines it is, counted from one.
    pub(in crate::store) lines: u32,
}

/// What an annotation file holds.
#[derive(Debug)]
pub(in crate::store) struct SetFile {
    pub(in crate::store) article: String,
    pub(in crate::store) annotator: String,
    pub(in crate::store) hash: TextHash,
    pub(in crate::store) state: State,
    pub(in crate::store) mark: Option<Mark>,
    pub(in crate::store) annotations: Vec<Stored>,
    pub(in crate::store) relations: Vec<Relation>,
    pub(in crate::store) remarks: Vec<Remark>,
}

/// An annotation with the text that its ranges covered when it was written, range by
/// range. Its span is not yet known to fit the article.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::store) struct Stored {
    pub(in crate::store) annotation: Annotation,
    pub(in crate::store) ranges: Vec<(TextRange, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSet {
    format: u32,
    article: String,
    annotator: String,
    sha256: String,
    state: WireState,
    step: Option<String>,
    step_lines: Option<u32>,
    #[serde(default)]
    annotations: All<WireAnnotation>,
    #[serde(default)]
    relations: All<WireRelation>,
    #[serde(default)]
    remarks: All<WireRemark>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum WireState {
    Unseen,
    InProgress,
    Done,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireAnnotation {
    id: String,
    label: String,
    span: Few<(u32, u32, String)>,
    #[serde(default)]
    attributes: WireAttributes,
    #[serde(default)]
    note: String,
    was: Option<String>,
    origin: WireOrigin,
    created: String,
    modified: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireOrigin {
    Manual,
    Suggestion(String),
    Import(String),
    Adjudication(Few<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireRelation {
    id: String,
    kind: String,
    from: String,
    to: String,
}

/// A map read by hand, because serde's own would let the second of two equal keys win.
#[derive(Default)]
struct WireAttributes(Vec<(String, AttributeValue)>);

impl<'de> Deserialize<'de> for WireAttributes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = WireAttributes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of attributes")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let (mut pairs, mut known) = (Vec::new(), HashSet::new());
                while let Some((key, WireValue(value))) = map.next_entry::<String, _>()? {
                    if !known.insert(key.clone()) {
                        return Err(A::Error::custom(format!(
                            "the attribute {key:?} stands twice"
                        )));
                    }
                    if pairs.len() == MOST_ATTRIBUTES {
                        return Err(too_many(MOST_ATTRIBUTES));
                    }
                    push(&mut pairs, (key, value));
                }
                pairs.shrink_to_fit();
                Ok(WireAttributes(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

struct WireValue(AttributeValue);

impl<'de> Deserialize<'de> for WireValue {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Self)
    }
}

/// The kind of value is known by how it is written: `3` is whole and `3.0` is not.
struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = AttributeValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, a list of strings, a number, true or false")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(AttributeValue::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(AttributeValue::Integer(number))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
        let fits = i64::try_from(number);
        fits.map(AttributeValue::Integer).map_err(|_| E::custom(format!("{number} is too large")))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(AttributeValue::Decimal(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(AttributeValue::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(AttributeValue::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        items_of(list).map(AttributeValue::List)
    }
}

/// The annotations of a file that cannot be read as a whole: those that can, each for
/// itself.
pub(in crate::store) fn annotations_in(text: &str) -> Vec<Stored> {
    const BEGINNING: &str = "(id: \"";
    let mut met = Met::default();
    let mut starts: Vec<_> = text.match_indices(BEGINNING).map(|(at, _)| at).collect();
    starts.push(text.len());
    // None of them holds another one.
    let parts = starts.iter().zip(starts.iter().skip(1)).map(|(from, until)| &text[*from..*until]);
    let whole = parts.filter_map(|part| Some(&part[..end_of_brackets(part)?]));
    whole.filter_map(|one| parse::<WireAnnotation>(one).ok()?.read(&mut met).ok()).collect()
}

/// How far an annotator has come by a file that cannot be read as a whole: once for each
/// line that says it.
pub(in crate::store) fn states_in(text: &str) -> Vec<State> {
    let words = text.lines().filter_map(|line| {
        let word = line.trim().strip_prefix("state: ")?;
        Some(word.trim_end_matches(','))
    });
    words
        .filter_map(|word| match word {
            "unseen" => Some(State::Unseen),
            "in_progress" => Some(State::InProgress),
            "done" => Some(State::Done),
            _ => None,
        })
        .collect()
}

/// How long the part is that ends with the bracket which closes the one it begins with.
fn end_of_brackets(text: &str) -> Option<usize> {
    let (mut depth, mut is_string, mut is_escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_string => is_escaped = true,
            b'"' => is_string = !is_string,
            b'(' | b'[' | b'{' if !is_string => depth += 1,
            b')' | b']' | b'}' if !is_string => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Reads an annotation file.
pub(in crate::store) fn read_set(text: &str) -> Result<SetFile, Fault> {
    quick::set(text).map_or_else(|| read_any_set(text), Ok)
}

/// Reads an annotation file, however it is laid out.
fn read_any_set(text: &str) -> Result<SetFile, Fault> {
    let wire: WireSet = parse_file(text, |wire: &WireSet| wire.format)?;
    let at = |line: fn(&str, usize) -> Option<u32>| {
        move |(index, cause)| Fault::at(line(text, index), cause)
    };
    let annotations = wire.annotations.items().map_err(at(line_of_annotation))?;
    let relations = wire.relations.items().map_err(at(line_of_relation))?;
    let remarks = wire.remarks.items().map_err(at(line_of_remark))?;
    Ok(SetFile {
        article: wire.article,
        annotator: wire.annotator,
        hash: read_hash(&wire.sha256)?,
        state: state_of(wire.state),
        mark: mark_of(wire.step.as_deref(), wire.step_lines)?,
        annotations,
        relations,
        remarks,
    })
}

/// The last line of its history that an annotation file holds. Nothing behind the head of
/// the file is read where it stands as [`write_set`] writes it.
pub(in crate::store) fn read_set_mark(text: &str) -> Result<Option<Mark>, Fault> {
    #[derive(Deserialize)]
    struct Head {
        step: Option<String>,
        step_lines: Option<u32>,
    }
    let head = text.split_once("\n    annotations: [").map(|(head, _)| format!("{head}\n)"));
    match head.and_then(|head| options().from_str::<Head>(&head).ok()) {
        Some(Head { step, step_lines }) => Ok(mark_of(step.as_deref(), step_lines)?),
        None => read_set(text).map(|file| file.mark),
    }
}

/// The lines of the parts of an annotation file, in the file's own order.
#[derive(Debug)]
pub(in crate::store) struct SetLines {
    pub(in crate::store) annotations: Vec<Option<u32>>,
    pub(in crate::store) relations: Vec<Option<u32>>,
    pub(in crate::store) remarks: Vec<Option<u32>>,
}

/// The lines of all annotations, relations and remarks of a file.
///
/// The file is read a second time for this, since only what goes wrong needs its line.
pub(in crate::store) fn lines_of_set(text: &str) -> SetLines {
    #[derive(Default, Deserialize)]
    struct Inside<'a> {
        #[serde(default, borrow)]
        annotations: Vec<&'a RawValue>,
        #[serde(default, borrow)]
        relations: Vec<&'a RawValue>,
        #[serde(default, borrow)]
        remarks: Vec<&'a RawValue>,
    }
    let inside: Inside<'_> = options().from_str(text).unwrap_or_default();
    // Counting line feeds from the start for each would be quadratic.
    let (mut at, mut line) = (0, Some(1));
    let mut lines = |parts: &[&RawValue]| {
        let mut found = Vec::with_capacity(parts.len());
        for part in parts {
            let start =
                (part.trim().get_ron().as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
            line = match text.as_bytes().get(at..start) {
                Some(between) => line.map(|line| {
                    line + between.iter().filter(|byte| **byte == b'\n').count() as u32
                }),
                // The relations stand before the annotations.
                None => line_of(text, part),
            };
            at = start;
            found.push(line);
        }
        found
    };
    let annotations = lines(&inside.annotations);
    let relations = lines(&inside.relations);
    SetLines { annotations, relations, remarks: lines(&inside.remarks) }
}

fn line_of_annotation(text: &str, index: usize) -> Option<u32> {
    lines_of_set(text).annotations.get(index).copied().flatten()
}

fn line_of_relation(text: &str, index: usize) -> Option<u32> {
    lines_of_set(text).relations.get(index).copied().flatten()
}

fn line_of_remark(text: &str, index: usize) -> Option<u32> {
    lines_of_set(text).remarks.get(index).copied().flatten()
}

pub(super) fn mark_of(step: Option<&str>, lines: Option<u32>) -> Result<Option<Mark>, Cause> {
    let step = step.map(str::parse).transpose()?;
    Ok(step.map(|step| Mark { step, lines: lines.unwrap_or(1) }))
}

pub(super) fn mark(file: &mut Parts<'_>, mark: Option<Mark>) {
    let Some(Mark { step, lines }) = mark else { return };
    file.string("step", &step.to_string());
    if lines != 1 {
        file.plain("step_lines", lines);
    }
}

pub(super) fn state_of(wire: WireState) -> State {
    match wire {
        WireState::Unseen => State::Unseen,
        WireState::InProgress => State::InProgress,
        WireState::Done => State::Done,
    }
}

impl Wire for WireAnnotation {
    type Read = Stored;

    fn read(self, met: &mut Met) -> Result<Stored, Cause> {
        let mut ranges = Vec::with_capacity(self.span.0.len());
        for (start, end, surface) in self.span.0 {
            if start >= end {
                return Err(bad_value(format!("the range {start}..{end} holds no character")));
            }
            ranges.push((TextRange::new(TextSize::new(start), TextSize::new(end)), surface));
        }
        let span = Span::from_ranges(ranges.iter().map(|(range, _)| *range).collect())
            .map_err(|error| bad_value(error.to_string()))?;
        let attributes = self.attributes.0.into_iter();
        let attributes: Attributes = attributes
            .map(|(id, value)| Ok((met.attribute(&id)?, value)))
            .collect::<Result<_, Cause>>()?;
        let annotation = Annotation {
            id: self.id.parse()?,
            label: met.label(&self.label)?,
            span,
            attributes,
            note: self.note,
            was: self.was.map(Into::into),
            origin: origin_of(self.origin)?,
            created: time(&self.created)?,
            modified: self.modified.as_deref().map(time).transpose()?,
        };
        Ok(Stored { annotation, ranges })
    }
}

fn origin_of(wire: WireOrigin) -> Result<Origin, Cause> {
    Ok(match wire {
        WireOrigin::Manual => Origin::Manual,
        WireOrigin::Suggestion(source) => Origin::Suggestion(source),
        WireOrigin::Import(source) => Origin::Import(source),
        WireOrigin::Adjudication(names) => {
            Origin::Adjudication(names.0.iter().map(AnnotatorName::new).collect::<Result<_, _>>()?)
        }
    })
}

pub(super) fn time(text: &str) -> Result<Timestamp, Cause> {
    text.parse().map_err(|_| bad_value(format!("{text:?} is no time like 2026-11-23T09:12:44Z")))
}

impl Wire for WireRelation {
    type Read = Relation;

    fn read(self, _: &mut Met) -> Result<Relation, Cause> {
        Ok(Relation {
            id: self.id.parse()?,
            kind: RelationTypeId::new(&self.kind)?,
            from: self.from.parse()?,
            to: self.to.parse()?,
        })
    }
}

/// The file of an annotation set.
pub(in crate::store) fn write_set(set: &AnnotationSet, held: Option<Mark>) -> String {
    let text = set.article().text();
    let mut out = String::with_capacity(512 + set.len() * 192);
    let mut file = Parts::of_struct(&mut out, Layout::Block(1));
    file.plain("format", FORMAT);
    file.string("article", set.article().id().as_str());
    file.string("annotator", set.annotator().as_str());
    file.string("sha256", &set.article().hash().to_string());
    state(file.field("state"), set.state());
    mark(&mut file, held);
    let mut annotations = Parts::of_list(file.field("annotations"), Layout::Block(2));
    for found in set.annotations() {
        annotation(annotations.part(), found, text);
    }
    annotations.close();
    if set.relations().next().is_some() {
        let mut relations = Parts::of_list(file.field("relations"), Layout::Block(2));
        for found in set.relations() {
            relation(relations.part(), found);
        }
        relations.close();
    }
    remarks(&mut file, &mut set.remarks());
    file.close();
    out.push('\n');
    out
}

/// The comments and rulings of a set, one a line; left out where there are none.
fn remarks(file: &mut Parts<'_>, found: &mut dyn Iterator<Item = &Remark>) {
    let mut found = found.peekable();
    if found.peek().is_none() {
        return;
    }
    let mut lines = Parts::of_list(file.field("remarks"), Layout::Block(2));
    for found in found {
        remark(lines.part(), found);
    }
    lines.close();
}

/// The content of an annotation file as a file again, each range with its own text.
pub(in crate::store) fn write_set_file(content: &SetFile) -> String {
    let mut out = String::new();
    let mut file = Parts::of_struct(&mut out, Layout::Block(1));
    file.plain("format", FORMAT);
    file.string("article", &content.article);
    file.string("annotator", &content.annotator);
    file.string("sha256", &content.hash.to_string());
    state(file.field("state"), content.state);
    mark(&mut file, content.mark);
    let mut annotations = Parts::of_list(file.field("annotations"), Layout::Block(2));
    for found in &content.annotations {
        annotation_with(
            annotations.part(),
            &found.annotation,
            found.ranges.iter().map(|(range, surface)| (*range, &**surface)),
        );
    }
    annotations.close();
    let mut relations = Parts::of_list(file.field("relations"), Layout::Block(2));
    for found in &content.relations {
        relation(relations.part(), found);
    }
    relations.close();
    remarks(&mut file, &mut content.remarks.iter());
    file.close();
    out
}

pub(super) fn state(out: &mut String, state: State) {
    out.push_str(match state {
        State::Unseen => "unseen",
        State::InProgress => "in_progress",
        State::Done => "done",
    });
}

/// An annotation in one line, with the text of its ranges.
pub(super) fn annotation(out: &mut String, annotation: &Annotation, text: &str) {
    let covered = |range: &TextRange| text.get(range.start().into()..range.end().into());
    let ranges = annotation.span.ranges().iter();
    let ranges = ranges.map(|range| (*range, covered(range).unwrap_or_default()));
    annotation_with(out, annotation, ranges);
}

/// An annotation in one line, with these ranges.
fn annotation_with<'a>(
    out: &mut String,
    annotation: &Annotation,
    ranges: impl Iterator<Item = (TextRange, &'a str)>,
) {
    let mut parts = Parts::of_struct(out, Layout::Line);
    parts.string("id", &annotation.id.to_string());
    parts.string("label", annotation.label.as_str());
    let mut span = Parts::of_list(parts.field("span"), Layout::Line);
    for (range, surface) in ranges {
        let mut place = Parts::of_struct(span.part(), Layout::Line);
        for offset in [range.start(), range.end()] {
            place.part().push_str(&u32::from(offset).to_string());
        }
        string(place.part(), surface);
        place.close();
    }
    span.close();
    if !annotation.attributes.is_empty() {
        let mut attributes = Parts::of_map(parts.field("attributes"));
        for (id, found) in &annotation.attributes {
            let out = attributes.part();
            string(out, id.as_str());
            out.push_str(": ");
            value(out, found);
        }
        attributes.close();
    }
    parts.string("note", &annotation.note);
    parts.string("was", annotation.was.as_deref().unwrap_or_default());
    origin(parts.field("origin"), &annotation.origin);
    parts.string("created", &annotation.created.to_string());
    if let Some(modified) = annotation.modified {
        parts.string("modified", &modified.to_string());
    }
    parts.close();
}

fn value(out: &mut String, value: &AttributeValue) {
    match value {
        AttributeValue::Text(text) => string(out, text),
        AttributeValue::List(items) => strings(out, items),
        AttributeValue::Integer(number) => out.push_str(&number.to_string()),
        AttributeValue::Decimal(number) => out.push_str(&format!("{number:?}")),
        AttributeValue::Flag(flag) => out.push_str(&flag.to_string()),
    }
}

fn origin(out: &mut String, origin: &Origin) {
    out.push_str(match origin {
        Origin::Manual => "manual",
        Origin::Suggestion(_) => "suggestion(",
        Origin::Import(_) => "import(",
        Origin::Adjudication(_) => "adjudication(",
    });
    match origin {
        Origin::Manual => return,
        Origin::Suggestion(source) | Origin::Import(source) => string(out, source),
        Origin::Adjudication(names) => strings(out, names.iter().map(AnnotatorName::as_str)),
    }
    out.push(')');
}

/// A relation in one line.
pub(super) fn relation(out: &mut String, relation: &Relation) {
    let mut parts = Parts::of_struct(out, Layout::Line);
    parts.string("id", &relation.id.to_string());
    parts.string("kind", relation.kind.as_str());
    parts.string("from", &relation.from.to_string());
    parts.string("to", &relation.to.to_string());
    parts.close();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{Edit, Transaction};
    use crate::store::testing;
    use proptest::prelude::*;

    fn rebuilt(file: SetFile) -> AnnotationSet {
        let mut set = AnnotationSet::new(testing::article(), testing::annotator());
        let annotations = file.annotations.into_iter().map(|stored| Edit::add(stored.annotation));
        let relations = file.relations.into_iter().map(Edit::relate);
        let remarks = file.remarks.into_iter().map(Edit::remark);
        let edits = annotations.chain(relations).chain(remarks).chain([Edit::State(file.state)]);
        let edits: Vec<_> = edits.collect();
        Transaction::from(edits).apply(&mut set).unwrap();
        set
    }

    proptest! {
        #[test]
        fn read_after_write_is_the_identity(
            edits in testing::edits(), step: Option<(u64, u32)>,
        ) {
            let set = testing::set_of(&edits);
            let mark = step.map(|(step, lines)| Mark { step: StepId(step), lines });
            let text = write_set(&set, mark);
            let file = read_set(&text).unwrap();
            // The two ways of reading give the same, and the quick one is taken.
            prop_assert_eq!(format!("{:?}", read_any_set(&text).unwrap()), format!("{file:?}"));
            // Remarks, characters by number and numbers without digits are left to the other.
            let rare = ["\\u{", "remarks: [", "inf", "NaN"];
            let is_left = rare.iter().any(|part| text.contains(part));
            prop_assert!(is_left || quick::set(&text).is_some(), "{}", text);
            prop_assert_eq!(file.mark, mark);
            for stored in &file.annotations {
                for (range, surface) in &stored.ranges {
                    prop_assert_eq!(&testing::TEXT[*range], surface);
                }
            }
            let SetLines { annotations, relations, remarks } = lines_of_set(&text);
            prop_assert_eq!(remarks.len(), set.remarks().count());
            let from = text.lines().position(|line| line.starts_with("    annotations: ["));
            let first = from.map(|line| line as u32 + 2);
            prop_assert_eq!(annotations.first().copied().flatten(), first.filter(|_| !set.is_empty()));
            prop_assert_eq!(annotations.len(), set.len());
            prop_assert_eq!(relations.len(), set.relations().count());
            prop_assert_eq!(rebuilt(file), set);
        }
    }

    /// The example of `docs/PROJECT-FILES.md`, with whole hash and a text to match.
    const EXAMPLE: &str = r#"(
    format: 1,
    article: "siege",
    annotator: "annotator-1",
    sha256: "HASH",
    state: in_progress,
    step: "9k2m4c00aa",
    step_lines: 2,
    annotations: [
        (id: "k3f9x2", label: "actor", span: [(0, 7, "Several")], attributes: {"kind": "rebel", "role": ["perpetrator"]}, origin: manual, created: "2026-11-23T09:12:44Z"),
        (id: "m81qq0", label: "claim", span: [(11, 20, "militants"), (29, 36, "\"said\\s")], attributes: {"latitude": 24.86, "low": 3, "vague": true}, note: "why", origin: manual, created: "2026-11-23T09:13:02Z", modified: "2026-11-23T09:14:00Z"),
    ],
    relations: [
        (id: "t5d0aa", kind: "source", from: "m81qq0", to: "k3f9x2"),
    ],
)
"#;

    #[test]
    fn the_documented_example_is_written_as_it_was_read() {
        let example = EXAMPLE.replace("HASH", &testing::article().hash().to_string());
        let file = read_set(&example).unwrap();
        let mark = file.mark;
        assert_eq!(write_set(&rebuilt(file), mark), example);
    }

    #[test]
    fn faults_are_found_at_their_line() {
        let example = EXAMPLE.replace("HASH", &testing::article().hash().to_string());
        let line = |from: &str, to: &str| {
            let fault = read_set(&example.replacen(from, to, 1)).unwrap_err();
            (fault.line, fault.cause)
        };
        assert!(matches!(line("\"k3f9x2\"", "\"K3\""), (Some(10), Cause::BadId(_))));
        assert!(matches!(line("(11, 20", "(20, 11"), (Some(11), Cause::BadValue(_))));
        assert!(matches!(line("09:14:00Z", "noon"), (Some(11), Cause::BadValue(_))));
        assert!(matches!(line("note:", "remark:"), (Some(11), Cause::UnknownField(_))));
        assert!(matches!(line("\"low\": 3", "\"vague\": 3"), (Some(11), Cause::Syntax(_))));
        assert!(matches!(line("\"t5d0aa\"", "\"\""), (Some(14), Cause::BadId(_))));
        assert!(matches!(line("state: in_progress", "state: begun"), (Some(6), Cause::Syntax(_))));
        assert!(matches!(line("format: 1", "format: 0"), (_, Cause::Format { found: 0 })));
        let nested = format!("\"low\": {}", "[".repeat(100_000));
        assert!(matches!(line("\"low\": 3", &nested), (_, Cause::Syntax(_) | Cause::TooDeep)));
    }
}
