//! The annotations of a piece of text, ready to be drawn.
//!
//! The innermost annotation of a place gets a fill and a line; each one that covers or
//! crosses it gets a line further below. On each row an annotation's level is one more
//! than the highest level among the shorter ones that it touches there, so two that touch
//! never share a level, an outer one is drawn wherever its row has room for it, and
//! adding one moves no text, only lines. Levels are found piece by piece: what an edit
//! costs does not grow with the article.

use super::compared::Compared;
use super::layout::LineRect;
use crate::app::theme::{LabelShades, LinePattern, Tokens};
use crate::model::{Annotation, AnnotationId, AnnotationSet, LabelId, Schema, gist};
use crate::text::{TextRange, TextSize};
use std::collections::BTreeMap;

/// Annotations on levels from this one on are counted ("+2") instead of drawn.
pub(super) const LEVELS: u8 = 5;
/// The same where annotators are compared, whose lines are set closer.
pub(super) const LANES: u8 = 7;

/// One annotation as it is drawn in one piece.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) id: AnnotationId,
    /// Whose it is where annotators are compared: which of the comparison's sets.
    pub(super) by: usize,
    /// The label's name.
    pub(super) name: String,
    /// What matters of the annotation; empty where it did not start in this piece.
    pub(super) gist: String,
    pub(super) shades: LabelShades,
    pub(super) pattern: LinePattern,
    /// Whether no shorter annotation of the piece touches it: it is filled then.
    pub(super) is_innermost: bool,
    /// Its ranges that stand in the piece, in text order.
    pub(super) parts: Vec<Part>,
    /// The bytes it covers in the whole article.
    pub(super) covered: TextSize,
    pub(super) weight: Weight,
}

/// How much a mark stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// An annotation of the one set that shows.
    Usual,
    /// What all annotators say alike, and nobody has settled yet.
    Agreed,
    /// What is settled.
    Settled,
    /// One annotator's version of a case that has to be decided.
    Open,
    /// One annotator's version of the selected case.
    Selected,
}

/// One range of an annotation in a piece.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Which of the annotation's ranges.
    pub(super) index: usize,
    /// The whole range, in the article's bytes.
    pub(super) range: TextRange,
    /// Where it stands in the piece, row by row.
    pub(super) segments: Vec<Segment>,
    /// Whether it starts in this piece, or in the line break before it.
    pub(super) has_start: bool,
    /// Whether it ends in this piece, or in the line break after it.
    pub(super) has_end: bool,
    /// Where the annotation's next range starts.
    pub(super) next: Option<TextSize>,
}

/// The part of a range on one row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Segment {
    pub(super) rect: LineRect,
    /// Which line it gets: 0 is the lower edge of the fill. From [`LEVELS`] on, or [`LANES`],
    /// there is no room for it.
    pub(super) level: u8,
}

/// How many annotations of a row are not drawn in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hidden {
    pub(super) row: usize,
    pub(super) count: usize,
}

/// A piece's bytes with the line breaks on either side: what starts or ends there belongs
/// to the piece as well.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    pub(super) piece: TextRange,
    /// The end of the piece before.
    pub(super) after: TextSize,
    /// The start of the piece behind.
    pub(super) before: TextSize,
}

impl Mark {
    /// Its parts on the rows of the piece, in text order.
    pub(super) fn segments(&self) -> impl DoubleEndedIterator<Item = &Segment> {
        self.parts.iter().flat_map(|part| &part.segments)
    }

    /// Where it starts in the piece's article; a mark without parts starts nowhere.
    pub(super) fn start(&self) -> Option<TextSize> {
        self.parts.first().map(|part| part.range.start())
    }

    /// Whether there is room for the line of one of its segments.
    pub(super) fn is_drawn(&self, segment: &Segment) -> bool {
        let levels = if self.weight == Weight::Usual { LEVELS } else { LANES };
        segment.level < levels
    }

    /// Puts all of it on one level.
    pub(super) fn put_on(&mut self, level: u8) {
        for segment in self.parts.iter_mut().flat_map(|part| &mut part.segments) {
            segment.level = level;
        }
    }

    pub(super) fn touches(&self, other: &Self) -> bool {
        let meet = |a: TextRange, b: TextRange| a.start() < b.end() && b.start() < a.end();
        self.parts.iter().any(|a| other.parts.iter().any(|b| meet(a.range, b.range)))
    }
}

/// What marks are made from besides a piece.
pub(super) struct Source<'a> {
    pub(super) set: &'a AnnotationSet,
    pub(super) schema: &'a Schema,
    pub(super) tokens: &'static Tokens,
    /// Everybody's annotations, which show in the place of the set then.
    pub(super) compared: Option<&'a Compared<'a>>,
}

impl Source<'_> {
    /// The marks of a piece in text order, each on its levels, and what had no room.
    /// `rects` says where a range stands in the piece. O(k²) for k annotations in it.
    pub(super) fn marks(
        &self,
        reach: Reach,
        rects: impl Fn(TextRange) -> Vec<LineRect>,
    ) -> (Vec<Mark>, Vec<Hidden>) {
        if let Some(compared) = self.compared {
            return compared.marks(self, reach, &rects);
        }
        let here = self.set.touching(reach.piece).into_iter();
        let mut marks: Vec<Mark> =
            here.map(|annotation| self.mark(self.set, annotation, reach, &rects)).collect();
        let hidden = assign_levels(&mut marks);
        (marks, hidden)
    }

    /// An annotation of a set as it is drawn in a piece, on the lowest level.
    pub(super) fn mark(
        &self,
        set: &AnnotationSet,
        annotation: &Annotation,
        reach: Reach,
        rects: impl Fn(TextRange) -> Vec<LineRect>,
    ) -> Mark {
        let Reach { piece, after, before } = reach;
        let ranges = annotation.span.ranges();
        let parts = ranges
            .iter()
            .enumerate()
            .filter(|(_, range)| range.start() < piece.end() && piece.start() < range.end());
        let segment = |rect| Segment { rect, level: 0 };
        let part = |(index, range): (usize, &TextRange)| Part {
            index,
            range: *range,
            segments: rects(*range).into_iter().map(segment).collect(),
            has_start: range.start() >= after,
            has_end: range.end() <= before,
            next: ranges.get(index + 1).map(|next| next.start()),
        };
        let (name, shades, pattern) = look(self.schema, &annotation.label, self.tokens);
        let starts_here = annotation.span.start() >= after;
        let gist = if starts_here { gist(annotation, set, self.schema) } else { String::new() };
        Mark {
            id: annotation.id,
            by: 0,
            name,
            gist,
            shades,
            pattern,
            is_innermost: true,
            parts: parts.map(part).collect(),
            covered: annotation.span.covered(),
            weight: Weight::Usual,
        }
    }
}

/// A label's name, colours and pattern; what the schema lacks goes by its id.
fn look(schema: &Schema, id: &LabelId, tokens: &Tokens) -> (String, LabelShades, LinePattern) {
    let mut labels = schema.labels().iter().enumerate();
    match labels.find(|(_, label)| label.id == *id) {
        Some((index, label)) => {
            (label.name.clone(), LabelShades::of(label.color, tokens), LinePattern::of(index))
        }
        None => (id.to_string(), LabelShades::unknown(tokens), LinePattern::Solid),
    }
}

/// Row by row, shortest first, each goes above the highest of those it touches. One that
/// covers a shorter one anywhere in the piece is an outer one on all of its rows.
fn assign_levels(marks: &mut [Mark]) -> Vec<Hidden> {
    let mut order: Vec<usize> = (0..marks.len()).collect();
    order.sort_by_key(|index| (marks[*index].covered, *index));
    for (place, index) in order.iter().enumerate() {
        let is_outer = order[..place].iter().any(|other| marks[*index].touches(&marks[*other]));
        marks[*index].is_innermost = !is_outer;
    }
    // What stands on each row so far, in the order it was placed.
    let mut rows: BTreeMap<usize, Vec<Segment>> = BTreeMap::new();
    for index in order {
        let least = u8::from(!marks[index].is_innermost);
        for segment in marks[index].parts.iter_mut().flat_map(|part| &mut part.segments) {
            let row = rows.entry(segment.rect.line).or_default();
            let below = row.iter().filter(|other| overlap(other.rect, segment.rect));
            let highest = below.map(|other| other.level.saturating_add(1)).max();
            segment.level = highest.unwrap_or(least).max(least);
            row.push(*segment);
        }
    }
    let hidden = rows.into_iter().map(|(row, segments)| {
        let count = segments.iter().filter(|segment| segment.level >= LEVELS).count();
        Hidden { row, count }
    });
    hidden.filter(|hidden| hidden.count > 0).collect()
}

pub(super) fn overlap(a: LineRect, b: LineRect) -> bool {
    a.left < b.right - 0.01 && b.left < a.right - 0.01
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::theme::LIGHT;
    use crate::edit::{Edit, Transaction};
    use crate::model::{AnnotatorName, Article, ArticleId, ArticleMeta, parse_notation};
    use crate::store::{BundledSchema, bundled_schema};
    use crate::text::paragraphs;
    use std::sync::Arc;

    /// A row of letters one point wide each, ten to a row.
    fn rects(piece: TextRange, wanted: TextRange) -> Vec<LineRect> {
        let Some(part) = piece.intersect(wanted) else { return Vec::new() };
        let (from, to) = (part.start() - piece.start(), part.end() - piece.start());
        let (from, to) = (usize::from(from), usize::from(to));
        let row = |line: usize| LineRect {
            line,
            left: from.max(line * 10) as f32 - line as f32 * 10.0,
            right: to.min(line * 10 + 10) as f32 - line as f32 * 10.0,
        };
        (from / 10..to.div_ceil(10)).map(row).collect()
    }

    /// The marks of one paragraph, and what its rows had no room for.
    type Marked = (Vec<Mark>, Vec<Hidden>);

    /// The marks of each paragraph of a text in bracket notation.
    fn marks(source: &str) -> (String, Vec<Marked>) {
        let notation = parse_notation(source).unwrap();
        let text = notation.text;
        let id = ArticleId::new("a").unwrap();
        let article = Article::new(id, ArticleMeta::default(), text.as_str());
        let mut set = AnnotationSet::new(Arc::new(article), AnnotatorName::new("x").unwrap());
        let edits: Vec<_> = notation.annotations.into_iter().map(Edit::add).collect();
        Transaction::from(edits).apply(&mut set).unwrap();
        let schema = bundled_schema(BundledSchema::Simple).unwrap();
        let source = Source { set: &set, schema: &schema, tokens: &LIGHT, compared: None };
        let paragraphs = paragraphs(&text, "");
        let marks = paragraphs.iter().enumerate().map(|(index, found)| {
            let after =
                index.checked_sub(1).map_or(TextSize::new(0), |at| paragraphs[at].range.end());
            let before =
                paragraphs.get(index + 1).map_or(TextSize::of(&*text), |p| p.range.start());
            let reach = Reach { piece: found.range, after, before };
            source.marks(reach, |wanted| rects(found.range, wanted))
        });
        let marks = marks.collect();
        (text, marks)
    }

    /// Each mark of the first paragraph with its level on each of its rows.
    fn levels(source: &str) -> Vec<(String, Vec<u8>)> {
        let (text, marks) = marks(source);
        let named = |mark: &Mark| {
            let levels = mark.segments().map(|segment| segment.level).collect();
            (text[mark.parts[0].range].to_owned(), levels)
        };
        marks[0].0.iter().map(named).collect()
    }

    #[test]
    fn the_innermost_is_at_the_bottom_and_two_that_touch_never_share_a_level() {
        let found = levels("[claim [actor He] [casualty [actor two] d]]");
        let expected = [("He two d", 2), ("He", 0), ("two d", 1), ("two", 0)];
        assert_eq!(found, expected.map(|(text, level)| (text.to_owned(), vec![level])));
        let crossing = levels("[1:actor The [2:location K 1] p 2]");
        assert_ne!(crossing[0].1, crossing[1].1);
    }

    #[test]
    fn an_outer_one_is_a_line_on_every_row_and_as_low_as_the_row_allows() {
        let found = levels("[claim [casualty [actor two men] d], said the] mayor");
        assert_eq!(found[0], ("two men d, said the".to_owned(), vec![2, 1]));
    }

    #[test]
    fn what_does_not_fit_is_counted_on_its_row() {
        let (_, marks) = marks("[a [a [a [a [a [a [a x] x] x] x] x] x] x]");
        assert_eq!(marks[0].1, [Hidden { row: 0, count: 2 }]);
        // The outermost is drawn on the row where it has room.
        let last = marks[0].0[0].segments().last().unwrap();
        assert!(last.rect.line == 1 && last.level < LEVELS);
    }

    #[test]
    fn a_mark_over_two_paragraphs_stands_in_both_and_ends_in_the_line_break() {
        let (_, marks) = marks("one [claim two\nthree] four\n[actor five\n]six");
        let count = |index: usize| marks[index].0.len();
        assert_eq!([count(0), count(1), count(2), count(3)], [1, 1, 1, 0]);
        let part = |index: usize| &marks[index].0[0].parts[0];
        assert!(part(0).has_start && !part(0).has_end && !part(1).has_start && part(1).has_end);
        assert!(part(2).has_start && part(2).has_end);
    }
}
