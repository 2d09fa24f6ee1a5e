//! Appending lines to histories: all of a step or nothing, always behind a whole line.
//!
//! What the lines say is the writer's. Another process may have appended in between;
//! nothing here ever takes a line away that this writer did not just fail to write.

use super::SetKey;
use crate::model::{Schema, StepId};
use crate::store::disk::{LARGEST, at_once};
use crate::store::error::{Cause, StoreError};
use crate::store::folder::ProjectFolder;
use crate::store::history::set_torn_aside;
use crate::store::wire;
use crate::store::wire::Mark;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Of how many histories something is kept in mind.
const MANY: usize = 2_000;

/// A line that is to be appended.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) file: PathBuf,
    pub(super) line: String,
    pub(super) mark: Mark,
    pub(super) key: Option<SetKey>,
    /// For a change of the schema what `project.ron` may hold before it.
    pub(super) known: Vec<Arc<Schema>>,
}

/// What is known of the history files that are written to.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The lengths of histories that are known to end with a whole line.
    whole: HashMap<PathBuf, u64>,
    /// How often each step stands in a history, for histories in which something was
    /// undone; as long as nobody else writes there.
    counts: HashMap<PathBuf, HashMap<StepId, u32>>,
    /// Histories that may hold a line of a step that failed: the length without it, and
    /// the line.
    to_cut: HashMap<PathBuf, (u64, String)>,
}

impl Lines {
    /// Appends all lines or none; none where a history would be longer than is read.
    pub(super) fn append_all(
        &mut self,
        folder: &ProjectFolder,
        lines: &[Pending],
    ) -> Result<(), StoreError> {
        let mut files: Vec<(&PathBuf, String)> = Vec::with_capacity(lines.len());
        for Pending { file, line, .. } in lines {
            // Those of one file stand together.
            match files.last_mut() {
                Some((last, lines)) if *last == file => lines.push_str(line),
                _ => files.push((file, line.clone())),
            }
        }
        for (file, lines) in &files {
            let before = self.whole.get(*file).copied().unwrap_or(0);
            let bytes = before + lines.len() as u64;
            if bytes > LARGEST {
                // Nobody could read it again, not even to take it back.
                return Err(StoreError::new(file, Cause::TooLarge { bytes }));
            }
        }
        for (file, lines) in &files {
            let before = self.whole.get(*file).copied().unwrap_or(0);
            self.to_cut.insert((*file).clone(), (before, lines.clone()));
        }
        let append = |(file, lines): &(&PathBuf, String)| {
            folder.disk().append(file, lines.as_bytes()).map(|_| ())
        };
        for appended in at_once(&files, append) {
            if let Err(error) = appended {
                // What fails here is tried again before the next step.
                let _ = self.cut_failed(folder);
                return Err(error);
            }
        }
        for Pending { file, line, mark, .. } in lines {
            self.to_cut.remove(file);
            if let Some(counts) = self.counts.get_mut(file) {
                *counts.entry(mark.step).or_default() += 1;
            }
            if let Some(len) = self.whole.get_mut(file) {
                *len += line.len() as u64;
            }
        }
        Ok(())
    }

    /// Takes the lines of a step that failed out of the histories, unless somebody has
    /// written behind them since.
    pub(super) fn cut_failed(&mut self, folder: &ProjectFolder) -> Result<(), StoreError> {
        let disk = folder.disk();
        for (file, (len, line)) in &self.to_cut {
            // Also where it seems to have that length: cutting may have worked and the sync
            // of it not, and then a power cut could mix this line with the next.
            if disk.len(file)?.is_none_or(|now| now < *len) {
                continue;
            }
            let bytes = disk.read(file)?.unwrap_or_default();
            let behind = bytes.get(*len as usize..).unwrap_or_default();
            if line.as_bytes().starts_with(behind) {
                disk.cut(file, *len)?;
            }
        }
        self.to_cut.clear();
        Ok(())
    }

    /// Whether lines of a step that failed may still be there.
    pub(super) fn has_failed(&self) -> bool {
        !self.to_cut.is_empty()
    }

    /// Forgets what is known of histories once it is much; it is found again when it is
    /// needed.
    pub(super) fn forget_much(&mut self) {
        if self.whole.len() > MANY {
            self.whole.clear();
            self.counts.clear();
        }
    }

    /// Makes sure that a history ends with a whole line; a torn end is moved aside.
    pub(super) fn make_whole(
        &mut self,
        folder: &ProjectFolder,
        file: &Path,
    ) -> Result<(), StoreError> {
        let disk = folder.disk();
        let found = disk.len(file)?;
        if self.whole.get(file) == Some(&found.unwrap_or(0)) {
            return Ok(());
        }
        if found.is_some() {
            // What a killed process wrote or cut and did not sync must not be torn, or come
            // back, behind a line that this process syncs.
            disk.settle(file)?;
        }
        self.counts.remove(file);
        let (whole, _) = set_torn_aside(disk, file)?;
        self.whole.insert(file.to_owned(), whole);
        Ok(())
    }

    /// Notes that a history was cut at its beginning.
    pub(super) fn cut_at_beginning(&mut self, file: &Path, bytes: u64) {
        if let Some(len) = self.whole.get_mut(file) {
            *len = len.saturating_sub(bytes);
        }
    }

    /// How many lines of a history tell of a step, archives included. The history is read for the first step
    /// alone that is asked about.
    pub(super) fn of_step(
        &mut self,
        folder: &ProjectFolder,
        file: &Path,
        step: StepId,
    ) -> Result<u32, StoreError> {
        if !self.counts.contains_key(file) {
            let mut counts = HashMap::new();
            folder.pieces(file)?.each(|piece| {
                for step in piece.lines().iter().filter_map(|(_, line)| wire::step_of(line)) {
                    *counts.entry(step).or_default() += 1;
                }
                Ok(())
            })?;
            self.counts.insert(file.to_owned(), counts);
        }
        let counts = self.counts.get(file);
        Ok(counts.and_then(|counts| counts.get(&step)).copied().unwrap_or(0))
    }
}
