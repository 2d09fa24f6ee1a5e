//! The inspector: everything about the selected annotation.
//!
//! `header` names the label and quotes the text, `attributes` has a row for each
//! attribute with the control that its kind wants, `relations`, `note` and `comments`
//! follow, and `origin` says who and when. Where nothing is selected, `idle` says how to begin;
//! `more` is the list of the other places with the same words. What is typed waits in
//! `drafts` until its field is left, so that it becomes one step, and at the right
//! annotation.

mod attributes;
mod comments;
pub(super) mod controls;
mod drafts;
mod header;
mod idle;
mod more;
mod note;
mod numbers;
mod origin;
mod relations;
pub(super) mod values;

use crate::app::request::Requests;
use crate::app::widgets::{key_cap, link};
use crate::model::{Annotation, AnnotationId};
use crate::session::Session;
use crate::session::command::CommandId;
use drafts::{Drafts, Field, Verdict};
use egui::{Align, Frame, Layout, Margin, Response, ScrollArea, Ui};
use more::MoreList;

/// The panel's own state.
#[derive(Default)]
pub(crate) struct State {
    wants_note_focus: bool,
    wants_more: bool,
    more: Option<MoreList>,
    drafts: Drafts,
    /// The annotation that a comment is being written on.
    commented: Option<AnnotationId>,
    wants_comment_focus: bool,
    /// The annotation whose whole history shows.
    unfolded: Option<AnnotationId>,
}

impl State {
    /// Puts the focus into the note.
    pub(crate) fn focus_note(&mut self) {
        self.wants_note_focus = true;
    }

    /// Lists the places of the session's offer, to be looked through.
    pub(crate) fn open_more(&mut self) {
        self.wants_more = true;
    }

    /// Closes the list of places; false where it was not open.
    pub(crate) fn close_more(&mut self) -> bool {
        self.more.take().is_some()
    }
}

/// Draws the panel.
pub(crate) fn ui(ui: &mut Ui, session: &Session, state: &mut State, out: &mut Requests) {
    settle(ui, session, &mut state.drafts, out);
    update_more(session, state);
    if let Some(list) = &mut state.more {
        if !more::ui(ui, session, list, out) {
            state.more = None;
        }
        return;
    }
    ScrollArea::vertical().id_salt("inspector").auto_shrink(false).show(ui, |ui| {
        let margin = Margin { left: 16, right: 16, top: 14, bottom: 18 };
        Frame::new().inner_margin(margin).show(ui, |ui| {
            ui.set_width(ui.available_width());
            let set = session.set();
            let selected = session.selection().annotation.and_then(|id| set?.annotation(id));
            match selected {
                Some(annotation) => annotation_ui(ui, session, annotation, state, out),
                None => idle::ui(ui, session, state, out),
            }
        });
    });
}

/// Writes what was typed before anything else happens that could take the annotation
/// out of sight: another selection, a command, the end of the program.
fn settle(ui: &Ui, session: &Session, drafts: &mut Drafts, out: &mut Requests) {
    let article = session.article().map(|open| open.article.id().clone());
    let owner = article.zip(session.selection().annotation);
    let mut actions = drafts.turn_to(owner);
    if !out.is_empty() || ui.input(|input| input.viewport().close_requested()) {
        actions.extend(drafts.take_all());
    }
    for action in actions {
        out.act_first(action);
    }
}

/// The list goes with its offer, and comes when it is asked for.
fn update_more(session: &Session, state: &mut State) {
    let offer = session.offer();
    if state.more.as_ref().is_some_and(|list| Some(list.offer()) != offer) {
        state.more = None;
    }
    // In a long article the places are still being looked for when the list is asked for.
    if session.is_looking_for_more() {
        return;
    }
    if std::mem::take(&mut state.wants_more)
        && let Some((offer, set)) = offer.zip(session.set())
    {
        state.more = Some(MoreList::new(offer.clone(), set.article().text()));
    }
}

fn annotation_ui(
    ui: &mut Ui,
    session: &Session,
    annotation: &Annotation,
    state: &mut State,
    out: &mut Requests,
) {
    header::ui(ui, session, annotation, out);
    ui.add_space(8.0);
    origin::unsure_ui(ui, session, annotation, out);
    attributes::ui(ui, session, annotation, &mut state.drafts, out);
    ui.add_space(12.0);
    relations::ui(ui, session, annotation, out);
    ui.add_space(12.0);
    note::ui(ui, annotation, state, out);
    comments::ui(ui, session, annotation, state, out);
    precedents_ui(ui, session, annotation, out);
    ui.add_space(14.0);
    state.wants_more |= more_link_ui(ui, session, Some(annotation), out);
    command_link(ui, "Delete", CommandId::Delete, out);
    ui.add_space(10.0);
    origin::ui(ui, session, annotation, state);
}

/// How the annotation's words were settled so far, in finished work.
fn precedents_ui(ui: &mut Ui, session: &Session, annotation: &Annotation, out: &mut Requests) {
    if let Some(set) = session.set().filter(|_| !annotation.span.is_discontinuous()) {
        ui.add_space(8.0);
        super::review::precedents::ui(ui, session, &[set.surface(annotation)], out);
    }
}

/// The link to the places with the same words, whose number is known when they are on
/// offer. True when the list is to open.
fn more_link_ui(
    ui: &mut Ui,
    session: &Session,
    shown: Option<&Annotation>,
    out: &mut Requests,
) -> bool {
    let offer = session.offer();
    let offer = offer.filter(|offer| shown.is_none_or(|shown| shown.id == offer.annotation));
    match offer {
        Some(offer) => {
            let text = format!("Label {} more like this…", offer.places.len());
            key_link(ui, &text, CommandId::LabelMore).clicked()
        }
        None => {
            if shown.is_some_and(|shown| !shown.span.is_discontinuous()) {
                command_link(ui, "Label more like this…", CommandId::LabelMore, out);
            }
            false
        }
    }
}

/// A link that runs a command, with the command's key at the right edge.
fn command_link(ui: &mut Ui, text: &str, command: CommandId, out: &mut Requests) {
    if key_link(ui, text, command).on_hover_text(command.info().help).clicked() {
        out.run(command);
    }
}

fn key_link(ui: &mut Ui, text: &str, command: CommandId) -> Response {
    ui.horizontal(|ui| {
        let response = link(ui, text);
        if let Some(key) = command.info().keys.first() {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| key_cap(ui, &key.text()));
        }
        response
    })
    .inner
}

/// A field whose text becomes an action when the field is left. `verdict` says what a
/// text would do; `draw` draws the field.
fn typing_ui(
    ui: &mut Ui,
    drafts: &mut Drafts,
    field: &Field,
    current: String,
    out: &mut Requests,
    verdict: impl Fn(&str) -> Verdict,
    draw: impl FnOnce(&mut Ui, &mut String) -> Response,
) -> Response {
    let mut text = drafts.text(field).map_or(current, ToOwned::to_owned);
    let response = draw(ui, &mut text);
    if response.changed() {
        let verdict = verdict(&text);
        drafts.put(field.clone(), text, verdict);
    }
    if response.lost_focus()
        && let Some(action) = drafts.take(field)
    {
        out.act_first(action);
    }
    response
}
