//! `.copydesk/letters.ron`: whose letter is which while names are hidden.

use super::few::Few;
use super::render::{Layout, Parts, strings};
use super::{FORMAT, Fault, parse_file};
use crate::model::{AnnotatorName, Letters};
use crate::store::error::Cause;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireLetters {
    format: u32,
    /// In the order of the letters.
    annotators: Few<String>,
}

/// Reads the file.
pub(in crate::store) fn read_letters(text: &str) -> Result<Letters, Fault> {
    let wire: WireLetters = parse_file(text, |wire: &WireLetters| wire.format)?;
    let names = wire.annotators.0.iter().map(AnnotatorName::new).collect::<Result<Vec<_>, _>>();
    Ok(Letters::from_order(names.map_err(Cause::from)?))
}

/// The file of letters.
pub(in crate::store) fn write_letters(letters: &Letters) -> String {
    let mut out = String::new();
    let mut file = Parts::of_struct(&mut out, Layout::Block(1));
    file.plain("format", FORMAT);
    strings(file.field("annotators"), letters.order().iter().map(AnnotatorName::as_str));
    file.close();
    out.push('\n');
    out
}
