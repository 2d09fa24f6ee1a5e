//! Agreement on attributes: α over the values of annotations that are the same thing said
//! several times.
//!
//! Annotations are matched first ([`super::items`]). What its annotators said of an attribute
//! of one thing is one item for Krippendorff's α, each value once, by however many annotators:
//! an item for each two of them would count a value once for every partner. An attribute that
//! one of them has not set is missing data.

use super::super::Score;
use super::super::coding::{Metric, krippendorff_alpha};
use super::super::corpus::Corpus;
use super::Cases;
use super::facts::Facts;
use super::items::{Item, Link, Place, items};
use crate::model::{Attribute, AttributeId, AttributeKind, AttributeValue, LabelId, Schema};
use rayon::prelude::*;
use std::collections::HashMap;

/// One attribute of one label.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeLine {
    /// The label.
    pub label: LabelId,
    /// The attribute.
    pub attribute: AttributeId,
    /// How many things have a value from two annotators or more.
    pub items: usize,
    /// Of how many of them all those values are the same.
    pub same: usize,
    /// α: nominal for choices, texts and flags; ordinal, interval and ratio too for numbers,
    /// ratio only where none is negative.
    pub alphas: Vec<(Metric, Score)>,
    /// Where values differ, two annotators at a time. Where two differ who are matched by way
    /// of a third one only, who has not set it, it is the cases by which they are.
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

/// `first_cases[article][pair]` is where the cases of a pair of an article begin. O(n log n),
/// and O(n) for each attribute of a label in what has that label.
pub(super) fn attributes(
    corpus: &Corpus,
    schema: &Schema,
    facts: &[Facts],
    first_cases: &[Vec<usize>],
) -> Vec<AttributeLine> {
    let mut by_label: Vec<Vec<(usize, Item)>> = vec![Vec::new(); corpus.labels.len()];
    let of = |(facts, first_cases): (&Facts, &Vec<usize>)| {
        items(&corpus.articles[facts.article], &facts.pairs, first_cases)
    };
    let found: Vec<Vec<Item>> = facts.par_iter().zip(first_cases).map(of).collect();
    for (facts, items) in facts.iter().zip(found) {
        for item in items {
            by_label[item.category.0 as usize].push((facts.article, item));
        }
    }
    let mut lines = Vec::new();
    for label in schema.labels() {
        let number = corpus.labels.iter().position(|id| *id == label.id);
        let items = number.map_or(&[][..], |number| &by_label[number]);
        for attribute in &label.attributes {
            lines.push(line(corpus, &label.id, attribute, items));
        }
    }
    lines
}

/// One attribute, of what has its label: the article and the item of each.
fn line(
    corpus: &Corpus,
    label: &LabelId,
    attribute: &Attribute,
    items: &[(usize, Item)],
) -> AttributeLine {
    let mut values: Vec<Vec<f64>> = Vec::new();
    let mut cases = Vec::new();
    let mut same = 0;
    let mut numbering = Numbering::default();
    for (article, item) in items {
        let value = |(person, at): Place| {
            let set = corpus.articles[*article].sets[person].as_ref()?;
            set.marks[at].attributes.get(&attribute.id)
        };
        let given: Vec<&AttributeValue> = item.said.iter().copied().filter_map(value).collect();
        let [first, others @ ..] = given.as_slice() else { continue };
        if others.is_empty() {
            continue;
        }
        if others.iter().all(|other| other == first) {
            same += 1;
        } else {
            cases.extend(differing(&item.links, value));
        }
        values.push(given.iter().map(|value| numbering.number(value)).collect());
    }
    AttributeLine {
        label: label.clone(),
        attribute: attribute.id.clone(),
        items: values.len(),
        same,
        alphas: alphas(&attribute.kind, &values),
        cases,
    }
}

/// The cases where two values of an item differ; if those are in no case together, all.
fn differing<'a>(
    links: &[Link],
    value: impl Fn(Place) -> Option<&'a AttributeValue>,
) -> Vec<usize> {
    let differs = |link: &&Link| {
        value(link.one).zip(value(link.other)).is_some_and(|(one, other)| one != other)
    };
    let found: Cases = links.iter().filter(differs).map(|link| link.case).collect();
    if found.is_empty() { links.iter().map(|link| link.case).collect() } else { found }
}

fn alphas(kind: &AttributeKind, items: &[Vec<f64>]) -> Vec<(Metric, Score)> {
    let is_number = matches!(kind, AttributeKind::Integer { .. } | AttributeKind::Decimal { .. });
    let has_negative = items.iter().flatten().any(|value| *value < 0.0);
    let metrics: &[Metric] = match (is_number, has_negative) {
        (false, _) => &[Metric::Nominal],
        (true, true) => &[Metric::Nominal, Metric::Ordinal, Metric::Interval],
        (true, false) => &[Metric::Nominal, Metric::Ordinal, Metric::Interval, Metric::Ratio],
    };
    metrics.iter().map(|metric| (*metric, krippendorff_alpha(items, *metric).alpha)).collect()
}
