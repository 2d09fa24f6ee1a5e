//! `copydesk assign`: who annotates what, and how far everybody is with it.

use super::output::{Failure, Outcome, Output, Verdict, count, table};
use super::store_failure;
use crate::model::{AnnotatorName, ArticleId, Assignment};
use crate::review::{Begun, Draw, DrawError, Matrix, draw};
use crate::session::review::{ground, progress_matrix};
use crate::store::{Opened, ProjectFolder, StoreError, Writer};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Assign articles to annotators, and show how far they are
///
/// Articles that nobody has yet are drawn among the annotators, evenly; what somebody has
/// stays theirs. Without --annotators nothing is assigned. The last draw can be taken back
/// on the computer that made it.
#[derive(Debug, clap::Args)]
pub(super) struct AssignArguments {
    #[command(flatten)]
    project: super::ProjectArgument,
    /// Who gets articles, separated by commas
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = super::annotator)]
    annotators: Vec<AnnotatorName>,
    /// How many annotators the articles of the share get
    #[arg(long, value_name = "K", default_value_t = 2, requires = "annotators")]
    overlap: usize,
    /// The share of the articles that get several annotators, from 0 to 1
    #[arg(long, value_name = "PART", default_value_t = 0.2, requires = "annotators")]
    share: f64,
    /// The same seed draws the same
    #[arg(long, value_name = "N", default_value_t = 1, requires = "annotators")]
    seed: u64,
    /// Draw all articles anew; who has begun an article of theirs keeps it
    #[arg(long, requires = "annotators")]
    all: bool,
    /// Take the last draw back
    #[arg(long, conflicts_with_all = ["annotators", "own_only", "blind"])]
    undo: bool,
    /// Whether annotators see their own articles alone
    #[arg(long, value_name = "true|false")]
    own_only: Option<bool>,
    /// Whether a reviewer sees letters in the place of names
    #[arg(long, value_name = "true|false")]
    blind: Option<bool>,
    /// Print JSON instead of lines
    #[arg(long)]
    json: bool,
}

/// The answer, as `--json` shows it.
#[derive(Serialize)]
struct Answer {
    drawn: usize,
    seed: u64,
    own_only: bool,
    blind: bool,
    unassigned: usize,
    annotators: Vec<Row>,
    articles: BTreeMap<String, Vec<String>>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    assigned: usize,
    unseen: usize,
    in_progress: usize,
    done: usize,
    others: usize,
    /// With each annotator: how many articles both have, and both have finished.
    shared: BTreeMap<String, (usize, usize)>,
}

/// Why the assignment was not changed.
enum Refused {
    Store(StoreError),
    Draw(DrawError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

pub(super) fn run(arguments: &AssignArguments, output: &mut Output) -> Outcome {
    let root = &arguments.project.project;
    let Opened { folder, project, .. } = super::open(root, output)?;
    let failure = |error: StoreError| store_failure(root, &error);
    let (articles, begun) = ground(&folder).map_err(failure)?;
    let mut drawn = 0;
    let changes = !arguments.annotators.is_empty()
        || arguments.own_only.is_some()
        || arguments.blind.is_some();
    let assignment = if arguments.undo {
        take_back(&folder, root, output)?
    } else if changes {
        if arguments.blind == Some(false) {
            // Once names are shown, people see whose letters were whose.
            folder.forget_letters().map_err(failure)?;
        }
        let mut known = project.annotators.clone();
        for name in &arguments.annotators {
            let apart = name.ensure_own_folder(&known);
            apart.map_err(|error| Failure::Call(error.to_string()))?;
            known.push(name.clone());
        }
        let changed = folder.draw_assignment(|assignment| {
            drawn = change(assignment, &articles, &begun, arguments)?;
            Ok(())
        });
        let (assignment, _) = changed.map_err(|refused| match refused {
            Refused::Store(error) => failure(error),
            Refused::Draw(error) => Failure::Call(error.to_string()),
        })?;
        // Behind the draw: one that is refused changes nothing.
        let mut writer = Writer::new(folder.clone());
        for name in &arguments.annotators {
            writer.add_annotator(name).map_err(failure)?;
        }
        assignment
    } else {
        folder.read_assignment().map_err(failure)?
    };
    let mut annotators = project.annotators;
    let new = arguments.annotators.iter().filter(|name| !annotators.contains(name));
    let new: Vec<_> = new.cloned().collect();
    annotators.extend(new);
    let found = progress_matrix(&folder, &annotators, &assignment);
    let (matrix, problems) = found.map_err(failure)?;
    let mut verdict = Verdict::Done;
    for problem in problems {
        if problem.is_fault {
            verdict = Verdict::DataAtFault;
        }
        output.remark(super::problem_line(root, &problem))?;
    }
    if arguments.json {
        output.json(&answer(drawn, &assignment, &matrix))?;
    } else {
        print(drawn, changes, &matrix, output)?;
    }
    Ok(verdict)
}

fn change(
    assignment: &mut Assignment,
    articles: &[ArticleId],
    begun: &Begun,
    arguments: &AssignArguments,
) -> Result<usize, Refused> {
    assignment.own_only = arguments.own_only.unwrap_or(assignment.own_only);
    assignment.blind = arguments.blind.unwrap_or(assignment.blind);
    if arguments.annotators.is_empty() {
        return Ok(0);
    }
    let AssignArguments { overlap, share, seed, all, .. } = *arguments;
    let of = Draw { annotators: arguments.annotators.clone(), overlap, share, seed, all };
    draw(assignment, articles, &of, begun).map_err(Refused::Draw)
}

/// Takes the last draw back.
fn take_back(
    folder: &ProjectFolder,
    root: &Path,
    output: &mut Output,
) -> Result<Assignment, Failure> {
    let failure = |error: StoreError| store_failure(root, &error);
    let last = folder.last_draw().map_err(failure)?;
    let nothing = || Failure::Data("no draw of this computer is left to undo".to_owned());
    let (now, others) = folder.take_draw_back(&last.ok_or_else(nothing)?).map_err(failure)?;
    if others > 0 {
        let others = count(others, "article");
        output.remark(format_args!("{others} assigned otherwise since: left as they are"))?;
    }
    Ok(now)
}

fn answer(drawn: usize, assignment: &Assignment, matrix: &Matrix) -> Answer {
    let rows = matrix.annotators.iter().zip(&matrix.standings).zip(&matrix.shared);
    let articles = assignment.articles.iter().map(|(article, names)| {
        (article.to_string(), names.iter().map(ToString::to_string).collect())
    });
    Answer {
        drawn,
        seed: assignment.seed,
        own_only: assignment.own_only,
        blind: assignment.blind,
        unassigned: matrix.unassigned,
        annotators: rows
            .map(|((name, standing), shared)| Row {
                name: name.to_string(),
                assigned: standing.assigned,
                unseen: standing.unseen,
                in_progress: standing.in_progress,
                done: standing.done,
                others: standing.others,
                shared: matrix
                    .annotators
                    .iter()
                    .map(ToString::to_string)
                    .zip(shared.iter().copied())
                    .collect(),
            })
            .collect(),
        articles: articles.collect(),
    }
}

fn print(drawn: usize, changes: bool, matrix: &Matrix, output: &mut Output) -> Result<(), Failure> {
    let unassigned = matrix.unassigned;
    if changes {
        output.line(format_args!("{} assigned, {unassigned} nobody's", count(drawn, "article")))?;
    } else {
        output.line(format_args!("{} nobody's", count(unassigned, "article")))?;
    }
    let names = matrix.annotators.iter().map(ToString::to_string);
    let head = ["annotator", "assigned", "unseen", "in progress", "done", "others"];
    let mut rows: Vec<Vec<String>> =
        vec![head.map(str::to_owned).into_iter().chain(names).collect()];
    let standings = matrix.annotators.iter().zip(&matrix.standings).zip(&matrix.shared);
    rows.extend(standings.map(|((name, standing), shared)| {
        let numbers = [
            standing.assigned,
            standing.unseen,
            standing.in_progress,
            standing.done,
            standing.others,
        ];
        let shared = shared.iter().map(|(both, done)| format!("{done}/{both}"));
        let numbers = numbers.iter().map(ToString::to_string);
        std::iter::once(name.to_string()).chain(numbers).chain(shared).collect()
    }));
    table(&rows).iter().try_for_each(|line| output.line(line))
}
