//! What this format promises, with what other programs write.

use super::*;
use crate::formats::testing::{check_law, document, documents, options};
use crate::formats::{FormatError, Input, Read, ReadOptions};
use proptest::prelude::*;

fn read_text(source: &str, text: &str) -> Result<Read, FormatError> {
    let beside = |name: &str| (name == "a b.txt").then(|| text.as_bytes().to_vec());
    let (bytes, options) = (source.as_bytes(), &ReadOptions::USUAL);
    FORMAT.read(&Input { bytes, path: "x.jsonld", beside: &beside, options })
}

proptest! {
    #[test]
    fn what_fits_comes_back(document in documents()) {
        check_law(&FORMAT, document, &options());
    }
}

#[test]
fn no_grapheme_is_split() {
    let mut cut = document("x👩‍👩‍👧 fled");
    let middle = TextRange::new(5.into(), 12.into());
    let found = crate::formats::Annotation::new("actor", Span::new(middle).unwrap());
    cut.layers[0].annotations.push(found);
    let losses = check_law(&FORMAT, cut, &options());
    assert_eq!((losses.len(), losses[0].done), (1, Remedy::Expanded));
}

#[test]
fn names_that_are_no_addresses_are_found_again() {
    let mut named = document("[actor x]");
    named.name = "a b/ü%41".to_owned();
    assert!(check_law(&FORMAT, named, &options()).is_empty());
}

#[test]
fn annotations_of_other_tools_are_read_by_any_selector() {
    let annotation = |body: &str, selector: &str| {
        format!(
            "{{\"type\": \"Annotation\", \"id\": \"i\", \"creator\": \"me\", \"body\": {body}, \
             \"target\": {{\"source\": \"a%20b.txt\", \"selector\": {selector}}}}}"
        )
    };
    let quote = r#"{"type": "TextQuoteSelector", "exact": "a", "prefix": "b "}"#;
    let position = r#"{"type": "TextPositionSelector", "start": 2, "end": 3}"#;
    let wrong = r#"[{"type": "TextPositionSelector", "start": 0, "end": 3}, {"type": "TextQuoteSelector", "exact": "b"}]"#;
    let outside = r#"{"type": "TextPositionSelector", "start": 2, "end": 900}"#;
    let page = format!(
        "{{\"type\": \"AnnotationPage\", \"items\": [{}, {}, {}, {}]}}",
        annotation("\"tag\"", quote),
        annotation(r#"{"value": "tag"}"#, position),
        annotation(
            r#"[{"purpose": "tagging", "value": "t"}, {"purpose": "commenting", "value": "n"}]"#,
            wrong
        ),
        annotation("[]", outside),
    );
    let read = read_text(&page, "🙂 b a").unwrap();
    let layer = &read.documents[0].layers[0];
    let found: Vec<_> = layer
        .annotations
        .iter()
        .map(|found| (&*found.label, found.span.surface(&read.documents[0].text), &*found.note))
        .collect();
    let text = |words: &str| words.to_owned();
    assert_eq!(found, [("tag", text("a"), ""), ("tag", text("b"), ""), ("t", text("b"), "n")]);
    assert_eq!((read.warnings.len(), &*layer.annotator), (2, "me"));
}

#[test]
fn a_quotation_that_is_not_where_it_says_or_at_several_places_is_told() {
    for (selector, surface_at, told) in [
        (r#""exact": "Ben""#, 4, None),
        (r#""exact": "Ali""#, 0, Some("several places")),
        (r#""exact": "Ali", "prefix": "Ben ""#, 8, None),
        (r#""exact": "Ali", "prefix": "Eve ""#, 0, Some("do not stand between")),
        (r#""exact": "Ali", "suffix": " ""#, 0, Some("several places")),
    ] {
        let item = format!(
            "{{\"type\": \"Annotation\", \"body\": \"t\", \"target\": {{\"source\": \"a b.txt\", \
             \"selector\": {{\"type\": \"TextQuoteSelector\", {selector}}}}}}}"
        );
        let read = read_text(&item, "Ali Ben Ali too").unwrap();
        let found = read.documents[0].layers[0].annotations[0].span.extent();
        assert_eq!(u32::from(found.start()), surface_at, "{selector}");
        let what = read.warnings.first().map(|warning| warning.what.as_str());
        assert_eq!(what.is_some(), told.is_some(), "{selector}: {what:?}");
        assert!(what.unwrap_or_default().contains(told.unwrap_or_default()), "{what:?}");
    }
}

#[test]
fn what_is_no_annotation_or_has_no_text_is_refused() {
    assert_eq!(read_text("{\n", "x").unwrap_err().line(), Some(2));
    assert_eq!(read_text("{}", "x").unwrap_err().line(), Some(1));
    assert!(read_text(&"[".repeat(100_000), "x").is_err());
    let elsewhere = r#"{"type": "Annotation", "target": "http://example.org/a#char=0,1"}"#;
    assert!(read_text(elsewhere, "x").unwrap_err().to_string().contains("beside"));
}

#[test]
fn as_many_creators_as_annotations_come_to_an_end() {
    let one = |at: usize| {
        format!(
            r#"{{"type": "Annotation", "creator": "c{at}", "body": "t", "target": {{"source":
            "a b.txt", "selector": {{"type": "TextPositionSelector", "start": 0, "end": 1}}}}}}"#
        )
    };
    let all: Vec<_> = (0..60_000).map(one).collect();
    let began = std::time::Instant::now();
    let read = read_text(&format!("[{}]", all.join(",")), "x").unwrap();
    assert_eq!(read.documents[0].layers.len(), 60_000);
    assert!(began.elapsed() < std::time::Duration::from_secs(15), "{:?}", began.elapsed());
}

/// Each spelling of an address was an article of its own with the same text.
#[test]
fn a_text_is_one_however_its_address_is_written() {
    let names = ["a%20b.txt", "a b.txt", "./a b.txt", "x/../a%20b.txt", "%61%20b.txt#char=0,1"];
    let item = |name: &&str| {
        format!(
            r#"{{"type": "Annotation", "body": "t", "target": {{"source": "{name}", "selector":
            {{"type": "TextPositionSelector", "start": 0, "end": 1}}}}}}"#
        )
    };
    let items: Vec<_> = names.iter().map(item).collect();
    let read = read_text(&format!("[{}]", items.join(",")), "x y").unwrap();
    assert_eq!((read.documents.len(), &*read.documents[0].name), (1, "a b"));
    assert_eq!(read.documents[0].layers[0].annotations.len(), names.len());
}

/// A file about as many texts as it has annotations was gone through once for each of them.
#[test]
fn a_file_about_many_texts_is_gone_through_once() {
    const MANY: usize = 20_000;
    let item = |at: usize| {
        format!(
            r##"{{"type": "Annotation", "id": "#{at}", "creator": "c{at}", "body": "t", "target":
            {{"source": "{}.txt", "selector": {{"type": "TextPositionSelector", "start": 0,
            "end": 1}}}}}}"##,
            at / 2
        )
    };
    let link = |at: usize| {
        format!(
            r##"{{"type": "Annotation", "motivation": "linking", "target": "#{at}", "body":
            {{"purpose": "linking", "source": "#{}"}}}}"##,
            at + 1
        )
    };
    let creators: Vec<_> = (0..MANY).map(|at| format!("\"c{at}\"")).collect();
    let items: Vec<_> = (0..MANY).map(item).chain((0..MANY - 1).map(link)).collect();
    let file = format!(
        r#"{{"type": "AnnotationCollection", "creator": [{}], "first": {{"items": [{}]}}}}"#,
        creators.join(","),
        items.join(",")
    );
    let beside = |_: &str| Some(b"x".to_vec());
    let (bytes, options) = (file.as_bytes(), &ReadOptions::USUAL);
    let input = Input { bytes, path: "x.jsonld", beside: &beside, options };
    let read = FORMAT.read(&input).unwrap();
    assert_eq!(read.documents.len(), MANY / 2);
    assert!(read.documents.iter().all(|document| document.layers.len() == 2));
    // Every link is told of once: half are between two texts, half between two annotators.
    assert_eq!(read.warnings.len(), MANY - 1);
}

/// Its bodies would stand in each of them.
#[test]
fn an_annotation_is_about_so_many_texts_and_no_more() {
    let texts = |count: usize| {
        let target = |at| format!(r#"{{"source": "{at}.txt", "selector": {POSITION}}}"#);
        let targets: Vec<_> = (0..count).map(target).collect();
        let item =
            format!(r#"{{"type": "Annotation", "body": "t", "target": [{}]}}"#, targets.join(","));
        let beside = |_: &str| Some(b"x".to_vec());
        let (bytes, options) = (item.as_bytes(), &ReadOptions::USUAL);
        FORMAT.read(&Input { bytes, path: "x.jsonld", beside: &beside, options }).unwrap()
    };
    let annotated = |read: &Read| {
        let layers = read.documents.iter().flat_map(|document| &document.layers);
        layers.map(|layer| layer.annotations.len()).sum::<usize>()
    };
    let (few, many) = (texts(16), texts(40));
    assert_eq!((annotated(&few), few.warnings.len()), (16, 0));
    assert_eq!((annotated(&many), many.warnings.len()), (16, 1));
}

const POSITION: &str = r#"{"type": "TextPositionSelector", "start": 0, "end": 1}"#;

#[test]
fn a_link_belongs_to_the_text_of_its_ends_and_what_is_about_no_text_is_told() {
    let item = |id: &str, text: &str| {
        format!(
            r#"{{"type": "Annotation", "id": "{id}", "body": "t", "target":
            {{"source": "{text}", "selector": {POSITION}}}}}"#
        )
    };
    let link = |from: &str, to: &str| {
        format!(
            r#"{{"type": "Annotation", "motivation": "linking", "target": "{from}", "body":
            [{{"purpose": "linking", "source": "{to}"}}, {{"purpose": "tagging", "value": "k"}}]}}"#
        )
    };
    let items = [
        // A link may stand before what it links, and its ends have addresses of any kind.
        link("http://example.org/1", "#2"),
        item("http://example.org/1", "a.txt"),
        item("#2", "a.txt"),
        item("#3", "b.txt"),
        link("#2", "#3"),
        item("#4", ""),
    ];
    let file = format!("[{}]", items.join(","));
    let beside = |name: &str| ["a.txt", "b.txt"].contains(&name).then(|| b"x".to_vec());
    let (bytes, options) = (file.as_bytes(), &ReadOptions::USUAL);
    let read = FORMAT.read(&Input { bytes, path: "x.jsonld", beside: &beside, options }).unwrap();
    let relations = |at: usize| &read.documents[at].layers[0].relations;
    assert_eq!((read.documents.len(), relations(0).len(), relations(1).len()), (2, 1, 0));
    assert_eq!((relations(0)[0].from, relations(0)[0].to), (0, 1));
    let told: Vec<_> = read.warnings.iter().map(|warning| warning.what.as_str()).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().any(|what| what.contains("which text it is about")), "{told:?}");
    assert!(told.iter().any(|what| what.contains("links what is not there")), "{told:?}");
}
