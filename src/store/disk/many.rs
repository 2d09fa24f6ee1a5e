//! Creating many files at once.
//!
//! Each file goes through the same operations as one that is created alone: written under
//! another name, synced, renamed, and its folder synced. But each operation is done for
//! all files before the next one begins, so that a file system which syncs what is there
//! has nearly everything to sync at once.

use super::at_once::at_once;
use super::{Cause, Disk, StoreError, temporary_in};
use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};

/// From this many files on all of the file system is synced instead of each of them.
const MANY: usize = 64;

/// A file on its way.
struct Coming<'a> {
    file: &'a Path,
    bytes: &'a [u8],
    parent: PathBuf,
    target: PathBuf,
    temporary: PathBuf,
    state: io::Result<()>,
}

impl Disk {
    /// Puts files in place where none are; what became of each, in their order. One that
    /// fails leaves nothing behind and the others are created.
    pub(in crate::store) fn create_all(
        &self,
        files: &[(PathBuf, Vec<u8>)],
    ) -> Vec<Result<(), StoreError>> {
        let mut parents = HashMap::new();
        let mut results: Vec<_> = files.iter().map(|_| Ok(())).collect();
        let mut coming = Vec::with_capacity(files.len());
        for (index, (file, bytes)) in files.iter().enumerate() {
            match self.coming(file, bytes, &mut parents) {
                Ok(found) => coming.push((index, found)),
                Err(error) => results[index] = Err(error),
            }
        }
        // Opened before anything is written, each hears of every failure to write from then on.
        let folders = || parents.values().map(std::fs::File::open);
        let opened: io::Result<Vec<_>> =
            if coming.len() >= MANY { folders().collect() } else { Ok(Vec::new()) };
        self.on_all(&mut coming, |one| self.write_whole(one));
        // The guarantee is that of a sync of each file (sync(2) of Linux says so), and the disk
        // gets to write them in its own order, with one entry in its journal.
        let are_synced = opened.is_ok_and(|opened| {
            !opened.is_empty() && opened.iter().all(|folder| self.door.sync_file_system(folder))
        });
        self.on_all(&mut coming, |one| match are_synced {
            true => self.door.was_synced(&one.temporary),
            false => self.sync_written(one),
        });
        for (_, one) in &mut coming {
            if one.state.is_ok() {
                one.state = self.door.rename_new(&one.temporary, &one.target);
            }
        }
        let folders = parents.values().map(|folder| (folder, self.door.sync_folder(folder)));
        let failed: HashMap<_, _> =
            folders.filter_map(|(folder, synced)| Some((folder, synced.err()?))).collect();
        for (index, one) in coming {
            results[index] = self.outcome(one, &failed);
        }
        results
    }

    fn coming<'a>(
        &self,
        file: &'a Path,
        bytes: &'a [u8],
        parents: &mut HashMap<PathBuf, PathBuf>,
    ) -> Result<Coming<'a>, StoreError> {
        let folder = file.parent().unwrap_or(Path::new(""));
        let parent = match parents.get(folder) {
            Some(parent) => parent.clone(),
            None => {
                let parent = self.parent(file)?;
                parents.insert(folder.to_owned(), parent.clone());
                parent
            }
        };
        let target = parent.join(file.file_name().unwrap_or_default());
        let temporary = temporary_in(&parent);
        Ok(Coming { file, bytes, parent, target, temporary, state: Ok(()) })
    }

    fn write_whole(&self, one: &Coming<'_>) -> io::Result<()> {
        let opened = self.door.create(&one.temporary)?;
        self.door.write(&opened, &one.temporary, 0, one.bytes)
    }

    fn sync_written(&self, one: &Coming<'_>) -> io::Result<()> {
        // They are opened anew, because a process may not hold as many files as there are.
        let opened = OpenOptions::new().write(true).open(&one.temporary)?;
        self.door.sync(&opened, &one.temporary)
    }

    /// Does something with each file to which nothing happened yet, several at a time.
    fn on_all(
        &self,
        coming: &mut [(usize, Coming<'_>)],
        work: impl Fn(&Coming<'_>) -> io::Result<()> + Sync,
    ) {
        let done = at_once(coming, |(_, one)| one.state.is_ok().then(|| work(one)));
        for ((_, one), result) in coming.iter_mut().zip(done) {
            if let Some(result) = result {
                one.state = result;
            }
        }
    }

    fn outcome(
        &self,
        one: Coming<'_>,
        failed: &HashMap<&PathBuf, io::Error>,
    ) -> Result<(), StoreError> {
        let Coming { file, parent, target, temporary, state, .. } = one;
        match state {
            Ok(()) => match failed.get(&parent) {
                None => Ok(()),
                Some(error) => {
                    // Its name may or may not last, and nobody was told that it is there.
                    let _ = self.door.remove(&target);
                    Err(self.io(file, io::Error::new(error.kind(), error.to_string())))
                }
            },
            Err(error) => {
                // One that stays is told from the files of the project by its name.
                let _ = self.door.remove(&temporary);
                match error.kind() {
                    io::ErrorKind::AlreadyExists => Err(StoreError::new(file, Cause::Exists)),
                    _ => Err(self.io(file, error)),
                }
            }
        }
    }
}
