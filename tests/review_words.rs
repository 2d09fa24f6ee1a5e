//! Words about annotations in a session without a window: comments, precedents, rulings.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::model::State;
use copydesk::review::Decision;
use copydesk::session::command::CommandId;
use copydesk::session::review::{DocketFilter, ReviewAction};
use copydesk::session::{Action, SaveState, Session};
use copydesk::store::ProjectFolder;
use support::review::{annotate, annotated, cases, name, open, review, reviewer, run};
use support::{article, label, project};

#[test]
fn a_comment_stands_in_the_set_of_whoever_made_it_and_everybody_reviewing_sees_it() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut ann = open(temporary.path(), "ann");
    ann.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    let id = ann.set().unwrap().annotations().next().unwrap().id;
    let comment =
        |text: &str| ReviewAction::Comment { on: vec![(name("ann"), id)], text: text.to_owned() };
    review(&mut ann, comment(" is “several” part of it?\u{1b}[31m "));
    assert!(ann.try_perform(Action::Review(comment("  "))).is_err());
    assert_eq!(ann.wait_until_saved(), SaveState::Saved);
    drop(ann);
    let mut session = reviewer(temporary.path());
    review(&mut session, comment("no"));
    let open = session.open_review().unwrap();
    let case = open.comparison().case_with(&name("ann"), id).unwrap();
    let said: Vec<_> = open
        .comments(case, session.set().unwrap())
        .iter()
        .map(|remark| (remark.by.to_string(), remark.comment().unwrap().to_owned()))
        .collect();
    let question = "is “several” part of it?\u{1b}[31m".to_owned();
    assert_eq!(said, [("ann".to_owned(), question), ("rev".to_owned(), "no".to_owned())]);
    run(&mut session, CommandId::Undo);
    assert_eq!(session.set().unwrap().remarks().count(), 0);
    session.wait_until_saved();
    let file = std::fs::read_to_string(temporary.path().join("annotations/ann/raid.ron")).unwrap();
    assert!(!file.contains('\u{1b}') && file.contains("comment: \""), "{file}");
}

#[test]
fn an_annotator_reads_what_others_say_about_their_work_as_far_as_they_may_see_it() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path();
    annotated(root);
    let mut ann = open(root, "ann");
    ann.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    let id = ann.set().unwrap().annotations().next().unwrap().id;
    let said = |session: &mut Session| -> Vec<String> {
        session.wait_for_comments();
        let found = session.comments_on(id);
        found
            .iter()
            .map(|(found, _)| format!("{}: {}", found.by, found.comment().unwrap()))
            .collect()
    };
    let comment =
        |text: &str| ReviewAction::Comment { on: vec![(name("ann"), id)], text: text.to_owned() };
    review(&mut ann, comment("all of it?"));
    assert_eq!(said(&mut ann), ["ann: all of it?"]);
    assert_eq!(ann.wait_until_saved(), SaveState::Saved);
    // What a reviewer says meanwhile shows by itself.
    let mut rev = reviewer(root);
    review(&mut rev, comment("yes"));
    assert_eq!(rev.wait_until_saved(), SaveState::Saved);
    let start = std::time::Instant::now();
    while said(&mut ann).len() < 2 {
        assert!(start.elapsed().as_secs() < 120, "{:?}", said(&mut ann));
        ann.poll();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(said(&mut ann), ["ann: all of it?", "rev: yes"]);
    let may_remove: Vec<_> = ann.comments_on(id).iter().map(|(_, own)| *own).collect();
    assert_eq!(may_remove, [true, false], "the reviewer’s stands in gold");
    // Held to their own articles, who has not finished reads nobody else’s words.
    let held = |assignment: &mut copydesk::model::Assignment| {
        assignment.own_only = true;
        assignment.articles.insert(article("raid"), vec![name("ann")]);
        Ok::<_, copydesk::store::StoreError>(())
    };
    ProjectFolder::open(root).unwrap().folder.change_assignment(held).unwrap();
    drop(ann);
    let mut ann = open(root, "ann");
    ann.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    assert_eq!(said(&mut ann).len(), 2, "ann has finished it");
    run(&mut ann, CommandId::MarkInProgress);
    assert_eq!(said(&mut ann), ["ann: all of it?"]);
    run(&mut ann, CommandId::MarkDone);
    assert_eq!(said(&mut ann).len(), 2);
}

#[test]
fn precedents_follow_what_is_settled_afterwards() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path();
    annotated(root);
    let mut session = reviewer(root);
    review(&mut session, ReviewAction::LookUp(vec!["police headquarters".to_owned()]));
    let known = |session: &Session| -> Vec<(Option<String>, usize)> {
        let known = session.precedents().unwrap();
        let labels = known.precedents[0].labels().into_iter();
        labels.map(|(label, found)| (label.map(ToString::to_string), found.len())).collect()
    };
    let (actor, location) = (Some("actor".to_owned()), Some("location".to_owned()));
    assert_eq!(known(&session), [(actor, 1), (location.clone(), 1)]);
    // A ruling counts alone as soon as it is made: its first annotator’s location.
    while cases(&session).iter().any(|_| session.docket().entries().any(|e| e.is_open())) {
        review(&mut session, ReviewAction::NextOpen);
        review(&mut session, ReviewAction::Decide(Decision::Take(name("ann"))));
    }
    assert_eq!(session.set().unwrap().state(), State::InProgress);
    let start = std::time::Instant::now();
    while known(&session) != [(location.clone(), 1)] {
        assert!(start.elapsed().as_secs() < 120, "{:?}", known(&session));
        session.poll();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(session.precedents().unwrap().precedents[0].labels()[0].1[0].is_gold());
}

#[test]
fn a_project_that_is_away_has_not_settled_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    let (root, away) = (temporary.path().join("project"), temporary.path().join("away"));
    annotated(&root);
    let mut session = reviewer(&root);
    let look_up = || ReviewAction::LookUp(vec!["police headquarters".to_owned()]);
    std::fs::rename(&root, &away).unwrap();
    review(&mut session, look_up());
    let known = session.precedents().unwrap();
    assert!(!known.is_complete && known.precedents[0].is_empty(), "{known:?}");
    std::fs::rename(&away, &root).unwrap();
    review(&mut session, look_up());
    let known = session.precedents().unwrap();
    assert!(known.is_complete && !known.precedents[0].is_empty(), "{known:?}");
}

#[test]
fn precedents_count_gold_before_annotators_and_what_nobody_labelled() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    // “police” stands five times in the raid, and in no other article.
    annotate(temporary.path(), "ann", &[("actor", "police")]);
    annotate(temporary.path(), "ben", &[("location", "police")]);
    let look_up = |session: &mut Session| {
        review(session, ReviewAction::LookUp(vec![" police".to_owned()]));
        let found = session.precedents().unwrap();
        assert!(found.is_complete && found.surfaces == ["police"]);
        let labels = found.precedents[0].labels();
        labels
            .iter()
            .map(|(label, found)| (label.map(ToString::to_string), found.len()))
            .collect::<Vec<_>>()
    };
    let all = support::RAID.matches("olice").count();
    assert_eq!(all, 5);
    let (actor, location) = (Some("actor".to_owned()), Some("location".to_owned()));
    let mut session = open(temporary.path(), "rev");
    assert_eq!(look_up(&mut session), [(actor.clone(), 1), (location, 1), (None, 8)]);
    // Gold that is done settles what nobody marked, too.
    session.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    review(&mut session, ReviewAction::Begin);
    review(
        &mut session,
        ReviewAction::Filter(DocketFilter { only_open: true, ..Default::default() }),
    );
    review(&mut session, ReviewAction::NextOpen);
    review(&mut session, ReviewAction::Decide(Decision::Take(name("ann"))));
    run(&mut session, CommandId::MarkDone);
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    drop(session);
    let mut session = open(temporary.path(), "rev");
    assert_eq!(look_up(&mut session), [(actor, 1), (None, 4)]);
    let found = &session.precedents().unwrap().precedents[0];
    let (_, instances) = found.labels()[0];
    assert!(instances[0].is_gold());
    let (id, range) = (instances[0].article.clone(), instances[0].range());
    session.try_perform(Action::GoTo(id, range)).unwrap();
    assert_eq!(&support::RAID[range], "police");
}

#[test]
fn a_ruling_is_written_into_the_guideline_as_one_step() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut session = open(temporary.path(), "ann");
    let guideline =
        |session: &Session| session.schema().label(&label("actor")).unwrap().guideline.clone();
    let before = guideline(&session);
    let text = "Headquarters that speak are actors. \u{1b}[31m";
    review(&mut session, ReviewAction::AddToGuideline(label("actor"), text.to_owned()));
    assert_eq!(guideline(&session), format!("{}\n{text}", before.trim_end()));
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    let folder = ProjectFolder::open(temporary.path()).unwrap();
    assert_eq!(folder.project.schema, *session.schema());
    run(&mut session, CommandId::Undo);
    assert_eq!(guideline(&session), before);
}

#[test]
fn several_texts_are_looked_up_at_once_and_a_rejected_place_counts_as_unlabelled() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path();
    annotated(root);
    let mut session = reviewer(root);
    let texts = vec!["Several  militants".to_owned(), "militants".to_owned()];
    review(&mut session, ReviewAction::NextOpen);
    review(&mut session, ReviewAction::Decide(Decision::Reject));
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    review(&mut session, ReviewAction::LookUp(texts));
    let known = session.precedents().unwrap();
    assert_eq!(known.surfaces, ["Several militants", "militants"]);
    let labels = |at: usize| -> Vec<(bool, bool)> {
        let found = known.precedents[at].labels();
        let gold = |found: &[copydesk::review::Instance]| found[0].is_gold();
        found.iter().map(|(label, found)| (label.is_some(), gold(found))).collect()
    };
    assert_eq!(labels(0), [(false, true)]);
    let (_, instances) = &known.precedents[0].labels()[0];
    assert!(instances[0].context.contains("Several militants"), "{}", instances[0].context);
    // Ben said just “militants” there, and that was rejected as well.
    assert!(labels(1).contains(&(false, true)));
}
