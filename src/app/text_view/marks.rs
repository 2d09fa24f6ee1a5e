//! Which annotation is drawn on which level.
//!
//! The innermost annotation of a place gets a fill and a line; each one that covers or
//! crosses it gets a line further below. An annotation's level is one more than the
//! highest level among the shorter ones that it touches, so two that touch never share
//! a level, and adding one moves no other's text, only lines.

use crate::model::{AnnotationId, AnnotationSet, LabelId};
use crate::text::{Paragraph, TextRange, TextSize};

/// Annotations on levels from this one on are counted ("+2") instead of drawn.
pub(super) const LEVELS: u8 = 4;

/// One annotation as it is drawn.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) id: AnnotationId,
    pub(super) label: LabelId,
    /// 0 is the innermost.
    pub(super) level: u8,
    pub(super) ranges: Vec<TextRange>,
    /// How many annotations on hidden levels touch this one; set on the outermost
    /// drawn ones only.
    pub(super) hidden: u8,
}

/// The marks of an article, by paragraph.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    marks: Vec<Mark>,
    by_paragraph: Vec<Vec<u32>>,
}

impl Marks {
    /// Assigns levels and sorts the marks into paragraphs. O(n log n) for n annotations
    /// with a bounded number of neighbours; an annotation over most of the text makes all
    /// others its neighbours.
    pub(super) fn new(set: &AnnotationSet, paragraphs: &[Paragraph]) -> Self {
        let mut marks: Vec<Mark> = set
            .annotations()
            .map(|annotation| Mark {
                id: annotation.id,
                label: annotation.label.clone(),
                level: 0,
                ranges: annotation.span.ranges().to_vec(),
                hidden: 0,
            })
            .collect();
        assign_levels(&mut marks);
        let mut by_paragraph = vec![Vec::new(); paragraphs.len()];
        for (index, mark) in marks.iter().enumerate() {
            for range in &mark.ranges {
                let first = paragraphs.partition_point(|p| p.range.end() <= range.start());
                let here = paragraphs[first..].iter().zip(&mut by_paragraph[first..]);
                for (paragraph, marks_here) in here {
                    if paragraph.range.start() >= range.end() {
                        break;
                    }
                    if marks_here.last() != Some(&(index as u32)) {
                        marks_here.push(index as u32);
                    }
                }
            }
        }
        Self { marks, by_paragraph }
    }

    /// The marks that stand in a paragraph, in text order.
    pub(super) fn in_paragraph(&self, paragraph: usize) -> impl Iterator<Item = &Mark> {
        let indices = self.by_paragraph.get(paragraph).map_or(&[][..], Vec::as_slice);
        indices.iter().map(|index| &self.marks[*index as usize])
    }

    /// All marks in text order.
    pub(super) fn all(&self) -> &[Mark] {
        &self.marks
    }

    /// The mark whose line is drawn on a level at a place.
    pub(super) fn on_level(&self, paragraph: usize, level: u8, at: TextSize) -> Option<&Mark> {
        self.in_paragraph(paragraph)
            .find(|mark| mark.level == level && mark.ranges.iter().any(|range| range.contains(at)))
    }
}

fn covered(mark: &Mark) -> u32 {
    mark.ranges.iter().map(|range| u32::from(range.len())).sum()
}

fn extent(mark: &Mark) -> (TextSize, TextSize) {
    let end = mark.ranges.iter().map(|range| range.end()).max();
    (mark.ranges[0].start(), end.unwrap_or(mark.ranges[0].end()))
}

fn touches(a: &Mark, b: &Mark) -> bool {
    a.ranges.iter().any(|a| b.ranges.iter().any(|b| a.start() < b.end() && b.start() < a.end()))
}

/// Shortest first, each goes above the highest of those it touches. Neighbours are found
/// through the text order: only marks that start before this one ends, and end after it
/// starts, can touch it.
fn assign_levels(marks: &mut [Mark]) {
    let starts: Vec<TextSize> = marks.iter().map(|mark| extent(mark).0).collect();
    // The furthest end up to each mark bounds how far back a neighbour can lie.
    let mut furthest = Vec::with_capacity(marks.len());
    let mut reach = TextSize::new(0);
    for mark in marks.iter() {
        reach = reach.max(extent(mark).1);
        furthest.push(reach);
    }
    let mut order: Vec<usize> = (0..marks.len()).collect();
    order.sort_by_key(|index| (covered(&marks[*index]), *index));
    let mut is_placed = vec![false; marks.len()];
    for index in order {
        let (start, end) = extent(&marks[index]);
        let from = furthest.partition_point(|reach| *reach <= start);
        let to = starts.partition_point(|other| *other < end);
        let mut level = 0;
        let mut below_hidden = Vec::new();
        for other in from..to {
            if other != index && is_placed[other] && touches(&marks[index], &marks[other]) {
                level = level.max(marks[other].level.saturating_add(1));
                below_hidden.push(other);
            }
        }
        marks[index].level = level;
        is_placed[index] = true;
        if level >= LEVELS {
            let outermost = below_hidden.into_iter().filter(|other| marks[*other].level < LEVELS);
            if let Some(outermost) = outermost.max_by_key(|other| marks[*other].level) {
                marks[outermost].hidden = marks[outermost].hidden.saturating_add(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{Edit, Transaction};
    use crate::model::{AnnotatorName, Article, ArticleId, ArticleMeta, parse_notation};
    use crate::text::paragraphs;
    use std::sync::Arc;

    fn marks(source: &str) -> (String, Marks) {
        let notation = parse_notation(source).unwrap();
        let article = Article::new(
            ArticleId::new("a").unwrap(),
            ArticleMeta::default(),
            notation.text.clone(),
        );
        let mut set = AnnotationSet::new(Arc::new(article), AnnotatorName::new("x").unwrap());
        let edits: Vec<_> = notation.annotations.into_iter().map(Edit::Add).collect();
        Transaction::from(edits).apply(&mut set).unwrap();
        let marks = Marks::new(&set, &paragraphs(&notation.text, ""));
        (notation.text, marks)
    }

    fn levels(source: &str) -> Vec<(String, u8)> {
        let (text, marks) = marks(source);
        let named = |mark: &Mark| (text[mark.ranges[0]].to_owned(), mark.level);
        marks.all().iter().map(named).collect()
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
        assert_eq!(marks.all().iter().filter(|mark| mark.level >= LEVELS).count(), 2);
        assert_eq!(marks.all().iter().map(|mark| mark.hidden).sum::<u8>(), 2);
    }

    #[test]
    fn a_mark_over_two_paragraphs_stands_in_both() {
        let (_, marks) = marks("one [claim two\nthree] four\nfive");
        assert_eq!(marks.in_paragraph(0).count(), 1);
        assert_eq!(marks.in_paragraph(1).count(), 1);
        assert_eq!(marks.in_paragraph(2).count(), 0);
    }
}
