//! A project in review: two annotators who differ, and a reviewer.

use super::{article, label, project, range};
use copydesk::model::AnnotatorName;
use copydesk::session::command::CommandId;
use copydesk::session::review::{CaseKey, ReviewAction};
use copydesk::session::{Action, SaveState, Session};
use std::path::Path;
use std::sync::Arc;

/// An annotator’s name.
pub fn name(name: &str) -> AnnotatorName {
    AnnotatorName::new(name).unwrap()
}

/// The session of somebody, with its list and history read.
pub fn open(root: &Path, who: &str) -> Session {
    let mut session = Session::open(root, Some(name(who)), Arc::new(|| {})).unwrap();
    session.wait_until_listed();
    session.wait_for_history();
    session
}

/// Runs a command of the table.
pub fn run(session: &mut Session, command: CommandId) {
    session.try_perform(Action::Command(command)).unwrap();
}

/// Does an action of review, and waits for what follows in the background.
pub fn review(session: &mut Session, action: ReviewAction) {
    session.try_perform(Action::Review(action)).unwrap();
    session.wait_for_review();
}

/// Has somebody mark words of the raid with labels, and finish it.
pub fn annotate(root: &Path, who: &str, marks: &[(&str, &str)]) {
    let mut session = open(root, who);
    session.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    for (id, words) in marks {
        session.try_perform(Action::LabelRange(label(id), range(words))).unwrap();
    }
    run(&mut session, CommandId::MarkDone);
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
}

/// Two annotators who agree on the officers and differ on three things.
pub fn annotated(root: &Path) {
    project(root);
    annotate(
        root,
        "ann",
        &[
            ("actor", "Several militants"),
            ("location", "police headquarters"),
            ("casualty", "three police officers"),
            ("actor", "officials"),
        ],
    );
    annotate(
        root,
        "ben",
        &[
            ("actor", "militants"),
            ("actor", "police headquarters"),
            ("casualty", "three police officers"),
        ],
    );
}

/// A session of somebody who reviews the raid.
pub fn reviewer(root: &Path) -> Session {
    let mut session = open(root, "rev");
    session.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    review(&mut session, ReviewAction::Begin);
    session
}

/// What the list shows.
pub fn cases(session: &Session) -> Vec<CaseKey> {
    session.docket().entries().map(|entry| entry.key.clone()).collect()
}

/// The gold set of the raid as it is on disk.
pub fn gold_file(root: &Path) -> String {
    std::fs::read_to_string(root.join("gold/raid.ron")).unwrap()
}
