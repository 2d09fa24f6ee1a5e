//! The dialogs, driven by keys as a person drives them. The harness fails on letters that
//! no font has and on fields without a name, so merely opening each dialog tests that.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::model::State;
use copydesk::store::Settings;
use egui::{Event, Key, Modifiers, Vec2};
use egui_kittest::kittest::Queryable;
use std::path::Path;
use support::desk::{Window, options, session, window_of};
use support::project;

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

/// Waits for what goes on in the background.
fn wait(window: &mut Window, mut is_done: impl FnMut(&mut Window) -> bool) {
    for _ in 0..400 {
        window.run_steps(2);
        if is_done(window) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    panic!("it never happened");
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
