//! The lock of whoever changes the schema in parts.
//!
//! It tells of the processes of one computer, and of none where files cannot be locked; what
//! is written down of such a change tells of the others, and is none of this module's.

use super::open;
use crate::store::error::{Cause, StoreError};
use crate::store::folder::ProjectFolder;
use crate::store::layout;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often a lock is asked for that others may hold while they look at it.
const LOOKS: u32 = 5;

/// Held by whoever changes the schema in parts. It is let go when it is dropped, or when the
/// process dies: what is written down of such a change and is held by nobody was cut off.
#[derive(Debug)]
pub struct SchemaLock {
    /// Closing it lets go; `None` where files cannot be locked.
    file: Option<File>,
}

impl SchemaLock {
    /// Whether a file is locked. Where files cannot be, nothing keeps another process from
    /// taking it for free too.
    pub fn is_real(&self) -> bool {
        self.file.is_some()
    }
}

/// What the lock for a change of the schema says of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum SchemaLocking {
    /// Nobody on this computer has it.
    Free,
    /// Somebody has it.
    Held,
    /// Files cannot be locked here, so it says nothing.
    Unknown,
}

impl ProjectFolder {
    /// Takes the lock for a change of the schema in parts; `None` while another process, or
    /// another window of this one, is at one. Where files cannot be locked it goes on
    /// without.
    ///
    /// # Errors
    /// [`Cause::OutsideLink`] where the lock would lie outside the project.
    pub fn lock_schema(&self) -> Result<Option<SchemaLock>, StoreError> {
        let file = match open(self.disk(), Path::new(layout::CHANGING)) {
            Ok(file) => file,
            Err(error) if matches!(error.cause, Cause::OutsideLink) => return Err(error),
            Err(_) => return Ok(Some(SchemaLock { file: None })),
        };
        for _ in 0..LOOKS {
            match file.try_lock() {
                Ok(()) => return Ok(Some(SchemaLock { file: Some(file) })),
                Err(TryLockError::Error(_)) => return Ok(Some(SchemaLock { file: None })),
                // It may be somebody who only looks.
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(2)),
            }
        }
        Ok(None)
    }

    /// Whether somebody holds the lock for a change of the schema. Nothing is written.
    pub(in crate::store) fn schema_locking(&self) -> SchemaLocking {
        let path = self.disk().resolve(Path::new(layout::CHANGING));
        let is_file = |path: &PathBuf| path.is_file();
        let Some(path) = path.ok().filter(is_file) else { return SchemaLocking::Free };
        let Ok(file) = File::open(path) else { return SchemaLocking::Unknown };
        match file.try_lock_shared() {
            Ok(()) => SchemaLocking::Free,
            Err(TryLockError::WouldBlock) => SchemaLocking::Held,
            Err(TryLockError::Error(_)) => SchemaLocking::Unknown,
        }
    }
}
