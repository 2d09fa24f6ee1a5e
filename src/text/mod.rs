//! Places in a text: offsets and ranges as types, and the units other programs
//! count in.
//!
//! Everything inside Copydesk counts UTF-8 bytes with [`TextSize`] and
//! [`TextRange`] (start inclusive, end exclusive); [`TextIndex`] translates to
//! code points, UTF-16 units and lines at the border. The module knows graphemes,
//! words, sentences and paragraphs, and it deliberately knows nothing of articles,
//! annotations, files or the screen.

mod anchor;
mod index;
mod paragraphs;
mod range_index;
mod realign;
mod search;
mod segment;
mod sketch;
mod snap;
mod unspaced;

pub use anchor::{nearest_occurrence, nearest_word};
pub use index::{CodePoints, Line, TextIndex, Utf16Units};
pub use paragraphs::{Paragraph, ParagraphKind, paragraphs};
pub use range_index::RangeIndex;
pub use realign::{Realigned, Realignment};
pub use search::{BytesPattern, SearchPattern, nearest_words, occurrences_of_words};
pub use segment::{
    grapheme_at, next_grapheme, next_word_start, previous_grapheme, previous_word_start,
    sentence_at, word_at, word_starts,
};
pub use sketch::Sketch;
pub use snap::{Edge, move_edge_by_word, snap_to_words, trim_to_words};
pub use text_size::{TextLen, TextRange, TextSize};
