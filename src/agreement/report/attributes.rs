//! Agreement on attributes: α over the values of annotations that are the same thing said
//! twice.
//!
//! Units are matched first ([`super::super::spans::aligned`]); where both have the same label,
//! the values of each attribute are an item for Krippendorff's α, with each pair of annotators
//! giving items of its own. An attribute that one of them has not set is missing data.

use super::super::Score;
use super::super::coding::{Metric, krippendorff_alpha};
use super::super::corpus::Corpus;
use super::Cases;
use super::facts::Facts;
use crate::model::{AttributeId, AttributeKind, AttributeValue, LabelId, Schema};
use std::collections::HashMap;

/// One attribute of one label.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeLine {
    /// The label.
    pub label: LabelId,
    /// The attribute.
    pub attribute: AttributeId,
    /// How many matched annotations have a value from both annotators.
    pub items: usize,
    /// How many of them have the same one.
    pub same: usize,
    /// α: nominal for choices, texts and flags; ordinal, interval and ratio too for numbers,
    /// ratio only where none is negative.
    pub alphas: Vec<(Metric, Score)>,
    /// Where values differ.
    pub cases: Cases,
}

/// Values as numbers: numbers as they are, all else by when it came first.
#[derive(Default)]
struct Numbering(HashMap<String, f64>);

impl Numbering {
    fn number(&mut self, value: &AttributeValue) -> f64 {
        match value {
            AttributeValue::Integer(number) => *number as f64,
            AttributeValue::Decimal(number) => *number,
            other => {
                let next = self.0.len() as f64;
                *self.0.entry(other.to_string()).or_insert(next)
            }
        }
    }
}

/// `first_cases[article][pair]` is where the cases of a pair of an article begin.
pub(super) fn attributes(
    corpus: &Corpus,
    schema: &Schema,
    facts: &[Facts],
    first_cases: &[Vec<usize>],
) -> Vec<AttributeLine> {
    let mut lines = Vec::new();
    for label in schema.labels() {
        let number = corpus.labels.iter().position(|id| *id == label.id);
        for attribute in &label.attributes {
            let mut items: Vec<[f64; 2]> = Vec::new();
            let mut cases = Vec::new();
            let mut numbering = Numbering::default();
            for (article, first_cases) in facts.iter().zip(first_cases) {
                let sets = &corpus.articles[article.article].sets;
                for (pair, first_case) in article.pairs.iter().zip(first_cases) {
                    let (Some(first), Some(second)) =
                        (&sets[pair.annotators.0], &sets[pair.annotators.1])
                    else {
                        continue;
                    };
                    for (one, other) in &pair.aligned {
                        let category = first.units[*one].category;
                        if category != second.units[*other].category
                            || Some(category.0 as usize) != number
                        {
                            continue;
                        }
                        let values = (
                            first.marks[*one].attributes.get(&attribute.id),
                            second.marks[*other].attributes.get(&attribute.id),
                        );
                        let (Some(mine), Some(theirs)) = values else { continue };
                        if mine != theirs {
                            // Cases begin with the first annotator's units in their order.
                            cases.push(first_case + one);
                        }
                        items.push([numbering.number(mine), numbering.number(theirs)]);
                    }
                }
            }
            let same = items.len() - cases.len();
            let alphas = alphas(&attribute.kind, &items);
            let (label, attribute) = (label.id.clone(), attribute.id.clone());
            lines.push(AttributeLine { label, attribute, items: items.len(), same, alphas, cases });
        }
    }
    lines
}

fn alphas(kind: &AttributeKind, items: &[[f64; 2]]) -> Vec<(Metric, Score)> {
    let is_number = matches!(kind, AttributeKind::Integer { .. } | AttributeKind::Decimal { .. });
    let has_negative = items.iter().flatten().any(|value| *value < 0.0);
    let metrics: &[Metric] = match (is_number, has_negative) {
        (false, _) => &[Metric::Nominal],
        (true, true) => &[Metric::Nominal, Metric::Ordinal, Metric::Interval],
        (true, false) => &[Metric::Nominal, Metric::Ordinal, Metric::Interval, Metric::Ratio],
    };
    metrics.iter().map(|metric| (*metric, krippendorff_alpha(items, *metric).alpha)).collect()
}
