//! The folder `.copydesk` of a project, where its index lives.
//!
//! The only place of the index that touches files other than the project's own. Like
//! [`disk`](crate::store::disk) it follows no link: a project may come from anybody, and
//! nothing is to be read or written outside of it. It promises less in everything else:
//! nothing is synced, because all of it can be made anew.

use crate::model::AnnotatorName;
use crate::store::folder::ProjectFolder;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The folder's name.
const FOLDER: &str = ".copydesk";
/// The table of the articles.
pub(super) const ARTICLES: &str = "articles";
/// The texts of all articles.
pub(super) const TEXTS: &str = "texts";
/// The folder of the annotators' tables.
const SETS: &str = "sets";
/// Whoever holds this file writes the index.
const LOCK: &str = "lock";
/// How the names of files begin that are being written.
const TEMPORARY: &str = "new-";
/// What a killed program left behind is swept away after this long.
const LEFT_OVER: Duration = Duration::from_secs(3600);

/// The folder of a project's index.
#[derive(Clone, Debug)]
pub(super) struct IndexPlace {
    path: PathBuf,
}

impl IndexPlace {
    /// The folder, whether or not there is one.
    pub(super) fn of(folder: &ProjectFolder) -> Self {
        Self { path: folder.root().join(FOLDER) }
    }

    /// Makes the folder where it is missing, so that git takes no notice of it.
    pub(super) fn make(&self) -> io::Result<()> {
        make_folder(&self.path)?;
        make_folder(&self.path.join(SETS))?;
        let ignore = self.path.join(".gitignore");
        match OpenOptions::new().write(true).create_new(true).open(&ignore) {
            Ok(mut file) => io::Write::write_all(&mut file, b"*\n"),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The path of a file of the index.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Opens a file of the index for reading; `None` where there is none.
    pub(super) fn open(&self, name: &str) -> Option<File> {
        let path = self.path(name);
        let is_real = is_folder(&self.path)
            && path.parent().is_some_and(is_folder)
            && fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file());
        if is_real { File::open(path).ok() } else { None }
    }

    /// A file that is being written.
    pub(super) fn temporary(&self) -> io::Result<tempfile::NamedTempFile> {
        tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(&self.path)
    }

    /// Puts a file in its place, instead of the one that may be there.
    pub(super) fn put(&self, file: tempfile::NamedTempFile, name: &str) -> io::Result<()> {
        file.persist(self.path(name)).map(|_| ()).map_err(|error| error.error)
    }

    /// Waits a moment to be the one that writes; `None` where somebody else does, or the
    /// file system knows no locks. The lock goes with the file, and with the process.
    pub(super) fn lock(&self) -> Option<File> {
        let path = self.path(LOCK);
        let is_link = fs::symlink_metadata(&path).is_ok_and(|metadata| !metadata.is_file());
        if is_link || !is_folder(&self.path) {
            return None;
        }
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path).ok()?;
        for _ in 0..20 {
            match file.try_lock() {
                Ok(()) => return Some(file),
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(50)),
                Err(TryLockError::Error(_)) => return None,
            }
        }
        None
    }

    /// Removes what killed programs have left half written.
    pub(super) fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.path) else { return };
        for entry in entries.flatten() {
            let is_old = || {
                let modified = entry.metadata().and_then(|metadata| metadata.modified());
                modified.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LEFT_OVER))
            };
            if entry.file_name().to_string_lossy().starts_with(TEMPORARY) && is_old() {
                // It takes up room and does no other harm.
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// The table of an annotator's sets.
pub(super) fn sets(annotator: &AnnotatorName) -> String {
    format!("{SETS}/{annotator}")
}

fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

fn make_folder(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && is_folder(path) => Ok(()),
        made => made,
    }
}
