//! `copydesk stats`: how much there is, and how far everybody has come.

use super::output::{Failure, Outcome, Output, Verdict, count, table};
use super::progress::ProgressLine;
use super::{problem_line, store_failure};
use crate::model::{AnnotatorName, ArticleId, Project, State};
use crate::store::{Opened, SetSummary, Survey, Surveyed, survey};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Count articles, states, annotations and relations
///
/// Annotators and labels come in the order of the project. What cannot be read is said,
/// left out of the numbers, and makes the exit code 1.
#[derive(Debug, clap::Args)]
pub(super) struct StatsArguments {
    #[command(flatten)]
    project: super::ProjectArgument,
    /// Print JSON instead of lines
    #[arg(long)]
    json: bool,
}

/// The answer, as `--json` shows it.
#[derive(Debug, Serialize)]
struct Stats {
    project: String,
    articles: usize,
    /// Code points.
    characters: usize,
    unreadable: usize,
    annotators: Vec<AnnotatorStats>,
    labels: Vec<Tally>,
    relations: Vec<Tally>,
}

/// How far one annotator has come.
#[derive(Debug, Default, Serialize)]
struct AnnotatorStats {
    name: String,
    unseen: usize,
    in_progress: usize,
    done: usize,
    annotations: usize,
    relations: usize,
}

/// How often a label or relation type occurs, with each annotator.
#[derive(Debug, Serialize)]
struct Tally {
    id: String,
    in_schema: bool,
    total: usize,
    by_annotator: BTreeMap<String, usize>,
}

impl Tally {
    fn new(id: &str, in_schema: bool, annotators: &[AnnotatorName]) -> Self {
        let by_annotator = annotators.iter().map(|name| (name.to_string(), 0)).collect();
        Self { id: id.to_owned(), in_schema, total: 0, by_annotator }
    }
}

impl Stats {
    fn new(project: &Project) -> Self {
        let Project { name, annotators, schema } = project;
        let tally = |id| Tally::new(id, true, annotators);
        let person = |name: &AnnotatorName| AnnotatorStats {
            name: name.to_string(),
            ..AnnotatorStats::default()
        };
        Self {
            project: name.clone(),
            articles: 0,
            characters: 0,
            unreadable: 0,
            annotators: annotators.iter().map(person).collect(),
            labels: schema.labels().iter().map(|label| tally(label.id.as_str())).collect(),
            relations: schema.relations().iter().map(|kind| tally(kind.id.as_str())).collect(),
        }
    }

    fn count_set(&mut self, person: usize, set: &SetSummary) {
        let Some(person) = self.annotators.get_mut(person) else { return };
        *match set.state {
            State::Unseen => &mut person.unseen,
            State::InProgress => &mut person.in_progress,
            State::Done => &mut person.done,
        } += 1;
        person.annotations += set.annotations;
        for (label, count) in &set.by_label {
            add(&mut self.labels, label.as_str(), &person.name, *count);
        }
        for (kind, count) in &set.by_relation {
            person.relations += *count as usize;
            add(&mut self.relations, kind.as_str(), &person.name, *count);
        }
    }
}

/// Counts more of them. What the schema lacks gets a place of its own at the end.
fn add(tallies: &mut Vec<Tally>, id: &str, annotator: &str, count: u32) {
    let count = count as usize;
    let index = tallies.iter().position(|tally| tally.id == id).unwrap_or_else(|| {
        tallies.push(Tally::new(id, false, &[]));
        tallies.len() - 1
    });
    if let Some(tally) = tallies.get_mut(index) {
        tally.total += count;
        match tally.by_annotator.get_mut(annotator) {
            Some(known) => *known += count,
            None => drop(tally.by_annotator.insert(annotator.to_owned(), count)),
        }
    }
}

pub(super) fn run(arguments: &StatsArguments, output: &mut Output) -> Outcome {
    let root = &arguments.project.project;
    let Opened { folder, project, .. } = super::open(root, output)?;
    let mut counting = Counting { stats: Stats::new(&project), line: ProgressLine::new() };
    let problems = survey(&folder, &project.annotators, &mut counting)
        .map_err(|error| store_failure(root, &error))?;
    counting.line.clear();
    let mut stats = counting.stats;
    stats.unreadable = problems.len();
    for problem in problems {
        output.remark(problem_line(root, &problem))?;
    }
    if arguments.json {
        output.json(&stats)?;
    } else {
        print(&stats, output)?;
    }
    Ok(if stats.unreadable > 0 { Verdict::DataAtFault } else { Verdict::Done })
}

/// Counts what a survey finds. What was noticed in files that could be read is for
/// `check` to say.
struct Counting {
    stats: Stats,
    line: ProgressLine,
}

impl Survey for Counting {
    fn found(&mut self, surveyed: &Surveyed<'_>) {
        if surveyed.person == 0 {
            self.stats.articles += 1;
            self.stats.characters += surveyed.chars.0 as usize;
        }
        if let Some(set) = surveyed.set {
            self.stats.count_set(surveyed.person, set);
        }
    }

    fn progress(&mut self, done: usize, of: usize, id: &ArticleId) {
        self.line.draw(done, Some(of), Path::new(id.as_str()));
    }
}

fn print(stats: &Stats, output: &mut Output) -> Result<(), Failure> {
    let (articles, characters) =
        (count(stats.articles, "article"), count(stats.characters, "character"));
    output.line(&stats.project)?;
    output.line(format_args!("{articles}, {characters}"))?;
    if stats.annotators.is_empty() {
        return output.line("no annotators yet; add one with --annotator NAME");
    }
    let head = ["annotator", "unseen", "in progress", "done", "annotations", "relations"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(stats.annotators.iter().map(|person| {
        let AnnotatorStats { name, unseen, in_progress, done, annotations, relations } = person;
        let numbers = [unseen, in_progress, done, annotations, relations];
        std::iter::once(name.clone()).chain(numbers.map(ToString::to_string)).collect()
    }));
    print_table(&rows, output)?;
    print_tallies("label", &stats.labels, stats, output)?;
    print_tallies("relation", &stats.relations, stats, output)
}

fn print_tallies(
    what: &str,
    tallies: &[Tally],
    stats: &Stats,
    output: &mut Output,
) -> Result<(), Failure> {
    if tallies.is_empty() {
        return Ok(());
    }
    let names = stats.annotators.iter().map(|person| person.name.clone());
    let mut rows: Vec<Vec<_>> = vec![std::iter::once(what.to_owned()).chain(names).collect()];
    rows.extend(tallies.iter().map(|tally| {
        let of = |person: &AnnotatorStats| tally.by_annotator.get(&person.name).copied();
        let counts = stats.annotators.iter().map(|person| of(person).unwrap_or(0).to_string());
        let mark = if tally.in_schema { "" } else { " (not in the schema)" };
        std::iter::once(format!("{}{mark}", tally.id)).chain(counts).collect()
    }));
    print_table(&rows, output)
}

fn print_table(rows: &[Vec<String>], output: &mut Output) -> Result<(), Failure> {
    output.line("")?;
    table(rows).iter().try_for_each(|line| output.line(line))
}
