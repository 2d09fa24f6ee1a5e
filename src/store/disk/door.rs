//! The one door through which the files of a project change.
//!
//! Every operation that alters something on disk is a method here and nothing else is, so
//! that tests can stand in the doorway: they write down what went through, let an
//! operation fail, tear a write in two, or let nothing through any more, as a crash does.
//! Whoever looks at a file or a folder knocks first, so that a look can fail as well.
//! `docs/DURABILITY.md` rests on that. Which operations make up a safe change is not
//! known here, but in `disk`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// One operation, by real and absolute paths.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(test), expect(dead_code, reason = "only tests look at what goes through"))]
pub(super) enum Operation<'a> {
    /// Makes an empty folder.
    MakeFolder(&'a Path),
    /// Makes an empty file.
    Create(&'a Path),
    /// Writes bytes behind the first `at`.
    Write { file: &'a Path, at: u64, bytes: &'a [u8] },
    /// Changes a file's length.
    Cut { file: &'a Path, len: u64 },
    /// Waits until a file's bytes and length are on disk.
    SyncFile(&'a Path),
    /// Gives a file another name, in one go for everybody who looks.
    Rename { from: &'a Path, to: &'a Path },
    /// Removes a file.
    Remove(&'a Path),
    /// Waits until the names in a folder are on disk.
    SyncFolder(&'a Path),
}

/// The door. Tests open one on each thread; see `fault`.
#[derive(Debug, Default)]
pub(super) struct Door {
    #[cfg(test)]
    faults: super::fault::Faults,
}

impl Door {
    fn change<T>(
        &self,
        operation: Operation<'_>,
        act: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        #[cfg(test)]
        return self.faults.judge(operation, act);
        #[cfg(not(test))]
        {
            let _ = operation;
            act()
        }
    }

    /// Looks at a file or a folder, which changes nothing.
    pub(super) fn look<T>(&self, act: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        #[cfg(test)]
        self.faults.look()?;
        #[cfg(not(test))]
        let _ = self;
        act()
    }

    /// Makes an empty folder in one that exists.
    pub(super) fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.change(Operation::MakeFolder(path), || fs::create_dir(path))
    }

    /// Makes an empty file where none is.
    pub(super) fn create(&self, path: &Path) -> io::Result<File> {
        let open = || OpenOptions::new().append(true).create_new(true).open(path);
        self.change(Operation::Create(path), open)
    }

    /// Writes bytes to a file of which this many are written.
    pub(super) fn write(
        &self,
        mut file: &File,
        path: &Path,
        at: u64,
        bytes: &[u8],
    ) -> io::Result<()> {
        #[cfg(test)]
        if let Some((written, error)) =
            self.faults.tear(Operation::Write { file: path, at, bytes }, bytes.len())
        {
            let bytes = &bytes[..written];
            file.write_all(bytes)?;
            self.faults.torn(Operation::Write { file: path, at, bytes });
            return Err(error);
        }
        self.change(Operation::Write { file: path, at, bytes }, || file.write_all(bytes))
    }

    /// Changes a file's length.
    pub(super) fn cut(&self, file: &File, path: &Path, len: u64) -> io::Result<()> {
        self.change(Operation::Cut { file: path, len }, || file.set_len(len))
    }

    /// Waits until a file is on disk.
    pub(super) fn sync(&self, file: &File, path: &Path) -> io::Result<()> {
        self.change(Operation::SyncFile(path), || file.sync_all())
    }

    /// Waits until everything on the file system of an open folder is on disk, if there is a
    /// call for that, it tells of failures, and it succeeds. Each file that is to be relied on goes through
    /// [`Self::was_synced`] then.
    pub(super) fn sync_file_system(&self, folder: &File) -> bool {
        #[cfg(target_os = "linux")]
        return linux::tells_of_failures(folder) && rustix::fs::syncfs(folder).is_ok();
        #[cfg(not(target_os = "linux"))]
        {
            let _ = folder;
            false
        }
    }

    /// Says that a file is on disk, as one of many.
    pub(super) fn was_synced(&self, path: &Path) -> io::Result<()> {
        self.change(Operation::SyncFile(path), || Ok(()))
    }

    /// Gives a file another name, instead of the file that may have it.
    pub(super) fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.change(Operation::Rename { from, to }, || fs::rename(from, to))
    }

    /// Gives a file a name that no other has.
    pub(super) fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.change(Operation::Rename { from, to }, || {
            let mut named = tempfile::TempPath::try_from_path(from)?;
            // A file that removed itself would go past the door.
            named.disable_cleanup(true);
            named.persist_noclobber(to).map_err(|error| error.error)
        })
    }

    /// Removes a file.
    pub(super) fn remove(&self, path: &Path) -> io::Result<()> {
        self.change(Operation::Remove(path), || fs::remove_file(path))
    }

    /// New names are only durable once their folder is. Windows has no such call, and
    /// some network drives refuse it; there is nothing to wait for then.
    pub(super) fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.change(Operation::SyncFolder(folder), || {
            if !cfg!(unix) {
                return Ok(());
            }
            match File::open(folder)?.sync_all() {
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
                    ) =>
                {
                    Ok(())
                }
                synced => synced,
            }
        })
    }
}

/// Whether what Linux says of a sync of a whole file system can be relied on.
#[cfg(target_os = "linux")]
mod linux {
    use rustix::fs::FsWord;
    use std::fs::{self, File};

    /// The type of the file systems that a process of their own provides, in `statfs(2)`.
    const FUSE: FsWord = 0x6573_5546;
    /// The first kernel whose `syncfs(2)` tells of blocks that could not be written.
    const FIRST: (u32, u32) = (5, 8);

    /// It does not on older kernels, nor with FUSE, whose process may never hear of it.
    pub(super) fn tells_of_failures(folder: &File) -> bool {
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease");
        let is_known = kernel.is_ok_and(|release| version(&release) >= Some(FIRST));
        let kind = rustix::fs::fstatfs(folder);
        is_known && kind.is_ok_and(|kind| kind.f_type != FUSE)
    }

    /// The first two numbers of a kernel's version.
    fn version(release: &str) -> Option<(u32, u32)> {
        let mut numbers = release.split(|letter: char| !letter.is_ascii_digit());
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn kernels_that_do_not_tell_of_failures_are_known_by_their_version() {
            let tells = |release: &str| version(release) >= Some(FIRST);
            assert!(tells("5.8.0\n") && tells("6.1.0-13-amd64") && tells("5.15.0-105-generic"));
            assert!(!tells("5.7.19") && !tells("4.19.0-26-cloud") && !tells("") && !tells("x"));
        }
    }
}
