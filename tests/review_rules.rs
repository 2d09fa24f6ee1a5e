//! Who may see what in a session without a window: articles of one’s own, hidden names, and
//! draws with their way back.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::review::Draw;
use copydesk::session::command::CommandId;
use copydesk::session::review::ReviewAction;
use copydesk::session::{Action, SaveState, Session};
use copydesk::store::ProjectFolder;
use std::path::Path;
use std::sync::Arc;
use support::review::{annotate, annotated, cases, gold_file, name, open, review, reviewer, run};
use support::{article, label, project};

#[test]
fn annotators_who_are_held_to_their_own_articles_see_nothing_else() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let folder = ProjectFolder::open(temporary.path()).unwrap().folder;
    folder
        .change_assignment(|assignment| {
            assignment.own_only = true;
            assignment.articles.insert(article("raid"), vec![name("cat"), name("ben")]);
            assignment.articles.insert(article("march"), vec![name("ann")]);
            Ok::<_, copydesk::store::StoreError>(())
        })
        .unwrap();
    let shown = |session: &mut Session| {
        let rows = session.catalogue().visible().to_vec();
        rows.iter()
            .map(|row| session.catalogue().entries()[*row].id.to_string())
            .collect::<Vec<_>>()
    };
    let mut cat = open(temporary.path(), "cat");
    assert_eq!(shown(&mut cat), ["raid"]);
    assert_eq!((cat.catalogue().listed(), cat.catalogue().done()), (1, 0));
    assert_eq!(cat.first_article(), Some(article("raid")));
    assert!(cat.try_perform(Action::OpenArticle(article("march"))).is_err());
    cat.perform(Action::FindInProject("Quetta".to_owned()));
    while cat.search().progress().is_some() {
        cat.poll();
    }
    assert!(cat.search().hits().is_empty(), "it stands in an article of somebody else");
    // Cat has not finished the raid, so what the others made of it stays hidden.
    review(&mut cat, ReviewAction::LookUp(vec!["three police officers".to_owned()]));
    assert!(cat.precedents().unwrap().precedents[0].is_empty());
    cat.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    // Nor does a correction say what would become of it.
    let (sets, hides_others) = correction(&mut cat);
    assert!(hides_others && sets.iter().all(|who| who == "cat"), "{sets:?}");
    // Reviewing is not for who has articles of their own, finished or not: gold, its lock
    // and everybody’s articles belong to it.
    let may_not_review = |session: &mut Session| {
        let refused = session.try_perform(Action::Review(ReviewAction::Begin)).unwrap_err();
        assert!(refused.to_string().contains("articles of their own"), "{refused}");
        assert!(CommandId::Review.hindrance(Some(session)).is_some());
        assert!(session.reviewer().is_none() && cases(session).is_empty());
    };
    may_not_review(&mut cat);
    let rules = ReviewAction::SetRules { own_only: false, blind: false };
    assert!(cat.try_perform(Action::Review(rules)).is_err(), "that is not for Cat to change");
    let mut ben = open(temporary.path(), "ben");
    assert_eq!((ben.catalogue().listed(), ben.catalogue().done()), (1, 1));
    ben.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    let (sets, hides_others) = correction(&mut ben);
    assert!(!hides_others && sets.iter().any(|who| who == "ann"), "{sets:?}");
    may_not_review(&mut ben);
    // Who has no articles sees everything.
    let mut rev = open(temporary.path(), "rev");
    assert_eq!(shown(&mut rev), ["march", "raid"]);
    assert_eq!(rev.catalogue().listed(), 2);
}

/// Whose annotations a preview of a correction tells of, and whether it hides others'.
fn correction(session: &mut Session) -> (Vec<String>, bool) {
    let headline = copydesk::text::TextRange::up_to(6.into());
    let number = session.preview_correction(headline, "Armed men");
    while session.correction_preview().is_none_or(|preview| preview.number != number) {
        session.poll();
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let preview = session.correction_preview().unwrap();
    let sets = preview.outcome.as_ref().unwrap().iter();
    (sets.map(|set| set.annotator.to_string()).collect(), preview.hides_others)
}

/// Has ann, ben and dan finish the raid, and ann and ben the march; all are held to what
/// they have: ann the raid alone, dan the march alone, ben both.
fn held(root: &Path) {
    annotated(root);
    annotate(root, "dan", &[("actor", "officials")]);
    for who in ["ann", "ben"] {
        let mut session = open(root, who);
        session.try_perform(Action::OpenArticle(article("march"))).unwrap();
        let range = copydesk::text::TextRange::at(0.into(), 10.into());
        session.try_perform(Action::LabelRange(label("actor"), range)).unwrap();
        run(&mut session, CommandId::MarkDone);
        assert_eq!(session.wait_until_saved(), SaveState::Saved);
    }
    let folder = ProjectFolder::open(root).unwrap().folder;
    let changed = folder.change_assignment(|assignment| {
        assignment.own_only = true;
        assignment.articles.insert(article("raid"), vec![name("ann"), name("ben")]);
        assignment.articles.insert(article("march"), vec![name("ben"), name("dan")]);
        Ok::<_, copydesk::store::StoreError>(())
    });
    changed.unwrap();
}

#[test]
fn the_numbers_of_who_is_held_are_of_articles_that_they_have_finished() {
    use copydesk::session::agreement::AgreementQuery;
    let temporary = tempfile::tempdir().unwrap();
    held(temporary.path());
    let measured = |who: &str, gold: bool| -> Vec<String> {
        let session = open(temporary.path(), who);
        let gold = gold.then(|| name("ann"));
        let options =
            copydesk::agreement::report::ReportOptions { gamma: None, ..Default::default() };
        let query = AgreementQuery { gold, options, ..AgreementQuery::default() };
        let job = session.measure_agreement(query);
        let found = loop {
            if let Some(found) = job.poll() {
                break found.unwrap();
            }
            std::thread::yield_now();
        };
        found.report.articles.iter().map(ToString::to_string).collect()
    };
    assert_eq!(measured("rev", false), ["march", "raid"]);
    assert_eq!(measured("ann", false), ["raid"], "the march is not ann’s");
    assert_eq!(measured("ben", false), ["march", "raid"]);
    assert!(measured("dan", false).is_empty(), "dan has not finished the march");
    assert!(measured("dan", true).is_empty(), "nor is there anything against gold");
    let mut ben = open(temporary.path(), "ben");
    ben.try_perform(Action::OpenArticle(article("march"))).unwrap();
    run(&mut ben, CommandId::MarkInProgress);
    assert_eq!(ben.wait_until_saved(), SaveState::Saved);
    drop(ben);
    assert_eq!(measured("ben", false), ["raid"]);
    assert_eq!(open(temporary.path(), "ben").followed(), [name("ben")]);
    assert_eq!(open(temporary.path(), "rev").followed().len(), 5);
}

#[test]
fn who_is_held_exports_their_own_work_on_their_own_articles() {
    use copydesk::formats::{FORMATS, WriteOptions};
    use copydesk::session::export::{ExportRequest, Whose};
    let temporary = tempfile::tempdir().unwrap();
    held(temporary.path());
    let mut ann = open(temporary.path(), "ann");
    let request = |session: &Session, whose: Whose, own: bool| ExportRequest {
        format: FORMATS.iter().find(|format| format.id == "jsonl").unwrap(),
        whose,
        only: session.own_articles().filter(|_| own).map(Arc::new),
        unfinished: true,
        is_strict: false,
        split: None,
        options: WriteOptions::new(Arc::clone(session.schema())),
        out: temporary.path().join("out.jsonl"),
    };
    for (whose, own) in [
        (Whose::All, true),
        (Whose::Shares, true),
        (Whose::Gold, true),
        (Whose::Annotator(name("ben")), true),
        (Whose::Annotator(name("ann")), false),
    ] {
        let refused = request(&ann, whose, own);
        assert!(ann.hindrance_to_export(&refused).is_some());
        ann.rehearse_export(refused.clone());
        ann.start_export(refused);
        assert!(ann.rehearsal().is_none() && ann.export_progress().is_none());
        assert!(ann.take_notices().iter().all(|notice| notice.text.contains("your own work")));
    }
    let own = request(&ann, Whose::Annotator(name("ann")), true);
    ann.start_export(own);
    while ann.export_progress().is_some() {
        ann.poll();
    }
    let written = std::fs::read_to_string(temporary.path().join("out.jsonl")).unwrap();
    assert_eq!(written.lines().count(), 1, "{written}");
    assert!(written.contains("Gunmen raid") && !written.contains("\"ben\""), "{written}");
}

#[test]
fn who_gets_articles_while_reviewing_reviews_no_more() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut session = reviewer(temporary.path());
    assert_eq!(cases(&session).len(), 3);
    let draw = Draw { annotators: vec![name("rev")], overlap: 1, share: 0.0, seed: 3, all: true };
    session.try_perform(Action::Review(ReviewAction::Assign(draw, true))).unwrap();
    session.wait_for_review();
    let start = std::time::Instant::now();
    while session.reviewer().is_some() {
        assert!(start.elapsed().as_secs() < 120, "reviewing never ended");
        session.poll();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(session.annotator(), &name("rev"));
    assert!(cases(&session).is_empty() && session.open_review().is_none());
    assert!(session.take_notices().iter().any(|told| told.text.contains("Reviewing has ended")));
}

#[test]
fn who_is_held_undoes_nothing_in_gold() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut session = reviewer(temporary.path());
    review(&mut session, ReviewAction::AcceptAgreeing(2));
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    drop(session);
    let folder = ProjectFolder::open(temporary.path()).unwrap().folder;
    let changed = folder.change_assignment(|assignment| {
        assignment.own_only = true;
        assignment.articles.insert(article("raid"), vec![name("rev")]);
        Ok::<_, copydesk::store::StoreError>(())
    });
    changed.unwrap();
    let before = gold_file(temporary.path());
    let mut session = open(temporary.path(), "rev");
    let refused = session.try_perform(Action::Command(CommandId::Undo)).unwrap_err();
    assert!(refused.to_string().contains("done to gold"), "{refused}");
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    assert_eq!(gold_file(temporary.path()), before);
}

#[test]
fn a_blind_reviewer_sees_letters_that_are_the_same_tomorrow() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut session = reviewer(temporary.path());
    review(&mut session, ReviewAction::SetRules { own_only: false, blind: true });
    let shown = session.shown_annotators();
    // Of four annotators the reviewer is one, who is called by name; the letters come in
    // their own order, so that neither tells who is behind them.
    let (own, others): (Vec<_>, Vec<_>) = shown.iter().partition(|(who, _)| *who == name("rev"));
    assert_eq!(own[0].1, "rev");
    let letters: Vec<_> = others.iter().map(|(_, letter)| letter.as_str()).collect();
    assert!(letters.len() == 3 && letters.is_sorted(), "{letters:?}");
    assert!(letters.iter().all(|letter| ["A", "B", "C", "D"].contains(letter)));
    assert_eq!(session.shown_name(&name("rev")), "rev");
    drop(session);
    let mut session = reviewer(temporary.path());
    assert_eq!(session.shown_annotators(), shown);
    review_texts_tell_no_name(&session);
    // Whoever joins, before all others by name, moves nobody's letter.
    let draw = Draw {
        annotators: vec![name("aaron"), name("zoe")],
        overlap: 1,
        share: 0.0,
        seed: 99,
        all: true,
    };
    review(&mut session, ReviewAction::Assign(draw, false));
    let after = session.shown_annotators();
    assert!(shown.iter().all(|known| after.contains(known)), "{shown:?} {after:?}");
    let letters: Vec<_> = after.iter().map(|(_, shown)| shown.clone()).collect();
    assert_eq!(letters.len(), 6);
    assert!(!letters.contains(&"?".to_owned()) && !letters.contains(&"zoe".to_owned()));
    // An annotator sees letters as well, and their own name.
    review(&mut session, ReviewAction::End);
    session.try_perform(Action::SwitchAnnotator(name("ben"))).unwrap();
    assert_eq!(session.shown_name(&name("ben")), "ben");
    assert_eq!(session.shown_name(&name("ann")).len(), 1);
}

#[test]
fn messages_name_nobody_while_names_are_hidden() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut session = reviewer(temporary.path());
    let words = "annotations/ann/raid.ron:3, history\\ben\\raid.ron and .copydesk/locks/ben.lock: \
                 as ann can tell, deleted by ben. rev";
    assert_eq!(session.shown_words(words), words);
    review(&mut session, ReviewAction::SetRules { own_only: false, blind: true });
    let [ann, ben] = ["ann", "ben"].map(|who| session.shown_name(&name(who)));
    let expected = format!(
        "annotations/{ann}/raid.ron:3, history\\{ben}\\raid.ron and .copydesk/locks/{ben}.lock: \
         as ann can tell, deleted by {ben}. rev"
    );
    assert_eq!(session.shown_words(words), expected, "a short name alone may be a word");
    let file = temporary.path().join("annotations/ben/raid.ron");
    std::fs::write(file, "(format: 1, broken").unwrap();
    session.take_notices();
    review(&mut session, ReviewAction::Refresh);
    let told = session.take_notices();
    assert!(told.iter().any(|told| told.text.contains(&format!("annotations/{ben}/raid.ron"))));
    assert!(told.iter().all(|told| !told.text.contains("/ben/")), "{told:?}");
}

/// What a step is called is read by whoever undoes it.
fn review_texts_tell_no_name(session: &Session) {
    if let Some(step) = session.history().to_undo() {
        assert!(!step.what().contains("ann") && !step.what().contains("ben"));
    }
}

/// Draws both articles among two annotators, both articles for both.
fn both_to_both() -> ReviewAction {
    let annotators = vec![name("ann"), name("ben")];
    ReviewAction::Assign(Draw { annotators, overlap: 2, share: 1.0, seed: 3, all: false }, false)
}

#[test]
fn a_draw_is_undone_like_a_step_and_after_a_restart_too() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path();
    project(root);
    let mut session = open(root, "rev");
    review(&mut session, both_to_both());
    let drawn = session.assignment().clone();
    assert_eq!(drawn.articles.len(), 2);
    assert!(session.project().annotators.contains(&name("ben")));
    run(&mut session, CommandId::Undo);
    assert!(session.assignment().articles.is_empty());
    let folder = ProjectFolder::open(root).unwrap().folder;
    assert_eq!(folder.read_assignment().unwrap(), *session.assignment());
    run(&mut session, CommandId::Redo);
    assert_eq!(*session.assignment(), drawn);
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    drop(session);
    // Meanwhile somebody gives one article to cat: that stays.
    let changed =
        folder.change_assignment(|assignment| -> Result<(), copydesk::store::StoreError> {
            assignment.articles.insert(article("raid"), vec![name("cat")]);
            Ok(())
        });
    changed.unwrap();
    let mut session = open(root, "rev");
    session.take_notices();
    review(&mut session, ReviewAction::TakeDrawBack);
    let left: Vec<_> = session.assignment().articles.iter().collect();
    assert_eq!(left, [(&article("raid"), &vec![name("cat")])]);
    let said = session.take_notices();
    assert!(said.iter().any(|notice| notice.text.starts_with("1 article was assigned otherwise")));
    let again = session.try_perform(Action::Review(ReviewAction::TakeDrawBack));
    assert!(again.unwrap_err().to_string().contains("no draw"));
}

#[test]
fn a_draw_is_undone_in_its_turn_after_the_mode_has_changed() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path();
    annotated(root);
    let mut session = open(root, "rev");
    session.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    let draw = |session: &mut Session, seed: u64| {
        let ReviewAction::Assign(draw, _) = both_to_both() else { panic!() };
        let draw = Draw { seed, all: true, share: if seed == 3 { 1.0 } else { 0.0 }, ..draw };
        review(session, ReviewAction::Assign(draw, true));
        session.assignment().clone()
    };
    let first = draw(&mut session, 3);
    review(&mut session, ReviewAction::Begin);
    review(&mut session, ReviewAction::AcceptAgreeing(2));
    let second = draw(&mut session, 5);
    assert!(first.own_only && first.articles != second.articles);
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    review(&mut session, ReviewAction::End);
    session.wait_for_history();
    run(&mut session, CommandId::Undo);
    assert_eq!(session.assignment().articles, first.articles);
    run(&mut session, CommandId::Redo);
    assert_eq!(*session.assignment(), second);
    review(&mut session, ReviewAction::Begin);
    session.wait_for_history();
    // The last draw, what was accepted before it, and the first draw.
    run(&mut session, CommandId::Undo);
    assert_eq!(session.assignment().articles, first.articles);
    assert_eq!(session.docket().progress().settled, 1);
    run(&mut session, CommandId::Undo);
    assert_eq!(session.docket().progress().settled, 0);
    assert_eq!(session.assignment().articles, first.articles);
    run(&mut session, CommandId::Undo);
    assert!(session.assignment().articles.is_empty());
    assert!(!session.assignment().own_only, "nobody is held to what they have not");
    // Somebody else’s history has no draw of rev’s.
    run(&mut session, CommandId::Redo);
    review(&mut session, ReviewAction::End);
    session.try_perform(Action::SwitchAnnotator(name("zoe"))).unwrap();
    session.wait_for_history();
    assert!(session.history().to_undo().is_none() && session.history().to_redo().is_none());
}

#[test]
fn who_drew_articles_for_themselves_can_take_that_back() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut session = open(temporary.path(), "ann");
    let ReviewAction::Assign(draw, _) = both_to_both() else { panic!() };
    review(&mut session, ReviewAction::Assign(draw, true));
    assert!(session.assignment().restricts(&name("ann")));
    assert!(session.hindrance_to_assign().is_some());
    run(&mut session, CommandId::Undo);
    assert!(
        !session.assignment().restricts(&name("ann")) && session.hindrance_to_assign().is_none()
    );
}

#[test]
fn who_annotates_what_is_followed_on_disk() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path();
    project(root);
    let mut session = open(root, "ann");
    session.try_perform(Action::OpenArticle(article("march"))).unwrap();
    // As a pull from git puts it there: ann is to see the raid alone.
    let wait = |session: &mut Session, is_so: &dyn Fn(&Session) -> bool| {
        let start = std::time::Instant::now();
        while !is_so(session) {
            assert!(start.elapsed().as_secs() < 120, "{:?}", session.take_notices());
            session.poll();
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    };
    let text = "(format: 1, seed: 1, own_only: true, articles: [(\"raid\", [\"ann\"])])\n";
    std::fs::write(root.join("assignment.ron"), text).unwrap();
    wait(&mut session, &|session| session.assignment().restricts(&name("ann")));
    assert!(session.article().is_none(), "the march is not ann’s any more");
    assert!(session.try_perform(Action::OpenArticle(article("march"))).is_err());
    session.take_notices();
    // A file in conflict changes nothing and is named.
    std::fs::write(root.join("assignment.ron"), format!("<<<<<<< ours\n{text}")).unwrap();
    let start = std::time::Instant::now();
    let told = loop {
        session.poll();
        if let Some(notice) = session.take_notices().pop() {
            break notice;
        }
        assert!(start.elapsed().as_secs() < 120, "the file was never named");
        std::thread::sleep(std::time::Duration::from_millis(5));
    };
    assert!(told.text.contains("assignment.ron"), "{told:?}");
    assert!(session.assignment().restricts(&name("ann")));
    std::fs::remove_file(root.join("assignment.ron")).unwrap();
    wait(&mut session, &|session| !session.assignment().restricts(&name("ann")));
}
