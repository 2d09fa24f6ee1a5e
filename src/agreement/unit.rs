//! Spans as the measures see them: places on a line, and a category.
//!
//! Places are counted in whatever the line is made of. For articles that is code points:
//! bytes would count a word in Urdu twice. The measures need neither text nor names.

use super::Score;

/// A stretch of a line, the end not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stretch {
    /// The first place.
    pub start: u32,
    /// The place behind the last one.
    pub end: u32,
}

impl Stretch {
    /// A stretch between two places, in whichever order they are given.
    pub fn new(one: u32, other: u32) -> Self {
        Self { start: one.min(other), end: one.max(other) }
    }

    /// How many places it has.
    pub fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether it has none.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// How many places two stretches share.
    pub fn shared(self, other: Self) -> u32 {
        self.end.min(other.end).saturating_sub(self.start.max(other.start))
    }

    /// Whether all of another one lies in it.
    pub fn covers(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// A category by number. Who makes the units keeps the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Category(pub u32);

/// A span with a category: one or more stretches that do not touch, in order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unit {
    extent: Stretch,
    /// Empty where there is but one stretch, which nearly always is so.
    parts: Vec<Stretch>,
    /// What it is tagged as.
    pub category: Category,
}

impl Unit {
    /// A unit of one stretch.
    pub fn new(extent: Stretch, category: Category) -> Self {
        Self { extent, parts: Vec::new(), category }
    }

    /// A unit of several stretches; those that touch or overlap become one. `None` where
    /// there is no place in any of them.
    pub fn from_parts(mut parts: Vec<Stretch>, category: Category) -> Option<Self> {
        parts.retain(|part| !part.is_empty());
        let parts = merged(parts);
        let extent = Stretch { start: parts.first()?.start, end: parts.last()?.end };
        let parts = if parts.len() > 1 { parts } else { Vec::new() };
        Some(Self { extent, parts, category })
    }

    /// From its first place to its last, gaps included.
    pub fn extent(&self) -> Stretch {
        self.extent
    }

    /// Its stretches in order.
    pub fn parts(&self) -> &[Stretch] {
        if self.parts.is_empty() { std::slice::from_ref(&self.extent) } else { &self.parts }
    }

    /// How many places it covers.
    pub fn len(&self) -> u32 {
        self.parts().iter().map(|part| part.len()).sum()
    }

    /// Whether it covers no place.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it covers the same places.
    pub fn is_same_span(&self, other: &Self) -> bool {
        self.extent == other.extent && self.parts == other.parts
    }

    /// How many places both cover. O(stretches).
    pub fn shared(&self, other: &Self) -> u32 {
        let (mut these, mut those) = (self.parts(), other.parts());
        let mut sum = 0;
        while let ([this, rest @ ..], [that, others @ ..]) = (these, those) {
            sum += this.shared(*that);
            if this.end <= that.end { these = rest } else { those = others }
        }
        sum
    }

    /// The places that both cover of those that either covers (Jaccard), from 0 to 1.
    pub fn likeness(&self, other: &Self) -> Score {
        let shared = self.shared(other);
        let either = self.len() + other.len() - shared;
        Score::ratio(f64::from(shared), f64::from(either))
    }
}

/// Stretches in order, those that touch or overlap made one.
pub(crate) fn merged(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    stretches.sort_unstable();
    stretches.dedup_by(|next, last| {
        let touches = next.start <= last.end;
        if touches {
            last.end = last.end.max(next.end);
        }
        touches
    });
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(parts: &[(u32, u32)]) -> Unit {
        let parts = parts.iter().map(|(start, end)| Stretch::new(*start, *end)).collect();
        Unit::from_parts(parts, Category(0)).unwrap()
    }

    #[test]
    fn what_a_gap_holds_is_not_shared() {
        let split = unit(&[(10, 12), (0, 4)]);
        assert_eq!(split.extent(), Stretch::new(0, 12));
        assert_eq!((split.len(), split.shared(&unit(&[(4, 10)]))), (6, 0));
        assert_eq!(split.shared(&unit(&[(2, 11)])), 3);
        assert_eq!(split.likeness(&unit(&[(0, 4)])), Score::Known(4.0 / 6.0));
        assert!(!split.is_same_span(&unit(&[(0, 12)])));
        assert!(unit(&[(0, 4), (4, 12)]).is_same_span(&unit(&[(0, 12)])));
    }
}
