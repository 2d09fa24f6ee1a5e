//! Lines within a history that cannot be read: a failing disk, an editor, a merge by hand.
//!
//! The history is kept whole beside itself, and goes on without them. Where one was stands a
//! line that says so: the audit has every line that can be read, and undo stops there. What
//! the annotation file holds is the truth, and lines that it does not hold yet are still
//! taken over as far as they fit without the missing one.
//!
//! A line that another version may have written whole is not spoiled, and stays.

use super::{Repair, file_name};
use crate::edit::StepKind;
use crate::model::{AnnotatorName, IdSource, StepId};
use crate::store::error::{Cause, StoreError};
use crate::store::history::{HistoryBytes, Owner, keep_aside, read_line};
use crate::store::layout;
use crate::store::load::LoadedSet;
use crate::store::wire::{self, Mark};
use jiff::Timestamp;
use std::path::Path;
use std::sync::Arc;

/// How many steps that do not fit without a missing one are looked for one by one.
const MISFITS: usize = 100;

/// Who writes lines that nobody made.
const PROGRAM: &str = "copydesk";

/// A history without its spoiled lines.
struct Cleaned {
    /// Its lines, with one in the place of each that was spoiled.
    lines: Vec<String>,
    /// How many were.
    spoiled: usize,
    /// The number of the first.
    first: u32,
    /// Which of the lines stand for ones whose step cannot be read.
    nameless: Vec<usize>,
}

/// The lines that stand in the place of others.
struct Gaps {
    at: Timestamp,
    by: AnnotatorName,
    ids: IdSource,
}

impl Gaps {
    /// One in the place of a line, which keeps its step: files name their last line by that.
    fn of(&mut self, line: &[u8]) -> (Option<StepId>, String) {
        let known = wire::step_of(line);
        let head = std::str::from_utf8(line).ok().and_then(wire::read_head);
        // Of one whose kind is not known nobody may think that it was its step's first.
        let unknown = if known.is_some() { StepKind::Undo } else { StepKind::Do };
        let kind = head.map_or(unknown, |head| head.kind);
        let step = known.unwrap_or_else(|| self.ids.step());
        (known, wire::write_gap(step, kind, (self.at, &self.by)))
    }
}

impl Repair<'_> {
    /// Takes the lines out of a history and its archives that cannot be read.
    pub(super) fn take_out_spoiled(
        &mut self,
        history: &Path,
        owner: Option<&Owner>,
    ) -> Result<(), StoreError> {
        let Ok(by) = AnnotatorName::new(PROGRAM) else { return Ok(()) };
        let mut gaps = Gaps { at: self.folder.stamp(), by, ids: IdSource::random() };
        let mut files = self.folder.archives(history)?;
        files.push(history.to_owned());
        for file in files {
            let Some(bytes) = self.folder.disk().read(&file)? else { continue };
            let Some(mut cleaned) = cleaned(&bytes, &mut gaps) else { continue };
            let mut left_out = 0;
            let mut lines = cleaned.lines.concat();
            if let Some(owner) = owner.filter(|_| file == history) {
                self.name_gap(owner, &mut cleaned, &gaps)?;
                lines = cleaned.lines.concat();
                left_out = self.keep_set(owner, &cleaned.lines, &mut gaps, &mut lines)?;
            }
            let aside = keep_aside(self.folder.disk(), history, layout::TORN, &bytes)?;
            self.replace(&file, &lines)?;
            let Cleaned { spoiled, first, .. } = cleaned;
            let which = match spoiled {
                1 => format!("line {first} could not be read and is"),
                more => format!(
                    "{more} lines, the first of them line {first}, could not be read and are"
                ),
            };
            let misfits = match left_out {
                0 => String::new(),
                1 => "; 1 later step does not fit without that and stands there alone".to_owned(),
                more => {
                    format!("; {more} later steps do not fit without that and stand there alone")
                }
            };
            self.did(&file, format!(
                "{which} out; undo reaches back to there{misfits}; {} has the history as it was",
                file_name(&aside)
            ));
        }
        Ok(())
    }

    /// Where the annotation file names a last step that no line has, it was the spoiled one:
    /// what stands behind that is still to be taken over.
    fn name_gap(
        &mut self,
        (annotator, id): &Owner,
        cleaned: &mut Cleaned,
        gaps: &Gaps,
    ) -> Result<(), StoreError> {
        let Ok(article) = self.folder.read_article(id).map(Arc::new) else { return Ok(()) };
        let bytes = self.folder.disk().read(&layout::set(annotator, id))?;
        let lines = cleaned.lines.concat();
        let lines = Some(lines.as_bytes());
        let Ok(loaded) = self.folder.load_bytes(&article, annotator, bytes.as_deref(), lines)
        else {
            return Ok(());
        };
        let Some(mark) = loaded.mark.filter(|_| !loaded.is_known) else { return Ok(()) };
        match cleaned.nameless[..] {
            [] => {}
            [at] => {
                // Nobody may think that it was its step's first.
                let gap = wire::write_gap(mark.step, StepKind::Undo, (gaps.at, &gaps.by));
                cleaned.lines[at] = gap;
            }
            [..] => {
                let what = "cannot be read in several places, and nobody can tell which of them \
                            held the last step that the annotation file has";
                let file = layout::history(annotator, id);
                return Err(StoreError::new(file, Cause::BadValue(what.to_owned())));
            }
        }
        Ok(())
    }

    /// Sees to it that the set can be read with the lines of its history: where lines that
    /// its file lacks do not fit without a missing one, the file is written without them,
    /// and undo stops behind them. Gives back how many these are.
    fn keep_set(
        &mut self,
        (annotator, id): &Owner,
        lines: &[String],
        gaps: &mut Gaps,
        history: &mut String,
    ) -> Result<usize, StoreError> {
        let article = match self.folder.read_article(id) {
            Ok(article) => Arc::new(article),
            Err(error) if may_be_read_later(&error) => return Err(error),
            // Without its article nothing can be said of a set.
            Err(_) => return Ok(0),
        };
        let file = layout::set(annotator, id);
        let bytes = self.folder.disk().read(&file)?;
        let (mut tried, mut last) = (lines.to_vec(), None);
        for left_out in 0..=MISFITS {
            let all = tried.concat();
            let loaded =
                self.folder.load_bytes(&article, annotator, bytes.as_deref(), Some(all.as_bytes()));
            let error = match loaded {
                Ok(_) if left_out == 0 => return Ok(0),
                Ok(loaded) => {
                    self.end_here(&loaded, gaps, history)?;
                    return Ok(left_out);
                }
                // Without the lines that are spoiled nobody would look for misfits again.
                Err(error) if may_be_read_later(&error) => return Err(error),
                Err(error) => error,
            };
            let is_here = error.file == layout::history(annotator, id);
            let is_misfit = matches!(error.cause, Cause::Step { .. });
            if error.file == file {
                // That is another fault, with a repair of its own.
                return Ok(0);
            }
            let at = error.line.filter(|_| is_here && is_misfit);
            let at = at.and_then(|line| line.checked_sub(1));
            // What another version wrote, or an archive lacks, is no misfit to be left out.
            let Some(line) = at.and_then(|at| tried.get_mut(at as usize)) else {
                return Err(error);
            };
            *line = gaps.of(line.as_bytes()).1;
            last = Some(error);
        }
        last.map_or(Ok(0), Err)
    }

    /// Writes a set that has not all that its history says, so that it names a line behind
    /// that.
    fn end_here(
        &mut self,
        loaded: &LoadedSet,
        gaps: &mut Gaps,
        history: &mut String,
    ) -> Result<(), StoreError> {
        let (_, gap) = gaps.of(b"");
        let mark = wire::step_of(gap.as_bytes()).map(|step| Mark { step, lines: 1 });
        history.push_str(&gap);
        // The file first: it names a line that is not there yet, and is read as it is.
        let file = layout::set(loaded.set.annotator(), loaded.set.article().id());
        self.replace(&file, &wire::write_set(&loaded.set, mark))
    }
}

/// Whether something could not be read just now, and not because of what it is.
fn may_be_read_later(error: &StoreError) -> bool {
    error.is_passing() && !matches!(error.cause, Cause::NotFound)
}

/// A history without its spoiled lines; `None` where it has none, or where git left a
/// conflict in it.
fn cleaned(bytes: &[u8], gaps: &mut Gaps) -> Option<Cleaned> {
    let parts = HistoryBytes::of(bytes);
    if parts.lines.iter().any(|(_, line)| wire::is_conflict_marker(line)) {
        return None;
    }
    let mut cleaned = Cleaned { lines: Vec::new(), spoiled: 0, first: 0, nameless: Vec::new() };
    let mut was_nameless = false;
    for (number, line) in parts.lines {
        let Some(line) = whole(number, line) else {
            if cleaned.spoiled == 0 {
                cleaned.first = number;
            }
            cleaned.spoiled += 1;
            let (step, gap) = gaps.of(line);
            // One line is enough for what is no history at all.
            if step.is_none() && !std::mem::replace(&mut was_nameless, true) {
                cleaned.nameless.push(cleaned.lines.len());
                cleaned.lines.push(gap);
            } else if step.is_some() {
                cleaned.lines.push(gap);
            }
            continue;
        };
        was_nameless = false;
        cleaned.lines.push(format!("{line}\n"));
    }
    (cleaned.spoiled > 0).then_some(cleaned)
}

/// A line that is not spoiled: that can be read, or that another version may read.
fn whole(number: u32, line: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(line).ok()?;
    match read_line(Path::new(""), number, line).map_err(|error| error.cause) {
        Ok(_) => Some(text),
        Err(Cause::UnknownField(_) | Cause::Syntax(_)) => {
            let is_ron = ron::value::RawValue::from_ron(text).is_ok();
            (is_ron && wire::step_of(line).is_some()).then_some(text)
        }
        Err(_) => None,
    }
}
