//! Reviewing in a session without a window: what each action does to gold, and what of it
//! is on disk.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::edit::Migration;
use copydesk::model::{AnnotatorName, Origin, State};
use copydesk::review::{Decision, DifferenceKind, Draw, Progress, Standing};
use copydesk::session::command::CommandId;
use copydesk::session::review::{Behind, CaseKey, DocketFilter, ReviewAction};
use copydesk::session::{Action, SaveState, Session};
use copydesk::store::{Problem, ProjectFolder, check};
use std::path::Path;
use std::sync::Arc;
use support::{annotations, article, label, project, range};

fn name(name: &str) -> AnnotatorName {
    AnnotatorName::new(name).unwrap()
}

fn open(root: &Path, who: &str) -> Session {
    let mut session = Session::open(root, Some(name(who)), Arc::new(|| {})).unwrap();
    session.wait_until_listed();
    session.wait_for_history();
    session
}

fn run(session: &mut Session, command: CommandId) {
    session.try_perform(Action::Command(command)).unwrap();
}

fn review(session: &mut Session, action: ReviewAction) {
    session.try_perform(Action::Review(action)).unwrap();
    session.wait_for_review();
}

/// Has somebody mark words of the raid with labels, and finish it.
fn annotate(root: &Path, who: &str, marks: &[(&str, &str)]) {
    let mut session = open(root, who);
    session.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    for (id, words) in marks {
        session.try_perform(Action::LabelRange(label(id), range(words))).unwrap();
    }
    run(&mut session, CommandId::MarkDone);
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
}

/// Two annotators who agree on the officers and differ on three things.
fn annotated(root: &Path) {
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
fn reviewer(root: &Path) -> Session {
    let mut session = open(root, "rev");
    session.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    review(&mut session, ReviewAction::Begin);
    session
}

fn cases(session: &Session) -> Vec<CaseKey> {
    session.docket().entries().map(|entry| entry.key.clone()).collect()
}

fn gold_file(root: &Path) -> String {
    std::fs::read_to_string(root.join("gold/raid.ron")).unwrap()
}

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
    run(&mut session, CommandId::Undo);
    assert_eq!(session.docket().progress().settled, 1);
    assert_eq!(annotations(&session), ["actor: Several militants"]);
    run(&mut session, CommandId::Undo);
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
    let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
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
        assert!(start.elapsed().as_secs() < 20, "{:?}", said(&mut ann));
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
        assert!(start.elapsed().as_secs() < 20, "{:?}", cases(&session));
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
        assert!(start.elapsed().as_secs() < 20, "{:?}", cases(&session));
        session.poll();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(cases(&session).len(), 3);
}

#[test]
fn precedents_follow_what_is_settled_afterwards() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path();
    annotated(root);
    let mut session = reviewer(root);
    review(&mut session, ReviewAction::LookUp("police headquarters".to_owned()));
    let known = |session: &Session| -> Vec<(Option<String>, usize)> {
        let known = session.precedents().unwrap();
        let labels = known.precedents.labels().into_iter();
        labels.map(|(label, found)| (label.map(ToString::to_string), found.len())).collect()
    };
    let (actor, location) = (Some("actor".to_owned()), Some("location".to_owned()));
    assert_eq!(known(&session), [(actor, 1), (location.clone(), 1)]);
    // Gold that is done counts alone: its first annotator’s location.
    while cases(&session).iter().any(|_| session.docket().entries().any(|e| e.is_open())) {
        review(&mut session, ReviewAction::NextOpen);
        review(&mut session, ReviewAction::Decide(Decision::Take(name("ann"))));
    }
    run(&mut session, CommandId::MarkDone);
    let start = std::time::Instant::now();
    while known(&session) != [(location.clone(), 1)] {
        assert!(start.elapsed().as_secs() < 20, "{:?}", known(&session));
        session.poll();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(session.precedents().unwrap().precedents.labels()[0].1[0].is_gold());
}

#[test]
fn precedents_count_gold_before_annotators_and_what_nobody_labelled() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    // “police” stands five times in the raid, and in no other article.
    annotate(temporary.path(), "ann", &[("actor", "police")]);
    annotate(temporary.path(), "ben", &[("location", "police")]);
    let look_up = |session: &mut Session| {
        review(session, ReviewAction::LookUp(" police".to_owned()));
        let found = session.precedents().unwrap();
        assert!(found.is_complete && found.surface == "police");
        let labels = found.precedents.labels();
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
    // Gold that is not done settles nothing yet.
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
    let found = &session.precedents().unwrap().precedents;
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
    review(&mut cat, ReviewAction::LookUp("three police officers".to_owned()));
    assert!(cat.precedents().unwrap().precedents.is_empty());
    cat.try_perform(Action::OpenArticle(article("raid"))).unwrap();
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
    may_not_review(&mut ben);
    // Who has no articles sees everything.
    let mut rev = open(temporary.path(), "rev");
    assert_eq!(shown(&mut rev), ["march", "raid"]);
    assert_eq!(rev.catalogue().listed(), 2);
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
        assert!(start.elapsed().as_secs() < 20);
        session.poll();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(session.annotator(), &name("rev"));
    assert!(cases(&session).is_empty() && session.open_review().is_none());
    assert!(session.take_notices().iter().any(|told| told.text.contains("Reviewing has ended")));
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
                 as ann can tell. rev";
    assert_eq!(session.shown_words(words), words);
    review(&mut session, ReviewAction::SetRules { own_only: false, blind: true });
    let [ann, ben] = ["ann", "ben"].map(|who| session.shown_name(&name(who)));
    let expected = format!(
        "annotations/{ann}/raid.ron:3, history\\{ben}\\raid.ron and .copydesk/locks/{ben}.lock: \
         as ann can tell. rev"
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
            assert!(start.elapsed().as_secs() < 20, "{:?}", session.take_notices());
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
        assert!(start.elapsed().as_secs() < 20);
        std::thread::sleep(std::time::Duration::from_millis(5));
    };
    assert!(told.text.contains("assignment.ron"), "{told:?}");
    assert!(session.assignment().restricts(&name("ann")));
    std::fs::remove_file(root.join("assignment.ron")).unwrap();
    wait(&mut session, &|session| !session.assignment().restricts(&name("ann")));
}
