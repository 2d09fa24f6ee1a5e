//! What can be opened: each number of the dashboard, by the cases behind it.

use super::view::View;
use crate::agreement::report::{Case, Report};
use crate::app::wording::{counted, short_date};

/// A number about the whole project, by which differences count against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    F1Exact,
    F1Overlap,
    UAlpha,
    /// |uα, which is about places alone.
    Presence,
    /// cuα, which is about labels alone.
    Coding,
    Alpha2004,
    Gamma,
    TokenKappa,
}

impl Number {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::F1Exact => "F1 exact",
            Self::F1Overlap => "F1 overlap",
            Self::UAlpha => "uα",
            Self::Presence => "|uα",
            Self::Coding => "cuα",
            Self::Alpha2004 => "αU 2004",
            Self::Gamma => "γ",
            Self::TokenKappa => "token κ",
        }
    }

    /// Whether the number would be higher, were a case none.
    fn counts(self, case: &Case) -> bool {
        let labels = (case.first.map(|side| side.label), case.second.map(|side| side.label));
        match self {
            _ if case.is_same => false,
            Self::F1Overlap => labels.0 != labels.1,
            Self::Presence => !case.is_same_place,
            Self::Coding => matches!(labels, (Some(one), Some(other)) if one != other),
            _ => true,
        }
    }
}

/// A number, row, cell or bar. The numbers are indices into the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Behind {
    /// All that annotators differ in.
    All,
    /// A number of all annotators.
    Number(Number),
    /// One annotator, against all others.
    Annotator(usize),
    /// One annotator against gold: a line of the report.
    Gold(usize),
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
    /// The cases; O(n) for all of them.
    pub(super) fn cases(&self, report: &Report) -> Vec<Case> {
        let that = |is_meant: &dyn Fn(&Case) -> bool| -> Vec<Case> {
            report.cases.iter().filter(|case| is_meant(case)).copied().collect()
        };
        let cases = match self {
            Self::All => return that(&|case| !case.is_same),
            Self::Number(number) => return that(&|case| number.counts(case)),
            Self::Annotator(at) => {
                let is_of = |(one, other): (usize, usize)| one == *at || other == *at;
                return that(&|case| !case.is_same && is_of(case.annotators));
            }
            Self::Gold(at) => {
                return report.gold.get(*at).map_or_else(Vec::new, |line| line.cases.clone());
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
        let cases = cases.unwrap_or_default().iter();
        cases.filter_map(|at| report.cases.get(*at)).copied().collect()
    }

    /// The same for the list of cases in review: the annotations that it is about.
    pub(super) fn narrowing(&self, view: &View<'_>) -> crate::session::review::Behind {
        let report = view.report;
        let cases = self.cases(report);
        let marks = cases.iter().flat_map(|case| {
            let (one, other) = case.annotators;
            [(one, case.first), (other, case.second)].into_iter().filter_map(|(person, side)| {
                let article = report.articles.get(case.article)?.clone();
                Some((article, report.person(person)?, side?.id))
            })
        });
        crate::session::review::Behind::new(self.title(view), marks)
    }

    /// What the list of them is called.
    pub(super) fn title(&self, view: &View<'_>) -> String {
        let report = view.report;
        match self {
            Self::All => "All annotators".to_owned(),
            Self::Number(number) => format!("What lowers {}", number.name()),
            Self::Annotator(at) => format!("{} and the others", view.name(*at)),
            Self::Gold(at) => report.gold.get(*at).map_or_else(String::new, |line| {
                format!("{} against gold", view.name(line.annotator))
            }),
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
