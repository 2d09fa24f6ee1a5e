//! What a file says about an article, as an annotation set of the project.
//!
//! Ids of the file are kept where they are ids of ours and free; labels, attributes and
//! relations become the schema's (`adoption`). What is in the set already, with the same
//! label, places and values, is not added again, so that a file may be imported twice; it
//! only gets the note that it lacks.

use super::adoption::Adoption;
use crate::edit::{Edit, Transaction};
use crate::formats::{self, Layer, LayerKind};
use crate::model::{
    Annotation, AnnotationId, AnnotationSet, AnnotatorName, Attributes, IdSource, Origin, Relation,
    RelationId, State, now,
};
use std::collections::{HashMap, HashSet};

/// What adding a layer to a set comes to.
#[derive(Debug, Default)]
pub(super) struct Adopted {
    /// What was done to the set, in order.
    pub(super) edits: Vec<Edit>,
    /// How many annotations are new.
    pub(super) added: usize,
    /// What could not be taken over as it is.
    pub(super) told: Vec<String>,
}

/// Adds what a layer says to a set; `source` is the file's name.
pub(super) fn adopt(
    set: &mut AnnotationSet,
    layer: &Layer,
    source: &str,
    adoption: &mut Adoption,
    ids: &mut IdSource,
) -> Adopted {
    let mut adopted = Adopted::default();
    let before = set.clone();
    let mut at = vec![None; layer.annotations.len()];
    for (found, at) in layer.annotations.iter().zip(&mut at) {
        let Some(made) = annotation(set, layer, found, source, adoption, ids, &mut adopted.told)
        else {
            continue;
        };
        let is_same = |known: &&Annotation| {
            known.label == made.label
                && known.span == made.span
                && known.attributes == made.attributes
        };
        if let Some(same) = before.with_extent_of(&made.span).find(is_same) {
            *at = Some(same.id);
            adopted.take_note(set, same, made.note);
            continue;
        }
        let id = made.id;
        if adopted.apply(set, Edit::add(made)) {
            adopted.added += 1;
            *at = Some(id);
        }
    }
    for found in &layer.relations {
        relate(set, found, &at, adoption, ids, &mut adopted);
    }
    let state = state(set.state(), layer);
    if state != set.state() {
        adopted.apply(set, Edit::State(state));
    }
    adopted
}

/// How far the set is with the layer in it. A file that does not say holds finished work;
/// where it holds none, nobody may have looked. What a person has begun stays begun.
fn state(now: State, layer: &Layer) -> State {
    let told = match layer.state {
        Some(state) => state,
        None if layer.annotations.is_empty() => State::Unseen,
        None if layer.kind == LayerKind::Predictions => State::InProgress,
        None => State::Done,
    };
    if now == State::Unseen { told } else { now }
}

impl Adopted {
    /// Takes over the note of an annotation that is there, unless it has one of its own.
    fn take_note(&mut self, set: &mut AnnotationSet, known: &Annotation, note: String) {
        let now = set.annotation(known.id).unwrap_or(known);
        if note.is_empty() || note == now.note {
            return;
        }
        if now.note.is_empty() {
            let noted = Annotation { note, ..now.clone() };
            self.apply(set, Edit::replace(noted));
        } else {
            let surface = known.span.excerpt(set.article().text(), 40);
            let what =
                format!("left out: a note on “{surface}” ({}), which has another", known.label);
            self.told.push(what);
        }
    }

    fn apply(&mut self, set: &mut AnnotationSet, edit: Edit) -> bool {
        let transaction = Transaction::from(vec![edit]);
        match transaction.apply(set) {
            Ok(_) => {
                self.edits.extend(transaction.edits);
                true
            }
            Err(error) => {
                self.told.push(error.to_string());
                false
            }
        }
    }
}

fn annotation(
    set: &AnnotationSet,
    layer: &Layer,
    found: &formats::Annotation,
    source: &str,
    adoption: &mut Adoption,
    ids: &mut IdSource,
    told: &mut Vec<String>,
) -> Option<Annotation> {
    let surface = || found.span.excerpt(set.article().text(), 40);
    let Some(label) = adoption.label(&found.label) else {
        told.push(format!("“{}” is left out: its label has no name to go by", surface()));
        return None;
    };
    told.extend(adoption.take_joined());
    let mut attributes = Attributes::new();
    for (name, value) in &found.attributes {
        match adoption.value(&label, name, value) {
            // Names that differ in capitals or blanks alone are one here.
            Ok((id, value, _)) if attributes.get(&id).is_some_and(|known| *known != value) => {
                let what = format!("the attribute {name} is {id} here, which has another value");
                told.push(format!("“{}” ({label}): {what}; “{value}” is left out", surface()));
            }
            Ok((id, value, what)) => {
                told.extend(what.map(|what| format!("“{}” ({label}): {what}", surface())));
                attributes.insert(id, value);
            }
            Err(why) => told.push(format!("“{}” ({label}): {why}; it is left out", surface())),
        }
    }
    let of_layer = match layer.kind {
        LayerKind::Predictions => Origin::Suggestion(source.to_owned()),
        LayerKind::Annotator | LayerKind::Gold => Origin::Import(source.to_owned()),
    };
    Some(Annotation {
        attributes,
        note: found.note.clone(),
        origin: found.origin.clone().unwrap_or(of_layer),
        created: found.created.unwrap_or_else(now),
        modified: found.modified,
        ..Annotation::new(AnnotationId(id(set, &found.id, ids)), label, found.span.clone())
    })
}

/// The file's id where it is one of ours and free.
fn id(set: &AnnotationSet, found: &str, ids: &mut IdSource) -> u64 {
    let own = found.parse::<AnnotationId>().ok().filter(|id| !set.is_taken(id.0));
    own.map_or_else(|| ids.fresh(|id| set.is_taken(id)), |id| id.0)
}

fn relate(
    set: &mut AnnotationSet,
    found: &formats::Relation,
    at: &[Option<AnnotationId>],
    adoption: &mut Adoption,
    ids: &mut IdSource,
    adopted: &mut Adopted,
) {
    let end = |index: usize| at.get(index).copied().flatten();
    let (Some(from), Some(to)) = (end(found.from), end(found.to)) else {
        adopted.told.push(format!("a relation “{}” lost one of its ends", found.kind));
        return;
    };
    let Some(kind) = adoption.relation(&found.kind) else {
        adopted.told.push("a relation whose kind has no name is left out".to_owned());
        return;
    };
    let label = |id| set.annotation(id).map(|found| found.label.clone());
    if let Some((from, to)) = label(from).zip(label(to)) {
        adopted.told.extend(adoption.admit_ends(&kind, (&from, &to)));
    }
    let mut others = set.relations_of(from);
    if others.any(|known| known.kind == kind && known.from == from && known.to == to) {
        return;
    }
    drop(others);
    let id = RelationId(id(set, &found.id, ids));
    adopted.apply(set, Edit::relate(Relation { id, kind, from, to }));
}

/// The annotators of files by the names that the project can give them.
#[derive(Debug, Default)]
pub(super) struct Annotators {
    known: HashMap<String, AnnotatorName>,
    /// The names that are given away, in small letters: on many disks two folders that
    /// differ in capitals alone are one.
    taken: HashSet<String>,
    /// The number that is tried next for a name that others have; all below are taken. A
    /// file with many names that come to one is gone through once, and not once for each.
    next: HashMap<String, u32>,
    /// Those who are called otherwise here than in their file, and the models.
    renamed: Vec<String>,
    /// The models that were told.
    models: HashSet<AnnotatorName>,
}

impl Annotators {
    /// Begins with those of the project.
    pub(super) fn new<'n>(project: impl IntoIterator<Item = &'n AnnotatorName>) -> Self {
        let known: HashMap<_, _> =
            project.into_iter().map(|name| (name.to_string(), name.clone())).collect();
        let taken = known.keys().map(|name| name.to_ascii_lowercase()).collect();
        Self { known, taken, ..Self::default() }
    }

    /// Who is called otherwise here than in their file, and which models are annotators here,
    /// in sentences; each is told once.
    pub(super) fn take_renamed(&mut self) -> Vec<String> {
        std::mem::take(&mut self.renamed)
    }

    /// Who a layer is by: whom the file names, else `otherwise`. A name that cannot be a
    /// folder's is changed, and two names never become one.
    pub(super) fn of(&mut self, layer: &Layer, otherwise: Option<&AnnotatorName>) -> AnnotatorName {
        let name = self.name_of(layer, otherwise);
        if layer.kind == LayerKind::Predictions && self.models.insert(name.clone()) {
            self.renamed.push(format!(
                "predictions become the work in progress of an annotator, {name}; as long as \
                 nobody changes or finishes it, an export has it as predictions again"
            ));
        }
        name
    }

    fn name_of(&mut self, layer: &Layer, otherwise: Option<&AnnotatorName>) -> AnnotatorName {
        let by_kind = match layer.kind {
            LayerKind::Gold => return AnnotatorName::gold(),
            LayerKind::Annotator => "imported",
            LayerKind::Predictions => "predictions",
        };
        let named = layer.annotator.trim();
        if named == AnnotatorName::gold().as_str() {
            return AnnotatorName::gold();
        }
        let wanted = match otherwise {
            Some(name) if named.is_empty() => return name.clone(),
            _ if named.is_empty() => by_kind,
            _ => named,
        };
        if let Some(known) = self.known.get(wanted) {
            return known.clone();
        }
        let name = self.free(wanted);
        if name.as_str() != wanted {
            self.renamed.push(format!("the annotator “{wanted}” is called {name} here"));
        }
        self.known.insert(wanted.to_owned(), name.clone());
        name
    }

    /// A name that can be a folder's and is not one of the others where case does not count;
    /// O(1) for each name on the whole, however many come to the same.
    fn free(&mut self, wanted: &str) -> AnnotatorName {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let slug: String =
            wanted.chars().take(80).map(|c| if allowed(c) { c } else { '-' }).collect();
        let slug = slug.trim_matches(['.', '-', '_']);
        let slug = if slug.is_empty() { "annotator" } else { slug };
        let next = self.next.entry(slug.to_ascii_lowercase()).or_insert(1);
        loop {
            let text = match *next {
                1 => slug.to_owned(),
                number => format!("annotator-{slug}-{number}"),
            };
            *next += 1;
            if let Ok(name) = AnnotatorName::new(text)
                && self.taken.insert(name.as_str().to_ascii_lowercase())
            {
                return name;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(annotators: &mut Annotators, name: &str) -> AnnotatorName {
        annotators.of(&Layer::of(name), None)
    }

    #[test]
    fn two_names_never_become_one_folder() {
        let ann = AnnotatorName::new("Ann").unwrap();
        let mut annotators = Annotators::new([&ann]);
        assert_eq!(named(&mut annotators, "Ann"), ann);
        assert_eq!(named(&mut annotators, "ann").as_str(), "annotator-ann-2");
        assert_eq!(named(&mut annotators, "ANN?").as_str(), "annotator-ANN-3");
        assert_eq!(named(&mut annotators, "annotator-Ben-2").as_str(), "annotator-Ben-2");
        assert_eq!(named(&mut annotators, "ben").as_str(), "ben");
        assert_eq!(named(&mut annotators, "Ben").as_str(), "annotator-Ben-3");
        // Who was named before is who they are.
        assert_eq!(named(&mut annotators, "ANN?").as_str(), "annotator-ANN-3");
    }

    /// Comparing each name with all others, once for every number that is taken, would take
    /// days.
    #[test]
    fn as_many_names_as_one_likes_may_come_to_the_same() {
        const NAMES: u32 = 20_000;
        let mut annotators = Annotators::default();
        let marks = |number: u32| (0..15).map(move |bit| ["?", "!"][(number >> bit & 1) as usize]);
        let names = (0..NAMES).map(|number| format!("ann{}", marks(number).collect::<String>()));
        let given: HashSet<_> =
            names.map(|name| named(&mut annotators, &name).as_str().to_ascii_lowercase()).collect();
        assert_eq!(given.len(), NAMES as usize);
        assert!(given.contains("ann") && given.contains(&format!("annotator-ann-{NAMES}")));
    }
}
