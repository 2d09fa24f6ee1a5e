//! Sets and histories in which git left a conflict.
//!
//! Lines that two sides appended to one history are whole lines, and one side's may stand
//! behind the other's where they are of other steps and touch nothing that the other side
//! touched. Whether that is so is tried: the history then has to make a set in which every
//! thing is as the last line about it says, and which lacks nothing that the annotation
//! file names. What does not fit so is left to a person, with the reason. The files are kept as git left them.

use super::{Repair, file_name, is_unknown, named_in};
use crate::edit::Edit;
use crate::model::{
    Annotation, AnnotationId, AnnotationSet, AnnotatorName, Article, State, StepId,
};
use crate::store::anchors::surface_of;
use crate::store::error::{Cause, Problem, StoreError};
use crate::store::history::{HistoryBytes, Owner, keep_aside, read_line};
use crate::store::layout;
use crate::store::load::LoadedSet;
use crate::store::wire::{self, LineChange, Part, Side, Stored, StoredEdit};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// What the lines of one side of a conflict are about.
#[derive(Default)]
struct About {
    steps: HashSet<StepId>,
    /// The ids of annotations, relations and remarks; no two of a set are alike.
    ids: HashSet<u64>,
    /// How far the annotator has come by its last word on that.
    state: Option<State>,
}

impl Repair<'_> {
    /// Puts the two sides of a history one behind the other, and the set that they make into
    /// its file.
    pub(super) fn unite(&mut self, file: &Path, owner: &Owner) -> Result<(), StoreError> {
        let Some(bytes) = self.folder.disk().read(file)? else { return Ok(()) };
        let Ok(text) = wire::text(&bytes) else { return Ok(()) };
        let markers = (1..).zip(text.lines());
        let mut markers = markers.filter(|(_, line)| wire::is_conflict_marker(line.as_bytes()));
        let Some((line, _)) = markers.next() else { return Ok(()) };
        let (annotator, id) = owner;
        // Without its article nothing can be said of a set.
        let Ok(article) = self.folder.read_article(id).map(Arc::new) else { return Ok(()) };
        let set = self.folder.disk().read(&layout::set(annotator, id))?;
        let orders = wire::conflict_parts(text)
            .ok_or_else(|| {
                "its lines `<<<<<<<`, `=======` and `>>>>>>>` do not fit together".into()
            })
            .and_then(|parts| orders(&parts));
        let settled = orders.and_then(|orders| {
            let settle = |history: String| {
                let settled = self.settled(&article, annotator, set.as_deref(), &history)?;
                Some((history, settled))
            };
            orders.into_iter().find_map(settle).ok_or_else(|| {
                "one side's lines behind the other's do not make the annotations that the files \
                 name"
                    .to_owned()
            })
        });
        match settled {
            Ok((history, settled)) => {
                // The file first: it names a line that the other history has too.
                self.write_settled(&article, annotator, set.as_deref(), &settled)?;
                let aside = keep_aside(self.folder.disk(), file, layout::TORN, &bytes)?;
                self.replace(file, &history)?;
                let aside = file_name(&aside);
                self.did(file, format!("git left a conflict in it; the lines of both sides stand one behind the other now, and {aside} has it as it was"));
            }
            Err(why) => self.leave(file, line, &why),
        }
        Ok(())
    }

    /// Rebuilds an annotation file in which git left a conflict, from its history and from the
    /// sides.
    pub(super) fn settle_set(
        &mut self,
        article: &Arc<Article>,
        annotator: &AnnotatorName,
        error: &StoreError,
    ) -> Result<(), StoreError> {
        let file = layout::set(annotator, article.id());
        if error.file != file {
            return Ok(());
        }
        let bytes = self.folder.disk().read(&file)?;
        let history = self.folder.disk().read(&layout::history(annotator, article.id()))?;
        let history = history.and_then(|history| String::from_utf8(history).ok());
        let has_conflict = |history: &String| {
            history.lines().any(|line| wire::is_conflict_marker(line.as_bytes()))
        };
        if history.as_ref().is_some_and(has_conflict) {
            // That was left to a person, and this goes by it.
            return Ok(());
        }
        let settled = history
            .filter(|history| !history.is_empty())
            .and_then(|history| self.settled(article, annotator, bytes.as_deref(), &history));
        match settled {
            Some(settled) => self.write_settled(article, annotator, bytes.as_deref(), &settled),
            None => {
                let why = "its history does not say of everything in it how it is";
                self.leave(&file, error.line.unwrap_or(1), why);
                Ok(())
            }
        }
    }

    fn leave(&mut self, file: &Path, line: u32, why: &str) {
        let what = format!("git left a conflict in it that was not settled, for {why}");
        let remedy = Cause::Conflict { is_mendable: false }.remedy();
        self.strange.push(Problem::fault(file, Some(line), what, remedy));
    }

    fn write_settled(
        &mut self,
        article: &Arc<Article>,
        annotator: &AnnotatorName,
        before: Option<&[u8]>,
        settled: &LoadedSet,
    ) -> Result<(), StoreError> {
        let file = layout::set(annotator, article.id());
        let text = wire::write_set(&settled.set, settled.mark);
        let Some(before) = before.filter(|before| *before != text.as_bytes()) else {
            return Ok(());
        };
        let is_marked = wire::text(before).is_ok_and(|text| wire::conflict_line(text).is_some());
        let mut what = "it has what its history says".to_owned();
        if is_marked {
            let aside = keep_aside(self.folder.disk(), &file, layout::THEIRS, before)?;
            let aside = file_name(&aside);
            what = format!(
                "git left a conflict in it; it was rebuilt from its history, and {aside} has it as it was"
            );
        }
        self.replace(&file, &text)?;
        self.did(&file, what);
        Ok(())
    }

    /// The set that a history makes of an annotation file, or of a side of one: of the first
    /// that fits everything.
    fn settled(
        &self,
        article: &Arc<Article>,
        annotator: &AnnotatorName,
        file: Option<&[u8]>,
        history: &str,
    ) -> Option<LoadedSet> {
        let text = file.and_then(|bytes| wire::text(bytes).ok());
        let parts = text.and_then(wire::conflict_parts);
        let bases = match &parts {
            Some(parts) => {
                let side = |side| Some(wire::side_of(parts, side));
                vec![None, side(Side::Ours), side(Side::Theirs)]
            }
            None => vec![text.map(str::to_owned)],
        };
        let last = Last::of(history);
        // Without a word of the history on that, it is as it stands in the file.
        let states: Vec<_> = text.map(wire::states_in).unwrap_or_default();
        let is_state = |state| {
            last.state.is_some() || states.is_empty() || states.iter().all(|of| *of == state)
        };
        let fits = |loaded: &LoadedSet| {
            is_state(loaded.set.state())
                && last.agrees(&loaded.set)
                && text.is_none_or(|text| is_kept(text, &loaded.set, history.as_bytes()))
        };
        let load = |base: Option<&str>, history: Option<&[u8]>| {
            let base = base.map(str::as_bytes);
            self.folder.load_bytes(article, annotator, base, history).ok()
        };
        bases.into_iter().find_map(|base| {
            let behind = load(base.as_deref(), Some(history.as_bytes()));
            let behind = behind.filter(|loaded| loaded.is_known && fits(loaded));
            behind.or_else(|| {
                // Somebody has put both sides together there already.
                let alone = load(Some(base.as_deref()?), None).filter(fits)?;
                let mark = HistoryBytes::of(history.as_bytes()).last_mark();
                Some(LoadedSet { mark, ..alone })
            })
        })
    }
}

/// A history with one side behind the other, in both orders; or why neither can be.
fn orders(parts: &[Part<'_>]) -> Result<Vec<String>, String> {
    let (mut ours_first, mut theirs_first) = (String::new(), String::new());
    for part in parts {
        match part {
            Part::Both(text) => {
                ours_first.push_str(text);
                theirs_first.push_str(text);
            }
            Part::Sides { base, ours, theirs } => {
                if !base.is_empty() {
                    return Err("lines that were there before were changed".to_owned());
                }
                let (of_ours, of_theirs) = (about(ours)?, about(theirs)?);
                if let Some(step) = of_ours.steps.intersection(&of_theirs.steps).next() {
                    return Err(format!("both sides have lines of the step {step}"));
                }
                if let Some(id) = of_ours.ids.intersection(&of_theirs.ids).next() {
                    return Err(format!("both sides changed {}", AnnotationId(*id)));
                }
                if of_ours.state.is_some_and(|state| of_theirs.state.is_some_and(|it| it != state))
                {
                    return Err(
                        "both sides say how far the article is, and not the same".to_owned()
                    );
                }
                ours_first.extend([*ours, *theirs]);
                theirs_first.extend([*theirs, *ours]);
            }
        }
    }
    Ok(vec![ours_first, theirs_first])
}

/// What the lines of a side are about; or that one of them cannot be read.
fn about(lines: &str) -> Result<About, String> {
    let mut about = About::default();
    for line in lines.lines() {
        let read = read_line(Path::new(""), 1, line.as_bytes());
        let read = read.map_err(|_| "a line of one side cannot be read".to_owned())?;
        about.steps.insert(read.step);
        if let LineChange::Set { edits, inverse } = read.change {
            let mut states = edits.iter().rev().filter_map(|stored| match stored.edit {
                Edit::State(state) => Some(state),
                _ => None,
            });
            about.state = states.next().or(about.state);
            about.ids.extend(edits.iter().chain(&inverse).filter_map(|stored| id_of(&stored.edit)));
        }
    }
    Ok(about)
}

fn id_of(edit: &Edit) -> Option<u64> {
    Some(match edit {
        Edit::Add(annotation) | Edit::Replace(annotation) => annotation.id.0,
        Edit::Remove(id) => id.0,
        Edit::Relate(relation) => relation.id.0,
        Edit::Unrelate(id) => id.0,
        Edit::Remark(remark) => remark.id.0,
        Edit::Unremark(id) => id.0,
        Edit::State(_) => return None,
    })
}

/// The last that a history says of each thing, and of how far the annotator has come.
struct Last {
    things: HashMap<u64, StoredEdit>,
    state: Option<State>,
}

impl Last {
    fn of(history: &str) -> Self {
        let lines = HistoryBytes::of(history.as_bytes()).lines;
        let mut last = Self { things: HashMap::new(), state: None };
        for (number, line) in lines {
            let Ok(line) = read_line(Path::new(""), number, line) else { continue };
            let LineChange::Set { edits, .. } = line.change else { continue };
            for stored in edits {
                match (id_of(&stored.edit), &stored.edit) {
                    (Some(id), _) => drop(last.things.insert(id, stored)),
                    (None, Edit::State(state)) => last.state = Some(*state),
                    (None, _) => {}
                }
            }
        }
        last
    }

    /// Whether a set says the same. An annotation may be at another place by now, because the
    /// text was corrected; then it has its words there, or is known to have lost them.
    fn agrees(&self, set: &AnnotationSet) -> bool {
        let has_words = |found: &Annotation, ranges| {
            found.was.is_some() || set.surface(found) == surface_of(ranges)
        };
        let is_state = self.state.is_none_or(|state| state == set.state());
        let mut things = self.things.values();
        is_state
            && things.all(|StoredEdit { edit, ranges, .. }| match edit {
                Edit::Add(annotation) | Edit::Replace(annotation) => set
                    .annotation(annotation.id)
                    .is_some_and(|found| is_alike(found, annotation) && has_words(found, ranges)),
                Edit::Remove(id) => set.annotation(*id).is_none(),
                Edit::Relate(relation) => set.relation(relation.id) == Some(&**relation),
                Edit::Unrelate(id) => set.relation(*id).is_none(),
                Edit::Remark(remark) => set.remark(remark.id) == Some(&**remark),
                Edit::Unremark(id) => set.remark(*id).is_none(),
                Edit::State(_) => true,
            })
    }
}

/// Whether two annotations say the same, wherever they stand.
fn is_alike(one: &Annotation, other: &Annotation) -> bool {
    let (span, was) = (other.span.clone(), other.was.clone());
    Annotation { span, was, ..one.clone() } == *other
}

/// Whether nothing that a file in which git left a conflict names is lost in a set: what is
/// not there as it stands, the history knows.
fn is_kept(text: &str, set: &AnnotationSet, history: &[u8]) -> bool {
    let in_history = String::from_utf8_lossy(history);
    let is_there = |id: AnnotationId| {
        set.annotation(id).is_some() || in_history.contains(&format!("\"{id}\""))
    };
    if !named_in(text).all(|id| is_there(id) || is_of_relation_or_remark(set, id)) {
        return false;
    }
    let mut is_unknown = is_unknown(history);
    wire::annotations_in(text).iter().all(|found: &Stored| {
        let same = set.annotation(found.annotation.id);
        same.is_some_and(|same| is_alike(same, &found.annotation)) || !is_unknown(found)
    })
}

fn is_of_relation_or_remark(set: &AnnotationSet, id: AnnotationId) -> bool {
    use crate::model::{RelationId, RemarkId};
    set.relation(RelationId(id.0)).is_some() || set.remark(RemarkId(id.0)).is_some()
}
