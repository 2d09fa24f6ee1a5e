//! The sample articles in other scripts: that they can be read, and that every
//! annotation in them is one that an annotator could have made by dragging.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use copydesk::model::{Notation, parse_notation};
use copydesk::text::{TextRange, grapheme_at, next_grapheme, sentence_at, snap_to_words, word_at};
use std::collections::BTreeSet;
use std::path::Path;

const ARTICLES: [&str; 11] = [
    "arabic",
    "chinese",
    "emoji",
    "hebrew",
    "hindi",
    "japanese",
    "korean",
    "persian",
    "thai",
    "urdu",
    "vietnamese",
];

fn article(name: &str) -> Notation {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/scripts");
    let source = std::fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap();
    parse_notation(&source).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn every_annotation_could_have_been_dragged() {
    let mut wrong = Vec::new();
    for name in ARTICLES {
        let Notation { text, annotations } = article(name);
        for annotation in annotations {
            let range = annotation.span.extent();
            let snapped = snap_to_words(&text, range);
            if snapped != range {
                wrong.push(format!("{name}: {} becomes {}", &text[range], &text[snapped]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_articles_have_what_tests_need() {
    for name in ARTICLES {
        let Notation { text, annotations } = article(name);
        let lines = text.trim_end().lines().count();
        assert!((5..=8).contains(&lines), "{name} has {lines} lines");
        let labels: BTreeSet<_> = annotations.iter().map(|a| a.label.as_str()).collect();
        let expected = BTreeSet::from(["actor", "casualty", "claim", "location"]);
        assert_eq!(labels, expected, "{name}");
        let inside = |inner: TextRange| {
            let holds = |outer: TextRange| outer != inner && outer.contains_range(inner);
            annotations.iter().filter(|outer| holds(outer.span.extent())).count()
        };
        let deepest = annotations.iter().map(|a| inside(a.span.extent())).max();
        assert!(deepest >= Some(2), "{name} nests no deeper than {deepest:?}");
    }
}

#[test]
fn every_place_of_the_articles_has_its_word_and_sentence() {
    for name in ARTICLES {
        let text = article(name).text;
        let mut at = 0.into();
        while usize::from(at) < text.len() {
            if let Some(word) = word_at(&text, at) {
                assert!(word.contains_range(grapheme_at(&text, at)), "{name} at {at:?}");
                assert_eq!(word_at(&text, word.start()), Some(word), "{name} at {at:?}");
                assert!(text[word].chars().count() < 40, "{name}: {}", &text[word]);
            }
            let sentence = sentence_at(&text, at);
            assert!(!text[sentence].contains('\n'), "{name} at {at:?}");
            at = next_grapheme(&text, at);
        }
    }
}
