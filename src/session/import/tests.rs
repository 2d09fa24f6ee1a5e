//! Imports into a folder on disk, of everything that a disk can hold.

use super::*;
use crate::edit::{Change, Step, StepKind};
use crate::model::{IdSource, LabelId, Project, Schema};
use crate::store::{BundledSchema, Writer, bundled_schema};
use std::fs::{self, File};
use std::sync::Arc;
use tempfile::TempDir;

struct Desktop {
    root: TempDir,
    folder: ProjectFolder,
    known: HashMap<TextHash, ArticleId>,
}

fn desktop() -> Desktop {
    let root = tempfile::tempdir().unwrap();
    let folder = new_project(&root.path().join("project"));
    Desktop { root, folder, known: HashMap::new() }
}

fn new_project(path: &Path) -> ProjectFolder {
    let schema = Schema::default().into();
    let project = Project { name: "p".into(), annotators: vec![], schema };
    ProjectFolder::create(path, &project).unwrap()
}

impl Desktop {
    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    fn import(&mut self, sources: Vec<Source>) -> ImportReport {
        let request = ImportRequest { sources, ..ImportRequest::default() };
        import(&self.folder, &request, &mut self.known, &mut |_| ControlFlow::Continue(()))
    }

    fn import_path(&mut self, path: impl Into<PathBuf>) -> ImportReport {
        self.import(vec![Source::Path(path.into())])
    }

    /// The outcomes as lines, paths relative to the desktop.
    fn lines(&self, report: &ImportReport) -> Vec<String> {
        let name =
            |path: &Path| path.strip_prefix(self.root.path()).unwrap_or(path).display().to_string();
        let line = |outcome: &Outcome| match outcome {
            Outcome::Imported { id, path, .. } => format!("{} is {id}", name(path)),
            Outcome::Updated { id, path, .. } => format!("{} corrects {id}", name(path)),
            Outcome::Known { id, path, .. } => format!("{} known as {id}", name(path)),
            Outcome::Noted { path, .. } => format!("{} noted", name(path)),
            Outcome::Refused { path, why, .. } => {
                format!("{} refused: {}", name(path), why.split([',', ';']).next().unwrap())
            }
            Outcome::Skipped { path, why } => {
                format!("{} skipped: {}", name(path), why.split(';').next().unwrap())
            }
        };
        report.outcomes.iter().map(line).collect()
    }
}

#[test]
fn a_folder_is_walked_in_order() {
    let mut desk = desktop();
    desk.write("in/b.txt", "Second\ntext");
    desk.write("in/A title.md", "# First\n\ntext");
    desk.write("in/deeper/b.txt", "Third\ntext");
    desk.write("in/.hidden/x.txt", "hidden");
    desk.write("in/style.css", "body {}");
    desk.write("in/copy of b", "Second\r\ntext\r\n");
    let report = desk.import_path(desk.root.path().join("in"));
    assert_eq!(
        desk.lines(&report),
        [
            "in/.hidden skipped: a hidden file or folder",
            "in/A title.md is a-title",
            "in/b.txt is b",
            "in/copy of b known as b",
            "in/deeper/b.txt is b-2",
            "in/style.css skipped: no format has this ending",
        ]
    );
    assert!(!report.has_refused());
    assert_eq!(report.imported().count(), 3);
    // The same again: nothing new, and the ids of the first time.
    let again = desk.import_path(desk.root.path().join("in/b.txt"));
    assert_eq!(desk.lines(&again), ["in/b.txt known as b"]);
    assert_eq!(desk.folder.article_ids().unwrap().0.len(), 3);
}

#[test]
fn a_bad_file_stops_nothing() {
    let mut desk = desktop();
    let sources = vec![
        desk.write("a.txt", "%PDF-1.4"),
        desk.write("b.txt", " \n"),
        desk.root.path().join("missing.txt"),
        desk.write("c.txt", &"“Good” “and\n” b\u{ad}ad".as_bytes()[..20]),
        desk.write("d.txt", "Good"),
    ];
    let report = desk.import(sources.into_iter().map(Source::Path).collect());
    assert_eq!(
        desk.lines(&report),
        [
            "a.txt refused: it is not text but a PDF",
            "b.txt refused: there is no text in it",
            "missing.txt refused: it does not exist",
            "c.txt refused: it is not valid UTF-8",
            "d.txt is d",
        ]
    );
    assert!(matches!(report.outcomes[3], Outcome::Refused { line: Some(2), .. }));
}

#[test]
fn a_huge_file_is_refused_unread() {
    let mut desk = desktop();
    let path = desk.write("huge.txt", "");
    File::options().write(true).open(&path).unwrap().set_len(1 << 30).unwrap();
    let report = desk.import_path(&path);
    assert_eq!(desk.lines(&report), ["huge.txt refused: it is larger than 64 MiB"]);
}

#[test]
fn pasted_text_and_pasted_html() {
    let mut desk = desktop();
    let paste = |text: &str| Source::Text { name: "clipboard.txt".into(), text: text.into() };
    let report = desk.import(vec![
        paste("Gunmen storm HQ\r\nBody"),
        paste("<p>Gunmen storm HQ</p><p>Another body</p>"),
        paste("Gunmen storm HQ\nBody"),
        paste(""),
    ]);
    assert_eq!(
        desk.lines(&report),
        [
            "clipboard.txt is gunmen-storm-hq",
            "clipboard.txt is gunmen-storm-hq-2",
            "clipboard.txt known as gunmen-storm-hq",
            "clipboard.txt refused: there is no text in it",
        ]
    );
}

#[test]
fn what_was_imported_before_a_cancellation_stays() {
    let mut desk = desktop();
    for name in ["a", "b", "c"] {
        desk.write(&format!("in/{name}.txt"), name);
    }
    let sources = vec![Source::Path(desk.root.path().join("in"))];
    let request = ImportRequest { sources, ..ImportRequest::default() };
    let report = import(&desk.folder, &request, &mut desk.known, &mut |progress| {
        if progress.done == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(report.cancelled);
    assert_eq!(desk.lines(&report), ["in/a.txt is a", "in/b.txt is b"]);
    assert_eq!(desk.known.len(), 2);
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    #[test]
    fn links_are_passed_over_and_pipes_are_not_opened() {
        let mut desk = desktop();
        let file = desk.write("in/a.txt", "text");
        symlink(&file, desk.root.path().join("in/link.txt")).unwrap();
        symlink(desk.root.path(), desk.root.path().join("in/loop")).unwrap();
        let _socket = UnixListener::bind(desk.root.path().join("in/socket")).unwrap();
        let pipe = desk.root.path().join("in/pipe.txt");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let report = desk.import_path(desk.root.path().join("in"));
        assert_eq!(
            desk.lines(&report),
            [
                "in/a.txt is a",
                "in/link.txt skipped: a symbolic link",
                "in/loop skipped: a symbolic link",
                "in/pipe.txt refused: it is a pipe",
                "in/socket refused: it is a pipe",
            ]
        );
        let named = desk.import(vec![
            Source::Path(desk.root.path().join("in/link.txt")),
            Source::Path(pipe),
            Source::Path("/dev/zero".into()),
        ]);
        assert_eq!(desk.lines(&named)[0], "in/link.txt known as a");
        assert!(desk.lines(&named)[1..].iter().all(|line| line.contains("refused: it is a pipe")));
    }

    #[test]
    fn folders_beyond_reason_are_refused() {
        let mut desk = desktop();
        let deep = "in/".to_owned() + &"x/".repeat(40) + "a.txt";
        desk.write(&deep, "text");
        let report = desk.import_path(desk.root.path().join("in"));
        assert!(desk.lines(&report)[0].ends_with("refused: folders are nested too deeply"));
    }

    #[test]
    fn a_folder_without_permission_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let mut desk = desktop();
        desk.write("in/locked/a.txt", "text");
        desk.write("in/open/b.txt", "text");
        let locked = desk.root.path().join("in/locked");
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
        // The superuser may read everything, so there is nothing to test.
        let is_superuser = fs::read_dir(&locked).is_ok();
        let report = desk.import_path(desk.root.path().join("in"));
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o700)).unwrap();
        if !is_superuser {
            let expected = ["in/locked refused: access was refused", "in/open/b.txt is b"];
            assert_eq!(desk.lines(&report), expected);
        }
    }
}

/// A line of our own format with one annotator's work.
fn line(id: &str, text: &str, annotator: &str, label: &str, words: &str) -> String {
    let at = text.find(words).map(|at| text[..at].chars().count()).unwrap();
    let end = at + words.chars().count();
    format!(
        r#"{{"id":"{id}","text":"{text}","annotations":[{{"annotator":"{annotator}",
        "label":"{label}","spans":[[{at},{end}]],"text":"{words}"}}]}}"#
    )
    .replace('\n', "")
}

impl Desktop {
    fn surfaces(&self, id: &str, annotator: &str) -> Vec<String> {
        let id = ArticleId::new(id).unwrap();
        let article = Arc::new(self.folder.read_article(&id).unwrap());
        let annotator = AnnotatorName::new(annotator).unwrap();
        let set = self.folder.read_set(&article, &annotator).unwrap().set;
        let words = |found| format!("{} {}", annotation_label(found), set.surface(found));
        set.annotations().map(words).collect()
    }
}

fn annotation_label(annotation: &crate::model::Annotation) -> &str {
    annotation.label.as_str()
}

#[test]
fn annotations_become_their_annotators_sets_and_the_schema_gets_what_it_lacks() {
    let mut desk = desktop();
    let text = "🚓 Police said two men died";
    let lines = [
        line("one", text, "ann", "Actor", "Police"),
        line("one", text, "bob@x.org", "weapon", "two"),
        line("two", "Karachi fell quiet", "ann", "place", "Karachi"),
    ];
    let path = desk.write("in.jsonl", lines.join("\n"));
    let report = desk.import_path(&path);
    assert_eq!(
        desk.lines(&report),
        ["in.jsonl is one", "in.jsonl known as one", "in.jsonl is two"],
        "{report:?}"
    );
    assert_eq!(desk.surfaces("one", "ann"), ["actor Police"]);
    assert_eq!(desk.surfaces("one", "bob-x.org"), ["weapon two"]);
    assert_eq!(desk.surfaces("two", "ann"), ["place Karachi"]);
    let (project, _) = desk.folder.read_project().unwrap();
    let labels: Vec<_> = project.schema.labels().iter().map(|label| label.id.as_str()).collect();
    assert_eq!(labels, ["actor", "weapon", "place"]);
    let annotators: Vec<_> = project.annotators.iter().map(AnnotatorName::as_str).collect();
    assert_eq!(annotators, ["ann", "bob-x.org"]);
    let renamed = "the annotator “bob@x.org” is called bob-x.org here";
    let told = |outcome: &Outcome| {
        matches!(outcome, Outcome::Known { warnings, .. }
        if warnings.iter().any(|warning| warning.what == renamed))
    };
    assert!(told(&report.outcomes[1]), "{report:?}");
    assert!(crate::store::check(&desk.folder, &mut |_, _| {}).is_empty());
}

#[test]
fn what_is_there_already_is_added_to_once_as_a_step_that_can_be_undone() {
    let mut desk = desktop();
    let text = "Police said two men died";
    let first = desk.write("first.jsonl", line("one", text, "ann", "actor", "Police"));
    let second = desk.write("second.jsonl", line("one", text, "ann", "casualty", "two men"));
    for path in [&first, &second, &first, &second] {
        desk.import_path(path);
    }
    assert_eq!(desk.surfaces("one", "ann"), ["actor Police", "casualty two men"]);
    let history = desk.root.path().join("project/history/ann/one.ron");
    let history = fs::read_to_string(history).unwrap();
    assert_eq!(history.lines().count(), 1, "the second file is one step: {history}");
    assert!(history.contains("Import second.jsonl"));
}

#[test]
fn a_chosen_label_is_taken_and_a_survey_says_what_is_lacking() {
    let mut desk = desktop();
    let text = "Police said two men died";
    let lines = [
        line("one", text, "ann", "PER", "Police"),
        line("two", "More police came", "", "PER", "police"),
    ];
    let path = desk.write("in.jsonl", lines.join("\n"));
    let (project, _) = desk.folder.read_project().unwrap();
    let mut request = ImportRequest::of_paths([path]);
    let mut go = |_: Progress<'_>| ControlFlow::Continue(());
    let found = survey(&project, &request, Scope::Annotations, &mut go);
    assert_eq!(found.unknown.into_iter().collect::<Vec<_>>(), [("PER".to_owned(), 2)]);
    assert_eq!((found.articles, found.has_unnamed), (2, true));
    request.labels.insert("PER".to_owned(), LabelId::new("actor").unwrap());
    request.annotator = Some(AnnotatorName::new("carol").unwrap());
    request.labels.insert("NOPE".to_owned(), LabelId::new("actor").unwrap());
    let report = import(&desk.folder, &request, &mut desk.known, &mut go);
    assert_eq!(desk.surfaces("one", "ann"), ["actor Police"]);
    assert_eq!(desk.surfaces("two", "carol"), ["actor police"]);
    let told = report.outcomes.last().unwrap();
    assert!(matches!(told, Outcome::Noted { warnings, .. } if warnings[0].what.contains("NOPE")));
}

#[test]
fn texts_that_belong_to_files_of_annotations_are_no_articles_of_their_own() {
    let mut desk = desktop();
    desk.write("in/a.txt", "Police came\r\n");
    desk.write("in/a.ann", "T1\tactor 0 6\tPolice\n");
    desk.write("in/alone.txt", "Nobody came");
    let report = desk.import_path(desk.root.path().join("in"));
    assert_eq!(
        desk.lines(&report),
        [
            "in/a.ann is a",
            "in/a.txt skipped: it belongs to a file of annotations and is read with that",
            "in/alone.txt is alone"
        ]
    );
    assert_eq!(desk.surfaces("a", "imported"), ["actor Police"]);
}

impl Desktop {
    fn update(&mut self, path: &Path) -> ImportReport {
        let mut request = ImportRequest::of_paths([path.to_owned()]);
        request.update = true;
        import(&self.folder, &request, &mut self.known, &mut |_| ControlFlow::Continue(()))
    }
}

#[test]
fn a_name_is_the_same_however_a_file_system_writes_its_accents() {
    let mut desk = desktop();
    let composed = desk.write("in/Caf\u{e9} Z\u{fc}rich.txt", "Gunmen stormed a cafe on Monday");
    desk.import_path(composed);
    let apart = "out/Cafe\u{301} Zu\u{308}rich.txt";
    let newer = desk.write(apart, "Nobody came to it any more");
    let report = desk.update(&newer);
    assert_eq!(desk.lines(&report), [format!("{apart} corrects caf-z-rich")]);
    assert_eq!(desk.folder.article_ids().unwrap().0.len(), 1);
}

#[test]
fn of_several_articles_with_a_name_the_one_that_is_meant_is_corrected() {
    let mut desk = desktop();
    let (camp, mine) = (
        "Camp stormed\n\nGunmen stormed a camp near Quetta on Monday and killed two men",
        "Mine closed\n\nThe owners of a coal mine in the hills have closed it for the winter",
    );
    desk.write("in/1/QUETTA.txt", camp);
    desk.write("in/2/quetta.txt", mine);
    let report = desk.import_path(desk.root.path().join("in"));
    assert_eq!(desk.lines(&report), ["in/1/QUETTA.txt is quetta", "in/2/quetta.txt is quetta-2"]);
    // By the headline, though little else is left.
    let newer = desk.write("quetta.txt", "Mine closed\n\nIt will open in spring");
    let report = desk.update(&newer);
    assert_eq!(desk.lines(&report), ["quetta.txt corrects quetta-2"]);
    // By the text.
    let newer = desk.write("quetta.txt", camp.replace("Camp stormed", "Camp raided"));
    let report = desk.update(&newer);
    assert_eq!(desk.lines(&report), ["quetta.txt corrects quetta"]);
    // Nothing tells.
    let newer = desk.write("quetta.txt", "Rain\n\nSnow fell as well");
    let report = desk.update(&newer);
    let refused = "quetta.txt refused: it may be a newer version of quetta or quetta-2";
    assert_eq!(desk.lines(&report), [refused]);
    assert_eq!(desk.folder.article_ids().unwrap().0.len(), 2);
    // A number in a file's own name does.
    let newer = desk.write("quetta-2.txt", "Mine reopened\n\nSnow has melted");
    let report = desk.update(&newer);
    assert_eq!(desk.lines(&report), ["quetta-2.txt corrects quetta-2"]);
}

#[test]
fn files_of_one_name_that_come_together_are_no_versions_of_each_other() {
    let mut desk = desktop();
    desk.write("in/1/quetta.txt", "Gunmen stormed a camp");
    desk.write("in/2/quetta.txt", "A mine was closed");
    let folder = desk.root.path().join("in");
    let report = desk.update(&folder);
    assert_eq!(desk.lines(&report), ["in/1/quetta.txt is quetta", "in/2/quetta.txt is quetta-2"]);
}

#[test]
fn a_name_without_a_letter_for_an_id_stands_for_no_article() {
    let mut desk = desktop();
    let first = desk.write("کراچی.txt", "Gunmen stormed a camp near Quetta on Monday morning");
    desk.import_path(first);
    let other = desk.write("لاہور.txt", "A mine was closed for the whole of the winter");
    let report = desk.update(&other);
    assert_eq!(desk.lines(&report), ["لاہور.txt is article-2"]);
    let newer = desk.write("کراچی.txt", "Gunmen stormed a camp near Quetta on Monday evening");
    let report = desk.update(&newer);
    assert_eq!(desk.lines(&report), ["کراچی.txt corrects article"]);
}

/// The annotations of everybody in an article of a project, as `annotator: label`.
fn annotations(folder: &ProjectFolder, id: &str) -> Vec<String> {
    let article = Arc::new(folder.read_article(&ArticleId::new(id).unwrap()).unwrap());
    let (project, _) = folder.read_project().unwrap();
    let mut found = Vec::new();
    for annotator in &project.annotators {
        let set = folder.read_set(&article, annotator).unwrap().set;
        found.extend(set.annotations().map(|it| format!("{annotator}: {}", it.label)));
    }
    found
}

const ANNOTATED: &str = concat!(
    r#"{"id": "m", "text": "Ali fled", "annotations": [{"annotator": "a", "label": "actor", "#,
    r#""spans": [[0, 3]], "text": "Ali"}, {"annotator": "b", "label": "claim", "spans": [[0, 8]]}]}"#,
);

/// Each looked first and added at the end: everything was there twice.
#[test]
fn two_imports_at_once_bring_every_article_once() {
    let mut desk = desktop();
    for number in 0..5 {
        desk.write(&format!("in/{number}.txt"), format!("Article {number}\ntext"));
    }
    desk.write("in/more.jsonl", ANNOTATED);
    let request = ImportRequest::of_paths([desk.root.path().join("in")]);
    let (folder, mut other) = (desk.folder.clone(), None);
    let report = import(&desk.folder, &request, &mut desk.known, &mut |now| {
        // The second one begins and ends while the first has read all but the last file.
        if now.done == 5 && other.is_none() {
            let progress = &mut |_: Progress<'_>| ControlFlow::Continue(());
            other = Some(import(&folder, &request, &mut HashMap::new(), progress));
        }
        ControlFlow::Continue(())
    });
    assert_eq!(other.unwrap().imported().count(), 6);
    assert_eq!(report.imported().count(), 0, "{:?}", desk.lines(&report));
    assert!(!report.has_refused(), "{:?}", desk.lines(&report));
    assert_eq!(desk.lines(&report)[0], "in/0.txt known as 0");
    assert_eq!(folder.article_ids().unwrap().0.len(), 6);
    assert_eq!(annotations(&folder, "m"), ["a: actor", "b: claim"]);
}

#[test]
fn labels_are_added_to_a_schema_that_somebody_changes_meanwhile() {
    let mut desk = desktop();
    desk.write("in/a.txt", "Gunmen stormed a camp");
    let more = r#"{"id": "n", "text": "Ali fled", "annotations": [{"annotator": "a", "label": "weapon", "spans": [[0, 3]], "text": "Ali"}]}"#;
    desk.write("in/more.jsonl", more);
    let request = ImportRequest::of_paths([desk.root.path().join("in")]);
    let (folder, mut is_done) = (desk.folder.clone(), false);
    let report = import(&desk.folder, &request, &mut desk.known, &mut |now| {
        if now.total.is_some() && !std::mem::replace(&mut is_done, true) {
            give_labels(&folder);
        }
        ControlFlow::Continue(())
    });
    assert!(!report.has_refused(), "{:?}", desk.lines(&report));
    let schema = desk.folder.read_project().unwrap().0.schema;
    assert!(schema.label(&LabelId::new("weapon").unwrap()).is_some());
    assert!(schema.label(&LabelId::new("actor").unwrap()).is_some(), "theirs is kept");
    assert_eq!(annotations(&desk.folder, "n"), ["a: weapon"]);
}

/// New articles that were read before the renaming, and annotations for one that is there.
#[test]
fn a_label_that_is_renamed_meanwhile_is_not_brought_back() {
    let mut desk = desktop();
    give_labels(&desk.folder);
    let text = "Police said two men died";
    let first = desk.write("first.jsonl", line("one", text, "ann", "actor", "Police"));
    desk.import_path(&first);
    desk.write("in/a.jsonl", line("two", "Gunmen stormed a camp", "ann", "actor", "Gunmen"));
    desk.write("in/b.jsonl", line("one", text, "bob", "actor", "two men"));
    let request = ImportRequest::of_paths([desk.root.path().join("in")]);
    let (root, mut is_done) = (desk.root.path().join("project"), false);
    let report = import(&desk.folder, &request, &mut desk.known, &mut |now| {
        if now.done == 1 && !std::mem::replace(&mut is_done, true) {
            rename_actor(&root);
        }
        ControlFlow::Continue(())
    });
    assert!(!report.has_refused(), "{:?}", desk.lines(&report));
    assert_eq!(desk.surfaces("one", "ann"), ["agent Police"]);
    assert_eq!(desk.surfaces("one", "bob"), ["agent two men"]);
    assert_eq!(desk.surfaces("two", "ann"), ["agent Gunmen"]);
    let found = crate::store::check(&desk.folder, &mut |_, _| {});
    assert!(found.iter().all(|found| !found.is_fault), "{found:?}");
}

/// Renames a label in a window, and waits until all of it is written.
fn rename_actor(root: &Path) {
    let (from, to) = (LabelId::new("actor").unwrap(), LabelId::new("agent").unwrap());
    let by = AnnotatorName::new("carol").unwrap();
    let mut session = crate::session::Session::open(root, Some(by), Arc::new(|| {})).unwrap();
    let rename = crate::edit::Migration::RenameLabel { from, to };
    let action = crate::session::Action::Migrate(vec![rename], "Rename".to_owned());
    session.try_perform(action).unwrap();
    session.wait_until_migrated();
    session.wait_until_saved();
}

/// What somebody does in a window that is open beside the import.
fn give_labels(folder: &ProjectFolder) {
    let before = folder.read_project().unwrap().0.schema;
    let after = Arc::new(bundled_schema(BundledSchema::Simple).unwrap());
    let step = Step {
        id: IdSource::random().step(),
        at: folder.stamp(),
        by: AnnotatorName::new("a").unwrap(),
        what: "Change the schema".to_owned(),
        changes: vec![Change::Schema { before, after }],
    };
    let mut writer = Writer::new(folder.clone());
    writer.commit(StepKind::Do, &step).unwrap();
    writer.flush().unwrap();
}

#[test]
fn imports_on_several_threads_bring_every_article_and_annotation_once() {
    let desk = desktop();
    for number in 0..120 {
        desk.write(&format!("in/{number}.txt"), format!("Article {number}\ntext"));
    }
    desk.write("in/more.jsonl", ANNOTATED);
    let request = ImportRequest::of_paths([desk.root.path().join("in")]);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let progress = &mut |_: Progress<'_>| ControlFlow::Continue(());
                let report = import(&desk.folder, &request, &mut HashMap::new(), progress);
                assert!(!report.has_refused(), "{:?}", desk.lines(&report));
            });
        }
    });
    assert_eq!(desk.folder.article_ids().unwrap().0.len(), 121);
    assert_eq!(annotations(&desk.folder, "m"), ["a: actor", "b: claim"]);
}

#[test]
fn another_import_may_take_an_id_for_another_text() {
    let mut desk = desktop();
    desk.write("in/quetta.txt", "Gunmen stormed a camp");
    desk.write("other/quetta.txt", "A mine was closed");
    let request = ImportRequest::of_paths([desk.root.path().join("in")]);
    let theirs = ImportRequest::of_paths([desk.root.path().join("other")]);
    let (folder, mut is_done) = (desk.folder.clone(), false);
    let report = import(&desk.folder, &request, &mut desk.known, &mut |now| {
        if now.total.is_some() && !std::mem::replace(&mut is_done, true) {
            let progress = &mut |_: Progress<'_>| ControlFlow::Continue(());
            import(&folder, &theirs, &mut HashMap::new(), progress);
        }
        ControlFlow::Continue(())
    });
    assert_eq!(desk.lines(&report), ["in/quetta.txt is quetta-2"]);
}

#[test]
fn a_label_that_is_chosen_for_and_does_not_occur_is_told_beforehand() {
    let mut desk = desktop();
    let file = desk.write("x.jsonl", ANNOTATED);
    desk.import_path(&file);
    let (project, _) = desk.folder.read_project().unwrap();
    let actor = LabelId::new("actor").unwrap();
    let labels = ["ACTOR", "PER"].map(|theirs| (theirs.to_owned(), actor.clone()));
    let request = ImportRequest { labels: labels.into(), ..ImportRequest::of_paths([file]) };
    let go_on = &mut |_: Progress<'_>| ControlFlow::Continue(());
    let told = survey(&project, &request, Scope::Everything, go_on).warnings;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].1.what.contains("“PER”"), "{told:?}");
}

/// The same annotation again brings the note that the first had not.
#[test]
fn a_note_on_an_annotation_that_is_here_is_taken_over_or_told() {
    let mut desk = desktop();
    let line = |note: &str| {
        format!(
            "{{\"text\": \"Ali fled\", \"annotations\": [{{\"annotator\": \"a\", \"label\": \
             \"actor\", \"spans\": [[0, 3]], \"note\": \"{note}\"}}]}}"
        )
    };
    let mut bring = |note: &str| {
        let file = desk.write("a.jsonl", line(note));
        let report = desk.import_path(file);
        let told = report.outcomes.iter().flat_map(|outcome| match outcome {
            Outcome::Imported { warnings, .. } | Outcome::Known { warnings, .. } => {
                warnings.clone()
            }
            _ => Vec::new(),
        });
        let told = told.map(|warning| warning.what).collect::<Vec<_>>();
        let id = desk.folder.article_ids().unwrap().0.remove(0);
        let article = Arc::new(desk.folder.read_article(&id).unwrap());
        let set = desk.folder.read_set(&article, &AnnotatorName::new("a").unwrap()).unwrap().set;
        let notes = set.annotations().map(|found| found.note.clone()).collect::<Vec<_>>();
        (notes, told)
    };
    assert_eq!(bring(""), (vec![String::new()], vec![]));
    assert_eq!(bring("unsure"), (vec!["unsure".to_owned()], vec![]));
    assert_eq!(bring("unsure"), (vec!["unsure".to_owned()], vec![]));
    let (notes, told) = bring("certain");
    assert_eq!(notes, ["unsure"]);
    assert!(told.len() == 1 && told[0].contains("a note on “Ali” (actor)"), "{told:?}");
}

/// What a configuration declares was lost unless an annotation used it, and a folder was
/// read in the order of names, the tasks before what tells of them.
#[test]
fn configurations_become_the_schema_whatever_uses_it() {
    let mut desk = desktop();
    let config = r#"<View><Labels name="label" toName="text"><Label value="Actor"/>
        <Label value="Weapon" hint="Any weapon"/></Labels>
        <Relations><Relation value="used by"/></Relations><Text name="text" value="$text"/>
        <Choices name="role" toName="text" perRegion="true" choice="multiple"
            whenLabelValue="Actor"><Choice value="target"/><Choice value="victim"/></Choices>
        <Number name="age" toName="text" perRegion="true" step="1" whenLabelValue="Actor"/></View>"#;
    desk.write("in/zz_config.xml", config);
    let tasks = r#"[{"data": {"text": "Ali fled"}, "annotations": [{"completed_by": 1, "result": [
        {"id": "r", "type": "labels", "value": {"start": 0, "end": 3, "labels": ["Actor"]}},
        {"id": "r", "type": "choices", "from_name": "role", "value": {"choices": ["victim"]}}]}]}]"#;
    desk.write("in/tasks.json", tasks);
    desk.write("in/other.xml", "<notes/>");
    let request = ImportRequest {
        format: crate::formats::by_id("label-studio"),
        ..ImportRequest::of_paths([desk.root.path().join("in")])
    };
    let report =
        import(&desk.folder, &request, &mut desk.known, &mut |_| ControlFlow::Continue(()));
    assert!(!report.has_refused(), "{:?}", report.outcomes);
    let schema = desk.folder.read_project().unwrap().0.schema;
    let labels: Vec<_> = schema.labels().iter().map(|label| label.name.as_str()).collect();
    assert_eq!(labels, ["Actor", "Any weapon"]);
    assert_eq!(schema.relations()[0].name, "used by");
    let kinds: Vec<_> =
        schema.labels()[0].attributes.iter().map(|known| known.kind.clone()).collect();
    let choices = ["target", "victim"].map(str::to_owned).to_vec();
    use crate::model::AttributeKind;
    assert_eq!(
        kinds,
        [AttributeKind::Choices(choices), AttributeKind::Integer { min: None, max: None }]
    );
    // Alone it is a schema, too.
    let mut alone = desktop();
    let path = alone.write("label_config.xml", config);
    assert!(!alone.import_path(path).has_refused());
    assert_eq!(*alone.folder.read_project().unwrap().0.schema, *schema);
}
