//! The dataset's card: what `load_dataset` and the hub are to know, and a page to read.

use super::features::{as_yaml, columns};
use super::{ANNOTATORS, SPANS, TOKENS, split_name};
use crate::formats::writing::{Piece, Summary};

pub(super) fn finish(summary: &Summary<'_>) -> Vec<Piece> {
    let mut configs = vec![SPANS, TOKENS];
    if summary.options.has_several_annotators {
        configs.push(ANNOTATORS);
    }
    let mut card = "---\nconfigs:\n".to_owned();
    configs.iter().for_each(|config| card.push_str(&files(config, summary)));
    card.push_str("dataset_info:\n");
    for config in &configs {
        let features = as_yaml(&columns(config, summary.options), 2);
        card.push_str(&format!("- config_name: {config}\n  features:\n{features}"));
    }
    let sizes = summary
        .splits
        .iter()
        .map(|(split, count)| format!("| {} | {count} |\n", split_name(split)));
    // The name of a project is one line of anything.
    let name = summary.project.replace(['<', '>', '\n', '\r'], " ");
    card.push_str(&format!(
        "---\n\n# {name}\n\n{ABOUT}{}\n| split | articles |\n| --- | --- |\n{}\n{}",
        if configs.len() > 2 { ABOUT_ANNOTATORS } else { "" },
        sizes.collect::<String>(),
        labels(summary),
    ));
    vec![Piece { path: "README.md".to_owned(), bytes: card.into_bytes() }]
}

fn files(config: &str, summary: &Summary<'_>) -> String {
    let default = if config == SPANS { "  default: true\n" } else { "" };
    let head = format!("- config_name: {config}\n{default}  data_files:\n");
    let splits = summary.splits.iter().map(|(split, _)| {
        let name = split_name(split);
        format!("  - split: {name}\n    path: {config}/{name}-*.parquet\n")
    });
    head + &splits.collect::<String>()
}

const ABOUT: &str = "\
News articles annotated with Copydesk. Offsets count Unicode code points, as Python strings do; \
ends are exclusive.

- `spans`: a row for each article and annotator, with every annotation, its attributes, its \
note and the relations, whose `from` and `to` are indices into `spans`. An annotation of several \
stretches of text has them in `ranges`; `start` and `end` then go around all of them.
- `tokens`: tags on tokens. Tags cannot say that annotations overlap or consist of several \
stretches; what they leave out is in `spans`.
";

const ABOUT_ANNOTATORS: &str = "\
- `annotators`: a row for each article with what every annotator said.
";

/// A table of what the labels mean.
fn labels(summary: &Summary<'_>) -> String {
    let cell = |text: &str| text.replace('|', "\\|").replace(['\n', '\r'], " ");
    let labels = summary.options.schema.labels();
    let rows = labels.iter().map(|label| {
        format!("| {} | {} | {} |\n", label.id, cell(&label.name), cell(&label.guideline))
    });
    format!("| label | name | guideline |\n| --- | --- | --- |\n{}", rows.collect::<String>())
}
