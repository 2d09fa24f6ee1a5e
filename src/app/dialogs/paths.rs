//! Paths as people type them, and looking at what is there without holding up a frame.
//!
//! A folder may lie on a slow disk or on a network that is away. What a path leads to is
//! therefore found out in a thread, and the dialog says so once it is known.

use egui::Context;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// The file that makes a folder a project.
const PROJECT: &str = "project.ron";

/// The path that a person means: quotes and `file://` of a file manager fall away, and
/// `~` is the home folder.
pub(in crate::app) fn expand(text: &str) -> PathBuf {
    let text = text.trim().trim_matches(['"', '\'']);
    if let Some(rest) = text.strip_prefix("file://") {
        return PathBuf::from(decode(rest));
    }
    let rest = text.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with('/'));
    match rest.zip(home()) {
        Some((rest, home)) => home.join(rest.trim_start_matches('/')),
        None => PathBuf::from(text),
    }
}

/// A path as people like to read it, with `~` for the home folder.
pub(super) fn shorten(path: &Path) -> String {
    let home = home().filter(|home| home.components().count() > 1);
    match home.and_then(|home| path.strip_prefix(home).ok().map(Path::to_path_buf)) {
        Some(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
        Some(rest) => Path::new("~").join(rest).display().to_string(),
        None => path.display().to_string(),
    }
}

/// The home folder.
pub(super) fn home() -> Option<PathBuf> {
    directories::UserDirs::new().map(|folders| folders.home_dir().to_path_buf())
}

/// Where new projects go unless something else is said.
pub(super) fn documents() -> PathBuf {
    let folders = directories::UserDirs::new();
    let documents = folders.as_ref().and_then(|folders| folders.document_dir());
    documents.map(Path::to_path_buf).or_else(home).unwrap_or_default()
}

/// Percent signs of a file manager's address, decoded; what is no Unicode stays.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        let code = code.filter(|_| *first == b'%').and_then(|c| u8::from_str_radix(c, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing is there.
    Nothing,
    /// A file that is no project's.
    File,
    /// A folder without anything in it.
    EmptyFolder,
    /// A folder with something else in it.
    OtherFolder,
    /// A project.
    Project(PathBuf),
    /// The system does not let one look.
    Refused(String),
}

/// Looks at what a path leads to.
pub(super) fn look(path: &Path) -> Place {
    let is_project_file = path.file_name().is_some_and(|name| name == PROJECT);
    if is_project_file && path.is_file() {
        return Place::Project(path.parent().unwrap_or(Path::new(".")).to_path_buf());
    }
    match std::fs::read_dir(path) {
        Ok(_) if path.join(PROJECT).is_file() => Place::Project(path.to_path_buf()),
        Ok(mut entries) => {
            let is_hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
            let has_some = entries.any(|e| e.is_ok_and(|entry| !is_hidden(&entry.file_name())));
            if has_some { Place::OtherFolder } else { Place::EmptyFolder }
        }
        Err(error) => match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => Place::Refused(error.to_string()),
            Ok(_) => Place::File,
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                Place::Refused(error.to_string())
            }
            Err(_) => Place::Nothing,
        },
    }
}

/// Something that is being found out in a thread.
pub(in crate::app) struct Waiting<T>(Receiver<T>);

impl<T: Send + 'static> Waiting<T> {
    /// Starts finding it out and wakes the window when it is known.
    pub(in crate::app) fn start(ctx: &Context, work: impl FnOnce() -> T + Send + 'static) -> Self {
        let (sender, receiver) = channel();
        let ctx = ctx.clone();
        std::thread::spawn(move || {
            // A dialog that was closed meanwhile does not ask any more.
            let _ = sender.send(work());
            ctx.request_repaint();
        });
        Self(receiver)
    }

    /// What was found out; `Err` while it is not known, and `Ok(None)` if it never will be.
    pub(in crate::app) fn poll(&self) -> Result<Option<T>, ()> {
        match self.0.try_recv() {
            Ok(found) => Ok(Some(found)),
            Err(TryRecvError::Empty) => Err(()),
            Err(TryRecvError::Disconnected) => Ok(None),
        }
    }
}

/// What the path in a field leads to, looked up anew whenever the field changes.
#[derive(Default)]
pub(super) struct Probe {
    asked: Option<String>,
    place: Option<Place>,
    waiting: Option<Waiting<Place>>,
}

impl Probe {
    /// What the path leads to; `None` while nothing is typed or it is not known yet.
    pub(super) fn of(&mut self, ctx: &Context, text: &str) -> Option<&Place> {
        if self.asked.as_deref() != Some(text) {
            self.asked = Some(text.to_owned());
            self.place = None;
            let path = expand(text);
            let is_empty = text.trim().is_empty();
            self.waiting = (!is_empty).then(|| Waiting::start(ctx, move || look(&path)));
        }
        if let Some(Ok(found)) = self.waiting.as_ref().map(Waiting::poll) {
            self.place = found;
            self.waiting = None;
        }
        self.place.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_people_write_them() {
        assert_eq!(expand(" \"/a b/c\" "), Path::new("/a b/c"));
        assert_eq!(expand("file:///a%20b/%D8%AA.txt"), Path::new("/a b/ت.txt"));
        assert_eq!(expand("100%"), Path::new("100%"));
        assert_eq!(expand("~other/x"), Path::new("~other/x"));
        if let Some(home) = home() {
            assert_eq!(expand("~"), home.join(""));
            assert_eq!(expand("~/x"), home.join("x"));
        }
    }

    #[test]
    fn what_is_there_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        assert_eq!(look(&root.join("absent")), Place::Nothing);
        std::fs::write(root.join(".hidden"), "").unwrap();
        assert_eq!(look(root), Place::EmptyFolder);
        std::fs::write(root.join("a.txt"), "").unwrap();
        assert_eq!(look(root), Place::OtherFolder);
        assert_eq!(look(&root.join("a.txt")), Place::File);
        std::fs::write(root.join("project.ron"), "").unwrap();
        assert_eq!(look(root), Place::Project(root.to_path_buf()));
        assert_eq!(look(&root.join("project.ron")), Place::Project(root.to_path_buf()));
    }
}
