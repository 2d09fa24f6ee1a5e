//! Reads cases as JSON on standard input and prints what this program makes of them, for
//! `scripts/agreement-check`.
//!
//! One object a line: `{"measure": ..., ...}`; one line of JSON for each. Units are
//! `[category, start, end]`, missing values are left out.

#![allow(clippy::unwrap_used, reason = "a tool for developers fails by panicking")]
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use copydesk::agreement::bootstrap::Bootstrap;
use copydesk::agreement::coding::{CodingTable, Metric, fleiss, krippendorff_alpha};
use copydesk::agreement::corpus::{CodedArticle, Corpus};
use copydesk::agreement::gamma::{
    Annotated, Dissimilarity, GammaOptions, Sampler, Segment, best_alignment, gamma,
};
use copydesk::agreement::report::{Report, ReportOptions};
use copydesk::agreement::spans::{Extent, Scheme, f1_tally, semeval};
use copydesk::agreement::{Category, Progress, Score, Stretch, Unit};
use copydesk::edit::{Edit, Transaction};
use copydesk::model::{
    Annotation, AnnotationId, AnnotationSet, AnnotatorName, Article, ArticleId, ArticleMeta,
    Attribute, AttributeId, AttributeKind, AttributeValue, Color, Label, LabelId, Schema, Span,
};
use copydesk::text::TextRange;
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::BufRead;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(tag = "measure", rename_all = "snake_case")]
enum Question {
    /// A table of two coders.
    Table { pairs: Vec<(usize, usize)>, size: usize },
    /// Items with how many chose each category.
    Fleiss { items: Vec<Vec<u32>> },
    /// Items with values.
    Alpha { items: Vec<Vec<f64>>, metric: String },
    /// What each coder made of an attribute of each thing, as the report of a project has it.
    Attribute { coders: Vec<Vec<Option<i64>>> },
    /// Exact F1 of two annotators.
    F1 { first: Vec<(u32, u32, u32)>, second: Vec<(u32, u32, u32)> },
    /// Gold and what is judged.
    Semeval { gold: Vec<(u32, u32, u32)>, judged: Vec<(u32, u32, u32)> },
    /// Annotators with segments.
    Gamma {
        annotators: Vec<Vec<(u32, f64, f64)>>,
        alpha: f64,
        beta: f64,
        samples: usize,
        shuffle: bool,
    },
}

fn main() {
    for line in std::io::stdin().lock().lines() {
        let question = serde_json::from_str(&line.unwrap()).unwrap();
        println!("{}", answer(question));
    }
}

fn units(written: &[(u32, u32, u32)]) -> Vec<Unit> {
    let unit = |(category, start, end): &(u32, u32, u32)| {
        Unit::new(Stretch::new(*start, *end), Category(*category))
    };
    written.iter().map(unit).collect()
}

fn value(score: Score) -> Value {
    json!(score.value())
}

fn answer(question: Question) -> Value {
    match question {
        Question::Table { pairs, size } => {
            let mut table = CodingTable::new(size);
            pairs.iter().for_each(|(one, other)| table.add(*one, *other, 1.0));
            json!({
                "cohen": value(table.cohen()),
                "scott": value(table.scott()),
                "bennett": value(table.bennett()),
            })
        }
        Question::Fleiss { items } => json!({"kappa": value(fleiss(&items).kappa)}),
        Question::Alpha { items, metric } => {
            let metric = match metric.as_str() {
                "nominal" => Metric::Nominal,
                "ordinal" => Metric::Ordinal,
                "interval" => Metric::Interval,
                _ => Metric::Ratio,
            };
            json!({"alpha": value(krippendorff_alpha(&items, metric).alpha)})
        }
        Question::Attribute { coders } => attribute(&coders),
        Question::F1 { first, second } => {
            let tally = f1_tally(&units(&first), &units(&second), Extent::Exact);
            json!({"f1": value(tally.f1())})
        }
        Question::Semeval { gold, judged } => {
            let (gold, judged) = (units(&gold), units(&judged));
            let counts = |scheme: Scheme| {
                let found = semeval(&gold, &judged, scheme);
                let counts =
                    [found.correct, found.incorrect, found.partial, found.missed, found.spurious];
                let scores = [found.precision(), found.recall(), found.f1()].map(value);
                (scheme.name().to_owned(), json!({"counts": counts, "scores": scores}))
            };
            Value::Object(Scheme::ALL.into_iter().map(counts).collect())
        }
        Question::Gamma { annotators, alpha, beta, samples, shuffle } => {
            let segment = |(category, start, end): &(u32, f64, f64)| Segment {
                start: *start,
                end: *end,
                category: Category(*category),
            };
            let annotators: Vec<Vec<Segment>> =
                annotators.iter().map(|units| units.iter().map(segment).collect()).collect();
            let dissimilarity = Dissimilarity { alpha, beta, empty: 1.0 };
            let progress = Progress::default();
            let found = best_alignment(&annotators, &dissimilarity, &progress).unwrap();
            let length = annotators.iter().flatten().map(|unit| unit.end).fold(0.0, f64::max);
            let sampler = if shuffle { Sampler::Shuffle } else { Sampler::Statistical };
            let options =
                GammaOptions { dissimilarity, samples, sampler, ..GammaOptions::default() };
            let article = Annotated { length, annotators };
            let found_gamma = gamma(&[article], &options, &progress).unwrap();
            json!({
                "disorder": value(found.disorder()),
                "gamma": value(found_gamma.gamma),
                "alignments": found.unitary.len(),
            })
        }
    }
}

/// The things of one article of [`attribute`].
const THINGS: usize = 7;

/// Where things stand, with a space behind each.
const WIDTH: u32 = 5;

/// α of the only attribute in the report of a project in which the coders marked things one
/// after the other. Who gave no value left out every second of them and marked the others.
fn attribute(coders: &[Vec<Option<i64>>]) -> Value {
    let name = |by: usize| AnnotatorName::new(format!("coder-{by}")).unwrap();
    let schema = schema();
    let mut corpus = Corpus::new((0..coders.len()).map(name).collect(), &schema);
    let things = coders.iter().map(Vec::len).max().unwrap_or(0);
    for from in (0..things).step_by(THINGS) {
        let id = ArticleId::new(format!("article-{from}")).unwrap();
        let article = Article::new(id, ArticleMeta::default(), "word ".repeat(THINGS));
        let article = Arc::new(article);
        let set = |(by, values): (usize, &Vec<Option<i64>>)| {
            let mut set = AnnotationSet::new(Arc::clone(&article), name(by));
            let values = values.iter().enumerate().skip(from).take(THINGS);
            let marked = values.filter(|(at, value)| value.is_some() || at % 2 == 0);
            let edits = marked.map(|(at, value)| Edit::add(thing(at, (at - from) as u32, *value)));
            Transaction::from(edits.collect::<Vec<_>>()).apply(&mut set).unwrap();
            set
        };
        let sets: Vec<AnnotationSet> = coders.iter().enumerate().map(set).collect();
        let sets: Vec<_> = sets.iter().map(Some).collect();
        corpus.push(CodedArticle::new(&article, &sets, None));
    }
    let options = ReportOptions { gamma: None, bootstrap: Bootstrap { resamples: 0, seed: 1 } };
    let report = Report::of(&corpus, &schema, &options, &Progress::default()).unwrap();
    let alphas = report.attributes[0].alphas.iter();
    let named = alphas.map(|(metric, alpha)| (format!("{metric:?}").to_lowercase(), value(*alpha)));
    Value::Object(named.collect())
}

fn schema() -> Schema {
    let attribute = Attribute {
        id: AttributeId::new("count").unwrap(),
        name: "count".to_owned(),
        kind: AttributeKind::Integer { min: None, max: None },
        required: false,
        guideline: String::new(),
    };
    let label = Label {
        id: LabelId::new("thing").unwrap(),
        name: "thing".to_owned(),
        key: None,
        color: Color::nth(0),
        guideline: String::new(),
        attributes: vec![attribute],
    };
    Schema::new(vec![label], Vec::new()).unwrap()
}

fn thing(id: usize, at: u32, value: Option<i64>) -> Annotation {
    let range = TextRange::at((at * WIDTH).into(), (WIDTH - 1).into());
    let span = Span::from_ranges(vec![range]).unwrap();
    let mut made =
        Annotation::new(AnnotationId(id as u64 + 1), LabelId::new("thing").unwrap(), span);
    if let Some(value) = value {
        let count = AttributeId::new("count").unwrap();
        made.attributes.insert(count, AttributeValue::Integer(value));
    }
    made
}
