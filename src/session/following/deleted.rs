//! Telling that somebody else deleted annotations of the open article: who, and how they
//! are got back.
//!
//! Who it was stands in the history of the set, whose lines may be many, so they are read
//! on a thread of their own. How somebody else changed annotations otherwise is only
//! counted, which is the affair of `following`.

use super::Event;
use crate::edit::StepKind;
use crate::model::{Annotation, AnnotationId, AnnotationSet, AnnotatorName};
use crate::session::saver::Wake;
use crate::session::{Notice, SetKey};
use crate::store::{ProjectFolder, TrailLine};
use std::sync::Arc;
use std::sync::mpsc::Sender;

/// The annotations that went, and how many came or are others.
pub(super) fn changes(before: &AnnotationSet, after: &AnnotationSet) -> (Vec<AnnotationId>, usize) {
    let all = before.annotations().map(|found| found.id);
    let gone = all.filter(|id| after.annotation(*id).is_none()).collect();
    let is_other = |found: &&Annotation| before.annotation(found.id) != Some(*found);
    (gone, after.annotations().filter(is_other).count())
}

/// Finds out who deleted annotations, and has it told.
pub(super) fn tell(
    folder: &ProjectFolder,
    key: SetKey,
    gone: Vec<AnnotationId>,
    events: &Sender<Event>,
    wake: &Wake,
) {
    let (folder, events, wake) = (folder.clone(), events.clone(), Arc::clone(wake));
    std::thread::spawn(move || {
        let line = gone.first().and_then(|id| deletion(&folder, &key, *id));
        let notice = Notice::warning(words(gone.len(), line.as_ref(), &key.1));
        // A session that is gone does not ask for it any more.
        let _ = events.send(Event::Told(notice));
        wake();
    });
}

/// The line of a history that deleted an annotation; `None` where it holds none, as after
/// a file was exchanged.
fn deletion(folder: &ProjectFolder, key: &SetKey, id: AnnotationId) -> Option<TrailLine> {
    let (trail, _) = folder.trail(&key.1, &key.0, Some(id)).ok()?;
    let is_gone = |line: &TrailLine| line.annotations.iter().all(|of| of.after.is_none());
    trail.into_iter().next_back().filter(is_gone)
}

fn words(count: usize, line: Option<&TrailLine>, annotator: &AnnotatorName) -> String {
    let (noun, were, them) = match count {
        1 => ("annotation", "was", "it"),
        _ => ("annotations", "were", "them"),
    };
    let Some(TrailLine { by, what, kind, .. }) = line else {
        return format!(
            "{count} {noun} {were} deleted on disk; to get {them} back, restore the annotation \
             file of {annotator} from a copy or from git"
        );
    };
    let (what, remedy) = match kind {
        StepKind::Do => (format!("“{what}”"), "undone"),
        StepKind::Undo => (format!("“{what}”, undone"), "done again"),
        StepKind::Redo => (format!("“{what}”, done again"), "undone"),
    };
    let who = if by == annotator { format!("{by} in another window") } else { by.to_string() };
    format!(
        "{count} {noun} deleted by {who} ({what}); to get {them} back, that has to be {remedy} \
         there"
    )
}
