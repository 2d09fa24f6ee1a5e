//! Who may write: one window for each annotator, and one write at a time for all.
//!
//! Both locks are the operating system's and die with the process that holds them. An
//! [`AnnotatorLock`] is held as long as an annotator works; a note beside it says who
//! that is. It keeps two people from confusing each other and nothing more: who takes it
//! over writes its own note, and the other window, which watches the note, stops. What
//! keeps files whole is [`Exclusive`], held while something is written (milliseconds for a
//! step), together with the writer's rule to look first and to merge what it finds.
//!
//! All of it is in `.copydesk/`, which belongs to one computer and not into git. Where a
//! file system knows no locks the note stands alone, and where nothing can be written
//! there is no lock: neither is a reason not to work.

mod schema;

pub use schema::SchemaLock;
pub(super) use schema::SchemaLocking;

use super::disk::Disk;
use super::error::{Cause, StoreError};
use super::folder::ProjectFolder;
use super::layout;
use crate::model::AnnotatorName;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long one write waits for another process to finish its own.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who holds an annotator's lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The computer's name.
    pub host: String,
    /// The process's id on it.
    pub process: u32,
    /// When it took the lock.
    pub since: Timestamp,
    /// Program and version.
    pub program: String,
    /// Tells two windows of one process apart.
    nonce: u64,
}

impl Holder {
    fn own() -> Self {
        Self {
            host: gethostname::gethostname().to_string_lossy().into_owned(),
            process: std::process::id(),
            since: Timestamp::now(),
            program: format!("copydesk {}", env!("CARGO_PKG_VERSION")),
            nonce: fastrand::u64(..),
        }
    }

    /// This process as the one that changes the schema.
    pub(super) fn of_change() -> Self {
        Self { nonce: 0, ..Self::own() }
    }

    /// A process as a file tells of it.
    pub(crate) fn noted(host: String, process: u32, since: Timestamp, program: String) -> Self {
        Self { host, process, since, program, nonce: 0 }
    }

    /// "process 4711 on host desk-3 since 14:02", in the computer's own time.
    pub fn words(&self) -> String {
        let zoned = |time: Timestamp| time.to_zoned(TimeZone::system());
        let (since, now) = (zoned(self.since), zoned(Timestamp::now()));
        let format = if since.date() == now.date() { "%H:%M" } else { "%-d %B, %H:%M" };
        let (process, host) = (self.process, &self.host);
        format!("process {process} on host {host} since {}", since.strftime(format))
    }

    /// Whether it is a process of this computer, as far as its name says that.
    pub(super) fn is_here(&self) -> bool {
        self.host == gethostname::gethostname().to_string_lossy()
    }

    /// Whether the process is known to be gone.
    pub(super) fn is_gone(&self) -> bool {
        self.is_known() && !Path::new("/proc").join(self.process.to_string()).exists()
    }

    /// Whether it can be known if the process is there: only this computer's are known.
    fn is_known(&self) -> bool {
        cfg!(target_os = "linux") && self.is_here()
    }

    fn read(text: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Note {
            host: String,
            process: u32,
            since: String,
            program: String,
            nonce: u64,
        }
        let Note { host, process, since, program, nonce } = ron::from_str(text).ok()?;
        Some(Self { host, process, since: since.parse().ok()?, program, nonce })
    }

    fn written(&self) -> String {
        let Self { host, process, since, program, nonce } = self;
        format!(
            "(host: {host:?}, process: {process}, since: \"{since}\", program: {program:?}, \
             nonce: {nonce})\n"
        )
    }
}

/// What became of an attempt to lock an annotator.
#[derive(Debug)]
pub enum Locking {
    /// Nobody else works under this name.
    Locked(AnnotatorLock),
    /// Somebody does; `None` where the note about who it is cannot be read.
    Held(Option<Holder>),
    /// Nothing can be written in the project, not even a lock.
    Impossible(StoreError),
}

/// An annotator's lock. It is let go when it is dropped, or when the process dies.
#[derive(Debug)]
pub struct AnnotatorLock {
    folder: ProjectFolder,
    annotator: AnnotatorName,
    own: Holder,
    file: Option<File>,
    /// Whether the file is locked, and not only the note written.
    is_locked: bool,
    is_supported: bool,
}

impl ProjectFolder {
    /// Takes an annotator's lock, if nobody alive holds it.
    pub fn lock_annotator(&self, annotator: &AnnotatorName) -> Locking {
        let mut lock = match AnnotatorLock::open(self, annotator) {
            Ok(lock) => lock,
            Err(error) => return Locking::Impossible(error),
        };
        lock.secure();
        let holder = self.holder(annotator);
        let is_held = match (&holder, lock.is_supported) {
            (_, true) => !lock.is_locked,
            (Some(holder), false) => !holder.is_gone(),
            (None, false) => false,
        };
        if is_held {
            // Dropped without a note of its own, it takes nobody's away.
            return Locking::Held(holder);
        }
        match lock.sign() {
            Ok(()) => Locking::Locked(lock),
            Err(error) => Locking::Impossible(error),
        }
    }

    /// Takes the lock of an annotator whose window is closed or dead; `None` while it may be
    /// open. `was_taken` says that it took the lock over, and so may not have got the file
    /// yet: then the note alone says that it is there.
    pub fn lock_if_left(
        &self,
        annotator: &AnnotatorName,
        was_taken: bool,
    ) -> Option<AnnotatorLock> {
        let holder = self.holder(annotator);
        if holder.is_some_and(|holder| !holder.is_gone() && (was_taken || holder.is_known())) {
            return None;
        }
        match self.lock_annotator(annotator) {
            Locking::Locked(lock) => Some(lock),
            Locking::Held(_) | Locking::Impossible(_) => None,
        }
    }

    /// Takes an annotator's lock from whoever holds it, who will notice.
    ///
    /// # Errors
    /// When the note that says so cannot be written.
    pub fn take_over(&self, annotator: &AnnotatorName) -> Result<AnnotatorLock, StoreError> {
        let mut lock = AnnotatorLock::open(self, annotator)?;
        lock.sign()?;
        lock.secure();
        Ok(lock)
    }

    /// Takes the locks of annotators whose files are to be changed by something else than
    /// their window; all or none.
    ///
    /// # Errors
    /// [`Cause::Held`], which names the window that works as one of them.
    pub(super) fn lock_all(
        &self,
        annotators: &[AnnotatorName],
    ) -> Result<Vec<AnnotatorLock>, StoreError> {
        let mut locks = Vec::with_capacity(annotators.len());
        for annotator in annotators {
            match self.lock_annotator(annotator) {
                Locking::Locked(lock) => locks.push(lock),
                Locking::Held(holder) => {
                    let who = holder.map_or_else(|| "another window".to_owned(), |of| of.words());
                    let whose = layout::sets(annotator);
                    return Err(StoreError::new(whose, Cause::Held(who)));
                }
                // Where no lock can be written no window has one.
                Locking::Impossible(_) => {}
            }
        }
        Ok(locks)
    }

    /// Takes the locks of everybody who has worked in a window on this computer, for as long
    /// as the project is to be put right.
    ///
    /// # Errors
    /// [`Cause::Held`], which names the window that works as one of them.
    pub fn lock_everybody(&self) -> Result<Vec<AnnotatorLock>, StoreError> {
        self.lock_all(&self.lockable()?)
    }

    /// Everybody who has worked in a window on this computer, and may be at it now.
    pub(super) fn lockable(&self) -> Result<Vec<AnnotatorName>, StoreError> {
        let entries = self.disk().list(Path::new(layout::LOCKS))?;
        let names = entries.iter().filter_map(|entry| entry.name.strip_suffix(".lock"));
        Ok(names.filter_map(|name| AnnotatorName::of_set(name).ok()).collect())
    }

    /// Refuses a project whose locks would be files outside of it.
    ///
    /// # Errors
    /// [`Cause::OutsideLink`], which names the link.
    pub fn ensure_locks_inside(&self) -> Result<(), StoreError> {
        for place in [layout::LOCAL, layout::LOCKS, layout::WRITING, layout::ADDING] {
            match self.disk().resolve(Path::new(place)) {
                Err(error) if matches!(error.cause, Cause::OutsideLink) => return Err(error),
                // What is missing is made, and without a lock one can work.
                Ok(_) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Who holds an annotator's lock, as the note says.
    pub fn holder(&self, annotator: &AnnotatorName) -> Option<Holder> {
        let bytes = self.disk().read(&layout::lock_note(annotator)).ok().flatten()?;
        Holder::read(std::str::from_utf8(&bytes).ok()?)
    }
}

impl AnnotatorLock {
    fn open(folder: &ProjectFolder, annotator: &AnnotatorName) -> Result<Self, StoreError> {
        let file = layout::lock(annotator);
        Ok(Self {
            file: Some(open(folder.disk(), &file)?),
            folder: folder.clone(),
            annotator: annotator.clone(),
            own: Holder::own(),
            is_locked: false,
            is_supported: true,
        })
    }

    /// Tries to lock the file too, after a take-over: the one that held it may have let
    /// go by now. One system call; none when it is locked.
    pub fn secure(&mut self) {
        if self.is_locked || !self.is_supported {
            return;
        }
        match self.file.as_ref().map(File::try_lock) {
            Some(Ok(())) => self.is_locked = true,
            Some(Err(TryLockError::WouldBlock)) | None => {}
            Some(Err(TryLockError::Error(_))) => self.is_supported = false,
        }
    }

    fn sign(&self) -> Result<(), StoreError> {
        let note = layout::lock_note(&self.annotator);
        self.folder.disk().replace(&note, self.own.written().as_bytes())
    }

    /// Who has taken the lock over, if somebody has.
    pub fn taken_by(&self) -> Option<Holder> {
        self.folder.holder(&self.annotator).filter(|holder| *holder != self.own)
    }

    /// Whether the file system locks files; where it does not, the note stands alone and
    /// a window that was killed looks as if it were still open.
    pub fn is_supported(&self) -> bool {
        self.is_supported
    }
}

impl Drop for AnnotatorLock {
    fn drop(&mut self) {
        if self.folder.holder(&self.annotator).as_ref() == Some(&self.own) {
            // A note that stays is passed over by whoever finds the file unlocked.
            let note = self.folder.root().join(layout::lock_note(&self.annotator));
            let _ = fs::remove_file(note);
        }
    }
}

/// One write at a time in a project, among all processes of all annotators.
#[derive(Debug)]
pub(super) struct Exclusive {
    /// Closing it lets go.
    _file: Option<File>,
}

impl Exclusive {
    /// Waits for other writes to finish. Where files cannot be locked it goes on without.
    ///
    /// # Errors
    /// [`Cause::Busy`] after ten seconds: another process is stuck. [`Cause::OutsideLink`]
    /// where the lock would lie outside the project: nobody means well with that.
    pub(super) fn take(disk: &Disk) -> Result<Self, StoreError> {
        let file = match open(disk, Path::new(layout::WRITING)) {
            Ok(file) => file,
            Err(error) if matches!(error.cause, Cause::OutsideLink) => return Err(error),
            Err(_) => return Ok(Self { _file: None }),
        };
        let started = Instant::now();
        let mut pause = Duration::from_micros(100);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: Some(file) }),
                Err(TryLockError::Error(_)) => return Ok(Self { _file: None }),
                Err(TryLockError::WouldBlock) if started.elapsed() > PATIENCE => {
                    return Err(StoreError::new(layout::WRITING, Cause::Busy));
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(pause),
            }
            pause = (pause * 2).min(Duration::from_millis(2));
        }
    }
}

/// Opens a file of the hidden folder, which is made when it is missing.
pub(super) fn open(disk: &Disk, file: &Path) -> Result<File, StoreError> {
    let io = |error| StoreError::new(file, Cause::Io(error));
    let folder = file.parent().unwrap_or(Path::new(""));
    if !disk.root().join(folder).is_dir() {
        disk.make_folder(folder)?;
        let ignore = Path::new(layout::LOCAL).join(".gitignore");
        match disk.create_new(&ignore, b"*\n") {
            Err(StoreError { cause: Cause::Exists, .. }) | Ok(()) => {}
            Err(error) => return Err(error),
        }
    }
    // Opening would make a file wherever a link leads, be it the folder or the file itself.
    let path = disk.resolve(folder)?.join(file.file_name().unwrap_or_default());
    if disk.is_link(file) {
        disk.resolve(file)?;
        return Err(io(std::io::ErrorKind::InvalidInput.into()));
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).open(path).map_err(io)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing;

    fn locked(locking: Locking) -> AnnotatorLock {
        match locking {
            Locking::Locked(lock) => lock,
            other => panic!("not locked: {other:?}"),
        }
    }

    #[test]
    fn the_second_learns_who_was_first() {
        let (_temporary, folder) = testing::folder();
        let first = locked(folder.lock_annotator(&testing::annotator()));
        let Locking::Held(Some(holder)) = folder.lock_annotator(&testing::annotator()) else {
            panic!("it was free")
        };
        assert_eq!(holder, first.own);
        assert_eq!(holder.process, std::process::id());
        assert!(holder.words().contains(&format!("process {} on host ", std::process::id())));
        let other = AnnotatorName::new("annotator-2").unwrap();
        drop(locked(folder.lock_annotator(&other)));
        drop(first);
        assert_eq!(folder.holder(&testing::annotator()), None);
        drop(locked(folder.lock_annotator(&testing::annotator())));
        let ignore = folder.root().join(".copydesk/.gitignore");
        assert_eq!(fs::read_to_string(ignore).unwrap(), "*\n");
    }

    #[test]
    fn who_takes_over_is_noticed_and_gets_the_file_later() {
        let (_temporary, folder) = testing::folder();
        let first = locked(folder.lock_annotator(&testing::annotator()));
        assert_eq!(first.taken_by(), None);
        let mut second = folder.take_over(&testing::annotator()).unwrap();
        assert_eq!(first.taken_by(), Some(second.own.clone()));
        assert!(!second.is_locked);
        drop(first);
        second.secure();
        assert!(second.is_locked && second.taken_by().is_none());
    }

    #[test]
    fn the_note_of_a_dead_holder_stops_nobody() {
        let (_temporary, folder) = testing::folder();
        let dead = Holder { process: 0, ..Holder::own() };
        let note = layout::lock_note(&testing::annotator());
        folder.disk().replace(&note, dead.written().as_bytes()).unwrap();
        assert_eq!(folder.holder(&testing::annotator()), Some(dead));
        let lock = locked(folder.lock_annotator(&testing::annotator()));
        assert_eq!(lock.taken_by(), None);
    }

    #[test]
    #[cfg(unix)]
    fn nothing_is_locked_outside_the_project() {
        let (_temporary, folder) = testing::folder();
        let outside = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(outside.path(), folder.root().join(".copydesk")).unwrap();
        let locking = folder.lock_annotator(&testing::annotator());
        assert!(matches!(locking, Locking::Impossible(_)), "{locking:?}");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    }
}
