//! Annotations and the relations between them.

use super::attributes::Attributes;
use super::id::{AnnotationId, AnnotatorName, LabelId, RelationId, RelationTypeId};
use jiff::Timestamp;
use text_size::{TextRange, TextSize};

/// Why ranges do not make a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// No range was given, or one without a character in it.
    #[error("a span needs at least one character in each of its ranges")]
    Empty,
    /// Two ranges share a character.
    #[error("the ranges of a span overlap at byte {}", u32::from(*.0))]
    Overlap(TextSize),
}

/// One or more non-overlapping, non-empty ranges of a text in text order, in bytes.
/// Ranges that touch are one range.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Span(Ranges);

/// Nearly every span has one range, which needs no memory of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Ranges {
    One(TextRange),
    /// Two or more.
    Many(Box<[TextRange]>),
}

impl Span {
    /// A span without gaps.
    ///
    /// # Errors
    /// [`SpanError::Empty`] for an empty range.
    pub fn new(range: TextRange) -> Result<Self, SpanError> {
        if range.is_empty() { Err(SpanError::Empty) } else { Ok(Self(Ranges::One(range))) }
    }

    /// Sorts the ranges and joins those that touch.
    ///
    /// # Errors
    /// For no range, an empty range, or ranges that overlap.
    pub fn from_ranges(mut ranges: Vec<TextRange>) -> Result<Self, SpanError> {
        if ranges.is_empty() || ranges.iter().any(|range| range.is_empty()) {
            return Err(SpanError::Empty);
        }
        ranges.sort_by_key(|range| range.start());
        let mut joined: Vec<TextRange> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match joined.last_mut() {
                Some(last) if range.start() < last.end() => {
                    return Err(SpanError::Overlap(range.start()));
                }
                Some(last) if range.start() == last.end() => *last = last.cover(range),
                _ => joined.push(range),
            }
        }
        Ok(Self(match joined.as_slice() {
            [only] => Ranges::One(*only),
            _ => Ranges::Many(joined.into()),
        }))
    }

    /// The ranges in text order.
    pub fn ranges(&self) -> &[TextRange] {
        match &self.0 {
            Ranges::One(range) => std::slice::from_ref(range),
            Ranges::Many(ranges) => ranges,
        }
    }

    /// Where the first range starts.
    pub fn start(&self) -> TextSize {
        self.ranges()[0].start()
    }

    /// Where the last range ends.
    pub fn end(&self) -> TextSize {
        let ranges = self.ranges();
        ranges[ranges.len() - 1].end()
    }

    /// From the first range's start to the last one's end, gaps included.
    pub fn extent(&self) -> TextRange {
        TextRange::new(self.start(), self.end())
    }

    /// The bytes covered, gaps left out.
    pub fn covered(&self) -> TextSize {
        self.ranges().iter().map(|range| range.len()).sum()
    }

    /// Whether there is more than one range.
    pub fn is_discontinuous(&self) -> bool {
        matches!(self.0, Ranges::Many(_))
    }

    /// Whether a byte offset lies in one of the ranges.
    pub fn contains(&self, offset: TextSize) -> bool {
        self.ranges().iter().any(|range| range.contains(offset))
    }

    /// Whether one of the ranges shares at least one byte with `range`, or has an empty
    /// one inside.
    pub fn overlaps(&self, range: TextRange) -> bool {
        let overlaps = |own: &TextRange| own.start() < range.end() && range.start() < own.end();
        self.ranges().iter().any(overlaps)
    }

    /// The covered text, ranges joined by ` … `.
    pub fn surface(&self, text: &str) -> String {
        let parts: Vec<_> =
            self.ranges().iter().filter_map(|range| text.get(usize_range(*range))).collect();
        parts.join(" … ")
    }

    /// The first `most` characters of the covered text, with `…` behind them where there
    /// are more; O(`most`), however much is covered.
    pub fn excerpt(&self, text: &str, most: usize) -> String {
        let mut excerpt = String::new();
        let mut left = most;
        for (index, range) in self.ranges().iter().enumerate() {
            let between = if index == 0 { "" } else { " … " };
            let part = text.get(usize_range(*range)).unwrap_or_default();
            for character in between.chars().chain(part.chars()) {
                if left == 0 {
                    excerpt.push('…');
                    return excerpt;
                }
                excerpt.push(character);
                left -= 1;
            }
        }
        excerpt
    }

    /// This span with one more range; ranges that overlap or touch it become one.
    pub fn with(&self, range: TextRange) -> Result<Self, SpanError> {
        let (mut touching, mut ranges): (Vec<_>, Vec<_>) =
            self.ranges().iter().partition(|old| old.intersect(range).is_some());
        touching.push(range);
        let merged = touching.into_iter().reduce(TextRange::cover);
        ranges.extend(merged);
        Self::from_ranges(ranges)
    }

    /// Everything that this span or another covers; O(n m) in their ranges.
    pub fn union(&self, other: &Self) -> Self {
        let joined = other.ranges().iter().try_fold(self.clone(), |span, range| span.with(*range));
        // Ranges that are not empty always make a span with another.
        joined.unwrap_or_else(|_| self.clone())
    }

    /// What this span and another both cover; `None` where they share nothing. O(n m) in
    /// their ranges.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let pairs = self
            .ranges()
            .iter()
            .flat_map(|own| other.ranges().iter().filter_map(|its| own.intersect(*its)));
        Self::from_ranges(pairs.filter(|common| !common.is_empty()).collect()).ok()
    }

    /// This span without one of its ranges; `None` when it is the only one.
    pub fn without(&self, index: usize) -> Option<Self> {
        let mut ranges = self.ranges().to_vec();
        (ranges.len() > 1 && index < ranges.len()).then(|| ranges.remove(index))?;
        Self::from_ranges(ranges).ok()
    }
}

fn usize_range(range: TextRange) -> std::ops::Range<usize> {
    range.start().into()..range.end().into()
}

/// The value of an attribute. Which kind fits is the schema's to say.
#[derive(Clone, Debug, PartialEq)]
pub enum AttributeValue {
    /// A choice, or free text.
    Text(String),
    /// Any number of choices, in the schema's order.
    List(Vec<String>),
    /// A whole number.
    Integer(i64),
    /// A finite number.
    Decimal(f64),
    /// Yes or no.
    Flag(bool),
}

impl std::fmt::Display for AttributeValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::List(items) => f.write_str(&items.join(", ")),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Decimal(number) => write!(f, "{number}"),
            Self::Flag(true) => f.write_str("yes"),
            Self::Flag(false) => f.write_str("no"),
        }
    }
}

/// How an annotation came to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Somebody made it by hand.
    Manual,
    /// Somebody accepted what this source proposed.
    Suggestion(String),
    /// It came in with a file.
    Import(String),
    /// It was settled from these annotators' work.
    Adjudication(Vec<AnnotatorName>),
}

/// A span with a label, attribute values, an optional note, and its origin.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotation {
    /// Stays the same for life.
    pub id: AnnotationId,
    /// What the span is tagged as.
    pub label: LabelId,
    /// Where it stands.
    pub span: Span,
    /// The label's attributes, those that have a value.
    pub attributes: Attributes,
    /// A remark for other people; empty for none.
    pub note: String,
    /// The text it stood on until the article's text was corrected, where that is gone:
    /// the span is then only the nearest place, and somebody has to look. `None` else.
    pub was: Option<Box<str>>,
    /// How it came to be.
    pub origin: Origin,
    /// When it was made, to the second.
    pub created: Timestamp,
    /// When it was last changed, to the second; `None` if never.
    pub modified: Option<Timestamp>,
}

impl Annotation {
    /// A new annotation made by hand now, without attributes.
    pub fn new(id: AnnotationId, label: LabelId, span: Span) -> Self {
        Self {
            id,
            label,
            span,
            attributes: Attributes::new(),
            note: String::new(),
            was: None,
            origin: Origin::Manual,
            created: now(),
            modified: None,
        }
    }
}

/// A typed, directed link between two annotations of one set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// Stays the same for life.
    pub id: RelationId,
    /// What the link means.
    pub kind: RelationTypeId,
    /// Where it starts (the claim of `source`).
    pub from: AnnotationId,
    /// Where it points (the actor of `source`).
    pub to: AnnotationId,
}

/// The present, to the second, as annotations record it.
pub fn now() -> Timestamp {
    Timestamp::from_second(Timestamp::now().as_second()).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: u32, end: u32) -> TextRange {
        TextRange::new(start.into(), end.into())
    }

    #[test]
    fn ranges_are_sorted_and_touching_ones_joined() {
        let span = Span::from_ranges(vec![range(7, 9), range(0, 3), range(3, 5)]);
        assert_eq!(span.map(|span| span.ranges().to_vec()), Ok(vec![range(0, 5), range(7, 9)]));
        assert_eq!(Span::from_ranges(vec![]), Err(SpanError::Empty));
        assert_eq!(Span::new(range(4, 4)), Err(SpanError::Empty));
        let overlap = Span::from_ranges(vec![range(0, 4), range(3, 5)]);
        assert_eq!(overlap, Err(SpanError::Overlap(3.into())));
    }

    #[test]
    fn a_range_that_overlaps_one_of_a_span_extends_it() {
        let span = Span::from_ranges(vec![range(0, 3), range(10, 12)]);
        let span = span.and_then(|span| span.with(range(2, 6)));
        assert_eq!(span.map(|span| span.ranges().to_vec()), Ok(vec![range(0, 6), range(10, 12)]));
    }
    #[test]
    fn a_span_with_one_range_left_is_like_one_that_never_had_more() {
        let span = Span::from_ranges(vec![range(0, 3), range(10, 12)]).unwrap();
        assert!(span.is_discontinuous() && span.without(2).is_none());
        let left = span.without(0).unwrap();
        assert_eq!(left, Span::new(range(10, 12)).unwrap());
        assert!(!left.is_discontinuous() && left.without(0).is_none());
        assert!(span.overlaps(range(2, 10)) && !span.overlaps(range(3, 10)));
    }

    #[test]
    fn an_excerpt_is_the_surface_or_its_beginning() {
        let span = Span::from_ranges(vec![range(0, 3), range(4, 8)]).unwrap();
        let text = "one four";
        assert_eq!(span.excerpt(text, 10), span.surface(text));
        assert_eq!(span.excerpt(text, 9), "one … fou…");
        assert_eq!(span.excerpt(text, 2), "on…");
    }
}
