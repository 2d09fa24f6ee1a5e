//! What an annotator did before: the steps of the histories, newest first, without
//! waiting for all of them.
//!
//! A history is opened to be undone, one step after the other, and hardly ever to its
//! end. So only the heads of the lines are read (who, when, what it is called), the
//! lines are kept as they stand, and a step is made of them when somebody undoes it. Of a
//! project with a hundred thousand histories the newest steps come first: files that
//! were changed last are read first, and reading ends where no unread file can hold
//! anything newer. Whoever wants more asks again for more.

mod parts;

pub use parts::PastStep;

use super::archive::{Piece, Pieces};
use super::error::{Problem, StoreError};
use super::folder::ProjectFolder;
use super::history::{BadLines, FROM_DISK, HistoryFile, Texts, read_line};
use super::layout;
use super::wire::{self, Head, Line};
use crate::edit::{Earlier, OnRecord, Step, StepKind};
use crate::model::{AnnotatorName, ArticleId, StepId, TextHash};
use jiff::Timestamp;
use parts::Part;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// A step and how it came to be written down: done, undone or done again.
pub type RecordedStep = (StepKind, Arc<Step>);

/// The newest steps of an annotator.
#[derive(Debug)]
pub struct PastSteps {
    /// Each doing of a step, oldest first, in an order that agrees with every file.
    pub steps: Vec<Earlier<Arc<PastStep>>>,
    /// Whether there are older ones.
    pub has_more: bool,
    /// What was noticed on the way.
    pub problems: Vec<Problem>,
}

impl ProjectFolder {
    /// The newest steps that an annotator did, undid or did again: at least `most` of
    /// them where there are as many. Every step comes whole, with its changes in all
    /// files. `stop` is asked between files; when it says so, what was read so far comes.
    ///
    /// O(f log f) for f histories, and O(n) for the bytes of those changed last.
    ///
    /// # Errors
    /// When a history cannot be reached, but not for what it holds.
    pub fn past_steps(
        &self,
        by: &AnnotatorName,
        most: usize,
        stop: &dyn Fn() -> bool,
    ) -> Result<PastSteps, StoreError> {
        let mut newest = Newest::new(by, most);
        let found = self.history_files(&mut newest.problems)?;
        let (schema, found): (Vec<_>, _) = found.into_iter().partition(|file| file.owner.is_none());
        // First, so that it is known of every line whether its step reaches everywhere.
        for file in schema {
            newest.add_history(self, &Arc::new(file), true)?;
        }
        let mut files = Vec::with_capacity(found.len());
        for file in found {
            // Without a time, as on some network shares, a file is read in any case.
            let at = self.disk().modified(&file.file)?.unwrap_or(Timestamp::MAX);
            files.push((at, Arc::new(file)));
        }
        files.sort_by_key(|(at, _)| Reverse(*at));
        let mut read = 0;
        for (at, file) in &files {
            if newest.is_before_all(*at) || stop() {
                break;
            }
            read += 1;
            newest.add_history(self, file, true)?;
        }
        newest.is_cut |= read < files.len();
        Ok(newest.into_steps(self))
    }

    /// The steps of one article that touched nothing else, newest last: what can be
    /// undone there at once, while [`Self::past_steps`] looks through everything.
    ///
    /// # Errors
    /// As for [`Self::past_steps`].
    pub fn past_steps_of(
        &self,
        by: &AnnotatorName,
        article: &ArticleId,
    ) -> Result<PastSteps, StoreError> {
        let mut newest = Newest::new(by, usize::MAX);
        let owner = Some((by.clone(), article.clone()));
        let of_article = HistoryFile { file: layout::history(by, article), owner };
        for file in [HistoryFile { file: layout::schema_history(), owner: None }, of_article] {
            newest.add_history(self, &Arc::new(file), false)?;
        }
        let mut past = newest.into_steps(self);
        // A change of the schema reaches into files that were not read, and nothing
        // before it can be undone without it.
        let last = past.steps.iter().rposition(|doing| doing.step.changes_schema());
        past.steps.drain(..last.map_or(0, |last| last + 1));
        past.has_more = true;
        Ok(past)
    }

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
        let PastSteps { steps, mut problems, .. } = self.past_steps(by, usize::MAX, &|| false)?;
        let mut known: HashMap<StepId, Option<Arc<Step>>> = HashMap::new();
        let mut recorded = Vec::with_capacity(steps.len());
        for Earlier { kind, step, .. } in steps {
            let read = known.entry(step.id()).or_insert_with(|| match step.read(&|_| None) {
                Ok(step) => Some(Arc::new(step)),
                Err(error) => {
                    problems.push(Problem::from(&error));
                    None
                }
            });
            recorded.extend(read.clone().map(|step| (kind, step)));
        }
        Ok((recorded, problems))
    }
}

/// One doing of a step, in however many files: the n-th line of it in each.
type Event = (StepId, u32);

/// A line with what its head says.
struct Doing {
    head: Head,
    count: u32,
    /// `None` for what a change of the schema did to a set: there may be one in every file.
    part: Option<Part>,
    /// It changed nothing and only names the last step of a file that came without its
    /// history.
    is_name_alone: bool,
}

/// The newest lines of the files read so far.
struct Newest<'a> {
    by: &'a AnnotatorName,
    most: usize,
    /// For each file its lines in order, from the first that is new enough.
    files: Vec<Vec<Doing>>,
    /// The times of the newest steps, `most` of them, the oldest on top.
    times: BinaryHeap<Reverse<Timestamp>>,
    /// The steps that changed the schema.
    of_schema: HashSet<StepId>,
    /// Steps that stand before a line that cannot be read, or that are of it, in any history.
    barred: HashSet<StepId>,
    /// A change of the schema that cannot be read was made before this, and nothing before it
    /// can be undone without it, in whichever set.
    barred_before: Timestamp,
    /// Whether lines were left out because they are too old.
    is_cut: bool,
    problems: Vec<Problem>,
}

impl<'a> Newest<'a> {
    fn new(by: &'a AnnotatorName, most: usize) -> Self {
        let (files, times, problems) = (Vec::new(), BinaryHeap::new(), Vec::new());
        let (most, of_schema, barred) = (most.max(1), HashSet::new(), HashSet::new());
        let barred_before = Timestamp::MIN;
        Self { by, most, files, times, of_schema, barred, barred_before, is_cut: false, problems }
    }

    /// The time of the oldest step that is wanted, once there are enough.
    fn oldest(&self) -> Option<Timestamp> {
        let Reverse(oldest) = self.times.peek()?;
        (self.times.len() >= self.most).then_some(*oldest)
    }

    /// Whether a file last changed at this time holds nothing that is wanted.
    fn is_before_all(&self, at: Timestamp) -> bool {
        // Some file systems cut times to two seconds.
        let coarse = jiff::SignedDuration::from_secs(2);
        self.oldest().is_some_and(|oldest| at.saturating_add(coarse).is_ok_and(|at| at < oldest))
    }

    /// Takes in a history: its newest part, and as many older ones as are wanted, or as
    /// it takes to know how often each step was done.
    fn add_history(
        &mut self,
        folder: &ProjectFolder,
        file: &Arc<HistoryFile>,
        is_older_wanted: bool,
    ) -> Result<(), StoreError> {
        let mut pieces = folder.pieces(&file.file)?;
        let mut next = None;
        let (mut doings, mut is_barred) = self.doings(pieces.live()?, file, &mut next);
        loop {
            if is_barred {
                self.bar_older(&mut pieces, file)?;
                break;
            }
            let first = doings.first().map(|doing| doing.head.at);
            let is_wanted = is_older_wanted
                && first.zip(self.oldest()).is_none_or(|(first, oldest)| first >= oldest);
            if !is_wanted && begin_here(&doings) {
                break;
            }
            let Some(piece) = pieces.older()? else { break };
            let older;
            (older, is_barred) = self.doings(&piece, file, &mut next);
            doings.splice(0..0, older);
        }
        self.is_cut |= pieces.has_older();
        if let Some(latest) = doings.iter().map(|doing| doing.head.at).max() {
            folder.saw_step(latest);
        }
        self.add_doings(counted(without_mere_names(doings)));
        Ok(())
    }

    /// Bars all steps of the parts of a history that were not read yet.
    fn bar_older(
        &mut self,
        pieces: &mut Pieces<'_>,
        file: &Arc<HistoryFile>,
    ) -> Result<(), StoreError> {
        while let Some(piece) = pieces.older()? {
            let (mut older, _) = self.doings(&piece, file, &mut None);
            self.bar_with(None, &mut older);
        }
        Ok(())
    }

    /// Bars a step whose line is missing, where it is known, and those before it.
    fn bar_with(&mut self, missing: Option<StepId>, before: &mut Vec<Doing>) {
        self.barred.extend(missing);
        self.barred.extend(before.drain(..).map(|doing| doing.head.step));
    }

    /// The lines of this annotator in a part of a history that can be undone, and whether
    /// nothing before them can: a line is missing there. `next` is the text that the part
    /// behind it begins with, where that is known, and then the one that this begins with.
    fn doings(
        &mut self,
        piece: &Piece,
        file: &Arc<HistoryFile>,
        next: &mut Option<TextHash>,
    ) -> (Vec<Doing>, bool) {
        // A torn end is no concern of undo, and may be a line that is just being written.
        let lines = piece.lines();
        let mut doings = Vec::new();
        let mut bad = BadLines::of(&piece.file);
        let of_piece = file.part(piece);
        let texts = Texts::of(&lines, None, *next);
        *next = texts.before();
        // Before when the line was made that is missing.
        let mut missing_before = None;
        let mut spoiled = None;
        let mut is_barred = false;
        for (at, (number, line)) in lines.into_iter().enumerate() {
            match head_of(&piece.file, number, line) {
                Ok(head) if head.is_of_gap(line) => {
                    is_barred = true;
                    missing_before = Some(head.at);
                    self.bar_with(Some(head.step), &mut doings);
                }
                Ok(head) if head.by == *self.by => {
                    missing_before = missing_before.map(|before| before.min(head.at));
                    if file.owner.is_none() {
                        self.of_schema.insert(head.step);
                    }
                    let is_counted = file.owner.is_some() && self.of_schema.contains(&head.step);
                    let part = (!is_counted).then(|| {
                        self.count(head.at);
                        Part::of(&of_piece, (number, line), texts.at(at))
                    });
                    let is_name_alone = head.what == FROM_DISK && wire::says_nothing(line);
                    doings.push(Doing { head, count: 0, part, is_name_alone });
                }
                Ok(head) => missing_before = missing_before.map(|before| before.min(head.at)),
                Err(error) => {
                    is_barred = true;
                    missing_before = Some(Timestamp::MAX);
                    spoiled = Some(number);
                    self.bar_with(wire::step_of(line), &mut doings);
                    if !bad.add(&error, &mut self.problems) {
                        break;
                    }
                }
            }
        }
        if let Some(before) = missing_before.filter(|_| file.owner.is_none()) {
            self.barred_before = self.barred_before.max(before);
        }
        self.problems.extend(spoiled.map(|line| end_of_undo(&piece.file, line)));
        (doings, is_barred)
    }

    /// Counts one more step.
    fn count(&mut self, at: Timestamp) {
        self.times.push(Reverse(at));
        if self.times.len() > self.most {
            self.times.pop();
        }
    }

    fn add_doings(&mut self, mut doings: Vec<Doing>) {
        // From the first line that is new enough on: a clock that jumped back tears no
        // hole into the order of a file.
        let oldest = self.oldest().unwrap_or(Timestamp::MIN);
        let from = doings.iter().position(|doing| doing.head.at >= oldest).unwrap_or(doings.len());
        self.is_cut |= from > 0;
        doings.drain(..from);
        self.files.push(doings);
    }

    fn into_steps(mut self, folder: &ProjectFolder) -> PastSteps {
        self.drop_older();
        self.drop_barred();
        let mut events = Events::default();
        for doings in self.files {
            events.add_file(doings);
        }
        let steps = events.into_steps(folder);
        PastSteps { steps, has_more: self.is_cut, problems: self.problems }
    }

    /// A step of several files of which one cannot be undone is not undone in the others, and
    /// neither is what stands before it there.
    fn drop_barred(&mut self) {
        let before = self.barred_before;
        let mut has_changed = !self.barred.is_empty() || before > Timestamp::MIN;
        while has_changed {
            has_changed = false;
            for doings in &mut self.files {
                let is_barred = |doing: &Doing| {
                    doing.head.at < before || self.barred.contains(&doing.head.step)
                };
                let Some(last) = doings.iter().rposition(is_barred) else { continue };
                has_changed = true;
                self.barred.extend(doings.drain(..=last).map(|doing| doing.head.step));
            }
        }
    }

    /// Files that were read before there were enough may hold more than is wanted.
    fn drop_older(&mut self) {
        let Some(oldest) = self.oldest() else { return };
        for doings in &mut self.files {
            let from = doings.iter().position(|doing| doing.head.at >= oldest);
            self.is_cut |= from != Some(0) && !doings.is_empty();
            doings.drain(..from.unwrap_or(doings.len()));
        }
    }
}

/// What is said of the last line of a history that cannot be read.
fn end_of_undo(file: &Path, line: u32) -> Problem {
    let what = "undo reaches back to this line and no further";
    let remedy = "restore the file from a copy, or run `copydesk check --repair` to go on without \
                  the line";
    Problem::note(file, Some(line), what, remedy)
}

/// Counts how often each step was done or taken back. A second line that says the same as the
/// one before is of the same doing: a change of the schema came back for what was annotated
/// meanwhile.
fn counted(mut doings: Vec<Doing>) -> Vec<Doing> {
    let mut last: HashMap<StepId, (u32, bool)> = HashMap::new();
    doings.retain_mut(|doing| {
        let is_undo = doing.head.kind == StepKind::Undo;
        let (count, was_undo) = last.entry(doing.head.step).or_insert((0, !is_undo));
        if *was_undo == is_undo {
            return false;
        }
        (*count, *was_undo) = (*count + 1, is_undo);
        doing.count = *count;
        true
    });
    doings
}

/// Leaves out the steps of which nothing is known but that they were: there is nothing to undo.
fn without_mere_names(mut doings: Vec<Doing>) -> Vec<Doing> {
    let mut told: HashSet<StepId> = HashSet::new();
    told.extend(doings.iter().filter(|doing| !doing.is_name_alone).map(|doing| doing.head.step));
    doings.retain(|doing| !doing.is_name_alone || told.contains(&doing.head.step));
    doings
}

/// Whether no step of these was done before them.
fn begin_here(doings: &[Doing]) -> bool {
    let mut known = HashSet::new();
    doings.iter().all(|Doing { head, .. }| !known.insert(head.step) || head.kind == StepKind::Do)
}

/// The head of a line, read in full where it does not stand as this program writes it.
fn head_of(file: &Path, number: u32, line: &[u8]) -> Result<Head, StoreError> {
    if let Some(head) = std::str::from_utf8(line).ok().and_then(wire::read_head) {
        return Ok(head);
    }
    let Line { step, at, by, what, kind, .. } = read_line(file, number, line)?;
    Ok(Head { step, at, by, what, kind })
}

#[derive(Default)]
struct Events {
    /// For each file its events in order.
    files: Vec<Vec<usize>>,
    /// Each event with its kind and time, in the order they were found.
    events: Vec<(Event, StepKind, Timestamp)>,
    known: HashMap<Event, usize>,
    steps: HashMap<StepId, (Head, Vec<Part>)>,
}

impl Events {
    fn add_file(&mut self, doings: Vec<Doing>) {
        let mut order = Vec::with_capacity(doings.len());
        for Doing { head, count, part, .. } in doings {
            let event = (head.step, count);
            order.push(*self.known.entry(event).or_insert_with(|| {
                self.events.push((event, head.kind, head.at));
                self.events.len() - 1
            }));
            // One line of a file says what the step changed there, whichever it is.
            let (_, parts) = self.steps.entry(head.step).or_insert((head, Vec::new()));
            let is_other =
                |part: &Part| parts.last().is_none_or(|last| last.file.owner != part.file.owner);
            if let Some(part) = part.filter(is_other) {
                parts.push(part);
            }
        }
        self.files.push(order);
    }

    fn into_steps(self, folder: &ProjectFolder) -> Vec<Earlier<Arc<PastStep>>> {
        let order = in_order(&self.files, &self.events);
        let whole = |(id, (head, parts)): (StepId, (Head, Vec<Part>))| {
            (id, Arc::new(PastStep { head, parts, folder: folder.clone() }))
        };
        let steps: HashMap<_, _> = self.steps.into_iter().map(whole).collect();
        let found = order.into_iter().filter_map(|event| {
            let ((id, count), kind, at) = self.events[event];
            Some(Earlier { kind, count, at, step: steps.get(&id)?.clone() })
        });
        found.collect()
    }
}

/// Puts the events in an order that agrees with that of every file, and with their times
/// wherever the files leave a choice. Times were given so that they only go on
/// ([`super::clock`]); those of an older version, or of two windows at once, may not, and
/// cannot put the lines of one file out of order.
fn in_order(files: &[Vec<usize>], events: &[(Event, StepKind, Timestamp)]) -> Vec<usize> {
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); events.len()];
    let mut waiting = vec![0_usize; events.len()];
    for pair in files.iter().flat_map(|file| file.windows(2)) {
        next[pair[0]].push(pair[1]);
        waiting[pair[1]] += 1;
    }
    let due = |event: usize| Reverse((events[event].2, event));
    let mut ready: BinaryHeap<_> =
        (0..waiting.len()).filter(|event| waiting[*event] == 0).map(due).collect();
    let mut order = Vec::with_capacity(events.len());
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
    circles.sort_by_key(|event| events[*event].2);
    order.extend(circles);
    order
}

#[cfg(test)]
mod tests;
