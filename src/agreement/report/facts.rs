//! What is counted in one article, for everything that the report is made of.

use super::super::coding::{CodingTable, FleissTable};
use super::super::corpus::{Coded, CodedArticle};
use super::super::spans::{
    self, Extent, Tally, f1_by_category, token_choices, token_table, token_values,
};
use super::super::unit::{Category, Unit};
use super::super::unitizing::{Coincidences, Continuum};
use super::items::equal_attributes;
use crate::model::AnnotationId;

/// One annotator's annotation in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// The annotation.
    pub id: AnnotationId,
    /// The index of its label in the report.
    pub label: usize,
}

/// An annotation of one or both of two annotators: what they said about one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// The index of the article in the report.
    pub article: usize,
    /// The two annotators, by index.
    pub annotators: (usize, usize),
    /// What the first one said.
    pub first: Option<Side>,
    /// What the second one said.
    pub second: Option<Side>,
    /// How many code points further right the second one's start and end are.
    pub moved: Option<(i32, i32)>,
    /// Whether both marked the same ranges.
    pub is_same_place: bool,
    /// Whether both said the same of the same ranges.
    pub is_same: bool,
}

/// Two annotators in one article.
pub(super) struct PairFacts {
    pub(super) annotators: (usize, usize),
    pub(super) exact: Vec<Tally>,
    pub(super) overlap: Vec<Tally>,
    pub(super) tokens: CodingTable,
    pub(super) coincidences: Coincidences,
    /// Indices into the units of both.
    pub(super) aligned: Vec<(usize, usize)>,
    pub(super) cases: Vec<Case>,
}

/// One article.
pub(super) struct Facts {
    pub(super) article: usize,
    pub(super) present: Vec<usize>,
    pub(super) pairs: Vec<PairFacts>,
    /// What all annotators of the article labelled its tokens as, where they are three or
    /// more: two have Cohen's table.
    pub(super) choices: Option<FleissTable>,
    pub(super) coincidences: Coincidences,
    pub(super) by_label: Vec<Coincidences>,
}

/// Counts an article.
pub(super) fn facts(at: usize, article: &CodedArticle, labels: usize) -> Facts {
    let present: Vec<(usize, &Coded)> = article
        .sets
        .iter()
        .enumerate()
        .filter_map(|(person, set)| Some((person, set.as_ref()?)))
        .collect();
    let tokens: Vec<Vec<u32>> =
        present.iter().map(|(_, set)| token_values(&article.words, &set.units)).collect();
    let mut pairs = Vec::new();
    for (place, one) in present.iter().enumerate() {
        for (other_place, other) in present.iter().enumerate().skip(place + 1) {
            let table = token_table(&tokens[place], &tokens[other_place], labels);
            pairs.push(pair(at, article.length, *one, *other, table, labels));
        }
    }
    let continuum = continuum(article.length, present.iter().map(|(_, set)| *set));
    let of_label = |label| Coincidences::of_category(&continuum, Category(label as u32));
    Facts {
        article: at,
        present: present.iter().map(|(person, _)| *person).collect(),
        pairs,
        choices: (present.len() > 2).then(|| token_choices(&tokens, labels)),
        coincidences: Coincidences::of(&continuum, labels),
        by_label: (0..labels).map(of_label).collect(),
    }
}

/// What sets make of an article, as the unitizing alphas see it.
pub(super) fn continuum<'a>(length: u32, sets: impl Iterator<Item = &'a Coded>) -> Continuum<'a> {
    Continuum { length, coders: sets.map(|set| set.units.as_slice()).collect() }
}

fn pair(
    article: usize,
    length: u32,
    (one, first): (usize, &Coded),
    (other, second): (usize, &Coded),
    tokens: CodingTable,
    labels: usize,
) -> PairFacts {
    let tallies = |extent| f1_by_category(&first.units, &second.units, extent, labels);
    let aligned = aligned(first, second);
    PairFacts {
        annotators: (one, other),
        exact: tallies(Extent::Exact),
        overlap: tallies(Extent::Overlap),
        tokens,
        coincidences: Coincidences::of(&continuum(length, [first, second].into_iter()), labels),
        cases: cases_of(article, (one, other), first, second, &aligned),
        aligned,
    }
}

/// Which units of two sets mean the same place; of identical ones those go together whose
/// attributes agree best, as in the differences.
pub(super) fn aligned(first: &Coded, second: &Coded) -> Vec<(usize, usize)> {
    let equal = |one: usize, other: usize| {
        let equal = equal_attributes(&first.marks[one], &second.marks[other]);
        u32::try_from(equal).unwrap_or(u32::MAX)
    };
    spans::aligned(&first.units, &second.units, equal)
}

/// The cases of two sets of an article, with what was aligned of them; O(n).
pub(super) fn cases_of(
    article: usize,
    annotators: (usize, usize),
    first: &Coded,
    second: &Coded,
    aligned: &[(usize, usize)],
) -> Vec<Case> {
    let side = |set: &Coded, at: usize| Side {
        id: set.marks[at].id,
        label: set.units[at].category.0 as usize,
    };
    let mut partner = vec![None; first.units.len()];
    let mut is_matched = vec![false; second.units.len()];
    for (one, other) in aligned {
        partner[*one] = Some(*other);
        is_matched[*other] = true;
    }
    let empty = Case {
        article,
        annotators,
        first: None,
        second: None,
        moved: None,
        is_same_place: false,
        is_same: false,
    };
    let mut cases = Vec::with_capacity(first.units.len() + second.units.len() - aligned.len());
    for (at, other) in partner.into_iter().enumerate() {
        let both = other.map(|other| (&first.units[at], &second.units[other]));
        cases.push(Case {
            first: Some(side(first, at)),
            second: other.map(|other| side(second, other)),
            moved: both.map(|(one, other)| moved(one, other)),
            is_same_place: both.is_some_and(|(one, other)| one.is_same_span(other)),
            is_same: both.is_some_and(|(one, other)| one == other),
            ..empty
        });
    }
    let alone = (0..second.units.len()).filter(|at| !is_matched[*at]);
    cases.extend(alone.map(|at| Case { second: Some(side(second, at)), ..empty }));
    cases
}

fn moved(one: &Unit, other: &Unit) -> (i32, i32) {
    let by =
        |one: u32, other: u32| i32::try_from(i64::from(other) - i64::from(one)).unwrap_or(i32::MAX);
    let (one, other) = (one.extent(), other.extent());
    (by(one.start, other.start), by(one.end, other.end))
}
