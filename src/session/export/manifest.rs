//! The manifest of an export: what was asked for, what is in each split, and the hash of
//! every file, so that a dataset can be told from any other and checked after a copy.
//!
//! It holds no time and no path, so that the same project and the same choices give the
//! same bytes.

use super::{ExportReport, ExportRequest, Split, SplitCounts, Whose};
use crate::formats::{Columns, Misfits, Overlaps, TagScheme, Tokenizer, TokenizerFile};
use serde::Serialize;
use std::collections::BTreeMap;

/// A file of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ManifestFile {
    /// Its path below the export's folder.
    pub path: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

#[derive(Serialize)]
struct Manifest<'a> {
    format: &'static str,
    offsets: &'static str,
    annotators: String,
    unfinished: bool,
    /// Whether there is gold that the format cannot tell from an annotator's work.
    gold_left_out: bool,
    overlaps: &'static str,
    /// The labels in the order in which they have the right of way.
    #[serde(skip_serializing_if = "Option::is_none")]
    label_order: Option<&'a [String]>,
    misfits: &'static str,
    scheme: &'static str,
    columns: &'static str,
    /// What divides texts into tokens; `tokenizer.json` for a model's own.
    tokens: &'static str,
    /// The SHA-256 of the model's own tokenizer, where one was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    tokenizer: Option<&'a str>,
    /// The shares that were asked for, in the order of the splits (`80/10/10`).
    #[serde(skip_serializing_if = "Option::is_none")]
    split: Option<String>,
    seed: Option<u64>,
    /// The articles without a date, of which only copies are kept together.
    undated: usize,
    splits: Vec<ManifestSplit<'a>>,
    losses: Vec<ManifestLoss>,
    files: &'a [ManifestFile],
}

#[derive(Serialize)]
struct ManifestSplit<'a> {
    name: &'a str,
    articles: usize,
    empty: usize,
    labels: &'a BTreeMap<String, usize>,
}

#[derive(Serialize)]
struct ManifestLoss {
    what: &'static str,
    done: &'static str,
    count: usize,
}

impl<'a> ManifestSplit<'a> {
    fn of(split: &'a SplitCounts) -> Self {
        let SplitCounts { name, articles, empty, labels, .. } = split;
        Self { name, articles: *articles, empty: *empty, labels }
    }
}

fn name_of(tokenizer: Tokenizer) -> &'static str {
    Tokenizer::ALL.iter().find(|(known, _)| *known == tokenizer).map_or("", |(_, name)| name)
}

fn shares(split: &Split) -> String {
    let shares: Vec<_> = split.parts.iter().map(|(_, share)| share.to_string()).collect();
    shares.join("/")
}

/// The manifest as JSON.
pub(super) fn manifest(request: &ExportRequest, report: &ExportReport) -> String {
    let manifest = Manifest {
        format: request.format.id,
        offsets: request.format.offsets.name(),
        annotators: match &request.whose {
            Whose::Gold => "gold".to_owned(),
            Whose::Annotator(name) => name.to_string(),
            Whose::All => "all".to_owned(),
            Whose::Shares => "shares".to_owned(),
        },
        unfinished: request.unfinished,
        gold_left_out: report.gold_left_out,
        overlaps: match &request.options.overlaps {
            Overlaps::Outermost => "outermost",
            Overlaps::Innermost => "innermost",
            Overlaps::LabelOrder(_) => "label-order",
            Overlaps::FilePerLabel => "file-per-label",
        },
        label_order: match &request.options.overlaps {
            Overlaps::LabelOrder(labels) => Some(labels),
            _ => None,
        },
        misfits: match request.options.misfits {
            Misfits::Expand => "expand",
            Misfits::Drop => "drop",
        },
        scheme: match request.options.scheme {
            TagScheme::Iob2 => "iob2",
            TagScheme::Bioes => "bioes",
        },
        columns: match request.options.columns {
            Columns::Two => "2002",
            Columns::Four => "2003",
        },
        tokens: match &request.options.learned {
            Some(_) => "tokenizer.json",
            None => name_of(request.options.tokenizer),
        },
        tokenizer: request.options.learned.as_ref().map(TokenizerFile::sha256),
        split: request.split.as_ref().map(shares),
        seed: request.split.as_ref().map(|split| split.seed),
        undated: report.undated,
        splits: report.splits.iter().map(ManifestSplit::of).collect(),
        losses: report
            .losses
            .iter()
            .map(|(kind, done, count)| ManifestLoss {
                what: kind.id(),
                done: done.id(),
                count: count.count,
            })
            .collect(),
        files: &report.files,
    };
    // Nothing in it can fail: there are neither maps with odd keys nor numbers that are none.
    let mut text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
    text.push('\n');
    text
}
