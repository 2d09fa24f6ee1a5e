//! A dataset for Hugging Face `datasets`: Parquet files and the card that describes them.
//!
//! Three configurations of the same articles: `spans` has everything, a row for each
//! article and annotator; `tokens` has tags on tokens for training taggers, of the
//! annotations that tags can say; `annotators` has a row for each article with what every
//! annotator said, for soft labels, and is written where there are several. A project is
//! read from `spans`, or from one of the others where that file itself is named. Of other
//! datasets a column with texts is read, or lists of tokens and of tags.

mod bounds;
mod card;
mod features;
mod layers;
mod reading;
#[cfg(test)]
mod tests;
mod writing;

use super::document::Document;
use super::loss::Loss;
use super::reading::{Ask, Reader};
use super::writing::{Annotators, Choice, Frame, Layout, WriteOptions, Writer};
use super::{Format, OffsetUnit, fit};

pub(super) const FORMAT: Format = Format {
    id: "huggingface",
    name: "Hugging Face dataset",
    extensions: &["parquet"],
    companions: &[],
    offsets: OffsetUnit::CodePoints,
    reads: Some(Reader::Records(reading::read)),
    asks: &[Ask::TextColumn],
    writes: Some(Writer {
        chooses: &[Choice::Tokens, Choice::Overlaps, Choice::Misfits, Choice::Scheme],
        layout: Layout::Files,
        annotators: Annotators::Several,
        batch: 2000,
        fit,
        write: writing::write,
        frame: Frame::NONE,
        finish: card::finish,
    }),
    holds: "articles with metadata, all annotators, attributes as text, relations, notes, states",
    loses: "who made an annotation how and when",
};

/// The key of the schema's metadata that says which of our configurations a file has.
const OURS: &str = "copydesk";

/// The configurations, as their folders are called.
const SPANS: &str = "spans";
const TOKENS: &str = "tokens";
const ANNOTATORS: &str = "annotators";

fn fit(mut document: Document, _: &WriteOptions, losses: &mut Vec<Loss>) -> Document {
    fit::tidy_metadata(&mut document, losses);
    fit::drop_rest(&mut document, losses);
    fit::drop_history(&mut document);
    fit::values_as_text(&mut document, losses);
    document.tokens.clear();
    document.sentences.clear();
    fit::sort(&mut document);
    document
}

/// The part of a split's name that a dataset may have. `all` means all splits together to
/// `datasets`, so that it cannot be the name of one.
fn split_name(split: &str) -> String {
    if split == "all" {
        return "train".to_owned();
    }
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    split.chars().map(|character| if is_word(character) { character } else { '_' }).collect()
}
