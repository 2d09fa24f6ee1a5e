//! brat standoff: a text and beside it a file of annotations, a folder for each annotator.
//!
//! Offsets count code points, and line ends are counted as they are. Events are read as
//! relations from their trigger, one for each argument, that keep the event's id, and are
//! written as events again where no project comes between. Lines that cannot be understood so are kept in
//! [`Layer::rest`](super::Layer::rest).
//!
//! There is no checking here of what brat's configuration allows; that is the schema's.

mod conf;
mod fit;
mod read;
#[cfg(test)]
mod tests;
mod write;

use super::reading::Reader;
use super::writing::{Annotators, Frame, Layout, Writer};
use super::{Format, OffsetUnit};

pub(super) const FORMAT: Format = Format {
    id: "brat",
    name: "brat standoff",
    extensions: &["ann"],
    offsets: OffsetUnit::CodePoints,
    companions: &["txt"],
    reads: Some(Reader::Whole(read::read)),
    asks: &[],
    writes: Some(Writer {
        chooses: &[],
        layout: Layout::Files,
        annotators: Annotators::One,
        batch: 1,
        fit: fit::fit,
        write: write::write,
        frame: Frame::NONE,
        finish: conf::finish,
    }),
    holds: "nested, overlapping and discontinuous annotations, attributes, relations, notes; events as relations",
    loses: "metadata, states, origins; annotations over a line's end are divided at it",
};

/// What Python, and so brat, takes for the end of a line.
fn is_line_end(character: char) -> bool {
    matches!(
        character,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Whether an id is a letter and a number, as brat makes them.
fn is_id(id: &str, letter: char) -> bool {
    id.strip_prefix(letter)
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// The id of an event that a relation's id stands for, and of the event that its argument
/// is: `E1` for an argument that is a span, `E1:E2` for one that is an event.
fn event_of(id: &str) -> Option<(&str, Option<&str>)> {
    let (event, target) = match id.split_once(':') {
        Some((event, target)) => (event, Some(target)),
        None => (id, None),
    };
    (is_id(event, 'E') && target.is_none_or(|target| is_id(target, 'E'))).then_some((event, target))
}
