//! Kills in the middle of what goes over many files: Save elsewhere, and `import --update`.
//!
//! A child process is killed with SIGKILL as soon as so many files are there, as many as were
//! drawn; not after a time, so that a slow machine kills it at the same places. Then the law:
//! what was asked for is whole or not at all, for each article; a copy is whole or refused by
//! name; and everything that was durable is there.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::model::{AnnotationSet, Article, ArticleId, ArticleMeta};
use copydesk::session::{Action, SaveState, Session};
use copydesk::store::{Cause, Problem, ProjectFolder, check};
use copydesk::text::{TextRange, TextSize};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use support::{annotator, label, project};

/// Names the project to the child that makes a copy of it.
const CHILD: &str = "COPYDESK_COPY_CHILD";
/// Where the copy goes.
const TARGET: &str = "COPYDESK_COPY_TARGET";
/// How many articles there are besides those of every test project.
const ARTICLES: u32 = 12;
/// How often each is killed.
const KILLS: u32 = 10;

/// The child: not a test of its own, it ends at once unless a parent asked for it.
#[test]
fn child() {
    let Some(root) = std::env::var_os(CHILD) else { return };
    let target = PathBuf::from(std::env::var_os(TARGET).unwrap());
    let mut session =
        Session::open(&PathBuf::from(root), Some(annotator()), Arc::new(|| {})).unwrap();
    session.wait_until_listed();
    session.save_elsewhere(&target);
    while session.is_copying() {
        if let Some(made) = session.take_copy() {
            made.unwrap();
            fs::write(done(&target), "").unwrap();
        }
        std::thread::yield_now();
    }
}

/// Says that a copy was reported as made.
fn done(target: &Path) -> PathBuf {
    target.with_extension("done")
}

fn id(number: u32) -> ArticleId {
    ArticleId::new(format!("raid-{number}")).unwrap()
}

fn text(number: u32) -> String {
    format!("Raid {number}\nGunmen raided office {number}, and the police came. Nobody was hurt.")
}

/// The text with a few words more in front of what is annotated.
fn newer(number: u32) -> String {
    text(number).replace("Gunmen", "On Friday night armed gunmen")
}

/// A project with an annotation and a history for every article.
fn desk(root: &Path) {
    project(root);
    let folder = ProjectFolder::open(root).unwrap().folder;
    for number in 0..ARTICLES {
        let meta = ArticleMeta { title: format!("Raid {number}"), ..ArticleMeta::default() };
        folder.add_article(&Article::new(id(number), meta, text(number))).unwrap();
    }
    let mut session = Session::open(root, Some(annotator()), Arc::new(|| {})).unwrap();
    session.wait_until_listed();
    for number in 0..ARTICLES {
        session.try_perform(Action::OpenArticle(id(number))).unwrap();
        let at = text(number).find("the police").unwrap() as u32;
        let range = TextRange::at(TextSize::new(at), TextSize::of("the police"));
        session.try_perform(Action::LabelRange(label("actor"), range)).unwrap();
    }
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
}

fn open(root: &Path) -> ProjectFolder {
    ProjectFolder::open(root).unwrap().folder
}

fn faults(root: &Path) -> Vec<Problem> {
    check(&open(root), &mut |_, _| {}).into_iter().filter(|found| found.is_fault).collect()
}

/// All sets of the annotator.
fn sets(root: &Path) -> Vec<AnnotationSet> {
    let folder = open(root);
    let read = |number| {
        let article = Arc::new(folder.read_article(&id(number)).unwrap());
        folder.read_set(&article, &annotator()).unwrap().set
    };
    (0..ARTICLES).map(read).collect()
}

fn steps(root: &Path) -> usize {
    let (steps, problems) = open(root).read_steps(&annotator()).unwrap();
    assert_eq!(problems, vec![]);
    steps.len()
}

/// How many files there are in a folder and below it whose names it wants.
fn files(root: &Path, is_wanted: &dyn Fn(&str) -> bool) -> usize {
    let Ok(entries) = fs::read_dir(root) else { return 0 };
    let count = entries.flatten().map(|entry| match entry.path().is_dir() {
        true => files(&entry.path(), is_wanted),
        false => usize::from(is_wanted(&entry.file_name().to_string_lossy())),
    });
    count.sum()
}

/// Kills a process once something is so, unless it ends before.
fn kill_once(mut child: Child, is_so: impl Fn() -> bool) {
    while !is_so() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    // One that has ended cannot be killed, and need not be.
    let _ = child.kill();
    let errors = child.wait_with_output().unwrap().stderr;
    let errors = String::from_utf8_lossy(&errors).into_owned();
    assert!(!errors.contains("panicked"), "{errors}");
}

#[expect(clippy::print_stdout, reason = "a failing trial has to say what it was")]
fn tell(trial: &str) {
    println!("{trial}");
}

#[test]
fn a_copy_that_is_killed_is_whole_or_refused_by_name() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    desk(&root);
    let (before, all) = (sets(&root), steps(&root));
    let most = files(&root, &|_| true);
    for kill in 0..KILLS {
        let target = temporary.path().join(format!("copy-{kill}"));
        let after = if kill == 0 { usize::MAX } else { fastrand::usize(..most) };
        tell(&format!("kill {kill} after {after} of {most} files"));
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["child", "--exact", "--nocapture", "--test-threads=1"])
            .env(CHILD, &root)
            .env(TARGET, &target)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        kill_once(child, || files(&target, &|_| true) >= after);
        // The project itself is as it was.
        assert_eq!(faults(&root), vec![]);
        assert_eq!((sets(&root), steps(&root)), (before.clone(), all));
        let is_done = done(&target).exists();
        assert!(is_done || kill > 0, "nobody killed the first");
        match ProjectFolder::open(&target) {
            Ok(_) => {
                assert_eq!(faults(&target), vec![]);
                assert_eq!((sets(&target), steps(&target)), (before.clone(), all));
            }
            Err(error) => {
                tell(&format!("refused: {error}"));
                assert!(!is_done, "it was reported as made: {error}");
                let is_named = matches!(
                    error.cause,
                    Cause::UnfinishedCopy | Cause::NotAProject | Cause::NotFound
                );
                assert!(is_named, "{error}");
            }
        }
    }
}

#[test]
fn an_update_that_is_killed_corrects_each_article_wholly_or_not() {
    let temporary = tempfile::tempdir().unwrap();
    let new = temporary.path().join("new");
    fs::create_dir(&new).unwrap();
    for number in 0..ARTICLES {
        fs::write(new.join(format!("raid-{number}.txt")), newer(number)).unwrap();
    }
    for kill in 0..KILLS {
        let root = temporary.path().join(format!("project-{kill}"));
        desk(&root);
        let (before, all) = (sets(&root), steps(&root));
        let import = || {
            Command::new(env!("CARGO_BIN_EXE_copydesk"))
                .args(["import", "--update"])
                .args([&root, &new])
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        // Of each correction there is a copy of the annotation file first, and then the text
        // from before.
        let is_part = |name: &str| name.contains(".was-") || name.starts_with(".copydesk-");
        let after = fastrand::usize(..ARTICLES as usize);
        tell(&format!("kill {kill} after {after} of {ARTICLES} articles"));
        kill_once(import(), || files(&root.join("articles"), &is_part) > after);
        let check_all = |must_be_new: bool| {
            assert_eq!(faults(&root), vec![]);
            assert!(steps(&root) >= all, "a durable step is lost");
            for (number, (now, was)) in (0..).zip(sets(&root).iter().zip(&before)) {
                let (old, new) = (text(number), newer(number));
                let text = now.article().text();
                assert!(**text == new || (!must_be_new && **text == old), "{text}");
                let words = |set: &AnnotationSet| {
                    let one = |found| (set.surface(found), found.label.clone(), found.was.clone());
                    set.annotations().map(one).collect::<Vec<_>>()
                };
                assert_eq!(words(now), words(was), "{number}");
                assert_eq!(now.state(), was.state());
            }
        };
        check_all(false);
        let corrected = files(&root.join("articles"), &|name| name.contains(".was-"));
        tell(&format!("{corrected} corrections begun"));
        // Once more, and nobody kills it.
        let output = import().wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        check_all(true);
    }
}
