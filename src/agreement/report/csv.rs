//! A report as CSV (RFC 4180): one number a row, so that it can be sorted and filtered.
//!
//! A cell that a spreadsheet would take for a formula is made text with an apostrophe before
//! it. Numbers of our own are left as they are, negative ones included.

use super::super::Score;
use super::super::bootstrap::Estimate;
use super::super::gamma::GammaError;
use super::{GammaScore, Measures, Report, TokenFleiss};

/// The report: columns `section`, `row`, `column`, `value`, `low`, `high`, `cases`.
pub fn csv(report: &Report) -> String {
    let mut table = Table { text: "section,row,column,value,low,high,cases\r\n".to_owned() };
    let name = |at: usize| report.annotators.get(at).map_or("", |name| name.as_str());
    table.measures("all", "all", &report.overall, None);
    table.count("all", "all", "articles", report.by_article.len());
    table.count("all", "all", "articles that all have", report.overall.complete);
    if let Some(TokenFleiss { articles, kappa }) = report.token_fleiss {
        table.estimate("all", "all", "token fleiss kappa (misleads for spans)", kappa, None);
        table.count("all", "all", "articles of three or more", articles);
    }
    for pair in &report.pairs {
        let row = format!("{} / {}", name(pair.annotators.0), name(pair.annotators.1));
        table.measures("annotators", &row, &pair.measures, Some(pair.cases.len()));
    }
    for line in &report.by_label {
        let (row, cases) = (line.label.as_str(), Some(line.cases.len()));
        table.estimate("label", row, "f1 exact", line.f1_exact, cases);
        table.estimate("label", row, "f1 overlap", line.f1_overlap, cases);
        table.estimate("label", row, "u-alpha", line.u_alpha, cases);
        table.estimate("label", row, "alpha-u 2004", line.alpha_2004.into(), cases);
    }
    for line in &report.by_article {
        let row = report.articles.get(line.article).map_or("", |id| id.as_str());
        let cases = Some(line.cases.len());
        table.estimate("article", row, "f1 exact", line.f1_exact.into(), cases);
        table.estimate("article", row, "f1 overlap", line.f1_overlap.into(), cases);
        table.estimate("article", row, "u-alpha", line.u_alpha.into(), cases);
    }
    let label = |at: usize| report.labels.get(at).map_or("unlabelled", |label| label.as_str());
    for row in 0..report.confusion.size {
        for column in 0..report.confusion.size {
            let count = report.confusion.cell(row, column).len();
            table.count("confusion", label(row), label(column), count);
        }
    }
    for bar in &report.boundaries {
        table.count("boundary", &bar.by.to_string(), "starts", bar.starts.len());
        table.count("boundary", &bar.by.to_string(), "ends", bar.ends.len());
    }
    for line in &report.attributes {
        let row = format!("{} {}", line.label, line.attribute);
        for (metric, alpha) in &line.alphas {
            let column = format!("alpha {metric:?}").to_lowercase();
            table.estimate("attribute", &row, &column, (*alpha).into(), Some(line.cases.len()));
        }
    }
    for period in &report.periods {
        let (row, cases) = (period.day.to_string(), Some(period.cases.len()));
        table.estimate("day", &row, "f1 exact", period.f1_exact.into(), cases);
        table.estimate("day", &row, "f1 overlap", period.f1_overlap.into(), cases);
    }
    for pace in &report.paces {
        let row = pace.annotator.as_str();
        table.count("pace", row, "articles", pace.articles);
        table.count("pace", row, "annotations", pace.annotations);
        table.estimate("pace", row, "annotations an hour", pace.per_hour.into(), None);
    }
    for line in &report.gold {
        let (row, cases) = (name(line.annotator), Some(line.cases.len()));
        table.estimate("gold", row, "f1 exact", line.f1_exact, cases);
        table.estimate("gold", row, "precision", line.exact.precision().into(), cases);
        table.estimate("gold", row, "recall", line.exact.recall().into(), cases);
        table.estimate("gold", row, "f1 overlap", line.f1_overlap, cases);
        for (scheme, counts) in &line.semeval {
            for (what, score) in [
                ("precision", counts.precision()),
                ("recall", counts.recall()),
                ("f1", counts.f1()),
            ] {
                let column = format!("semeval {} {what}", scheme.name());
                table.estimate("gold", row, &column, score.into(), cases);
            }
        }
    }
    table.text
}

struct Table {
    text: String,
}

impl Table {
    fn measures(&mut self, section: &str, row: &str, measures: &Measures, cases: Option<usize>) {
        let Measures { f1_exact, f1_overlap, u_alpha, u_alpha_presence, u_alpha_coding, .. } =
            measures;
        for (column, estimate) in [
            ("f1 exact", *f1_exact),
            ("f1 overlap", *f1_overlap),
            ("u-alpha", *u_alpha),
            ("|u-alpha", *u_alpha_presence),
            ("cu-alpha", *u_alpha_coding),
            ("alpha-u 2004", measures.alpha_2004.into()),
        ] {
            self.estimate(section, row, column, estimate, cases);
        }
        let names = [section, row, "gamma"];
        let without = |why: &str| [why.to_owned(), String::new(), String::new()];
        match &measures.gamma {
            GammaScore::Known { estimate, .. } => {
                self.estimate(section, row, "gamma", *estimate, cases);
            }
            GammaScore::NotAsked => self.line(names, &without("not measured"), cases),
            GammaScore::Failed(GammaError::NoneOfAll) => {
                self.line(names, &without("no article has the annotations of all"), cases);
            }
            GammaScore::Failed(_) => self.line(names, &without("too tangled"), cases),
        }
        let column = "token kappa (misleads for spans)";
        self.estimate(section, row, column, measures.token_kappa, cases);
    }

    fn count(&mut self, section: &str, row: &str, column: &str, count: usize) {
        self.line([section, row, column], &[count.to_string(), String::new(), String::new()], None);
    }

    fn estimate(
        &mut self,
        section: &str,
        row: &str,
        column: &str,
        Estimate { score, interval }: Estimate,
        cases: Option<usize>,
    ) {
        let value = match score {
            Score::Known(value) => value.to_string(),
            Score::Undefined => "undefined".to_owned(),
        };
        let bound = |of: fn((f64, f64)) -> f64| {
            interval.map_or_else(String::new, |interval| of(interval).to_string())
        };
        let numbers = [value, bound(|(low, _)| low), bound(|(_, high)| high)];
        self.line([section, row, column], &numbers, cases);
    }

    fn line(&mut self, names: [&str; 3], numbers: &[String; 3], cases: Option<usize>) {
        let cases = cases.map_or_else(String::new, |cases| cases.to_string());
        let names = names.map(cell);
        let cells: Vec<&str> =
            names.iter().chain(numbers).map(String::as_str).chain([cases.as_str()]).collect();
        self.text.push_str(&cells.join(","));
        self.text.push_str("\r\n");
    }
}

/// A text as a cell that no spreadsheet runs.
fn cell(text: &str) -> String {
    let is_number = text.parse::<f64>().is_ok();
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number;
    let safe = if is_formula { format!("'{text}") } else { text.to_owned() };
    if safe.contains(['"', ',', '\n', '\r', ';']) {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gamma_that_was_not_measured_is_not_undefined() {
        use crate::agreement::gamma::GammaError;
        let with = |gamma| {
            let mut report = Report::default();
            report.overall.gamma = gamma;
            csv(&report)
        };
        let known = GammaScore::Known {
            estimate: Estimate::default(),
            observed: Score::Undefined,
            expected: Score::Undefined,
            samples: 30,
        };
        assert!(with(GammaScore::NotAsked).contains("\r\nall,all,gamma,not measured,,,\r\n"));
        let tangled = GammaScore::Failed(GammaError::TooTangled);
        assert!(with(tangled).contains("\r\nall,all,gamma,too tangled,,,\r\n"));
        assert!(with(known).contains("\r\nall,all,gamma,undefined,,,\r\n"));
    }

    #[test]
    fn a_spreadsheet_runs_nothing() {
        assert_eq!(cell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(cell("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(cell("-2+3"), "'-2+3");
        assert_eq!((cell("-20"), cell("actor")), ("-20".to_owned(), "actor".to_owned()));
        assert_eq!(cell("a,b"), "\"a,b\"");
    }
}
