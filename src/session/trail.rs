//! What was done to the selected annotation, in words, read in the background.
//!
//! It comes from the article's history file, so it holds what is saved and nothing else;
//! after every step that was saved it is read again.

use super::saver::Wake;
use super::{Session, SetKey};
use crate::edit::StepKind;
use crate::model::{
    Annotation, AnnotationId, AnnotatorName, AttributeId, LabelId, Origin, RelationTypeId, Schema,
    State,
};
use crate::store::{ProjectFolder, Recalled, StoreError, Touched, TrailLine};
use jiff::Timestamp;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// The characters of a text that are quoted.
const QUOTED: usize = 40;

/// One thing that was done, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailEntry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: AnnotatorName,
    /// Done, undone or done again.
    pub kind: StepKind,
    /// What the step is called.
    pub what: String,
    /// What changed, each part a few words: `Low 3 → 4`.
    pub changes: Vec<String>,
}

impl TrailEntry {
    /// A line of a history in the words of a schema.
    pub fn of(line: &TrailLine, schema: &Schema) -> Self {
        let words = Words { schema };
        let mut changes = Vec::new();
        let several = line.annotations.len() > 1;
        for touched in &line.annotations {
            words.touched(touched, several, &mut changes);
        }
        let links = [(&line.related, "added"), (&line.unrelated, "removed")];
        for (relations, how) in links {
            let names = relations.iter().map(|relation| words.relation(&relation.kind));
            changes.extend(names.map(|name| format!("relation {name} {how}")));
        }
        changes.extend(line.state.map(|state| format!("article {}", state_words(state))));
        let TrailLine { at, by, kind, what, .. } = line.clone();
        Self { at, by, kind, what, changes }
    }

    /// What it is called and how it was done: `Label as Actor, undone`.
    pub fn title(&self) -> String {
        match self.kind {
            StepKind::Do => self.what.clone(),
            StepKind::Undo => format!("{}, undone", self.what),
            StepKind::Redo => format!("{}, done again", self.what),
        }
    }
}

fn state_words(state: State) -> &'static str {
    match state {
        State::Unseen => "unseen",
        State::InProgress => "in progress",
        State::Done => "done",
    }
}

struct Words<'a> {
    schema: &'a Schema,
}

impl Words<'_> {
    fn touched(&self, touched: &Touched, several: bool, changes: &mut Vec<String>) {
        match (&touched.before, &touched.after) {
            (None, None) => {}
            (None, Some(made)) => {
                let (label, text) = (self.label(&made.annotation.label), quoted(&made.surface));
                changes.push(format!("{label} {text} made{}", source(&made.annotation.origin)));
            }
            (Some(gone), None) => {
                let (label, text) = (self.label(&gone.annotation.label), quoted(&gone.surface));
                changes.push(format!("{label} {text} deleted"));
            }
            (Some(before), Some(after)) => {
                let first = changes.len();
                self.changed(before, after, changes);
                if several && let Some(change) = changes.get_mut(first) {
                    *change = format!("{}: {change}", quoted(&after.surface));
                }
            }
        }
    }

    fn changed(&self, before: &Recalled, after: &Recalled, changes: &mut Vec<String>) {
        let (old, new) = (&before.annotation, &after.annotation);
        if old.label != new.label {
            changes.push(format!("{} → {}", self.label(&old.label), self.label(&new.label)));
        }
        if before.surface != after.surface {
            changes.push(format!("{} → {}", quoted(&before.surface), quoted(&after.surface)));
        } else if old.span != new.span {
            changes.push(format!("{} → {}", place(old), place(new)));
        }
        let mut attributes: Vec<_> = old.attributes.iter().map(|(id, _)| id).collect();
        attributes.extend(new.attributes.iter().map(|(id, _)| id));
        attributes.sort();
        attributes.dedup();
        for id in attributes {
            let (was, is) = (old.attributes.get(id), new.attributes.get(id));
            if was != is {
                let value = |value: Option<&crate::model::AttributeValue>| {
                    value.map_or_else(|| "none".to_owned(), ToString::to_string)
                };
                let name = self.attribute(&new.label, id);
                changes.push(format!("{name} {} → {}", value(was), value(is)));
            }
        }
        if old.note != new.note {
            let note = |note: &str| if note.is_empty() { "none".to_owned() } else { quoted(note) };
            changes.push(format!("note {} → {}", note(&old.note), note(&new.note)));
        }
    }

    fn label(&self, id: &LabelId) -> String {
        self.schema.label(id).map_or_else(|| id.to_string(), |label| label.name.clone())
    }

    fn attribute(&self, label: &LabelId, id: &AttributeId) -> String {
        let label = self.schema.label(label);
        let found = label.and_then(|label| label.attributes.iter().find(|found| found.id == *id));
        found.map_or_else(|| id.to_string(), |found| found.name.clone())
    }

    fn relation(&self, kind: &RelationTypeId) -> String {
        self.schema.relation(kind).map_or_else(|| kind.to_string(), |found| found.name.clone())
    }
}

fn source(origin: &Origin) -> String {
    match origin {
        Origin::Manual => String::new(),
        Origin::Suggestion(source) => format!(", from the suggestion {source}"),
        Origin::Import(source) => format!(", imported from {source}"),
        Origin::Adjudication(names) if names.is_empty() => {
            ", settled as nobody had said it".to_owned()
        }
        Origin::Adjudication(names) => {
            let names: Vec<_> = names.iter().map(AnnotatorName::as_str).collect();
            format!(", settled from {}", names.join(", "))
        }
    }
}

fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("“{}…”", &text[..end]),
        None => format!("“{text}”"),
    }
}

fn place(annotation: &Annotation) -> String {
    let extent = annotation.span.extent();
    format!("{}–{}", u32::from(extent.start()), u32::from(extent.end()))
}

/// The trail of the annotation that was selected last.
#[derive(Default)]
pub(super) struct Trail {
    /// What the entries are about, and how many steps were saved when they were read.
    read: Option<Key>,
    entries: Vec<TrailEntry>,
    job: Option<Job>,
}

type Key = (SetKey, AnnotationId, u64);

struct Job {
    key: Key,
    result: Receiver<Result<Vec<TrailEntry>, StoreError>>,
}

impl Session {
    /// What was done to the selected annotation, newest first, as far as it is saved and
    /// read.
    pub fn trail(&self) -> &[TrailEntry] {
        let is_of_selected = self.trail.read.as_ref().is_some_and(|(set, annotation, _)| {
            Some(set) == self.shown_key().as_ref() && Some(*annotation) == self.selection.annotation
        });
        if is_of_selected { &self.trail.entries } else { &[] }
    }

    /// Starts to read the trail of what is selected, and takes in what was read.
    pub(super) fn poll_trail(&mut self) -> bool {
        let wanted = self.shown_key().zip(self.selection.annotation);
        let Some((set, annotation)) = wanted else { return false };
        let has_changed = self.take_in_trail();
        let key = (set, annotation, self.durable().0);
        if self.trail.read.as_ref() != Some(&key) && self.trail.job.is_none() {
            let (schema, wake) = (Arc::clone(self.schema()), Arc::clone(&self.wake));
            self.trail.job = Some(start(self.folder.clone(), key, schema, wake));
        }
        has_changed
    }

    fn take_in_trail(&mut self) -> bool {
        let Some(job) = self.trail.job.take() else { return false };
        match job.result.try_recv() {
            Ok(Ok(entries)) => self.trail.entries = entries,
            Ok(Err(error)) => {
                self.trail.entries.clear();
                self.notify_unread(&error);
            }
            Err(TryRecvError::Empty) => {
                self.trail.job = Some(job);
                return false;
            }
            Err(TryRecvError::Disconnected) => self.trail.entries.clear(),
        }
        self.trail.read = Some(job.key);
        true
    }
}

fn start(folder: ProjectFolder, key: Key, schema: Arc<Schema>, wake: Wake) -> Job {
    let (sender, result) = channel();
    let ((article, annotator), annotation, _) = key.clone();
    std::thread::spawn(move || {
        let read = folder.trail(&annotator, &article, Some(annotation));
        // Lines that cannot be read are the check's to name, not every selection's.
        let told = read.map(|(lines, _)| {
            lines.iter().rev().map(|line| TrailEntry::of(line, &schema)).collect()
        });
        // A window that was closed meanwhile does not ask for it any more.
        let _ = sender.send(told);
        wake();
    });
    Job { key, result }
}

#[cfg(test)]
mod tests {
    use crate::model::{AnnotatorName, Article, ArticleId, ArticleMeta, AttributeValue, LabelId};
    use crate::session::command::CommandId;
    use crate::session::{Action, Session};
    use crate::store::{BundledSchema, ProjectFolder};
    use crate::text::TextRange;
    use std::sync::Arc;

    #[test]
    fn what_was_done_to_an_annotation_is_told_newest_first() {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().join("project");
        let annotator = AnnotatorName::new("annotator-1").unwrap();
        Session::create(&root, "p", BundledSchema::Full, annotator).unwrap();
        let id = ArticleId::new("a").unwrap();
        let article = Article::new(id.clone(), ArticleMeta::default(), "Officials said so");
        ProjectFolder::open(&root).unwrap().folder.add_article(&article).unwrap();
        let mut session = Session::open(&root, None, Arc::new(|| {})).unwrap();
        let label = |id: &str| LabelId::new(id).unwrap();
        let mut act = |action| session.try_perform(action).unwrap();
        act(Action::OpenArticle(id));
        act(Action::LabelRange(label("casualty"), TextRange::new(0.into(), 9.into())));
        let id = session.selection().annotation.unwrap();
        let low = crate::model::AttributeId::new("low").unwrap();
        for number in [3, 4] {
            let value = Some(AttributeValue::Integer(number));
            session.try_perform(Action::SetAttribute(id, low.clone(), value)).unwrap();
        }
        session.try_perform(Action::Command(CommandId::Undo)).unwrap();
        session.try_perform(Action::SetLabel(id, label("actor"))).unwrap();
        session.try_perform(Action::SelectAnnotation(Some(id))).unwrap();
        session.wait_until_saved();
        while session.trail().len() < 5 {
            session.poll();
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        let told: Vec<_> = session.trail().iter().map(|entry| entry.changes.join("; ")).collect();
        assert_eq!(told[0].split(';').next(), Some("Casualty → Actor"));
        assert_eq!(told[1..4], ["Low 4 → 3", "Low 3 → 4", "Low none → 3"]);
        assert!(told[4].starts_with("Casualty “Officials” made"), "{}", told[4]);
        assert!(session.trail()[1].title().ends_with(", undone"));
        session.try_perform(Action::SelectAnnotation(None)).unwrap();
        assert!(session.trail().is_empty());
    }
}
