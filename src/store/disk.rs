//! The only place of the program that touches the files of a project.
//!
//! A [`Disk`] is one project folder. It takes paths relative to that folder, refuses
//! those that lead out of it through a link, and knows four ways to change a file:
//! replace it whole, create it where none is, append to it, cut it. Each is on disk when
//! it returns, and each leaves the file as it was when it fails. What the bytes mean is
//! not known here, nor who else may be writing. Every single operation goes through the
//! [`Door`], and `docs/DURABILITY.md` says in which order and why.

mod door;
#[cfg(test)]
pub(super) mod fault;

use super::error::{Cause, StoreError};
use super::layout;
use door::Door;
use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

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
    door: Door,
    /// Files and folders whose names this process has seen to be on disk. A name that it
    /// found may be one that a killed process never synced.
    named: Mutex<HashSet<PathBuf>>,
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
        let root = std::path::absolute(root).map_err(wrap)?;
        Ok(Self { root, real, door: Door::default(), named: Mutex::default() })
    }

    /// A folder that is made when it does not exist, with those above it.
    pub(super) fn create(root: &Path) -> Result<Self, StoreError> {
        let door = Door::default();
        let io = |error| StoreError::new(root, Cause::Io(error));
        let root = std::path::absolute(root).map_err(io)?;
        let missing: Vec<_> = root.ancestors().take_while(|folder| !folder.exists()).collect();
        for folder in missing.into_iter().rev() {
            match door.make_folder(folder) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(io(error));
                }
                _ => {}
            }
            let above = folder.parent().unwrap_or(folder);
            door.sync_folder(above).map_err(io)?;
        }
        Self::open(&root)
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
            let kind = entry.file_type().map_err(io)?;
            // Links count as what they lead to; whether they may be followed is asked
            // when one is read. Asking every entry would be slow in a large folder.
            let is_folder = if kind.is_symlink() {
                fs::metadata(entry.path()).is_ok_and(|metadata| metadata.is_dir())
            } else {
                kind.is_dir()
            };
            entries.push(Entry { name, is_folder });
        }
        entries.sort();
        Ok(entries)
    }

    /// Puts a file in place whole, instead of the one that may be there.
    pub(super) fn replace(&self, file: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        let put = self.put(file, bytes, |temporary, target| self.door.rename(temporary, target));
        put.map_err(|error| self.within(file, error))
    }

    /// Puts a file in place where none is.
    pub(super) fn create_new(&self, file: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        let put =
            self.put(file, bytes, |temporary, target| self.door.rename_new(temporary, target));
        put.map_err(|error| match error {
            // That it exists may be all that is wanted.
            Failure::Io(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.settle_file_name(file).err().unwrap_or(StoreError::new(file, Cause::Exists))
            }
            error => self.within(file, error),
        })
    }

    /// Adds bytes to the end of a file, which is made when it does not exist, and gives
    /// back its length from before. A failure takes back what was added.
    pub(super) fn append(&self, file: &Path, bytes: &[u8]) -> Result<u64, StoreError> {
        let parent = self.parent(file)?;
        let io = |error| self.io(file, error);
        let (opened, path) = self.open_to_append(file, &parent)?;
        let before = opened.metadata().map_err(io)?.len();
        let written = self
            .door
            .write(&opened, &path, before, bytes)
            .and_then(|()| self.door.sync(&opened, &path))
            .and_then(|()| self.settle_name(&path, &parent));
        if let Err(error) = written {
            // Should cutting fail too, the torn end is found before the next append.
            let _ = self.cut(file, before);
            return Err(io(error));
        }
        Ok(before)
    }

    /// Cuts a file to a length in bytes.
    pub(super) fn cut(&self, file: &Path, len: u64) -> Result<(), StoreError> {
        let (opened, path) = self.open_found(file, OpenOptions::new().write(true))?;
        self.door
            .cut(&opened, &path, len)
            .and_then(|()| self.door.sync(&opened, &path))
            .map_err(|error| self.io(file, error))
    }

    /// Waits until a file that is there is on disk as it is read: the process that wrote
    /// it may have been killed before it waited.
    pub(super) fn settle(&self, file: &Path) -> Result<(), StoreError> {
        let (opened, path) = self.open_found(file, OpenOptions::new().append(true))?;
        self.door.sync(&opened, &path).map_err(|error| self.io(file, error))
    }

    /// Takes a file away; one that is gone already is no failure.
    pub(super) fn remove(&self, file: &Path) -> Result<(), StoreError> {
        let parent = self.parent(file)?;
        let path = parent.join(file.file_name().unwrap_or_default());
        match self.door.remove(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed
                .and_then(|()| self.door.sync_folder(&parent))
                .map_err(|error| self.io(file, error)),
        }
    }

    /// Waits until the name of a file that is there is on disk, before anything is made
    /// that would be worth nothing without it.
    pub(super) fn settle_file_name(&self, file: &Path) -> Result<(), StoreError> {
        let parent = self.parent(file)?;
        let path = parent.join(file.file_name().unwrap_or_default());
        self.settle_name(&path, &parent).map_err(|error| self.io(file, error))
    }

    /// Makes a folder of the project where it is missing.
    pub(super) fn make_folder(&self, folder: &Path) -> Result<(), StoreError> {
        self.parent(&folder.join("any")).map(|_| ())
    }

    /// The real path of something that exists and lies in the project.
    pub(super) fn resolve(&self, path: &Path) -> Result<PathBuf, StoreError> {
        let real = fs::canonicalize(self.root.join(path)).map_err(|error| self.io(path, error))?;
        if real.starts_with(&self.real) {
            Ok(real)
        } else {
            Err(StoreError::new(path, Cause::OutsideLink))
        }
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
            let path = real.join(part);
            match self.door.make_folder(&path) {
                Ok(()) => self.forget_name(&path),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(io(error)),
            }
            self.settle_name(&path, &real).map_err(io)?;
            real = self.resolve(&folder)?;
        }
        Ok(real)
    }

    /// Waits, once in the life of this process, until a name is on disk.
    fn settle_name(&self, path: &Path, parent: &Path) -> io::Result<()> {
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        if !named.contains(path) {
            self.door.sync_folder(parent)?;
            named.insert(path.to_owned());
        }
        Ok(())
    }

    fn forget_name(&self, path: &Path) {
        self.named.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
    }

    /// Writes a synced file beside its later place and gives it its name.
    fn put(
        &self,
        file: &Path,
        bytes: &[u8],
        rename: impl FnOnce(&Path, &Path) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let parent = self.parent(file)?;
        let target = parent.join(file.file_name().unwrap_or_default());
        let number = fastrand::u64(..);
        let temporary = parent.join(format!("{}{number:016x}.tmp", layout::TEMPORARY));
        let written = self.door.create(&temporary).and_then(|opened| {
            self.door.write(&opened, &temporary, 0, bytes)?;
            self.door.sync(&opened, &temporary)?;
            keep_mode(&target, &opened);
            Ok(())
        });
        if let Err(error) = written.and_then(|()| rename(&temporary, &target)) {
            // One that stays is told from the files of the project by its name.
            let _ = self.door.remove(&temporary);
            return Err(error.into());
        }
        Ok(self.door.sync_folder(&parent)?)
    }

    fn open_to_append(&self, file: &Path, parent: &Path) -> Result<(File, PathBuf), StoreError> {
        let path = parent.join(file.file_name().unwrap_or_default());
        match self.door.create(&path) {
            Ok(opened) => {
                self.forget_name(&path);
                Ok((opened, path))
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.open_found(file, OpenOptions::new().append(true))
            }
            Err(error) => Err(self.io(file, error)),
        }
    }

    /// Opens a file that exists, to change what is in it.
    fn open_found(
        &self,
        file: &Path,
        options: &OpenOptions,
    ) -> Result<(File, PathBuf), StoreError> {
        let io = |error| self.io(file, error);
        // Writing follows a link.
        let path = self.resolve(file)?;
        let metadata = fs::metadata(&path).map_err(io)?;
        // Opening a pipe would wait for its other end for ever.
        if !metadata.is_file() {
            return Err(StoreError::new(file, Cause::NotAFile));
        }
        if has_other_names(&metadata) {
            // The other names may lie outside, in somebody's backup made of links.
            self.replace(file, &self.read_found(file)?)?;
        }
        let opened = options.open(&path).map_err(io)?;
        Ok((opened, path))
    }

    fn within(&self, file: &Path, failure: Failure) -> StoreError {
        match failure {
            Failure::Io(error) => self.io(file, error),
            Failure::Store(error) => error,
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

/// Why a file could not be put in place.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A shared folder may give its files to a group; replacing one keeps that.
fn keep_mode(target: &Path, temporary: &File) {
    if let Ok(metadata) = fs::symlink_metadata(target)
        && metadata.is_file()
    {
        // Not being able to is no reason to lose the work.
        let _ = temporary.set_permissions(metadata.permissions());
    }
}

/// Whether a file is known under other names too, and a change would show under them.
fn has_other_names(metadata: &fs::Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        metadata.nlink() > 1
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        false
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
        use std::io::Write;
        let error = (&full).write_all(b"x").unwrap_err();
        let error = disk.io(Path::new("history/a/b.ron"), error);
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
