//! The report as `--json` shows it. Cells name their cases by number; what is undefined is
//! `null`.

use crate::agreement::Score;
use crate::agreement::bootstrap::Estimate;
use crate::agreement::report::{Case, GammaScore, Measures, Report, Side, TokenFleiss};
use crate::agreement::spans::{SemEval, TOKEN_KAPPA_CAVEAT, Tally};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
pub(super) struct Json<'a> {
    project: &'a str,
    annotators: Vec<&'a str>,
    labels: Vec<&'a str>,
    token_kappa_caveat: &'static str,
    all: MeasuresJson,
    /// `null` where no article has three annotators.
    token_fleiss: Option<FleissJson>,
    pairs: Vec<PairJson<'a>>,
    by_label: Vec<LabelJson<'a>>,
    by_article: Vec<ArticleJson<'a>>,
    confusion: Vec<ConfusionJson<'a>>,
    boundaries: Vec<BarJson<'a>>,
    attributes: Vec<AttributeJson<'a>>,
    over_time: Vec<PeriodJson<'a>>,
    pace: Vec<PaceJson<'a>>,
    gold: Vec<GoldJson<'a>>,
    cases: Vec<CaseJson<'a>>,
}

#[derive(Serialize)]
struct EstimateJson {
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
}

#[derive(Serialize)]
struct MeasuresJson {
    f1_exact: EstimateJson,
    f1_overlap: EstimateJson,
    u_alpha: EstimateJson,
    u_alpha_presence: EstimateJson,
    u_alpha_coding: EstimateJson,
    /// What the next two are of.
    articles_of_all: usize,
    alpha_u_2004: Option<f64>,
    gamma: GammaJson,
    token_kappa: EstimateJson,
}

#[derive(Serialize)]
struct GammaJson {
    #[serde(flatten)]
    estimate: EstimateJson,
    observed_disorder: Option<f64>,
    expected_disorder: Option<f64>,
    samples: usize,
    /// Why there is none, where that is no matter of what was marked.
    failure: Option<String>,
}

#[derive(Serialize)]
struct FleissJson {
    articles: usize,
    #[serde(flatten)]
    kappa: EstimateJson,
}

#[derive(Serialize)]
struct TallyJson {
    both: u64,
    first: u64,
    second: u64,
}

#[derive(Serialize)]
struct PairJson<'a> {
    annotators: [&'a str; 2],
    articles: usize,
    exact: TallyJson,
    overlap: TallyJson,
    #[serde(flatten)]
    measures: MeasuresJson,
    cases: &'a [usize],
}

#[derive(Serialize)]
struct LabelJson<'a> {
    label: &'a str,
    counts: BTreeMap<&'a str, u64>,
    f1_exact: EstimateJson,
    f1_overlap: EstimateJson,
    u_alpha: EstimateJson,
    alpha_u_2004: Option<f64>,
    cases: &'a [usize],
}

#[derive(Serialize)]
struct ArticleJson<'a> {
    article: &'a str,
    annotators: usize,
    f1_exact: Option<f64>,
    f1_overlap: Option<f64>,
    u_alpha: Option<f64>,
    cases: &'a [usize],
}

#[derive(Serialize)]
struct ConfusionJson<'a> {
    first: Option<&'a str>,
    second: Option<&'a str>,
    count: usize,
    cases: &'a [usize],
}

#[derive(Serialize)]
struct BarJson<'a> {
    by: i32,
    starts: &'a [usize],
    ends: &'a [usize],
}

#[derive(Serialize)]
struct AttributeJson<'a> {
    label: &'a str,
    attribute: &'a str,
    compared: usize,
    same: usize,
    alpha: BTreeMap<String, Option<f64>>,
    cases: &'a [usize],
}

#[derive(Serialize)]
struct PeriodJson<'a> {
    day: String,
    articles: usize,
    f1_exact: Option<f64>,
    f1_overlap: Option<f64>,
    cases: &'a [usize],
}

#[derive(Serialize)]
struct PaceJson<'a> {
    annotator: &'a str,
    articles: usize,
    annotations: usize,
    seconds: i64,
    per_hour: Option<f64>,
    days: BTreeMap<String, usize>,
}

#[derive(Serialize)]
struct GoldJson<'a> {
    annotator: &'a str,
    articles: usize,
    /// Gold is the first.
    exact: TallyJson,
    overlap: TallyJson,
    f1_exact: EstimateJson,
    f1_overlap: EstimateJson,
    precision: Option<f64>,
    recall: Option<f64>,
    semeval: BTreeMap<&'static str, SemEvalJson>,
    cases: Vec<usize>,
}

#[derive(Serialize)]
struct SemEvalJson {
    correct: u64,
    incorrect: u64,
    partial: u64,
    missed: u64,
    spurious: u64,
    precision: Option<f64>,
    recall: Option<f64>,
    f1: Option<f64>,
}

#[derive(Serialize)]
struct CaseJson<'a> {
    article: &'a str,
    annotators: [&'a str; 2],
    first: Option<SideJson<'a>>,
    second: Option<SideJson<'a>>,
    start_moved: Option<i32>,
    end_moved: Option<i32>,
    same: bool,
}

#[derive(Serialize)]
struct SideJson<'a> {
    id: String,
    label: &'a str,
}

impl From<Estimate> for EstimateJson {
    fn from(Estimate { score, interval }: Estimate) -> Self {
        let (low, high) = interval.unzip();
        Self { value: score.value(), low, high }
    }
}

impl From<Tally> for TallyJson {
    fn from(Tally { both, first, second }: Tally) -> Self {
        Self { both, first, second }
    }
}

impl From<&GammaScore> for GammaJson {
    fn from(gamma: &GammaScore) -> Self {
        let none = Self {
            estimate: Estimate::default().into(),
            observed_disorder: None,
            expected_disorder: None,
            samples: 0,
            failure: None,
        };
        match gamma {
            GammaScore::NotAsked => Self { failure: Some("not asked for".to_owned()), ..none },
            GammaScore::Failed(error) => Self { failure: Some(error.to_string()), ..none },
            GammaScore::Known { estimate, observed, expected, samples } => Self {
                estimate: (*estimate).into(),
                observed_disorder: observed.value(),
                expected_disorder: expected.value(),
                samples: *samples,
                failure: None,
            },
        }
    }
}

impl From<&Measures> for MeasuresJson {
    fn from(measures: &Measures) -> Self {
        Self {
            f1_exact: measures.f1_exact.into(),
            f1_overlap: measures.f1_overlap.into(),
            u_alpha: measures.u_alpha.into(),
            u_alpha_presence: measures.u_alpha_presence.into(),
            u_alpha_coding: measures.u_alpha_coding.into(),
            articles_of_all: measures.complete,
            alpha_u_2004: measures.alpha_2004.value(),
            gamma: (&measures.gamma).into(),
            token_kappa: measures.token_kappa.into(),
        }
    }
}

impl From<&SemEval> for SemEvalJson {
    fn from(counts: &SemEval) -> Self {
        let SemEval { correct, incorrect, partial, missed, spurious } = *counts;
        Self {
            correct,
            incorrect,
            partial,
            missed,
            spurious,
            precision: counts.precision().value(),
            recall: counts.recall().value(),
            f1: counts.f1().value(),
        }
    }
}

impl<'a> Json<'a> {
    pub(super) fn of(report: &'a Report, project: &'a str) -> Self {
        let names = Names(report);
        Self {
            project,
            annotators: report.annotators.iter().map(|name| name.as_str()).collect(),
            labels: report.labels.iter().map(|label| label.as_str()).collect(),
            token_kappa_caveat: TOKEN_KAPPA_CAVEAT,
            all: (&report.overall).into(),
            token_fleiss: report.token_fleiss.map(|TokenFleiss { articles, kappa }| FleissJson {
                articles,
                kappa: kappa.into(),
            }),
            pairs: names.pairs(),
            by_label: names.by_label(),
            by_article: names.by_article(),
            confusion: names.confusion(),
            boundaries: names.boundaries(),
            attributes: names.attributes(),
            over_time: names.over_time(),
            pace: names.pace(),
            gold: names.gold(),
            cases: names.cases(),
        }
    }
}

/// A report, with the names that its numbers stand for.
#[derive(Clone, Copy)]
struct Names<'a>(&'a Report);

impl<'a> Names<'a> {
    /// Behind the last annotator stands gold.
    fn annotator(self, at: usize) -> &'a str {
        self.0.annotators.get(at).map_or("gold", |name| name.as_str())
    }

    fn label(self, at: usize) -> Option<&'a str> {
        self.0.labels.get(at).map(|label| label.as_str())
    }

    fn article(self, at: usize) -> &'a str {
        self.0.articles.get(at).map_or("", |id| id.as_str())
    }

    fn both(self, (first, second): (usize, usize)) -> [&'a str; 2] {
        [self.annotator(first), self.annotator(second)]
    }

    fn pairs(self) -> Vec<PairJson<'a>> {
        let pairs = self.0.pairs.iter().map(|line| PairJson {
            annotators: self.both(line.annotators),
            articles: line.articles,
            exact: line.exact.into(),
            overlap: line.overlap.into(),
            measures: (&line.measures).into(),
            cases: &line.cases,
        });
        pairs.collect()
    }

    fn by_label(self) -> Vec<LabelJson<'a>> {
        let lines = self.0.by_label.iter().map(|line| LabelJson {
            label: line.label.as_str(),
            counts: (0..).map(|at| self.annotator(at)).zip(line.counts.iter().copied()).collect(),
            f1_exact: line.f1_exact.into(),
            f1_overlap: line.f1_overlap.into(),
            u_alpha: line.u_alpha.into(),
            alpha_u_2004: line.alpha_2004.value(),
            cases: &line.cases,
        });
        lines.collect()
    }

    fn by_article(self) -> Vec<ArticleJson<'a>> {
        let lines = self.0.by_article.iter().map(|line| ArticleJson {
            article: self.article(line.article),
            annotators: line.annotators,
            f1_exact: line.f1_exact.value(),
            f1_overlap: line.f1_overlap.value(),
            u_alpha: line.u_alpha.value(),
            cases: &line.cases,
        });
        lines.collect()
    }

    fn confusion(self) -> Vec<ConfusionJson<'a>> {
        let size = self.0.confusion.size;
        let cells = (0..size).flat_map(|row| (0..size).map(move |column| (row, column)));
        let cells = cells.map(|(row, column)| {
            let cases = self.0.confusion.cell(row, column);
            let (first, second) = (self.label(row), self.label(column));
            ConfusionJson { first, second, count: cases.len(), cases }
        });
        cells.filter(|cell| cell.count > 0).collect()
    }

    fn boundaries(self) -> Vec<BarJson<'a>> {
        let bars = self.0.boundaries.iter();
        bars.map(|bar| BarJson { by: bar.by, starts: &bar.starts, ends: &bar.ends }).collect()
    }

    fn attributes(self) -> Vec<AttributeJson<'a>> {
        let lines = self.0.attributes.iter().map(|line| {
            let alphas = line.alphas.iter();
            let alpha = |(metric, alpha): &(_, Score)| {
                (format!("{metric:?}").to_lowercase(), alpha.value())
            };
            AttributeJson {
                label: line.label.as_str(),
                attribute: line.attribute.as_str(),
                compared: line.items,
                same: line.same,
                alpha: alphas.map(alpha).collect(),
                cases: &line.cases,
            }
        });
        lines.collect()
    }

    fn over_time(self) -> Vec<PeriodJson<'a>> {
        let lines = self.0.periods.iter().map(|period| PeriodJson {
            day: period.day.to_string(),
            articles: period.articles,
            f1_exact: period.f1_exact.value(),
            f1_overlap: period.f1_overlap.value(),
            cases: &period.cases,
        });
        lines.collect()
    }

    fn pace(self) -> Vec<PaceJson<'a>> {
        let lines = self.0.paces.iter().map(|pace| PaceJson {
            annotator: pace.annotator.as_str(),
            articles: pace.articles,
            annotations: pace.annotations,
            seconds: pace.seconds,
            per_hour: pace.per_hour.value(),
            days: pace.days.iter().map(|(day, count)| (day.to_string(), *count)).collect(),
        });
        lines.collect()
    }

    fn gold(self) -> Vec<GoldJson<'a>> {
        // Their cases stand behind those of the annotators among themselves, line by line.
        let mut from = self.0.cases.len();
        let lines = self.0.gold.iter().map(|line| GoldJson {
            annotator: self.annotator(line.annotator),
            articles: line.articles,
            exact: line.exact.into(),
            overlap: line.overlap.into(),
            f1_exact: line.f1_exact.into(),
            f1_overlap: line.f1_overlap.into(),
            precision: line.exact.precision().value(),
            recall: line.exact.recall().value(),
            semeval: line
                .semeval
                .iter()
                .map(|(scheme, counts)| (scheme.name(), counts.into()))
                .collect(),
            cases: {
                let first = from;
                from += line.cases.len();
                (first..from).collect()
            },
        });
        lines.collect()
    }

    /// Those of the annotators among themselves, then those of each against gold.
    fn cases(self) -> Vec<CaseJson<'a>> {
        let of_gold = self.0.gold.iter().flat_map(|line| &line.cases);
        self.0.cases.iter().chain(of_gold).map(|case| self.case(case)).collect()
    }

    fn case(self, case: &Case) -> CaseJson<'a> {
        let side = |side: Side| SideJson {
            id: side.id.to_string(),
            label: self.label(side.label).unwrap_or_default(),
        };
        let (start_moved, end_moved) = case.moved.unzip();
        CaseJson {
            article: self.article(case.article),
            annotators: self.both(case.annotators),
            first: case.first.map(side),
            second: case.second.map(side),
            start_moved,
            end_moved,
            same: case.is_same,
        }
    }
}
