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
use super::Shown;
use super::draft::Draft;
use super::draft::Drafted;
use super::moved::MadeOn;
use super::rhythm::Behind;
use crate::edit::{Conflict, Difference, Transaction, rebase};
use crate::model::{AnnotationSet, Article, IdSource};
use crate::store::error::StoreError;
use crate::store::folder::ProjectFolder;
use crate::store::layout;
use crate::store::load::{LoadedSet, Stamp};
use crate::store::sight::Sight;
use crate::store::wire::{self, Mark};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

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
    /// Another number each time that it is read.
    version: u64,
    pub(super) set: AnnotationSet,
    pub(super) mark: Option<Mark>,
    /// How the files looked when they were last read or written.
    pub(super) sight: Sight,
    /// What the file may hold without being somebody else's: as last read or written, or
    /// as an attempt left it whose outcome is not known.
    stamps: Vec<Stamp>,
    /// Since when the file lacks what the set has; `None` where it lacks nothing.
    pub(super) behind: Option<Behind>,
    pub(super) used: u64,
    /// What was done since the file was last read or written.
    pub(super) unflushed: Vec<Done>,
    pub(super) owed: Vec<Owed>,
    /// What somebody changed in the file without giving it another step, such as with a
    /// text editor: no history has it.
    taken: Option<Done>,
}

/// The article of a set: the one at hand, else as it is on disk.
fn article_for(
    folder: &ProjectFolder,
    key: &SetKey,
    at_hand: Option<Arc<Article>>,
) -> Result<Arc<Article>, StoreError> {
    at_hand.map_or_else(|| folder.read_article(&key.1).map(Arc::new), Ok)
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
    /// Takes over a set that was read to be shown, whose files are still as they were.
    pub(super) fn of_shown(folder: &ProjectFolder, shown: Shown) -> Result<Self, StoreError> {
        let Shown { sight, set, mark, stamp, is_replayed, is_known } = shown;
        folder.disk().settle_file_name(&layout::article(set.article().id()))?;
        let anchor = mark.filter(|_| !is_known).map(|mark| Owed::Anchor(mark, Done::default()));
        Ok(Self {
            version: fastrand::u64(..),
            set,
            mark,
            sight,
            stamps: vec![stamp],
            behind: is_replayed.then(Behind::now),
            used: 0,
            unflushed: Vec::new(),
            owed: anchor.into_iter().collect(),
            taken: None,
        })
    }

    /// Reads a set. `article` is used when it is still what is on disk.
    pub(super) fn load(
        folder: &ProjectFolder,
        key: &SetKey,
        article: Option<Arc<Article>>,
    ) -> Result<Self, StoreError> {
        // Looked at before it is read: what changes in between is seen the next time.
        let sight = folder.sight(&key.1, &key.0);
        let article = article_for(folder, key, article)?;
        Self::of_shown(folder, Shown::of(folder.load_set(&article, &key.0)?, sight))
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
        let mut fresh = match self.has_lost_file(folder)? {
            true => self.without_file(folder, key, article)?,
            false => Self::load(folder, key, article)?,
        };
        if fresh.set == self.set && fresh.mark == self.mark {
            self.sight = fresh.sight;
            self.stamps.extend(fresh.stamps);
            if self.owed.is_empty() {
                // The history may have been taken away, and with it what the file goes by.
                self.owed = fresh.owed;
            }
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
            Some(mark) => folder.knows(&layout::history(&key.0, &key.1), mark)?,
            None => true,
        };
        let is_same_step = fresh.mark == self.mark && self.owed.is_empty() && !is_from_elsewhere;
        if is_same_step && has_same_article && fresh.mark.is_some() {
            fresh.taken = Some(self.taken_with(&fresh.set, ids));
        }
        let ours = std::mem::take(&mut self.unflushed);
        let ours = if has_same_article { ours } else { self.moved(ours, folder, &fresh.set)? };
        if is_from_elsewhere || !self.owed.is_empty() || !holds_ours {
            found.conflicts = fresh.do_again(&ours, ids);
        } else if fresh.behind.is_some() {
            fresh.unflushed = ours;
        }
        *self = fresh;
        Ok(found)
    }

    /// Whether there was an annotation file and is none, while its history is as before. A
    /// file that is away by itself deletes nothing: git or a file sync may be about to bring
    /// it back, and a history need not begin with the annotations that it had. Where the
    /// history is gone with it, the folder is that of another day.
    fn has_lost_file(&self, folder: &ProjectFolder) -> Result<bool, StoreError> {
        let (annotator, article) = (self.set.annotator(), self.set.article().id());
        let is_there = |file: &Path| folder.disk().len(file).map(|len| len.is_some());
        if !self.stamps.iter().any(|stamp| stamp.is_of_file())
            || is_there(&layout::set(annotator, article))?
        {
            return Ok(false);
        }
        Ok(self.mark.is_none() || is_there(&layout::history(annotator, article))?)
    }

    /// The set as its files would make it if the annotation file were there as it was known.
    fn without_file(
        &self,
        folder: &ProjectFolder,
        key: &SetKey,
        article: Option<Arc<Article>>,
    ) -> Result<Self, StoreError> {
        // Looked at first, as in `load`.
        let sight = folder.sight(&key.1, &key.0);
        let article = article_for(folder, key, article)?;
        let known = wire::write_set(&self.set, self.mark);
        let history = folder.disk().read(&layout::history(&key.0, &key.1))?;
        let known = Some(known.as_bytes());
        let loaded = folder.load_bytes(&article, &key.0, known, history.as_deref())?;
        let loaded = LoadedSet { stamp: Stamp::of(None), ..loaded };
        Self::of_shown(folder, Shown::of(loaded, sight))
    }

    /// What was done on the text of this set as if it had been done on that of another one.
    fn moved(
        &self,
        ours: Vec<Done>,
        folder: &ProjectFolder,
        fresh: &AnnotationSet,
    ) -> Result<Vec<Done>, StoreError> {
        let texts = [Arc::clone(self.set.article())];
        let made_on = MadeOn::new(&texts);
        ours.into_iter().map(|done| made_on.bring(done, folder, fresh.article())).collect()
    }

    /// What was changed in the file, with what was found before and is in no history yet.
    fn taken_with(&mut self, fresh: &AnnotationSet, ids: &mut IdSource) -> Done {
        let now = what_changed(&self.set, fresh, ids);
        let Some(mut taken) = self.taken.take() else { return now };
        taken.forward.edits.extend(now.forward.edits);
        taken.backward.edits.splice(0..0, now.backward.edits);
        taken
    }

    /// Gives a file that somebody changed under a step that was there a step of its own, so
    /// that the history can tell of it. The file is written before the line: a reader that
    /// finds one without the other finds a file whose last step the history lacks, and not
    /// a line that was done already. False when the file is another one again.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub(super) fn sign_taken(
        &mut self,
        folder: &ProjectFolder,
        ids: &mut IdSource,
    ) -> Result<bool, StoreError> {
        let Some(taken) = &self.taken else { return Ok(true) };
        let file = layout::set(self.set.annotator(), self.set.article().id());
        let held = folder.disk().read(&file)?;
        if !self.stamps.contains(&Stamp::of(held.as_deref())) {
            self.distrust();
            return Ok(false);
        }
        let mark = Mark { step: ids.step(), lines: 1 };
        let text = wire::write_set(&self.set, Some(mark));
        let stamp = Stamp::of(Some(text.as_bytes()));
        self.stamps.push(stamp);
        folder.disk().replace(&file, text.as_bytes())?;
        self.owed.push(Owed::Anchor(mark, taken.clone()));
        (self.mark, self.stamps, self.taken) = (Some(mark), vec![stamp], None);
        self.unflushed.clear();
        self.version = fastrand::u64(..);
        self.sight = folder.sight(self.set.article().id(), self.set.annotator());
        Ok(true)
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
            self.behind.get_or_insert_with(Behind::now);
        }
        conflicts
    }

    /// A copy of the set to make the file of, with what the file that is there may hold.
    pub(super) fn draft(&self, folder: &ProjectFolder) -> Draft {
        Draft {
            folder: folder.clone(),
            set: self.set.clone(),
            mark: self.mark,
            stamps: self.stamps.clone(),
            version: self.version,
            unflushed: self.unflushed.len(),
            begun: Instant::now(),
        }
    }

    /// Puts a file in place that was made of a draft, unless the set was read anew since.
    pub(super) fn take_file(
        &mut self,
        folder: &ProjectFolder,
        drafted: &Drafted,
    ) -> Result<(), StoreError> {
        if self.version != drafted.version {
            folder.disk().drop_prepared(&drafted.prepared);
            return Ok(());
        }
        // Should the attempt fail behind the rename, the file is still our own.
        if !self.stamps.contains(&drafted.stamp) {
            self.stamps.push(drafted.stamp);
        }
        folder.disk().put_in_place(&drafted.prepared)?;
        self.stamps = vec![drafted.stamp];
        self.unflushed.drain(..drafted.unflushed);
        let has_gone_on = self.mark != drafted.mark;
        let behind = self.behind.take().filter(|_| has_gone_on);
        self.behind = behind.map(|behind| behind.since(drafted.begun));
        self.sight = folder.sight(self.set.article().id(), self.set.annotator());
        Ok(())
    }

    /// Has the files read the next time, whatever they look like.
    pub(super) fn distrust(&mut self) {
        self.sight = Sight::default();
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
