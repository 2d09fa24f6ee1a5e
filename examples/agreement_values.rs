//! Reads cases as JSON on standard input and prints what this program makes of them, for
//! `scripts/agreement-check`.
//!
//! One object a line: `{"measure": ..., ...}`; one line of JSON for each. Units are
//! `[category, start, end]`, missing values are left out.

#![allow(clippy::unwrap_used, reason = "a tool for developers fails by panicking")]
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use copydesk::agreement::coding::{CodingTable, Metric, fleiss, krippendorff_alpha};
use copydesk::agreement::gamma::{
    Annotated, Dissimilarity, GammaOptions, Sampler, Segment, best_alignment, gamma,
};
use copydesk::agreement::spans::{Extent, Scheme, f1_tally, semeval};
use copydesk::agreement::{Category, Progress, Score, Stretch, Unit};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::BufRead;

#[derive(Deserialize)]
#[serde(tag = "measure", rename_all = "snake_case")]
enum Question {
    /// A table of two coders.
    Table { pairs: Vec<(usize, usize)>, size: usize },
    /// Items with how many chose each category.
    Fleiss { items: Vec<Vec<u32>> },
    /// Items with values.
    Alpha { items: Vec<Vec<f64>>, metric: String },
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
