//! Cutting a history whose older lines are in an archive.
//!
//! What is cut where is the affair of `archive`; here it is one write among others, after
//! which the files look different and nothing is new.

use super::Writer;
use crate::store::archive::Compacted;
use crate::store::error::StoreError;
use crate::store::history::Owner;
use crate::store::layout;
use crate::store::lock::Exclusive;

impl Writer {
    /// Takes the lines out of a history that [`ProjectFolder::archive_history`] copied, or
    /// somebody's attempt at that left; `None` where there are none. Short, whatever the
    /// length of the archive.
    ///
    /// [`ProjectFolder::archive_history`]: crate::store::ProjectFolder::archive_history
    ///
    /// # Errors
    /// When a file cannot be read or written. The history is then as it was or cut.
    pub fn cut_history(&mut self, owner: Option<&Owner>) -> Result<Option<Compacted>, StoreError> {
        let _exclusive = Exclusive::take(self.folder.disk())?;
        self.lines.cut_failed(&self.folder)?;
        let history = layout::history_of(owner);
        if self.folder.disk().len(&history)?.is_none() {
            return Ok(None);
        }
        // What others changed is to be seen as theirs.
        if let Some(key) = owner.filter(|key| self.replicas.contains_key(*key)) {
            self.bring_up_to_date(key)?;
        }
        self.lines.make_whole(&self.folder, &history)?;
        let sight = owner.map(|(annotator, article)| self.folder.sight(article, annotator));
        let compacted = self.folder.cut_archived(&history)?;
        if let (Some(compacted), Some(owner), Some(before)) = (&compacted, owner, sight) {
            self.lines.cut_at_beginning(&history, compacted.bytes);
            let now = self.folder.sight(&owner.1, &owner.0);
            if let Some(replica) = self.replicas.get_mut(owner) {
                replica.sight = now;
            }
            if let Some((shown, seen)) = &mut self.shown
                && shown == owner
                && seen.sight == before
            {
                seen.sight = now;
            }
        }
        Ok(compacted)
    }
}
