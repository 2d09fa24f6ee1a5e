//! From an annotation file and its history to an annotation set.
//!
//! Every range is compared with the text that stands beside it. What does not fit is
//! moved and reported ([`Anchors`]): with the text, where that was corrected and the text
//! from before is kept, else to the nearest place with the same text. Where there is no
//! such place the file is refused whole, because a set without that annotation would be
//! written back without it. Steps that are in the history and not yet in the file are
//! applied: a crash between the two writes loses nothing.

use super::anchors::{Anchors, Fit, Placed, StoredRanges, cut, surface_of};
use super::archive::WholeHistory;
use super::check::NAMED;
use super::error::{Cause, Problem, StoreError};
use super::folder::ProjectFolder;
use super::history::{HistoryBytes, Texts, read_line, torn_problem};
use super::layout;
use super::wire::{self, LineChange, Mark, SetFile, SetLines, Stored, StoredEdit};
use crate::edit::{Edit, EditError, StepKind, Transaction};
use crate::model::{
    Annotation, AnnotationId, AnnotationSet, AnnotatorName, Article, StepId, TextHash,
};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The bytes of a history's end that are looked at first: all of most lines.
const END: u64 = 4 << 10;

/// An annotation set with what was noticed while it was read.
#[derive(Debug)]
pub struct Loaded {
    /// The set.
    pub set: AnnotationSet,
    /// The last step that the set holds.
    pub last_step: Option<StepId>,
    /// What was noticed: annotations that were moved, steps that were added.
    pub problems: Vec<Problem>,
}

/// What the writer needs to know beyond [`Loaded`].
#[derive(Debug)]
pub(super) struct LoadedSet {
    pub(super) set: AnnotationSet,
    pub(super) mark: Option<Mark>,
    pub(super) problems: Vec<Problem>,
    /// The file as it was read, to be found unchanged when it is replaced.
    pub(super) stamp: Stamp,
    /// Whether the set is ahead of its file.
    pub(super) is_replayed: bool,
    /// Whether the file was made for another text, or has offsets that do not fit.
    pub(super) is_moved: bool,
    /// Whether the history has the line that the mark names, where there is a mark.
    pub(super) is_known: bool,
}

/// What a file held when it was last seen; `None` where there was none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp(Option<[u8; 32]>);

impl Stamp {
    /// Whether there was a file.
    pub(super) fn is_of_file(self) -> bool {
        self.0.is_some()
    }

    pub(super) fn of(bytes: Option<&[u8]>) -> Self {
        use sha2::{Digest, Sha256};
        Self(bytes.map(|bytes| Sha256::digest(bytes).into()))
    }
}

impl ProjectFolder {
    /// Reads what an annotator said about an article; an unseen set where there is no
    /// file. Labels and attributes that the schema lacks are none of the store's concern.
    ///
    /// # Errors
    /// When the file or the end of its history cannot be read, or an annotation's text is
    /// nowhere in the article. The files stay as they are.
    pub fn read_set(
        &self,
        article: &Arc<Article>,
        annotator: &AnnotatorName,
    ) -> Result<Loaded, StoreError> {
        let file = layout::set(annotator, article.id());
        let bytes = self.disk().read(&file)?;
        let history = layout::history(annotator, article.id());
        let behind = |mark| Ok(self.unless_current(&history, mark)?.map(Cow::Owned));
        let found = self.load_unstamped(article, annotator, bytes.as_deref(), behind)?;
        let LoadedSet { set, mark, problems, .. } = found;
        Ok(Loaded { set, last_step: mark.map(|mark| mark.step), problems })
    }

    pub(super) fn load_set(
        &self,
        article: &Arc<Article>,
        annotator: &AnnotatorName,
    ) -> Result<LoadedSet, StoreError> {
        let file = layout::set(annotator, article.id());
        let bytes = self.disk().read(&file)?;
        let history = self.disk().read(&layout::history(annotator, article.id()))?;
        self.load_bytes(article, annotator, bytes.as_deref(), history.as_deref())
    }

    /// The set that the bytes of an annotation file and of its history make.
    pub(super) fn load_bytes(
        &self,
        article: &Arc<Article>,
        annotator: &AnnotatorName,
        bytes: Option<&[u8]>,
        history: Option<&[u8]>,
    ) -> Result<LoadedSet, StoreError> {
        let history = |_| Ok(history.map(Cow::Borrowed));
        let loaded = self.load_unstamped(article, annotator, bytes, history)?;
        Ok(LoadedSet { stamp: Stamp::of(bytes), ..loaded })
    }

    /// A history, unless the set file that names a mark has all of it already, as nearly every
    /// one does. Then the end of the history shows it, however long that is.
    fn unless_current(
        &self,
        history: &Path,
        mark: Option<Mark>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        if let Some(Mark { step, lines: 0 | 1 }) = mark {
            let Some(end) = self.disk().read_end(history, END)? else { return Ok(None) };
            if is_done_last(&end.bytes, step) {
                return Ok(None);
            }
            if end.is_whole {
                return Ok(Some(end.bytes));
            }
        }
        self.disk().read(history)
    }

    /// The same without the stamp, which costs a hash of the file and which nobody needs who
    /// does not write. `history` gets what the set file names as its last line, and gives the
    /// history where it may hold more.
    fn load_unstamped<'a>(
        &self,
        article: &Arc<Article>,
        annotator: &AnnotatorName,
        bytes: Option<&[u8]>,
        history: impl FnOnce(Option<Mark>) -> Result<Option<Cow<'a, [u8]>>, StoreError>,
    ) -> Result<LoadedSet, StoreError> {
        let mut loading = Loading {
            set: AnnotationSet::new(article.clone(), annotator.clone()),
            anchors: Anchors::new(self, article.clone()),
            problems: Vec::new(),
            moved: 0,
            is_moved: false,
            made_on: None,
            file: layout::set(annotator, article.id()),
        };
        let mut mark = None;
        if let Some(bytes) = bytes {
            mark = loading.read_file(bytes)?;
        }
        let before = mark;
        let mut is_known = mark.is_none();
        if let Some(bytes) = history(mark)? {
            let file = layout::history(annotator, article.id());
            let is_whole = self.disk().len(&layout::archive(&file, 1))?.is_none()
                || HistoryBytes::of(&bytes).is_enough(mark);
            let history = match is_whole {
                true => WholeHistory::of(file, &bytes),
                false => self.whole_history(&file)?,
            };
            let replayed = loading.replay(&history, mark)?;
            is_known = replayed.is_some();
            mark = replayed.unwrap_or(mark);
        }
        let Loading { set, problems, is_moved, .. } = loading;
        let (stamp, is_replayed) = (Stamp(None), mark != before);
        Ok(LoadedSet { set, mark, problems, stamp, is_replayed, is_moved, is_known })
    }
}

/// Whether the last line of a history is the first that tells of a step: the one that did it,
/// which is written once. `false` where that cannot be seen from the bytes.
fn is_done_last(bytes: &[u8], step: StepId) -> bool {
    let lines = bytes.strip_suffix(b"\n");
    let line = lines.and_then(|lines| lines.rsplitn(2, |byte| *byte == b'\n').next());
    let line = line.filter(|line| !line.contains(&0));
    let head = line.and_then(|line| wire::read_head(std::str::from_utf8(line).ok()?));
    head.is_some_and(|head| head.step == step && head.kind == StepKind::Do)
}

struct Loading {
    set: AnnotationSet,
    anchors: Anchors,
    problems: Vec<Problem>,
    /// How many annotations were moved with a text that stayed the same.
    moved: usize,
    /// Whether the file does not fit the article.
    is_moved: bool,
    /// The text that the file was made for, where there is a file.
    made_on: Option<TextHash>,
    file: PathBuf,
}

/// The lines of a file's annotations, found only when one is needed.
struct Lines<'a> {
    text: &'a str,
    found: Option<SetLines>,
}

impl Lines<'_> {
    fn annotation(&mut self, index: usize) -> Option<u32> {
        self.all().annotations.get(index).copied().flatten()
    }

    fn relation(&mut self, index: usize) -> Option<u32> {
        self.all().relations.get(index).copied().flatten()
    }

    fn all(&mut self) -> &SetLines {
        self.found.get_or_insert_with(|| wire::lines_of_set(self.text))
    }
}

impl Loading {
    fn read_file(&mut self, bytes: &[u8]) -> Result<Option<Mark>, StoreError> {
        let at = |fault: wire::Fault| fault.of(&self.file, 0);
        let text = wire::text(bytes).map_err(at)?;
        let file = wire::read_set(text).map_err(at)?;
        self.check_names(&file)?;
        self.made_on = Some(file.hash);
        let mut lines = Lines { text, found: None };
        for (index, stored) in file.annotations.into_iter().enumerate() {
            self.add(stored, file.hash, &mut || lines.annotation(index))?;
        }
        self.check_hash(file.hash);
        for (index, relation) in file.relations.into_iter().enumerate() {
            let id = relation.id;
            let related = self.apply(Edit::relate(relation));
            related.map_err(|error| {
                let cause = match error {
                    EditError::NoAnnotation(end) => Cause::Dangling { relation: id, end },
                    _ => Cause::DuplicateId(AnnotationId(id.0)),
                };
                self.error(cause).at_line(lines.relation(index))
            })?;
        }
        for (index, remark) in file.remarks.into_iter().enumerate() {
            let id = AnnotationId(remark.id.0);
            let remarked = self.apply(Edit::remark(remark));
            let mut line = || lines.all().remarks.get(index).copied().flatten();
            remarked.map_err(|_| self.error(Cause::DuplicateId(id)).at_line(line()))?;
        }
        // Setting a state fits every set.
        let _ = self.apply(Edit::State(file.state));
        Ok(file.mark)
    }

    fn check_names(&self, file: &SetFile) -> Result<(), StoreError> {
        let expected = [
            ("article", self.set.article().id().as_str(), &file.article),
            ("annotator", self.set.annotator().as_str(), &file.annotator),
        ];
        for (what, expected, found) in expected {
            if expected != found {
                let (expected, found) = (expected.to_owned(), found.clone());
                return Err(self.error(Cause::IdMismatch { what, expected, found }));
            }
        }
        Ok(())
    }

    fn check_hash(&mut self, hash: TextHash) {
        if hash == self.set.article().hash() {
            return;
        }
        self.is_moved = true;
        let moved = match self.moved {
            0 => String::new(),
            1 => "; 1 annotation was moved with its text".to_owned(),
            moved => format!("; {moved} annotations were moved with their texts"),
        };
        if self.anchors.knows(hash) {
            // It follows by itself, and each annotation that lost its text is named.
            let what = format!("was made before the text of this article was corrected{moved}");
            self.problems.push(Problem::note(&self.file, None, what, ""));
            return;
        }
        self.problems.push(Problem::fault(
            &self.file,
            None,
            format!(
                "was made for another text of this article, which the project does not keep; every \
                 annotation was put where its text is now{moved}"
            ),
            "look at the annotations that are named with it, and move those that are not right",
        ));
    }

    fn add(
        &mut self,
        mut stored: Stored,
        made_on: TextHash,
        line: &mut dyn FnMut() -> Option<u32>,
    ) -> Result<(), StoreError> {
        let id = stored.annotation.id;
        let placed = self.anchors.place(Some(made_on), id, &stored.ranges);
        let placed = placed.map_err(|cause| self.error(cause).at_line(line()))?;
        if let Some(placed) = placed {
            let file = self.file.clone();
            self.put(&file, line, &mut stored.annotation, &stored.ranges, placed);
        }
        if made_on != self.set.article().hash() {
            self.settle_lost(&mut stored.annotation);
        }
        let added = self.apply(Edit::add(stored.annotation));
        added.map_err(|_| self.error(Cause::DuplicateId(id)).at_line(line()))
    }

    /// Puts an annotation back on the words that it had lost, when those are there again.
    fn settle_lost(&mut self, annotation: &mut Annotation) {
        let Some(was) = annotation.was.as_deref() else { return };
        let stands = annotation.span.surface(self.set.article().text()) == was;
        let back = if stands { None } else { self.anchors.restored(was, &annotation.span) };
        if !stands && back.is_none() {
            return;
        }
        self.is_moved = true;
        annotation.was = None;
        if let Some(span) = back {
            annotation.span = span;
        }
    }

    /// Applies the lines of the history behind the mark; gives back the mark of the last.
    /// `None` where the history does not know the mark.
    fn replay(
        &mut self,
        history: &WholeHistory<'_>,
        mark: Option<Mark>,
    ) -> Result<Option<Option<Mark>>, StoreError> {
        let parts = HistoryBytes::of(&history.bytes);
        if parts.whole < history.bytes.len() {
            let (file, number) = history.place(parts.count + 1);
            self.problems.push(torn_problem(file, number - 1));
        }
        let behind = match mark {
            None => Some(&*parts.lines),
            Some(mark) => parts.behind(mark),
        };
        let Some(behind) = behind else {
            let what = "names a last step that its history lacks; no step was added from there";
            let remedy = "restore the history file if steps are missing";
            self.problems.push(Problem::note(&self.file, None, what, remedy));
            return Ok(None);
        };
        let mut last = mark;
        // Without a file all lines are replayed, and then the first text is not known.
        let texts = Texts::of(behind, mark.and(self.made_on), None);
        for (at, (number, line)) in behind.iter().enumerate() {
            let (file, number) = history.place(*number);
            let line = read_line(file, number, line)?;
            let step = line.step;
            self.replay_line(file, number, (line, texts.at(at)))?;
            last = Some(Mark { step, lines: 0 });
        }
        if !behind.is_empty() {
            // A large file follows in a pause, so nothing need have gone wrong.
            let ahead = steps(behind.len());
            let what =
                format!("the history is {ahead} ahead of the annotation file, which follows");
            self.problems.push(Problem::note(&self.file, None, what, ""));
        }
        Ok(Some(last.map(|mark| match mark.lines {
            0 => Mark { lines: parts.lines_of(mark.step), ..mark },
            _ => mark,
        })))
    }

    fn replay_line(
        &mut self,
        history: &Path,
        number: u32,
        (line, text): (wire::Line, Option<TextHash>),
    ) -> Result<(), StoreError> {
        let at_line = |cause| StoreError::new(history, cause).at_line(Some(number));
        let LineChange::Set { edits, .. } = line.change else {
            let what = "a change of the schema stands in the history of an article".to_owned();
            return Err(at_line(Cause::BadValue(what)));
        };
        let edits = edits.into_iter();
        let edits = edits.map(|stored| self.anchored_edit((history, number), text, stored));
        let transaction = Transaction::from(edits.collect::<Result<Vec<_>, _>>()?);
        let applied = transaction.apply(&mut self.set);
        applied.map(|_| ()).map_err(|error| at_line(Cause::Step { step: line.step, error }))
    }

    fn anchored_edit(
        &mut self,
        (history, number): (&Path, u32),
        text: Option<TextHash>,
        stored: StoredEdit,
    ) -> Result<Edit, StoreError> {
        let StoredEdit { mut edit, ranges } = stored;
        if let Edit::Add(annotation) | Edit::Replace(annotation) = &mut edit {
            let placed = self.anchors.place_likely(text, annotation.id, &ranges);
            let placed =
                placed.map_err(|cause| StoreError::new(history, cause).at_line(Some(number)))?;
            if let Some(placed) = placed {
                self.put(history, &mut || Some(number), annotation, &ranges, placed);
            }
        }
        Ok(edit)
    }

    /// Puts an annotation elsewhere and says so.
    fn put(
        &mut self,
        file: &Path,
        line: &mut dyn FnMut() -> Option<u32>,
        annotation: &mut Annotation,
        ranges: &StoredRanges,
        placed: Placed,
    ) {
        self.is_moved = true;
        if placed.fit == Fit::Moved {
            self.moved += 1;
        } else {
            let text = self.set.article().text();
            match self.problems.len() {
                NAMED => {
                    let what = "has more annotations that do not fit, which are not named here";
                    self.problems.push(Problem::note(file, None, what, "look at those first"));
                }
                more if more > NAMED => {}
                _ => self.problems.push(moved_problem(file, line(), ranges, &placed, text)),
            }
        }
        if placed.fit == Fit::Gone {
            annotation.was.get_or_insert_with(|| surface_of(ranges).into());
        }
        annotation.span = placed.span;
    }

    fn apply(&mut self, edit: Edit) -> Result<(), EditError> {
        Transaction::from(vec![edit]).apply(&mut self.set).map(|_| ())
    }

    fn error(&self, cause: Cause) -> StoreError {
        StoreError::new(&self.file, cause)
    }
}

fn steps(count: usize) -> String {
    if count == 1 { "1 step".to_owned() } else { format!("{count} steps") }
}

/// What is said of an annotation that was put elsewhere.
fn moved_problem(
    file: &Path,
    line: Option<u32>,
    ranges: &StoredRanges,
    placed: &Placed,
    text: &str,
) -> Problem {
    let from = ranges.first().map_or(0, |(range, _)| u32::from(range.start()));
    let until = ranges.last().map_or(0, |(range, _)| u32::from(range.end()));
    let (to, end) = (u32::from(placed.span.start()), u32::from(placed.span.end()));
    let was = cut(ranges.first().map_or("", |(_, surface)| surface));
    let is = cut(&placed.span.surface(text));
    match (placed.fit, placed.misfit) {
        (Fit::Gone, _) => Problem::fault(
            file,
            line,
            format!(
                "“{was}” at {from}..{until} is gone from the corrected text; the annotation is kept \
                 at {to}..{end}, “{is}”"
            ),
            "look at it, and move it or say that it is right there",
        ),
        (Fit::Changed, _) => Problem::note(
            file,
            line,
            format!("“{was}” at {from}..{until} was corrected and is now “{is}” at {to}..{end}"),
            "",
        ),
        (_, Some(misfit)) => Problem::fault(
            file,
            line,
            format!(
                "the offsets of “{was}” {misfit}; they were {from}..{until} and are now {to}..{end}, the \
                 nearest place with that text"
            ),
            "look at it and move it if that is not the place",
        ),
        (_, None) => Problem::note(
            file,
            line,
            format!("“{was}” was moved from {from}..{until} to {to}..{end}"),
            "",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The attributes of a set have no order but that of their ids, which people who
    /// write a file by hand do not keep.
    fn sorted(text: &str) -> Vec<Vec<char>> {
        let letters = text.lines().map(|line| {
            let mut letters: Vec<_> = line.chars().collect();
            letters.sort_unstable();
            letters
        });
        letters.collect()
    }

    /// The files of the sample project were not written by the program; they show what it
    /// writes.
    #[test]
    fn the_sample_is_written_as_it_was_read() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("projects/karachi");
        let opened = ProjectFolder::open(&root).unwrap();
        let folder = opened.folder;
        let text =
            |file: &Path| String::from_utf8(folder.disk().read(file).unwrap().unwrap()).unwrap();
        let project = folder.read_project_file().unwrap().0;
        assert_eq!(wire::write_project(&project), text(Path::new(layout::PROJECT)));
        for id in folder.article_ids().unwrap().0 {
            let article = Arc::new(folder.read_article(&id).unwrap());
            assert_eq!(wire::write_article(&article), text(&layout::article(&id)));
            for annotator in &opened.project.annotators {
                let file = layout::set(annotator, &id);
                if folder.disk().len(&file).unwrap().is_some() {
                    let loaded = folder.load_set(&article, annotator).unwrap();
                    let written = wire::write_set(&loaded.set, loaded.mark);
                    assert_eq!(sorted(&written), sorted(&text(&file)));
                }
            }
        }
    }
}
