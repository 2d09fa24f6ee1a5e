//! Annotations in the columns that Copydesk writes, of a whole file or within lists.

use crate::formats::document::{Annotation, Layer, LayerKind, Relation};
use crate::formats::places::{Found, Places};
use crate::model::{AttributeValue, Span, State};
use crate::text::TextRange;
use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, Int64Array, ListArray, StringArray, StructArray};
use std::ops::Range;

/// The columns of layers, of a whole file or within the lists of `annotators`.
pub(super) struct Layers<'a> {
    annotator: &'a StringArray,
    kind: &'a StringArray,
    state: &'a StringArray,
    spans: Spans<'a>,
    relations: Relations<'a>,
}

struct Spans<'a> {
    lists: &'a ListArray,
    id: &'a StringArray,
    label: &'a StringArray,
    start: &'a Int64Array,
    end: &'a Int64Array,
    text: &'a StringArray,
    ranges: (&'a ListArray, &'a Int64Array, &'a Int64Array),
    attributes: (&'a ListArray, &'a StringArray, &'a StringArray),
    note: &'a StringArray,
}

struct Relations<'a> {
    lists: &'a ListArray,
    id: &'a StringArray,
    kind: &'a StringArray,
    from: &'a Int64Array,
    to: &'a Int64Array,
}

impl<'a> Layers<'a> {
    pub(super) fn of(rows: &'a StructArray) -> Option<Self> {
        let lists: &ListArray = column_of(rows, "spans")?;
        let spans = lists.values().as_struct_opt()?;
        let ranges: &ListArray = column_of(spans, "ranges")?;
        let attributes: &ListArray = column_of(spans, "attributes")?;
        let (range, attribute) =
            (ranges.values().as_struct_opt()?, attributes.values().as_struct_opt()?);
        let spans = Spans {
            lists,
            id: column_of(spans, "id")?,
            label: column_of(spans, "label")?,
            start: column_of(spans, "start")?,
            end: column_of(spans, "end")?,
            text: column_of(spans, "text")?,
            ranges: (ranges, column_of(range, "start")?, column_of(range, "end")?),
            attributes: (attributes, column_of(attribute, "name")?, column_of(attribute, "value")?),
            note: column_of(spans, "note")?,
        };
        let lists: &ListArray = column_of(rows, "relations")?;
        let relations = lists.values().as_struct_opt()?;
        Some(Self {
            annotator: column_of(rows, "annotator")?,
            kind: column_of(rows, "kind")?,
            state: column_of(rows, "state")?,
            spans,
            relations: Relations {
                lists,
                id: column_of(relations, "id")?,
                kind: column_of(relations, "kind")?,
                from: column_of(relations, "from")?,
                to: column_of(relations, "to")?,
            },
        })
    }

    /// The layer of a row; none where the row is an article alone.
    pub(super) fn layer(
        &self,
        at: usize,
        places: &Places<'_>,
        told: &mut Vec<String>,
    ) -> Option<Layer> {
        let kind = match self.kind.value(at) {
            "" => return None,
            "gold" => LayerKind::Gold,
            "predictions" => LayerKind::Predictions,
            _ => LayerKind::Annotator,
        };
        let state = match self.state.value(at) {
            "unseen" => Some(State::Unseen),
            "in_progress" => Some(State::InProgress),
            "done" => Some(State::Done),
            _ => None,
        };
        let mut layer = Layer { kind, state, ..Layer::of(self.annotator.value(at)) };
        // Where each of the row's annotations went; one that is none went nowhere.
        let mut now_at = Vec::new();
        for span in list(self.spans.lists, at) {
            now_at.push(match self.spans.annotation(span, places, told) {
                Ok(annotation) => {
                    layer.annotations.push(annotation);
                    Some(layer.annotations.len() - 1)
                }
                Err(what) => {
                    told.push(what);
                    None
                }
            });
        }
        for relation in list(self.relations.lists, at) {
            let end = |column: &Int64Array| {
                let index = usize::try_from(column.value(relation)).ok()?;
                now_at.get(index).copied().flatten()
            };
            let (id, kind) =
                (self.relations.id.value(relation), self.relations.kind.value(relation));
            match end(self.relations.from).zip(end(self.relations.to)) {
                Some((from, to)) => {
                    let (id, kind) = (id.to_owned(), kind.to_owned());
                    layer.relations.push(Relation { id, kind, from, to });
                }
                None => told.push(format!("left out: a relation {kind}, whose end is not there")),
            }
        }
        Some(layer)
    }
}

impl Spans<'_> {
    fn annotation(
        &self,
        at: usize,
        places: &Places<'_>,
        told: &mut Vec<String>,
    ) -> Result<Annotation, String> {
        let label = self.label.value(at);
        let none = |why: &str| format!("left out: an annotation {label}, {why}");
        let offset = |column: &Int64Array, at: usize| u64::try_from(column.value(at)).ok();
        let (lists, starts, ends) = self.ranges;
        let ranges: Option<Vec<TextRange>> = if list(lists, at).is_empty() {
            let ends = offset(self.start, at).zip(offset(self.end, at));
            let found =
                ends.and_then(|(start, end)| places.checked(start, end, self.text.value(at)));
            found.map(|found| match found {
                Found::Right(range) => vec![range],
                Found::Moved(range, how) => {
                    told.push(format!("an annotation {label}: {how}"));
                    vec![range]
                }
            })
        } else {
            let part = |at: usize| Some([offset(starts, at)?, offset(ends, at)?]);
            let parts: Option<Vec<_>> = list(lists, at).map(part).collect();
            let found = parts.and_then(|parts| places.checked_parts(&parts, self.text.value(at)));
            found.map(|(ranges, how)| {
                told.extend(how.map(|how| format!("an annotation {label}: {how}")));
                ranges
            })
        };
        let ranges = ranges.ok_or_else(|| none("whose offsets are not in the text"))?;
        let span = Span::from_ranges(ranges).map_err(|error| none(&error.to_string()))?;
        let (lists, names, values) = self.attributes;
        let attribute = |at: usize| {
            (names.value(at).to_owned(), AttributeValue::Text(values.value(at).to_owned()))
        };
        Ok(Annotation {
            id: self.id.value(at).to_owned(),
            attributes: list(lists, at).map(attribute).collect(),
            note: self.note.value(at).to_owned(),
            ..Annotation::new(label, span)
        })
    }
}

/// Where the values of a row's list are.
pub(super) fn list(lists: &ListArray, at: usize) -> Range<usize> {
    let offset = |at: usize| lists.value_offsets().get(at).and_then(|at| usize::try_from(*at).ok());
    offset(at).unwrap_or_default()..offset(at + 1).unwrap_or_default()
}

/// A column as an array of its type; `None` where it is of another, or not there.
pub(super) fn column_of<'a, T: 'static>(rows: &'a StructArray, name: &str) -> Option<&'a T> {
    rows.column_by_name(name)?.as_any().downcast_ref()
}
