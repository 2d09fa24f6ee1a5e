//! What two sides changed at once: both versions of each, and which is to stay.
//!
//! Our version is in the file already; the other one is kept in a file beside it. The
//! choice is one step that can be undone, and can wait.

use super::controls::{footer, segmented};
use super::frame::{Sheet, room};
use crate::app::request::Requests;
use crate::app::widgets::{hairline, small, strong};
use crate::edit::{Conflict, Field};
use crate::model::{Annotation, AnnotationId, Article, Relation, State as Progress};
use crate::session::{Action, Session, SetKey};
use egui::{Context, ScrollArea, Ui};

/// The characters of an annotation's text that are shown.
const QUOTED: usize = 60;

/// Which version stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Side {
    #[default]
    Ours,
    Theirs,
}

/// The dialog's state.
#[derive(Default)]
pub(super) struct State {
    sides: Vec<Side>,
}

impl State {
    /// Opens when conflicts have just come up.
    pub(super) fn take(session: &mut Session) -> Option<Self> {
        session.take_conflict_question().then(Self::default)
    }

    /// Draws the dialog; true when it is to be closed.
    pub(super) fn ui(
        &mut self,
        ctx: &Context,
        session: Option<&Session>,
        out: &mut Requests,
    ) -> bool {
        let Some(session) = session.filter(|session| !session.conflicts().is_empty()) else {
            return true;
        };
        let conflicts = session.conflicts();
        self.sides.resize(conflicts.len(), Side::Ours);
        let shown = Sheet::new("Changed here and on disk", 560.0).show(ctx, |ui| {
            let text = "Your version is in the file; the other one is kept in a file beside it. \
                        Cancel leaves the decision for later";
            ui.add(egui::Label::new(small(ui, text)).wrap());
            ui.add_space(8.0);
            let height = room(ui.ctx(), 220.0);
            ScrollArea::vertical().max_height(height).show(ui, |ui| {
                for (index, (key, conflict)) in conflicts.iter().enumerate() {
                    ui.push_id(index, |ui| {
                        conflict_ui(ui, session, key, conflict, &mut self.sides[index]);
                    });
                    hairline(ui);
                }
            });
            footer(ui, "Settle", true)
        });
        if shown.inner.is_done {
            let sides = self.sides.iter().enumerate();
            let theirs = sides.filter(|(_, side)| **side == Side::Theirs);
            out.act(Action::SettleConflicts(theirs.map(|(index, _)| index).collect()));
        }
        shown.is_closed || shown.inner.is_done || shown.inner.is_cancelled
    }
}

fn conflict_ui(ui: &mut Ui, session: &Session, key: &SetKey, conflict: &Conflict, side: &mut Side) {
    let open = session.article().map(|open| &open.article);
    let article = open.filter(|article| *article.id() == key.0);
    let [ours, theirs] = match conflict {
        Conflict::Annotation { ours, theirs, fields } => [ours, theirs].map(|version| {
            let version = version.as_deref();
            version.map_or("deleted".to_owned(), |found| describe(session, article, found, fields))
        }),
        Conflict::Relation { ours, theirs } => {
            [ours, theirs].map(|version| relation_words(session, key, version.as_ref()))
        }
        Conflict::Unrelated(relation) => {
            let words = relation_words(session, key, Some(relation));
            [format!("{words}, which went with one of its ends"), "deleted".to_owned()]
        }
        Conflict::State { ours, theirs } => {
            [*ours, *theirs].map(|state| progress(state).to_owned())
        }
    };
    ui.add_space(6.0);
    ui.label(small(ui, format!("{} · {}", key.0, key.1)));
    for (whose, words) in [("Yours", ours), ("On disk", theirs)] {
        ui.horizontal_wrapped(|ui| {
            ui.label(strong(whose));
            ui.label(words);
        });
    }
    if !matches!(conflict, Conflict::Unrelated(_)) {
        ui.add_space(4.0);
        let options = [(Side::Ours, "Keep yours"), (Side::Theirs, "Take the one on disk")];
        segmented(ui, "Which version stays", &options, side);
    }
    ui.add_space(8.0);
}

/// Label and text, and the parts that differ.
fn describe(
    session: &Session,
    article: Option<&std::sync::Arc<Article>>,
    found: &Annotation,
    fields: &[Field],
) -> String {
    let label = session.label_name(&found.label);
    let mut words = match article {
        Some(article) => format!("{label} “{}”", found.span.excerpt(article.text(), QUOTED)),
        None => label,
    };
    for field in fields {
        match field {
            // Both stand there already.
            Field::Label | Field::Span => {}
            Field::Note => words.push_str(&format!("; note: {}", found.note)),
            Field::Attribute(id) => {
                let value = found.attributes.get(id).map(ToString::to_string);
                let value = value.unwrap_or_else(|| "none".to_owned());
                words.push_str(&format!("; {id}: {value}"));
            }
        }
    }
    words
}

fn relation_words(session: &Session, key: &SetKey, relation: Option<&Relation>) -> String {
    let Some(relation) = relation else { return "no relation".to_owned() };
    let set = session.set().filter(|set| *set.article().id() == key.0);
    let end = |id: AnnotationId| {
        let found = set.and_then(|set| Some((set, set.annotation(id)?)));
        found.map_or_else(|| id.to_string(), |(set, found)| format!("“{}”", set.excerpt(found, 30)))
    };
    let kind = session.schema().relation(&relation.kind);
    let name = kind.map_or_else(|| relation.kind.to_string(), |kind| kind.name.clone());
    format!("{name}: {} to {}", end(relation.from), end(relation.to))
}

fn progress(state: Progress) -> &'static str {
    match state {
        Progress::Unseen => "unseen",
        Progress::InProgress => "in progress",
        Progress::Done => "done",
    }
}
