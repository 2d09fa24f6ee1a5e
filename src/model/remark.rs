//! What is said about annotations instead of about the text: comments and rulings.
//!
//! A remark stands in the set of whoever was at work when it was made, the gold set for a
//! reviewer, so that every file keeps one writer. It names what it is about by annotator
//! and id and has no place of its own: it goes wherever its annotations go. Nobody changes
//! one, it is made and taken out, so two versions of a file merge without a conflict.

use super::id::{AnnotationId, AnnotatorName, RemarkId};
use jiff::Timestamp;
use std::fmt;

/// What somebody said about some annotations of one article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Stays the same for life.
    pub id: RemarkId,
    /// Who said it.
    pub by: AnnotatorName,
    /// When, to the millisecond at the finest.
    pub at: Timestamp,
    /// What it is about: the annotations of one case, or a single one.
    pub on: Vec<Mention>,
    /// What was said.
    pub what: RemarkKind,
}

/// An annotation of anybody's, as a remark names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mention {
    /// Whose.
    pub annotator: AnnotatorName,
    /// Which.
    pub id: AnnotationId,
    /// What it said then; one that says something else by now was not ruled on.
    pub said: Said,
}

/// What an annotation says, in short: equal for equal label, text, words around it,
/// attributes and relations. Eight hexadecimal digits in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Said(pub u32);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl std::str::FromStr for Said {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u32::from_str_radix(text, 16).map(Self)
    }
}

/// The two kinds of remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemarkKind {
    /// Words for other people; never empty.
    Comment(String),
    /// A reviewer's decision: the gold annotation that it became, `None` where what the
    /// annotators said was rejected.
    Ruling(Option<AnnotationId>),
}

impl Remark {
    /// The words of a comment.
    pub fn comment(&self) -> Option<&str> {
        match &self.what {
            RemarkKind::Comment(text) => Some(text),
            RemarkKind::Ruling(_) => None,
        }
    }

    /// What a ruling led to; `None` for a comment.
    pub fn ruling(&self) -> Option<Option<AnnotationId>> {
        match self.what {
            RemarkKind::Comment(_) => None,
            RemarkKind::Ruling(gold) => Some(gold),
        }
    }

    /// Whether it is about an annotation, whatever that says by now.
    pub fn is_on(&self, annotator: &AnnotatorName, id: AnnotationId) -> bool {
        self.on.iter().any(|mention| mention.id == id && mention.annotator == *annotator)
    }
}
