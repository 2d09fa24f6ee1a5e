//! Offers in a long article, where a thread finds the places.

use super::*;
use crate::model::{AnnotatorName, Article, ArticleId, ArticleMeta};
use crate::session::Action;
use crate::session::command::CommandId;
use crate::store::{BundledSchema, ProjectFolder};

const LINE: &str = "Gunmen came, and the gunmen left, said Ali.\n";

/// A project with one article of some lines.
fn session(lines: usize) -> (tempfile::TempDir, Session) {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    let annotator = AnnotatorName::new("annotator-1").unwrap();
    Session::create(&root, "p", BundledSchema::Simple, annotator).unwrap();
    let id = ArticleId::new("a").unwrap();
    let article = Article::new(id.clone(), ArticleMeta::default(), LINE.repeat(lines));
    ProjectFolder::open(&root).unwrap().folder.add_article(&article).unwrap();
    let mut session = Session::open(&root, None, Arc::new(|| {})).unwrap();
    session.try_perform(Action::OpenArticle(id)).unwrap();
    (temporary, session)
}

fn label(session: &mut Session, id: &str, start: usize, len: u32) -> AnnotationId {
    let range = TextRange::at(TextSize::new(start as u32), len.into());
    session.try_perform(Action::LabelRange(LabelId::new(id).unwrap(), range)).unwrap();
    session.selection().annotation.unwrap()
}

fn finish(session: &mut Session) {
    while session.is_looking_for_more() {
        session.poll();
        std::thread::yield_now();
    }
}

fn places(session: &Session) -> usize {
    session.offer().map_or(0, |offer| offer.places.len())
}

#[test]
fn a_short_article_is_looked_through_at_once() {
    let (_temporary, mut session) = session(3);
    label(&mut session, "actor", 0, 6);
    assert_eq!(places(&session), 5);
}

#[test]
fn an_offer_in_a_long_article_comes_later_and_is_kept_up() {
    let (_temporary, mut session) = session(2_000);
    let other = label(&mut session, "actor", LINE.len() * 7, 6);
    let id = label(&mut session, "actor", 0, 6);
    assert_eq!(session.offer(), None);
    finish(&mut session);
    assert_eq!(places(&session), 3_998);
    // Another label takes no place away, the same one does, and gives it back.
    label(&mut session, "location", LINE.len(), 6);
    session.perform(Action::SelectAnnotation(Some(id)));
    session.perform(Action::Command(CommandId::LabelMore));
    finish(&mut session);
    assert_eq!(places(&session), 3_998);
    session.perform(Action::Delete(other));
    assert_eq!(places(&session), 3_999);
    session.perform(Action::Command(CommandId::Undo));
    assert_eq!(places(&session), 3_998);
    let all = session.offer().unwrap().places.clone();
    session.try_perform(Action::LabelMore(all)).unwrap();
    assert_eq!(session.label_counts()[&LabelId::new("actor").unwrap()], 4_000);
    assert_eq!(session.offer(), None);
    session.perform(Action::SelectAnnotation(Some(id)));
    session.take_notices();
    session.perform(Action::Command(CommandId::LabelMore));
    finish(&mut session);
    assert!(session.take_notices().iter().any(|notice| notice.text.starts_with("No other place")));
}

#[test]
fn an_offer_nobody_waits_for_is_dropped() {
    let (_temporary, mut session) = session(2_000);
    label(&mut session, "actor", 0, 6);
    session.perform(Action::SelectAnnotation(None));
    finish(&mut session);
    assert_eq!(session.offer(), None);
    let id = label(&mut session, "actor", LINE.len(), 6);
    session.perform(Action::Delete(id));
    finish(&mut session);
    assert_eq!(session.offer(), None);
}

#[test]
fn an_offer_has_an_end() {
    let (_temporary, mut session) = session(8_000);
    label(&mut session, "actor", 0, 6);
    finish(&mut session);
    assert_eq!(places(&session), MOST_PLACES);
}

#[test]
fn blocks_are_the_whole_text_in_lines() {
    for text in ["", LINE, &LINE.repeat(20_000), &"x".repeat(3 * BLOCK), &"é\n".repeat(BLOCK)] {
        let mut joined = String::new();
        for (start, block) in blocks(text) {
            assert_eq!(usize::from(start), joined.len());
            assert!(block.len() > BLOCK || start + TextSize::of(block) == TextSize::of(text));
            joined.push_str(block);
        }
        assert_eq!(joined, text);
    }
}
