//! Everything about the agreement of a project at once, as a value to be shown.
//!
//! Every cell, row and bar names the cases behind it: which annotations of which articles.
//! [`html`] and [`csv`] write a report down; nothing here knows a window or a file.

mod attributes;
mod build;
mod csv;
mod facts;
mod html;
mod items;
#[cfg(test)]
mod tests;
mod time;

pub use attributes::AttributeLine;
pub use csv::csv;
pub use facts::{Case, Side};
pub use html::html;
pub use time::{Pace, Period};

use super::Score;
use super::bootstrap::{Bootstrap, Estimate};
use super::corpus::Corpus;
use super::gamma::{GammaError, GammaOptions};
use super::progress::{Cancelled, Progress};
use super::spans::{Scheme, SemEval, Tally};
use crate::model::{AnnotatorName, ArticleId, LabelId, Schema};

/// What is measured, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReportOptions {
    /// How γ is measured; `None` for no γ, which takes the most time by far.
    pub gamma: Option<GammaOptions>,
    /// How intervals are found.
    pub bootstrap: Bootstrap,
}

impl Default for ReportOptions {
    fn default() -> Self {
        let bootstrap = Bootstrap { resamples: 500, seed: 1 };
        Self { gamma: Some(GammaOptions::default()), bootstrap }
    }
}

/// The measures of a group of annotators.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measures {
    /// Pairwise F1 with the same ranges and label: the mean over pairs.
    pub f1_exact: Estimate,
    /// Pairwise F1 with the same label and any overlap.
    pub f1_overlap: Estimate,
    /// uα of 2016.
    pub u_alpha: Estimate,
    /// |uα: only where, not what.
    pub u_alpha_presence: Estimate,
    /// cuα: only what, where both have something.
    pub u_alpha_coding: Estimate,
    /// The articles that all of these annotators have who have any in common: where articles
    /// are shared in parts, fewer than are compared. See [`Self::of_all`].
    pub complete: usize,
    /// α_U of 2004 over all labels, of the articles that all annotators have.
    pub alpha_2004: Score,
    /// γ, of the articles that all annotators have; where there is none it is
    /// [`GammaError::NoneOfAll`] and not a mean over pairs, which would be another measure
    /// under the same name. The pairs have theirs.
    pub gamma: GammaScore,
    /// Cohen's κ over tokens, the mean over pairs; to be shown with its caveat only
    /// ([`super::spans::TOKEN_KAPPA_CAVEAT`]).
    pub token_kappa: Estimate,
}

impl Measures {
    /// What has to be said beside α_U 2004 and γ where so many articles are compared: of how
    /// few of them the two numbers are. `None` where they are of all.
    pub fn of_all(&self, articles: usize) -> Option<String> {
        match self.complete {
            complete if complete >= articles => None,
            0 => Some("no article has the annotations of all".to_owned()),
            1 => Some("of 1 article that all have".to_owned()),
            complete => Some(format!("of {complete} articles that all have")),
        }
    }
}

/// Fleiss' κ over tokens, of the articles that three annotators or more have; to be shown with
/// the caveat of token κ only. Of two annotators Cohen's says as much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TokenFleiss {
    /// How many articles, which may have different numbers of annotators: each token counts
    /// alike.
    pub articles: usize,
    /// κ.
    pub kappa: Estimate,
}

/// γ, or why there is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum GammaScore {
    /// It was not asked for.
    #[default]
    NotAsked,
    /// γ, its interval by resampling articles with the expected disorder as it is, and that.
    Known {
        /// γ.
        estimate: Estimate,
        /// δo.
        observed: Score,
        /// δe.
        expected: Score,
        /// The samples that δe is of.
        samples: usize,
    },
    /// It could not be found.
    Failed(GammaError),
}

impl GammaScore {
    /// The number, if there is one.
    pub fn score(&self) -> Score {
        match self {
            Self::Known { estimate, .. } => estimate.score,
            Self::NotAsked | Self::Failed(_) => Score::Undefined,
        }
    }
}

/// Indices into [`Report::cases`].
pub type Cases = Vec<usize>;

/// Two annotators: a cell of the annotators' matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct PairLine {
    /// Indices into [`Report::annotators`].
    pub annotators: (usize, usize),
    /// The articles that both have.
    pub articles: usize,
    /// Units counted with exact spans.
    pub exact: Tally,
    /// Units counted with overlapping spans.
    pub overlap: Tally,
    /// What is measured.
    pub measures: Measures,
    /// Where they differ.
    pub cases: Cases,
}

/// One label.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelLine {
    /// Which.
    pub label: LabelId,
    /// How many annotations each annotator has with it, in articles that are compared.
    pub counts: Vec<u64>,
    /// Mean over pairs.
    pub f1_exact: Estimate,
    /// Mean over pairs.
    pub f1_overlap: Estimate,
    /// uα of this label against all else.
    pub u_alpha: Estimate,
    /// α_U of 2004, of the articles that all annotators have ([`Measures::of_all`]).
    pub alpha_2004: Score,
    /// Where annotators differ.
    pub cases: Cases,
}

/// One article.
#[derive(Clone, Debug, PartialEq)]
pub struct ArticleLine {
    /// An index into [`Report::articles`].
    pub article: usize,
    /// How many annotators have it.
    pub annotators: usize,
    /// Mean over pairs.
    pub f1_exact: Score,
    /// Mean over pairs.
    pub f1_overlap: Score,
    /// uα of the article.
    pub u_alpha: Score,
    /// Where annotators differ.
    pub cases: Cases,
}

/// How often one label stood where another did; the last row and column are `unlabelled`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Confusion {
    /// Rows and columns: the labels, and unlabelled.
    pub size: usize,
    /// Row by row: the first of two annotators in the order of the report has the row's label.
    pub cells: Vec<Cases>,
}

impl Confusion {
    /// The cases of a cell.
    pub fn cell(&self, row: usize, column: usize) -> &[usize] {
        self.cells.get(row * self.size + column).map_or(&[], Vec::as_slice)
    }
}

/// Boundary differences further than this are in the outermost bars.
pub const FAR: i32 = 20;

/// A bar of the histogram of boundaries: aligned annotations whose boundary is so many code
/// points further right with the second annotator.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundaryBar {
    /// From −[`FAR`] to [`FAR`]; these two stand for further ones too.
    pub by: i32,
    /// Whose starts differ by it.
    pub starts: Cases,
    /// Whose ends differ by it.
    pub ends: Cases,
}

impl BoundaryBar {
    /// What it stands for, in words where that is more than one number.
    pub fn name(&self) -> String {
        match self.by {
            by if by <= -FAR => format!("{by} or less"),
            by if by >= FAR => format!("{by} or more"),
            by => by.to_string(),
        }
    }
}

/// An annotator against gold.
#[derive(Clone, Debug, PartialEq)]
pub struct GoldLine {
    /// An index into [`Report::annotators`].
    pub annotator: usize,
    /// The articles that have gold and that the annotator has.
    pub articles: usize,
    /// Gold first: precision and recall are the annotator's.
    pub exact: Tally,
    /// The same with overlapping spans.
    pub overlap: Tally,
    /// F1 with its interval.
    pub f1_exact: Estimate,
    /// F1 with its interval.
    pub f1_overlap: Estimate,
    /// The scores of SemEval-2013.
    pub semeval: Vec<(Scheme, SemEval)>,
    /// Where the annotator and gold differ; gold comes first in each.
    pub cases: Vec<Case>,
}

/// The agreement of a project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The annotators.
    pub annotators: Vec<AnnotatorName>,
    /// The labels.
    pub labels: Vec<LabelId>,
    /// The articles that two annotators or more have, or one and gold.
    pub articles: Vec<ArticleId>,
    /// Every annotation of two annotators, with what it was aligned with.
    pub cases: Vec<Case>,
    /// All annotators.
    pub overall: Measures,
    /// All annotators of an article at once, where three or more have one.
    pub token_fleiss: Option<TokenFleiss>,
    /// Each two annotators with an article in common.
    pub pairs: Vec<PairLine>,
    /// Each label.
    pub by_label: Vec<LabelLine>,
    /// Each article that two annotators or more have.
    pub by_article: Vec<ArticleLine>,
    /// Labels against labels.
    pub confusion: Confusion,
    /// How far boundaries are apart; every bar from −[`FAR`] to [`FAR`].
    pub boundaries: Vec<BoundaryBar>,
    /// Attributes of annotations that are the same thing said twice.
    pub attributes: Vec<AttributeLine>,
    /// Agreement over time.
    pub periods: Vec<Period>,
    /// How fast annotators are.
    pub paces: Vec<Pace>,
    /// Each annotator against gold; empty where there is none.
    pub gold: Vec<GoldLine>,
}

impl Report {
    /// Who an index of a case stands for: the annotators, and gold behind the last of them.
    pub fn person(&self, at: usize) -> Option<AnnotatorName> {
        let is_gold = at == self.annotators.len();
        if is_gold { Some(AnnotatorName::gold()) } else { self.annotators.get(at).cloned() }
    }

    /// Measures a corpus. The schema says what attributes mean.
    ///
    /// O(n log n) in the annotations for each pair of annotators, and γ.
    ///
    /// # Errors
    /// When it is cancelled.
    pub fn of(
        corpus: &Corpus,
        schema: &Schema,
        options: &ReportOptions,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        build::report(corpus, schema, options, progress)
    }
}
