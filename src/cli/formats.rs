//! `copydesk formats`: what can be read and written.

use super::output::{Failure, Outcome, Output, Verdict};
use crate::formats::{FORMATS, Format};
use serde::Serialize;

/// List what can be read and written, and what each format loses
#[derive(Debug, clap::Args)]
pub(super) struct FormatsArguments {
    /// Print JSON instead of lines
    #[arg(long)]
    json: bool,
}

/// A format as `--json` shows it.
#[derive(Serialize)]
struct Row {
    id: &'static str,
    name: &'static str,
    extensions: &'static [&'static str],
    offsets: &'static str,
    reads: bool,
    writes: bool,
    holds: &'static str,
    loses: &'static str,
}

impl Row {
    fn of(format: &'static Format) -> Self {
        Self {
            id: format.id,
            name: format.name,
            extensions: format.extensions,
            offsets: format.offsets.name(),
            reads: format.reads.is_some(),
            writes: format.writes.is_some(),
            holds: format.holds,
            loses: format.loses,
        }
    }
}

pub(super) fn run(arguments: &FormatsArguments, output: &mut Output) -> Outcome {
    let rows: Vec<_> = FORMATS.iter().map(Row::of).collect();
    if arguments.json {
        output.json(&rows)?;
        return Ok(Verdict::Done);
    }
    for row in &rows {
        let endings: Vec<_> = row.extensions.iter().map(|ending| format!(".{ending}")).collect();
        let use_of = match (row.reads, row.writes) {
            (true, true) => "read and written",
            (true, false) => "read",
            _ => "written",
        };
        output.line(format_args!(
            "{:<10} {}, {use_of}: {}",
            row.id,
            row.name,
            endings.join(" ")
        ))?;
        output.line(format_args!("{:<10} offsets  {}", "", row.offsets))?;
        output.line(format_args!("{:<10} holds    {}", "", row.holds))?;
        output.line(format_args!("{:<10} loses    {}", "", row.loses))?;
    }
    Ok(Verdict::Done)
}

/// The ids of the formats that can be read, for the help of `--format`.
pub(super) fn readable() -> clap::builder::PossibleValuesParser {
    let ids = FORMATS.iter().filter(|format| format.reads.is_some());
    ids.map(|format| clap::builder::PossibleValue::new(format.id).help(format.name)).into()
}

/// The ids of the formats that can be written, for the help of `--format`.
pub(super) fn writable() -> clap::builder::PossibleValuesParser {
    let ids = FORMATS.iter().filter(|format| format.writes.is_some());
    ids.map(|format| clap::builder::PossibleValue::new(format.id).help(format.name)).into()
}

/// The failure of a call with an option that the format does not use, and which do.
pub(super) fn not_asked(flag: &str, format: &Format, uses: impl Fn(&Format) -> bool) -> Failure {
    let others: Vec<_> = FORMATS.iter().filter(|other| uses(other)).map(|other| other.id).collect();
    let (id, others) = (format.id, others.join(", "));
    Failure::Call(format!("{flag} changes nothing in {id}; leave it out (it is for {others})"))
}
