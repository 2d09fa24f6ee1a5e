//! An article: immutable text plus what is known about it.

use super::id::ArticleId;
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;

/// What is known about an article besides its text. Empty strings mean "not known".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArticleMeta {
    /// The headline.
    pub title: String,
    /// The outlet that published it.
    pub source: String,
    /// The day of publication.
    pub date: Option<Date>,
    /// Where it was found.
    pub url: String,
    /// ISO 639-1 code (`en`, `ur`).
    pub language: String,
}

/// SHA-256 of a text's UTF-8 bytes (FIPS 180-4).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TextHash([u8; 32]);

impl TextHash {
    /// Hashes a text; O(n).
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// A hash as its bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the hash.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 lower-case hexadecimal digits.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
        {
            return None;
        }
        for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for TextHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TextHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TextHash({self})")
    }
}

/// One article. Its text never changes once it is annotated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    id: ArticleId,
    meta: ArticleMeta,
    text: Arc<str>,
    hash: TextHash,
}

impl Article {
    /// Builds an article and hashes its text; O(n).
    pub fn new(id: ArticleId, meta: ArticleMeta, text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let hash = TextHash::of(&text);
        Self { id, meta, text, hash }
    }

    /// The id, which is also the name of the article's files.
    pub fn id(&self) -> &ArticleId {
        &self.id
    }

    /// What is known about the article.
    pub fn meta(&self) -> &ArticleMeta {
        &self.meta
    }

    /// The whole text, headline first, one paragraph a line.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The hash of the text.
    pub fn hash(&self) -> TextHash {
        self.hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_sha256() {
        // FIPS 180-4 example, "abc".
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(TextHash::of("abc").to_string(), abc);
        assert_eq!(TextHash::from_hex(abc), Some(TextHash::of("abc")));
        assert_eq!(TextHash::from_hex("ba78"), None);
        assert_eq!(TextHash::from_hex(&abc.to_uppercase()), None);
    }
}
