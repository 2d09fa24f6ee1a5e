//! The report as tables for a terminal.

use super::super::output::{Failure, Output, count, table};
use crate::agreement::Score;
use crate::agreement::bootstrap::Estimate;
use crate::agreement::gamma::GammaError;
use crate::agreement::report::{GammaScore, Measures, Report, TokenFleiss};
use crate::agreement::spans::TOKEN_KAPPA_CAVEAT;

pub(super) fn print(report: &Report, project: &str, output: &mut Output) -> Result<(), Failure> {
    output.line(project)?;
    let articles = count(report.by_article.len(), "article");
    if !report.by_article.is_empty() || report.gold.is_empty() {
        output.line(format_args!("{articles} that two annotators or more have finished"))?;
    }
    if report.by_article.is_empty() && report.gold.is_empty() {
        return output.line("nothing to compare yet; see copydesk stats, or try --unfinished");
    }
    if !report.by_article.is_empty() {
        rows(&measures(report), output)?;
        output.line("[low high]: 95 of 100 draws of articles; undefined: nothing to measure")?;
        if let Some(of_all) = report.overall.of_all(report.by_article.len()) {
            output.line(format_args!("alpha-U 2004 and gamma of all: {of_all}"))?;
        }
        if let Some(TokenFleiss { articles, .. }) = report.token_fleiss {
            let articles = count(articles, "article");
            let words = "that three annotators or more have";
            output.line(format_args!("Fleiss: kappa over tokens, of {articles} {words}"))?;
        }
        output.line(format_args!("* {TOKEN_KAPPA_CAVEAT}"))?;
        rows(&labels(report), output)?;
        rows(&by_article(report), output)?;
        rows(&confusion(report), output)?;
        rows(&boundaries(report), output)?;
        rows(&attributes(report), output)?;
        rows(&over_time(report), output)?;
    }
    rows(&paces(report), output)?;
    rows(&gold(report), output)
}

/// A table with an empty line before it; nothing where there is only a head.
fn rows(rows: &[Vec<String>], output: &mut Output) -> Result<(), Failure> {
    if rows.len() < 2 {
        return Ok(());
    }
    output.line("")?;
    table(rows).iter().try_for_each(|line| output.line(line))
}

fn head(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

fn name(report: &Report, at: usize) -> String {
    report.annotators.get(at).map_or_else(String::new, ToString::to_string)
}

fn estimated(Estimate { score, interval }: Estimate) -> String {
    match interval {
        Some((low, high)) => format!("{score} [{} {}]", Score::Known(low), Score::Known(high)),
        None => score.to_string(),
    }
}

/// Articles are shared in parts, and none is of all annotators.
const NONE_OF_ALL: &str = "no article";

/// What is measured goes down, so that intervals have room.
fn measures(report: &Report) -> Vec<Vec<String>> {
    let pairs = report.pairs.iter();
    let pair = |at: (usize, usize)| format!("{}/{}", name(report, at.0), name(report, at.1));
    let mut first = head(&["measure", "all"]);
    let mut columns: Vec<&Measures> = vec![&report.overall];
    if report.pairs.len() > 1 {
        first.extend(pairs.clone().map(|line| pair(line.annotators)));
        columns.extend(pairs.map(|line| &line.measures));
    }
    let row = |what: &str, of: fn(&Measures) -> String| {
        let cells = columns.iter().map(|measures| of(measures));
        std::iter::once(what.to_owned()).chain(cells).collect()
    };
    let mut rows = vec![
        first,
        row("F1 exact", |measures| estimated(measures.f1_exact)),
        row("F1 overlap", |measures| estimated(measures.f1_overlap)),
        row("u-alpha", |measures| estimated(measures.u_alpha)),
        row("|u-alpha", |measures| estimated(measures.u_alpha_presence)),
        row("cu-alpha", |measures| estimated(measures.u_alpha_coding)),
        row("alpha-U 2004", |measures| match measures.complete {
            0 => NONE_OF_ALL.to_owned(),
            _ => measures.alpha_2004.to_string(),
        }),
        row("gamma", |measures| match &measures.gamma {
            GammaScore::Known { estimate, .. } => estimated(*estimate),
            GammaScore::NotAsked => "not measured".to_owned(),
            GammaScore::Failed(GammaError::NoneOfAll) => NONE_OF_ALL.to_owned(),
            GammaScore::Failed(_) => "too tangled".to_owned(),
        }),
        row("token kappa *", |measures| estimated(measures.token_kappa)),
    ];
    let fleiss = report.token_fleiss.map(|found| estimated(found.kappa));
    rows.extend(fleiss.map(|kappa| vec!["Fleiss *".to_owned(), kappa]));
    rows
}

fn labels(report: &Report) -> Vec<Vec<String>> {
    let mut rows = vec![head(&["label", "F1 exact", "F1 overlap", "u-alpha", "differences"])];
    rows[0].extend(report.annotators.iter().map(ToString::to_string));
    rows.extend(report.by_label.iter().map(|line| {
        let mut row = vec![
            line.label.to_string(),
            estimated(line.f1_exact),
            estimated(line.f1_overlap),
            estimated(line.u_alpha),
            line.cases.len().to_string(),
        ];
        row.extend(line.counts.iter().map(ToString::to_string));
        row
    }));
    rows
}

fn by_article(report: &Report) -> Vec<Vec<String>> {
    let mut rows = vec![head(&["article", "F1 exact", "F1 overlap", "u-alpha", "differences"])];
    rows.extend(report.by_article.iter().map(|line| {
        let id = report.articles.get(line.article).map_or_else(String::new, ToString::to_string);
        let scores = [line.f1_exact, line.f1_overlap, line.u_alpha].map(|score| score.to_string());
        std::iter::once(id).chain(scores).chain([line.cases.len().to_string()]).collect()
    }));
    rows
}

fn confusion(report: &Report) -> Vec<Vec<String>> {
    let size = report.confusion.size;
    let label =
        |at: usize| report.labels.get(at).map_or("unlabelled".to_owned(), ToString::to_string);
    let mut rows =
        vec![std::iter::once("first \\ second".to_owned()).chain((0..size).map(label)).collect()];
    rows.extend((0..size).map(|row| {
        let counts = (0..size).map(|column| report.confusion.cell(row, column).len().to_string());
        std::iter::once(label(row)).chain(counts).collect::<Vec<_>>()
    }));
    rows
}

fn boundaries(report: &Report) -> Vec<Vec<String>> {
    let mut rows = vec![head(&["boundary moved by", "starts", "ends"])];
    let bars = report.boundaries.iter().filter(|bar| bar.starts.len() + bar.ends.len() > 0);
    rows.extend(
        bars.map(|bar| vec![bar.name(), bar.starts.len().to_string(), bar.ends.len().to_string()]),
    );
    rows
}

fn attributes(report: &Report) -> Vec<Vec<String>> {
    let mut rows = vec![head(&["attribute", "compared", "same", "alpha"])];
    rows.extend(report.attributes.iter().filter(|line| line.items > 0).map(|line| {
        let alphas = line
            .alphas
            .iter()
            .map(|(metric, alpha)| format!("{} {alpha}", format!("{metric:?}").to_lowercase()));
        let alphas: Vec<String> = alphas.collect();
        let name = format!("{} {}", line.label, line.attribute);
        vec![name, line.items.to_string(), line.same.to_string(), alphas.join(", ")]
    }));
    rows
}

fn over_time(report: &Report) -> Vec<Vec<String>> {
    let mut rows = vec![head(&["last changed", "articles", "F1 exact", "F1 overlap"])];
    rows.extend(report.periods.iter().map(|period| {
        let scores = [period.f1_exact, period.f1_overlap].map(|score| score.to_string());
        [period.day.to_string(), period.articles.to_string()].into_iter().chain(scores).collect()
    }));
    rows
}

fn paces(report: &Report) -> Vec<Vec<String>> {
    let mut rows = vec![head(&["annotator", "articles", "annotations", "hours", "an hour"])];
    rows.extend(report.paces.iter().map(|pace| {
        let per_hour = pace.per_hour.value();
        vec![
            pace.annotator.to_string(),
            pace.articles.to_string(),
            pace.annotations.to_string(),
            format!("{:.1}", pace.seconds as f64 / 3600.0),
            per_hour.map_or_else(|| "undefined".to_owned(), |per_hour| format!("{per_hour:.0}")),
        ]
    }));
    rows
}

fn gold(report: &Report) -> Vec<Vec<String>> {
    let mut rows =
        vec![head(&["against gold", "articles", "F1 exact", "F1 overlap", "precision", "recall"])];
    if let Some(line) = report.gold.first() {
        rows[0].extend(line.semeval.iter().map(|(scheme, _)| scheme.name().to_owned()));
    }
    rows[0].push("differences".to_owned());
    rows.extend(report.gold.iter().map(|line| {
        let mut row = vec![
            name(report, line.annotator),
            line.articles.to_string(),
            estimated(line.f1_exact),
            estimated(line.f1_overlap),
            line.exact.precision().to_string(),
            line.exact.recall().to_string(),
        ];
        row.extend(line.semeval.iter().map(|(_, counts)| counts.f1().to_string()));
        row.push(line.cases.len().to_string());
        row
    }));
    rows
}
