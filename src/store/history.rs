//! Histories: append-only files in which a step is durable before anything else is.
//!
//! A crash while a line is appended leaves a torn end. Readers pass over it, and the
//! writer moves it aside before it appends again, so a line is either whole or not there.
//! What the lines mean to a session that undoes them is the affair of `past`, and what
//! they say about one annotation that of `trail`.

use super::archive::{Piece, begins_here};
use super::disk::Disk;
use super::error::{Cause, Problem, StoreError};
use super::folder::ProjectFolder;
use super::layout;
use super::wire::{self, Line, Mark, TextChange};
use crate::model::{AnnotatorName, ArticleId, StepId, TextHash};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Whose history of which article.
pub type Owner = (AnnotatorName, ArticleId);

/// A history file.
#[derive(Debug)]
pub(super) struct HistoryFile {
    pub(super) file: PathBuf,
    /// `None` for the history of the schema.
    pub(super) owner: Option<Owner>,
}

impl HistoryFile {
    /// One part of this history, as a file of its own.
    pub(super) fn part(self: &Arc<Self>, piece: &Piece) -> Arc<Self> {
        if piece.file == self.file {
            return Arc::clone(self);
        }
        Arc::new(Self { file: piece.file.clone(), owner: self.owner.clone() })
    }
}

/// The bytes of a history file in two parts.
pub(super) struct HistoryBytes<'a> {
    /// The whole lines, each with its number, without line feeds; of several that are too
    /// short for a step, one behind the other, the first.
    pub(super) lines: Vec<(u32, &'a [u8])>,
    /// How many lines there are.
    pub(super) count: u32,
    /// Where the torn end starts; the length of the file when there is none.
    pub(super) whole: usize,
}

impl<'a> HistoryBytes<'a> {
    /// Tells whole lines from a torn end: bytes behind the last line feed, and a last
    /// line that is no RON at all. O(n), reading only the last line.
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        let mut whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let mut count = bytes[..whole].iter().filter(|byte| **byte == b'\n').count();
        let body = bytes[..whole].strip_suffix(b"\n");
        let last = body.and_then(|body| body.rsplit(|byte| *byte == b'\n').next());
        if let Some(last) = last.filter(|last| whole == bytes.len() && is_torn(last)) {
            whole -= last.len() + 1;
            count -= 1;
        }
        // In memory a line is 24 bytes more than in the file: a million line feeds are not
        // worth that.
        let mut was_short = false;
        let all = body.into_iter().flat_map(|body| body.split(|byte| *byte == b'\n'));
        let lines = (1..).zip(all.take(count)).filter(|(_, line)| {
            let is_short = line.len() < SHORTEST;
            let is_next = std::mem::replace(&mut was_short, is_short);
            !(is_short && is_next)
        });
        Self { lines: lines.collect(), count: count as u32, whole }
    }

    /// How many lines tell of a step.
    pub(super) fn lines_of(&self, step: StepId) -> u32 {
        let named = wire::names_step(step);
        self.lines.iter().filter(|(_, line)| named(line)).count() as u32
    }

    /// Whether this part says, without those before it, which lines are behind a mark and
    /// how often the last step was done.
    pub(super) fn is_enough(&self, mark: Option<Mark>) -> bool {
        let last = self.lines.last().and_then(|(_, line)| wire::step_of(line));
        let begins = |step| begins_here(&self.lines, step);
        mark.is_some_and(|mark| begins(mark.step) && self.behind(mark).is_some())
            && last.is_none_or(begins)
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
        let named = wire::names_step(mark.step);
        let at = self.lines.iter().position(|(_, line)| {
            seen += u32::from(named(line));
            seen == mark.lines.max(1)
        })?;
        Some(&self.lines[at + 1..])
    }
}

/// No line that tells of a step is shorter, in bytes.
const SHORTEST: usize = 20;

/// The texts of the article that the lines of a history were made on, as far as the
/// corrections among them tell. A set that was left to another window when the text was
/// corrected has no line of that, so this is to be tried and not relied on.
pub(super) struct Texts {
    first: Option<TextHash>,
    /// The corrections, each with its place among the lines.
    changes: Vec<(usize, TextChange)>,
    next: Option<TextHash>,
}

impl Texts {
    /// `first` is the text before the first line and `next` the one behind the last, where
    /// they are known.
    pub(super) fn of(
        lines: &[(u32, &[u8])],
        first: Option<TextHash>,
        next: Option<TextHash>,
    ) -> Self {
        let changes = lines.iter().enumerate();
        let changes = changes.filter_map(|(at, (_, line))| Some((at, wire::text_change_of(line)?)));
        Self { first, changes: changes.collect(), next }
    }

    /// The text that a line was made on, and of a correction that which it made.
    pub(super) fn at(&self, line: usize) -> Option<TextHash> {
        let behind = self.changes.partition_point(|(at, _)| *at <= line);
        let before = behind.checked_sub(1).and_then(|last| self.changes.get(last));
        let known = before.map(|(_, change)| change.after).or(self.first);
        known.or_else(|| self.changes.get(behind).map(|(_, change)| change.before)).or(self.next)
    }

    /// The text before the first line.
    pub(super) fn before(&self) -> Option<TextHash> {
        self.first.or_else(|| self.changes.first().map(|(_, change)| change.before)).or(self.next)
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
    if wire::is_conflict_marker(line) {
        // Git wrote that, and what is between such lines is whole.
        return false;
    }
    if !line.trim_ascii_start().starts_with(b"(") {
        // A bare word is RON too.
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

/// Makes sure that a history ends with a whole line: a torn end is moved to a file of its
/// own. Gives back the length without it, and the file it was moved to.
pub(super) fn set_torn_aside(
    disk: &Disk,
    file: &Path,
) -> Result<(u64, Option<PathBuf>), StoreError> {
    let bytes = disk.read(file)?.unwrap_or_default();
    let whole = HistoryBytes::of(&bytes).whole;
    if whole == bytes.len() {
        return Ok((whole as u64, None));
    }
    let aside = keep_aside(disk, file, layout::TORN, &bytes[whole..])?;
    disk.cut(file, whole as u64)?;
    Ok((whole as u64, Some(aside)))
}

/// Puts bytes into a new file beside another one: its name, what they are, and a number
/// from one on. Gives back which.
pub(super) fn keep_aside(
    disk: &Disk,
    file: &Path,
    what: &str,
    bytes: &[u8],
) -> Result<PathBuf, StoreError> {
    let mut number = 1_u32;
    loop {
        let aside = PathBuf::from(format!("{}{what}{number}", file.display()));
        match disk.create_new(&aside, bytes) {
            Err(StoreError { cause: Cause::Exists, .. }) => number += 1,
            kept => return kept.map(|()| aside),
        }
    }
}

/// What a step is called that came with a file from elsewhere.
pub(super) const FROM_DISK: &str = "Changed on disk";

/// What is said of a set whose file names a last step and that has no history. One that came
/// with an import, or was made by hand, names none before somebody has worked on it.
pub(super) fn missing_problem(annotator: &AnnotatorName, article: &ArticleId) -> Problem {
    let history = layout::history(annotator, article);
    Problem::note(
        layout::set(annotator, article),
        None,
        "its history is missing: what was done cannot be undone or told any more",
        format!("restore {} if there is a copy; the next step begins a new one", history.display()),
    )
}

/// What is said of a history that was begun anew because the one before it was missing; `None`
/// for others. `first` is the first line of all.
pub(super) fn begun_anew_problem(file: &Path, first: &[u8]) -> Option<Problem> {
    let head = wire::text(first).ok().and_then(wire::read_head)?;
    let what = "begins behind steps whose own history was missing: what was done before cannot be \
                undone or told any more";
    let remedy = "put the lines of that history before the first one if there is a copy";
    (head.what == FROM_DISK).then(|| Problem::note(file, Some(1), what, remedy))
}

/// What a torn end is called.
pub(super) fn torn_problem(file: &Path, lines: u32) -> Problem {
    Problem::note(
        file,
        Some(lines + 1),
        "the last line was cut short by a crash before it was reported saved",
        "nothing to do; it is kept in a file beside this one when the next step is saved",
    )
}

impl ProjectFolder {
    /// All history files there are, and that of the schema.
    pub(super) fn history_files(
        &self,
        problems: &mut Vec<Problem>,
    ) -> Result<Vec<HistoryFile>, StoreError> {
        let mut files = vec![HistoryFile { file: layout::schema_history(), owner: None }];
        for annotator in self.annotators_in(layout::HISTORY, problems)? {
            let folder = Path::new(layout::HISTORY).join(annotator.as_str());
            let articles = match self.article_files(&folder, problems) {
                // A folder that is none of the project's keeps nobody from the others.
                Err(error) if !error.is_passing() => {
                    problems.push(Problem::from(&error));
                    continue;
                }
                articles => articles?,
            };
            for article in articles {
                let file = layout::history(&annotator, &article);
                files.push(HistoryFile { file, owner: Some((annotator.clone(), article)) });
            }
        }
        Ok(files)
    }
}
