//! The rules of the house, checked on the sources themselves. `docs/ARCHITECTURE.md`
//! says why each of them holds.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms in the order in which they may know each other: each knows those before it.
const ORDER: [&str; 10] = [
    "text",
    "model",
    "edit",
    "formats",
    "agreement",
    "review",
    "suggest",
    "store",
    "session",
    "cli",
];

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(&root).unwrap().to_path_buf(), text));
            }
        }
    }
    assert!(found.len() > 40, "the sources are where they were");
    found
}

/// The source without its comments and without its tests.
fn code(text: &str) -> String {
    let before_tests = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
    let lines = before_tests.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn room(path: &Path) -> String {
    let first = path.components().next().unwrap().as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

fn is_test(path: &Path) -> bool {
    path.ends_with("testing.rs") || path.ends_with("tests.rs")
}

#[test]
fn rooms_know_only_the_rooms_before_them() {
    for (path, text) in sources() {
        let Some(place) = ORDER.iter().position(|name| *name == room(&path)) else { continue };
        if is_test(&path) {
            continue;
        }
        for later in ORDER[place + 1..].iter().chain(&["app"]) {
            let opens_the_window = path.ends_with("cli/window.rs") && *later == "app";
            let code = code(&text);
            assert!(!code.contains("use crate::{"), "{}: one line a room", path.display());
            let names_it = code.contains(&format!("crate::{later}"));
            assert!(!names_it || opens_the_window, "{} knows {later}", path.display());
        }
    }
}

#[test]
fn only_the_window_knows_egui() {
    for (path, text) in sources() {
        if room(&path) != "app" {
            let names = ["egui::", "eframe::", "egui_", "parley::", "rfd::"];
            let named = names.iter().find(|name| code(&text).contains(**name));
            assert_eq!(named, None, "{}", path.display());
        }
    }
}

#[test]
fn colours_are_named_in_the_theme_alone() {
    let literals = ["Color32::from_", "Color32::BLACK", "Color32::RED", "Rgba::from_"];
    for (path, text) in sources() {
        let is_theme = path.starts_with("app/theme");
        // The atlas turns coverage into pixels; it chooses no colour.
        let is_atlas = path.ends_with("text_view/glyphs.rs");
        if room(&path) == "app" && !is_theme && !is_atlas {
            let named = literals.iter().find(|literal| code(&text).contains(**literal));
            assert_eq!(named, None, "{}", path.display());
        }
    }
}

#[test]
fn annotation_sets_change_through_edit_alone() {
    let doors = [
        ".insert_annotation(",
        ".take_annotation(",
        ".insert_relation(",
        ".take_relation(",
        ".insert_remark(",
        ".take_remark(",
        ".put_state(",
    ];
    for (path, text) in sources() {
        let may = path.starts_with("edit") || path.ends_with("model/annotation_set.rs");
        if !may {
            let used = doors.iter().find(|door| code(&text).contains(**door));
            assert_eq!(used, None, "{}", path.display());
        }
    }
}

#[test]
fn the_model_is_plain_and_formats_touch_no_files() {
    for (path, text) in sources() {
        let text = code(&text);
        if path.starts_with("model") || path.starts_with("text") || path.starts_with("edit") {
            for foreign in ["serde", "std::fs", "ron::", "std::thread"] {
                assert!(!text.contains(foreign), "{} knows {foreign}", path.display());
            }
        }
        if path.starts_with("formats") && !is_test(&path) {
            assert!(!text.contains("std::fs"), "{} touches files", path.display());
        }
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    for (path, text) in sources() {
        assert!(text.starts_with("//! "), "{} opens without a word", path.display());
    }
}

#[test]
fn there_is_no_room_for_odds_and_ends() {
    for (path, _) in sources() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let folder = path.parent().unwrap().to_string_lossy().into_owned();
        for vague in ["util", "utils", "helper", "helpers", "misc", "common"] {
            assert!(name != vague && !folder.ends_with(vague), "{}", path.display());
        }
    }
}
