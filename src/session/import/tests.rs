//! Imports into a folder on disk, of everything that a disk can hold.

use super::*;
use crate::model::{Project, Schema};
use std::fs;
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
            Outcome::Known { id, path } => format!("{} known as {id}", name(path)),
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
        desk.write("a.pdf", "%PDF-1.4"),
        desk.write("b.txt", " \n"),
        desk.root.path().join("missing.txt"),
        desk.write("c.txt", &"“Good” “and\n” b\u{ad}ad".as_bytes()[..20]),
        desk.write("d.txt", "Good"),
    ];
    let report = desk.import(sources.into_iter().map(Source::Path).collect());
    assert_eq!(
        desk.lines(&report),
        [
            "a.pdf refused: it is not text but a PDF",
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
