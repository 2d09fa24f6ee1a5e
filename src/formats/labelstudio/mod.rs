//! Label Studio's JSON: an array of tasks with annotations and predictions.
//!
//! Offsets count code points; older exports count UTF-16 units, which the words beside
//! them tell. A region's attributes are results of their own with its id. What is no
//! region of a text is kept in [`Layer::rest`](super::Layer::rest). A labelling
//! configuration (XML) is read as an outline, and written from the schema.
//!
//! Drafts, scores and times are left out.

mod config;
mod fit;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub(super) use config::is_config;

use super::reading::{Ask, Reader};
use super::writing::{Annotators, Choice, Frame, Layout, Writer};
use super::{Format, OffsetUnit};

pub(super) const FORMAT: Format = Format {
    id: "label-studio",
    name: "Label Studio JSON",
    extensions: &["json"],
    offsets: OffsetUnit::CodePoints,
    companions: &[],
    reads: Some(Reader::Records(read::read)),
    asks: &[Ask::TextColumn],
    writes: Some(Writer {
        chooses: &[Choice::Misfits],
        layout: Layout::Folder,
        annotators: Annotators::Several,
        batch: 1,
        fit: fit::fit,
        write: write::write,
        frame: Frame { head: "[\n", between: ",\n", tail: "\n]\n" },
        finish: config::finish,
    }),
    holds: "all annotators and predictions, overlaps, attributes, relations, notes, metadata",
    loses: "annotations of several ranges, states, origins",
};

/// What regions name the text and the labels by; the configuration calls them so.
const TEXT: &str = "text";
const LABELS: &str = "label";
