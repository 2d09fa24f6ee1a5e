//! spaCy's numbers for strings: a hash, but for the words that it numbers itself.
//!
//! Words that are the names of spaCy's own attributes, tags and labels have small fixed
//! numbers (`PERSON` is 380). spaCy knows them by these numbers alone, so a file that has
//! the hash of such a word cannot be loaded.

use std::collections::HashMap;

/// The seed that spaCy hashes with.
const SEED: u64 = 1;

/// spaCy's own words, each run with the number of its first word. The numbers between the
/// runs are flags and places that are no longer used.
const SYMBOLS: [(u64, &str); 3] = [
    (
        1,
        "IS_ALPHA IS_ASCII IS_DIGIT IS_LOWER IS_PUNCT IS_SPACE IS_TITLE IS_UPPER LIKE_URL \
         LIKE_NUM LIKE_EMAIL IS_STOP IS_OOV_DEPRECATED IS_BRACKET IS_QUOTE IS_LEFT_PUNCT \
         IS_RIGHT_PUNCT IS_CURRENCY",
    ),
    (
        64,
        "ID ORTH LOWER NORM SHAPE PREFIX SUFFIX LENGTH CLUSTER LEMMA POS TAG DEP ENT_IOB \
         ENT_TYPE HEAD SENT_START SPACY PROB LANG ADJ ADP ADV AUX CONJ CCONJ DET INTJ NOUN \
         NUM PART PRON PROPN PUNCT SCONJ SYM VERB X EOL SPACE",
    ),
    (
        380,
        "PERSON NORP FACILITY ORG GPE LOC PRODUCT EVENT WORK_OF_ART LANGUAGE LAW DATE TIME \
         PERCENT MONEY QUANTITY ORDINAL CARDINAL acomp advcl advmod agent amod appos attr aux \
         auxpass cc ccomp complm conj cop csubj csubjpass dep det dobj expl hmod hyph infmod \
         intj iobj mark meta neg nmod nn npadvmod nsubj nsubjpass num number oprd obj obl \
         parataxis partmod pcomp pobj poss possessive preconj prep prt punct quantmod relcl \
         rcmod root xcomp acl ENT_KB_ID MORPH ENT_ID IDX _",
    ),
];

/// The flags without a name: their numbers are in their names.
const FLAGS: std::ops::RangeInclusive<u64> = 19..=63;
/// The numbers that are no longer used, named by what they come after.
const DEPRECATED: std::ops::RangeInclusive<u64> = 104..=379;

/// spaCy's words by their numbers, and the numbers by the words.
pub(super) struct Symbols {
    numbers: HashMap<String, u64>,
}

impl Symbols {
    pub(super) fn new() -> Self {
        let named = SYMBOLS.iter().flat_map(|(first, words)| {
            words.split(' ').zip(*first..).map(|(word, number)| (word.to_owned(), number))
        });
        let flags = FLAGS.map(|number| (format!("FLAG{number}"), number));
        let first = DEPRECATED.start() - 1;
        let deprecated =
            DEPRECATED.map(|number| (format!("DEPRECATED{:03}", number - first), number));
        Self { numbers: named.chain(flags).chain(deprecated).collect() }
    }

    /// The number by which spaCy knows a string.
    pub(super) fn number(&self, text: &str) -> u64 {
        if text.is_empty() {
            return 0;
        }
        self.numbers.get(text).copied().unwrap_or_else(|| hash(text))
    }

    /// What the numbers of a file mean: spaCy's own words and the strings of the file.
    pub(super) fn meanings<'a>(
        &'a self,
        strings: impl Iterator<Item = &'a str>,
    ) -> HashMap<u64, &'a str> {
        let own = self.numbers.iter().map(|(word, number)| (*number, word.as_str()));
        let hashed = strings.map(|text| (self.number(text), text));
        std::iter::once((0, "")).chain(own).chain(hashed).collect()
    }
}

/// MurmurHash64A, by Austin Appleby, of the UTF-8 bytes.
pub(in crate::formats) fn hash(text: &str) -> u64 {
    const MULTIPLIER: u64 = 0xc6a4_a793_5bd1_e995;
    const SHIFT: u32 = 47;
    let bytes = text.as_bytes();
    let mut state = SEED ^ (bytes.len() as u64).wrapping_mul(MULTIPLIER);
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        let mut word = u64::from_le_bytes(*word).wrapping_mul(MULTIPLIER);
        word ^= word >> SHIFT;
        state = (state ^ word.wrapping_mul(MULTIPLIER)).wrapping_mul(MULTIPLIER);
    }
    if !rest.is_empty() {
        let last = rest.iter().rev().fold(0, |word, byte| (word << 8) | u64::from(*byte));
        state = (state ^ last).wrapping_mul(MULTIPLIER);
    }
    state = (state ^ (state >> SHIFT)).wrapping_mul(MULTIPLIER);
    state ^ (state >> SHIFT)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers are what spaCy 3.8 says.
    #[test]
    fn numbers_are_spacys() {
        let symbols = Symbols::new();
        for (text, number) in [
            ("", 0),
            ("IS_CURRENCY", 18),
            ("FLAG19", 19),
            ("ORTH", 65),
            ("SPACE", 103),
            ("DEPRECATED001", 104),
            ("DEPRECATED276", 379),
            ("PERSON", 380),
            ("agent", 401),
            ("_", 456),
            ("case", 8_110_129_090_154_140_942),
            ("hello", 5_983_625_672_228_268_878),
            ("کراچی", 367_166_578_037_603_125),
        ] {
            assert_eq!(symbols.number(text), number, "{text}");
        }
        assert_eq!(symbols.numbers.len(), 456);
        assert_eq!(hash("PERSON"), 11_121_653_176_597_302_729);
    }
}
