//! A project in a temporary folder, for tests that drive the session or the window.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(feature = "window-tests")]
pub mod desk;
pub mod review;

use copydesk::model::{
    AnnotatorName, Article, ArticleId, ArticleMeta, AttributeId, AttributeValue, LabelId,
    RelationTypeId,
};
use copydesk::session::{Action, Session};
use copydesk::store::{BundledSchema, ProjectFolder};
use copydesk::text::{TextRange, TextSize};
use std::path::Path;
use std::sync::Arc;

/// An article in our own words with everything the eight points of annotating need.
pub const RAID: &str = "Gunmen raid police office\n\
    Several militants stormed the police headquarters in Karachi’s old town on Friday night, \
    officials said, and it took the police three hours to clear the building.\n\
    “The operation,” the adviser said, “is now over.” At least three police officers and a \
    civilian were killed.\n\
    Karachi police said the militants had worn uniforms.";

/// A second, shorter one.
pub const MARCH: &str = "Protesters march in Quetta\nHundreds of protesters marched in Quetta.";

/// The annotator of the test projects.
pub fn annotator() -> AnnotatorName {
    AnnotatorName::new("tester").unwrap()
}

/// Makes a project with both articles.
pub fn project(root: &Path) {
    Session::create(root, "Test", BundledSchema::Full, annotator()).unwrap();
    let folder = ProjectFolder::open(root).unwrap().folder;
    for (id, text) in [("raid", RAID), ("march", MARCH)] {
        let title = text.lines().next().unwrap_or_default().to_owned();
        let meta = ArticleMeta { title, ..ArticleMeta::default() };
        folder.add_article(&Article::new(ArticleId::new(id).unwrap(), meta, text)).unwrap();
    }
}

/// Opens the project's session with the raid open.
pub fn session(root: &Path) -> Session {
    let mut session = Session::open(root, Some(annotator()), Arc::new(|| {})).unwrap();
    session.wait_until_listed();
    session.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    session.wait_for_history();
    session
}

/// An article's id.
pub fn article(id: &str) -> ArticleId {
    ArticleId::new(id).unwrap()
}

/// A label's id.
pub fn label(id: &str) -> LabelId {
    LabelId::new(id).unwrap()
}

/// A relation type's id.
pub fn relation(id: &str) -> RelationTypeId {
    RelationTypeId::new(id).unwrap()
}

/// An attribute's id.
pub fn attribute(id: &str) -> AttributeId {
    AttributeId::new(id).unwrap()
}

/// A choice or text as an attribute's value.
pub fn text(value: &str) -> Option<AttributeValue> {
    Some(AttributeValue::Text(value.to_owned()))
}

/// The first place of some words in the raid.
pub fn range(words: &str) -> TextRange {
    let at = RAID.find(words).unwrap_or_else(|| panic!("no {words:?} in the article"));
    TextRange::at(TextSize::new(at as u32), TextSize::of(words))
}

/// The open article's annotations as `label: text`, in text order.
pub fn annotations(session: &Session) -> Vec<String> {
    let set = session.set().unwrap();
    set.annotations().map(|found| format!("{}: {}", found.label, set.surface(found))).collect()
}
