//! `articles/<article>.ron`: text and metadata.

use super::conflict::conflict_fault;
use super::render::{Layout, Parts, raw_string, string};
use super::{FORMAT, Fault, bad_value, parse_file};
use crate::model::{Article, ArticleId, ArticleMeta, TextHash};
use crate::store::error::Cause;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireArticle {
    format: u32,
    id: String,
    title: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    date: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    language: String,
    sha256: String,
    text: String,
}

/// Reads an article and checks its text against its hash.
pub(in crate::store) fn read_article(text: &str, expected: &ArticleId) -> Result<Article, Fault> {
    let wire: WireArticle = parse_file(text, |wire: &WireArticle| wire.format)?;
    if wire.id != expected.as_str() {
        let expected = expected.to_string();
        return Err(Cause::IdMismatch { what: "article", expected, found: wire.id }.into());
    }
    let date = if wire.date.is_empty() { None } else { Some(wire.date.parse()) };
    let date = date
        .transpose()
        .map_err(|_| bad_value(format!("{:?} is no date like 2023-02-18", wire.date)))?;
    let hash = read_hash(&wire.sha256)?;
    let WireArticle { title, source, url, language, .. } = wire;
    let meta = ArticleMeta { title, source, date, url, language };
    let article = Article::new(expected.clone(), meta, wire.text);
    if article.hash() == hash {
        return Ok(article);
    }
    Err(conflict_fault(text).unwrap_or_else(|| Cause::HashMismatch.into()))
}

pub(super) fn read_hash(hex: &str) -> Result<TextHash, Cause> {
    TextHash::from_hex(hex)
        .ok_or_else(|| bad_value("sha256 is not 64 lower-case hexadecimal digits"))
}

/// The file of an article.
pub(in crate::store) fn write_article(article: &Article) -> String {
    let meta = article.meta();
    let mut out = String::with_capacity(article.text().len() + 512);
    let mut file = Parts::of_struct(&mut out, Layout::Block(1));
    file.plain("format", FORMAT);
    file.string("id", article.id().as_str());
    string(file.field("title"), &meta.title);
    file.string("source", &meta.source);
    if let Some(date) = meta.date {
        file.string("date", &date.to_string());
    }
    file.string("url", &meta.url);
    file.string("language", &meta.language);
    file.string("sha256", &article.hash().to_string());
    raw_string(file.field("text"), article.text());
    file.close();
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Texts that break other writers: quotes before hashes, lone CR, separators that
    /// some take for line ends, NUL, marks that combine with the quotation mark.
    fn text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("\"#"),
            Just("\"##"),
            Just("\""),
            Just("#"),
            Just("\r"),
            Just("\r\n"),
            Just("\n"),
            Just("\u{2028}"),
            Just("\0"),
            Just("\\"),
            Just("\\n"),
            Just("👩‍👩‍👧"),
            Just("\u{301}"),
            Just("کراچی"),
            Just("plain"),
            Just("\u{feff}"),
            Just("\u{85}"),
        ];
        let pieces = prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat());
        prop_oneof![pieces, any::<String>()]
    }

    proptest! {
        #[test]
        fn read_after_write_is_the_identity(
            body in text(), title in text(), source in text(), url in text(), day in 0..40_000i32,
        ) {
            let id = ArticleId::new("a").unwrap();
            let date = jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(day);
            let date = (day % 2 == 0).then_some(date);
            let meta = ArticleMeta { title, source, date, url, language: "en".to_owned() };
            let article = Article::new(id.clone(), meta, body);
            prop_assert_eq!(read_article(&write_article(&article), &id).unwrap(), article);
        }
    }

    #[test]
    fn an_article_reads_as_the_documentation_shows() {
        let meta = ArticleMeta {
            title: "Three-hour siege".to_owned(),
            date: Some(jiff::civil::date(2023, 2, 18)),
            language: "en".to_owned(),
            ..ArticleMeta::default()
        };
        let id = ArticleId::new("three-hour-siege").unwrap();
        let article = Article::new(id, meta, "Three-hour siege\nHe said \"no\".");
        let expected = "(
    format: 1,
    id: \"three-hour-siege\",
    title: \"Three-hour siege\",
    date: \"2023-02-18\",
    language: \"en\",
    sha256: \"HASH\",
    text: r#\"Three-hour siege
He said \"no\".\"#,
)
";
        let expected = expected.replace("HASH", &article.hash().to_string());
        assert_eq!(write_article(&article), expected);
    }
}
