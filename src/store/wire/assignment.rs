//! `assignment.ron`: who annotates what, one article a line.

use super::few::Few;
use super::met::Met;
use super::render::{Layout, Parts, string, strings};
use super::{FORMAT, Fault, parse_file};
use crate::model::{AnnotatorName, ArticleId, Assignment};
use serde::Deserialize;
use serde::de::{Error, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

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
    articles: WireArticles,
}

/// Who annotates what, checked entry by entry: a file of nothing but names that are none is
/// refused at the first.
#[derive(Default)]
struct WireArticles(BTreeMap<ArticleId, Vec<AnnotatorName>>);

impl<'de> Deserialize<'de> for WireArticles {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Articles;
        impl<'de> Visitor<'de> for Articles {
            type Value = WireArticles;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of articles with their annotators")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let (mut articles, mut known) = (BTreeMap::new(), Met::default());
                while let Some((article, Few(names))) =
                    list.next_element::<(String, Few<String>)>()?
                {
                    let id = ArticleId::new(&article).map_err(A::Error::custom)?;
                    // One name has room for four in a list that is collected.
                    let mut who = Vec::with_capacity(names.len());
                    for name in names {
                        who.push(known.annotator(&name).map_err(A::Error::custom)?);
                    }
                    if articles.insert(id, who).is_some() {
                        let twice = format!("the article {article:?} stands twice");
                        return Err(A::Error::custom(twice));
                    }
                }
                Ok(WireArticles(articles))
            }
        }
        deserializer.deserialize_seq(Articles)
    }
}

/// Reads the file.
pub(in crate::store) fn read_assignment(text: &str) -> Result<Assignment, Fault> {
    let wire: WireAssignment = parse_file(text, |wire: &WireAssignment| wire.format)?;
    let WireAssignment { seed, own_only, blind, articles, .. } = wire;
    Ok(Assignment { seed, own_only, blind, articles: articles.0 })
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
        let why = |text: &str| read_assignment(text).unwrap_err().cause.to_string();
        let twice = EXAMPLE.replace("\"toll\"", "\"siege\"");
        assert!(why(&twice).contains("stands twice"), "{}", why(&twice));
        let climbing = EXAMPLE.replace("\"toll\"", "\"../toll\"");
        assert!(why(&climbing).contains("../toll"), "{}", why(&climbing));
    }
}
