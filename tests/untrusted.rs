//! A project from somebody who means harm, or from a system with other rules for names:
//! what is wrong is refused or reported by name, nothing outside the project is touched,
//! nothing waits for ever, and the session opens wherever `project.ron` can be read.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::model::{AnnotatorName, ArticleId, State};
use copydesk::session::{Action, SaveState, Session};
use copydesk::store::{Problem, ProjectFolder, check};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::{annotator, article, label, project, range};

/// A project in a folder with something outside that must stay as it is.
struct Trap {
    temporary: tempfile::TempDir,
}

impl Trap {
    fn new() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        project(&temporary.path().join("project"));
        let outside = temporary.path().join("outside");
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("raid.ron"), "secret").unwrap();
        Self { temporary }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.temporary.path().join("project").join(file)
    }

    fn outside(&self, file: &str) -> PathBuf {
        self.temporary.path().join("outside").join(file)
    }

    fn open(&self) -> Session {
        let root = self.temporary.path().join("project");
        Session::open(&root, Some(annotator()), Arc::new(|| {})).unwrap()
    }

    fn problems(&self) -> Vec<Problem> {
        let root = self.temporary.path().join("project");
        check(&ProjectFolder::open(&root).unwrap().folder, &mut |_, _| {})
    }

    /// A check names the file, a session opens, works on another article, and refuses this
    /// one; all of it in good time.
    fn springs(&self, file: &str) {
        let started = Instant::now();
        let problems = self.problems();
        let names = |problem: &Problem| {
            problem.file.starts_with(file) || Path::new(file).starts_with(&problem.file)
        };
        assert!(problems.iter().any(names), "{file} is not named: {problems:#?}");
        let mut session = self.open();
        session.wait_until_listed();
        session.perform(Action::OpenArticle(article("raid")));
        session.perform(Action::LabelRange(label("actor"), range("Several militants")));
        session.perform(Action::OpenArticle(article("march")));
        session.perform(Action::SetState(State::Done));
        session.wait_until_saved();
        drop(session);
        let took = started.elapsed();
        assert!(took < Duration::from_secs(30), "{file}: {took:?}");
        self.is_untouched();
    }

    fn is_untouched(&self) {
        assert_eq!(fs::read_to_string(self.outside("raid.ron")).unwrap(), "secret");
        assert_eq!(
            fs::read_dir(self.outside("")).unwrap().count(),
            1,
            "something was made outside"
        );
        assert_eq!(fs::read_dir(self.temporary.path()).unwrap().count(), 2);
    }
}

#[test]
fn names_that_climb_out_are_no_names() {
    for name in [
        "../x",
        "..",
        ".",
        "",
        "/etc/passwd",
        "a/b",
        "a\\b",
        "C:x",
        "C:\\x",
        "a\0b",
        "-x",
        ".x",
        "x ",
        " x",
        "x\n",
        "con:",
        "é",
    ] {
        assert!(ArticleId::new(name).is_err(), "{name:?}");
        assert!(AnnotatorName::new(name).is_err(), "{name:?}");
    }
}

#[test]
fn names_in_files_that_climb_out_are_refused() {
    let trap = Trap::new();
    let text = fs::read_to_string(trap.path("project.ron")).unwrap();
    for name in ["../outside", "/outside", "C:\\\\outside", "a\\u{0}b"] {
        let climbing = text.replace("\"tester\"", &format!("\"{name}\""));
        assert_ne!(climbing, text);
        fs::write(trap.path("project.ron"), climbing).unwrap();
        let root = trap.path("");
        let refused = Session::open(&root, None, Arc::new(|| {})).err().unwrap().to_string();
        assert!(refused.contains("project.ron"), "{refused}");
    }
    fs::write(trap.path("project.ron"), text).unwrap();
    let file = trap.path("articles/raid.ron");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("\"raid\"", "\"../../outside/raid\"", 1)).unwrap();
    trap.springs("articles/raid.ron");
}

#[test]
#[cfg(unix)]
fn links_that_lead_out_are_refused_wherever_they_are() {
    use std::os::unix::fs::symlink;
    for file in ["articles/raid.ron", "annotations/tester/raid.ron", "history/tester/raid.ron"] {
        let trap = Trap::new();
        let _ = fs::remove_file(trap.path(file));
        fs::create_dir_all(trap.path(file).parent().unwrap()).unwrap();
        symlink(trap.outside("raid.ron"), trap.path(file)).unwrap();
        trap.springs(file);
    }
    for folder in ["annotations/tester", "history/tester", "gold"] {
        let trap = Trap::new();
        let _ = fs::remove_dir_all(trap.path(folder));
        symlink(trap.outside(""), trap.path(folder)).unwrap();
        trap.springs(folder);
    }
    // Without the whole of a folder there is nothing to show, and that is said.
    for folder in ["articles", "history/project.ron", "project.ron"] {
        let trap = Trap::new();
        let _ =
            fs::remove_dir_all(trap.path(folder)).or_else(|_| fs::remove_file(trap.path(folder)));
        symlink(trap.outside("raid.ron"), trap.path(folder)).unwrap();
        let opened = Session::open(&trap.path(""), Some(annotator()), Arc::new(|| {}));
        let refused = opened.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(refused.contains(folder), "{folder}: {refused}");
        trap.is_untouched();
    }
}

#[test]
#[cfg(unix)]
fn locks_that_would_lie_outside_are_refused_by_name() {
    use std::os::unix::fs::symlink;
    for link in [".copydesk", ".copydesk/locks", ".copydesk/locks/.writing.lock"] {
        let trap = Trap::new();
        let target = if link.ends_with(".lock") { "raid.ron" } else { "" };
        let _ = fs::remove_dir_all(trap.path(link)).or_else(|_| fs::remove_file(trap.path(link)));
        fs::create_dir_all(trap.path(link).parent().unwrap()).unwrap();
        symlink(trap.outside(target), trap.path(link)).unwrap();
        if link == ".copydesk" {
            // Only with the folder there is something to be written in.
            fs::remove_file(trap.outside("raid.ron")).unwrap();
            fs::create_dir(trap.outside("locks")).unwrap();
        }
        let is_empty = || match link {
            ".copydesk" => {
                assert_eq!(fs::read_dir(trap.outside("locks")).unwrap().count(), 0);
                assert_eq!(fs::read_dir(trap.outside("")).unwrap().count(), 1);
            }
            _ => trap.is_untouched(),
        };
        let opened = Session::open(&trap.path(""), Some(annotator()), Arc::new(|| {}));
        let refused = opened.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(refused.contains(link) && refused.contains("link"), "{link}: {refused}");
        is_empty();
        let problems = trap.problems();
        assert!(problems.iter().any(|of| of.file.starts_with(link) && of.is_fault), "{problems:?}");
        let newer = trap.temporary.path().join("raid.txt");
        fs::write(&newer, "Several militants stormed a camp.\n").unwrap();
        let run = std::process::Command::new(env!("CARGO_BIN_EXE_copydesk"))
            .arg("import")
            .arg(trap.path(""))
            .arg(&newer)
            .arg("--update")
            .output()
            .unwrap();
        fs::remove_file(newer).unwrap();
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(!run.status.success() && said.contains(link), "{link}: {said}");
        is_empty();
    }
}

#[test]
#[cfg(unix)]
fn a_dangling_link_makes_nothing_outside() {
    let trap = Trap::new();
    fs::create_dir_all(trap.path("history/tester")).unwrap();
    let there = trap.outside("made-by-the-program.ron");
    std::os::unix::fs::symlink(&there, trap.path("history/tester/raid.ron")).unwrap();
    let mut session = trap.open();
    session.perform(Action::OpenArticle(article("raid")));
    session.perform(Action::SetState(State::Done));
    session.wait_until_saved();
    drop(session);
    assert!(!there.exists());
    trap.is_untouched();
}

#[test]
#[cfg(unix)]
fn a_history_with_another_name_outside_is_not_written_through() {
    let trap = Trap::new();
    let mut session = trap.open();
    session.perform(Action::OpenArticle(article("raid")));
    session.perform(Action::SetState(State::InProgress));
    session.wait_until_saved();
    drop(session);
    let history = trap.path("history/tester/raid.ron");
    fs::remove_file(trap.outside("raid.ron")).unwrap();
    fs::hard_link(&history, trap.outside("raid.ron")).unwrap();
    let before = fs::read_to_string(&history).unwrap();
    let mut session = trap.open();
    session.perform(Action::OpenArticle(article("raid")));
    session.perform(Action::SetState(State::Done));
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    assert_eq!(fs::read_to_string(trap.outside("raid.ron")).unwrap(), before);
    assert!(fs::read_to_string(&history).unwrap().len() > before.len());
}

/// What something is called, and how it is put in the place of a file.
type Impostor = (&'static str, fn(&Path));

/// What may stand in the place of a file.
fn impostors() -> Vec<Impostor> {
    let mut impostors: Vec<Impostor> = vec![
        ("ten gigabytes", |path| File::create(path).unwrap().set_len(10 << 30).unwrap()),
        ("a folder", |path| fs::create_dir(path).unwrap()),
        ("brackets", |path| fs::write(path, "(".repeat(100_000)).unwrap()),
        ("nested lists", |path| {
            let nested = format!("(format: 1, id: {}{})", "[".repeat(100_000), "]".repeat(100_000));
            fs::write(path, nested).unwrap();
        }),
        ("zeros", |path| fs::write(path, vec![0; 4096]).unwrap()),
        ("no text", |path| fs::write(path, [0xff, 0xfe, b'(', 0]).unwrap()),
        ("nothing", |path| fs::write(path, "").unwrap()),
    ];
    #[cfg(unix)]
    impostors.extend([
        (
            "a pipe",
            (|path: &Path| {
                let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
                assert!(made.success());
            }) as fn(&Path),
        ),
        ("a socket", |path: &Path| {
            drop(std::os::unix::net::UnixListener::bind(path).unwrap());
        }),
    ]);
    impostors
}

#[test]
fn whatever_stands_in_the_place_of_a_file_is_named() {
    for (what, put) in impostors() {
        for file in ["articles/raid.ron", "annotations/tester/raid.ron", "history/tester/raid.ron"]
        {
            // An empty history, and one of which nothing was ever a line, are none.
            let is_torn =
                ["nothing", "brackets", "nested lists", "zeros", "no text"].contains(&what);
            if file.starts_with("history") && is_torn {
                continue;
            }
            let trap = Trap::new();
            let _ = fs::remove_file(trap.path(file));
            fs::create_dir_all(trap.path(file).parent().unwrap()).unwrap();
            put(&trap.path(file));
            trap.springs(file);
        }
        let trap = Trap::new();
        fs::remove_file(trap.path("project.ron")).unwrap();
        put(&trap.path("project.ron"));
        let refused = Session::open(&trap.path(""), None, Arc::new(|| {})).err().unwrap();
        assert!(refused.to_string().contains("project.ron"), "{what}: {refused}");
    }
}

/// What stands beside the annotations, and who puts something else in its place.
#[test]
fn whatever_stands_in_the_place_of_a_file_beside_them_stops_nothing() {
    let mut found: Vec<Impostor> = impostors();
    #[cfg(unix)]
    found.push(("a link that leads out", |path| {
        let outside = path.ancestors().find(|above| above.ends_with("project")).unwrap();
        let outside = outside.with_file_name("outside").join("raid.ron");
        std::os::unix::fs::symlink(outside, path).unwrap();
    }));
    let files = [
        ".copydesk/schema-change.ron",
        ".copydesk/letters.ron",
        ".copydesk/locks/tester.ron",
        "assignment.ron",
        "articles/raid.ron.was-0123456789abcdef",
        "history/tester/raid.ron.old-1",
    ];
    let trap = Trap::new();
    for (what, put) in found {
        for file in files {
            let started = Instant::now();
            fs::create_dir_all(trap.path(file).parent().unwrap()).unwrap();
            put(&trap.path(file));
            let mut session = trap.open();
            session.wait_until_listed();
            session.perform(Action::OpenArticle(article("march")));
            session.perform(Action::SetState(State::Done));
            session.wait_until_saved();
            drop(session);
            let folder = ProjectFolder::open(&trap.path("")).unwrap().folder;
            let read = folder.letters(&[annotator()]);
            let is_letters = file.ends_with("letters.ron");
            assert!(read.is_err() == is_letters, "{what}, {file}: {read:?}");
            let problems = trap.problems();
            if file == "assignment.ron" {
                let named = problems.iter().any(|problem| problem.file == Path::new(file));
                assert!(named, "{what}: {problems:#?}");
            }
            let took = started.elapsed();
            assert!(took < Duration::from_secs(60), "{what}, {file}: {took:?}");
            trap.is_untouched();
            fs::remove_dir_all(trap.path(".copydesk")).unwrap();
            let _ = fs::remove_file(trap.path(file)).or_else(|_| fs::remove_dir(trap.path(file)));
        }
    }
}

#[test]
fn names_of_other_systems_are_reported_and_left_alone() {
    let trap = Trap::new();
    let text = fs::read(trap.path("articles/raid.ron")).unwrap();
    let odd = [
        "articles/RAID.ron",
        "articles/cafe\u{301}.ron",
        "articles/café.ron",
        "articles/raid.RON",
        "articles/raid .ron",
        "articles/raid (copy).ron",
        "articles/raid.ron.txt",
        "annotations/te ster",
    ];
    for name in odd {
        if name.starts_with("articles") {
            fs::write(trap.path(name), &text).unwrap();
        } else {
            fs::create_dir_all(trap.path(name)).unwrap();
        }
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let name = std::ffi::OsStr::from_bytes(b"articles/\xff\xfe.ron");
        fs::write(trap.path("").join(name), &text).unwrap();
    }
    let problems = trap.problems();
    for name in odd {
        // A file system that knows no case has only one of the two.
        let named = problems.iter().any(|problem| problem.file == Path::new(name));
        assert!(named, "{name} is not named: {problems:#?}");
    }
    let mut session = trap.open();
    session.wait_until_listed();
    assert_eq!(session.catalogue().entries().len(), 2);
    for name in odd {
        assert!(trap.path(name).exists());
    }
    trap.is_untouched();
}

/// Fifty thousand in the suite; a million takes the system a minute to make.
#[test]
fn a_folder_full_of_names_is_read_in_good_time() {
    let count: u32 =
        std::env::var("COPYDESK_NAMES").ok().and_then(|names| names.parse().ok()).unwrap_or(50_000);
    let trap = Trap::new();
    for number in 0..count {
        File::create(trap.path(&format!("annotations/junk {number}"))).unwrap();
    }
    let started = Instant::now();
    let session = trap.open();
    drop(session);
    let took = started.elapsed();
    // Far above what a busy machine takes; going through all for each takes longer.
    assert!(took < Duration::from_millis(20_000 + u64::from(count) / 100), "{took:?}");
    assert!(trap.problems().len() >= count as usize);
}
