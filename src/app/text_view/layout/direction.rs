//! Which way a paragraph reads, and which language it is in.
//!
//! Both are handed to the layout instead of being found there: a block may be a piece of
//! a longer paragraph, and its own first letter says nothing about the whole.

use icu_properties::CodePointMapData;
use icu_properties::props::BidiClass;

/// The direction in which a paragraph reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// From left to right.
    #[default]
    Ltr,
    /// From right to left.
    Rtl,
}

/// The direction of a paragraph by its first strong character, as rules P2 and P3 of
/// Unicode Standard Annex 9 have it: what stands in an isolate does not count, and a
/// text without letters reads from left to right.
pub fn direction_of(text: &str) -> Direction {
    let classes = CodePointMapData::<BidiClass>::new();
    let mut isolates = 0_usize;
    for character in text.chars() {
        match classes.get(character) {
            BidiClass::LeftToRightIsolate
            | BidiClass::RightToLeftIsolate
            | BidiClass::FirstStrongIsolate => isolates += 1,
            BidiClass::PopDirectionalIsolate => isolates = isolates.saturating_sub(1),
            BidiClass::LeftToRight if isolates == 0 => return Direction::Ltr,
            BidiClass::RightToLeft | BidiClass::ArabicLetter if isolates == 0 => {
                return Direction::Rtl;
            }
            _ => {}
        }
    }
    Direction::Ltr
}

/// The direction of a paragraph of an article in a language: by its first strong
/// character, but in an article that is written from right to left a paragraph that only
/// begins with a foreign name or a handle reads as its other words do. The first
/// [`LOOKED_AT`] characters decide.
pub fn direction_in(language: Option<Language>, text: &str) -> Direction {
    let first = direction_of(text);
    if first == Direction::Rtl || !language.is_some_and(|language| language.is_rtl()) {
        return first;
    }
    let classes = CodePointMapData::<BidiClass>::new();
    let (mut left, mut right) = (0_usize, 0_usize);
    for character in text.chars().take(LOOKED_AT) {
        match classes.get(character) {
            BidiClass::LeftToRight => left += 1,
            BidiClass::RightToLeft | BidiClass::ArabicLetter => right += 1,
            _ => {}
        }
    }
    if right > left { Direction::Rtl } else { Direction::Ltr }
}

/// How many characters of a paragraph say which way it reads.
const LOOKED_AT: usize = 600;
/// Languages that are written from right to left.
const RIGHT_TO_LEFT: [&str; 10] = ["ar", "dv", "fa", "he", "ks", "ku", "ps", "sd", "ug", "ur"];

/// A language by its ISO 639-1 code. It chooses among fonts and letter forms where a
/// script has several: Nastaliq for Urdu, Japanese forms of Chinese characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language([u8; 2]);

impl Language {
    /// The language of a code such as `ur`; of `zh-TW` the part before the hyphen counts.
    /// `None` for anything else.
    pub fn parse(code: &str) -> Option<Self> {
        let first = code.split(['-', '_']).next()?;
        let letters = <[u8; 2]>::try_from(first.as_bytes()).ok()?;
        letters.iter().all(u8::is_ascii_alphabetic).then(|| Self(letters.map(to_lower)))
    }

    /// Whether it is written from right to left.
    fn is_rtl(self) -> bool {
        RIGHT_TO_LEFT.contains(&self.code())
    }

    /// The code in lower case.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

fn to_lower(letter: u8) -> u8 {
    letter.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_strong_character_decides_and_isolates_do_not_count() {
        let cases = [
            ("", Direction::Ltr),
            ("12:30 — 14", Direction::Ltr),
            ("Karachi کراچی", Direction::Ltr),
            ("“کراچی” Karachi", Direction::Rtl),
            ("2023 میں", Direction::Rtl),
            ("שלום world", Direction::Rtl),
            ("\u{2067}שלום\u{2069} world", Direction::Ltr),
            ("\u{2066}a \u{2068}b\u{2069} c\u{2069} שלום", Direction::Rtl),
            ("\u{2066}never closed שלום", Direction::Ltr),
            ("\u{2069}\u{202b}abc", Direction::Ltr),
        ];
        for (text, direction) in cases {
            assert_eq!(direction_of(text), direction, "{text:?}");
        }
    }

    #[test]
    fn a_paragraph_that_begins_with_a_foreign_name_reads_as_its_article_does() {
        let hebrew = Language::parse("he");
        let text = "Daniel Whitmore, תייר בן 34 ממנצ׳סטר, סיפר שהסתתר מאחורי דוכן";
        assert_eq!(direction_in(hebrew, text), Direction::Rtl);
        assert_eq!(direction_in(None, text), Direction::Ltr);
        assert_eq!(direction_in(hebrew, "World Report 24 quoted ״כן״"), Direction::Ltr);
        assert_eq!(direction_in(Language::parse("en"), "שלום world"), Direction::Rtl);
    }

    #[test]
    fn a_language_is_two_letters() {
        assert_eq!(Language::parse("ur").map(|found| found.code().to_owned()), Some("ur".into()));
        assert_eq!(Language::parse("zh-TW"), Language::parse("ZH"));
        assert_eq!(Language::parse(""), None);
        assert_eq!(Language::parse("eng"), None);
        assert_eq!(Language::parse("é"), None);
    }
}
