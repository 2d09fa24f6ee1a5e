//! The letters that stand for annotators while their names are hidden.
//!
//! The order is drawn by chance and kept, not made of names or of a seed that stands in the
//! project: nobody can work out whose letter is whose, and who joins gets the next letter
//! and moves nobody's.

use super::id::AnnotatorName;
use std::collections::HashSet;

/// Annotators in the order of their letters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letters(Vec<AnnotatorName>);

impl Letters {
    /// Letters as they were drawn before; who stands twice has the first of both. O(n).
    pub fn from_order(order: impl IntoIterator<Item = AnnotatorName>) -> Self {
        let mut known = HashSet::new();
        Self(order.into_iter().filter(|name| known.insert(name.clone())).collect())
    }

    /// Who has a letter, in the order of the letters.
    pub fn order(&self) -> &[AnnotatorName] {
        &self.0
    }

    /// Somebody's letter: A to Z, then A2, B2 and so on; `None` for who has none. O(n).
    pub fn of(&self, name: &AnnotatorName) -> Option<String> {
        let at = self.0.iter().position(|known| known == name)?;
        let letter = char::from(b'A' + (at % 26) as u8);
        Some(if at < 26 { letter.to_string() } else { format!("{letter}{}", at / 26 + 1) })
    }

    /// Those of some annotators who have no letter; O(n).
    pub fn without(&self, annotators: &[AnnotatorName]) -> Vec<AnnotatorName> {
        let known: HashSet<_> = self.0.iter().collect();
        annotators.iter().filter(|name| !known.contains(name)).cloned().collect()
    }

    /// Draws letters for those who have none, behind all that are given; true where there
    /// were any. O(n).
    pub fn admit(&mut self, annotators: &[AnnotatorName], random: &mut fastrand::Rng) -> bool {
        let mut new = self.without(annotators);
        random.shuffle(&mut new);
        let before = self.0.len();
        *self = Self::from_order(std::mem::take(&mut self.0).into_iter().chain(new));
        self.0.len() > before
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn names(count: usize) -> Vec<AnnotatorName> {
        (0..count).map(|index| AnnotatorName::new(format!("ann-{index}")).unwrap()).collect()
    }

    fn drawn(count: usize, seed: u64) -> Letters {
        let mut letters = Letters::default();
        assert!(letters.admit(&names(count), &mut fastrand::Rng::with_seed(seed)));
        letters
    }

    fn given(letters: &Letters, count: usize) -> Vec<String> {
        names(count).iter().map(|name| letters.of(name).unwrap()).collect()
    }

    #[test]
    fn everybody_has_a_letter_and_chance_alone_says_which() {
        let all: BTreeSet<_> = given(&drawn(5, 1), 5).into_iter().collect();
        assert!(all.iter().eq(["A", "B", "C", "D", "E"]));
        let orders: BTreeSet<_> = (0..20).map(|seed| given(&drawn(5, seed), 5)).collect();
        assert!(orders.len() > 10, "the names say nothing about the letters");
        assert_eq!(given(&drawn(27, 1), 27).iter().filter(|letter| *letter == "A2").count(), 1);
    }

    #[test]
    fn who_joins_gets_the_next_letter_and_moves_nobodys() {
        let mut letters = drawn(4, 7);
        let before = given(&letters, 4);
        let mut random = fastrand::Rng::with_seed(8);
        assert!(!letters.admit(&names(4), &mut random));
        assert!(letters.admit(&names(5), &mut random));
        assert_eq!(given(&letters, 4), before);
        assert_eq!(letters.of(&names(5)[4]).as_deref(), Some("E"));
        assert_eq!(letters.of(&AnnotatorName::new("nobody").unwrap()), None);
    }
}
