//! What can be opened: each number of the dashboard, by the cases behind it.

use super::view::View;
use crate::agreement::report::Report;
use crate::app::wording::{counted, short_date};

/// A number, row, cell or bar. The numbers are indices into the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Behind {
    /// All that annotators differ in.
    All,
    /// Two annotators, the one that comes first in the report before the other.
    Pair(usize, usize),
    Label(usize),
    Article(usize),
    /// What had the first label with one annotator and the second one with the other.
    Confusion(usize, usize),
    /// A bar of the histogram.
    Starts(usize),
    Ends(usize),
    Day(usize),
    Attribute(usize),
}

impl Behind {
    /// The cases, as indices into the report; O(n) for all of them.
    pub(super) fn cases(&self, report: &Report) -> Vec<usize> {
        let cases = match self {
            Self::All => {
                let differing = report.cases.iter().enumerate().filter(|(_, case)| !case.is_same);
                return differing.map(|(at, _)| at).collect();
            }
            Self::Pair(one, other) => {
                let line = report.pairs.iter().find(|line| line.annotators == (*one, *other));
                line.map(|line| line.cases.as_slice())
            }
            Self::Label(at) => report.by_label.get(*at).map(|line| line.cases.as_slice()),
            Self::Article(at) => report.by_article.get(*at).map(|line| line.cases.as_slice()),
            Self::Confusion(row, column) => Some(report.confusion.cell(*row, *column)),
            Self::Starts(at) => report.boundaries.get(*at).map(|bar| bar.starts.as_slice()),
            Self::Ends(at) => report.boundaries.get(*at).map(|bar| bar.ends.as_slice()),
            Self::Day(at) => report.periods.get(*at).map(|line| line.cases.as_slice()),
            Self::Attribute(at) => report.attributes.get(*at).map(|line| line.cases.as_slice()),
        };
        cases.unwrap_or_default().to_vec()
    }

    /// What the list of them is called.
    pub(super) fn title(&self, view: &View<'_>) -> String {
        let report = view.report;
        match self {
            Self::All => "All annotators".to_owned(),
            Self::Pair(one, other) => view.both((*one, *other)),
            Self::Label(at) => view.label(*at).name,
            Self::Article(at) => {
                report.by_article.get(*at).map_or("", |line| view.title(line.article)).to_owned()
            }
            Self::Confusion(row, column) if row == column => {
                format!("{} with both", view.label(*row).name)
            }
            Self::Confusion(row, column) => {
                format!("{} against {}", view.label(*row).name, view.label(*column).name)
            }
            Self::Starts(at) => boundary("Starts", report, *at),
            Self::Ends(at) => boundary("Ends", report, *at),
            Self::Day(at) => report
                .periods
                .get(*at)
                .map_or_else(String::new, |one| format!("Finished on {}", short_date(one.day))),
            Self::Attribute(at) => report.attributes.get(*at).map_or_else(String::new, |line| {
                format!("{}: {}", view.label_of(&line.label).name, view.attribute(line))
            }),
        }
    }
}

fn boundary(what: &str, report: &Report, at: usize) -> String {
    let Some(bar) = report.boundaries.get(at) else { return String::new() };
    let by = bar.by.unsigned_abs() as usize;
    let far = if bar.by.abs() >= crate::agreement::report::FAR { " or more" } else { "" };
    let characters = counted(by, "character", "characters");
    match bar.by {
        0 => format!("{what} at the same place"),
        by if by < 0 => format!("{what} {characters}{far} further left"),
        _ => format!("{what} {characters}{far} further right"),
    }
}
