//! The annotations of a piece of text, ready to be drawn.
//!
//! The innermost annotation of a place gets a fill and a line; each one that covers or
//! crosses it gets a line further below. An annotation's level is one more than the
//! highest level among the shorter ones that it touches in the same piece, so two that
//! touch never share a level, and adding one moves no other's text, only lines. Levels
//! are found piece by piece: what an edit costs does not grow with the article.

use super::layout::LineRect;
use crate::app::theme::{LabelShades, LinePattern, Tokens};
use crate::model::{Annotation, AnnotationId, AnnotationSet, LabelId, Schema, gist};
use crate::text::{TextRange, TextSize};

/// Annotations on levels from this one on are counted ("+2") instead of drawn.
pub(super) const LEVELS: u8 = 4;

/// One annotation as it is drawn in one piece.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) id: AnnotationId,
    /// The label's name.
    pub(super) name: String,
    /// What matters of the annotation; empty where it did not start in this piece.
    pub(super) gist: String,
    pub(super) shades: LabelShades,
    pub(super) pattern: LinePattern,
    /// 0 is the innermost.
    pub(super) level: u8,
    /// How many annotations on hidden levels touch this one; set on the outermost
    /// drawn ones only.
    pub(super) hidden: u16,
    /// Its ranges that stand in the piece, in text order.
    pub(super) parts: Vec<Part>,
    /// The bytes it covers in the whole article.
    covered: TextSize,
}

/// One range of an annotation in a piece.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Which of the annotation's ranges.
    pub(super) index: usize,
    /// The whole range, in the article's bytes.
    pub(super) range: TextRange,
    /// Where it stands in the piece.
    pub(super) rects: Vec<LineRect>,
    /// Whether it starts in this piece.
    pub(super) has_start: bool,
    /// Whether it ends in this piece.
    pub(super) has_end: bool,
    /// Where the annotation's next range starts.
    pub(super) next: Option<TextSize>,
}

impl Mark {
    fn touches(&self, other: &Self) -> bool {
        let meet = |a: TextRange, b: TextRange| a.start() < b.end() && b.start() < a.end();
        self.parts.iter().any(|a| other.parts.iter().any(|b| meet(a.range, b.range)))
    }

    /// Whether one of its ranges holds an offset.
    pub(super) fn holds(&self, offset: TextSize) -> bool {
        self.parts.iter().any(|part| part.range.contains(offset))
    }
}

/// What marks are made from besides a piece.
pub(super) struct Source<'a> {
    pub(super) set: &'a AnnotationSet,
    pub(super) schema: &'a Schema,
    pub(super) tokens: &'static Tokens,
}

impl Source<'_> {
    /// The marks of a piece in text order, each on its level. `rects` says where a range
    /// stands in the piece. O(k²) for k annotations in the piece.
    pub(super) fn marks(
        &self,
        piece: TextRange,
        rects: impl Fn(TextRange) -> Vec<LineRect>,
    ) -> Vec<Mark> {
        let here = self.set.touching(piece);
        let mut marks: Vec<Mark> =
            here.into_iter().map(|annotation| self.mark(annotation, piece, &rects)).collect();
        assign_levels(&mut marks);
        marks
    }

    fn mark(
        &self,
        annotation: &Annotation,
        piece: TextRange,
        rects: impl Fn(TextRange) -> Vec<LineRect>,
    ) -> Mark {
        let starts_here = piece.contains(annotation.span.start());
        let ranges = annotation.span.ranges();
        let parts = ranges
            .iter()
            .enumerate()
            .filter(|(_, range)| range.start() < piece.end() && piece.start() < range.end());
        let part = |(index, range): (usize, &TextRange)| Part {
            index,
            range: *range,
            rects: rects(*range),
            has_start: piece.contains(range.start()),
            has_end: piece.contains_inclusive(range.end()),
            next: ranges.get(index + 1).map(|next| next.start()),
        };
        let (name, shades, pattern) = look(self.schema, &annotation.label, self.tokens);
        let gist =
            if starts_here { gist(annotation, self.set, self.schema) } else { String::new() };
        Mark {
            id: annotation.id,
            name,
            gist,
            shades,
            pattern,
            level: 0,
            hidden: 0,
            parts: parts.map(part).collect(),
            covered: annotation.span.covered(),
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

/// Shortest first, each goes above the highest of those it touches.
fn assign_levels(marks: &mut [Mark]) {
    let mut order: Vec<usize> = (0..marks.len()).collect();
    order.sort_by_key(|index| (marks[*index].covered, *index));
    for (place, index) in order.iter().enumerate() {
        let below: Vec<usize> = order[..place]
            .iter()
            .copied()
            .filter(|other| marks[*index].touches(&marks[*other]))
            .collect();
        let highest = below.iter().map(|other| marks[*other].level.saturating_add(1)).max();
        let level = highest.unwrap_or(0);
        marks[*index].level = level;
        if level >= LEVELS {
            let drawn = below.into_iter().filter(|other| marks[*other].level < LEVELS);
            if let Some(outermost) = drawn.max_by_key(|other| marks[*other].level) {
                marks[outermost].hidden = marks[outermost].hidden.saturating_add(1);
            }
        }
    }
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

    /// The marks of each paragraph of a text in bracket notation.
    fn marks(source: &str) -> (String, Vec<Vec<Mark>>) {
        let notation = parse_notation(source).unwrap();
        let text = notation.text;
        let id = ArticleId::new("a").unwrap();
        let article = Article::new(id, ArticleMeta::default(), text.as_str());
        let mut set = AnnotationSet::new(Arc::new(article), AnnotatorName::new("x").unwrap());
        let edits: Vec<_> = notation.annotations.into_iter().map(Edit::Add).collect();
        Transaction::from(edits).apply(&mut set).unwrap();
        let schema = bundled_schema(BundledSchema::Simple).unwrap();
        let source = Source { set: &set, schema: &schema, tokens: &LIGHT };
        let paragraphs = paragraphs(&text, "");
        let marks = paragraphs.iter().map(|found| source.marks(found.range, |_| Vec::new()));
        let marks = marks.collect();
        (text, marks)
    }

    fn levels(source: &str) -> Vec<(String, u8)> {
        let (text, marks) = marks(source);
        let named = |mark: &Mark| (text[mark.parts[0].range].to_owned(), mark.level);
        marks[0].iter().map(named).collect()
    }

    #[test]
    fn the_innermost_is_at_the_bottom_and_two_that_touch_never_share_a_level() {
        let found = levels("[claim [actor Officials] said [casualty [actor three officers] died]]");
        let expected = [
            ("Officials said three officers died", 2),
            ("Officials", 0),
            ("three officers died", 1),
            ("three officers", 0),
        ];
        assert_eq!(found, expected.map(|(text, level)| (text.to_owned(), level)));
        let crossing = levels("[1:actor The [2:location Karachi 1] police 2]");
        assert_ne!(crossing[0].1, crossing[1].1);
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let (_, marks) = marks("[a [a [a [a [a [a x] x] x] x] x] x]");
        assert_eq!(marks[0].iter().filter(|mark| mark.level >= LEVELS).count(), 2);
        assert_eq!(marks[0].iter().map(|mark| mark.hidden).sum::<u16>(), 2);
    }

    #[test]
    fn a_mark_over_two_paragraphs_stands_in_both() {
        let (_, marks) = marks("one [claim two\nthree] four\nfive");
        assert_eq!(marks.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 0]);
        let (first, second) = (&marks[0][0].parts[0], &marks[1][0].parts[0]);
        assert!(first.has_start && !first.has_end && !second.has_start && second.has_end);
    }
}
