//! The project folder from outside: what is written is found again, what is broken is
//! named and left alone.

// Clippy knows the tests of a file, but not the functions that they share.
#![allow(clippy::unwrap_used)]

use copydesk::edit::{Change, Edit, History, Step, StepKind, Transaction};
use copydesk::model::{
    Annotation, AnnotationId, AnnotationSet, AnnotatorName, Article, ArticleId, ArticleMeta,
    LabelId, Project, Schema, Span, State, StepId,
};
use copydesk::store::{
    BundledSchema, Cause, Opened, ProjectFolder, StoreError, Writer, bundled_schema, check, summary,
};
use copydesk::text::{TextRange, TextSize};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const TEXT: &str = "Several militants stormed “police” headquarters.\nThe police fled.";

fn article_id() -> ArticleId {
    ArticleId::new("siege").unwrap()
}

fn annotator() -> AnnotatorName {
    AnnotatorName::new("annotator-1").unwrap()
}

fn project() -> Project {
    let schema = Arc::new(bundled_schema(BundledSchema::Full).unwrap());
    Project { name: "Karachi".to_owned(), annotators: vec![annotator()], schema }
}

struct Desk {
    root: tempfile::TempDir,
    folder: ProjectFolder,
    article: Arc<Article>,
}

impl Desk {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let folder = ProjectFolder::create(root.path(), &project()).unwrap();
        let article = Arc::new(Article::new(article_id(), ArticleMeta::default(), TEXT));
        folder.add_article(&article).unwrap();
        Self { root, folder, article }
    }

    /// A desk whose one annotation stands on line 9 of its file.
    fn with_annotation() -> Self {
        let desk = Self::new();
        let mut set = desk.set();
        let mut writer = Writer::new(desk.folder.clone());
        writer.commit(StepKind::Do, &step(1, &mut set, vec![add(1, "police")])).unwrap();
        writer.flush().unwrap();
        desk
    }

    fn path(&self, file: &str) -> PathBuf {
        self.root.path().join(file)
    }

    fn set(&self) -> AnnotationSet {
        self.read().unwrap()
    }

    fn read(&self) -> Result<AnnotationSet, StoreError> {
        self.folder.read_set(&self.article, &annotator()).map(|loaded| loaded.set)
    }

    /// Changes a file, reads everything and gives back the error; writing must be refused
    /// too, and leave the file as it is.
    fn broken(&self, file: &str, change: impl Fn(&str) -> String) -> StoreError {
        let path = self.path(file);
        let before = fs::read_to_string(&path).unwrap();
        let broken = change(&before);
        assert_ne!(broken, before, "nothing was changed");
        fs::write(&path, &broken).unwrap();
        let error = self.everything().unwrap_err();
        let refused = self.write_everything();
        assert!(refused.is_err(), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), broken, "a broken file was overwritten");
        fs::write(&path, before).unwrap();
        assert_eq!(error.file, Path::new(file), "{error}");
        assert!(!error.remedy().is_empty());
        error
    }

    fn everything(&self) -> Result<(), StoreError> {
        ProjectFolder::open(self.root.path())?;
        self.folder.read_article(&article_id())?;
        self.read().map(|_| ())
    }

    fn write_everything(&self) -> Result<(), StoreError> {
        self.folder.write_project(&project())?;
        let mut set = AnnotationSet::new(self.article.clone(), annotator());
        let mut writer = Writer::new(self.folder.clone());
        writer.commit(StepKind::Do, &step(9, &mut set, vec![add(9, "militants")]))?;
        writer.flush()
    }
}

fn add(id: u64, surface: &str) -> Edit {
    let start = TEXT.find(surface).unwrap() as u32;
    let range = TextRange::at(start.into(), TextSize::of(surface));
    let span = Span::new(range).unwrap();
    Edit::add(Annotation::new(AnnotationId(id), LabelId::new("actor").unwrap(), span))
}

fn step(id: u64, set: &mut AnnotationSet, edits: Vec<Edit>) -> Step {
    let forward = Transaction::from(edits);
    let backward = forward.apply(set).unwrap();
    let (article, annotator) = (set.article().id().clone(), set.annotator().clone());
    let change = Change::Set { article, annotator: annotator.clone(), forward, backward };
    let at = jiff::Timestamp::from_millisecond(id as i64).unwrap();
    Step { id: StepId(id), at, by: annotator, what: "Label".to_owned(), changes: vec![change] }
}

const SET: &str = "annotations/annotator-1/siege.ron";
const HISTORY: &str = "history/annotator-1/siege.ron";
const ARTICLE: &str = "articles/siege.ron";

#[test]
fn a_project_is_made_once_and_only_in_an_empty_folder() {
    let desk = Desk::new();
    let Opened { folder, project: read, problems } = ProjectFolder::open(desk.root.path()).unwrap();
    assert_eq!((read, problems), (project(), vec![]));
    assert_eq!(folder.article_ids().unwrap(), (vec![article_id()], vec![]));
    assert_eq!(folder.read_article(&article_id()).unwrap(), *desk.article);
    for name in ["articles", "annotations", "gold", "history"] {
        assert!(desk.path(name).is_dir());
    }
    let again = ProjectFolder::create(desk.root.path(), &project()).unwrap_err();
    assert!(matches!(again.cause, Cause::AlreadyProject));
    let full = ProjectFolder::create(&desk.path("articles"), &project()).unwrap_err();
    assert!(matches!(full.cause, Cause::NotEmpty));
    let missing = ProjectFolder::open(&desk.path("nowhere")).unwrap_err();
    assert!(matches!(missing.cause, Cause::NotFound));
    let other = ProjectFolder::open(&desk.path("gold")).unwrap_err();
    assert!(matches!(other.cause, Cause::NotAProject));
    let below = ProjectFolder::create(&desk.path("project.ron/below"), &project()).unwrap_err();
    assert!(matches!(below.cause, Cause::Io(_)), "{below}");
    assert!(matches!(desk.folder.add_article(&desk.article).unwrap_err().cause, Cause::Exists));
}

#[test]
fn a_step_is_there_after_a_kill_before_the_flush_and_can_be_undone() {
    let desk = Desk::new();
    let mut set = desk.set();
    let mut writer = Writer::new(desk.folder.clone());
    let first = step(1, &mut set, vec![add(1, "police"), Edit::State(State::InProgress)]);
    writer.commit(StepKind::Do, &first).unwrap();
    assert!(writer.has_unflushed());
    drop(writer);
    assert!(!desk.path(SET).exists());
    let loaded = desk.folder.read_set(&desk.article, &annotator()).unwrap();
    assert_eq!((loaded.set, loaded.last_step), (set.clone(), Some(StepId(1))));
    assert_eq!(loaded.problems.len(), 1);
    assert!(!loaded.problems[0].is_fault);

    let mut history = History::default();
    for (kind, step) in desk.folder.read_steps(&annotator()).unwrap().0 {
        history.record(kind, step);
    }
    let undo = history.to_undo().unwrap();
    assert_eq!(**undo, first);
    let mut writer = Writer::new(desk.folder.clone());
    writer.commit(StepKind::Undo, undo).unwrap();
    writer.flush().unwrap();
    assert!(desk.set().is_empty());
    let steps = desk.folder.read_steps(&annotator()).unwrap().0;
    let kinds: Vec<_> = steps.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [StepKind::Do, StepKind::Undo]);
    assert_eq!(*steps[1].1, first, "an undo names the step as it was done");
}

#[test]
fn a_step_of_several_files_comes_back_as_one_with_the_schema() {
    let desk = Desk::new();
    let other = Article::new(ArticleId::new("other").unwrap(), ArticleMeta::default(), TEXT);
    desk.folder.add_article(&other).unwrap();
    let mut set = desk.set();
    let mut both = step(5, &mut set, vec![add(1, "police")]);
    let other_name = AnnotatorName::new("annotator-2").unwrap();
    let mut set = AnnotationSet::new(Arc::new(other), other_name);
    both.changes.extend(step(5, &mut set, vec![add(2, "militants")]).changes);
    let before = project().schema;
    let after = Arc::new(Schema::new(before.labels().to_vec(), vec![]).unwrap());
    both.changes.insert(0, Change::Schema { before: before.clone(), after: after.clone() });
    let mut writer = Writer::new(desk.folder.clone());
    writer.commit(StepKind::Do, &both).unwrap();
    drop(writer);

    let opened = ProjectFolder::open(desk.root.path()).unwrap();
    assert_eq!((opened.project.schema, opened.problems.len()), (after.clone(), 1));
    let steps = desk.folder.read_steps(&annotator()).unwrap().0;
    assert_eq!(steps, [(StepKind::Do, Arc::new(both.clone()))]);

    let mut writer = Writer::new(desk.folder.clone());
    writer.commit(StepKind::Undo, &both).unwrap();
    let opened = ProjectFolder::open(desk.root.path()).unwrap();
    assert_eq!(opened.project.schema, before, "an undo counts though its step was done before");
    writer.commit(StepKind::Redo, &both).unwrap();
    writer.flush().unwrap();
    let opened = ProjectFolder::open(desk.root.path()).unwrap();
    assert_eq!((opened.project.schema, opened.problems), (after, vec![]));
    assert_eq!(desk.folder.read_set(&desk.article, &annotator()).unwrap().problems, vec![]);
}

#[test]
fn broken_files_are_named_by_line_and_never_overwritten() {
    let desk = Desk::with_annotation();
    let line = |error: &StoreError| error.line;
    let replaced =
        |from: &'static str, to: &'static str| move |text: &str| text.replacen(from, to, 1);

    let error = desk.broken("project.ron", replaced("name: \"Karachi\"", "name: Karachi"));
    assert!(matches!(error.cause, Cause::Syntax(_)) && line(&error) == Some(3), "{error}");
    let error = desk.broken("project.ron", replaced("format: 1", "format: 2"));
    assert!(matches!(error.cause, Cause::Format { found: 2 }), "{error}");
    let error = desk.broken("project.ron", replaced("name:", "title:"));
    assert!(matches!(error.cause, Cause::UnknownField(_)) && line(&error) == Some(3), "{error}");
    let error = desk.broken("project.ron", replaced("key: \"l\"", "key: \"a\""));
    assert!(matches!(error.cause, Cause::Schema(_)), "{error}");
    let error = desk.broken("project.ron", |text| {
        let half = (text.len() / 2..).find(|at| text.is_char_boundary(*at)).unwrap();
        text[..half].to_owned()
    });
    assert!(matches!(error.cause, Cause::Syntax(_)), "{error}");
    let error = desk.broken("project.ron", |_| "(".repeat(100_000));
    assert!(matches!(error.cause, Cause::TooDeep), "{error}");
    let error = desk.broken("project.ron", |_| String::new());
    assert!(matches!(error.cause, Cause::Syntax(_)), "{error}");
    let error = desk.broken("project.ron", |_| "\0".repeat(4096));
    assert!(error.to_string().contains("NUL"), "{error}");

    let error = desk.broken(ARTICLE, replaced("Several", "Some"));
    assert!(matches!(error.cause, Cause::HashMismatch), "{error}");
    let error = desk.broken(ARTICLE, |text| text.replace('\n', "\r\n"));
    assert!(matches!(error.cause, Cause::HashMismatch), "{error}");
    let error = desk.broken(ARTICLE, replaced("id: \"siege\"", "id: \"other\""));
    assert!(matches!(error.cause, Cause::IdMismatch { .. }), "{error}");

    let error = desk.broken(SET, |text| text[..text.len() - 20].to_owned());
    assert!(matches!(error.cause, Cause::Syntax(_)) && line(&error) == Some(9), "{error}");
    let error = desk.broken(SET, replaced("annotator: \"annotator-1\"", "annotator: \"x\""));
    assert!(matches!(error.cause, Cause::IdMismatch { .. }), "{error}");
    let error = desk.broken(SET, replaced("\"police\"", "\"army\""));
    assert!(matches!(error.cause, Cause::Offsets { .. }) && line(&error) == Some(9), "{error}");
    let error = desk.broken(SET, replaced("label: \"actor\"", "label: \"an actor\""));
    assert!(matches!(error.cause, Cause::BadId(_)) && line(&error) == Some(9), "{error}");
    let error = desk.broken(SET, |text| {
        let annotation = text.lines().nth(8).unwrap();
        text.replacen(annotation, &format!("{annotation}\n{annotation}"), 1)
    });
    assert!(matches!(error.cause, Cause::DuplicateId(_)) && line(&error) == Some(10), "{error}");
    let error = desk.broken(SET, |text| {
        let relation =
            "relations: [\n(id: \"t5d0aa\", kind: \"at\", from: \"000001\", to: \"gone00\")";
        text.replacen("    ],\n)", &format!("    ],\n{relation}]\n)"), 1)
    });
    assert!(matches!(error.cause, Cause::Dangling { .. }), "{error}");
    assert_eq!(
        error.to_string(),
        format!(
            "{SET}:12: the relation t5d0aa links to the annotation gone00, which this file lacks; \
             remove the relation, or restore the annotation"
        )
    );

    let written = fs::read(desk.path(SET)).unwrap();
    let mut bytes = written.clone();
    let at = bytes.windows(6).position(|window| window == b"police").unwrap();
    bytes[at] = 0xff;
    fs::write(desk.path(SET), &bytes).unwrap();
    let error = desk.read().unwrap_err();
    assert!(matches!(error.cause, Cause::NotUtf8) && line(&error) == Some(9), "{error}");
    fs::write(desk.path(SET), written).unwrap();
    desk.everything().unwrap();
}

#[test]
fn a_broken_history_stops_only_where_it_is_needed() {
    let desk = Desk::with_annotation();
    let torn = "(step: \"000002\", wh";
    let before = fs::read_to_string(desk.path(HISTORY)).unwrap();
    // Before the last step in the file, history is only needed to undo.
    fs::write(desk.path(HISTORY), format!("{torn}\n{before}")).unwrap();
    desk.everything().unwrap();
    let (steps, problems) = desk.folder.read_steps(&annotator()).unwrap();
    assert_eq!((steps.len(), problems.len()), (1, 2));
    assert_eq!((problems[0].line, problems[0].is_fault), (Some(1), true));
    assert!(problems[1].what.contains("undo reaches back to this line"), "{}", problems[1]);
    // Behind it, a line that cannot be read may be work.
    let newer = before.replacen("what:", "why: \"\", what:", 1);
    fs::write(desk.path(HISTORY), format!("{before}{newer}")).unwrap();
    let error = desk.read().unwrap_err();
    assert!(matches!(error.cause, Cause::UnknownField(_)), "{error}");
    assert_eq!((error.file.as_path(), error.line), (Path::new(HISTORY), Some(2)));
    // A step twice does not fit. Who only reads goes by the set file, which names it.
    fs::write(desk.path(HISTORY), format!("{before}{before}")).unwrap();
    let shown = desk.folder.read_shown(&desk.article, &annotator());
    assert!(matches!(shown.unwrap_err().cause, Cause::Step { .. }));
    desk.everything().unwrap();
    // Torn: nothing is lost that was reported saved.
    fs::write(desk.path(HISTORY), format!("{before}{torn}")).unwrap();
    desk.everything().unwrap();
}

#[test]
fn offsets_that_do_not_fit_are_moved_and_reported() {
    let desk = Desk::with_annotation();
    let text = fs::read_to_string(desk.path(SET)).unwrap();
    let start = TEXT.find("police").unwrap();
    let right = format!("({start}, {}, \"police\")", start + 6);
    let second = TEXT.rfind("police").unwrap();
    let inside = TEXT.find('“').unwrap() + 1;
    for (wrong, expected, why) in [
        ("(900, 906, \"police\")".to_owned(), second, "past the end"),
        (format!("({inside}, {}, \"police\")", inside + 4), start, "cut through a character"),
        ("(0, 6, \"police\")".to_owned(), start, "another text"),
        (format!("({}, {}, \"police\")", second - 2, second + 4), second, "another text"),
    ] {
        fs::write(desk.path(SET), text.replacen(&right, &wrong, 1)).unwrap();
        let loaded = desk.folder.read_set(&desk.article, &annotator()).unwrap();
        let found = loaded.set.annotation(AnnotationId(1)).unwrap();
        assert_eq!(usize::from(found.span.start()), expected, "{wrong}");
        assert_eq!(loaded.problems.len(), 1);
        let problem = &loaded.problems[0];
        assert_eq!((problem.line, problem.is_fault), (Some(9), true));
        assert!(problem.what.contains(why), "{problem}");
    }
}

#[test]
fn what_the_schema_lacks_is_kept_and_left_to_the_check() {
    let desk = Desk::with_annotation();
    let text = fs::read_to_string(desk.path(SET)).unwrap();
    let odd = text.replacen("label: \"actor\"", "label: \"ghost\"", 1);
    fs::write(desk.path(SET), &odd).unwrap();
    let found = desk.set().annotations().next().unwrap().label.to_string();
    assert_eq!(found, "ghost");
    let problems = check(&desk.folder, &mut |_, _| {});
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!((problems[0].file.as_path(), problems[0].line), (Path::new(SET), Some(9)));
    assert!(problems[0].is_fault && problems[0].what.contains("ghost"));
}

#[test]
fn a_check_finds_everything_and_stops_at_nothing() {
    let desk = Desk::with_annotation();
    let mut told = Vec::new();
    assert_eq!(check(&desk.folder, &mut |done, of| told.push((done, of))), vec![]);
    assert_eq!(told, [(0, 1), (1, 1)]);
    let copy = Article::new(ArticleId::new("twin").unwrap(), ArticleMeta::default(), TEXT);
    desk.folder.add_article(&copy).unwrap();
    fs::write(desk.path("articles/Upper.ron"), "").unwrap();
    fs::write(desk.path("articles/broken.ron"), "(").unwrap();
    fs::write(desk.path("articles/.copydesk-x.tmp"), "").unwrap();
    fs::write(desk.path("notes.txt"), "").unwrap();
    fs::create_dir(desk.path("annotations/stranger")).unwrap();
    fs::write(desk.path("annotations/stranger/gone.ron"), "").unwrap();
    fs::write(desk.path("history/annotator-1/twin.ron"), "no line\n(also none)\n").unwrap();
    let problems = check(&desk.folder, &mut |_, _| {});
    let about = |file: &str| problems.iter().filter(|found| found.file == Path::new(file)).count();
    for file in [
        "articles/Upper.ron",
        "articles/broken.ron",
        "articles/.copydesk-x.tmp",
        "articles/twin.ron",
        "notes.txt",
        "annotations/stranger",
        "annotations/stranger/gone.ron",
    ] {
        assert_eq!(about(file), 1, "{file}: {problems:#?}");
    }
    assert!(about("history/annotator-1/twin.ron") >= 1);
}

#[test]
fn a_summary_counts() {
    let desk = Desk::with_annotation();
    let found = summary(&desk.folder, &article_id(), &annotator()).unwrap();
    assert_eq!(found.chars.0 as usize, TEXT.chars().count());
    assert_eq!((found.set.annotations, found.set.by_label.len()), (1, 1));
    let other = AnnotatorName::new("annotator-2").unwrap();
    let unseen = summary(&desk.folder, &article_id(), &other).unwrap();
    assert_eq!((unseen.set.annotations, unseen.set.state), (0, State::Unseen));
}

#[test]
#[cfg(unix)]
fn links_that_lead_out_of_the_project_are_refused() {
    let desk = Desk::with_annotation();
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("siege.ron");
    fs::copy(desk.path(SET), &secret).unwrap();
    let before = fs::read(&secret).unwrap();
    fs::remove_dir_all(desk.path("annotations/annotator-1")).unwrap();
    std::os::unix::fs::symlink(outside.path(), desk.path("annotations/annotator-1")).unwrap();
    let error = desk.read().unwrap_err();
    assert!(matches!(error.cause, Cause::OutsideLink), "{error}");
    assert!(desk.write_everything().is_err());
    assert_eq!(fs::read(&secret).unwrap(), before);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
}

#[test]
fn a_project_that_vanished_is_named_and_its_work_kept() {
    let desk = Desk::new();
    let mut set = desk.set();
    let mut writer = Writer::new(desk.folder.clone());
    let first = step(1, &mut set, vec![add(1, "police")]);
    writer.commit(StepKind::Do, &first).unwrap();
    let away = tempfile::tempdir().unwrap();
    let elsewhere = away.path().join("project");
    fs::rename(desk.root.path(), &elsewhere).unwrap();
    let error = writer.flush().unwrap_err();
    assert!(matches!(error.cause, Cause::Vanished), "{error}");
    let second = step(2, &mut set, vec![Edit::State(State::Done)]);
    assert!(writer.commit(StepKind::Do, &second).is_err());
    assert!(!desk.root.path().exists(), "the folder was made anew");
    fs::rename(&elsewhere, desk.root.path()).unwrap();
    writer.commit(StepKind::Do, &second).unwrap();
    writer.flush().unwrap();
    assert_eq!(desk.set(), set);
}

#[test]
fn the_sample_project_reads_without_a_fault() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("projects/karachi");
    let Opened { folder, project, problems } = ProjectFolder::open(&root).unwrap();
    assert_eq!(problems, vec![]);
    assert!(!project.annotators.is_empty());
    let faults: Vec<_> =
        check(&folder, &mut |_, _| {}).into_iter().filter(|found| found.is_fault).collect();
    assert_eq!(faults, vec![]);
}
