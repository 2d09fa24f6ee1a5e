//! How alike two texts are, told from a small sketch of each.
//!
//! For telling which of several articles a text is a version of, also among thousands of
//! them. What differs is not told here; for that the texts themselves are compared.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use unicode_segmentation::UnicodeSegmentation;

/// How many pairs of words a sketch keeps: all of a text of some hundred words, and a
/// random sample of a longer one.
const MOST: usize = 512;

/// The pairs of neighbouring words of a text whose hashes are the smallest.
///
/// Pairs, because texts on one matter share most of their words, and in scripts without
/// spaces a word may be one character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch(Vec<u64>);

impl Sketch {
    /// Makes the sketch of a text, in time linear in its length.
    pub fn new(text: &str) -> Self {
        let mut hashes = HashSet::new();
        let mut previous = "";
        for word in text.unicode_words() {
            let mut hasher = DefaultHasher::new();
            (previous, word).hash(&mut hasher);
            hashes.insert(hasher.finish());
            previous = word;
        }
        let mut smallest: Vec<_> = hashes.into_iter().collect();
        smallest.sort_unstable();
        smallest.truncate(MOST);
        Self(smallest)
    }

    /// The share of the pairs of both texts that they have in common, from 0 to 1: the
    /// resemblance of A. Broder, “On the resemblance and containment of documents” (1997),
    /// exact for short texts and estimated for long ones, with an error of a few hundredths.
    pub fn likeness(&self, other: &Self) -> f64 {
        let own: HashSet<_> = self.0.iter().collect();
        let others: HashSet<_> = other.0.iter().collect();
        let mut both: Vec<_> = own.union(&others).copied().collect();
        both.sort_unstable();
        both.truncate(MOST);
        let shared = both.iter().filter(|hash| own.contains(*hash) && others.contains(*hash));
        shared.count() as f64 / both.len().max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness(one: &str, other: &str) -> f64 {
        Sketch::new(one).likeness(&Sketch::new(other))
    }

    #[test]
    fn a_version_is_more_like_its_text_than_another_text_on_the_matter() {
        let text = "Gunmen stormed a camp near Quetta on Monday and killed two men";
        let version = "Gunmen stormed a camp near Quetta on Monday and killed three men";
        let other = "On Monday two men near Quetta stormed a camp of killed gunmen";
        assert_eq!(likeness(text, text), 1.0);
        assert!(likeness(text, version) > 0.6);
        assert!(likeness(text, other) < 0.4);
        assert_eq!(likeness(text, "کراچی میں دھماکہ"), 0.0);
        assert!(likeness("武装分子周一袭击了营地", "武装分子周二袭击了营地") > 0.5);
        assert_eq!(likeness("", ""), 0.0);
    }

    #[test]
    fn a_long_text_is_told_from_a_sample() {
        let words = |from: u32| (from..from + 20_000).map(|word| format!("w{word} ")).collect();
        let (one, half): (String, String) = (words(0), words(10_000));
        let found = likeness(&one, &half);
        assert!((found - 1.0 / 3.0).abs() < 0.1, "{found}");
    }
}
