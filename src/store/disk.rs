//! The only place of the program that touches the files of a project.
//!
//! A [`Disk`] is one project folder. It takes paths relative to that folder, refuses
//! those that lead out of it through a link, and knows four ways to change a file:
//! replace it whole, create it where none is, append to it, cut it. Each is on disk when
//! it returns, and each leaves the file as it was when it fails. What the bytes mean is
//! not known here, nor who else may be writing. Every single operation goes through the
//! [`Door`], and `docs/DURABILITY.md` says in which order and why.

mod at_once;
mod door;
#[cfg(test)]
pub(super) mod fault;
mod ground;
mod many;

use super::error::{Cause, StoreError};
use super::layout;
pub(super) use at_once::at_once;
use door::Door;
pub(super) use ground::Ground;
use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
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

/// A file that is written and synced, and not in its place yet.
#[derive(Debug)]
pub(super) struct Prepared {
    file: PathBuf,
    parent: PathBuf,
    target: PathBuf,
    temporary: PathBuf,
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

/// The end of a file.
pub(super) struct End {
    pub(super) bytes: Vec<u8>,
    /// Whether these are all of its bytes.
    pub(super) is_whole: bool,
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

    /// Refuses a folder that lies in this one or around it, or is it. It need not exist,
    /// nor need this one be there any more.
    pub(super) fn ensure_apart(&self, other: &Path) -> Result<(), StoreError> {
        let real =
            ground::real_place(other).map_err(|error| StoreError::new(other, Cause::Io(error)))?;
        let cause = if real.starts_with(&self.real) {
            Cause::WithinProject(self.root.clone())
        } else if self.real.starts_with(&real) {
            Cause::AroundProject(self.root.clone())
        } else {
            return Ok(());
        };
        Err(StoreError::new(other, cause))
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

    /// The last bytes of a file, `most` of them or all where it is shorter; `None` where there
    /// is no such file.
    pub(super) fn read_end(&self, file: &Path, most: u64) -> Result<Option<End>, StoreError> {
        match self.read_from(file, |len| len.saturating_sub(most)) {
            Err(error) if is_missing(&error) => Ok(None),
            end => end.map(Some),
        }
    }

    fn read_found(&self, file: &Path) -> Result<Vec<u8>, StoreError> {
        self.read_from(file, |_| 0).map(|end| end.bytes)
    }

    /// Reads a file from a place on that is chosen by its length.
    fn read_from(&self, file: &Path, from: impl FnOnce(u64) -> u64) -> Result<End, StoreError> {
        let io = |error| self.io(file, error);
        let (path, metadata) = match self.without_links(file).map_err(io)? {
            Some(found) => found,
            None => {
                let path = self.resolve(file)?;
                let metadata = self.door.look(|| fs::metadata(&path)).map_err(io)?;
                (path, metadata)
            }
        };
        // Opening a pipe would wait for its other end for ever.
        if !metadata.is_file() {
            return Err(StoreError::new(file, Cause::NotAFile));
        }
        if metadata.len() > LARGEST {
            return Err(StoreError::new(file, Cause::TooLarge { bytes: metadata.len() }));
        }
        let from = from(metadata.len());
        let mut bytes = Vec::with_capacity((metadata.len() - from) as usize);
        let mut opened = self.door.look(|| File::open(&path)).map_err(io)?;
        if from > 0 {
            opened.seek(SeekFrom::Start(from)).map_err(io)?;
        }
        // The file may have grown since its length was asked for.
        opened.take(LARGEST + 1 - from).read_to_end(&mut bytes).map_err(io)?;
        let len = from + bytes.len() as u64;
        if len > LARGEST {
            return Err(StoreError::new(file, Cause::TooLarge { bytes: len }));
        }
        Ok(End { bytes, is_whole: from == 0 })
    }

    /// The real path of a file to which no link leads, with what is known about it; `None`
    /// where one does, which has to be followed to see where it ends. Following costs a call
    /// for each folder from the root of the disk on.
    fn without_links(&self, file: &Path) -> io::Result<Option<(PathBuf, fs::Metadata)>> {
        let mut path = self.real.clone();
        let mut last = None;
        for part in file.components() {
            let Component::Normal(name) = part else { return Ok(None) };
            path.push(name);
            let metadata = self.door.look(|| fs::symlink_metadata(&path))?;
            if metadata.is_symlink() {
                return Ok(None);
            }
            last = Some(metadata);
        }
        Ok(last.map(|metadata| (path, metadata)))
    }

    /// A file's length in bytes; `None` where there is no such file.
    pub(super) fn len(&self, file: &Path) -> Result<Option<u64>, StoreError> {
        match self.door.look(|| fs::metadata(self.root.join(file))) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.root.is_dir() => Ok(None),
            Err(error) => Err(self.io(file, error)),
        }
    }

    /// Whether a name stands for a file that lies elsewhere.
    pub(super) fn is_link(&self, file: &Path) -> bool {
        self.root.join(file).symlink_metadata().is_ok_and(|found| found.is_symlink())
    }

    /// When a file was changed last, by the file system's clock; `None` where there is no
    /// such file or no such time.
    pub(super) fn modified(&self, file: &Path) -> Result<Option<jiff::Timestamp>, StoreError> {
        match self.door.look(|| fs::metadata(self.root.join(file))) {
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
        for entry in self.door.look(|| fs::read_dir(path)).map_err(io)? {
            let entry = self.door.look(|| entry).map_err(io)?;
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
        let prepared = self.prepare(file, bytes)?;
        self.put_in_place(&prepared)
    }

    /// Writes what is to replace a file beside it, synced and under another name. It may
    /// take its time, and nobody sees it.
    pub(super) fn prepare(&self, file: &Path, bytes: &[u8]) -> Result<Prepared, StoreError> {
        let parent = self.parent(file)?;
        let target = parent.join(file.file_name().unwrap_or_default());
        let temporary = self.write_temporary(&parent, &target, bytes);
        let temporary = temporary.map_err(|error| self.io(file, error))?;
        Ok(Prepared { file: file.to_owned(), parent, target, temporary })
    }

    /// Puts a prepared file in place of the one that may be there.
    pub(super) fn put_in_place(&self, prepared: &Prepared) -> Result<(), StoreError> {
        let Prepared { file, parent, target, temporary } = prepared;
        let put = self.place(parent, temporary, || self.door.rename(temporary, target));
        put.map_err(|error| self.io(file, error))
    }

    /// Takes a prepared file away that is not wanted any more.
    pub(super) fn drop_prepared(&self, prepared: &Prepared) {
        // One that stays is told from the files of the project by its name.
        let _ = self.door.remove(&prepared.temporary);
    }

    /// Gives a file the name of another, which goes. It takes no room on the disk.
    pub(super) fn put_back(&self, file: &Path, to: &Path) -> Result<(), StoreError> {
        let folder_of = |file: &Path| self.resolve(file.parent().unwrap_or(Path::new("")));
        let (from_parent, parent) = (folder_of(file)?, folder_of(to)?);
        let from = from_parent.join(file.file_name().unwrap_or_default());
        let target = parent.join(to.file_name().unwrap_or_default());
        let put = self.door.rename(&from, &target).and_then(|()| self.door.sync_folder(&parent));
        put.map_err(|error| self.io(to, error))
    }

    /// Puts a file in place where none is.
    pub(super) fn create_new(&self, file: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        let Prepared { parent, target, temporary, .. } = self.prepare(file, bytes)?;
        let put = self.place(&parent, &temporary, || self.door.rename_new(&temporary, &target));
        put.map_err(|error| match error.kind() {
            // That it exists may be all that is wanted.
            io::ErrorKind::AlreadyExists => {
                self.settle_file_name(file).err().unwrap_or(StoreError::new(file, Cause::Exists))
            }
            _ => self.io(file, error),
        })
    }

    /// Adds bytes to the end of a file, which is made when it does not exist, and gives
    /// back its length from before. A failure takes back what was added.
    pub(super) fn append(&self, file: &Path, bytes: &[u8]) -> Result<u64, StoreError> {
        let parent = self.parent(file)?;
        let io = |error| self.io(file, error);
        let (opened, path) = self.open_to_append(file, &parent)?;
        let before = opened.metadata().map_err(io)?.len();
        let after = before + bytes.len() as u64;
        if after > LARGEST {
            // Nobody could read it again, not even to take it back.
            return Err(StoreError::new(file, Cause::TooLarge { bytes: after }));
        }
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

    /// Takes a file away; one that is gone already is no failure. It takes no room on the
    /// disk.
    pub(super) fn remove(&self, file: &Path) -> Result<(), StoreError> {
        let parent = match self.resolve(file.parent().unwrap_or(Path::new(""))) {
            Err(error) if is_missing(&error) => return Ok(()),
            parent => parent?,
        };
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
        let real = self.door.look(|| fs::canonicalize(self.root.join(path)));
        let real = real.map_err(|error| self.io(path, error))?;
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

    /// Writes a synced file beside its later place.
    fn write_temporary(&self, parent: &Path, target: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
        let temporary = temporary_in(parent);
        let written = self.door.create(&temporary).and_then(|opened| {
            self.door.write(&opened, &temporary, 0, bytes)?;
            self.door.sync(&opened, &temporary)?;
            keep_mode(target, &opened);
            Ok(())
        });
        if let Err(error) = written {
            // One that stays is told from the files of the project by its name.
            let _ = self.door.remove(&temporary);
            return Err(error);
        }
        Ok(temporary)
    }

    /// Gives a written file its name, or takes it away.
    fn place(
        &self,
        parent: &Path,
        temporary: &Path,
        rename: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        if let Err(error) = rename() {
            let _ = self.door.remove(temporary);
            return Err(error);
        }
        self.door.sync_folder(parent)
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
        let metadata = self.door.look(|| fs::metadata(&path)).map_err(io)?;
        // Opening a pipe would wait for its other end for ever.
        if !metadata.is_file() {
            return Err(StoreError::new(file, Cause::NotAFile));
        }
        if has_other_names(&metadata) {
            // The other names may lie outside, in somebody's backup made of links.
            self.replace(file, &self.read_found(file)?)?;
        }
        let opened = self.door.look(|| options.open(&path)).map_err(io)?;
        Ok((opened, path))
    }

    fn io(&self, file: &Path, error: io::Error) -> StoreError {
        let gone = error.kind() == io::ErrorKind::NotFound && !self.root.is_dir();
        StoreError::new(file, if gone { Cause::Vanished } else { Cause::Io(error) })
    }
}

/// A name for a file in a folder that is not in its place yet.
fn temporary_in(parent: &Path) -> PathBuf {
    parent.join(format!("{}{:016x}.tmp", layout::TEMPORARY, fastrand::u64(..)))
}

fn is_missing(error: &StoreError) -> bool {
    matches!(&error.cause, Cause::Io(error) if error.kind() == io::ErrorKind::NotFound)
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
mod tests;
