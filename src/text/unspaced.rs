//! Words of the scripts that put no spaces between them: Chinese, Japanese, Thai, Lao,
//! Khmer and Burmese.
//!
//! A run of such letters is divided by dictionary: the longest word first, from the
//! run's start, with the dictionaries that the layout of lines uses too. What is in no
//! dictionary comes out as single letters, except that a name in Katakana stays whole.
//! Finding the run in a text is the caller's part.

use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};
use std::cell::RefCell;
use std::ops::Range;
use unicode_segmentation::GraphemeCursor;

thread_local! {
    static SEGMENTER: WordSegmenterBorrowed<'static> =
        WordSegmenter::new_dictionary(WordBreakInvariantOptions::default());
    /// The run that was divided last and where: a drag asks for the same one every frame.
    static LAST: RefCell<(String, Vec<usize>)> = const { RefCell::new((String::new(), Vec::new())) };
}

/// Whether a character belongs to a script without spaces. Its digits and punctuation
/// do not: they divide words as they do anywhere.
pub(super) fn is_unspaced(character: char) -> bool {
    match character {
        // Thai and Lao, Burmese, Khmer.
        '\u{e01}'..='\u{e3a}' | '\u{e40}'..='\u{e4e}' => true,
        '\u{e81}'..='\u{ece}' | '\u{edc}'..='\u{edf}' => true,
        '\u{1000}'..='\u{103f}' | '\u{1050}'..='\u{108f}' | '\u{109a}'..='\u{109d}' => true,
        '\u{a9e0}'..='\u{a9ef}' | '\u{a9fa}'..='\u{a9fe}' | '\u{aa60}'..='\u{aa7f}' => true,
        '\u{1780}'..='\u{17d3}' | '\u{17d7}' | '\u{17dc}' | '\u{17dd}' => true,
        // Hiragana, Katakana, Han.
        '\u{3041}'..='\u{309f}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}' => true,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' => true,
        '\u{2e80}'..='\u{2fd5}' | '\u{3038}'..='\u{303b}' | '\u{20000}'..='\u{3fffd}' => true,
        _ => is_katakana(character),
    }
}

/// The word of a run of such letters that holds a byte of it.
pub(super) fn word_of_run(run: &str, at: usize) -> Range<usize> {
    LAST.with_borrow_mut(|(last, starts)| {
        if last != run {
            *starts = word_starts(run);
            run.clone_into(last);
        }
        let next = starts.partition_point(|start| *start <= at);
        let start = starts[..next].last().copied().unwrap_or(0);
        start..starts.get(next).copied().unwrap_or(run.len())
    })
}

fn word_starts(run: &str) -> Vec<usize> {
    let segmenter = SEGMENTER.with(|segmenter| *segmenter);
    segmenter.segment_str(run).filter(|at| *at < run.len() && !is_inside_word(run, *at)).collect()
}

/// Where the dictionary divides and a reader would not.
fn is_inside_word(run: &str, at: usize) -> bool {
    let before = run[..at].trim_end_matches(is_sound_mark).chars().next_back();
    let after = run[at..].chars().next();
    let is_grapheme = || GraphemeCursor::new(at, run.len(), true).is_boundary(run, 0);
    before.is_some_and(is_katakana) && after.is_some_and(is_katakana)
        || before.is_some() && after.is_some_and(continues_word)
        || is_grapheme() != Ok(true)
}

/// Signs of repetition and abbreviation, which stand after the word they belong to.
fn continues_word(character: char) -> bool {
    matches!(character, 'ๆ' | 'ฯ' | '\u{eaf}' | '\u{ec6}' | '\u{17d7}' | '々' | 'ー')
}

/// Sound marks written after their letter, as decomposed text has them.
fn is_sound_mark(character: char) -> bool {
    matches!(character, '\u{3099}' | '\u{309a}')
}

fn is_katakana(character: char) -> bool {
    matches!(character, '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(run: &str) -> Vec<&str> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < run.len() {
            let word = word_of_run(run, at);
            at = word.end;
            found.push(&run[word]);
        }
        found
    }

    #[test]
    fn a_run_is_divided_into_the_words_of_its_language() {
        assert_eq!(words("武装分子袭击了警察总部"), ["武装", "分子", "袭击", "了", "警察", "总部"]);
        assert_eq!(words("警察は男性を逮捕した"), ["警察", "は", "男性", "を", "逮捕", "した"]);
        assert_eq!(words("ตำรวจจับกุมผู้ต้องหา"), ["ตำรวจ", "จับกุม", "ผู้", "ต้องหา"]);
        assert_eq!(words("ພາສາລາວ"), ["ພາສາ", "ລາວ"]);
        assert_eq!(words("ភាសាខ្មែរ"), ["ភាសាខ្មែរ"]);
        assert_eq!(words("မြန်မာစာ"), ["မြန်မာ", "စာ"]);
    }

    #[test]
    fn names_in_katakana_and_signs_of_repetition_stay_with_their_word() {
        assert_eq!(words("スドラフカの"), ["スドラフカ", "の"]);
        assert_eq!(words("カ\u{3099}ソリン"), ["カ\u{3099}ソリン"]);
        assert_eq!(words("佐々木"), ["佐々木"]);
        assert_eq!(words("ต่างๆกรุงเทพฯ"), ["ต่างๆ", "กรุงเทพฯ"]);
    }
}
