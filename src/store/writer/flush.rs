//! Annotation files, and `project.ron`, following their histories.
//!
//! Each file comes about in three parts: a copy of the set is taken, the file is made of
//! it beside the one that is there ([`Draft::make`], anywhere), and it is put in its
//! place. The first and the last are short and the writer's; between them it commits.

use super::draft::Draft;
use super::draft::Made;
use super::rhythm::Behind;
use super::{CLEAN_REPLICAS, PendingSchema, SetKey, Writer};
use crate::store::disk::at_once;
use crate::store::error::{Cause, StoreError};
use crate::store::layout;
use crate::store::lock::Exclusive;
use std::time::Instant;

/// How many files are made at the same time.
const TOGETHER: usize = 64;
/// How often a file is made that others replace meanwhile, before that is a failure.
const TRIES: usize = 8;

impl Writer {
    /// Whether there is something that [`Self::flush`] would write.
    pub fn has_unflushed(&self) -> bool {
        self.uncut.is_some()
            || self.schema.is_some()
            || self.replicas.values().any(|replica| replica.behind.is_some())
    }

    /// Writes every file that is behind its history: annotation files whole, and
    /// `project.ron` after a change of the schema.
    ///
    /// # Errors
    /// The first of those met; the other files are written all the same.
    pub fn flush(&mut self) -> Result<(), StoreError> {
        let mut result = self.cut_failed().and_then(|()| self.flush_schema());
        let behind = self.replicas.iter().filter(|(_, replica)| replica.behind.is_some());
        let mut behind: Vec<_> = behind.map(|(key, replica)| (replica.used, key.clone())).collect();
        behind.sort();
        for keys in behind.chunks(TOGETHER) {
            let keys: Vec<_> = keys.iter().map(|(_, key)| key.clone()).collect();
            result = result.and(self.flush_sets(&keys));
        }
        self.drop_clean();
        result
    }

    /// Makes the files of some sets at the same time, and puts one after the other in place.
    fn flush_sets(&mut self, keys: &[SetKey]) -> Result<(), StoreError> {
        let (mut result, mut drafts) = (Ok(()), Vec::with_capacity(keys.len()));
        for key in keys {
            match self.draft_of(key) {
                Ok(draft) => drafts.extend(draft),
                Err(error) => result = result.and(Err(error)),
            }
        }
        for made in at_once(&drafts, Draft::make) {
            let key = made.key.clone();
            // What somebody else replaced meanwhile is made anew.
            result = result.and(self.try_put(made)).and_then(|()| self.flush_set(&key));
        }
        result
    }

    /// Begins the file that is due, if there is one, and writes `project.ron` if that is.
    /// Whoever is in a hurry waits for no pause. What fails is in [`Self::failure`], and due
    /// again after a while.
    pub fn draft(&mut self, is_hurried: bool) -> Option<Draft> {
        let now = Instant::now();
        if let Some(uncut) = &self.uncut
            && uncut.due(0, is_hurried) <= now
            && let Err(error) = self.cut_failed()
            && let Some(uncut) = &mut self.uncut
        {
            uncut.fail(error.to_string());
        }
        if let Some(pending) = &self.schema
            && pending.behind.due(0, is_hurried) <= now
            && let Err(error) = self.flush_schema()
            && let Some(pending) = &mut self.schema
        {
            pending.behind.fail(error.to_string());
        }
        while let Some((due, key)) = self.next_set(is_hurried) {
            if due > now {
                break;
            }
            match self.draft_of(&key) {
                Ok(None) => {}
                Ok(draft) => return draft,
                Err(error) => self.fail(&key, &error),
            }
        }
        self.drop_clean();
        None
    }

    /// Puts a file in place that was made of a draft. What fails is in [`Self::failure`].
    pub fn put(&mut self, made: Made) {
        let key = made.key.clone();
        if let Err(error) = self.try_put(made) {
            self.fail(&key, &error);
        }
    }

    /// When the next file is due; `None` when no file is behind.
    pub fn next_due(&self, is_hurried: bool) -> Option<Instant> {
        let schema = self.schema.as_ref().map(|pending| pending.behind.due(0, is_hurried));
        let set = self.next_set(is_hurried).map(|(due, _)| due);
        let uncut = self.uncut.as_ref().map(|uncut| uncut.due(0, is_hurried));
        schema.into_iter().chain(set).chain(uncut).min()
    }

    /// Why a file could not be written the last time, where one could not.
    pub fn failure(&self) -> Option<&str> {
        let sets = self.replicas.values().filter_map(|replica| replica.behind.as_ref());
        let schema = self.schema.iter().map(|pending| &pending.behind);
        let mut all = self.uncut.iter().chain(schema).chain(sets);
        all.find_map(Behind::failure)
    }

    /// Lets what failed be tried again at once.
    pub fn forget_failures(&mut self) {
        let sets = self.replicas.values_mut().filter_map(|replica| replica.behind.as_mut());
        let schema = self.schema.iter_mut().map(|pending| &mut pending.behind);
        self.uncut.iter_mut().chain(schema).chain(sets).for_each(Behind::forget_failure);
    }

    /// Takes the lines of a step that failed out of the histories, also where nobody tries
    /// it again: a later start would take them for done.
    ///
    /// # Errors
    /// When a history cannot be read or cut; it is tried again before anything is written.
    pub fn cut_failed(&mut self) -> Result<(), StoreError> {
        if self.lines.has_failed() {
            let _exclusive = Exclusive::take(self.folder.disk())?;
            self.lines.cut_failed(&self.folder)?;
        }
        self.uncut = None;
        Ok(())
    }

    /// The set whose file is due first.
    fn next_set(&self, is_hurried: bool) -> Option<(Instant, SetKey)> {
        let due = self.replicas.iter().filter_map(|(key, replica)| {
            let behind = replica.behind.as_ref()?;
            Some((behind.due(replica.set.len(), is_hurried), key))
        });
        due.min().map(|(due, key)| (due, key.clone()))
    }

    fn fail(&mut self, key: &SetKey, error: &StoreError) {
        if let Some(replica) = self.replicas.get_mut(key)
            && let Some(behind) = &mut replica.behind
        {
            behind.fail(error.to_string());
        }
    }

    fn flush_set(&mut self, key: &SetKey) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            match self.draft_of(key)? {
                Some(draft) => self.try_put(draft.make())?,
                None => return Ok(()),
            }
        }
        match self.replicas.get(key).is_some_and(|replica| replica.behind.is_some()) {
            true => Err(StoreError::new(layout::set(&key.0, &key.1), Cause::ChangedOnDisk)),
            false => Ok(()),
        }
    }

    /// A copy of a set as it is on disk, history included, where its file lacks something.
    fn draft_of(&mut self, key: &SetKey) -> Result<Option<Draft>, StoreError> {
        let _exclusive = Exclusive::take(self.folder.disk())?;
        self.lines.cut_failed(&self.folder)?;
        self.bring_and_sign(key)?;
        if self.replicas.get(key).is_some_and(|replica| !replica.owed.is_empty()) {
            self.lines.make_whole(&self.folder, &layout::history(&key.0, &key.1))?;
            let lines = self.owed(key)?;
            self.lines.append_all(&self.folder, &lines)?;
            self.settle(lines, Vec::new());
        }
        let replica = self.replicas.get(key).filter(|replica| replica.behind.is_some());
        Ok(replica.map(|replica| replica.draft(&self.folder)))
    }

    fn try_put(&mut self, made: Made) -> Result<(), StoreError> {
        let Made { key, result } = made;
        let drafted = match (result, self.replicas.get_mut(&key)) {
            // Somebody was quicker: the file is read, and then made again.
            (Err(StoreError { cause: Cause::ChangedOnDisk, .. }), Some(replica)) => {
                replica.distrust();
                return Ok(());
            }
            (result, _) => result?,
        };
        let looked = Exclusive::take(self.folder.disk()).and_then(|exclusive| {
            self.bring_up_to_date(&key)?;
            Ok(exclusive)
        });
        match (looked, self.replicas.get_mut(&key)) {
            (Ok(_exclusive), Some(replica)) => replica.take_file(&self.folder, &drafted),
            (looked, _) => {
                self.folder.disk().drop_prepared(&drafted.prepared);
                looked.map(|_| ())
            }
        }
    }

    fn flush_schema(&mut self) -> Result<(), StoreError> {
        let Some(PendingSchema { known, mark, .. }) = &self.schema else { return Ok(()) };
        let Some(last) = known.last() else { return Ok(()) };
        let _exclusive = Exclusive::take(self.folder.disk())?;
        self.lines.cut_failed(&self.folder)?;
        self.folder.change_project(|file| {
            if !known.contains(&file.project.schema) {
                return Err(StoreError::new(layout::PROJECT, Cause::ChangedOnDisk));
            }
            file.project.schema = last.clone();
            file.mark = Some(*mark);
            Ok(())
        })?;
        self.schema = None;
        Ok(())
    }

    fn drop_clean(&mut self) {
        let mut clean: Vec<_> = self
            .replicas
            .iter()
            .filter(|(key, replica)| replica.behind.is_none() && !self.news.contains_key(*key))
            .map(|(key, replica)| (replica.used, key.clone()))
            .collect();
        clean.sort();
        self.lines.forget_much();
        let surplus = clean.len().saturating_sub(CLEAN_REPLICAS);
        for (_, key) in clean.into_iter().take(surplus) {
            self.replicas.remove(&key);
        }
    }
}
