//! Reviewing in the window, with the keyboard as far as it goes: read back from the session
//! and from the accessibility tree.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::app::WindowOptions;
use copydesk::model::{AnnotatorName, Article, ArticleMeta};
use copydesk::review::Progress;
use copydesk::session::command::CommandId;
use copydesk::session::review::{DocketFilter, ReviewAction};
use copydesk::session::{Action, SaveState, Session};
use copydesk::store::{ProjectFolder, Settings};
use copydesk::text::TextRange;
use egui::{Event, Key, Modifiers, Vec2};
use egui_kittest::kittest::Queryable;
use std::path::Path;
use std::sync::Arc;
use support::desk::{Window, foreign_window, nodes, session, window_of};
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

/// Has somebody mark words of the raid with labels, and finish it.
fn annotate(root: &Path, who: &str, marks: &[(&str, &str)]) {
    let mut session = open(root, who);
    session.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    for (id, words) in marks {
        session.try_perform(Action::LabelRange(label(id), range(words))).unwrap();
    }
    session.try_perform(Action::Command(CommandId::MarkDone)).unwrap();
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
}

/// Two annotators who agree on the officers and differ on three things.
fn annotated(root: &Path) {
    project(root);
    annotate(
        root,
        "zara",
        &[
            ("actor", "Several militants"),
            ("location", "police headquarters"),
            ("casualty", "three police officers"),
            ("actor", "officials"),
        ],
    );
    annotate(
        root,
        "quill",
        &[
            ("actor", "militants"),
            ("actor", "police headquarters"),
            ("casualty", "three police officers"),
        ],
    );
}

/// Frames and background work until nothing is left to do.
fn settle(window: &mut Window) {
    for _ in 0..3 {
        window.run_steps(3);
        session(window).wait_for_review();
    }
    window.run_steps(3);
}

fn press(window: &mut Window, key: Key) {
    window.key_press(key);
    settle(window);
}

fn press_with(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    settle(window);
}

fn click(window: &mut Window, name: &str) {
    window.get_by_label(name).click();
    settle(window);
}

/// The window of a reviewer, in Review mode.
fn reviewing(root: &Path, article_id: &str) -> Window {
    let size = Vec2::new(1440.0, 900.0);
    begun(window_of(reviewer(root), Settings::default(), size, 1.0 / 60.0), article_id)
}

fn reviewer(root: &Path) -> WindowOptions {
    let project = Some(root.to_path_buf());
    WindowOptions { project, annotator: Some(name("rev")), trace: None }
}

/// Begins reviewing with an article open.
fn begun(mut window: Window, article_id: &str) -> Window {
    support::desk::perform(&mut window, Action::OpenArticle(article(article_id)));
    press_with(&mut window, Modifiers::COMMAND, Key::Num2);
    assert_eq!(session(&mut window).reviewer(), Some(&name("rev")));
    window
}

fn progress(window: &mut Window) -> Progress {
    session(window).docket().progress()
}

fn selected_text(window: &mut Window) -> String {
    let session = session(window);
    let key = session.selected_case().expect("a case is selected").clone();
    session.docket().entry(&key).unwrap().text.clone()
}

#[test]
fn a_case_is_settled_with_one_key_and_taken_back_with_undo() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut window = reviewing(temporary.path(), "raid");
    assert_eq!(selected_text(&mut window), "Several militants");
    window.get_by_label("Take quill: Actor, “militants”");
    window.get_by_label("Take zara: Actor, “Several militants”");
    let keys: Vec<_> = session(&mut window).compared().into_iter().map(|(_, who)| who).collect();
    let at = keys.iter().position(|who| who == "quill").unwrap();
    press(&mut window, [Key::Num1, Key::Num2][at]);
    assert_eq!(annotations(session(&mut window)), ["actor: militants"]);
    assert_eq!(selected_text(&mut window), "police headquarters");
    press_with(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(progress(&mut window), Progress { settled: 0, cases: 4 });
    assert_eq!(selected_text(&mut window), "Several militants");
}

#[test]
fn union_overlap_and_none_have_keys_and_a_decision_can_be_taken_back() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut window = reviewing(temporary.path(), "raid");
    press(&mut window, Key::U);
    assert_eq!(annotations(session(&mut window)), ["actor: Several militants"]);
    press(&mut window, Key::K);
    press(&mut window, Key::O);
    assert_eq!(annotations(session(&mut window)), ["actor: militants"]);
    press(&mut window, Key::K);
    press(&mut window, Key::X);
    assert!(annotations(session(&mut window)).is_empty());
    assert_eq!(progress(&mut window).settled, 1);
    press(&mut window, Key::K);
    window.get_by_label("Settled: nothing is here");
    press_with(&mut window, Modifiers::SHIFT, Key::X);
    assert_eq!(progress(&mut window).settled, 0);
}

#[test]
fn the_whole_sample_is_settled_without_the_mouse() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("karachi");
    copy(Path::new("projects/karachi"), &root);
    // Reports quote signs that the window's own fonts lack.
    let size = Vec2::new(1440.0, 900.0);
    let window = foreign_window(reviewer(&root), Settings::default(), size);
    let mut window = begun(window, "gunmen-raid-police-offices");
    let all = progress(&mut window);
    let differing = session(&mut window).docket().entries().count();
    assert!(differing > 10 && all.cases > differing, "{differing} of {all:?}");
    for done in 0..differing {
        assert_eq!(progress(&mut window).settled, done);
        press(&mut window, Key::Num1);
    }
    assert_eq!(progress(&mut window).settled, differing);
    press_with(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::A);
    press(&mut window, Key::Tab);
    press(&mut window, Key::Enter);
    let here = article("gunmen-raid-police-offices");
    let settled = session(&mut window).docket().progress_of(&here);
    assert_eq!(settled.settled, settled.cases, "both have finished this one");
    // Of the other article only one annotator has finished it: one is enough there.
    press_with(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::A);
    press_with(&mut window, Modifiers::SHIFT, Key::Tab);
    press_with(&mut window, Modifiers::SHIFT, Key::Tab);
    press(&mut window, Key::Enter);
    press(&mut window, Key::Tab);
    press(&mut window, Key::Enter);
    assert_eq!(progress(&mut window), Progress { settled: all.cases, ..all });
    press_with(&mut window, Modifiers::COMMAND, Key::D);
    window.get_by_label("Gold is done");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

#[test]
fn the_list_is_narrowed_by_kind_and_says_when_nothing_is_left() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut window = reviewing(temporary.path(), "raid");
    window.get_by_label("“officials”, Missing, open");
    click(&mut window, "Show a kind of difference: Any kind");
    window.get_by_role_and_label(egui::accesskit::Role::Button, "Label").click();
    settle(&mut window);
    assert!(window.query_by_label("“officials”, Missing, open").is_none());
    window.get_by_label("“police headquarters”, Label, open").click();
    settle(&mut window);
    assert_eq!(selected_text(&mut window), "police headquarters");
    click(&mut window, "Open");
    press(&mut window, Key::X);
    assert!(window.query_by_label("“police headquarters”, Label, open").is_none());
    click(&mut window, "Show all cases");
    window.get_by_label("“police headquarters”, Label, settled");
}

#[test]
fn blind_review_shows_letters_and_no_name_anywhere() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut window = reviewing(temporary.path(), "raid");
    let named = |window: &Window| {
        let said = |(_, node): &(_, egui::accesskit::Node)| {
            let words = [node.label(), node.value(), node.description()];
            words
                .into_iter()
                .flatten()
                .any(|words| words.contains("zara") || words.contains("quill"))
        };
        nodes(window).iter().filter(|node| said(node)).count()
    };
    assert!(named(&window) > 0);
    click(&mut window, "Who and what is compared: More");
    click(&mut window, "Hide annotators’ names");
    press(&mut window, Key::Escape);
    assert_eq!(named(&window), 0);
    let letters: Vec<_> = session(&mut window).compared().into_iter().map(|(_, who)| who).collect();
    assert!(letters.is_sorted() && letters.iter().all(|letter| letter.len() == 1), "{letters:?}");
    // The first key takes the first letter, whoever is behind it.
    press(&mut window, Key::Num1);
    assert_eq!(progress(&mut window).settled, 1);
    assert_eq!(named(&window), 0);
}

/// Everything that is said of nodes, in which one of the two annotators is named.
fn naming(window: &Window) -> Vec<String> {
    let words = |(_, node): (_, egui::accesskit::Node)| {
        [node.label(), node.value(), node.description()].map(|words| words.map(str::to_owned))
    };
    let said = nodes(window).into_iter().flat_map(words).flatten();
    said.filter(|words| words.contains("zara") || words.contains("quill")).collect()
}

#[test]
fn names_are_hidden_in_every_mode_and_in_the_report() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("p");
    annotated(&root);
    let folder = ProjectFolder::open(&root).unwrap().folder;
    let hidden = folder.change_assignment(|assignment| {
        assignment.blind = true;
        Ok::<_, copydesk::store::StoreError>(())
    });
    assert!(hidden.unwrap().blind);
    // What cannot be read is named with its path.
    std::fs::write(root.join("annotations/zara/march.ron"), "(format: 1, broken").unwrap();
    std::fs::write(root.join("annotations/quill/march.ron"), "(format: 1, broken").unwrap();
    let size = Vec2::new(1440.0, 1800.0);
    let mut window = window_of(reviewer(&root), Settings::default(), size, 1.0 / 10.0);
    let wait_for = |window: &mut Window, words: &str| {
        for _ in 0..2_000 {
            window.run_steps(1);
            if window.query_all_by_label_contains(words).next().is_some() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("{words} never came");
    };
    // The menu of whoever annotates offers nobody else by name.
    window.get_by_label("rev").click();
    window.run_steps(4);
    window.get_by_label("Name of another annotator");
    assert_eq!(naming(&window), [""; 0]);
    window.key_press(Key::Escape);
    press_with(&mut window, Modifiers::COMMAND, Key::Num4);
    let mut letters = ["zara", "quill"].map(|who| session(&mut window).shown_name(&name(who)));
    letters.sort();
    let [first, second] = letters;
    wait_for(&mut window, &format!("{first} and {second}: F1 exact"));
    wait_for(&mut window, "march.ron");
    assert_eq!(naming(&window), [""; 0]);
    click(&mut window, "Write HTML");
    wait_for(&mut window, "Written: ");
    let page = std::fs::read_to_string(temporary.path().join("p-agreement.html")).unwrap();
    assert!(
        page.contains(&format!("{first} / {second}"))
            && !page.contains("zara")
            && !page.contains("quill")
    );
    press_with(&mut window, Modifiers::COMMAND, Key::Num3);
    wait_for(&mut window, "march.ron");
    assert_eq!(naming(&window), [""; 0]);
    for who in ["zara", "quill"] {
        std::fs::remove_file(root.join("annotations").join(who).join("march.ron")).unwrap();
    }
    window.get_by_role_and_label(egui::accesskit::Role::ComboBox, "Source").click();
    window.run_steps(4);
    window.get_by_label("everybody, as shares");
    window.get_by_label(&first);
    assert_eq!(naming(&window), [""; 0]);
    // Another choice is rehearsed anew.
    window.get_by_label(&first).click();
    wait_for(&mut window, "it has names");
    assert_eq!(naming(&window), [""; 0]);
    press_with(&mut window, Modifiers::COMMAND, Key::Num2);
    assert!(session(&mut window).reviewer().is_some());
    assert_eq!(naming(&window), [""; 0]);
    press_with(&mut window, Modifiers::COMMAND, Key::Num1);
    assert_eq!(naming(&window), [""; 0]);
}

#[test]
fn a_case_is_edited_with_keys_alone() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut window = reviewing(temporary.path(), "raid");
    press(&mut window, Key::N);
    assert_eq!(selected_text(&mut window), "police headquarters");
    press(&mut window, Key::E);
    window.get_by_label("Settle");
    // A key of a label gives the draft this label, and brackets move its ends.
    press(&mut window, Key::C);
    press(&mut window, Key::CloseBracket);
    press(&mut window, Key::Enter);
    assert_eq!(annotations(session(&mut window)), ["casualty: headquarters"]);
    assert_eq!(selected_text(&mut window), "officials");
}

#[test]
fn a_comment_is_typed_at_once_and_stands_in_the_card() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut window = reviewing(temporary.path(), "raid");
    window.event(Event::Key {
        key: Key::C,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: Modifiers::NONE,
    });
    // What follows before the field is there.
    window.event(Event::Text("1 of t".into()));
    settle(&mut window);
    window.event(Event::Text("hem".into()));
    settle(&mut window);
    press(&mut window, Key::Enter);
    assert_eq!(progress(&mut window).settled, 0, "what is typed decides nothing");
    let session = session(&mut window);
    let said: Vec<_> = session.set().unwrap().remarks().filter_map(|one| one.comment()).collect();
    assert_eq!(said, ["1 of them"]);
    window.get_by_label("1 of them");
}

#[test]
fn cases_exactly_alike_are_listed_and_decided_at_once() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let folder = ProjectFolder::open(temporary.path()).unwrap().folder;
    for id in ["one", "two"] {
        let text = "police here, police there";
        folder.add_article(&Article::new(article(id), ArticleMeta::default(), text)).unwrap();
    }
    for (who, what) in [("zara", "actor"), ("quill", "location")] {
        let mut session = open(temporary.path(), who);
        for id in ["one", "two"] {
            session.try_perform(Action::OpenArticle(article(id))).unwrap();
            for at in [0, 13] {
                let range = TextRange::at(at.into(), 6.into());
                session.try_perform(Action::LabelRange(label(what), range)).unwrap();
            }
            session.try_perform(Action::Command(CommandId::MarkDone)).unwrap();
        }
        assert_eq!(session.wait_until_saved(), SaveState::Saved);
    }
    let mut window = reviewing(temporary.path(), "one");
    click(&mut window, "3 more cases exactly like this");
    window.get_all_by_label("“police” in two").next().unwrap();
    let steps = session(&mut window).history().undoable();
    press(&mut window, Key::Num1);
    assert_eq!(progress(&mut window), Progress { settled: 4, cases: 4 });
    assert_eq!(session(&mut window).history().undoable(), steps + 1);
}

#[test]
fn an_edit_is_for_all_that_are_listed_as_exactly_alike() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let folder = ProjectFolder::open(temporary.path()).unwrap().folder;
    let text = "police here, police there";
    folder.add_article(&Article::new(article("one"), ArticleMeta::default(), text)).unwrap();
    for (who, what) in [("zara", "actor"), ("quill", "location")] {
        let mut session = open(temporary.path(), who);
        session.try_perform(Action::OpenArticle(article("one"))).unwrap();
        for at in [0, 13] {
            let range = TextRange::at(at.into(), 6.into());
            session.try_perform(Action::LabelRange(label(what), range)).unwrap();
        }
        session.try_perform(Action::Command(CommandId::MarkDone)).unwrap();
        assert_eq!(session.wait_until_saved(), SaveState::Saved);
    }
    let mut window = reviewing(temporary.path(), "one");
    click(&mut window, "1 more case exactly like this");
    press(&mut window, Key::E);
    window.get_by_label("What you make of it is for this case and for 1 more case");
    press(&mut window, Key::C);
    press(&mut window, Key::Enter);
    assert_eq!(annotations(session(&mut window)), ["casualty: police", "casualty: police"]);
    press_with(&mut window, Modifiers::COMMAND, Key::Z);
    assert!(annotations(session(&mut window)).is_empty());
    // Without the list it is for the one case.
    press(&mut window, Key::E);
    press(&mut window, Key::C);
    press(&mut window, Key::Enter);
    assert_eq!(annotations(session(&mut window)), ["casualty: police"]);
}

#[test]
fn everybody_has_keys_where_there_are_more_than_nine() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    for at in 1..=11 {
        let what = if at == 11 { "location" } else { "actor" };
        annotate(
            temporary.path(),
            &format!("p{at:02}"),
            &[(what, "militants"), (what, "officials")],
        );
    }
    let mut window = reviewing(temporary.path(), "raid");
    assert_eq!(session(&mut window).compared().len(), 11);
    press(&mut window, Key::Num0);
    press(&mut window, Key::Num2);
    assert_eq!(annotations(session(&mut window)), ["location: militants"]);
    // In the next case 2 is the second again, and after two turns too.
    press(&mut window, Key::Num0);
    press(&mut window, Key::Num0);
    press(&mut window, Key::Num2);
    assert_eq!(annotations(session(&mut window)), ["location: militants", "actor: officials"]);
}

#[test]
fn who_reviews_alone_is_told_what_is_missing() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut session = open(temporary.path(), "zara");
    session.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    session.try_perform(Action::LabelRange(label("actor"), range("officials"))).unwrap();
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    drop(session);
    let mut window = reviewing(temporary.path(), "raid");
    window.get_by_label("Nothing is finished yet");
    click(&mut window, "Compare unfinished articles too");
    window.get_by_label("Annotators differ in nothing");
    let only_open = DocketFilter { only_open: true, ..DocketFilter::default() };
    let accept = [ReviewAction::Filter(only_open), ReviewAction::AcceptAgreeing(1)];
    for action in accept {
        support::desk::perform(&mut window, Action::Review(action));
    }
    settle(&mut window);
    window.get_by_label("Everything is settled");
}

#[test]
fn keys_of_cases_do_nothing_while_annotating_and_leaving_gives_back_the_own_set() {
    let temporary = tempfile::tempdir().unwrap();
    annotated(temporary.path());
    let mut window = reviewing(temporary.path(), "raid");
    press_with(&mut window, Modifiers::COMMAND, Key::Num1);
    assert!(session(&mut window).reviewer().is_none());
    assert_eq!(session(&mut window).annotator(), &name("rev"));
    for key in [Key::Num1, Key::U, Key::X] {
        press(&mut window, key);
    }
    assert!(annotations(session(&mut window)).is_empty());
    press_with(&mut window, Modifiers::COMMAND, Key::Num2);
    assert_eq!(progress(&mut window).settled, 0);
    // The search has its list beside the articles that are annotated.
    press_with(&mut window, Modifiers::COMMAND, Key::F);
    assert!(session(&mut window).reviewer().is_none());
}

#[test]
fn who_has_no_room_for_a_line_is_named_beside_the_row() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path();
    project(root);
    let people = ["ada", "ben", "cat", "dan", "eve", "fay", "gus"];
    let words = [
        "Several",
        "militants",
        "Several militants",
        "Several militants stormed",
        "Several militants stormed the",
        "Several militants stormed the police",
        "militants stormed the police headquarters",
    ];
    for (who, words) in people.iter().zip(words) {
        annotate(root, who, &[("actor", words)]);
    }
    let window = reviewing(root, "raid");
    let spoken = nodes(&window).into_iter().find_map(|(_, node)| {
        let words = node.label().or(node.value())?;
        words.starts_with("No room for ").then(|| words.to_owned())
    });
    let spoken = spoken.expect("the seventh has no room");
    assert!(spoken.contains("gus Actor “militants stormed the police"), "{spoken}");
    assert!(people[..6].iter().all(|who| !spoken.contains(who)), "{spoken}");
}

#[test]
fn how_far_gold_is_shows_whatever_room_the_names_need() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path();
    project(root);
    for at in 1..=7 {
        let who = format!("somebody-with-a-very-long-name-{at}");
        annotate(root, &who, &[("actor", "militants")]);
    }
    let mut window = reviewing(root, "raid");
    settle(&mut window);
    let words = window.get_by_label("0 of 1 settled").rect();
    assert!(words.right() <= 1440.0 && words.left() > 720.0, "{words:?}");
    for at in 1..=7 {
        // A long name is shortened, and each stands clear of what is at the right.
        let lanes: Vec<_> = window
            .get_all_by_label_contains("somebody-with-a-")
            .map(|node| node.rect())
            .filter(|rect| rect.top() < 140.0)
            .collect();
        let lane = lanes.get(at - 1).expect("every lane is named");
        assert!(lane.right() <= words.left(), "{lane:?} {words:?}");
    }
}

#[test]
fn done_and_next_selects_a_case_of_the_article_that_opens() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let folder = ProjectFolder::open(temporary.path()).unwrap().folder;
    let text = "police here, police there";
    for id in ["one", "one-b"] {
        folder.add_article(&Article::new(article(id), ArticleMeta::default(), text)).unwrap();
    }
    for (who, what) in [("zara", "actor"), ("quill", "location")] {
        let mut session = open(temporary.path(), who);
        for id in ["one", "one-b"] {
            session.try_perform(Action::OpenArticle(article(id))).unwrap();
            let range = TextRange::at(0.into(), 6.into());
            session.try_perform(Action::LabelRange(label(what), range)).unwrap();
            session.try_perform(Action::Command(CommandId::MarkDone)).unwrap();
        }
        assert_eq!(session.wait_until_saved(), SaveState::Saved);
    }
    let mut window = reviewing(temporary.path(), "one");
    let is_in = |window: &mut Window| session(window).selected_case().unwrap().article.clone();
    assert_eq!(is_in(&mut window), article("one"));
    // In a field Ctrl+Enter sends the words, and nothing else.
    press(&mut window, Key::C);
    window.event(Event::Text("Why?".into()));
    settle(&mut window);
    press_with(&mut window, Modifiers::COMMAND, Key::Enter);
    assert_eq!(is_in(&mut window), article("one"));
    let state = session(&mut window).set().unwrap().state();
    assert_ne!(state, copydesk::model::State::Done);
    press(&mut window, Key::Escape);
    press(&mut window, Key::Escape);
    press_with(&mut window, Modifiers::COMMAND, Key::Enter);
    assert_eq!(is_in(&mut window), article("one-b"));
    press(&mut window, Key::Num1);
    assert_eq!(session(&mut window).docket().progress_of(&article("one-b")).settled, 1);
}

#[test]
fn precedents_are_of_what_was_marked_and_their_places_tell_no_order_of_names() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path();
    project(root);
    let people = ["hull", "abel", "beth", "cleo", "dora", "emil", "fred", "gwen"];
    for who in people {
        let words = if who == "hull" { "Several militants" } else { "militants" };
        annotate(root, who, &[("actor", words)]);
    }
    let mut window = reviewing(root, "raid");
    click(&mut window, "Who and what is compared: More");
    click(&mut window, "Hide annotators’ names");
    press(&mut window, Key::Escape);
    let quoted = |window: &Window, words: &str| {
        nodes(window).iter().any(|(_, node)| node.value().or(node.label()) == Some(words))
    };
    assert!(quoted(&window, "“militants” so far: "));
    assert!(quoted(&window, "“Several militants” so far: "));
    click(&mut window, "Show the places: Actor 7");
    let letters: Vec<_> = nodes(&window)
        .iter()
        .filter_map(|(_, node)| node.label()?.strip_prefix("raid · ").map(str::to_owned))
        .collect();
    assert_eq!(letters.len(), 7, "{letters:?}");
    assert!(letters.is_sorted() && letters[0].contains("militants"), "{letters:?}");
}
