//! Building an export beside its place, and moving it there when it is whole.
//!
//! What is written is read back from the file at once and compared, and its hash is that of
//! the bytes that were proven. One thread writes: files in one folder cannot be made at the
//! same time, and a second thread would only spin until the first has made its own. Nothing
//! is synced until everything is there, and then all at once: until the export is moved into
//! its place, nobody loses anything by a power cut.

use super::{ExportError, ManifestFile, io};
use crate::formats::{Frame, Piece};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tempfile::{NamedTempFile, TempDir};

/// How the folders begin in which exports are made.
const PREFIX: &str = ".copydesk-export-";
/// How the file beside such a folder ends that is locked by the process which makes the
/// export. It is there before the folder and goes after it, so that a process may be killed
/// at any moment and leaves no folder that nobody knows for left over.
const LOCK: &str = ".lock";
/// How old a folder without a lock must be before it is taken for a left over one: an export
/// on a drive that knows no locks may go on for hours.
const LEFT_OVER: Duration = Duration::from_secs(24 * 60 * 60);

/// What the manifest is called.
pub(super) const MANIFEST: &str = "manifest.json";
/// The files that are kept open; a format that writes more at once opens them again.
const OPEN: usize = 64;
/// The bytes of a file that are collected before they are written.
const COLLECTED: usize = 256 << 10;
/// Up to so many files are synced each for itself, and not with all of the file system.
#[cfg(target_os = "linux")]
const FEW: usize = 8;

/// Writes at the end of a file that has so many bytes, and compares what is there then.
fn append(file: &mut File, at: u64, bytes: &[u8]) -> std::io::Result<()> {
    const STEP: usize = 64 << 10;
    file.write_all(bytes)?;
    file.seek(SeekFrom::Start(at))?;
    let mut buffer = vec![0; STEP.min(bytes.len())];
    for written in bytes.chunks(STEP) {
        let found = &mut buffer[..written.len()];
        file.read_exact(found)?;
        if found != written {
            return Err(std::io::Error::other("the file reads otherwise than it was written"));
        }
    }
    Ok(())
}

/// An export that is being made.
pub(super) struct Staging {
    folder: TempDir,
    /// Keeps others from taking the folder for one that a crash left. Removed after the
    /// folder, because fields are dropped in their order.
    _lock: Option<NamedTempFile>,
    frame: Frame,
    /// The folders in it that are made, by their paths in the export.
    folders: HashSet<String>,
    /// The files that were written whole.
    whole: BTreeMap<String, ManifestFile>,
    /// The files that grow.
    growing: BTreeMap<String, Growing>,
    /// How many of them are open.
    open: usize,
}

/// A file to which pieces are added.
struct Growing {
    frame: Frame,
    /// `None` while others are written.
    file: Option<File>,
    /// What is not written yet.
    collected: Vec<u8>,
    written: u64,
    hasher: Sha256,
}

impl Growing {
    /// Writes what was collected.
    fn flush(&mut self, path: &Path) -> std::io::Result<()> {
        if self.collected.is_empty() {
            return Ok(());
        }
        let file = match &mut self.file {
            Some(file) => file,
            closed => {
                let mut file = OpenOptions::new().read(true).write(true).open(path)?;
                file.seek(SeekFrom::End(0))?;
                closed.insert(file)
            }
        };
        append(file, self.written, &self.collected)?;
        self.hasher.update(&self.collected);
        self.written += self.collected.len() as u64;
        self.collected.clear();
        Ok(())
    }
}

impl Staging {
    /// Makes a folder beside the place that the export is for.
    pub(super) fn begin(out: &Path, frame: Frame) -> Result<Self, ExportError> {
        ensure_absent(out)?;
        let parent = match out.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        remove_left_over(parent, SystemTime::now());
        let (folder, lock) = make_folder(parent).map_err(io(parent))?;
        let (folders, whole, growing) = (HashSet::new(), BTreeMap::new(), BTreeMap::new());
        Ok(Self { folder, _lock: lock, frame, folders, whole, growing, open: 0 })
    }

    /// How many files there are.
    pub(super) fn files(&self) -> usize {
        self.whole.len() + self.growing.len()
    }

    /// Writes a file that is whole by itself, whose hash is known, and reads it back.
    pub(super) fn whole(&mut self, piece: Piece, sha256: String) -> Result<(), ExportError> {
        let Piece { path: name, bytes } = piece;
        let path = self.path(&name);
        let mut file = self.create(&name, &path)?;
        append(&mut file, 0, &bytes).map_err(io(&path))?;
        let file = ManifestFile { path: name.clone(), bytes: bytes.len() as u64, sha256 };
        self.whole.insert(name, file);
        Ok(())
    }

    /// Makes a file where none is, and the folders above it.
    fn create(&mut self, name: &str, path: &Path) -> Result<File, ExportError> {
        if let Some((folder, _)) = name.rsplit_once('/')
            && !self.folders.contains(folder)
        {
            let made = self.path(folder);
            fs::create_dir_all(&made).map_err(io(&made))?;
            self.folders.insert(folder.to_owned());
        }
        OpenOptions::new().read(true).write(true).create_new(true).open(path).map_err(io(path))
    }

    /// Puts records at the end of a file, within the format's frame.
    pub(super) fn append(&mut self, piece: &Piece) -> Result<(), ExportError> {
        self.write(piece, self.frame)
    }

    /// Puts a file there that is whole by itself, such as a configuration: the format's
    /// frame is for records alone.
    pub(super) fn add(&mut self, piece: &Piece) -> Result<(), ExportError> {
        self.write(piece, Frame::NONE)
    }

    fn write(&mut self, piece: &Piece, frame: Frame) -> Result<(), ExportError> {
        let path = self.path(&piece.path);
        let between = match self.growing.get(&piece.path) {
            Some(growing) => growing.frame.between,
            None => {
                let file = Some(self.create(&piece.path, &path)?);
                let (collected, hasher) = (Vec::new(), Sha256::new());
                let growing = Growing { frame, file, collected, written: 0, hasher };
                self.growing.insert(piece.path.clone(), growing);
                self.open += 1;
                frame.head
            }
        };
        let Some(growing) = self.growing.get_mut(&piece.path) else { return Ok(()) };
        growing.collected.extend_from_slice(between.as_bytes());
        growing.collected.extend_from_slice(&piece.bytes);
        if growing.collected.len() >= COLLECTED {
            let was_closed = growing.file.is_none();
            growing.flush(&path).map_err(io(&path))?;
            self.open += usize::from(was_closed);
        }
        if self.open > OPEN { self.close_others(&piece.path) } else { Ok(()) }
    }

    /// Closes every file but one; none keeps much in memory then.
    fn close_others(&mut self, name: &str) -> Result<(), ExportError> {
        let root = self.folder.path();
        for (other, growing) in self.growing.iter_mut().filter(|(other, _)| *other != name) {
            let path = root.join(other);
            growing.flush(&path).map_err(io(&path))?;
            growing.collected = Vec::new();
            growing.file = None;
        }
        self.open = 1;
        Ok(())
    }

    /// Ends every file, has all of them on the disk, and says what is in them.
    pub(super) fn close(&mut self) -> Result<Vec<ManifestFile>, ExportError> {
        let root = self.folder.path();
        let mut files = self.whole.clone();
        for (name, growing) in &mut self.growing {
            let path = root.join(name);
            growing.collected.extend_from_slice(growing.frame.tail.as_bytes());
            growing.flush(&path).map_err(io(&path))?;
            growing.file = None;
            let sha256 = hexadecimal(&growing.hasher.finalize_reset());
            let file = ManifestFile { path: name.clone(), bytes: growing.written, sha256 };
            files.insert(name.clone(), file);
        }
        let names: Vec<_> = files.keys().map(|name| root.join(name)).collect();
        sync(root, &names)?;
        Ok(files.into_values().collect())
    }

    /// Adds the list of everything.
    pub(super) fn write_manifest(&self, manifest: &str) -> Result<(), ExportError> {
        let path = self.path(MANIFEST);
        let written = File::create_new(&path).and_then(|mut file| {
            file.write_all(manifest.as_bytes()).and_then(|()| file.sync_all())
        });
        written.map_err(io(&path))
    }

    /// Moves the folder to its place, or the one file in it with its manifest beside it.
    pub(super) fn move_to(self, out: &Path, is_one_file: bool) -> Result<(), ExportError> {
        ensure_absent(out)?;
        if is_one_file && let Some(name) = self.growing.keys().chain(self.whole.keys()).next() {
            let manifest = manifest_of(out);
            ensure_absent(&manifest)?;
            fs::rename(self.path(MANIFEST), &manifest).map_err(io(&manifest))?;
            return fs::rename(self.path(name), out).map_err(|error| {
                // Without the file it says nothing; where it cannot be removed it is in the
                // way of the next export, which names it.
                let _ = fs::remove_file(&manifest);
                io(out)(error)
            });
        }
        let folder = self.folder.keep();
        fs::rename(&folder, out).map_err(|error| {
            // It is of no use where it is; what cannot be removed has a name that says so.
            let _ = fs::remove_dir_all(&folder);
            ExportError::Io { file: out.to_owned(), source: error }
        })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Where the manifest of an export stands that is one file.
pub(super) fn manifest_of(out: &Path) -> PathBuf {
    let mut path = out.as_os_str().to_owned();
    path.push(".");
    path.push(MANIFEST);
    path.into()
}

fn ensure_absent(path: &Path) -> Result<(), ExportError> {
    match path.symlink_metadata() {
        Ok(_) => Err(ExportError::Exists(path.to_owned())),
        Err(_) => Ok(()),
    }
}

/// Makes a folder to export into, and before it the lock beside it where files can be locked.
fn make_folder(parent: &Path) -> std::io::Result<(TempDir, Option<NamedTempFile>)> {
    loop {
        let lock = tempfile::Builder::new().prefix(PREFIX).suffix(LOCK).tempfile_in(parent)?;
        let is_locked = match lock.as_file().try_lock() {
            Ok(()) => true,
            Err(TryLockError::Error(_)) => false,
            Err(TryLockError::WouldBlock) => continue,
        };
        // Before it was locked somebody may have taken it for left over: whoever removes a
        // lock holds it, so afterwards it is there or gone for good.
        if is_locked && !lock.path().exists() {
            continue;
        }
        let name = lock.path().with_extension("");
        let name = name.file_name().unwrap_or_default();
        let folder = tempfile::Builder::new().prefix(name).rand_bytes(0).tempdir_in(parent)?;
        return Ok((folder, is_locked.then_some(lock)));
    }
}

/// Removes the folders of exports whose process is gone. What cannot be removed is left:
/// it is in nobody's way.
fn remove_left_over(parent: &Path, now: SystemTime) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // A link could lead to something of somebody's, and is neither.
        let Ok(kind) = entry.file_type() else { continue };
        if !name.starts_with(PREFIX) {
            continue;
        }
        if kind.is_dir() {
            remove_if_old(&entry.path(), now);
        } else if kind.is_file() && name.ends_with(LOCK) {
            remove_if_free(&entry.path());
        }
    }
}

/// Removes a lock that nobody holds, and before it the folder that it stood for.
fn remove_if_free(lock: &Path) {
    let Ok(held) = OpenOptions::new().write(true).open(lock) else { return };
    let folder = lock.with_extension("");
    let is_folder = fs::symlink_metadata(&folder).is_ok_and(|found| found.is_dir());
    if held.try_lock().is_ok() && (!is_folder || fs::remove_dir_all(&folder).is_ok()) {
        let _ = fs::remove_file(lock);
    }
}

/// Removes a folder without a lock once no export can still be going on in it.
fn remove_if_old(folder: &Path, now: SystemTime) {
    let mut lock = folder.as_os_str().to_owned();
    lock.push(LOCK);
    let changed = fs::symlink_metadata(folder).and_then(|found| found.modified());
    let age = changed.ok().and_then(|changed| now.duration_since(changed).ok());
    if !Path::new(&lock).exists() && age.is_some_and(|age| age > LEFT_OVER) {
        let _ = fs::remove_dir_all(folder);
    }
}

/// Waits until files are on the disk. Where there are many, the whole file system is synced
/// in one go: the disk writes them in its own order then, instead of one after the other
/// with an entry in its journal for each.
#[cfg(target_os = "linux")]
fn sync(root: &Path, files: &[PathBuf]) -> Result<(), ExportError> {
    if files.len() <= FEW {
        return files.iter().try_for_each(|file| sync_one(file));
    }
    let folder = File::open(root).map_err(io(root))?;
    rustix::fs::syncfs(&folder).map_err(|error| io(root)(error.into()))
}

/// Waits until files are on the disk, several at a time.
#[cfg(not(target_os = "linux"))]
fn sync(_: &Path, files: &[PathBuf]) -> Result<(), ExportError> {
    use rayon::prelude::*;
    files.par_iter().try_for_each(|file| sync_one(file))
}

fn sync_one(file: &Path) -> Result<(), ExportError> {
    let opened = OpenOptions::new().write(true).open(file);
    opened.and_then(|opened| opened.sync_all()).map_err(io(file))
}

/// The SHA-256 of a file's bytes, as manifests have it.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(digest: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value & 15)]);
    digest.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(path: &str, text: &str) -> Piece {
        Piece { path: path.to_owned(), bytes: text.as_bytes().to_vec() }
    }

    /// What a killed process leaves, which nobody else would ever remove.
    #[test]
    fn folders_of_exports_whose_process_is_gone_are_removed_and_others_stay() {
        let place = tempfile::tempdir().unwrap();
        let begin = |name: &str| Staging::begin(&place.path().join(name), Frame::NONE).unwrap();
        let working = begin("one");
        let killed = begin("two");
        // Dropping would remove both; a killed process only lets go of its lock.
        let Staging { folder, _lock: lock, .. } = killed;
        let (left, lock) = (folder.keep(), lock.unwrap().into_temp_path().keep().unwrap());
        fs::create_dir(left.join("train")).unwrap();
        fs::write(left.join("train/a.ann"), "T1").unwrap();
        let mine = place.path().join(".copydesk-export-notes");
        fs::write(&mine, "a file of somebody").unwrap();
        let unlocked = place.path().join(".copydesk-export-old");
        fs::create_dir(&unlocked).unwrap();
        let third = begin("three");
        assert!(!left.exists() && !lock.exists(), "its process is gone");
        assert!(working.folder.path().exists() && mine.exists());
        assert!(unlocked.exists(), "somebody may be writing it on a drive without locks");
        let tomorrow = SystemTime::now() + 2 * LEFT_OVER;
        remove_left_over(place.path(), tomorrow);
        assert!(!unlocked.exists() && working.folder.path().exists() && mine.exists());
        let out = place.path().join("three");
        third.move_to(&out, false).unwrap();
        assert_eq!(fs::read_dir(&out).unwrap().count(), 0, "the lock is no part of it");
        drop(working);
        let names = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.collect();
        names.sort();
        assert_eq!(names, [".copydesk-export-notes", "three"], "no lock is left");
    }

    /// A lock is made before its folder, and a process may be killed between the two.
    #[test]
    fn a_lock_without_its_folder_is_removed_too() {
        let place = tempfile::tempdir().unwrap();
        let lock = place.path().join(".copydesk-export-AbCdEf.lock");
        fs::write(&lock, "").unwrap();
        let held = OpenOptions::new().write(true).open(&lock).unwrap();
        held.try_lock().unwrap();
        remove_left_over(place.path(), SystemTime::now());
        assert!(lock.exists(), "its process is about to make the folder");
        drop(held);
        remove_left_over(place.path(), SystemTime::now());
        assert!(!lock.exists());
    }

    /// More files than are kept open, each with more than is collected.
    #[test]
    fn files_that_grow_at_once_hold_their_own_pieces_in_order() {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("out");
        let frame = Frame { head: "[", between: ",", tail: "]" };
        let mut staging = Staging::begin(&out, frame).unwrap();
        let filling = "x".repeat(COLLECTED / 2);
        let names: Vec<_> = (0..OPEN + 9).map(|name| format!("some/{name:03}")).collect();
        let mut wanted = vec!["[".to_owned(); names.len()];
        for round in 0..3 {
            for (name, wanted) in names.iter().zip(&mut wanted) {
                let text = format!("{name} {round} {filling}");
                staging.append(&piece(name, &text)).unwrap();
                wanted.push_str(if round == 0 { "" } else { "," });
                wanted.push_str(&text);
            }
        }
        staging.whole(piece("some/whole", "all of it"), sha256(b"all of it")).unwrap();
        assert!(staging.whole(piece("some/whole", "again"), sha256(b"again")).is_err());
        let told = staging.close().unwrap();
        staging.move_to(&out, false).unwrap();
        assert_eq!(told.len(), names.len() + 1);
        for ((name, wanted), told) in names.iter().zip(&wanted).zip(&told) {
            let found = fs::read_to_string(out.join(name)).unwrap();
            assert!(found == format!("{wanted}]"), "{name}");
            let sha256 = sha256(found.as_bytes());
            let bytes = found.len() as u64;
            assert_eq!(told, &ManifestFile { path: name.clone(), bytes, sha256 });
        }
    }
}
