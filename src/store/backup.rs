//! Copies of files as they were before a repair, a migration or a correction changed them.
//!
//! They stand in `.copydesk/backups`, in a folder for each time, under the names that they
//! had. The folder `.copydesk` belongs to one computer: git is told to pass over it.

use super::disk::Disk;
use super::error::{Cause, StoreError};
use super::layout;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A backup that grows with each file that is about to be changed.
pub(super) struct Backup<'a> {
    disk: &'a Disk,
    folder: PathBuf,
    kept: BTreeSet<PathBuf>,
}

impl<'a> Backup<'a> {
    /// A backup with nothing in it; no folder is made for it yet.
    pub(super) fn new(disk: &'a Disk, why: &str) -> Result<Self, StoreError> {
        let now = Timestamp::now().strftime("%Y%m%d-%H%M%S");
        let name = format!("{now}-{why}");
        let mut folder = Path::new(layout::BACKUPS).join(&name);
        let mut number = 1;
        while disk.len(&folder)?.is_some() {
            number += 1;
            folder = Path::new(layout::BACKUPS).join(format!("{name}-{number}"));
        }
        Ok(Self { disk, folder, kept: BTreeSet::new() })
    }

    /// Copies a file, if there is one and it is not in the backup yet. Durable when it
    /// returns.
    pub(super) fn keep(&mut self, file: &Path) -> Result<(), StoreError> {
        if self.kept.contains(file) {
            return Ok(());
        }
        let Some(bytes) = self.disk.read(file)? else { return Ok(()) };
        if self.kept.is_empty() {
            hide(self.disk)?;
        }
        self.disk.create_new(&self.folder.join(file), &bytes)?;
        self.kept.insert(file.to_owned());
        Ok(())
    }

    /// Where it is; `None` while there is nothing in it.
    pub(super) fn folder(&self) -> Option<&Path> {
        (!self.kept.is_empty()).then_some(&*self.folder)
    }
}

/// Keeps git from taking what belongs to this computer.
pub(super) fn hide(disk: &Disk) -> Result<(), StoreError> {
    match disk.create_new(&Path::new(layout::LOCAL).join(".gitignore"), b"*\n") {
        Err(StoreError { cause: Cause::Exists, .. }) => Ok(()),
        made => made,
    }
}
