//! Words of the scripts that put no spaces between them: Chinese, Japanese, Thai, Lao,
//! Khmer and Burmese.
//!
//! A run of such letters is divided by dictionary, with the dictionaries that the
//! layout of lines uses too: the longest word first, from the run's start. For Chinese
//! and Japanese, where that goes wrong too often, into few words. What is in no
//! dictionary comes out as single letters, except that a name in Katakana stays whole.
//! Finding the run in a text is the caller's part.

use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};
use std::cell::RefCell;
use std::ops::Range;
use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

/// The longest word of a Chinese or Japanese dictionary that is looked for, in letters.
const LONGEST: usize = 8;

/// A letter that no word of the dictionary holds. Without it the beginning of a longer
/// word would pass for a word where the letters end.
const CLOSING: char = '\u{3400}';

/// Particles, counters and endings of Chinese and Japanese that are words of one letter.
const STANDING_ALONE: &str = "的了在是和与與及或对對向从從被把将將于於为為以其也都就不而等人名年月日时時分个個\
    はがのをにでともへやかなたてだし者";

thread_local! {
    static SEGMENTER: WordSegmenterBorrowed<'static> =
        WordSegmenter::new_dictionary(WordBreakInvariantOptions::default());
    /// The run that was divided last and where: a drag asks for the same one every frame.
    /// Dividing 37 Chinese letters takes some 35 µs and 100 Thai ones 6; asking again, 1.
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
    let is_east_asian = run.chars().next().is_some_and(|first| first >= '\u{2e80}');
    let mut starts = if is_east_asian {
        likely_words(segmenter, run)
    } else {
        segmenter.segment_str(run).filter(|at| *at < run.len()).collect()
    };
    starts.retain(|at| !is_inside_word(run, *at));
    starts
}

/// The starts of the words that a run most likely consists of: few words, and single
/// letters only if they are words that stand alone (`人|死亡` and not `人死|亡`).
fn likely_words(segmenter: WordSegmenterBorrowed<'_>, run: &str) -> Vec<usize> {
    let mut edges: Vec<usize> = run.grapheme_indices(true).map(|(at, _)| at).collect();
    edges.push(run.len());
    let last = edges.len() - 1;
    // What the words up to an edge cost, and the edge where the last of them starts.
    let mut best = vec![(usize::MAX, 0); edges.len()];
    best[0] = (0, 0);
    for from in 0..last {
        let mut upto = last.min(from + LONGEST);
        while upto > from {
            let letters = &run[edges[from]..edges[upto]];
            let found =
                if upto == from + 1 { letters.len() } else { first_word(segmenter, letters) };
            if found == letters.len() && best[from].0 + cost(letters) < best[upto].0 {
                best[upto] = (best[from].0 + cost(letters), from);
            }
            // What was found is a guess until it was looked up by itself.
            let guess = edges.partition_point(|edge| *edge <= edges[from] + found) - 1;
            upto = guess.clamp(from + 1, upto).min(upto - 1);
        }
    }
    let backwards = std::iter::successors(Some(best[last].1), |at| (*at > 0).then(|| best[*at].1));
    let mut starts: Vec<usize> = backwards.map(|at| edges[at]).collect();
    starts.reverse();
    starts
}

fn cost(word: &str) -> usize {
    let mut letters = word.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) if STANDING_ALONE.contains(letter) => 3,
        (Some(_), None) => 6,
        _ => 4,
    }
}

/// The length of the longest word that some letters begin with, as far as the
/// dictionary says: when they are no word but begin one, it is more than their own.
fn first_word(segmenter: WordSegmenterBorrowed<'_>, letters: &str) -> usize {
    let mut closed = String::with_capacity(letters.len() + CLOSING.len_utf8());
    closed.push_str(letters);
    closed.push(CLOSING);
    segmenter.segment_str(&closed).find(|at| *at > 0).unwrap_or(letters.len())
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
        assert_eq!(words("人死亡"), ["人", "死亡"]);
        assert_eq!(words("研究生命起源"), ["研究", "生命", "起源"]);
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
