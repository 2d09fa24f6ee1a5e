//! Pages as they are found: whole, saved, pasted, odd and hostile.

use super::*;
use std::time::{Duration, Instant};

const PAGE: &str = include_str!("../../../tests/data/page.html");

fn text(page: &str) -> String {
    read(&Input::alone(page.as_bytes(), "")).unwrap().documents[0].text.to_string()
}

#[test]
fn a_page_is_reduced_to_its_article() {
    let read = read(&Input::alone(PAGE.as_bytes(), "")).unwrap();
    let article = &read.documents[0];
    let expected = include_str!("../../../tests/data/page.txt");
    assert_eq!(&*article.text, expected.trim_end());
    assert_eq!(article.meta.title, "Harbour bridge closed after truck fire");
    assert_eq!(article.meta.source, "The Coastal Post");
    assert_eq!(article.meta.date.unwrap().to_string(), "2024-03-09");
    assert_eq!(article.meta.url, "https://example.org/news/harbour-bridge");
    assert_eq!(article.meta.language, "en");
    assert_eq!(read.warnings, []);
}

#[test]
fn pasted_pieces_are_articles_too() {
    let piece = "<meta charset='utf-8'><h1>Short news</h1><p>A bus left the road.</p><p>Nobody was hurt.</p>";
    assert_eq!(text(piece), "Short news\nA bus left the road.\nNobody was hurt.");
    let one = "<p>Police said &quot;nobody&nbsp;was hurt&quot;<br>on Friday.</p>";
    assert_eq!(text(one), "Police said \"nobody\u{a0}was hurt\"\non Friday.");
}

#[test]
fn what_the_page_says_about_itself() {
    let body = "<body><h1>Bus leaves the road near Quetta</h1><p>Nobody was hurt.</p></body>";
    let linked = r#"<script type="application/ld+json">{"@context": "https://schema.org",
        "@type": "NewsArticle", "headline": "Bus leaves the road near Quetta",
        "datePublished": "2024-03-09T07:45:00Z", "publisher": {"name": "Wire &amp; Sons"},
        "url": "https://example.org/bus"}</script>"#;
    let marked = r#"<meta itemprop="datePublished" content="2024-03-09">"#;
    let timed = r#"<time itemprop="datePublished" datetime="2024-03-09 10:00">today</time>"#;
    for head in [linked, marked, timed] {
        let read =
            read(&Input::alone(format!("<head>{head}</head>{body}").as_bytes(), "")).unwrap();
        let meta = &read.documents[0].meta;
        assert_eq!(meta.date.unwrap().to_string(), "2024-03-09", "{head}");
        assert_eq!(meta.title, "Bus leaves the road near Quetta");
        if head == linked {
            assert_eq!(meta.source, "Wire & Sons");
            assert_eq!(meta.url, "https://example.org/bus");
        }
    }
    let other =
        read(&Input::alone(format!("<time datetime=2020-01-01>then</time>{body}").as_bytes(), ""))
            .unwrap();
    assert_eq!(other.documents[0].meta.date, None);
}

#[test]
fn old_pages_break_lines_instead_of_paragraphs() {
    let page = "<body><font size=4><b>Old news</b></font><br><br>\nIt rained on Friday, and\n\
                nobody minded.<br><br>It rained again,<br>and again.<p>Then it stopped</body>";
    let expected = "Old news\nIt rained on Friday, and nobody minded.\nIt rained again,\nand again.\nThen it stopped";
    assert_eq!(text(page), expected);
}

#[test]
fn the_declared_encoding_counts() {
    let page = "<html><head><meta charset=\"windows-1251\"></head><body><p>Полиция сообщила о нападении.</p></body></html>";
    let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(page);
    let read = read(&Input::alone(&bytes, "")).unwrap();
    assert_eq!(&*read.documents[0].text, "Полиция сообщила о нападении.");
    assert_eq!(read.warnings, []);
    // A page that claims an encoding and is UTF-8 is UTF-8.
    assert_eq!(text("<meta charset=latin1><p>Café, später.</p>"), "Café, später.");
}

#[test]
fn a_page_without_an_article_says_so() {
    for page in ["<html></html>", "<script>x</script>", "<div><nav></nav></div>", "<!-- only -->"] {
        assert_eq!(read(&Input::alone(page.as_bytes(), "")), Err(FormatError::NoArticle), "{page}");
    }
}

/// What a hostile page may cost. Generous, for a busy machine and a build with checks.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn hostile_pages_come_to_an_end() {
    let mut formatting = String::new();
    for number in 0..100_000 {
        formatting.push_str(&format!("<p><b id={number}>x</p>"));
    }
    let pages = [
        "<div>".repeat(100_000),
        "<p><b>".repeat(100_000),
        "<table><tr><td>".repeat(50_000),
        "<div><object></div></object>".repeat(50_000),
        "<a><div>".repeat(50_000),
        "<svg><g>".repeat(50_000),
        "<select><option>".repeat(50_000),
        "<p>word ".repeat(250_000),
        "<div>a, b, c, d <a href=x>link</a></div>".repeat(45_000),
        "<br>".repeat(190_000),
        "word<br>".repeat(95_000),
        "word<br><br>".repeat(60_000),
        "<li><a href=x>some words here</a>".repeat(60_000),
        "<img src=x>".repeat(190_000),
        "<table><tr><td>words, more words</table>".repeat(30_000),
        "<font><span>words and words, and more</font>".repeat(30_000),
        format!("{}words{}<p>x</p>", "<div>".repeat(240), "</div>".repeat(240)).repeat(700),
        format!("<p>{}</p>", "words, and words. ".repeat(500_000)),
        "<h2>heading of some words</h2>".repeat(90_000),
        "<script type='application/ld+json'>{\"@context\":\"https://schema.org\"}</script>"
            .repeat(60_000),
        format!("<script type='application/ld+json'>{}</script><p>words", "[".repeat(500_000)),
        format!(
            "<script type='application/ld+json'>{}</script><p>words",
            "{\"a\":".repeat(500_000)
        ),
        format!("<p>word</p>{}", "<template>".repeat(50_000)),
        formatting,
        format!("<p>{}", "&&&& ".repeat(1_000_000)),
        format!("<p>{}", "«» ".repeat(1_000_000)),
        format!("<p title='{}'>words", "&".repeat(3_000_000)),
    ];
    for page in pages {
        let start = Instant::now();
        let _ = read(&Input::alone(page.as_bytes(), ""));
        let head: String = page.chars().take(24).collect();
        assert!(start.elapsed() < PATIENCE, "{head}: {:?}", start.elapsed());
    }
}

#[test]
fn a_long_page_is_read() {
    let paragraph = "<p>The police said on Friday, after a long night, that the road was open.</p>";
    let page = format!("<html><body><article>{}</article></body></html>", paragraph.repeat(20_000));
    let start = Instant::now();
    assert_eq!(text(&page).lines().count(), 20_000);
    assert!(start.elapsed() < PATIENCE);
}
