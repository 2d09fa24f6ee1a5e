//! Histories: append-only files in which a step is durable before anything else is.
//!
//! A crash while a line is appended leaves a torn end. Readers pass over it, and the
//! writer moves it aside before it appends again, so a line is either whole or not there.
//! [`ProjectFolder::read_steps`] gives a session its undo history back after a restart.

use super::error::{Cause, Problem, StoreError};
use super::folder::ProjectFolder;
use super::layout;
use super::wire::{self, Line, LineChange, Mark};
use crate::edit::{Change, Step, StepKind, Transaction};
use crate::model::{AnnotatorName, ArticleId, StepId};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A step and how it came to be written down: done, undone or done again.
pub type RecordedStep = (StepKind, Arc<Step>);

/// Whose history of which article.
type Owner = (AnnotatorName, ArticleId);

/// A history file.
pub(super) struct HistoryFile {
    pub(super) file: PathBuf,
    /// `None` for the history of the schema.
    pub(super) owner: Option<Owner>,
}

/// The bytes of a history file in two parts.
pub(super) struct HistoryBytes<'a> {
    /// The whole lines, each with its number, without line feeds.
    pub(super) lines: Vec<(u32, &'a [u8])>,
    /// Where the torn end starts; the length of the file when there is none.
    pub(super) whole: usize,
}

impl<'a> HistoryBytes<'a> {
    /// Tells whole lines from a torn end: bytes behind the last line feed, and a last
    /// line that is no RON at all. O(n), reading only the last line.
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        let mut whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        // Counted first, so that a file of short lines takes no more than it must.
        let count = bytes.iter().filter(|byte| **byte == b'\n').count();
        let mut lines = Vec::with_capacity(count + 1);
        lines.extend((1..).zip(bytes[..whole].split(|byte| *byte == b'\n')));
        // What stands behind the last line feed is not a line.
        lines.pop();
        if let Some((_, last)) = lines.last()
            && whole == bytes.len()
            && is_torn(last)
        {
            whole -= last.len() + 1;
            lines.pop();
        }
        Self { lines, whole }
    }

    /// How many lines tell of a step.
    pub(super) fn lines_of(&self, step: StepId) -> u32 {
        self.lines.iter().filter(|(_, line)| wire::names_step(line, step)).count() as u32
    }

    /// The mark of the last line that can be read.
    pub(super) fn last_mark(&self) -> Option<Mark> {
        let lines = self.lines.iter().rev();
        let mut steps = lines.filter_map(|(number, line)| {
            read_line(Path::new(""), *number, line).ok().map(|line| line.step)
        });
        let step = steps.next()?;
        Some(Mark { step, lines: self.lines_of(step) })
    }

    /// The lines behind a mark; `None` where the mark is not in this history.
    pub(super) fn behind(&self, mark: Mark) -> Option<&[(u32, &'a [u8])]> {
        let mut seen = 0;
        let at = self.lines.iter().position(|(_, line)| {
            seen += u32::from(wire::names_step(line, mark.step));
            seen == mark.lines.max(1)
        })?;
        Some(&self.lines[at + 1..])
    }
}

/// A line that this or a newer version wrote whole is RON, even if it holds what this
/// version does not know; only what a crash left is not.
fn is_torn(line: &[u8]) -> bool {
    // Blocks that a power cut kept from the disk read as zero. Within a string that would
    // still be RON, but no line is written with a NUL in it.
    if line.contains(&0) {
        return true;
    }
    let read = wire::text(line).and_then(wire::read_line);
    match read.map_err(|fault| fault.of(Path::new(""), 0).cause) {
        Err(Cause::NotUtf8 | Cause::TooDeep) => true,
        Err(Cause::Syntax(_)) => !std::str::from_utf8(line)
            .is_ok_and(|line| ron::value::RawValue::from_ron(line).is_ok()),
        _ => false,
    }
}

/// Reads one line of a history file.
pub(super) fn read_line(file: &Path, number: u32, line: &[u8]) -> Result<Line, StoreError> {
    let read = wire::text(line).and_then(wire::read_line);
    read.map_err(|fault| {
        let mut error = fault.of(file, number - 1);
        error.line = Some(number);
        error
    })
}

/// How many lines of a history that cannot be read are named one by one.
const NAMED: usize = 20;
/// After how many of them a file is no history, and reading it is given up.
const TOO_MANY: usize = 1000;

/// The lines of a history that cannot be read: a file that is no history may have
/// millions, and neither a list of them all nor the time to read them would help anybody.
pub(super) struct BadLines<'a> {
    file: &'a Path,
    count: usize,
}

impl<'a> BadLines<'a> {
    pub(super) fn of(file: &'a Path) -> Self {
        Self { file, count: 0 }
    }

    /// Puts one on the list; false when it was one too many.
    pub(super) fn add(&mut self, error: &StoreError, problems: &mut Vec<Problem>) -> bool {
        self.count += 1;
        if self.count <= NAMED {
            problems.push(Problem::from(error));
        }
        if self.count == TOO_MANY {
            let what = "is no history: hundreds of its lines cannot be read, and the rest was not";
            let remedy = "restore it from a copy, or move it away";
            problems.push(Problem::fault(self.file, error.line, what, remedy));
        }
        self.count < TOO_MANY
    }
}

/// What a torn end is called.
pub(super) fn torn_problem(file: &Path, lines: usize) -> Problem {
    Problem::note(
        file,
        Some(lines as u32 + 1),
        "the last line was cut short by a crash before it was reported saved",
        "nothing to do; it is kept in a file beside this one when the next step is saved",
    )
}

impl ProjectFolder {
    /// Every step that an annotator did, undid or did again, oldest first, with what was
    /// noticed on the way.
    ///
    /// A step comes with the changes of all files that it touched, as originally done,
    /// also where the line is that of an undo. Lines that cannot be read are left out and
    /// reported.
    ///
    /// # Errors
    /// When a history cannot be reached, but not for what it holds.
    pub fn read_steps(
        &self,
        by: &AnnotatorName,
    ) -> Result<(Vec<RecordedStep>, Vec<Problem>), StoreError> {
        let mut records = Records::default();
        for HistoryFile { file, owner } in self.history_files(&mut records.problems)? {
            if let Some(bytes) = self.disk().read(&file)? {
                records.add_file(&file, owner.as_ref(), &bytes, by);
            }
        }
        Ok(records.into_steps())
    }

    /// All history files there are, and that of the schema.
    pub(super) fn history_files(
        &self,
        problems: &mut Vec<Problem>,
    ) -> Result<Vec<HistoryFile>, StoreError> {
        let mut files = vec![HistoryFile { file: layout::schema_history(), owner: None }];
        for annotator in self.annotators_in(layout::HISTORY, problems)? {
            let folder = Path::new(layout::HISTORY).join(annotator.as_str());
            for article in self.article_files(&folder, problems)? {
                let file = layout::history(&annotator, &article);
                files.push(HistoryFile { file, owner: Some((annotator.clone(), article)) });
            }
        }
        Ok(files)
    }
}

/// One doing of a step, in however many files: the n-th line of it in each.
type Event = (StepId, u32);

#[derive(Default)]
struct Records {
    /// For each file its events in order.
    files: Vec<Vec<usize>>,
    /// Each event with its kind and time, in the order they were found.
    events: Vec<(Event, StepKind, Timestamp)>,
    known: HashMap<Event, usize>,
    steps: HashMap<StepId, Step>,
    problems: Vec<Problem>,
}

impl Records {
    fn add_file(&mut self, file: &Path, owner: Option<&Owner>, bytes: &[u8], by: &AnnotatorName) {
        let history = HistoryBytes::of(bytes);
        if history.whole < bytes.len() {
            self.problems.push(torn_problem(file, history.lines.len()));
        }
        let mut counts: HashMap<StepId, u32> = HashMap::new();
        let mut order = Vec::new();
        let mut bad = BadLines::of(file);
        for (number, line) in &history.lines {
            match read_line(file, *number, line) {
                Ok(line) if line.by == *by => {
                    let count = counts.entry(line.step).or_default();
                    *count += 1;
                    order.push(self.add_line(owner, line, *count));
                }
                Ok(_) => {}
                Err(error) => {
                    if !bad.add(&error, &mut self.problems) {
                        break;
                    }
                }
            }
        }
        self.files.push(order);
    }

    fn add_line(&mut self, owner: Option<&Owner>, line: Line, count: u32) -> usize {
        let event = (line.step, count);
        let (kind, at) = (line.kind, line.at);
        if count == 1 {
            self.add_change(owner, line);
        }
        *self.known.entry(event).or_insert_with(|| {
            self.events.push((event, kind, at));
            self.events.len() - 1
        })
    }

    fn add_change(&mut self, owner: Option<&Owner>, line: Line) {
        let Line { step: id, at, by, what, kind, change } = line;
        let plain = |edits: Vec<wire::StoredEdit>| {
            Transaction::from(edits.into_iter().map(|stored| stored.edit).collect::<Vec<_>>())
        };
        let change = match (change, owner) {
            (LineChange::Set { edits, inverse }, Some((annotator, article))) => Change::Set {
                article: article.clone(),
                annotator: annotator.clone(),
                forward: plain(edits),
                backward: plain(inverse),
            },
            (LineChange::Schema { after, before }, _) => Change::Schema { before, after },
            (LineChange::Set { .. }, None) => return,
        };
        let change = if kind == StepKind::Undo { change.inverse() } else { change };
        let step = self.steps.entry(id).or_insert(Step { id, at, by, what, changes: Vec::new() });
        step.changes.push(change);
    }

    /// Puts the events in an order that agrees with that of every file, and with the
    /// clock wherever the files leave a choice; a clock that jumped back cannot put the
    /// lines of one file out of order.
    fn into_steps(self) -> (Vec<RecordedStep>, Vec<Problem>) {
        let mut next: Vec<Vec<usize>> = vec![Vec::new(); self.events.len()];
        let mut waiting = vec![0_usize; self.events.len()];
        for pair in self.files.iter().flat_map(|file| file.windows(2)) {
            next[pair[0]].push(pair[1]);
            waiting[pair[1]] += 1;
        }
        let due = |event: usize| Reverse((self.events[event].2, event));
        let mut ready: BinaryHeap<_> =
            (0..waiting.len()).filter(|event| waiting[*event] == 0).map(due).collect();
        let mut order = Vec::with_capacity(self.events.len());
        while let Some(Reverse((_, event))) = ready.pop() {
            order.push(event);
            for after in &next[event] {
                waiting[*after] -= 1;
                if waiting[*after] == 0 {
                    ready.push(due(*after));
                }
            }
        }
        // Files that contradict each other, as a merge by hand leaves them, form circles.
        let mut circles: Vec<_> = (0..waiting.len()).filter(|event| waiting[*event] > 0).collect();
        circles.sort_by_key(|event| self.events[*event].2);
        order.extend(circles);
        let steps: HashMap<_, _> =
            self.steps.into_iter().map(|(id, step)| (id, Arc::new(step))).collect();
        let found = order.into_iter().filter_map(|event| {
            let ((id, _), kind, _) = self.events[event];
            Some((kind, steps.get(&id)?.clone()))
        });
        (found.collect(), self.problems)
    }
}
