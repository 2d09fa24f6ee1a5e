//! The only place of the program that touches the files of a project.
//!
//! A [`Disk`] is one project folder. It takes paths relative to that folder, refuses
//! those that lead out of it through a link, and knows four ways to change a file:
//! replace it whole, create it where none is, append to it, cut it. Each is on disk when
//! it returns, and each leaves the file as it was when it fails. What the bytes mean is
//! not known here, nor who else may be writing.

use super::error::{Cause, StoreError};
use super::layout;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

/// The longest file that is read, in bytes.
pub(super) const LARGEST: u64 = 256 * 1024 * 1024;

/// One name in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    /// The name; characters that are not Unicode are replaced.
    pub(super) name: String,
    /// Whether it is a folder.
    pub(super) is_folder: bool,
}

/// A project folder.
#[derive(Debug)]
pub(super) struct Disk {
    root: PathBuf,
    /// The root without links, to compare with.
    real: PathBuf,
}

impl Disk {
    /// A folder that exists.
    pub(super) fn open(root: &Path) -> Result<Self, StoreError> {
        let wrap = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::new(root, Cause::NotFound),
            _ => StoreError::new(root, Cause::Io(error)),
        };
        let real = fs::canonicalize(root).map_err(wrap)?;
        if !real.is_dir() {
            return Err(StoreError::new(root, Cause::NotAProject));
        }
        Ok(Self { root: std::path::absolute(root).map_err(wrap)?, real })
    }

    /// A folder that is made when it does not exist.
    pub(super) fn create(root: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(root).map_err(|error| StoreError::new(root, Cause::Io(error)))?;
        Self::open(root)
    }

    /// The folder as an absolute path.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// A file's bytes; `None` where there is no such file.
    pub(super) fn read(&self, file: &Path) -> Result<Option<Vec<u8>>, StoreError> {
        match self.read_found(file) {
            Err(error) if is_missing(&error) => Ok(None),
            bytes => bytes.map(Some),
        }
    }

    fn read_found(&self, file: &Path) -> Result<Vec<u8>, StoreError> {
        let path = self.resolve(file)?;
        let io = |error| self.io(file, error);
        let metadata = fs::metadata(&path).map_err(io)?;
        // Opening a pipe would wait for its other end for ever.
        if !metadata.is_file() {
            return Err(StoreError::new(file, Cause::NotAFile));
        }
        if metadata.len() > LARGEST {
            return Err(StoreError::new(file, Cause::TooLarge { bytes: metadata.len() }));
        }
        let mut bytes = Vec::with_capacity(metadata.len() as usize);
        let opened = File::open(&path).map_err(io)?;
        // The file may have grown since its length was asked for.
        opened.take(LARGEST + 1).read_to_end(&mut bytes).map_err(io)?;
        let len = bytes.len() as u64;
        if len > LARGEST {
            return Err(StoreError::new(file, Cause::TooLarge { bytes: len }));
        }
        Ok(bytes)
    }

    /// A file's length in bytes; `None` where there is no such file.
    pub(super) fn len(&self, file: &Path) -> Result<Option<u64>, StoreError> {
        match fs::metadata(self.root.join(file)) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.root.is_dir() => Ok(None),
            Err(error) => Err(self.io(file, error)),
        }
    }

    /// When a file was changed last, by the file system's clock; `None` where there is no
    /// such file or no such time.
    pub(super) fn modified(&self, file: &Path) -> Result<Option<jiff::Timestamp>, StoreError> {
        match fs::metadata(self.root.join(file)) {
            Ok(metadata) => {
                let at = metadata.modified().ok();
                Ok(at.and_then(|at| jiff::Timestamp::try_from(at).ok()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.root.is_dir() => Ok(None),
            Err(error) => Err(self.io(file, error)),
        }
    }

    /// What a folder holds, by name; nothing where there is no such folder.
    pub(super) fn list(&self, folder: &Path) -> Result<Vec<Entry>, StoreError> {
        let path = match self.resolve(folder) {
            Err(error) if is_missing(&error) => return Ok(Vec::new()),
            path => path?,
        };
        let io = |error| self.io(folder, error);
        let mut entries = Vec::new();
        for entry in fs::read_dir(path).map_err(io)? {
            let entry = entry.map_err(io)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // Links count as what they lead to; whether they may be followed is asked
            // when one is read.
            let is_folder = fs::metadata(entry.path()).is_ok_and(|metadata| metadata.is_dir());
            entries.push(Entry { name, is_folder });
        }
        entries.sort();
        Ok(entries)
    }

    /// Puts a file in place whole, instead of the one that may be there.
    pub(super) fn replace(&self, file: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        let parent = self.parent(file)?;
        let temporary = self.temporary(file, &parent, bytes)?;
        let target = self.root.join(file);
        self.keep_mode(&target, &temporary);
        let moved = change().and_then(|()| temporary.persist(target).map_err(|error| error.error));
        moved.and_then(|_| sync_folder(&parent)).map_err(|error| self.io(file, error))
    }

    /// Puts a file in place where none is.
    pub(super) fn create_new(&self, file: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        let parent = self.parent(file)?;
        let temporary = self.temporary(file, &parent, bytes)?;
        let moved = change().and_then(|()| {
            temporary.persist_noclobber(self.root.join(file)).map_err(|error| error.error)
        });
        match moved {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(StoreError::new(file, Cause::Exists))
            }
            moved => moved.and_then(|_| sync_folder(&parent)).map_err(|error| self.io(file, error)),
        }
    }

    /// Adds bytes to the end of a file, which is made when it does not exist, and gives
    /// back its length from before. A failure takes back what was added.
    pub(super) fn append(&self, file: &Path, bytes: &[u8]) -> Result<u64, StoreError> {
        let parent = self.parent(file)?;
        self.refuse_link_out(file)?;
        let io = |error| self.io(file, error);
        let path = self.root.join(file);
        let is_new = !path.exists();
        let opened = change()
            .and_then(|()| OpenOptions::new().append(true).create(true).open(&path))
            .map_err(io)?;
        let before = opened.metadata().map_err(io)?.len();
        let written = write(&opened, bytes)
            .and_then(|()| change())
            .and_then(|()| opened.sync_all())
            .and_then(|()| if is_new { sync_folder(&parent) } else { Ok(()) });
        if let Err(error) = written {
            // Should cutting fail too, the torn end is found before the next append.
            let _ = opened.set_len(before);
            return Err(io(error));
        }
        Ok(before)
    }

    /// Cuts a file to a length in bytes.
    pub(super) fn cut(&self, file: &Path, len: u64) -> Result<(), StoreError> {
        self.refuse_link_out(file)?;
        change()
            .and_then(|()| OpenOptions::new().write(true).open(self.root.join(file)))
            .and_then(|opened| opened.set_len(len).and_then(|()| opened.sync_all()))
            .map_err(|error| self.io(file, error))
    }

    /// Takes a file away; one that is gone already is no failure.
    pub(super) fn remove(&self, file: &Path) -> Result<(), StoreError> {
        self.refuse_link_out(file)?;
        let parent = self.parent(file)?;
        let removed = change().and_then(|()| fs::remove_file(self.root.join(file)));
        match removed {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => {
                removed.and_then(|()| sync_folder(&parent)).map_err(|error| self.io(file, error))
            }
        }
    }

    /// Makes a folder of the project where it is missing.
    pub(super) fn make_folder(&self, folder: &Path) -> Result<(), StoreError> {
        self.parent(&folder.join("any")).map(|_| ())
    }

    /// The real path of something that exists and lies in the project.
    fn resolve(&self, path: &Path) -> Result<PathBuf, StoreError> {
        let real = fs::canonicalize(self.root.join(path)).map_err(|error| self.io(path, error))?;
        if real.starts_with(&self.real) {
            Ok(real)
        } else {
            Err(StoreError::new(path, Cause::OutsideLink))
        }
    }

    /// Appending follows a link, even one to a file that does not exist yet.
    fn refuse_link_out(&self, file: &Path) -> Result<(), StoreError> {
        let metadata = fs::symlink_metadata(self.root.join(file));
        if metadata.is_ok_and(|metadata| metadata.is_symlink()) {
            self.resolve(file)?;
        }
        Ok(())
    }

    /// The real folder of a file, made where it is missing; the project's own folder is
    /// never made anew, for it may be a drive that comes back.
    fn parent(&self, file: &Path) -> Result<PathBuf, StoreError> {
        let mut folder = PathBuf::new();
        let mut real = self.resolve(&folder)?;
        let parents = file.parent().into_iter().flat_map(Path::components);
        for part in parents.filter(|part| matches!(part, Component::Normal(_))) {
            folder.push(part);
            let io = |error| self.io(&folder, error);
            match change().and_then(|()| fs::create_dir(self.root.join(&folder))) {
                Ok(()) => sync_folder(&real).map_err(io)?,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(io(error)),
            }
            real = self.resolve(&folder)?;
        }
        Ok(real)
    }

    /// A synced file beside its later place; it goes away again unless it is moved there.
    fn temporary(
        &self,
        file: &Path,
        parent: &Path,
        bytes: &[u8],
    ) -> Result<tempfile::NamedTempFile, StoreError> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(layout::TEMPORARY).suffix(".tmp");
        #[cfg(unix)]
        {
            // Temporary files are private by default; files of a project are as open as
            // the user's own mask says.
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let made = change().and_then(|()| builder.tempfile_in(parent)).and_then(|temporary| {
            write(temporary.as_file(), bytes)?;
            change()?;
            temporary.as_file().sync_all()?;
            Ok(temporary)
        });
        made.map_err(|error| self.io(file, error))
    }

    /// A shared folder may give its files to a group; replacing one keeps that.
    fn keep_mode(&self, target: &Path, temporary: &tempfile::NamedTempFile) {
        if let Ok(metadata) = fs::metadata(target) {
            // Not being able to is no reason to lose the work.
            let _ = temporary.as_file().set_permissions(metadata.permissions());
        }
    }

    fn io(&self, file: &Path, error: io::Error) -> StoreError {
        let gone = error.kind() == io::ErrorKind::NotFound && !self.root.is_dir();
        StoreError::new(file, if gone { Cause::Vanished } else { Cause::Io(error) })
    }
}

fn is_missing(error: &StoreError) -> bool {
    matches!(&error.cause, Cause::Io(error) if error.kind() == io::ErrorKind::NotFound)
}

/// Renames and new files are only durable once their folder is; Windows has no such call.
fn sync_folder(folder: &Path) -> io::Result<()> {
    change()?;
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn write(mut file: &File, bytes: &[u8]) -> io::Result<()> {
    if let Err(error) = change() {
        // A disk fills up in the middle of a write, not before it.
        file.write_all(&bytes[..bytes.len() / 2])?;
        return Err(error);
    }
    file.write_all(bytes)
}

/// Stands before every operation that changes something; tests let it fail.
fn change() -> io::Result<()> {
    #[cfg(test)]
    fault::strike()?;
    Ok(())
}

/// Failures on demand: how tests see what a full disk does at each operation.
#[cfg(test)]
pub(super) mod fault {
    use std::cell::Cell;
    use std::io;

    thread_local! {
        static LEFT: Cell<Option<u32>> = const { Cell::new(None) };
        static STRUCK: Cell<bool> = const { Cell::new(false) };
    }

    /// From now on, on this thread, this many operations succeed and the rest fail.
    pub(in crate::store) fn after(operations: u32) {
        LEFT.set(Some(operations));
    }

    /// Everything works again; whether something had failed.
    pub(in crate::store) fn heal() -> bool {
        LEFT.set(None);
        STRUCK.replace(false)
    }

    pub(super) fn strike() -> io::Result<()> {
        match LEFT.get() {
            Some(0) => {
                STRUCK.set(true);
                Err(io::ErrorKind::StorageFull.into())
            }
            Some(left) => {
                LEFT.set(Some(left - 1));
                Ok(())
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Disk) {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::open(folder.path()).unwrap();
        (folder, disk)
    }

    #[test]
    fn a_fault_at_any_operation_leaves_what_was_there() {
        let (_folder, disk) = folder();
        let file = Path::new("a/b.ron");
        disk.append(file, b"before\n").unwrap();
        for operations in 0.. {
            fault::after(operations);
            let replaced = disk.replace(file, b"after, and longer");
            if !fault::heal() {
                replaced.unwrap();
                break;
            }
            // Only the very last operation, the sync of the folder, fails behind the rename.
            let held = disk.read(file).unwrap().unwrap();
            if replaced.is_err() && held != b"before\n" {
                assert_eq!(held, b"after, and longer");
                disk.replace(file, b"before\n").unwrap();
            }
            assert_eq!(disk.list(Path::new("a")).unwrap().len(), 1, "no temporary file stays");
        }
        for operations in 0.. {
            fault::after(operations);
            let appended = disk.append(file, b"line\n");
            if !fault::heal() {
                appended.unwrap();
                break;
            }
            assert_eq!(disk.read(file).unwrap().unwrap(), b"after, and longer");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_really_full_disk_is_named() {
        let full = OpenOptions::new().append(true).open("/dev/full").unwrap();
        let (_folder, disk) = folder();
        let error = disk.io(Path::new("history/a/b.ron"), write(&full, b"x").unwrap_err());
        assert!(error.to_string().contains("the disk is full"), "{error}");
    }

    #[test]
    #[cfg(unix)]
    fn links_that_lead_out_are_refused_and_nothing_is_written_outside() {
        let (folder, disk) = folder();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "secret").unwrap();
        let link = |to: PathBuf, name: &str| {
            std::os::unix::fs::symlink(to, folder.path().join(name)).unwrap();
        };
        link(outside.path().join("secret"), "a.ron");
        link(outside.path().join("not-there-yet"), "b.ron");
        link(outside.path().to_owned(), "annotations");
        let refused = |result: Result<_, StoreError>| matches!(result.map(|_: u64| ()), Err(error) if !matches!(error.cause, Cause::Exists));
        assert!(matches!(
            disk.read(Path::new("a.ron")),
            Err(StoreError { cause: Cause::OutsideLink, .. })
        ));
        assert!(refused(disk.append(Path::new("a.ron"), b"x")));
        assert!(refused(disk.append(Path::new("b.ron"), b"x")));
        assert!(refused(disk.append(Path::new("annotations/c.ron"), b"x")));
        assert!(disk.replace(Path::new("annotations/x/c.ron"), b"x").is_err());
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
        assert_eq!(fs::read(outside.path().join("secret")).unwrap(), b"secret");
    }

    #[test]
    fn a_folder_in_the_place_of_a_file_is_refused() {
        let (folder, disk) = folder();
        fs::create_dir(folder.path().join("a.ron")).unwrap();
        let read = disk.read(Path::new("a.ron"));
        assert!(matches!(read, Err(StoreError { cause: Cause::NotAFile, .. })));
    }

    #[test]
    fn a_vanished_project_is_not_made_anew() {
        let (folder, disk) = folder();
        folder.close().unwrap();
        let gone = disk.replace(Path::new("a/b.ron"), b"x");
        assert!(matches!(gone, Err(StoreError { cause: Cause::Vanished, .. })));
        assert!(!disk.root().exists());
    }

    #[test]
    fn a_huge_file_is_refused_before_it_is_read() {
        let (folder, disk) = folder();
        File::create(folder.path().join("a.ron")).unwrap().set_len(LARGEST + 1).unwrap();
        let read = disk.read(Path::new("a.ron"));
        assert!(matches!(read, Err(StoreError { cause: Cause::TooLarge { .. }, .. })));
    }
}
