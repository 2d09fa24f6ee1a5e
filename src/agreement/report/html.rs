//! A report as one HTML file that needs nothing else: no script, no font, no picture.
//!
//! Every text that comes out of a project is escaped, and a policy in the page forbids it to
//! load or run anything should that ever fail.

use super::super::Score;
use super::super::bootstrap::Estimate;
use super::super::gamma::GammaError;
use super::super::spans::TOKEN_KAPPA_CAVEAT;
use super::{GammaScore, Measures, Report, TokenFleiss};
use std::fmt::Write as _;

const HEAD: &str = r#"<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: .5rem 0 1.5rem }
caption { text-align: left; font-weight: 600; padding: .3rem 0 }
th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #8884; font-variant-numeric: tabular-nums }
th:first-child, td:first-child { text-align: left }
.range, .note { color: #777; font-size: 85% }
.bar { display: inline-block; height: .7em; background: #1f6fb5 }
</style>
"#;

/// The report of a project with this name.
pub fn html(report: &Report, project: &str) -> String {
    let mut page = Page { text: HEAD.to_owned() };
    let title = format!("Agreement: {project}");
    page.text
        .push_str(&format!("<title>{0}</title></head><body>\n<h1>{0}</h1>\n", escaped(&title)));
    let name = |at: usize| report.annotators.get(at).map_or("", |name| name.as_str());
    let mut rows = vec![measures_row("all annotators", report.by_article.len(), &report.overall)];
    for pair in &report.pairs {
        let names = format!("{} / {}", name(pair.annotators.0), name(pair.annotators.1));
        rows.push(measures_row(&names, pair.articles, &pair.measures));
    }
    page.table("Annotators", &MEASURES, rows);
    page.note(
        "In parentheses: 95 % interval, by resampling articles. Undefined: nothing to measure.",
    );
    if let Some(TokenFleiss { articles, kappa }) = report.token_fleiss {
        let articles = format!("{articles} article{}", if articles == 1 { "" } else { "s" });
        page.text.push_str(&format!(
            "<p>Fleiss’ κ over tokens *, of {articles} that three annotators or more have: {}</p>\n",
            estimated(kappa)
        ));
    }
    page.note(&format!("* {TOKEN_KAPPA_CAVEAT}"));
    page.labels(report);
    if let Some(of_all) = report.overall.of_all(report.by_article.len()) {
        page.note(&format!("α_U 2004 of labels: {of_all}."));
    }
    page.articles(report);
    page.confusion(report);
    page.boundaries(report);
    page.attributes(report);
    page.time(report);
    page.gold(report);
    page.text.push_str("</body></html>\n");
    page.text
}

const MEASURES: [&str; 10] = [
    "annotators",
    "articles",
    "F1 exact",
    "F1 overlap",
    "uα",
    "|uα",
    "cuα",
    "α_U 2004",
    "γ",
    "token κ *",
];

fn measures_row(name: &str, articles: usize, measures: &Measures) -> Vec<String> {
    let of_all = measures.of_all(articles);
    let with_scope = |number: String| match &of_all {
        Some(words) if measures.complete == 0 => words.clone(),
        Some(words) => format!("{number} <span class=\"range\">{words}</span>"),
        None => number,
    };
    let gamma = match &measures.gamma {
        GammaScore::Known { estimate, .. } => with_scope(estimated(*estimate)),
        GammaScore::NotAsked => "not measured".to_owned(),
        GammaScore::Failed(GammaError::NoneOfAll) => with_scope(String::new()),
        GammaScore::Failed(error) => escaped(&error.to_string()),
    };
    vec![
        escaped(name),
        articles.to_string(),
        estimated(measures.f1_exact),
        estimated(measures.f1_overlap),
        estimated(measures.u_alpha),
        estimated(measures.u_alpha_presence),
        estimated(measures.u_alpha_coding),
        with_scope(measures.alpha_2004.to_string()),
        gamma,
        estimated(measures.token_kappa),
    ]
}

fn estimated(Estimate { score, interval }: Estimate) -> String {
    match interval {
        Some((low, high)) => {
            let (low, high) = (Score::Known(low), Score::Known(high));
            format!("{score} <span class=\"range\">({low} to {high})</span>")
        }
        None => score.to_string(),
    }
}

struct Page {
    text: String,
}

impl Page {
    /// A table of cells that are HTML already.
    fn table(&mut self, caption: &str, head: &[&str], rows: Vec<Vec<String>>) {
        if rows.is_empty() {
            return;
        }
        self.text.push_str(&format!("<table><caption>{}</caption>\n<tr>", escaped(caption)));
        head.iter().for_each(|cell| self.text.push_str(&format!("<th>{}</th>", escaped(cell))));
        self.text.push_str("</tr>\n");
        for row in rows {
            self.text.push_str("<tr>");
            for cell in row {
                // Writing to a string does not fail.
                let _ = write!(self.text, "<td>{cell}</td>");
            }
            self.text.push_str("</tr>\n");
        }
        self.text.push_str("</table>\n");
    }

    fn note(&mut self, note: &str) {
        self.text.push_str(&format!("<p class=\"note\">{}</p>\n", escaped(note)));
    }

    fn labels(&mut self, report: &Report) {
        let names = report.annotators.iter().map(|name| name.as_str());
        let head = ["label", "F1 exact", "F1 overlap", "uα", "α_U 2004", "differences"];
        let head: Vec<&str> = head.into_iter().chain(names).collect();
        let row = |line: &super::LabelLine| {
            let mut row = vec![
                escaped(line.label.as_str()),
                estimated(line.f1_exact),
                estimated(line.f1_overlap),
                estimated(line.u_alpha),
                line.alpha_2004.to_string(),
                line.cases.len().to_string(),
            ];
            row.extend(line.counts.iter().map(ToString::to_string));
            row
        };
        self.table("Labels", &head, report.by_label.iter().map(row).collect());
    }

    fn articles(&mut self, report: &Report) {
        let row = |line: &super::ArticleLine| {
            let id = report.articles.get(line.article).map_or("", |id| id.as_str());
            vec![
                escaped(id),
                line.annotators.to_string(),
                line.f1_exact.to_string(),
                line.f1_overlap.to_string(),
                line.u_alpha.to_string(),
                line.cases.len().to_string(),
            ]
        };
        let head = ["article", "annotators", "F1 exact", "F1 overlap", "uα", "differences"];
        self.table("Articles", &head, report.by_article.iter().map(row).collect());
    }

    fn confusion(&mut self, report: &Report) {
        let label = |at: usize| report.labels.get(at).map_or("unlabelled", |label| label.as_str());
        let size = report.confusion.size;
        let head: Vec<&str> = std::iter::once("").chain((0..size).map(label)).collect();
        let row = |row: usize| {
            let counts =
                (0..size).map(|column| report.confusion.cell(row, column).len().to_string());
            std::iter::once(escaped(label(row))).chain(counts).collect()
        };
        self.table(
            "Labels against labels (rows: the first of two annotators)",
            &head,
            (0..size).map(row).collect(),
        );
    }

    fn boundaries(&mut self, report: &Report) {
        let most = report.boundaries.iter().map(|bar| bar.starts.len().max(bar.ends.len())).max();
        let most = most.unwrap_or(0).max(1);
        let drawn = |count: usize| {
            let width = 12.0 * count as f64 / most as f64;
            format!("{count} <span class=\"bar\" style=\"width:{width:.1}em\"></span>")
        };
        let rows = report.boundaries.iter().filter(|bar| bar.starts.len() + bar.ends.len() > 0);
        let rows = rows.map(|bar| vec![bar.name(), drawn(bar.starts.len()), drawn(bar.ends.len())]);
        self.table(
            "Boundaries, characters further right",
            &["by", "starts", "ends"],
            rows.collect(),
        );
    }

    fn attributes(&mut self, report: &Report) {
        let row = |line: &super::AttributeLine| {
            let alphas = line
                .alphas
                .iter()
                .map(|(metric, alpha)| format!("{} {alpha}", format!("{metric:?}").to_lowercase()));
            vec![
                escaped(line.label.as_str()),
                escaped(line.attribute.as_str()),
                line.items.to_string(),
                line.same.to_string(),
                alphas.collect::<Vec<_>>().join(", "),
            ]
        };
        let rows = report.attributes.iter().filter(|line| line.items > 0).map(row);
        self.table("Attributes", &["label", "attribute", "compared", "same", "α"], rows.collect());
    }

    fn time(&mut self, report: &Report) {
        let day = |period: &super::Period| {
            vec![
                period.day.to_string(),
                period.articles.to_string(),
                period.f1_exact.to_string(),
                period.f1_overlap.to_string(),
            ]
        };
        let head = ["day of last change", "articles", "F1 exact", "F1 overlap"];
        self.table("Over time", &head, report.periods.iter().map(day).collect());
        let pace = |pace: &super::Pace| {
            let per_hour =
                pace.per_hour.value().map_or("undefined".to_owned(), |n| format!("{n:.0}"));
            vec![
                escaped(pace.annotator.as_str()),
                pace.articles.to_string(),
                pace.annotations.to_string(),
                format!("{:.1}", pace.seconds as f64 / 3600.0),
                per_hour,
            ]
        };
        let head = ["annotator", "articles", "annotations", "hours", "annotations an hour"];
        self.table("Pace", &head, report.paces.iter().map(pace).collect());
    }

    fn gold(&mut self, report: &Report) {
        let rows = report.gold.iter().map(|line| {
            let name = report.annotators.get(line.annotator).map_or("", |name| name.as_str());
            let mut row = vec![
                escaped(name),
                line.articles.to_string(),
                estimated(line.f1_exact),
                line.exact.precision().to_string(),
                line.exact.recall().to_string(),
                estimated(line.f1_overlap),
            ];
            row.extend(line.semeval.iter().map(|(_, counts)| counts.f1().to_string()));
            row.push(line.cases.len().to_string());
            row
        });
        let head = [
            "annotator",
            "articles",
            "F1 exact",
            "precision",
            "recall",
            "F1 overlap",
            "strict",
            "exact",
            "partial",
            "type",
            "differences",
        ];
        self.table("Against gold", &head, rows.collect());
    }
}

/// Text that means nothing to a browser.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // These move the text around them.
            '\u{61c}' | '\u{200e}' | '\u{200f}' => {}
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What tries to be markup, an attribute, an entity, a direction and a control at once.
    const HOSTILE: &str = "<img src=x onerror=\"alert('1')\">&lt;\u{202e}\u{200e}\u{200f}\u{61c}\u{2067}\u{1b}[31m\u{0}";

    #[test]
    fn hostile_text_is_only_text_and_names_refuse_it_before() {
        use crate::model::{AnnotatorName, ArticleId, AttributeId, LabelId};
        let safe = escaped(HOSTILE);
        assert_eq!(safe, "&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;lt; [31m ");
        let page = html(&Report::default(), HOSTILE);
        assert!(page.contains(&safe) && !page.contains("<img"));
        // What else stands in the page is ids, which hold nothing of the kind.
        for part in ["<", "\"", "&", "\u{202e}", "\u{200e}", "\u{200f}", "\u{61c}", "\u{1b}"] {
            let name = format!("a{part}b");
            assert!(AnnotatorName::new(&name).is_err() && ArticleId::new(&name).is_err());
            assert!(LabelId::new(&name).is_err() && AttributeId::new(&name).is_err());
        }
    }

    #[test]
    fn a_name_is_only_text() {
        let page = html(&Report::default(), "<script>alert('x')</script>\u{202e}\u{7}&");
        assert!(!page.contains("<script"));
        assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp;"));
        assert!(!page.contains("src=") && !page.contains("href="));
    }
}
