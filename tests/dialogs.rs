//! The dialogs, driven by keys as a person drives them. The harness fails on letters that
//! no font has and on fields without a name, so merely opening each dialog tests that.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::model::{Article, ArticleMeta, State};
use copydesk::session::Action;
use copydesk::store::{ProjectFolder, Settings};
use copydesk::text::{TextRange, TextSize};
use egui::{Event, Key, Modifiers, Vec2};
use egui_kittest::kittest::Queryable;
use std::path::Path;
use std::time::{Duration, Instant};
use support::desk::{Window, options, perform, session, window_of};
use support::{article, label, project, range};

const SIZE: Vec2 = Vec2::new(1440.0, 900.0);

fn window(root: &Path, size: Vec2) -> Window {
    project(root);
    let mut settings = Settings::default();
    settings.remember_project(Path::new("/nowhere/a-project"));
    window_of(options(root), settings, size, 1.0 / 60.0)
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(6);
}

fn write(window: &mut Window, text: &str) {
    window.event(Event::Text(text.to_owned()));
    window.run_steps(4);
}

/// Waits for what goes on in the background; the limit is for what never comes.
#[track_caller]
fn wait(window: &mut Window, mut is_done: impl FnMut(&mut Window) -> bool) {
    let limit = Instant::now() + Duration::from_secs(120);
    loop {
        window.run_steps(2);
        if is_done(window) {
            return;
        }
        assert!(Instant::now() < limit, "what the test waits for here never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn every_dialog_opens_by_its_key_and_escape_closes_it() {
    let control = Modifiers::COMMAND;
    let dialogs = [
        (control, Key::K, "Commands"),
        (Modifiers::NONE, Key::F1, "Shortcuts"),
        (control, Key::Comma, "Settings"),
        (control | Modifiers::SHIFT, Key::N, "New project"),
        (control, Key::O, "Open project"),
        (control, Key::I, "Import articles"),
    ];
    for size in [Vec2::new(1440.0, 900.0), Vec2::new(1024.0, 700.0)] {
        let temporary = tempfile::tempdir().unwrap();
        let mut window = window(temporary.path(), size);
        for (modifiers, key, name) in dialogs {
            let role = egui::accesskit::Role::Dialog;
            press(&mut window, modifiers, key);
            let dialog = window.query_by_role_and_label(role, name);
            assert!(dialog.is_some(), "{name} did not open");
            let id = egui::Id::unique(("dialog", name));
            let rect = window.ctx.memory(|memory| memory.area_rect(id)).unwrap();
            assert!(rect.height() <= size.y && rect.width() <= size.x, "{name} is too large");
            press(&mut window, Modifiers::NONE, Key::Escape);
            let dialog = window.query_by_role_and_label(role, name);
            assert!(dialog.is_none(), "{name} stayed open");
        }
    }
}

#[test]
fn the_palette_runs_a_command_by_a_few_letters() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(temporary.path(), Vec2::new(1440.0, 900.0));
    press(&mut window, Modifiers::COMMAND, Key::K);
    write(&mut window, "mark do");
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(session(&mut window).set().unwrap().state(), State::Done);
}

#[test]
fn the_palette_opens_an_article_by_its_title() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(temporary.path(), Vec2::new(1440.0, 900.0));
    press(&mut window, Modifiers::COMMAND, Key::K);
    write(&mut window, "gunmen");
    press(&mut window, Modifiers::NONE, Key::Enter);
    let open = session(&mut window).article().unwrap().article.id().to_string();
    assert_eq!(open, "raid");
}

#[test]
fn a_pasted_text_is_offered_and_enter_imports_it() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(temporary.path(), Vec2::new(1440.0, 900.0));
    let text = "Harbour fire\n\nA fire broke out in the harbour on Monday.";
    window.event(Event::Paste(text.to_owned()));
    window.run_steps(4);
    let role = egui::accesskit::Role::Dialog;
    window.get_by_role_and_label(role, "Import the pasted text?");
    press(&mut window, Modifiers::NONE, Key::Enter);
    wait(&mut window, |window| {
        let open = session(window).article();
        open.is_some_and(|open| open.article.id().as_str() == "harbour-fire")
    });
    window.run_steps(4);
    window.get_by_label("Imported “Harbour fire”");
}

#[test]
fn an_import_says_what_it_refused() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(&temporary.path().join("project"), Vec2::new(1024.0, 700.0));
    let files = temporary.path().join("files");
    std::fs::create_dir(&files).unwrap();
    std::fs::write(files.join("good.txt"), "Good news\n\nAll is well in town.").unwrap();
    std::fs::write(files.join("empty.txt"), "").unwrap();
    press(&mut window, Modifiers::COMMAND, Key::I);
    write(&mut window, &files.display().to_string());
    press(&mut window, Modifiers::NONE, Key::Enter);
    wait(&mut window, |window| window.query_by_label("1 imported, 1 refused").is_some());
    window.get_by_label_contains("Refused: empty.txt");
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.query_by_label("1 imported, 1 refused").is_none());
}

#[test]
fn a_new_project_is_made_and_opened() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(&temporary.path().join("old"), Vec2::new(1440.0, 900.0));
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::N);
    write(&mut window, "Harbour");
    press(&mut window, Modifiers::NONE, Key::Tab);
    press(&mut window, Modifiers::COMMAND, Key::A);
    let root = temporary.path().join("new");
    write(&mut window, &root.display().to_string());
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(session(&mut window).project().name, "Harbour");
    assert!(root.join("project.ron").is_file());
}

#[test]
fn files_held_over_the_window_are_expected() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(temporary.path(), Vec2::new(1440.0, 900.0));
    window.input_mut().hovered_files.push(egui::HoveredFile::default());
    window.step();
    window.step();
    window.get_by_label("Drop to import");
}

#[test]
fn who_is_at_work_is_shown_and_may_be_taken_over_from() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path();
    project(root);
    let other = support::session(root);
    let mut window = window_of(options(root), Settings::default(), SIZE, 1.0 / 60.0);
    let role = egui::accesskit::Role::Dialog;
    window.get_by_role_and_label(role, "Somebody is at work");
    let words = window.query_all_by_label_contains("tester is being edited by process");
    assert_eq!(words.count(), 2, "in the dialog and above the article");
    window.get_by_label("Choose another annotator").click();
    window.run_steps(4);
    window.get_by_label("Name of another annotator");
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.query_by_role_and_label(role, "Somebody is at work").is_none());
    window.get_by_label_contains("Read-only: tester is being edited");
    window.get_by_label("Take over").click();
    window.run_steps(4);
    assert!(session(&mut window).blocked().is_none());
    assert!(window.query_by_label_contains("Read-only: tester").is_none());
    drop(other);
}

#[test]
fn both_versions_of_a_conflict_are_shown_and_one_is_chosen() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path();
    let mut window = window(root, SIZE);
    let words = range("Several militants");
    let open = Action::OpenArticle(article("raid"));
    for action in [open, Action::LabelRange(label("actor"), words)] {
        session(&mut window).try_perform(action).unwrap();
    }
    session(&mut window).wait_until_saved();
    let id = session(&mut window).set().unwrap().annotations().next().unwrap().id;
    let file = root.join("annotations/tester/raid.ron");
    let theirs = std::fs::read_to_string(&file).unwrap();
    let theirs = theirs.replace("origin: manual", "note: \"theirs\", origin: manual");
    std::fs::write(&file, theirs).unwrap();
    session(&mut window).try_perform(Action::SetNote(id, "ours".into())).unwrap();
    session(&mut window).wait_until_saved();
    let role = egui::accesskit::Role::Dialog;
    let name = "Changed here and on disk";
    wait(&mut window, |window| window.query_by_role_and_label(role, name).is_some());
    window.get_by_label_contains("note: ours");
    window.get_by_label_contains("note: theirs");
    press(&mut window, Modifiers::NONE, Key::Escape);
    window.get_by_label_contains("1 conflict with changes on disk");
    window.get_by_label("Decide…");
    // Nothing remembers what was put off, so closing asks.
    let root_viewport = window.input_mut().viewports.get_mut(&egui::ViewportId::ROOT).unwrap();
    root_viewport.events.push(egui::ViewportEvent::Close);
    window.run_steps(2);
    window.get_by_label("Decide now").click();
    window.run_steps(6);
    assert!(window.query_by_label("Decide now").is_none());
    window.get_by_label("Which version stays: Take the one on disk").click();
    window.run_steps(4);
    window.get_by_label("Settle").click();
    window.run_steps(4);
    let session = session(&mut window);
    assert_eq!(session.set().unwrap().annotation(id).unwrap().note, "theirs");
    assert!(session.conflicts().is_empty());
}

/// Opens the raid, marks an actor and two places in it, and opens the dialog.
fn correcting(root: &Path) -> Window {
    let mut window = window(root, SIZE);
    perform(&mut window, Action::OpenArticle(article("raid")));
    for (name, words) in [("actor", "Several militants"), ("location", "Karachi")] {
        perform(&mut window, Action::LabelRange(label(name), range(words)));
    }
    perform(&mut window, Action::SelectAnnotation(None));
    perform(&mut window, Action::SelectText(Some(range("Friday"))));
    press(&mut window, Modifiers::NONE, Key::F6);
    window.get_by_role_and_label(egui::accesskit::Role::Dialog, "Correct text");
    window
}

fn replace_in_editor(window: &mut Window, from: &str, to: &str) {
    let field = window.get_by_label("Text of the article");
    let text = field.value().unwrap();
    assert!(text.starts_with("Several militants") && !text.contains('\n'), "one paragraph: {text}");
    press(window, Modifiers::COMMAND, Key::A);
    write(window, &text.replace(from, to));
}

#[test]
fn a_text_is_corrected_in_the_window_and_lost_places_are_decided_on() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = correcting(temporary.path());
    window.get_by_label("Nothing is changed yet");
    replace_in_editor(&mut window, "Several militants stormed", "A dozen gunmen stormed");
    wait(&mut window, |window| window.query_by_label_contains("cannot be moved safely").is_some());
    window.get_by_label_contains("2 annotations: 1 keep their text");
    window.get_by_label_contains("Actor of tester: “Several militants” is gone");
    press(&mut window, Modifiers::COMMAND, Key::Enter);
    wait(&mut window, |window| {
        session(window).article().unwrap().article.text().contains("A dozen gunmen stormed")
    });
    window.run_steps(6);
    let role = egui::accesskit::Role::Dialog;
    assert!(window.query_by_role_and_label(role, "Correct text").is_none());
    // The list opens by itself, and holds the answers.
    window.get_by_label("Choose another place").click();
    window.run_steps(4);
    let lost = session(&mut window).selection().placing.unwrap();
    let text = session(&mut window).article().unwrap().article.text().to_string();
    let at = u32::try_from(text.find("officials").unwrap()).unwrap();
    let place = TextRange::at(at.into(), TextSize::of("officials"));
    perform(&mut window, Action::SelectText(Some(place)));
    press(&mut window, Modifiers::NONE, Key::Enter);
    let set = session(&mut window).set().unwrap();
    let found = set.annotation(lost).unwrap();
    assert_eq!((set.surface(found).as_str(), &found.was), ("officials", &None));
    assert_eq!(session(&mut window).selection().placing, None);
    assert!(window.query_by_label("Choose another place").is_none());
    // Undone in the window: the place, then the text.
    wait(&mut window, |window| !session(window).is_reading_history());
    press(&mut window, Modifiers::COMMAND, Key::Z);
    press(&mut window, Modifiers::COMMAND, Key::Z);
    wait(&mut window, |window| {
        session(window).article().unwrap().article.text().contains("Several militants stormed")
    });
    let set = session(&mut window).set().unwrap();
    assert_eq!(set.surface(set.annotation(lost).unwrap()), "Several militants");
}

/// Words that a correction moved to another part are offered beside the nearest place.
#[test]
fn an_annotation_follows_words_that_were_moved_elsewhere_with_one_click() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = correcting(temporary.path());
    let text = window.get_by_label("Text of the article").value().unwrap();
    let moved = text.replacen("Several militants stormed", "A dozen gunmen stormed", 1)
        + " Several militants fled.";
    replace_in_editor(&mut window, &text, &moved);
    let told = "Actor of tester: “Several militants” stands elsewhere now";
    wait(&mut window, |window| window.query_by_label_contains(told).is_some());
    press(&mut window, Modifiers::COMMAND, Key::Enter);
    wait(&mut window, |window| window.query_by_label("Move to its words").is_some());
    window.get_by_label("Move to its words").click();
    window.run_steps(4);
    let set = session(&mut window).set().unwrap();
    assert!(set.annotations().all(|found| found.was.is_none()));
    let found = set.annotations().find(|found| set.surface(found) == "Several militants").unwrap();
    assert!(set.article().text()[found.span.extent().end().into()..].starts_with(" fled."));
    assert!(window.query_by_label("Move to its words").is_none(), "nothing is left to decide");
}

#[test]
fn what_was_typed_into_a_text_is_not_thrown_away_unasked() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = correcting(temporary.path());
    let role = egui::accesskit::Role::Dialog;
    let beside = egui::pos2(20.0, 450.0);
    let click = |window: &mut Window| {
        window.hover_at(beside);
        window.drag_at(beside);
        window.run_steps(2);
        window.drop_at(beside);
        window.run_steps(6);
    };
    let typed = |window: &Window| {
        let text = window.get_by_label("Text of the article").value().unwrap();
        text.contains("A dozen gunmen stormed")
    };
    replace_in_editor(&mut window, "Several militants stormed", "A dozen gunmen stormed");
    click(&mut window);
    window.get_by_label("Discard changes?");
    assert!(typed(&window));
    window.get_by_label("Keep editing").click();
    window.run_steps(4);
    assert!(window.query_by_label("Discard changes?").is_none() && typed(&window));
    press(&mut window, Modifiers::NONE, Key::Escape);
    window.get_by_label("Discard changes?");
    // Turning away from the question is no yes.
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.query_by_label("Discard changes?").is_none() && typed(&window));
    window.get_by_label("Cancel").click();
    window.run_steps(4);
    window.get_by_label("Discard").click();
    window.run_steps(4);
    assert!(window.query_by_role_and_label(role, "Correct text").is_none());
    let text = session(&mut window).article().unwrap().article.text().to_string();
    assert!(text.contains("Several militants stormed"));
    // Without a change there is nothing to ask.
    press(&mut window, Modifiers::NONE, Key::F6);
    window.get_by_role_and_label(role, "Correct text");
    click(&mut window);
    assert!(window.query_by_role_and_label(role, "Correct text").is_none());
}

#[test]
fn a_lost_place_is_confirmed_or_deleted_from_the_list() {
    for (answer, left) in [("It is right here", 2), ("Delete", 1)] {
        let temporary = tempfile::tempdir().unwrap();
        let mut window = correcting(temporary.path());
        replace_in_editor(&mut window, "Several militants stormed", "They stormed");
        wait(&mut window, |window| window.query_by_label_contains("cannot be").is_some());
        window.get_by_label("Correct").click();
        wait(&mut window, |window| window.query_by_label(answer).is_some());
        window.get_by_label(answer).click();
        window.run_steps(6);
        let set = session(&mut window).set().unwrap();
        assert_eq!(set.len(), left, "{answer}");
        assert!(set.annotations().all(|found| found.was.is_none()));
    }
}

#[test]
fn of_a_paragraph_of_a_megabyte_the_part_at_the_selection_is_corrected() {
    let temporary = tempfile::tempdir().unwrap();
    let mut window = window(temporary.path(), SIZE);
    let text: String = (0..60_000).map(|number| format!("word {number}, ")).collect();
    let long = Article::new(article("long"), ArticleMeta::default(), text.as_str());
    let folder = ProjectFolder::open(temporary.path()).unwrap().folder;
    folder.add_article(&long).unwrap();
    perform(&mut window, Action::OpenArticle(article("long")));
    let at = u32::try_from(text.find("word 30000,").unwrap()).unwrap();
    let place = TextRange::at(at.into(), TextSize::of("word 30000"));
    perform(&mut window, Action::SelectText(Some(place)));
    press(&mut window, Modifiers::NONE, Key::F6);
    let part = window.get_by_label("Text of the article").value().unwrap();
    assert!(part.len() <= 30_000 && part.contains("word 30000,"), "{} bytes", part.len());
    press(&mut window, Modifiers::COMMAND, Key::A);
    write(&mut window, &part.replace("word 30000,", "word thirty thousand,"));
    wait(&mut window, |window| window.query_by_label_contains("Nothing is marked").is_some());
    window.get_by_label("Correct").click();
    let corrected = text.replace("word 30000,", "word thirty thousand,");
    wait(&mut window, |window| **session(window).article().unwrap().article.text() == *corrected);
}
