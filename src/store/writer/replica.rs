//! The writer's copy of one annotation set, and how it stays what is on disk.
//!
//! A replica is the set as the files say it is, history included. When the files are not
//! as they were last seen, it is read again, and what of ours is in neither the file nor
//! the part of the history that is applied to it is done again on top of that. Nothing is
//! written while looking: the lines that are owed come before the next line, and before
//! the file is replaced.
//!
//! A file from elsewhere (git, a file sync) may name a last step that the history here
//! lacks. Were a line appended then, the next reader could not tell that it is newer than
//! the file. So an owed line of that very step is written first; its edits are what the
//! file changed, and the history stays one line of changes from its beginning to its end.

use super::SetKey;
use crate::edit::{Conflict, Difference, Transaction, rebase};
use crate::model::{AnnotationSet, Article, IdSource};
use crate::store::error::{Cause, StoreError};
use crate::store::folder::ProjectFolder;
use crate::store::history::HistoryBytes;
use crate::store::layout;
use crate::store::load::{LoadedSet, Stamp};
use crate::store::sight::Sight;
use crate::store::wire::{self, Mark};
use std::sync::Arc;

/// What was done, and what undoes it.
#[derive(Clone, Debug, Default)]
pub(super) struct Done {
    pub(super) forward: Transaction,
    pub(super) backward: Transaction,
}

/// A line that is to be written before any other.
#[derive(Clone, Debug)]
pub(super) enum Owed {
    /// Makes the history know the last step of a file that came from elsewhere.
    Anchor(Mark, Done),
    /// What of ours was done again on top of such a file.
    Merged(Done),
}

/// One annotation set as it is on disk, or will be after the next write.
#[derive(Debug)]
pub(super) struct Replica {
    pub(super) set: AnnotationSet,
    pub(super) mark: Option<Mark>,
    /// How the files looked when they were last read or written.
    pub(super) sight: Sight,
    /// What the file may hold without being somebody else's: as last read or written, or
    /// as an attempt left it whose outcome is not known.
    stamps: Vec<Stamp>,
    pub(super) is_dirty: bool,
    pub(super) used: u64,
    /// What was done since the file was last read or written.
    pub(super) unflushed: Vec<Done>,
    pub(super) owed: Vec<Owed>,
}

/// What was found when a replica was brought up to date.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Whether the set is another one.
    pub(super) is_other: bool,
    /// What both sides had changed.
    pub(super) conflicts: Vec<Conflict>,
}

impl Replica {
    /// Reads a set. `article` is used when it is still what is on disk.
    pub(super) fn load(
        folder: &ProjectFolder,
        key: &SetKey,
        article: Option<Arc<Article>>,
    ) -> Result<Self, StoreError> {
        // Looked at before it is read: what changes in between is seen the next time.
        let sight = folder.sight(&key.1, &key.0);
        let article = match article {
            Some(article) => article,
            None => Arc::new(folder.read_article(&key.1)?),
        };
        folder.disk().settle_file_name(&layout::article(&key.1))?;
        let LoadedSet { set, mark, stamp, is_replayed, .. } = folder.load_set(&article, &key.0)?;
        let owed = match mark {
            Some(mark) if !is_known(folder, key, mark)? => {
                vec![Owed::Anchor(mark, Done::default())]
            }
            _ => Vec::new(),
        };
        let (stamps, unflushed) = (vec![stamp], Vec::new());
        Ok(Self { set, mark, sight, stamps, is_dirty: is_replayed, used: 0, unflushed, owed })
    }

    /// Reads the set again if the files are not as they were last seen; three system
    /// calls when they are.
    pub(super) fn refresh(
        &mut self,
        folder: &ProjectFolder,
        key: &SetKey,
        ids: &mut IdSource,
    ) -> Result<Found, StoreError> {
        let sight = folder.sight(&key.1, &key.0);
        if sight == self.sight {
            return Ok(Found::default());
        }
        let has_same_article = sight.has_same_article(&self.sight);
        let article = has_same_article.then(|| Arc::clone(self.set.article()));
        let mut fresh = Self::load(folder, key, article)?;
        if fresh.set == self.set && fresh.mark == self.mark {
            self.sight = fresh.sight;
            self.stamps.extend(fresh.stamps);
            return Ok(Found::default());
        }
        fresh.used = self.used;
        let is_from_elsewhere = !fresh.owed.is_empty();
        if let [Owed::Anchor(_, done)] = fresh.owed.as_mut_slice()
            && self.owed.is_empty()
            && has_same_article
        {
            *done = what_changed(&self.set, &fresh.set, ids);
        }
        let mut found = Found { is_other: true, conflicts: Vec::new() };
        let holds_ours = match self.mark {
            Some(mark) => is_known(folder, key, mark)?,
            None => true,
        };
        if is_from_elsewhere || !self.owed.is_empty() || !holds_ours {
            found.conflicts = fresh.do_again(&self.unflushed, ids);
        } else if fresh.is_dirty {
            fresh.unflushed = std::mem::take(&mut self.unflushed);
        }
        *self = fresh;
        Ok(found)
    }

    /// Does what is in no file any more again, as one change.
    fn do_again(&mut self, unflushed: &[Done], ids: &mut IdSource) -> Vec<Conflict> {
        let mut merged = Done::default();
        let mut conflicts = Vec::new();
        for Done { forward, backward } in unflushed {
            let merge = rebase(&Difference::of(forward, backward), &self.set, ids);
            // What a rebase gives fits the set it was made for.
            let Ok(undo) = merge.transaction.apply(&mut self.set) else { continue };
            merged.forward.edits.extend(merge.transaction.edits);
            merged.backward.edits.splice(0..0, undo.edits);
            conflicts.extend(merge.conflicts);
        }
        if !merged.forward.is_empty() {
            self.owed.push(Owed::Merged(merged.clone()));
            self.unflushed.push(merged);
            self.is_dirty = true;
        }
        conflicts
    }

    /// Replaces the file, unless it is not as this writer last saw it.
    pub(super) fn flush(&mut self, folder: &ProjectFolder) -> Result<(), StoreError> {
        let (annotator, article) = (self.set.annotator().clone(), self.set.article().id().clone());
        let file = layout::set(&annotator, &article);
        let held = folder.disk().read(&file)?;
        if !self.stamps.contains(&Stamp::of(held.as_deref())) {
            // To be read the next time, whatever it looks like.
            self.sight = Sight::default();
            return Err(StoreError::new(file, Cause::ChangedOnDisk));
        }
        let text = wire::write_set(&self.set, self.mark);
        let stamp = Stamp::of(Some(text.as_bytes()));
        // Should the attempt fail behind the rename, the file is still our own.
        if !self.stamps.contains(&stamp) {
            self.stamps.push(stamp);
        }
        folder.disk().replace(&file, text.as_bytes())?;
        self.stamps = vec![stamp];
        self.is_dirty = false;
        self.unflushed.clear();
        self.sight = folder.sight(&article, &annotator);
        Ok(())
    }
}

/// What leads from one set to another, there and back.
fn what_changed(before: &AnnotationSet, after: &AnnotationSet, ids: &mut IdSource) -> Done {
    let forward = rebase(&Difference::between(before, after), before, ids).transaction;
    let mut set = before.clone();
    match forward.apply(&mut set) {
        Ok(backward) if set == *after => Done { forward, backward },
        _ => Done::default(),
    }
}

/// Whether the history has a line.
fn is_known(folder: &ProjectFolder, key: &SetKey, mark: Mark) -> Result<bool, StoreError> {
    let bytes = folder.disk().read(&layout::history(&key.0, &key.1))?;
    Ok(bytes.is_some_and(|bytes| HistoryBytes::of(&bytes).behind(mark).is_some()))
}
