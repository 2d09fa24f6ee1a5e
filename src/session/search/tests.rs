//! What a hit shows of its surroundings, when the list of hits counts as new, and that the
//! index changes nothing of what is found.

use super::*;
use crate::model::{AnnotatorName, Article, ArticleMeta};
use crate::session::{Action, Session};
use crate::store::{BundledSchema, ProjectFolder, rendered_article};
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

/// More articles than a project may have without an index.
const MANY: usize = 300;
/// Words in several scripts and cases, patterns, and what reaches over the end of a text.
const QUERIES: [&str; 9] =
    ["police", "KÄSE", "käse  brot", "کراچی", "ſ", "K", "end\u{0}Number", "7.", "nowhere"];

fn numbered(number: usize, word: &str) -> Article {
    let id = ArticleId::new(format!("a{number}")).unwrap();
    let text = format!("Number {number}.\nKäse\nbrot, Police, police; {word} کراچی the end");
    Article::new(id, ArticleMeta { title: format!("T{number}"), ..ArticleMeta::default() }, text)
}

fn put(folder: &ProjectFolder, article: &Article) {
    let (path, text) = rendered_article(article);
    std::fs::write(folder.root().join(path), text).unwrap();
}

fn session(folder: &ProjectFolder) -> Session {
    let mut session = Session::open(folder.root(), None, Arc::new(|| {})).unwrap();
    session.wait_until_listed();
    session
}

fn find(session: &mut Session, query: &str) -> Vec<Hit> {
    session.perform(Action::FindInProject(query.to_owned()));
    while session.search().progress().is_some() {
        session.poll();
    }
    session.search().hits().to_vec()
}

#[test]
fn the_index_changes_nothing_of_what_is_found() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("p");
    let annotator = AnnotatorName::new("annotator-1").unwrap();
    Session::create(&root, "p", BundledSchema::Simple, annotator).unwrap();
    let folder = ProjectFolder::open(&root).unwrap().folder;
    (0..MANY).for_each(|number| put(&folder, &numbered(number, "Kelvin \u{212a}")));
    let mut plain = session(&folder);
    assert!(plain.catalogue().targets().1.is_some(), "the index was made");
    // Three that the index has otherwise, one that it lacks and one that is gone.
    for number in [3, 150, 299, MANY] {
        put(&folder, &numbered(number, "ſo changed"));
    }
    std::fs::remove_file(root.join("articles/a77.ron")).unwrap();
    let mut indexed = session(&folder);
    std::fs::remove_dir_all(root.join(".copydesk")).unwrap();
    std::fs::write(root.join(".copydesk"), "in the way").unwrap();
    let mut plain = session(&folder);
    assert!(plain.catalogue().targets().1.is_none(), "there is no index");
    for query in QUERIES {
        let (with, without) = (find(&mut indexed, query), find(&mut plain, query));
        assert_eq!(with, without, "{query}");
    }
    assert_eq!(find(&mut plain, "police").len(), 2 * MANY);
    std::fs::remove_file(root.join(".copydesk")).unwrap();
    drop(session(&folder));
    let mut indexed = session(&folder);
    let (targets, texts) = indexed.catalogue().targets();
    assert!(targets.iter().all(|target| target.text.is_some()));
    assert!(texts.unwrap().open().is_some());
    for query in QUERIES {
        assert_eq!(find(&mut indexed, query), find(&mut plain, query), "{query}");
    }
}

#[test]
fn hits_are_cut_and_come_in_the_order_of_the_articles() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("p");
    let annotator = AnnotatorName::new("annotator-1").unwrap();
    Session::create(&root, "p", BundledSchema::Simple, annotator).unwrap();
    let folder = ProjectFolder::open(&root).unwrap().folder;
    let word = "police ".repeat(50);
    (0..MANY).for_each(|number| put(&folder, &numbered(number, &word)));
    for _ in 0..2 {
        let mut session = session(&folder);
        let hits = find(&mut session, "police");
        assert_eq!(hits.len(), MOST_HITS);
        assert!(
            hits.is_sorted_by(|a, b| (&a.article, a.range.start()) < (&b.article, b.range.start()))
        );
        assert!(session.search().is_cut());
    }
}
