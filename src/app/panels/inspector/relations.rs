//! What the selected annotation is linked to, and what is linked to it.

use super::key_link;
use crate::app::request::Requests;
use crate::app::theme::{LabelShades, Tokens, sizes};
use crate::app::widgets::{
    button_words, link, muted, named, quoted, section_title, small, strong, words,
};
use crate::model::{Annotation, AnnotationId, Relation, gist};
use crate::session::command::CommandId;
use crate::session::{Action, Session};
use egui::{Align, Button, Layout, RichText, Ui, Vec2};

/// Draws the section.
pub(super) fn ui(ui: &mut Ui, session: &Session, annotation: &Annotation, out: &mut Requests) {
    section_title(ui, "Relations");
    if let Some(set) = session.set() {
        for relation in set.relations_of(annotation.id) {
            relation_ui(ui, session, annotation.id, relation, out);
        }
    }
    if session.selection().relating_from == Some(annotation.id) {
        ui.label(small(ui, "Click the annotation it points to, or step to it and press Enter"));
        if link(ui, "Stop relating").clicked() {
            out.act(Action::RelateFrom(None));
        }
    } else {
        let relate = key_link(ui, "Relate to…", CommandId::Relate);
        if relate.on_hover_text(CommandId::Relate.info().help).clicked() {
            out.run(CommandId::Relate);
        }
    }
}

/// `source → police headquarters ×`, or `in claim “…” · about ×`.
fn relation_ui(
    ui: &mut Ui,
    session: &Session,
    shown: AnnotationId,
    relation: &Relation,
    out: &mut Requests,
) {
    let is_outgoing = relation.from == shown;
    let other = if is_outgoing { relation.to } else { relation.from };
    let kind = session.schema().relation(&relation.kind);
    let kind = kind.map_or_else(|| relation.kind.to_string(), |kind| kind.name.clone());
    ui.push_id(relation.id, |ui| {
        let size = Vec2::new(ui.available_width(), 22.0);
        ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 5.0;
            // Words and links of one line share their middle only at one height.
            ui.spacing_mut().interact_size.y = 18.0;
            let cross = Button::new(muted(ui, "×")).frame_when_inactive(false).small();
            let cross = named(ui.add(cross), &format!("Remove the relation {kind}"));
            if cross.on_hover_text("Remove this relation").clicked() {
                out.act(Action::Unrelate(relation.id));
            }
            if !is_outgoing {
                words(ui, muted(ui, format!("· {kind}")));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                if is_outgoing {
                    words(ui, &kind);
                    ui.label(muted(ui, "→"));
                } else {
                    ui.label(muted(ui, "in"));
                }
                end_ui(ui, session, other, is_outgoing, out);
            });
        });
    });
}

/// The annotation at the other end, as a link in the colour of its label.
fn end_ui(ui: &mut Ui, session: &Session, id: AnnotationId, is_outgoing: bool, out: &mut Requests) {
    let Some((set, open)) = session.set().zip(session.article()) else { return };
    let Some(annotation) = set.annotation(id) else { return };
    let tokens = Tokens::of(ui.ctx());
    let label = session.schema().label(&annotation.label);
    let shades = label
        .map_or_else(|| LabelShades::unknown(tokens), |label| LabelShades::of(label.color, tokens));
    let surface = set.surface(annotation).replace('\n', " ");
    let name = session.label_name(&annotation.label);
    let text = if is_outgoing {
        surface.clone()
    } else {
        format!("{} “{surface}”", name.to_lowercase())
    };
    let text = RichText::new(text).color(shades.line);
    let button = ui.add(Button::new(button_words(ui, text)).frame(false).truncate());
    let button = named(button, &format!("Go to {name} “{surface}”"));
    if button.clicked() {
        out.act(Action::GoToAnnotation(open.article.id().clone(), id));
    }
    button.on_hover_cursor(egui::CursorIcon::PointingHand).on_hover_ui(|ui| {
        ui.set_max_width(340.0);
        words(ui, strong(&name).color(shades.line));
        words(ui, quoted(format!("“{surface}”"), 15.0));
        let gist = gist(annotation, set, session.schema());
        if !gist.is_empty() {
            words(ui, RichText::new(gist).size(sizes::SMALL_TEXT).color(tokens.muted));
        }
    });
}
