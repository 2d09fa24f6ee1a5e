//! Compacting histories in the background.
//!
//! The histories of an article that is opened or left are compacted when they have grown
//! large, all of the annotator's when somebody asks for it. Copying the older lines is done
//! beside the commits, on the thread that otherwise makes annotation files; cutting them off
//! is one short write of the saving thread. Neither begins while anything waits to be saved.

use super::{Notice, Session, SessionError, SetKey};
use crate::model::AnnotatorName;
use crate::store::{Compacted, KEPT_HISTORY, LARGE_HISTORY, Owner, ProjectFolder, StoreError};
use std::collections::VecDeque;

/// What is to be compacted, and what came of it.
#[derive(Debug, Default)]
pub(super) struct Compaction {
    /// Whose histories are to be listed.
    all_of: Option<AnnotatorName>,
    /// Histories, each with the number of bytes that it must be longer than.
    waiting: VecDeque<(Option<Owner>, u64)>,
    asked: Option<Tally>,
}

/// What a compaction that somebody asked for has done.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    histories: usize,
    lines: usize,
    bytes: u64,
    failure: Option<String>,
}

/// A part of the work that needs no writer.
pub(super) enum Task {
    /// Finding what is long.
    List(AnnotatorName),
    /// Copying older lines.
    Archive(Option<Owner>, u64),
}

/// What came of a task.
pub(super) enum Done {
    Listed(Result<Vec<Option<Owner>>, StoreError>),
    Archived(Option<Owner>, Result<bool, StoreError>),
}

impl Task {
    /// Does it; on any thread.
    pub(super) fn run(self, folder: &ProjectFolder) -> Done {
        match self {
            Self::List(name) => Done::Listed(folder.long_histories(Some(&name), KEPT_HISTORY)),
            Self::Archive(owner, longer) => {
                let archived = folder.archive_history(owner.as_ref(), longer);
                Done::Archived(owner, archived)
            }
        }
    }
}

impl Compaction {
    /// Compacts a history if it is large.
    pub(super) fn tidy(&mut self, (article, annotator): SetKey) {
        self.waiting.push_back((Some((annotator, article)), LARGE_HISTORY));
    }

    /// Compacts everything that is long enough for it.
    pub(super) fn ask(&mut self, of: AnnotatorName) {
        self.all_of = Some(of);
        self.asked.get_or_insert_default();
    }

    /// What is to be done next.
    pub(super) fn next(&mut self) -> Option<Task> {
        if let Some(name) = self.all_of.take() {
            return Some(Task::List(name));
        }
        self.waiting.pop_front().map(|(owner, longer)| Task::Archive(owner, longer))
    }

    pub(super) fn listed(&mut self, found: Result<Vec<Option<Owner>>, StoreError>) {
        match found {
            Ok(found) => self.waiting.extend(found.into_iter().map(|owner| (owner, KEPT_HISTORY))),
            Err(error) => self.fail(&error),
        }
    }

    pub(super) fn count(&mut self, Compacted { lines, bytes, .. }: &Compacted) {
        if let Some(tally) = &mut self.asked {
            tally.histories += 1;
            tally.lines += lines;
            tally.bytes += bytes;
        }
    }

    /// What nobody asked for is tried again when the article is opened the next time.
    pub(super) fn fail(&mut self, error: &StoreError) {
        if let Some(tally) = &mut self.asked {
            tally.failure.get_or_insert_with(|| error.to_string());
        }
    }

    /// What was done, once everything that was asked for is.
    pub(super) fn take_tally(&mut self) -> Option<Tally> {
        let is_done = self.waiting.is_empty() && self.all_of.is_none();
        self.asked.take_if(|_| is_done)
    }
}

impl Tally {
    fn notice(&self) -> Notice {
        let Self { histories, lines, bytes, failure } = self;
        let noun = if *histories == 1 { "history" } else { "histories" };
        let megabytes = *bytes as f64 / 1e6;
        let done = format!("{histories} {noun} compacted: {lines} lines, {megabytes:.1} MB, moved");
        match (histories, failure) {
            (_, Some(why)) => Notice::warning(format!("Not every history was compacted: {why}")),
            (0, None) => Notice::info("No history is long enough to be compacted"),
            (_, None) => Notice::info(format!("{done} to archives beside them")),
        }
    }
}

impl Session {
    /// Moves the older lines of the annotator's long histories to archives, in the
    /// background; a notice says what was done.
    pub(super) fn compact_histories(&mut self) -> Result<(), SessionError> {
        self.ensure_writing()?;
        self.saver.compact(self.annotator.clone());
        Ok(())
    }

    /// Has the history of an article compacted if it has grown large.
    pub(super) fn tidy_history(&self, key: SetKey) {
        if self.blocked().is_none() {
            self.saver.tidy(key);
        }
    }

    /// Says what a compaction did that is over. True when there was one.
    pub(super) fn poll_compaction(&mut self) -> bool {
        let Some(tally) = self.saver.take_tally() else { return false };
        self.notify(tally.notice());
        true
    }
}
