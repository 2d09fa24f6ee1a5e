//! An annotation file on its way: made of a copy of the set, while steps go on being
//! committed.
//!
//! A large file takes a while to be written down, compared and synced. None of that needs
//! the writer, so a [`Draft`] can do it on any thread; the writer only puts the result in
//! place. The file names the last step that it holds, so it may be a few steps behind when
//! it gets there. Whether it still may get there is the writer's to say.

use super::SetKey;
use crate::model::AnnotationSet;
use crate::store::disk::Prepared;
use crate::store::error::{Cause, StoreError};
use crate::store::folder::ProjectFolder;
use crate::store::layout;
use crate::store::load::Stamp;
use crate::store::wire::{self, Mark};
use std::time::Instant;

/// What an annotation file is made of.
#[derive(Debug)]
pub struct Draft {
    pub(super) folder: ProjectFolder,
    pub(super) set: AnnotationSet,
    pub(super) mark: Option<Mark>,
    /// What the file that is there may hold.
    pub(super) stamps: Vec<Stamp>,
    /// Which reading of the set it is of.
    pub(super) version: u64,
    /// How many changes it holds that no file held before.
    pub(super) unflushed: usize,
    pub(super) begun: Instant,
}

/// A file that was made of a draft and is on disk under another name, or why there is none.
#[derive(Debug)]
pub struct Made {
    pub(super) key: SetKey,
    pub(super) result: Result<Drafted, StoreError>,
}

/// A file beside the one that it is to replace.
#[derive(Debug)]
pub(super) struct Drafted {
    pub(super) prepared: Prepared,
    pub(super) stamp: Stamp,
    pub(super) mark: Option<Mark>,
    pub(super) version: u64,
    pub(super) unflushed: usize,
    pub(super) begun: Instant,
}

impl Draft {
    /// Makes the file, unless the one that is there is somebody else's; O(n).
    pub fn make(&self) -> Made {
        let key = (self.set.annotator().clone(), self.set.article().id().clone());
        let result = self.prepare(&key);
        Made { key, result }
    }

    fn prepare(&self, key: &SetKey) -> Result<Drafted, StoreError> {
        let disk = self.folder.disk();
        let file = layout::set(&key.0, &key.1);
        let held = disk.read(&file)?;
        if !self.stamps.contains(&Stamp::of(held.as_deref())) {
            return Err(StoreError::new(file, Cause::ChangedOnDisk));
        }
        let text = wire::write_set(&self.set, self.mark);
        let prepared = disk.prepare(&file, text.as_bytes())?;
        let stamp = Stamp::of(Some(text.as_bytes()));
        let Self { mark, version, unflushed, begun, .. } = *self;
        Ok(Drafted { prepared, stamp, mark, version, unflushed, begun })
    }
}
