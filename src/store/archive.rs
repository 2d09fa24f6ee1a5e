//! The older parts of histories: `<article>.ron.old-1`, `.old-2` and so on, oldest first.
//!
//! A history that grew large is cut: its older lines move into a file beside it, as they
//! stand, and the newest stay. All parts one after the other are the history as it was
//! before, byte for byte, so nobody who wants everything loses anything; and who opens an
//! article reads the newest part alone.
//!
//! It takes two moves. The archive is written and synced, then the history is replaced by
//! what is behind it. Between the two the lines stand in both files; a history that begins
//! with the bytes of its newest archive is therefore read from behind them, and the next
//! compaction only makes the second move. Number and name of an archive are taken before
//! the history is read, and a name is given only once, so that two processes cannot both
//! keep the same lines.

use super::disk::LARGEST;
use super::error::{Cause, StoreError};
use super::folder::ProjectFolder;
use super::history::{HistoryBytes, HistoryFile, Owner};
use super::layout;
use super::wire::{self, Mark};
use crate::edit::StepKind;
use crate::model::{AnnotatorName, StepId};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// From how many bytes on a history is compacted without being asked to.
pub const LARGE_HISTORY: u64 = 4 << 20;
/// How many bytes of the newest lines stay in a history.
pub const KEPT_HISTORY: u64 = 1 << 20;

/// A history that was cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compacted {
    /// Where the older lines are, relative to the project.
    pub archive: PathBuf,
    /// How many lines these are.
    pub lines: usize,
    /// How many bytes.
    pub bytes: u64,
}

/// One part of a history.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) file: PathBuf,
    bytes: Vec<u8>,
    /// How many bytes at its beginning stand in the archive too.
    doubled: usize,
}

impl Piece {
    /// Its whole lines, each with its number in the file.
    pub(super) fn lines(&self) -> Vec<(u32, &[u8])> {
        let before = self.bytes[..self.doubled].iter().filter(|byte| **byte == b'\n').count();
        let mut lines = HistoryBytes::of(&self.bytes[self.doubled..]).lines;
        for (number, _) in &mut lines {
            *number += before as u32;
        }
        lines
    }
}

/// The parts of a history, read one at a time.
pub(super) struct Pieces<'a> {
    folder: &'a ProjectFolder,
    live: Piece,
    archives: Vec<PathBuf>,
    /// The newest archive that is left to be read was compared with the history.
    is_compared: bool,
}

impl Pieces<'_> {
    /// The newest part.
    pub(super) fn live(&mut self) -> Result<&Piece, StoreError> {
        if !self.is_compared
            && let Some(newest) = self.archives.last()
        {
            let bytes = self.folder.disk().read(newest)?.unwrap_or_default();
            self.live.doubled = if self.live.bytes.starts_with(&bytes) { bytes.len() } else { 0 };
        }
        self.is_compared = true;
        Ok(&self.live)
    }

    /// The newest archive that was not read yet, towards the oldest.
    pub(super) fn older(&mut self) -> Result<Option<Piece>, StoreError> {
        match self.archives.pop() {
            Some(file) => self.archive(file).map(Some),
            None => Ok(None),
        }
    }

    /// Whether there is an archive that was not read yet.
    pub(super) fn has_older(&self) -> bool {
        !self.archives.is_empty()
    }

    /// Every part, from the oldest on.
    pub(super) fn each(
        mut self,
        mut take: impl FnMut(&Piece) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        for file in self.archives.clone() {
            take(&self.archive(file)?)?;
        }
        take(self.live()?)
    }

    fn archive(&self, file: PathBuf) -> Result<Piece, StoreError> {
        let bytes = self.folder.disk().read(&file)?.unwrap_or_default();
        Ok(Piece { file, bytes, doubled: 0 })
    }
}

/// All parts of a history as one.
#[derive(Debug)]
pub(super) struct WholeHistory<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    /// Which file begins behind how many lines, and how many of its lines are left out.
    files: Vec<(u32, u32, PathBuf)>,
}

impl<'a> WholeHistory<'a> {
    /// A history that has one part, or of which that one says enough.
    pub(super) fn of(file: PathBuf, bytes: &'a [u8]) -> Self {
        Self { bytes: bytes.into(), files: vec![(0, 0, file)] }
    }

    /// The file and the number in it of a line that is counted through all parts.
    pub(super) fn place(&self, number: u32) -> (&Path, u32) {
        let found = self.files.iter().rev().find(|(before, ..)| *before < number);
        found.map_or((Path::new(""), number), |(before, left_out, file)| {
            (file, number - before + left_out)
        })
    }
}

impl ProjectFolder {
    /// The archives of a history, oldest first.
    pub(super) fn archives(&self, history: &Path) -> Result<Vec<PathBuf>, StoreError> {
        let mut found = Vec::new();
        loop {
            let next = layout::archive(history, found.len() as u32 + 1);
            match self.disk().len(&next)? {
                Some(_) => found.push(next),
                None => return Ok(found),
            }
        }
    }

    /// A history in its parts. One that is not there has none but its archives.
    pub(super) fn pieces(&self, history: &Path) -> Result<Pieces<'_>, StoreError> {
        // The history first: what is cut from it meanwhile is then in both.
        let bytes = self.disk().read(history)?.unwrap_or_default();
        let live = Piece { file: history.to_owned(), bytes, doubled: 0 };
        let archives = self.archives(history)?;
        Ok(Pieces { folder: self, live, archives, is_compared: false })
    }

    /// All parts of a history as one.
    pub(super) fn whole_history(&self, history: &Path) -> Result<WholeHistory<'_>, StoreError> {
        let (mut all, mut files) = (Vec::new(), Vec::new());
        let mut lines = 0;
        self.pieces(history)?.each(|piece| {
            let Piece { file, bytes, doubled } = piece;
            let (skipped, bytes) = bytes.split_at(*doubled);
            let total = (all.len() + bytes.len()) as u64;
            if total > LARGEST {
                return Err(StoreError::new(file, Cause::TooLarge { bytes: total }));
            }
            let count = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count() as u32;
            files.push((lines, count(skipped), file.clone()));
            lines += count(bytes);
            all.extend_from_slice(bytes);
            Ok(())
        })?;
        Ok(WholeHistory { bytes: all.into(), files })
    }

    /// How many lines of a history tell of a step, counted through all its parts.
    pub(super) fn lines_of_step(&self, history: &Path, step: StepId) -> Result<u32, StoreError> {
        let named = wire::names_step(step);
        let mut count = 0;
        self.pieces(history)?.each(|piece| {
            count += piece.lines().iter().filter(|(_, line)| named(line)).count() as u32;
            Ok(())
        })?;
        Ok(count)
    }

    /// Whether a history has a line, in whichever of its parts.
    pub(super) fn knows(&self, history: &Path, mark: Mark) -> Result<bool, StoreError> {
        let bytes = self.disk().read(history)?.unwrap_or_default();
        if HistoryBytes::of(&bytes).lines_of(mark.step) >= mark.lines.max(1) {
            return Ok(true);
        }
        drop(bytes);
        Ok(self.lines_of_step(history, mark.step)? >= mark.lines.max(1))
    }

    /// The first of the two moves: copies the older lines of a history that is longer than
    /// this many bytes to an archive. Nothing changes that anybody reads, so it can be done
    /// on any thread. False where there is nothing to cut.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn archive_history(&self, owner: Option<&Owner>, longer: u64) -> Result<bool, StoreError> {
        self.archive_lines(owner, longer, KEPT_HISTORY)
    }

    /// As [`Self::archive_history`], keeping at least so many bytes.
    pub(super) fn archive_lines(
        &self,
        owner: Option<&Owner>,
        longer: u64,
        kept: u64,
    ) -> Result<bool, StoreError> {
        let history = layout::history_of(owner);
        let archives = self.archives(&history)?;
        let Some(bytes) = self.disk().read(&history)? else { return Ok(false) };
        if let Some(newest) = archives.last()
            && !bytes.is_empty()
            && self.disk().read(newest)?.is_some_and(|kept| bytes.starts_with(&kept))
        {
            return Ok(true);
        }
        if bytes.len() as u64 <= longer.max(kept) {
            return Ok(false);
        }
        let cut = newest_lines(&bytes, kept).min(self.held_from(owner, &bytes)?);
        if cut == 0 {
            return Ok(false);
        }
        let archive = layout::archive(&history, archives.len() as u32 + 1);
        match self.disk().create_new(&archive, &bytes[..cut]) {
            // Somebody else was quicker.
            Err(StoreError { cause: Cause::Exists, .. }) => Ok(true),
            made => made.map(|()| true),
        }
    }

    /// The histories of an annotator, or of everybody, that are longer than this many bytes;
    /// `None` stands for that of the schema.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn long_histories(
        &self,
        of: Option<&AnnotatorName>,
        longer: u64,
    ) -> Result<Vec<Option<Owner>>, StoreError> {
        let mut long = Vec::new();
        for HistoryFile { file, owner } in self.history_files(&mut Vec::new())? {
            let is_wanted = of.is_none_or(|of| owner.as_ref().is_none_or(|owner| owner.0 == *of));
            if is_wanted && self.disk().len(&file)?.is_some_and(|len| len > longer) {
                long.push(owner);
            }
        }
        Ok(long)
    }

    /// The second move: takes the lines out of a history that its newest archive has.
    /// Whoever calls keeps all others from writing.
    pub(super) fn cut_archived(&self, history: &Path) -> Result<Option<Compacted>, StoreError> {
        let Some(archive) = self.archives(history)?.pop() else { return Ok(None) };
        let kept = self.disk().read(&archive)?.unwrap_or_default();
        let Some(bytes) = self.disk().read(history)? else { return Ok(None) };
        if kept.is_empty() || !bytes.starts_with(&kept) {
            return Ok(None);
        }
        self.disk().settle_file_name(&archive)?;
        self.disk().replace(history, &bytes[kept.len()..])?;
        let lines = kept.iter().filter(|byte| **byte == b'\n').count();
        Ok(Some(Compacted { archive, lines, bytes: kept.len() as u64 }))
    }

    /// Where the line begins that the annotation file, or `project.ron`, names as its last.
    fn held_from(&self, owner: Option<&Owner>, history: &[u8]) -> Result<usize, StoreError> {
        let mark = match owner {
            Some((annotator, article)) => {
                let file = layout::set(annotator, article);
                let bytes = self.disk().read(&file)?.unwrap_or_default();
                let at = |fault: wire::Fault| fault.of(&file, 0);
                match wire::text(&bytes).map_err(at)? {
                    "" => None,
                    text => wire::read_set_mark(text).map_err(at)?,
                }
            }
            None => self.project_mark()?,
        };
        let Some(mark) = mark else { return Ok(history.len()) };
        let parts = HistoryBytes::of(history);
        let Some(behind) = parts.behind(mark) else { return Ok(history.len()) };
        let held = parts.lines.len() - behind.len() - 1;
        let start = parts.lines[held].1.as_ptr() as usize - history.as_ptr() as usize;
        Ok(start)
    }
}

/// Where the newest lines begin that stay.
fn newest_lines(history: &[u8], kept: u64) -> usize {
    let from = history.len().saturating_sub(kept as usize);
    history[..from].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)
}

/// Whether all lines of a step stand in this part: its first one there is the first of all.
pub(super) fn begins_here(lines: &[(u32, &[u8])], step: StepId) -> bool {
    let named = wire::names_step(step);
    let first = lines.iter().find(|(_, line)| named(line));
    let head = first.and_then(|(_, line)| wire::read_head(wire::text(line).ok()?));
    head.is_some_and(|head| head.kind == StepKind::Do)
}

#[cfg(test)]
mod tests;
