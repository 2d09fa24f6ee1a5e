//! Tokens and sentences for formats that count in them.
//!
//! A tokenizer divides a text into ranges of bytes, in order, without overlaps and
//! without white space in them. What lies between two tokens is white space alone, so
//! that a text can be put together again from its tokens and what is between them.

use crate::text::{TextRange, TextSize, sentence_at};
use unicode_segmentation::UnicodeSegmentation;

/// How a text is divided into tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tokenizer {
    /// What stands between white space.
    Whitespace,
    /// Words, numbers and single signs by Unicode Standard Annex 29.
    Words,
    /// White space, with punctuation at the edges and between words split off, as
    /// spaCy's rules do for most languages; clitics ('s, n't) are tokens.
    #[default]
    Spacy,
}

impl Tokenizer {
    /// Every tokenizer with what `--tokens` calls it.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Whitespace, "whitespace"), (Self::Words, "words"), (Self::Spacy, "spacy")];

    /// The tokens of a text; O(n).
    pub fn tokens(self, text: &str) -> Vec<TextRange> {
        let mut tokens = Vec::with_capacity(text.len() / 5);
        match self {
            Self::Whitespace => chunks(text, |start, chunk| tokens.push(range(start, chunk.len()))),
            Self::Words => chunks(text, |start, chunk| {
                for (at, word) in chunk.split_word_bound_indices() {
                    tokens.push(range(start + at, word.len()));
                }
            }),
            Self::Spacy => chunks(text, |start, chunk| divide(start, chunk, &mut tokens)),
        }
        tokens
    }
}

/// A range of so many bytes from a byte on.
pub(super) fn range(start: usize, len: usize) -> TextRange {
    TextRange::at(size(start), size(len))
}

fn size(bytes: usize) -> TextSize {
    TextSize::new(u32::try_from(bytes).unwrap_or(u32::MAX))
}

/// What stands between white space, with the byte at which it starts.
pub(super) fn chunks<'a>(text: &'a str, mut each: impl FnMut(usize, &'a str)) {
    let mut start = None;
    for (at, character) in text.char_indices() {
        match (start, character.is_whitespace()) {
            (None, false) => start = Some(at),
            (Some(from), true) => {
                each(from, &text[from..at]);
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        each(from, &text[from..]);
    }
}

/// Splits what stands between white space into words and signs.
fn divide(start: usize, chunk: &str, tokens: &mut Vec<TextRange>) {
    let is_edge = |character: &char| !character.is_alphanumeric() && !is_joined(*character);
    let (mut from, mut until) = (0, chunk.len());
    // Signs before the word, one token each.
    while let Some(sign) = chunk[from..].chars().next().filter(is_edge) {
        tokens.push(range(start + from, sign.len_utf8()));
        from += sign.len_utf8();
    }
    let mut after = Vec::new();
    while let Some(sign) = chunk[from..until].chars().next_back().filter(is_edge) {
        // The full stop of an abbreviation (U.S.) and of an initial belongs to it.
        if sign == '.' && is_abbreviation(&chunk[from..until]) {
            break;
        }
        until -= sign.len_utf8();
        after.push(range(start + until, sign.len_utf8()));
    }
    words(start + from, &chunk[from..until], tokens);
    tokens.extend(after.into_iter().rev());
}

/// Marks that never stand alone: what joins emoji, combining marks, variation selectors.
pub(super) fn is_joined(character: char) -> bool {
    matches!(character, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{0300}'..='\u{036F}')
        || (!character.is_ascii() && !character.is_alphanumeric() && is_mark(character))
}

/// Vowel signs and other marks of scripts that write them after the letter.
fn is_mark(character: char) -> bool {
    let mut buffer = [b'a', 0, 0, 0, 0];
    let len = character.encode_utf8(&mut buffer[1..]).len();
    // A mark joins the letter before it to one grapheme; a sign of its own does not.
    let joined = std::str::from_utf8(&buffer[..=len]).unwrap_or_default();
    joined.graphemes(true).count() == 1
}

/// `U.S.`, `J.`, `e.g.`: letters one by one with a full stop after each.
fn is_abbreviation(word: &str) -> bool {
    let mut parts = word.split('.');
    let is_last_empty = parts.next_back() == Some("");
    is_last_empty
        && parts.all(|part| part.chars().count() == 1 && part.chars().all(char::is_alphabetic))
}

/// Divides a word at signs between letters and before clitics.
fn words(start: usize, word: &str, tokens: &mut Vec<TextRange>) {
    let mut from = 0;
    let mut previous: Option<char> = None;
    for (at, character) in word.char_indices() {
        let next = word[at + character.len_utf8()..].chars().next();
        if is_divider(previous, character, next) {
            if at > from {
                clitics(start + from, &word[from..at], tokens);
            }
            tokens.push(range(start + at, character.len_utf8()));
            from = at + character.len_utf8();
        }
        previous = Some(character);
    }
    if from < word.len() {
        clitics(start + from, &word[from..], tokens);
    }
}

/// Whether a sign between two characters is a token of its own: hyphens, dashes, slashes
/// and commas between letters; not in numbers (`1,200`, `3/4`).
fn is_divider(before: Option<char>, sign: char, after: Option<char>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return false };
    let are_letters = before.is_alphabetic() && after.is_alphabetic();
    match sign {
        '-' | '\u{2010}' | '\u{2011}' | '/' | ':' | '<' | '>' | '=' | '~' => are_letters,
        ',' | ';' => !(before.is_numeric() && after.is_numeric()),
        '\u{2013}' | '\u{2014}' | '…' | '(' | ')' | '[' | ']' | '"' | '“' | '”' | '«' | '»'
        | '?' | '!' => true,
        _ => false,
    }
}

/// `police's`, `don't`: the word and what leans on it.
fn clitics(start: usize, word: &str, tokens: &mut Vec<TextRange>) {
    const ENDINGS: [&str; 8] = ["'s", "'re", "'ve", "'ll", "'d", "'m", "n't", "'S"];
    if !word.contains(['\'', '’']) {
        return tokens.push(range(start, word.len()));
    }
    let plain = word.replace('’', "'");
    let ending =
        ENDINGS.iter().find(|ending| plain.len() > ending.len() && plain.ends_with(**ending));
    let Some(ending) = ending else { return tokens.push(range(start, word.len())) };
    // A typographic apostrophe has more bytes than the plain one, so count from the end.
    let letters = ending.chars().count();
    let cut = word.char_indices().rev().nth(letters - 1).map_or(0, |(at, _)| at);
    if cut == 0 {
        return tokens.push(range(start, word.len()));
    }
    tokens.push(range(start, cut));
    tokens.push(range(start + cut, word.len() - cut));
}

/// The sentences of a text, each from its first to its last token; no sentence goes over
/// a line's end. O(n).
pub(super) fn sentences(text: &str, tokens: &[TextRange]) -> Vec<TextRange> {
    let mut sentences: Vec<TextRange> = Vec::new();
    let (mut until, mut line_end) = (TextSize::new(0), 0);
    for token in tokens {
        match sentences.last_mut() {
            Some(last) if token.start() < until => *last = last.cover(*token),
            _ => {
                let start: usize = token.start().into();
                if start >= line_end {
                    let end = text[start..].find(['\n', '\r']);
                    line_end = end.map_or(text.len(), |end| start + end);
                }
                // A sentence ended before it, so that only what follows is looked at.
                let sentence = sentence_at(&text[start..line_end], size(0));
                until = (token.start() + sentence.end()).max(token.end());
                sentences.push(*token);
            }
        }
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tokens(tokenizer: Tokenizer, text: &str) -> Vec<&str> {
        tokenizer.tokens(text).into_iter().map(|token| &text[token]).collect()
    }

    #[test]
    fn each_tokenizer_divides_by_its_rule() {
        let text = "“Don't shoot,” the U.S. envoy's aide said (1,200 pro-Iran rebels).";
        assert_eq!(
            tokens(Tokenizer::Spacy, text),
            [
                "“", "Do", "n't", "shoot", ",", "”", "the", "U.S.", "envoy", "'s", "aide", "said",
                "(", "1,200", "pro", "-", "Iran", "rebels", ")", "."
            ]
        );
        assert_eq!(tokens(Tokenizer::Whitespace, " a  b,\nc "), ["a", "b,", "c"]);
        assert_eq!(tokens(Tokenizer::Words, "don't stop."), ["don't", "stop", "."]);
    }

    #[test]
    fn marks_stay_with_their_letters() {
        for word in ["कराची", "👩‍👩‍👧", "e\u{301}t\u{e9}", "کراچی"] {
            let text = format!("{word} 1");
            let joined: String = tokens(Tokenizer::Spacy, &text).concat();
            assert_eq!(joined, format!("{word}1"));
        }
        assert_eq!(tokens(Tokenizer::Spacy, "कराची।"), ["कराची", "।"]);
    }

    #[test]
    fn sentences_are_made_of_tokens_and_end_with_lines() {
        let text = "Head line\nGunmen fled. Police said so.";
        let tokens = Tokenizer::Spacy.tokens(text);
        let sentences: Vec<_> = sentences(text, &tokens).into_iter().map(|at| &text[at]).collect();
        assert_eq!(sentences, ["Head line", "Gunmen fled.", "Police said so."]);
    }

    proptest! {
        #[test]
        fn tokens_leave_nothing_out_but_white_space(text in "([a-z.'’,:/()\\-]|[\\s]|\\PC){0,60}") {
            for (tokenizer, _) in Tokenizer::ALL {
                let mut at = 0;
                let tokens = tokenizer.tokens(&text);
                for token in &tokens {
                    let (start, end): (usize, usize) = (token.start().into(), token.end().into());
                    prop_assert!(start < end && at <= start);
                    prop_assert!(text[at..start].chars().all(char::is_whitespace));
                    prop_assert!(!text[start..end].contains(char::is_whitespace));
                    at = end;
                }
                prop_assert!(text[at..].chars().all(char::is_whitespace));
                let sentences = sentences(&text, &tokens);
                prop_assert!(sentences.iter().all(|sentence| !text[*sentence].contains('\n')));
                prop_assert!(sentences.windows(2).all(|two| two[0].end() <= two[1].start()));
            }
        }
    }
}
