//! Reviewing in a session without a window: what each action does to gold, and what of it
//! is on disk.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::edit::Migration;
use copydesk::model::{AnnotatorName, Origin, State};
use copydesk::review::{Decision, DifferenceKind, Progress, Standing};
use copydesk::session::command::CommandId;
use copydesk::session::review::{Behind, DocketFilter, ReviewAction};
use copydesk::session::{Action, SaveState, Session};
use copydesk::store::{Problem, ProjectFolder, check};
use std::sync::Arc;
use support::review::{annotate, annotated, cases, gold_file, name, open, review, reviewer, run};
use support::{annotations, article, label, project, range};

#[test]
fn a_reviewer_settles_every_case_with_one_action_each() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut session = reviewer(temporary.path());
    let texts: Vec<_> = session.docket().entries().map(|entry| entry.text.clone()).collect();
    assert_eq!(texts, ["Several militants", "police headquarters", "officials"]);
    assert_eq!(session.docket().progress(), Progress { settled: 0, cases: 4 });
    review(
        &mut session,
        ReviewAction::Filter(DocketFilter { only_open: true, ..Default::default() }),
    );
    review(&mut session, ReviewAction::NextOpen);
    review(&mut session, ReviewAction::Decide(Decision::Take(name("ben"))));
    review(&mut session, ReviewAction::Decide(Decision::Take(name("ann"))));
    // By now the third is selected.
    assert_eq!(session.selected_case().unwrap().annotator, name("ann"));
    review(&mut session, ReviewAction::Decide(Decision::Reject));
    review(&mut session, ReviewAction::AcceptAgreeing(2));
    assert_eq!(
        annotations(&session),
        ["actor: militants", "location: police headquarters", "casualty: three police officers"]
    );
    assert_eq!(session.docket().progress(), Progress { settled: 4, cases: 4 });
    assert!(cases(&session).is_empty(), "nothing is open");
    let set = session.set().unwrap();
    let origins: Vec<_> = set.annotations().map(|found| found.origin.clone()).collect();
    assert_eq!(
        origins,
        [
            Origin::Adjudication(vec![name("ben")]),
            Origin::Adjudication(vec![name("ann")]),
            Origin::Adjudication(vec![name("ann"), name("ben")]),
        ]
    );
    assert!(set.remarks().all(|remark| remark.by == name("rev")));
    assert_eq!(set.state(), State::InProgress);
    run(&mut session, CommandId::MarkDone);
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    let file = gold_file(temporary.path());
    assert_eq!(file.matches("gold: \"").count(), 3, "{file}");
    assert_eq!(file.matches("rejected: true").count(), 1, "{file}");
    let folder = ProjectFolder::open(temporary.path()).unwrap().folder;
    let problems = check(&folder, &mut |_, _| {});
    let faults: Vec<_> = problems.iter().filter(|problem| problem.is_fault).collect();
    let about_gold = |problem: &&&Problem| problem.file.starts_with("gold");
    assert_eq!(faults.iter().filter(about_gold).count(), 0, "{faults:?}");
}

#[test]
fn every_decision_is_an_undo_step_across_a_restart_too() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut session = reviewer(temporary.path());
    review(&mut session, ReviewAction::NextOpen);
    review(&mut session, ReviewAction::Decide(Decision::Union(name("ann"))));
    review(&mut session, ReviewAction::Decide(Decision::Reject));
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    drop(session);
    let mut session = reviewer(temporary.path());
    session.wait_for_history();
    assert_eq!(session.docket().progress().settled, 2);
    let listed = cases(&session);
    run(&mut session, CommandId::Undo);
    assert_eq!(session.docket().progress().settled, 1);
    assert_eq!(session.selected_case(), Some(&listed[1]), "what was undone is selected");
    assert_eq!(annotations(&session), ["actor: Several militants"]);
    run(&mut session, CommandId::Undo);
    assert_eq!(session.selected_case(), Some(&listed[0]));
    assert_eq!(session.docket().progress().settled, 0);
    assert!(session.set().unwrap().is_empty() && session.set().unwrap().remarks().count() == 0);
    run(&mut session, CommandId::Redo);
    assert_eq!(annotations(&session), ["actor: Several militants"]);
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
}

#[test]
fn a_case_opens_again_while_its_annotator_changes_their_mind() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut session = reviewer(temporary.path());
    review(&mut session, ReviewAction::AcceptAgreeing(2));
    assert_eq!(session.open_review().unwrap().progress().settled, 1);
    session.wait_until_saved();
    let mut other = open(temporary.path(), "ben");
    other.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    let id = other.set().unwrap().annotations().last().unwrap().id;
    other.try_perform(Action::SetLabel(id, label("actor"))).unwrap();
    assert_eq!(other.wait_until_saved(), SaveState::Saved);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(120);
    while session.open_review().unwrap().progress().settled > 0 {
        assert!(std::time::Instant::now() < until, "the change was not noticed");
        session.poll();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let case = session.docket().entries().find(|entry| entry.text.starts_with("three")).unwrap();
    assert_eq!(case.standing, Standing::Open);
    assert!(case.kinds.contains(&DifferenceKind::Label));
}

#[test]
fn a_label_that_gets_another_id_opens_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut session = reviewer(temporary.path());
    review(&mut session, ReviewAction::AcceptAgreeing(2));
    let rename = Migration::RenameLabel { from: label("casualty"), to: label("victim") };
    session.try_perform(Action::Migrate(vec![rename], "Rename".to_owned())).unwrap();
    session.wait_until_migrated();
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    session.wait_for_review();
    assert_eq!(annotations(&session), ["victim: three police officers"]);
    assert_eq!(session.docket().progress(), Progress { settled: 1, cases: 4 });
}

#[test]
fn nothing_is_called_settled_or_gone_that_is_still_being_read() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut session = open(temporary.path(), "rev");
    session.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    let _ = session.take_notices();
    session.try_perform(Action::Review(ReviewAction::Begin)).unwrap();
    session.try_perform(Action::Review(ReviewAction::NextOpen)).unwrap();
    let told: Vec<_> = session.take_notices().iter().map(|told| told.text.clone()).collect();
    assert!(told.iter().any(|text| text.contains("still being read")), "{told:?}");
    session.wait_for_review();
    let listed = cases(&session);

    // The case is known, and what was said about it is being read again.
    review(&mut session, ReviewAction::Select(Some(listed[0].clone())));
    session.try_perform(Action::Review(ReviewAction::Refresh)).unwrap();
    for command in [CommandId::Take(1), CommandId::TakeUnion, CommandId::RejectCase] {
        run(&mut session, command);
        let told = session.take_notices();
        assert!(told.iter().all(|told| told.text.contains("still being read")), "{told:?}");
        assert_eq!(told.len(), 1, "{command:?}");
    }
    let decide = Action::Review(ReviewAction::Decide(Decision::Reject));
    let error = session.try_perform(decide).unwrap_err().to_string();
    assert!(error.contains("still being read"), "{error}");
    session.wait_for_review();
    for _ in &listed {
        run(&mut session, CommandId::Take(1));
    }
    let told: Vec<_> = session.take_notices().iter().map(|told| told.text.clone()).collect();
    assert!(told.iter().any(|text| text.contains("is settled")), "{told:?}");
}

#[test]
fn a_ruling_in_the_guideline_keeps_the_list_and_the_article_as_they_are() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut session = reviewer(temporary.path());
    review(&mut session, ReviewAction::NextOpen);
    let listed = cases(&session);
    let rule = ReviewAction::AddToGuideline(label("actor"), "Groups are actors.".to_owned());
    session.try_perform(Action::Review(rule)).unwrap();
    // Without a moment to read anything.
    assert!(session.docket().is_complete() && session.open_review().is_some());
    assert_eq!(cases(&session), listed);
    run(&mut session, CommandId::Take(1));
    assert_eq!(session.docket().progress().settled, 1);
    run(&mut session, CommandId::Undo);
    run(&mut session, CommandId::Undo);
    assert!(session.docket().is_complete() && session.open_review().is_some());
    assert!(!session.schema().label(&label("actor")).unwrap().guideline.contains("Groups"));
}

#[test]
fn one_reviewer_works_at_a_time_and_the_annotator_is_free_meanwhile() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut first = reviewer(temporary.path());
    let mut second = open(temporary.path(), "ann");
    second.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    second.try_perform(Action::Review(ReviewAction::Begin)).unwrap();
    second.wait_for_review();
    assert!(second.blocked().is_some() && second.blocked_words().starts_with("gold"));
    let refused = second.try_perform(Action::Review(ReviewAction::AcceptAgreeing(2)));
    assert!(refused.is_err());
    second.try_perform(Action::Review(ReviewAction::End)).unwrap();
    assert!(second.blocked().is_none() && second.reviewer().is_none());
    assert_eq!(second.annotator(), &name("ann"));
    assert_eq!(annotations(&second).len(), 4);
    review(&mut first, ReviewAction::AcceptAgreeing(2));
    assert_eq!(annotations(&first).len(), 1);
}

#[test]
fn gold_moves_with_a_corrected_text_and_stays_settled() {
    use copydesk::model::{Article, StepId};
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut session = reviewer(temporary.path());
    review(&mut session, ReviewAction::AcceptAgreeing(2));
    let folder = ProjectFolder::open(temporary.path()).unwrap().folder;
    let before = folder.read_article(&article("raid")).unwrap();
    let text = before.text().replacen("Several militants stormed", "Eleven men stormed", 1);
    let corrected = Article::new(article("raid"), before.meta().clone(), text);
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    let held = folder.correct_article(&corrected, StepId(77)).unwrap_err().to_string();
    assert!(held.contains("gold"), "{held}");
    drop(session);
    let moved = folder.correct_article(&corrected, StepId(77)).unwrap();
    assert!(moved.iter().any(|set| set.annotator.is_gold()), "{moved:?}");
    let session = reviewer(temporary.path());
    assert_eq!(annotations(&session), ["casualty: three police officers"]);
    assert_eq!(session.docket().progress(), Progress { settled: 1, cases: 4 });
}

#[test]
fn working_as_somebody_else_ends_the_review() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut session = reviewer(temporary.path());
    session.try_perform(Action::SwitchAnnotator(name("ben"))).unwrap();
    assert!(session.reviewer().is_none() && session.open_review().is_none());
    session.try_perform(Action::LabelRange(label("actor"), range("officials"))).unwrap();
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    let own = std::fs::read_to_string(temporary.path().join("history/ben/raid.ron")).unwrap();
    assert!(own.lines().all(|line| line.contains("by: \"ben\"")), "{own}");
    assert!(!temporary.path().join("gold/raid.ron").exists());
}

#[test]
fn cases_alike_are_decided_in_one_step_in_every_article() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let text = "police here, police there";
    let folder = ProjectFolder::open(temporary.path()).unwrap().folder;
    use copydesk::model::{Article, ArticleMeta};
    use copydesk::text::TextRange;
    for id in ["one", "two", "three"] {
        folder.add_article(&Article::new(article(id), ArticleMeta::default(), text)).unwrap();
    }
    for (who, what) in [("ann", "actor"), ("ben", "location")] {
        let mut session = open(temporary.path(), who);
        for id in ["one", "two", "three"] {
            session.try_perform(Action::OpenArticle(article(id))).unwrap();
            for at in [0, 13] {
                let range = TextRange::at(at.into(), 6.into());
                session.try_perform(Action::LabelRange(label(what), range)).unwrap();
            }
            run(&mut session, CommandId::MarkDone);
        }
        assert_eq!(session.wait_until_saved(), SaveState::Saved);
    }
    let mut session = open(temporary.path(), "rev");
    session.try_perform(Action::OpenArticle(article("one"))).unwrap();
    review(&mut session, ReviewAction::Begin);
    let first = cases(&session)[0].clone();
    let alike: Vec<_> =
        session.docket().alike(&first).iter().map(|entry| entry.key.clone()).collect();
    assert_eq!(alike.len(), 5);
    let steps = session.history().undoable();
    review(&mut session, ReviewAction::DecideAlike(alike, Decision::Take(name("ann"))));
    assert_eq!(session.history().undoable(), steps + 1);
    assert_eq!(session.docket().progress(), Progress { settled: 5, cases: 6 });
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    for (id, expected) in [("one", 1), ("two", 2), ("three", 2)] {
        let read = folder.read_article(&article(id)).unwrap();
        let gold = folder.read_set(&Arc::new(read), &AnnotatorName::gold()).unwrap().set;
        assert_eq!(gold.label_counts()[&label("actor")], expected);
    }
    run(&mut session, CommandId::Undo);
    assert_eq!(session.docket().progress().settled, 0);
    // An edited one is edited alike, each in its own place.
    let edited = |start: u32, length: u32| Decision::Edited {
        like: name("ann"),
        span: copydesk::model::Span::new(TextRange::at(start.into(), length.into())).unwrap(),
        label: label("casualty"),
        attributes: copydesk::model::Attributes::default(),
    };
    let all = cases(&session);
    review(&mut session, ReviewAction::DecideAlike(all.clone(), edited(0, 6)));
    assert_eq!(annotations(&session), ["casualty: police", "casualty: police"]);
    assert_eq!(session.docket().progress().settled, 6);
    run(&mut session, CommandId::Undo);
    // Where other words follow it would not be the same.
    review(&mut session, ReviewAction::DecideAlike(all, edited(0, 11)));
    assert_eq!(annotations(&session), ["casualty: police here"]);
    assert_eq!(session.docket().progress().settled, 3);
    run(&mut session, CommandId::Undo);
    run(&mut session, CommandId::Redo);
    run(&mut session, CommandId::Undo);
    review(&mut session, ReviewAction::AcceptAgreeingEverywhere(2));
    assert_eq!(session.docket().progress().settled, 0, "nobody agrees");
    run(&mut session, CommandId::Redo);
    assert_eq!(session.docket().progress().settled, 3);
}

#[test]
fn each_filter_leaves_out_what_it_says() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path();
    annotated(root);
    let same = [
        ("actor", "Several militants"),
        ("location", "police headquarters"),
        ("casualty", "three police officers"),
    ];
    annotate(root, "cat", &same);
    for (who, length) in [("ann", 10), ("ben", 8)] {
        let mut session = open(root, who);
        session.try_perform(Action::OpenArticle(article("march"))).unwrap();
        let range = copydesk::text::TextRange::at(0.into(), length.into());
        session.try_perform(Action::LabelRange(label("claim"), range)).unwrap();
        run(&mut session, CommandId::MarkDone);
        assert_eq!(session.wait_until_saved(), SaveState::Saved);
    }
    let mut session = reviewer(root);
    let mut shown = |filter: DocketFilter| -> Vec<String> {
        review(&mut session, ReviewAction::Filter(filter));
        let shown: Vec<_> = session.docket().entries().map(|entry| entry.text.clone()).collect();
        assert_eq!(session.docket().shown(), shown.len());
        shown
    };
    let all = DocketFilter::default;
    let (militants, headquarters) = ("Several militants", "police headquarters");
    assert_eq!(shown(all()), ["Protesters", militants, headquarters, "officials"]);
    let kind = |kind| DocketFilter { kind: Some(kind), ..all() };
    assert_eq!(shown(kind(DifferenceKind::Missing)), ["officials"]);
    assert_eq!(shown(kind(DifferenceKind::Boundary)), ["Protesters", militants]);
    assert_eq!(shown(kind(DifferenceKind::Label)), [headquarters]);
    assert!(shown(kind(DifferenceKind::Relation)).is_empty());
    let of_label = |id| DocketFilter { label: Some(label(id)), ..all() };
    assert_eq!(shown(of_label("location")), [headquarters]);
    assert_eq!(shown(of_label("actor")), [militants, headquarters, "officials"]);
    assert_eq!(shown(of_label("claim")), ["Protesters"]);
    let here = |id| DocketFilter { article: Some(article(id)), ..all() };
    assert_eq!(shown(here("march")), ["Protesters"]);
    assert_eq!(shown(here("raid")).len(), 3);
    // Ann and cat agree on the militants and the headquarters; ann alone has the officials,
    // and of the two who marked the march neither says what most say.
    let apart = |who| DocketFilter { annotator: Some(name(who)), ..all() };
    assert_eq!(shown(apart("ann")), ["Protesters"]);
    assert_eq!(shown(apart("ben")), ["Protesters", militants, headquarters, "officials"]);
    assert_eq!(shown(apart("cat")), ["officials"]);
    assert!(shown(apart("nobody")).is_empty());
    review(&mut session, ReviewAction::Filter(all()));
    let entry = session.docket().entries().nth(2).unwrap();
    let marks = entry.mentions.iter().skip(1).take(1);
    let marks = marks.map(|one| (entry.key.article.clone(), one.annotator.clone(), one.id));
    let behind = Some(Behind::new("a number", marks));
    let mut shown = |filter: DocketFilter| -> Vec<String> {
        review(&mut session, ReviewAction::Filter(filter));
        session.docket().entries().map(|entry| entry.text.clone()).collect()
    };
    assert_eq!(shown(DocketFilter { behind: behind.clone(), ..all() }), [headquarters]);
    let both = DocketFilter { behind, kind: Some(DifferenceKind::Missing), ..all() };
    assert!(shown(both).is_empty());
}

#[test]
fn one_file_that_cannot_be_read_keeps_nothing_else_from_being_decided() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path();
    annotated(root);
    for who in ["ann", "ben"] {
        let mut session = open(root, who);
        session.try_perform(Action::OpenArticle(article("march"))).unwrap();
        for (id, at, length) in
            [("actor", 0, 10), (if who == "ann" { "location" } else { "claim" }, 20, 6)]
        {
            let range = copydesk::text::TextRange::at(at.into(), length.into());
            session.try_perform(Action::LabelRange(label(id), range)).unwrap();
        }
        run(&mut session, CommandId::MarkDone);
        assert_eq!(session.wait_until_saved(), SaveState::Saved);
    }
    let mut session = open(root, "rev");
    session.try_perform(Action::OpenArticle(article("march"))).unwrap();
    review(&mut session, ReviewAction::Begin);
    let all = cases(&session);
    assert_eq!(all.len(), 4);
    std::fs::write(root.join("annotations/ben/raid.ron"), "(format: 1, broken").unwrap();
    session.take_notices();
    review(&mut session, ReviewAction::AcceptAgreeingEverywhere(2));
    let told = session.take_notices();
    let names_it = |told: &copydesk::session::Notice| {
        told.text.starts_with("Left out") && told.text.contains("annotations/ben/raid.ron")
    };
    assert_eq!(told.iter().filter(|told| names_it(told)).count(), 1, "{told:?}");
    assert_eq!(annotations(&session), ["actor: Protesters"]);
    review(&mut session, ReviewAction::DecideAlike(all, Decision::Take(name("ann"))));
    assert!(session.take_notices().iter().any(names_it));
    assert_eq!(annotations(&session).len(), 2);
}

#[test]
fn from_an_agreed_case_the_next_open_one_is_the_next_in_the_text() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path();
    project(root);
    let agreed = ("location", "police headquarters");
    annotate(root, "ann", &[("actor", "Several militants"), agreed, ("actor", "officials")]);
    annotate(root, "ben", &[("actor", "militants"), agreed]);
    let mut session = reviewer(root);
    let open = session.open_review().unwrap();
    let index = open.comparison().cases.iter().position(|case| case.is_agreed()).unwrap();
    let key = open.key(index);
    review(&mut session, ReviewAction::Select(key));
    review(&mut session, ReviewAction::NextOpen);
    let selected = session.docket().entry(session.selected_case().unwrap()).unwrap();
    assert_eq!(selected.text, "officials");
}

#[test]
fn nothing_is_undone_while_decisions_are_carried_out() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut session = reviewer(temporary.path());
    review(&mut session, ReviewAction::AcceptAgreeing(2));
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    let all = ReviewAction::DecideAlike(cases(&session), Decision::Reject);
    session.try_perform(Action::Review(all)).unwrap();
    let refused = session.try_perform(Action::Command(CommandId::Undo)).unwrap_err();
    assert!(refused.to_string().contains("decisions are being carried out"), "{refused}");
    assert_eq!(session.docket().progress().settled, 1);
    session.wait_for_review();
    assert_eq!(session.docket().progress().settled, 4, "what was carried out is there");
    run(&mut session, CommandId::Undo);
    assert_eq!(session.docket().progress().settled, 1);
}

#[test]
fn an_edit_by_hand_keeps_a_case_settled_and_deleting_its_gold_opens_it() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut session = reviewer(temporary.path());
    review(&mut session, ReviewAction::AcceptAgreeing(2));
    let id = session.set().unwrap().annotations().next().unwrap().id;
    session.try_perform(Action::SelectAnnotation(Some(id))).unwrap();
    run(&mut session, CommandId::EndEarlier);
    assert_eq!(annotations(&session), ["casualty: three police"]);
    assert_eq!(session.docket().progress().settled, 1);
    run(&mut session, CommandId::Delete);
    assert_eq!(session.docket().progress().settled, 0);
}

#[test]
fn the_list_of_cases_follows_what_others_do_in_every_article() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path();
    annotated(root);
    // The reviewer has another article open.
    let mut session = open(root, "rev");
    session.try_perform(Action::OpenArticle(article("march"))).unwrap();
    review(&mut session, ReviewAction::Begin);
    assert_eq!(cases(&session).len(), 3);
    annotate(root, "cat", &[("actor", "Several militants"), ("actor", "the adviser")]);
    let is_there = |session: &Session| {
        session
            .docket()
            .entries()
            .any(|entry| entry.text == "the adviser" && entry.annotators.contains(&name("cat")))
    };
    let start = std::time::Instant::now();
    while !is_there(&session) {
        assert!(start.elapsed().as_secs() < 120, "{:?}", cases(&session));
        session.poll();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    session.wait_for_review();
    assert_eq!(session.docket_progress(), None);
    // Who goes back to work on an article takes it out of what is compared.
    let mut cat = open(root, "cat");
    cat.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    run(&mut cat, CommandId::MarkInProgress);
    assert_eq!(cat.wait_until_saved(), SaveState::Saved);
    let start = std::time::Instant::now();
    while is_there(&session) {
        assert!(start.elapsed().as_secs() < 120, "{:?}", cases(&session));
        session.poll();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(cases(&session).len(), 3);
}

/// Three articles with one case each, that nobody has settled.
fn three_articles(root: &std::path::Path) {
    use copydesk::model::{Article, ArticleMeta};
    use copydesk::text::TextRange;
    project(root);
    let folder = ProjectFolder::open(root).unwrap().folder;
    for id in ["one", "one-b", "one-c"] {
        let made = Article::new(article(id), ArticleMeta::default(), "police here, police there");
        folder.add_article(&made).unwrap();
    }
    for (who, what) in [("ann", "actor"), ("ben", "location")] {
        let mut session = open(root, who);
        for id in ["one", "one-b", "one-c"] {
            session.try_perform(Action::OpenArticle(article(id))).unwrap();
            let range = TextRange::at(0.into(), 6.into());
            session.try_perform(Action::LabelRange(label(what), range)).unwrap();
            run(&mut session, CommandId::MarkDone);
        }
        assert_eq!(session.wait_until_saved(), SaveState::Saved);
    }
}

#[test]
fn the_next_article_has_its_own_first_case_selected_and_open_cases_are_told() {
    let temporary = tempfile::tempdir().unwrap();
    three_articles(temporary.path());
    let mut session = open(temporary.path(), "rev");
    session.try_perform(Action::OpenArticle(article("one"))).unwrap();
    review(&mut session, ReviewAction::Begin);
    review(&mut session, ReviewAction::NextOpen);
    assert_eq!(session.selected_case().unwrap().article, article("one"));
    let _ = session.take_notices();
    run(&mut session, CommandId::DoneAndNext);
    session.wait_for_review();
    let notices: Vec<_> = session.take_notices().into_iter().map(|found| found.text).collect();
    assert!(notices.iter().any(|text| text.contains("1 case still open")), "{notices:?}");
    let here = session.article().unwrap().article.id().clone();
    assert_ne!(here, article("one"));
    assert_eq!(session.selected_case().unwrap().article, here);
    // The next key is about what is shown.
    review(&mut session, ReviewAction::Decide(Decision::Take(name("ann"))));
    assert_eq!(session.docket().progress_of(&here).settled, 1);
    run(&mut session, CommandId::Undo);
    run(&mut session, CommandId::Undo);
    session.try_perform(Action::OpenArticle(article("one"))).unwrap();
    session.wait_for_review();
    assert_ne!(session.set().unwrap().state(), State::Done);
}

/// The articles of a project with a hundred and twenty cases, in which the two annotators
/// differ in turn about the label, the boundary, and whether there is anything.
const MANY: [&str; 4] = ["day-1", "day-2", "day-3", "day-4"];
const IN_EACH: usize = 30;

fn many_cases(root: &std::path::Path) {
    use copydesk::model::{Article, ArticleMeta};
    use copydesk::text::{TextRange, TextSize};
    project(root);
    let sentences = (0..IN_EACH).map(|number| format!("Police chief {number} spoke. "));
    let text: String = sentences.collect();
    let folder = ProjectFolder::open(root).unwrap().folder;
    for id in MANY {
        folder.add_article(&Article::new(article(id), ArticleMeta::default(), &*text)).unwrap();
    }
    for who in ["ann", "ben"] {
        let mut session = open(root, who);
        for id in MANY {
            session.try_perform(Action::OpenArticle(article(id))).unwrap();
            for (number, (at, police)) in text.match_indices("Police").enumerate() {
                let (what, words) = match (who, number % 3) {
                    ("ann", _) => ("actor", police),
                    (_, 0) => ("location", police),
                    (_, 1) => ("actor", "Police chief"),
                    _ => continue,
                };
                let range = TextRange::at(TextSize::new(at as u32), TextSize::of(words));
                session.try_perform(Action::LabelRange(label(what), range)).unwrap();
            }
            run(&mut session, CommandId::MarkDone);
        }
        assert_eq!(session.wait_until_saved(), SaveState::Saved);
    }
}

#[test]
fn more_than_a_hundred_cases_are_settled_by_one_command_each_and_undone_after_a_restart() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path();
    many_cases(root);
    let all = MANY.len() * IN_EACH;
    let keys = [
        CommandId::Take(1),
        CommandId::Take(2),
        CommandId::TakeUnion,
        CommandId::TakeOverlap,
        CommandId::RejectCase,
    ];
    let mut session = open(root, "rev");
    review(&mut session, ReviewAction::Begin);
    assert_eq!(session.docket().progress(), Progress { settled: 0, cases: all });
    run(&mut session, CommandId::NextOpenCase);
    for (settled, key) in keys.into_iter().cycle().take(all).enumerate() {
        session.wait_for_review();
        let case = session.selected_case().unwrap().clone();
        assert!(session.docket().entry(&case).unwrap().is_open(), "the next came by itself");
        run(&mut session, key);
        assert_eq!(session.docket().progress().settled, settled + 1, "{key:?} at {case:?}");
        assert!(!session.docket().entry(&case).unwrap().is_open());
    }
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    drop(session);

    // Rejected: each fifth, and what the second annotator did not mark.
    let gold = |id: &str| std::fs::read_to_string(root.join(format!("gold/{id}.ron"))).unwrap();
    let rejected: usize = MANY.iter().map(|id| gold(id).matches("rejected: true").count()).sum();
    let is_rejected = |at: &usize| at % 5 == 4 || (at % 5 == 1 && at % 3 == 2);
    assert_eq!(rejected, (0..all).filter(is_rejected).count());

    let mut session = open(root, "rev");
    review(&mut session, ReviewAction::Begin);
    session.wait_for_history();
    session.wait_for_review();
    for left in (0..all).rev() {
        run(&mut session, CommandId::Undo);
        assert_eq!(session.docket().progress().settled, left);
        let selected = session.selected_case().unwrap();
        assert!(session.docket().entry(selected).unwrap().is_open(), "what was undone is shown");
    }
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    for id in MANY {
        assert!(!gold(id).contains("gold: \"") && !gold(id).contains("rejected"), "{}", gold(id));
    }
}
