//! Web pages, reduced to the article by a readability algorithm.
//!
//! Menus, advertisements, scripts, footers and comments go; the paragraphs, headings,
//! list items and captions of the article become lines of text. What the page says
//! about itself (Open Graph, JSON-LD, Dublin Core, `<html lang>`) becomes the article's
//! metadata. The guess of what is the article can be wrong, so the text should be
//! looked over; there is deliberately no second heuristic of our own on top.

mod parse;
mod walk;

use super::lines::with_headline;
use super::{Format, FormatError, Input, OffsetUnit, Read, Reader, decode, meta};
use crate::model::ArticleMeta;
use dom_query::Document;
use dom_smoothie::Readability;
use encoding_rs::Encoding;
use jiff::civil::Date;

pub(super) const FORMAT: Format = Format {
    id: "html",
    name: "Web page",
    extensions: &["html", "htm", "xhtml"],
    offsets: OffsetUnit::None,
    companions: &[],
    reads: Some(Reader::Whole(read)),
    asks: &[],
    writes: None,
    holds: "the article's text; title, source, date, url and language as the page gives them",
    loses: "menus, advertisements, comments, pictures, addresses of links, emphasis",
};

fn read(input: &Input<'_>) -> Result<Read, FormatError> {
    let decoded = decode::decode(input.bytes, declared_encoding(input.bytes))?;
    let document = parse::parse(&decoded.text)?;
    let canonical = document.select("link[rel=canonical]").attr("href");
    let marked_date = marked_date(&document);
    let headline = meta::one_line(&document.select_single("h1").text());
    let mut readability =
        Readability::with_document(document, None, None).map_err(|_| FormatError::NoArticle)?;
    let found = readability.parse().map_err(|_| FormatError::NoArticle)?;
    let body = walk::text_of(&readability.doc.select_single("#readability-page-1"));
    if body.trim().is_empty() {
        return Err(FormatError::NoArticle);
    }
    let (title, text) = with_headline(&title(&found.title, &headline), body);
    if title.is_empty() {
        return Err(FormatError::NoArticle);
    }
    let url = canonical.as_deref().into_iter().chain(found.url.as_deref()).find(|url| is_web(url));
    let meta = ArticleMeta {
        title,
        source: meta::one_line(found.site_name.as_deref().unwrap_or_default()),
        date: found.published_time.as_deref().and_then(meta::date).or(marked_date),
        url: meta::one_line(url.unwrap_or_default()),
        language: language(found.lang.as_deref(), &text),
    };
    Ok(Read::one(super::Document::bare(meta, text), decoded.warnings))
}

/// A page's title often carries the site's name; the first heading inside it does not.
fn title(title: &str, headline: &str) -> String {
    let title = meta::one_line(title);
    let is_part = headline.split(' ').count() >= 3 && title.contains(headline);
    if is_part { headline.to_owned() } else { title }
}

/// Elements that mark the day of publication besides what readability looks at, with the
/// attribute that holds it. Other dates of a page may be of anything.
const DATES: &[(&str, &str)] = &[
    ("meta[itemprop=datePublished]", "content"),
    ("meta[name=date]", "content"),
    ("meta[name=pubdate]", "content"),
    ("[itemprop=datePublished]", "datetime"),
    ("time[pubdate]", "datetime"),
];

fn marked_date(document: &Document) -> Option<Date> {
    DATES.iter().find_map(|(selector, attribute)| {
        meta::date(&document.select_single(selector).attr(attribute)?)
    })
}

fn language(tag: Option<&str>, text: &str) -> String {
    let said = meta::language_code(tag.unwrap_or_default());
    if said.is_empty() { meta::language_of(text) } else { said }
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// How far into a page its encoding may be declared, in bytes; browsers look at 1024.
const DECLARATION: usize = 4096;

/// The encoding that a `<meta charset>` or `<meta http-equiv>` names.
fn declared_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes[..bytes.len().min(DECLARATION)].to_ascii_lowercase();
    let head = String::from_utf8_lossy(&head);
    head.split("<meta").skip(1).find_map(|rest| {
        let tag = rest.split('>').next()?;
        let value = tag.split_once("charset")?.1.trim_start().strip_prefix('=')?;
        let value = value.trim_start_matches([' ', '"', '\'']);
        let label = value.split([' ', '"', '\'', ';', '/']).next()?;
        Encoding::for_label(label.as_bytes())
    })
}

/// The tags that tell a page or a piece of one, as a browser puts it on the clipboard.
const FIRST_TAGS: &[&str] = &[
    "!doctype html",
    "html",
    "head",
    "body",
    "meta",
    "title",
    "article",
    "main",
    "section",
    "div",
    "p",
    "span",
    "h1",
    "h2",
];

/// Whether a file begins like a web page.
pub(super) fn looks_like(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(DECLARATION)]);
    let mut rest = start.trim_start();
    while let Some(after) = rest
        .strip_prefix("<!--")
        .and_then(|rest| rest.split_once("-->"))
        .or_else(|| rest.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")))
    {
        rest = after.1.trim_start();
    }
    let Some(tag) = rest.strip_prefix('<') else { return false };
    FIRST_TAGS.iter().any(|first| {
        let is_name = tag.get(..first.len()).is_some_and(|name| name.eq_ignore_ascii_case(first));
        let next = tag[first.len().min(tag.len())..].chars().next();
        is_name && next.is_none_or(|next| next == '>' || next == '/' || next.is_whitespace())
    })
}

#[cfg(test)]
mod tests;
