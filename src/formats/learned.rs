//! Tokens as a model's own tokenizer makes them: the `tokenizer.json` of Hugging Face.
//!
//! Reading one needs the cargo feature `tokenizers`, which brings some thirty crates;
//! without it a file is refused with that said. The crate tells each token's place in the
//! text as it was before it was normalized. Made of that are tokens as `tokens` has them:
//! a character whose bytes are several tokens is one, white space is none, and what the
//! model leaves out is a token of its own, so that the text can be put together again.
//! Special tokens, cutting and padding, which are for the model's input, are left out.

use super::error::FormatError;
use super::tokens::{chunks, is_joined, range};
use crate::text::TextRange;
use model::Model;
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;

/// The bytes that are given to a model at once, if lines are short enough: it takes some
/// hundred bytes for each token.
const AT_ONCE: usize = 1 << 20;

/// A tokenizer that was read from its file.
#[derive(Clone)]
pub struct TokenizerFile {
    model: Arc<Model>,
    sha256: String,
}

impl PartialEq for TokenizerFile {
    fn eq(&self, other: &Self) -> bool {
        self.sha256 == other.sha256
    }
}

impl fmt::Debug for TokenizerFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The model holds hundreds of thousands of words.
        f.debug_struct("TokenizerFile").field("sha256", &self.sha256).finish_non_exhaustive()
    }
}

impl TokenizerFile {
    /// Reads the bytes of a `tokenizer.json`.
    ///
    /// # Errors
    /// [`FormatError::NoTokenizers`] where the program was built without them;
    /// [`FormatError::Malformed`] where the bytes are no tokenizer, or one that fails on
    /// words that it does not know.
    pub fn read(bytes: &[u8]) -> Result<Self, FormatError> {
        let model = Arc::new(Model::read(bytes)?);
        let digest = Sha256::digest(bytes);
        let sha256 = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { model, sha256 })
    }

    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The tokens of a text; about O(n).
    pub fn tokens(&self, text: &str) -> Vec<TextRange> {
        let mut tokens = Vec::with_capacity(text.len() / 4);
        let mut from = 0;
        while from < text.len() {
            let end = piece(text, from);
            let part = text.get(from..end).unwrap_or_default();
            put_together(part, from, &self.model.offsets(part), &mut tokens);
            from = end;
        }
        tokens
    }
}

/// Where a piece that begins at a byte ends: behind a line feed, so that no word is cut.
fn piece(text: &str, from: usize) -> usize {
    let least = text.ceil_char_boundary((from + AT_ONCE).min(text.len()));
    let rest = text.get(least..).unwrap_or_default();
    rest.find('\n').map_or(text.len(), |feed| least + feed + 1)
}

/// Adds what the places in a part of a text stand for, and what stands between them.
fn put_together(part: &str, base: usize, offsets: &[(usize, usize)], tokens: &mut Vec<TextRange>) {
    let mut add = |from: usize, to: usize| {
        let words = part.get(from..to).unwrap_or_default();
        chunks(words, |at, word| tokens.push(range(base + from + at, word.len())));
    };
    let mut until = 0;
    for (start, end) in apart(part, offsets) {
        add(until, start);
        add(start, end);
        until = end;
    }
    add(until, part.len());
}

/// The places as whole characters, each with its marks, in order and apart. Places that
/// overlap are one: the bytes of a character may be several tokens, all of which say where
/// it stands, and a space that the tokenizer puts before a word stands where the word does.
fn apart(part: &str, offsets: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut apart: Vec<(usize, usize)> = Vec::with_capacity(offsets.len());
    for (start, end) in offsets {
        let (start, mut end) = (part.floor_char_boundary(*start), part.ceil_char_boundary(*end));
        let marks = part.get(end..).unwrap_or_default().chars();
        end += marks.take_while(|mark| is_joined(*mark)).map(char::len_utf8).sum::<usize>();
        match apart.last_mut() {
            Some(last) if start < last.1 => last.1 = last.1.max(end),
            _ if start < end => apart.push((start, end)),
            _ => {}
        }
    }
    apart
}

#[cfg(feature = "tokenizers")]
mod model {
    use crate::formats::error::FormatError;
    use tokenizers::Tokenizer;

    /// A word that no vocabulary has: code points that are no characters.
    const UNKNOWN: &str = "\u{10fffd}\u{10fffc}";

    pub(super) struct Model(Tokenizer);

    impl Model {
        pub(super) fn read(bytes: &[u8]) -> Result<Self, FormatError> {
            let bad = |what: String| FormatError::Malformed {
                line: None,
                what,
                remedy: "take the tokenizer.json of the model that is to be trained",
            };
            let mut tokenizer = Tokenizer::from_bytes(bytes)
                .map_err(|error| bad(format!("it is no tokenizer of Hugging Face: {error}")))?;
            tokenizer
                .with_padding(None)
                .with_truncation(None)
                .map_err(|error| bad(error.to_string()))?;
            tokenizer.encode(UNKNOWN, false).map_err(|error| {
                bad(format!("it fails on words that are not in its vocabulary: {error}"))
            })?;
            Ok(Self(tokenizer))
        }

        /// The place of each token, in bytes of the text. None of a text that the tokenizer
        /// cannot take, which is then divided at white space.
        pub(super) fn offsets(&self, text: &str) -> Vec<(usize, usize)> {
            let encoding = self.0.encode(text, false);
            encoding.map(|encoding| encoding.get_offsets().to_vec()).unwrap_or_default()
        }
    }
}

#[cfg(not(feature = "tokenizers"))]
mod model {
    use crate::formats::error::FormatError;

    /// There is none without the feature.
    pub(super) enum Model {}

    impl Model {
        pub(super) fn read(_: &[u8]) -> Result<Self, FormatError> {
            Err(FormatError::NoTokenizers)
        }

        pub(super) fn offsets(&self, _: &str) -> Vec<(usize, usize)> {
            match *self {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn together<'a>(text: &'a str, offsets: &[(usize, usize)]) -> Vec<&'a str> {
        let mut tokens = Vec::new();
        put_together(text, 0, offsets, &mut tokens);
        tokens.into_iter().map(|token| &text[token]).collect()
    }

    #[test]
    fn places_become_tokens_that_leave_out_nothing_but_white_space() {
        // The four bytes of an emoji as four tokens, by its place and by their own.
        assert_eq!(
            together("a 🙂b", &[(0, 1), (2, 6), (2, 6), (2, 6), (2, 6), (6, 7)]),
            ["a", "🙂", "b"]
        );
        assert_eq!(together("🙂b", &[(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]), ["🙂", "b"]);
        // A space that was put before the first word, and a mark that was taken away.
        assert_eq!(together("hi", &[(0, 1), (0, 2)]), ["hi"]);
        assert_eq!(together("cafe\u{301}s x", &[(0, 4), (6, 7)]), ["cafe\u{301}", "s", "x"]);
        // White space that belongs to a token, and stands within one.
        assert_eq!(together("New York  x", &[(0, 8), (8, 11)]), ["New", "York", "x"]);
        // What the model leaves out.
        assert_eq!(together("a ?! b c", &[(0, 1), (5, 6)]), ["a", "?!", "b", "c"]);
        assert_eq!(together("no model", &[]), ["no", "model"]);
        assert_eq!(together("", &[]), Vec::<&str>::new());
    }

    #[test]
    fn pieces_end_with_lines_and_leave_out_nothing() {
        let line = format!("{}🙂\n", "word ".repeat(AT_ONCE / 10));
        let text = line.repeat(5) + "end";
        let (mut from, mut pieces) = (0, Vec::new());
        while from < text.len() {
            let end = piece(&text, from);
            pieces.push(&text[from..end]);
            from = end;
        }
        assert!(pieces.len() > 1 && pieces.concat() == text);
        assert!(pieces.iter().rev().skip(1).all(|piece| piece.ends_with('\n')));
    }

    #[cfg(not(feature = "tokenizers"))]
    #[test]
    fn without_the_feature_a_file_is_refused_with_what_to_do() {
        let error = TokenizerFile::read(b"{}").unwrap_err().to_string();
        assert!(error.contains("--features tokenizers"), "{error}");
    }
}

#[cfg(test)]
#[cfg(feature = "tokenizers")]
mod tests_with_models;
