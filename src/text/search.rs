//! Finding words in a text, the way a reader would call them the same.

use super::segment::word_at;
use regex::{Regex, RegexBuilder, bytes};
use text_size::{TextRange, TextSize};

/// Something to look for, ready to be run over many texts.
#[derive(Clone, Debug)]
pub struct SearchPattern(Regex);

impl SearchPattern {
    /// Letters match in either case; any run of white space matches any other.
    /// `None` when there is nothing but white space to look for.
    pub fn new(query: &str) -> Option<Self> {
        let words: Vec<_> = query.split_whitespace().map(regex::escape).collect();
        if words.is_empty() {
            return None;
        }
        let pattern = RegexBuilder::new(&words.join(r"\s+")).case_insensitive(true).build();
        pattern.ok().map(Self)
    }

    /// The same pattern for bytes that hold many texts.
    pub fn for_bytes(&self) -> Option<BytesPattern> {
        let pattern = bytes::RegexBuilder::new(self.0.as_str()).case_insensitive(true).build();
        pattern.ok().map(BytesPattern)
    }

    /// All places in a text, in order, none overlapping another; O(n).
    pub fn find_all<'a>(&'a self, text: &'a str) -> impl Iterator<Item = TextRange> + 'a {
        self.0.find_iter(text).map(|found| {
            TextRange::new(TextSize::new(found.start() as u32), TextSize::new(found.end() as u32))
        })
    }
}

/// Something to look for in texts that have not been told apart yet, nor checked.
#[derive(Clone, Debug)]
pub struct BytesPattern(bytes::Regex);

impl BytesPattern {
    /// The start of the first place at or after `from`; O(n), about a gigabyte a second.
    pub fn find_from(&self, bytes: &[u8], from: usize) -> Option<usize> {
        self.0.find_at(bytes, from).map(|found| found.start())
    }
}

/// The places where a surface text stands as whole words: the candidates for "label
/// more like this". Letters must match in case except at the start of a sentence's
/// first word, so that `Police` and `police` are the same and `Us` is not `US`.
pub fn occurrences_of_words(text: &str, surface: &str) -> Vec<TextRange> {
    let Some(pattern) = SearchPattern::new(surface) else { return Vec::new() };
    pattern
        .find_all(text)
        .filter(|found| stands_alone(text, *found) && same_but_for_first(&text[*found], surface))
        .collect()
}

/// The place nearest to `offset` where a surface text stands as whole words, letter for
/// letter; the earlier of two equally near. O(n).
pub fn nearest_words(text: &str, surface: &str, offset: TextSize) -> Option<TextRange> {
    if surface.is_empty() {
        return None;
    }
    let found = text.match_indices(surface);
    found
        .map(|(at, found)| TextRange::at(TextSize::new(at as u32), TextSize::of(found)))
        .filter(|found| stands_alone(text, *found))
        .min_by_key(|found| u32::from(found.start()).abs_diff(offset.into()))
}

fn stands_alone(text: &str, range: TextRange) -> bool {
    let starts = word_at(text, range.start()).is_none_or(|word| word.start() == range.start());
    let last = text[range].chars().next_back().map_or(0, char::len_utf8) as u32;
    let ends = word_at(text, range.end() - TextSize::new(last)).is_none_or(|word| {
        word.end() == range.end() || is_possessive(&text[TextRange::new(range.end(), word.end())])
    });
    starts && ends
}

fn is_possessive(rest: &str) -> bool {
    matches!(rest, "'s" | "’s" | "'" | "’")
}

fn same_but_for_first(found: &str, surface: &str) -> bool {
    let mut found = found.split_whitespace();
    let mut surface = surface.split_whitespace();
    let first = found.next().zip(surface.next());
    let first_fits = first.is_some_and(|(a, b)| {
        let mut a = a.chars();
        let mut b = b.chars();
        let initial = a.next().zip(b.next());
        a.as_str() == b.as_str()
            && initial.is_some_and(|(a, b)| a.to_lowercase().eq(b.to_lowercase()))
    });
    first_fits && found.eq(surface)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_ignores_case_and_line_ends() {
        let text = "Police\nofficers. POLICE officers";
        let pattern = SearchPattern::new("police  officers");
        assert_eq!(pattern.map(|pattern| pattern.find_all(text).count()), Some(2));
        assert!(SearchPattern::new("  ").is_none());
    }

    #[test]
    fn the_nearest_words_are_whole() {
        let text = "He fled. The men said he and He fled there.";
        let near = |surface, at| nearest_words(text, surface, TextSize::new(at));
        assert_eq!(near("he", 10).map(|found| u32::from(found.start())), Some(22));
        assert_eq!(near("He fled", 30).map(|found| u32::from(found.start())), Some(29));
        assert_eq!(near("her", 0), None);
        assert_eq!(near("", 0), None);
    }

    #[test]
    fn more_like_this_takes_whole_words_only() {
        let text = "Gunmen came. The gunmen's car, gunmen-like men, the US told us.";
        let found = occurrences_of_words(text, "gunmen");
        let found: Vec<_> = found.into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["Gunmen", "gunmen"]);
        assert_eq!(occurrences_of_words(text, "US").len(), 1);
    }
}
