//! `copydesk differences`: where annotators differ, case by case.

use super::output::{Failure, Outcome, Output, Verdict, count};
use super::store_failure;
use crate::model::{AnnotationSet, AnnotatorName, AttributeValue, Span};
use crate::review::{Case, Comparison, Difference, DifferenceKind, Version};
use crate::session::review::{Reviewed, Scope, review_articles};
use crate::store::Opened;
use serde::Serialize;
use std::collections::BTreeMap;

/// List where annotators differ
///
/// Articles that two annotators or more have finished are compared: what one of them did
/// not mark, and where boundaries, labels, attributes or relations differ.
#[derive(Debug, clap::Args)]
pub(super) struct DifferencesArguments {
    #[command(flatten)]
    project: super::ProjectArgument,
    /// Only these annotators, separated by commas
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = super::annotator)]
    annotators: Vec<AnnotatorName>,
    /// Compare articles too that an annotator has only begun
    #[arg(long)]
    unfinished: bool,
    /// Print JSON instead of lines
    #[arg(long)]
    json: bool,
}

/// The answer, as `--json` shows it.
#[derive(Debug, Serialize)]
struct Answer {
    annotators: Vec<String>,
    articles: Vec<ArticleRow>,
    cases: usize,
    agreed: usize,
    differences: BTreeMap<&'static str, usize>,
}

/// One article that was compared.
#[derive(Debug, Serialize)]
struct ArticleRow {
    article: String,
    annotators: Vec<String>,
    cases: usize,
    agreed: usize,
    differing: Vec<CaseRow>,
}

/// A place in the text, in bytes.
#[derive(Debug, Serialize)]
struct PlaceRow {
    start: u32,
    end: u32,
    text: String,
}

/// One case about which somebody differs.
#[derive(Debug, Serialize)]
struct CaseRow {
    #[serde(flatten)]
    place: PlaceRow,
    kinds: Vec<&'static str>,
    missing: Vec<String>,
    attributes: Vec<String>,
    relations: Vec<LackRow>,
    said: Vec<SaidRow>,
}

/// A relation that some annotators lack who marked both ends.
#[derive(Debug, Serialize)]
struct LackRow {
    kind: String,
    to: PlaceRow,
    missing: Vec<String>,
}

/// What some annotators say alike.
#[derive(Debug, Serialize)]
struct SaidRow {
    annotators: Vec<String>,
    ids: Vec<String>,
    label: String,
    spans: Vec<(u32, u32)>,
    text: String,
    attributes: serde_json::Map<String, serde_json::Value>,
    relations: Vec<RelationRow>,
}

/// A relation that starts at a case.
#[derive(Debug, Serialize)]
struct RelationRow {
    kind: String,
    to: PlaceRow,
}

pub(super) fn run(arguments: &DifferencesArguments, output: &mut Output) -> Outcome {
    let root = &arguments.project.project;
    let Opened { folder, project, .. } = super::open(root, output)?;
    let unknown = arguments.annotators.iter().find(|name| !project.annotators.contains(name));
    if let Some(name) = unknown {
        let known: Vec<_> = project.annotators.iter().map(AnnotatorName::as_str).collect();
        let (place, known) = (root.display(), known.join(", "));
        let what = format!("{place}: has no annotator {name}; it has {known}");
        return Err(Failure::Call(what));
    }
    let is_wanted = |name: &&AnnotatorName| {
        arguments.annotators.is_empty() || arguments.annotators.contains(name)
    };
    let annotators: Vec<_> = project.annotators.iter().filter(is_wanted).cloned().collect();
    let mut answer = Answer {
        annotators: annotators.iter().map(ToString::to_string).collect(),
        articles: Vec::new(),
        cases: 0,
        agreed: 0,
        differences: DifferenceKind::ALL.map(|kind| (kind.word(), 0)).into(),
    };
    let mut verdict = Verdict::Done;
    let scope = Scope { annotators, unfinished: arguments.unfinished, at_least: 2, viewer: None };
    let found = review_articles(&folder, &scope, &mut |read| {
        match read {
            Ok(reviewed) => answer.take(&reviewed),
            Err(error) => {
                verdict = Verdict::DataAtFault;
                let problem = crate::store::Problem::from(&error);
                return output.remark(super::problem_line(root, &problem));
            }
        }
        Ok(())
    });
    found.map_err(|error| store_failure(root, &error))??;
    if arguments.json {
        output.json(&answer)?;
    } else {
        answer.print(output)?;
    }
    Ok(verdict)
}

impl Answer {
    fn take(&mut self, reviewed: &Reviewed) {
        let sets: Vec<&AnnotationSet> = reviewed.sets.iter().collect();
        let comparison = &reviewed.comparison;
        let differing: Vec<_> = comparison
            .differing()
            .map(|(_, case)| CaseRow::of(case, comparison, &sets, reviewed.article.text()))
            .collect();
        for (_, case) in comparison.differing() {
            for difference in &case.differences {
                *self.differences.entry(difference.kind().word()).or_default() += 1;
            }
        }
        let (cases, agreed) = (comparison.cases.len(), comparison.cases.len() - differing.len());
        self.cases += cases;
        self.agreed += agreed;
        self.articles.push(ArticleRow {
            article: reviewed.article.id().to_string(),
            annotators: comparison.annotators.iter().map(ToString::to_string).collect(),
            cases,
            agreed,
            differing,
        });
    }

    fn print(&self, output: &mut Output) -> Result<(), Failure> {
        if self.articles.is_empty() {
            return output.line("no article that two annotators have finished");
        }
        for article in &self.articles {
            let names = article.annotators.join(", ");
            let (id, agreed) = (&article.article, article.agreed);
            let cases = count(article.cases, "case");
            output.line(format_args!("{id} ({names}): {cases}, {agreed} agreed"))?;
            article.differing.iter().try_for_each(|case| case.print(output))?;
        }
        let kinds = DifferenceKind::ALL.map(|kind| {
            let number = self.differences.get(kind.word()).copied().unwrap_or(0);
            format!("{} {number}", kind.word())
        });
        let (articles, cases) = (count(self.articles.len(), "article"), count(self.cases, "case"));
        output.line("")?;
        output.line(format_args!(
            "{articles}, {cases}, {} agreed; {}",
            self.agreed,
            kinds.join(", ")
        ))
    }
}

impl CaseRow {
    fn of(case: &Case, comparison: &Comparison, sets: &[&AnnotationSet], text: &str) -> Self {
        let names = |by: &[usize]| names(comparison, by);
        let place = |index: usize| place(comparison, index, text);
        let mut row = Self {
            place: place_of(case, text),
            kinds: case.differences.iter().map(|difference| difference.kind().word()).collect(),
            missing: Vec::new(),
            attributes: Vec::new(),
            relations: Vec::new(),
            said: Vec::new(),
        };
        row.kinds.dedup();
        for difference in &case.differences {
            match difference {
                Difference::Missing { without } => row.missing = names(without),
                Difference::Attribute(id) => row.attributes.push(id.to_string()),
                Difference::Relation { kind, to, without } => row.relations.push(LackRow {
                    kind: kind.to_string(),
                    to: place(*to),
                    missing: names(without),
                }),
                Difference::Boundary | Difference::Label => {}
            }
        }
        let versions = comparison.versions(case, sets);
        row.said = versions.iter().map(|said| SaidRow::of(said, case, comparison, text)).collect();
        row
    }

    fn print(&self, output: &mut Output) -> Result<(), Failure> {
        let PlaceRow { start, end, text } = &self.place;
        let mut kinds: Vec<_> = self.kinds.iter().map(|kind| (*kind).to_owned()).collect();
        for kind in &mut kinds {
            if kind == DifferenceKind::Attribute.word() {
                *kind = format!("{kind} {}", self.attributes.join(", "));
            }
        }
        output.line(format_args!("  {start}..{end} “{text}”  {}", kinds.join(", ")))?;
        for said in &self.said {
            output.line(format_args!("    {}", said.words()))?;
        }
        for lack in &self.relations {
            let (kind, to, who) = (&lack.kind, &lack.to.text, lack.missing.join(", "));
            output.line(format_args!("    {who}: no {kind} to “{to}”"))?;
        }
        match self.missing.as_slice() {
            [] => Ok(()),
            missing => output.line(format_args!("    {}: not marked", missing.join(", "))),
        }
    }
}

impl SaidRow {
    fn of(said: &Version<'_>, case: &Case, comparison: &Comparison, text: &str) -> Self {
        let first = said.by.first().copied().unwrap_or_default();
        let links = case.links.iter().filter(|link| link.by.contains(&first));
        let attributes = said.annotation.attributes.iter();
        Self {
            annotators: names(comparison, &said.by),
            ids: said
                .by
                .iter()
                .filter_map(|by| case.mark_of(*by))
                .map(|id| id.to_string())
                .collect(),
            label: said.annotation.label.to_string(),
            spans: spans(&said.annotation.span),
            text: said.annotation.span.surface(text),
            attributes: attributes.map(|(id, value)| (id.to_string(), json(value))).collect(),
            relations: links
                .map(|link| RelationRow {
                    kind: link.kind.to_string(),
                    to: place(comparison, link.to, text),
                })
                .collect(),
        }
    }

    fn words(&self) -> String {
        let (who, label, text) = (self.annotators.join(", "), &self.label, &self.text);
        let mut words = format!("{who}: {label} “{text}”");
        for (id, value) in &self.attributes {
            let value = match value {
                serde_json::Value::String(text) => text.clone(),
                value => value.to_string(),
            };
            words.push_str(&format!(" {id}={value}"));
        }
        for relation in &self.relations {
            words.push_str(&format!(" {}→“{}”", relation.kind, relation.to.text));
        }
        words
    }
}

fn names(comparison: &Comparison, by: &[usize]) -> Vec<String> {
    by.iter().filter_map(|by| comparison.annotators.get(*by)).map(ToString::to_string).collect()
}

fn place(comparison: &Comparison, index: usize, text: &str) -> PlaceRow {
    comparison.cases.get(index).map_or_else(
        || PlaceRow { start: 0, end: 0, text: String::new() },
        |case| place_of(case, text),
    )
}

fn place_of(case: &Case, text: &str) -> PlaceRow {
    let (start, end) = (case.extent.start().into(), case.extent.end().into());
    let surface = text.get(std::ops::Range::<usize>::from(case.extent)).unwrap_or_default();
    PlaceRow { start, end, text: surface.to_owned() }
}

fn spans(span: &Span) -> Vec<(u32, u32)> {
    span.ranges().iter().map(|range| (range.start().into(), range.end().into())).collect()
}

fn json(value: &AttributeValue) -> serde_json::Value {
    match value {
        AttributeValue::Text(text) => text.clone().into(),
        AttributeValue::List(items) => items.clone().into(),
        AttributeValue::Integer(number) => (*number).into(),
        AttributeValue::Decimal(number) => (*number).into(),
        AttributeValue::Flag(flag) => (*flag).into(),
    }
}
