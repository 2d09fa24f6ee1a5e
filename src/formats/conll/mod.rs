//! CoNLL: a token a line with its tag, an empty line after each sentence.
//!
//! Two columns as in 2002 (`FORM NER`) or four as in 2003 (`FORM POS CHUNK NER`); every
//! scheme of tags is read, and strict IOB2 or BIOES written. The format has no text of its
//! own: it is its tokens with a space between two and a line for each sentence, and that
//! is what `fit` makes of an article, saying so.
//!
//! Articles of one file begin with a line `-DOCSTART-`, with the article's name joined to
//! it where it has one. A file `train@alice.conll` is by alice. Parts of speech and chunks
//! are left out.

mod fit;
mod read;
#[cfg(test)]
mod tests;
mod write;

use super::reading::{Ask, Reader};
use super::writing::{Annotators, Choice, Frame, Layout, Writer};
use super::{Format, OffsetUnit};

pub(super) const FORMAT: Format = Format {
    id: "conll",
    name: "CoNLL (IOB, BIOES)",
    extensions: &["conll", "iob", "iob2", "bio", "bioes"],
    offsets: OffsetUnit::None,
    companions: &[],
    reads: Some(Reader::Records(read::read)),
    asks: &[Ask::Columns],
    writes: Some(Writer {
        chooses: &[
            Choice::Tokens,
            Choice::Overlaps,
            Choice::Misfits,
            Choice::Scheme,
            Choice::Columns,
        ],
        layout: Layout::Folder,
        annotators: Annotators::One,
        batch: 1,
        fit: fit::fit,
        write: write::write,
        frame: Frame::NONE,
        finish: Writer::nothing_more,
    }),
    holds: "tokens, sentences, labels of whole tokens; several labels in a file each",
    loses: "white space, overlapping annotations in one file, attributes, relations, notes",
};

/// The beginning of a line that begins an article.
const DOCSTART: &str = "-DOCSTART-";
