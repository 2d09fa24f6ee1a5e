//! What a hit shows of its surroundings, and when the list of hits counts as new.

use super::*;
use crate::model::{Article, ArticleMeta};
use crate::text::{TextSize, paragraphs};

fn open(text: &str) -> OpenArticle {
    let id = ArticleId::new("a").unwrap();
    let article = Arc::new(Article::new(id, ArticleMeta::default(), text));
    OpenArticle {
        paragraphs: paragraphs(article.text(), "").into(),
        chars: text.chars().count(),
        article,
        read_only: None,
        reveal: (0, None),
    }
}

#[test]
fn a_hit_shows_its_own_line_and_no_more_than_the_context() {
    let text = format!("First\n{} police {}\nlast", "é".repeat(80), "ü".repeat(80));
    let mut search = Search::default();
    search.find_here("POLICE", Some(&open(&text)));
    let [hit] = search.hits() else { panic!("one hit") };
    assert_eq!(hit.found, "police");
    assert_eq!(hit.before, format!("{} ", "é".repeat(CONTEXT - 1)));
    assert_eq!(hit.after, format!(" {}", "ü".repeat(CONTEXT - 1)));
    assert_eq!(hit.range.len(), TextSize::of("police"));
}

#[test]
fn hits_of_an_article_go_with_it() {
    let mut search = Search::default();
    search.find_here("police", Some(&open("police and police")));
    assert_eq!(search.hits().len(), 2);
    assert_eq!(search.neighbour(false), Some(1));
    let before = search.revision();
    search.article_opened(Some(&open("nobody")));
    assert!(search.hits().is_empty() && search.revision() > before);
    search.find_here("", None);
    assert!(search.query().is_empty() && search.neighbour(true).is_none());
}
