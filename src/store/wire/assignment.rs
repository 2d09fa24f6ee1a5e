//! `assignment.ron`: who annotates what, one article a line.

use super::render::{Layout, Parts, string, strings};
use super::{FORMAT, Fault, bad_value, parse_file};
use crate::model::{AnnotatorName, ArticleId, Assignment};
use crate::store::error::Cause;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireAssignment {
    format: u32,
    seed: u64,
    #[serde(default)]
    own_only: bool,
    #[serde(default)]
    blind: bool,
    #[serde(default)]
    articles: Vec<(String, Vec<String>)>,
}

/// Reads the file.
pub(in crate::store) fn read_assignment(text: &str) -> Result<Assignment, Fault> {
    let wire: WireAssignment = parse_file(text, |wire: &WireAssignment| wire.format)?;
    let WireAssignment { seed, own_only, blind, articles, .. } = wire;
    let mut assignment = Assignment { seed, own_only, blind, ..Assignment::default() };
    for (article, names) in articles {
        let id = ArticleId::new(&article).map_err(Cause::from)?;
        let names = names.iter().map(AnnotatorName::new).collect::<Result<_, _>>();
        let names = names.map_err(Cause::from)?;
        if assignment.articles.insert(id, names).is_some() {
            return Err(bad_value(format!("the article {article:?} stands twice")).into());
        }
    }
    Ok(assignment)
}

/// The file of an assignment.
pub(in crate::store) fn write_assignment(assignment: &Assignment) -> String {
    let mut out = String::new();
    let mut file = Parts::of_struct(&mut out, Layout::Block(1));
    file.plain("format", FORMAT);
    file.plain("seed", assignment.seed);
    file.plain("own_only", assignment.own_only);
    file.plain("blind", assignment.blind);
    let mut articles = Parts::of_list(file.field("articles"), Layout::Block(2));
    for (article, names) in &assignment.articles {
        let mut line = Parts::of_struct(articles.part(), Layout::Line);
        string(line.part(), article.as_str());
        strings(line.part(), names.iter().map(AnnotatorName::as_str));
        line.close();
    }
    articles.close();
    file.close();
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = r#"(
    format: 1,
    seed: 7,
    own_only: true,
    blind: false,
    articles: [
        ("siege", ["annotator-1", "annotator-2"]),
        ("toll", ["annotator-2"]),
    ],
)
"#;

    #[test]
    fn the_documented_example_is_written_as_it_was_read() {
        let assignment = read_assignment(EXAMPLE).unwrap();
        assert!(assignment.own_only && !assignment.blind && assignment.articles.len() == 2);
        assert_eq!(write_assignment(&assignment), EXAMPLE);
        let twice = EXAMPLE.replace("\"toll\"", "\"siege\"");
        assert!(matches!(read_assignment(&twice).unwrap_err().cause, Cause::BadValue(_)));
        let climbing = EXAMPLE.replace("\"toll\"", "\"../toll\"");
        assert!(matches!(read_assignment(&climbing).unwrap_err().cause, Cause::BadId(_)));
    }
}
